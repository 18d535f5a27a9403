//! A provider as the root module configures it, for work that is neither plan nor apply.

use super::event::Quiet;
use super::graph::Node;
use super::planning::add_provider;
use super::run::{Phase, Run};
use super::settings::Settings;
use super::walk::Visit;
use crate::address::{ModulePath, ProviderConfig, ProviderSource};
use crate::config::model::Config;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::provider::{Provider, Registry};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The root module's provider of this source without alias, configured by its block, or by none where the configuration has none. Only what
/// the block refers to is evaluated.
///
/// # Errors
/// Those of the block and of the provider; and that the block depends on resources, which only a plan reads.
pub async fn configured_provider(
    config: &Config,
    source: &ProviderSource,
    registry: &Registry,
    settings: &Settings,
    cancel: &CancellationToken,
) -> Result<(Arc<dyn Provider>, Diagnostics), Diagnostics> {
    let address = ProviderConfig { module: ModulePath::root(), source: source.clone(), alias: None };
    let (mut run, diagnostics) = Run::new(Phase::Plan, config, registry, settings, &Quiet, cancel, None);
    let ((), mut diagnostics) = diagnostics.into_result(())?;
    add_provider(&mut run, Node::Provider(address.clone()));
    let wanted = closure(&run, &Node::Provider(address.clone()));
    let resource = wanted.iter().find_map(|number| match run.graph.nodes().get_index(*number) {
        Some(Node::Resource(resource)) => Some(resource),
        _ => None,
    });
    if let Some(resource) = resource {
        let text = format!("The configuration of {address} depends on {resource}, which is read only when planning.");
        return Err(Diagnostic::error("Provider configuration not known yet", text)
            .hint("Give the provider block values that follow from variables and the environment alone.")
            .into());
    }
    let visit = |number: usize| {
        let (run, wanted) = (&run, &wanted);
        async move {
            match wanted.contains(&number) {
                true => run.visit(number).await,
                false => Visit::Done,
            }
        }
    };
    run.graph.order().walk(run.window(), || !cancel.is_cancelled(), visit).await;
    let ((), told) = run.told().into_result(())?;
    diagnostics.extend(told);
    match run.provider(&address) {
        Some(provider) => Ok((provider, diagnostics)),
        None => Err(super::providers::unknown_provider(registry, &address)),
    }
}

/// A node and everything it needs.
fn closure(run: &Run<'_>, node: &Node) -> BTreeSet<usize> {
    let mut wanted = BTreeSet::new();
    let mut open: Vec<usize> = run.graph.number(node).into_iter().collect();
    while let Some(number) = open.pop() {
        if wanted.insert(number) {
            open.extend(run.graph.needs(number));
        }
    }
    wanted
}
