//! The lock file of providers, `.terraform.lock.hcl`. It is Terraform's: Pipewright's providers are built in, so it reads which versions
//! Terraform would use, to tell where these are others than its own, and never writes.

use crate::config::bounded;
use crate::diagnostics::{Diagnostic, Diagnostics, Sources};
use crate::lang::eval::evaluate_constant;
use crate::lang::syntax::parse_body;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

/// The file's name, in the root module's folder.
pub const NAME: &str = ".terraform.lock.hcl";

/// The version of each provider, by source address; empty where there is no file. A file that cannot be read is a warning.
pub fn selections(sources: &Sources) -> (BTreeMap<String, String>, Diagnostics) {
    let mut out = BTreeMap::new();
    let text = match bounded::read_text(Path::new(NAME)) {
        Ok(text) => text,
        Err(e) if e.kind() == ErrorKind::NotFound => return (out, Diagnostics::new()),
        Err(e) => return (out, unreadable(&e.to_string()).into()),
    };
    let (body, found) = parse_body(sources.add(NAME, text.as_str()), &text);
    if let Some(error) = found.iter().find(|d| d.is_error()) {
        let warning = unreadable(&error.summary);
        return (out, error.span.map_or(warning.clone(), |span| warning.at(span)).into());
    }
    for block in body.blocks_of("provider") {
        let version = block.body.attribute("version").and_then(|a| evaluate_constant(&a.expr).ok());
        let version = version.as_ref().and_then(|v| v.as_str().map(str::to_owned));
        if let (Some(source), Some(version)) = (block.labels.first(), version) {
            out.insert(source.name.to_string(), version);
        }
    }
    (out, Diagnostics::new())
}

fn unreadable(why: &str) -> Diagnostic {
    Diagnostic::warning(
        format!("Cannot read {NAME}"),
        format!("{why}. Pipewright does not need the file and leaves it as it is, but Terraform will refuse it."),
    )
}
