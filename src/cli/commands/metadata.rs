//! `metadata functions`: signatures of the language's functions, for editors.

use crate::cli::Exit;
use crate::cli::args::JsonArgs;
use crate::cli::output::{Output, Style};
use crate::lang::functions::SIGNATURES;
use crate::state::codec;
use serde_json::{Map, Value as Json, json};

/// Prints them, under their plain names and under `core::`.
pub fn functions(args: &JsonArgs) -> Exit {
    let output = Output::new(Style { no_color: args.switch.no_color, ..Style::default() });
    if !args.switch.json {
        return output.fail(
            "The metadata functions command requires the -json flag",
            "There is no other form. Run `pipewright metadata functions -json`.",
        );
    }
    let plain: Map<String, Json> = match serde_json::from_str(SIGNATURES) {
        Ok(signatures) => signatures,
        Err(e) => return output.fail("The embedded signatures do not parse", e.to_string()),
    };
    let mut all: Vec<(String, Json)> = plain.into_iter().collect();
    let core: Vec<_> = all.iter().map(|(name, signature)| (format!("core::{name}"), signature.clone())).collect();
    all.extend(core);
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    let all: Map<String, Json> = all.into_iter().collect();
    let document = json!({ "format_version": "1.0", "function_signatures": all });
    output.terminal.out(&(codec::json::compact(&document) + "\n"));
    Exit::Success
}
