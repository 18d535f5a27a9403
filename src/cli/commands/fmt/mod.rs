//! `fmt`: configuration files in canonical layout.

mod files;
mod replace;

use crate::cli::Exit;
use crate::cli::args::FmtArgs;
use crate::cli::output::{Output, Style};
use crate::config::bounded;
use crate::diagnostics::{Diagnostic, Diagnostics, Sources, Span};
use crate::lang::{fmt, syntax};
use crate::parallel;
use crate::view::text_diff;
use files::Found;
use std::io::Read;

/// What is done with a file whose layout differs.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    list: bool,
    write: bool,
    diff: bool,
}

/// What became of one file.
struct Outcome {
    /// What standard output gets.
    texts: Vec<String>,
    /// Whether its layout differed.
    differs: bool,
    problems: Diagnostics,
}

impl Outcome {
    fn failed(problems: impl Into<Diagnostics>) -> Self {
        Outcome { texts: Vec::new(), differs: false, problems: problems.into() }
    }
}

/// Formats what the arguments name; the current folder when they name nothing.
pub fn run(args: &FmtArgs) -> Exit {
    let output = Output::new(Style { no_color: args.switches.no_color, ..Style::default() });
    let from_stdin = args.targets.first().is_some_and(|t| t.as_os_str() == "-");
    let switches = &args.switches;
    let wanted = Wanted {
        list: switches.list && !from_stdin || switches.check,
        write: switches.write && !from_stdin && !switches.check,
        diff: switches.diff,
    };
    let outcomes = if from_stdin {
        vec![stdin(wanted, &output.sources)]
    } else {
        let found = files::find(&args.targets, switches.recursive);
        parallel::each(&found, 1, |found| match found {
            Found::File { path, name } => match bounded::read_file(path) {
                Ok(bytes) => {
                    let mut outcome = text(bytes, name, wanted, &output.sources);
                    if let (true, Some(formatted)) = (wanted.write, outcome.1.take())
                        && let Err(e) = replace::replace(path, formatted.as_bytes())
                    {
                        let text = format!("{name}: {e}. It is as it was.");
                        outcome.0.problems.push(Diagnostic::error("Failed to write file", text));
                    }
                    outcome.0
                }
                Err(e) => Outcome::failed(Diagnostic::error("Failed to read file", format!("{name}: {e}."))),
            },
            Found::Problem(problem) => Outcome::failed((**problem).clone()),
        })
    };
    finish(&output, switches.check, switches.list && !from_stdin, outcomes)
}

/// Prints what there is to print, and says how it ended.
fn finish(output: &Output, check: bool, list: bool, outcomes: Vec<Outcome>) -> Exit {
    let failed = outcomes.iter().any(|o| o.problems.has_errors());
    let differs = outcomes.iter().any(|o| o.differs);
    // A check that failed says why, and nothing that could be taken for its result.
    if !check || list && !failed {
        let mut text = String::new();
        for piece in outcomes.iter().flat_map(|o| &o.texts) {
            text.push_str(piece.strip_suffix('\n').unwrap_or(piece));
            text.push('\n');
        }
        output.terminal.out(&text);
    }
    let mut problems = Diagnostics::new();
    for outcome in outcomes {
        problems.extend(outcome.problems);
    }
    output.report(&problems);
    match (failed, check && differs) {
        (true, _) => Exit::Unformattable,
        (false, true) => Exit::Unformatted,
        (false, false) => Exit::Success,
    }
}

fn stdin(wanted: Wanted, sources: &Sources) -> Outcome {
    let mut bytes = Vec::new();
    match std::io::stdin().read_to_end(&mut bytes) {
        Ok(_) => text(bytes, "<stdin>", wanted, sources).0,
        Err(e) => Outcome::failed(Diagnostic::error("Failed to read standard input", format!("{e}."))),
    }
}

/// What is to be said of a text, and its new form if that differs.
fn text(bytes: Vec<u8>, name: &str, wanted: Wanted, sources: &Sources) -> (Outcome, Option<String>) {
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => {
            let at = e.utf8_error().valid_up_to() as u32;
            let file = sources.add(name, String::from_utf8_lossy(e.as_bytes()));
            let detail = "All configuration must be encoded as UTF-8.";
            let problem = Diagnostic::error("Invalid character encoding", detail);
            return (Outcome::failed(problem.at(Span { file, start: at, end: at + 1 })), None);
        }
    };
    // Sources are for messages: a text that parses needs no place among them.
    let nowhere = Sources::new().add(name, "");
    if syntax::parse_body(nowhere, &text).1.has_errors() {
        let file = sources.add(name, text.as_str());
        return (Outcome::failed(syntax::parse_body(file, &text).1), None);
    }
    let formatted = fmt::format(&text);
    let differs = formatted != text;
    let mut texts = Vec::new();
    if differs && wanted.list {
        texts.push(name.to_owned());
    }
    if differs && wanted.diff {
        texts.push(text_diff::unified(&text, &formatted, name));
    }
    if !wanted.list && !wanted.write && !wanted.diff {
        texts.push(formatted.clone());
    }
    let outcome = Outcome { texts, differs, problems: Diagnostics::new() };
    (outcome, differs.then_some(formatted))
}
