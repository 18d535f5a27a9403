//! `console`: expressions, their values, and nothing else. Lines come from a person, with history and completion, or from a pipe.

mod entry;
mod interactive;

use crate::cli::Exit;
use crate::cli::args::ConsoleArgs;
use crate::cli::output::{Output, Style};
use crate::cli::session::Session;
use crate::cli::settings::{StateSettings, VariableArgument};
use crate::config::model::Config;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::event::Quiet;
use crate::engine::{self, Console, Known, Settings};
use crate::lang::syntax::ast::{Call, Expr, ExprKind};
use crate::lang::syntax::parse_expression;
use crate::lang::value::{Marks, Value};
use crate::view::console;
use std::io::{BufRead, IsTerminal};

/// Answers in the current folder until the input ends.
pub async fn run(args: &ConsoleArgs, variables: Vec<VariableArgument>) -> Exit {
    let session = Session::new(Style { no_color: args.switches.no_color, ..Style::default() });
    match perform(&session, args, &variables).await {
        Ok(exit) => exit,
        Err(diagnostics) => session.output.failed(&diagnostics),
    }
}

async fn perform(session: &Session, args: &ConsoleArgs, given: &[VariableArgument]) -> Result<Exit, Diagnostics> {
    let config = session.load()?;
    let state = StateSettings { path: args.state.clone(), ..StateSettings::default() };
    let settings = settings(session, &config, given)?;
    let store = session.store(Some(&config), &state).await?;
    let current = store.read().await?;
    let planned;
    let mut diagnostics = Diagnostics::new();
    let known = if args.switches.plan {
        let registry = &session.registry;
        (planned, diagnostics) = engine::plan(&config, &current, registry, &settings, &Quiet, &session.cancel).await;
        Known::Plan(&planned)
    } else {
        Known::State(&current)
    };
    let (console, found) = Console::open(&config, known, &session.registry, &settings, &session.cancel).await;
    // What the plan told is not told again.
    let repeats = |d: &Diagnostic| diagnostics.iter().any(|o| o.summary == d.summary && o.span == d.span);
    let found: Vec<Diagnostic> = found.into_iter().filter(|d| !repeats(d)).collect();
    diagnostics.extend(found);
    let incomplete = diagnostics.has_errors();
    session.output.report(&diagnostics);
    if incomplete {
        let text = "Due to the problems above, some expressions may produce unexpected results.";
        session.output.report(&Diagnostic::warning(text, "").into());
    }
    let evaluator = Evaluator { console: &console, output: &session.output };
    if std::io::stdin().is_terminal() {
        interactive::run(&evaluator, interactive::names(&config.root))
    } else {
        Ok(piped(&evaluator))
    }
}

/// What is not given is unknown.
fn settings(session: &Session, config: &Config, given: &[VariableArgument]) -> Result<Settings, Diagnostics> {
    let mut variables = session.given_variables(config, given)?;
    for (name, variable) in &config.root.variables {
        if variable.is_required() && !variables.contains_key(name) {
            let sensitive = if variable.sensitive { Marks::SENSITIVE } else { Marks::empty() };
            variables.insert(name.clone(), Value::unknown(variable.ty.without_optional()).with_marks(sensitive));
        }
    }
    Ok(Settings { variables, workspace: session.workspace()?, cwd: session.cwd.clone(), ..Settings::default() })
}

/// What an entry comes to.
enum Answer {
    /// To print.
    Text(String),
    /// The end.
    Exit,
}

/// Reads and evaluates one entry after the other.
struct Evaluator<'c, 'r> {
    console: &'c Console<'r>,
    output: &'c Output,
}

const HELP: &str = "\
The console evaluates expressions of the language. Whatever the configuration names can be named here:
\"aws_sns_topic.alerts.arn\" is the ARN of that topic, if the state has it.

Type an expression and hit <enter> to see its value; type(EXPRESSION) shows its type. An expression with
open brackets goes on over the next lines; an empty line ends it.

To leave, type \"exit\", or use Control-C or Control-D.";

impl Evaluator<'_, '_> {
    fn answer(&self, entry: &str) -> Result<Answer, Diagnostics> {
        match entry.trim() {
            "" => return Ok(Answer::Text(String::new())),
            "exit" => return Ok(Answer::Exit),
            "help" => return Ok(Answer::Text(HELP.into())),
            _ => {}
        }
        // The marker of a heredoc ends with its line.
        let entry = if entry.contains("<<") { format!("{entry}\n") } else { entry.to_owned() };
        let file = self.output.sources.add("<console-input>", entry.as_str());
        let expr = parse_expression(file, &entry, 0)?;
        if let Some(call) = type_call(&expr) {
            let [argument] = call.args.as_slice() else {
                let (summary, text) = if call.args.is_empty() {
                    (
                        "Not enough function arguments",
                        "Function \"type\" expects 1 argument(s). Missing value for \"value\".",
                    )
                } else {
                    ("Too many function arguments", "Function \"type\" expects only 1 argument(s).")
                };
                return Err(Diagnostic::error(summary, text).at(expr.span).into());
            };
            return self.console.evaluate(argument).map(|value| Answer::Text(console::type_of(&value.ty())));
        }
        match self.console.evaluate(&expr) {
            Ok(value) => Ok(Answer::Text(console::value(&value))),
            Err(errors) => Err(errors.into_iter().map(misplaced_type).collect()),
        }
    }
}

/// A call of `type`, which exists here only and only as the whole entry.
fn type_call(expr: &Expr) -> Option<&Call> {
    match &expr.kind {
        ExprKind::Parens(inner) => type_call(inner),
        ExprKind::Call(call) if matches!(&*call.name.name, "type" | "core::type") && !call.expand_last => Some(call),
        _ => None,
    }
}

fn misplaced_type(error: Diagnostic) -> Diagnostic {
    if error.summary != "Call to unknown function" || !error.detail.contains("named \"type\"") {
        return error;
    }
    let text = "The console-only \"type\" function cannot be used as part of an expression.";
    Diagnostic::error("Invalid use of type function", text).at_opt(error.span)
}

/// Evaluates all entries and prints the value of the last; the first error ends it.
fn piped(evaluator: &Evaluator<'_, '_>) -> Exit {
    let mut last = String::new();
    let mut entry = entry::Entry::default();
    let mut lines = std::io::stdin().lock().lines();
    loop {
        let complete = match lines.next() {
            Some(Ok(line)) => entry.line(line.trim()),
            Some(Err(e)) => return evaluator.output.fail("Cannot read standard input", e.to_string()),
            None if entry.is_empty() => break,
            None => Some(entry.take()),
        };
        let Some(text) = complete else { continue };
        match evaluator.answer(&text) {
            Ok(Answer::Text(text)) => last = text,
            Ok(Answer::Exit) => return Exit::Success,
            Err(diagnostics) => return evaluator.output.failed(&diagnostics),
        }
    }
    evaluator.output.terminal.out(&format!("{last}\n"));
    Exit::Success
}
