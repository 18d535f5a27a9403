//! `-target` and `-exclude`: which blocks and instances take part.

use crate::address::{ConfigResource, ResourceInstance, Target};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::graph::Node;
use crate::engine::plan::PlanMode;
use crate::engine::run::Run;
use crate::maps::Map;
use crate::state::model::State;
use std::collections::HashSet;

/// What takes part.
#[derive(Default)]
pub(in crate::engine) struct Selection {
    everything: bool,
    active: Option<crate::engine::graph::NodeSet>,
    targets: Vec<Target>,
    excludes: Vec<Target>,
    /// Blocks that are in whole: they are needed, or, for excludes, not needing what is excluded.
    whole: HashSet<ConfigResource>,
    /// Blocks that are out whole because they need something excluded.
    out: HashSet<ConfigResource>,
    unmatched: Vec<Target>,
}

impl Selection {
    pub(in crate::engine) fn new(
        run: &Run<'_>,
        state: &State,
        dependencies: &Map<ConfigResource, Vec<ConfigResource>>,
    ) -> Self {
        let (targets, excludes) = (&run.settings.targets, &run.settings.excludes);
        if targets.is_empty() && excludes.is_empty() {
            return Selection { everything: true, ..Selection::default() };
        }
        let blocks: Vec<ConfigResource> = run
            .graph
            .nodes()
            .iter()
            .filter_map(|n| if let Node::Resource(r) = n { Some(r.clone()) } else { None })
            .collect();
        let unmatched = targets
            .iter()
            .chain(excludes)
            .filter(|t| !blocks.iter().any(|b| t.touches(b)) && !state.resources.keys().any(|a| t.touches(&a.config())))
            .cloned()
            .collect();
        let mut selection =
            Selection { targets: targets.clone(), excludes: excludes.clone(), unmatched, ..Selection::default() };
        if excludes.is_empty() {
            selection.target(run, state, &blocks);
        } else {
            selection.exclude(run, state, &blocks, dependencies);
        }
        selection
    }

    fn target(&mut self, run: &Run<'_>, state: &State, blocks: &[ConfigResource]) {
        let touched = |block: &ConfigResource| self.targets.iter().any(|t| t.touches(block));
        let graph = &run.graph;
        let number = |block: &ConfigResource| graph.number(&Node::Resource(block.clone()));
        let chosen: Vec<usize> = blocks.iter().filter(|b| touched(b)).filter_map(number).collect();
        let mut active = graph.reach(chosen);
        let destroy = run.settings.mode == PlanMode::Destroy;
        // What is needed takes part whole; it does not go, though, when what needs it goes.
        let mut whole: HashSet<ConfigResource> = blocks
            .iter()
            .filter(|b| !destroy && !touched(b) && number(b).is_some_and(|n| active.contains(n)))
            .cloned()
            .collect();
        if destroy {
            // What goes takes with it everything that needs it.
            let mut grown = true;
            while grown {
                grown = false;
                for (address, _, instance) in state.instances() {
                    let block = address.config();
                    if touched(&block) || whole.contains(&block) {
                        continue;
                    }
                    let needs = instance.current.as_ref().map(|o| o.dependencies.as_slice()).unwrap_or_default();
                    let gone: HashSet<String> = state
                        .resources
                        .keys()
                        .map(|a| a.config())
                        .filter(|b| touched(b) || whole.contains(b))
                        .map(|b| b.to_string())
                        .collect();
                    if needs.iter().any(|n| gone.contains(n)) {
                        whole.insert(block);
                        grown = true;
                    }
                }
            }
        }
        for (n, node) in graph.nodes().iter().enumerate() {
            if let Node::Output(module, _) = node
                && module.is_root()
            {
                let needs = graph.reach([n]);
                let mut resources =
                    needs.iter().filter(|i| matches!(graph.nodes().get_index(*i), Some(Node::Resource(_)))).peekable();
                if resources.peek().is_some() && resources.all(|i| active.contains(i)) {
                    for i in needs.iter() {
                        active.insert(i);
                    }
                }
            }
            if matches!(node, Node::Variable(m, _) if m.is_root()) {
                active.insert(n);
            }
            if destroy && matches!(node, Node::Provider(_)) {
                for i in graph.reach([n]).iter() {
                    active.insert(i);
                }
            }
            // Providers of objects without block.
            if matches!(node, Node::Provider(p) if state.resources.iter().any(|(a, r)| r.provider == *p && self.targets.iter().any(|t| t.touches(&a.config()))))
            {
                for i in graph.reach([n]).iter() {
                    active.insert(i);
                }
            }
        }
        self.whole = whole;
        self.active = Some(active);
    }

