//! `validate`: everything that can be said without credentials or state.

use crate::cli::Exit;
use crate::cli::args::ValidateArgs;
use crate::cli::output::Style;
use crate::cli::session::Session;
use crate::diagnostics::{Diagnostic, Diagnostics, Severity, Sources};
use crate::state::codec;
use crate::{engine, view};
use serde_json::json;

/// Checks the configuration in the current folder.
pub fn run(args: &ValidateArgs) -> Exit {
    let mut style = Style::of(&args.view);
    let as_json = std::mem::take(&mut style.json);
    let session = Session::new(style);
    let mut diagnostics = Diagnostics::new();
    let (config, found) = session.load_all();
    diagnostics.extend(found);
    if let Some(config) = config.filter(|_| !diagnostics.has_errors()) {
        diagnostics.extend(engine::validate(&config, &session.registry));
        // The program ends after this: taking the tree apart would only cost time.
        std::mem::forget(config);
    }
    let sources = &session.output.sources;
    let diagnostics = in_order(diagnostics, sources);
    let count = |severity: Severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let valid = errors == 0;
    if as_json {
        let list = |hints: bool| -> Vec<_> {
            let wanted = diagnostics.iter().filter(|d| (d.severity == Severity::Hint) == hints);
            wanted.map(|d| view::diagnostic::json(d, sources)).collect()
        };
        let mut document = json!({
            "format_version": "1.0",
            "valid": valid,
            "error_count": errors,
            "warning_count": warnings,
            "diagnostics": list(false),
        });
        // Beside Terraform's members: its readers know only errors and warnings.
        if let (hints @ [_, ..], Some(members)) = (list(true).as_slice(), document.as_object_mut()) {
            members.insert("hints".into(), json!(hints));
        }
        session.output.terminal.out(&codec::json::pretty(&document));
    } else {
        session.output.report(&diagnostics);
        if valid {
            session.output.good(if warnings == 0 {
                "Success! The configuration is valid."
            } else {
                "Success! The configuration is valid, but there were some validation warnings as shown above."
            });
        }
    }
    if valid { Exit::Success } else { Exit::Failure }
}

/// By file, then place; what has no place comes last. The same thing is said once.
fn in_order(diagnostics: Diagnostics, sources: &Sources) -> Diagnostics {
    let key = |d: &Diagnostic| {
        let place = d.span.and_then(|s| sources.get(s.file).map(|file| (file.name.clone(), s.start, s.end)));
        (place.is_none(), place, d.severity)
    };
    let mut list: Vec<Diagnostic> = diagnostics.into_iter().collect();
    list.sort_by_cached_key(key);
    list.dedup();
    list.into_iter().collect()
}
