//! `validate`: everything that can be said without credentials or state.

use crate::cli::Exit;
use crate::cli::args::ValidateArgs;
use crate::cli::output::Style;
use crate::cli::session::Session;
use crate::diagnostics::Diagnostics;
use crate::{engine, view};
use serde_json::json;

/// Checks the configuration in the current folder.
pub async fn run(args: &ValidateArgs) -> Exit {
    let mut style = Style::of(&args.view);
    let as_json = std::mem::take(&mut style.json);
    let session = Session::new(style);
    let mut diagnostics = Diagnostics::new();
    if let Some(config) = diagnostics.absorb(session.load()) {
        diagnostics.extend(engine::validate(&config, &session.registry).await);
    }
    let valid = !diagnostics.has_errors();
    if as_json {
        let errors = diagnostics.iter().filter(|d| d.is_error()).count();
        let list: Vec<_> = diagnostics.iter().map(|d| view::diagnostic::json(d, &session.output.sources)).collect();
        let document = json!({
            "format_version": "1.0",
            "valid": valid,
            "error_count": errors,
            "warning_count": diagnostics.len() - errors,
            "diagnostics": list,
        });
        session.output.terminal.out(&format!("{document:#}\n"));
    } else {
        session.output.report(&diagnostics);
        if valid {
            session.output.good(if diagnostics.is_empty() {
                "Success! The configuration is valid."
            } else {
                "Success! The configuration is valid, but there were some validation warnings as shown above."
            });
        }
    }
    if valid { Exit::Success } else { Exit::Failure }
}
