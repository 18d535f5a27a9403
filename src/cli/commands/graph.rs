//! `graph`: what depends on what, in the DOT language or Mermaid's.

use crate::cli::Exit;
use crate::cli::args::GraphArgs;
use crate::cli::output::Style;
use crate::cli::session::Session;
use crate::cli::settings::StateSettings;
use crate::config::model::Config;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::plan::Action;
use crate::engine::{self, BlockGraph, planfile};
use crate::view::graph::{self, Detail};

/// Draws the configuration in the current folder, or a saved plan.
pub async fn run(args: &GraphArgs) -> Exit {
    let session = Session::new(Style { no_color: args.switches.no_color, ..Style::default() });
    match perform(&session, args).await {
        Ok(text) => {
            session.output.terminal.out(&text);
            Exit::Success
        }
        Err(diagnostics) => session.output.failed(&diagnostics),
    }
}

async fn perform(session: &Session, args: &GraphArgs) -> Result<String, Diagnostics> {
    let detail = match args.kind.as_deref() {
        None | Some("") if args.plan.is_some() => Some(Detail::Apply),
        None | Some("") => None,
        Some("plan" | "plan-refresh-only") => Some(Detail::Plan),
        Some("plan-destroy") => Some(Detail::Destroy),
        Some("apply") => Some(Detail::Apply),
        Some(kind @ ("eval" | "validate")) => {
            let text = format!(
                "The graph type \"{kind}\" is no longer available. Use -type=plan instead to get a similar result."
            );
            return Err(Diagnostic::error("Graph type no longer available", text).into());
        }
        Some(_) => {
            let text = "The -type=... argument must be either \"plan\", \"plan-refresh-only\", \"plan-destroy\", or \"apply\".";
            return Err(Diagnostic::error("Unsupported graph type", text).into());
        }
    };
    let cycles = args.switches.draw_cycles;
    let blocks = match &args.plan {
        Some(path) => {
            let file = planfile::read(path, &session.registry)?;
            let config = session.load_with(&file.load_options(session.load_options()))?;
            let blocks = of_configuration(session, &config, cycles)?;
            let changed = file.plan.changes.iter().filter(|c| c.action != Action::NoOp && c.deposed.is_none());
            engine::with_instances(blocks, changed.map(|c| &c.address))
        }
        None => {
            let config = session.load()?;
            if detail == Some(Detail::Destroy) {
                let state = session.store(Some(&config), &StateSettings::default()).await?.read().await?;
                let (blocks, diagnostics) = engine::destroy_graph(&config, &state, &session.registry);
                accepted(blocks, diagnostics, cycles)?
            } else {
                of_configuration(session, &config, cycles)?
            }
        }
    };
    Ok(match (args.format.as_str(), detail) {
        ("mermaid", _) => graph::mermaid(&blocks),
        (_, None) => graph::resources(&blocks),
        (_, Some(detail)) => graph::detailed(&blocks, detail, cycles),
    })
}

fn of_configuration(session: &Session, config: &Config, cycles: bool) -> Result<BlockGraph, Diagnostics> {
    let (blocks, diagnostics) = engine::block_graph(config, &session.registry);
    accepted(blocks, diagnostics, cycles)
}

/// The graph unless something is wrong with it; cycles are to be seen when they are asked for.
fn accepted(blocks: BlockGraph, diagnostics: Diagnostics, cycles: bool) -> Result<BlockGraph, Diagnostics> {
    let wrong: Diagnostics =
        diagnostics.into_iter().filter(|d| d.is_error() && !(cycles && d.summary.starts_with("Cycle: "))).collect();
    // Warnings would be in the way of programs that read the graph.
    wrong.into_result(blocks).map(|(blocks, _)| blocks)
}
