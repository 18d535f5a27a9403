//! `explain RULE`: what a rule means, with a bad and a good example.

use crate::cli::Exit;
use crate::cli::args::ExplainArgs;
use crate::cli::output::{Output, Style};
use crate::lang::eval::did_you_mean;
use crate::lint;
use crate::view::lint::page;

/// Shows the page of a rule, or the list of all.
pub fn run(args: &ExplainArgs) -> Exit {
    let output = Output::new(Style::of(&args.view));
    let Some(id) = &args.rule else {
        for rule in lint::rules() {
            output.terminal.out(&format!("{:<8}{:<9}{}\n", rule.id, rule.severity.as_str(), rule.title));
        }
        return Exit::Success;
    };
    match lint::find(id) {
        Some(rule) => {
            output.terminal.out(&page::plain(rule, output.terminal.palette));
            Exit::Success
        }
        None => {
            let near = did_you_mean(&id.to_ascii_uppercase(), lint::rules().map(|r| r.id));
            let near = near.map(|n| format!(" Did you mean {n}?")).unwrap_or_default();
            output.fail("Unknown rule", format!("There is no rule \"{id}\".{near} `pipewright explain` lists all."))
        }
    }
}
