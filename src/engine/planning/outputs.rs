//! Changes of root outputs.

use super::Planner;
use crate::address::ModulePath;
use crate::engine::graph::Node;
use crate::engine::plan::{Action, OutputChange, PlanMode};
use crate::lang::value::{Type, Value};
use std::collections::BTreeMap;

impl Planner<'_> {
    pub(super) fn output_changes(&self) -> BTreeMap<String, OutputChange> {
        let mut out = BTreeMap::new();
        let root = self.run.root();
        let destroy = self.run.settings.mode == PlanMode::Destroy;
        if destroy && !self.selection.is_everything() {
            return out;
        }
        for (name, output) in &self.run.config.root.outputs {
            if destroy || output.ephemeral {
                continue;
            }
            let active = self
                .run
                .graph
                .number(&Node::Output(ModulePath::root(), name.as_str().into()))
                .is_some_and(|n| self.selection.is_active(n));
            let Some(after) = root.as_ref().filter(|_| active).and_then(|r| r.output(name)) else { continue };
            if self.run.settings.mode == PlanMode::RefreshOnly && after.contains_unknown() {
                continue;
            }
            let stored = self.state.outputs.get(name);
            let mut before = stored.map_or_else(|| Value::null(Type::Dynamic), |o| o.value.clone());
            // Neither side is shown while one of them is sensitive.
            let sensitive = output.sensitive || stored.is_some_and(|o| o.sensitive);
            if sensitive {
                before = before.sensitive();
            }
            let plain = after.unmark_deep();
            let action = match stored {
                None if plain.is_null() => Action::NoOp,
                None => Action::Create,
                Some(stored) if stored.value == plain && stored.sensitive == output.sensitive => Action::NoOp,
                Some(_) => Action::Update,
            };
            out.insert(name.clone(), OutputChange { action, before, after, sensitive });
        }
        for (name, stored) in &self.state.outputs {
            let declared = self.run.config.root.outputs.contains_key(name);
            if declared && !destroy {
                continue;
            }
            let before = if stored.sensitive { stored.value.clone().sensitive() } else { stored.value.clone() };
            let after = Value::null(Type::Dynamic);
            out.insert(
                name.clone(),
                OutputChange { action: Action::Delete, before, after, sensitive: stored.sensitive },
            );
        }
        out
    }
}
