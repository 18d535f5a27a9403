//! The console of a person: editing over several lines, history, completion of names.

use super::{Answer, Evaluator, entry};
use crate::cli::Exit;
use crate::config::model::Module;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::functions;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Helper};

/// Everything that can be named in the root module, and the functions.
pub(super) fn names(module: &Module) -> Vec<String> {
    let named = |prefix: &'static str, name: &str| format!("{prefix}.{name}");
    let mut names: Vec<String> =
        functions::names().filter(|n| !matches!(*n, "list" | "map")).map(|n| format!("{n}(")).collect();
    names.push("type(".into());
    names.extend(module.variables.keys().map(|n| named("var", n)));
    names.extend(module.locals.keys().map(|n| named("local", n)));
    for (name, child) in &module.children {
        names.push(named("module", name));
        names.extend(child.outputs.keys().map(|output| format!("module.{name}.{output}")));
    }
    names.extend(module.resources.keys().map(ToString::to_string));
    names.extend(["path.module", "path.root", "path.cwd", "terraform.workspace", "exit", "help"].map(String::from));
    names.sort();
    names.dedup();
    names
}

/// Reads entries until the end, and prints what each comes to.
pub(super) fn run(evaluator: &Evaluator<'_, '_>, names: Vec<String>) -> Result<Exit, Diagnostics> {
    let failed = |e: ReadlineError| Diagnostic::error("The console cannot read from this terminal", e.to_string());
    let config = Config::builder().completion_type(CompletionType::List).build();
    let mut editor: Editor<Names, DefaultHistory> = Editor::with_config(config).map_err(failed)?;
    editor.set_helper(Some(Names(names)));
    loop {
        let text = match editor.readline("> ") {
            Ok(text) => text,
            Err(ReadlineError::Eof | ReadlineError::Interrupted) => return Ok(Exit::Success),
            Err(e) => return Err(failed(e).into()),
        };
        // Without history there is still a console.
        let _ = editor.add_history_entry(text.trim());
        match evaluator.answer(&text) {
            Ok(Answer::Text(text)) => evaluator.output.terminal.out(&format!("{text}\n")),
            Ok(Answer::Exit) => return Ok(Exit::Success),
            Err(diagnostics) => {
                evaluator.output.report(&diagnostics);
                evaluator.output.terminal.err("\n");
            }
        }
    }
}

struct Names(Vec<String>);

impl Helper for Names {}
impl Highlighter for Names {}
impl Hinter for Names {
    type Hint = String;
}

impl Completer for Names {
    type Candidate = String;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let before = line.get(..pos).unwrap_or(line);
        Ok(complete(&self.0, before))
    }
}

/// Where the name at the end of a text begins, and what it may be.
fn complete(names: &[String], before: &str) -> (usize, Vec<String>) {
    let part_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    let start = before.trim_end_matches(part_of_name).len();
    let begun = before.get(start..).unwrap_or_default();
    (start, names.iter().filter(|name| name.starts_with(begun)).cloned().collect())
}

impl Validator for Names {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(if entry::goes_on(context.input()) { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_at_the_cursor_is_completed() {
        let names = ["local.a", "upper(", "var.x", "var.y"].map(String::from);
        assert_eq!(complete(&names, "upper(var."), (6, vec!["var.x".to_owned(), "var.y".to_owned()]));
        assert_eq!(complete(&names, "1 + up"), (4, vec!["upper(".to_owned()]));
        assert_eq!(complete(&names, "var.x + ").1.len(), 4);
    }
}