    fn exclude(
        &mut self,
        run: &Run<'_>,
        state: &State,
        blocks: &[ConfigResource],
        dependencies: &Map<ConfigResource, Vec<ConfigResource>>,
    ) {
        let graph = &run.graph;
        let hit = |block: &ConfigResource| self.excludes.iter().any(|t| t.touches(block));
        let mut out: HashSet<ConfigResource> =
            blocks.iter().filter(|b| dependencies.get(*b).is_some_and(|d| d.iter().any(&hit))).cloned().collect();
        let texts: HashSet<String> = state
            .resources
            .keys()
            .map(|a| a.config())
            .chain(blocks.iter().cloned())
            .filter(|b| hit(b))
            .map(|b| b.to_string())
            .collect();
        for (address, _, instance) in state.instances() {
            let needs = instance.current.as_ref().map(|o| o.dependencies.as_slice()).unwrap_or_default();
            if !blocks.contains(&address.config()) && needs.iter().any(|n| texts.contains(n)) {
                out.insert(address.config());
            }
        }
        let keyed = |block: &ConfigResource| {
            // Only some instances are excluded: the block itself still takes part.
            self.excludes.iter().filter(|t| t.touches(block)).all(|t| match t {
                Target::Instance(i) => i.key.is_some(),
                Target::Module(m) => m.0.iter().any(|(_, k)| k.is_some()),
                Target::Resource(r) => r.module.0.iter().any(|(_, k)| k.is_some()),
            })
        };
        let gone: Vec<usize> = blocks
            .iter()
            .filter(|b| out.contains(*b) || (hit(b) && !keyed(b)))
            .filter_map(|b| graph.number(&Node::Resource(b.clone())))
            .collect();
        let gone = graph.reached_by(gone);
        let mut active = crate::engine::graph::NodeSet::new(graph.nodes().len());
        for n in 0..graph.nodes().len() {
            if !gone.contains(n) {
                active.insert(n);
            }
        }
        self.out = out;
        self.active = Some(active);
    }

    /// Whether nothing is left out.
    pub(in crate::engine) fn is_everything(&self) -> bool {
        self.everything
    }

    /// Whether a node takes part.
    pub(in crate::engine) fn is_active(&self, node: usize) -> bool {
        self.everything || self.active.as_ref().is_none_or(|a| a.contains(node))
    }

    /// Whether an instance takes part.
    pub(in crate::engine) fn covers(&self, address: &ResourceInstance) -> bool {
        if self.everything {
            return true;
        }
        let block = address.config();
        if self.excludes.is_empty() {
            self.whole.contains(&block) || self.targets.iter().any(|t| t.covers(address))
        } else {
            !self.out.contains(&block) && !self.excludes.iter().any(|t| t.covers(address))
        }
    }

    /// Warnings about targets that match nothing.
    pub(in crate::engine) fn unmatched(&self) -> Diagnostics {
        self.unmatched
            .iter()
            .map(|t| {
                Diagnostic::warning(
                    "Target matches nothing",
                    format!("Neither configuration nor state has anything at {t}, so selecting it has no effect."),
                )
            })
            .collect()
    }
}
