//! Everything found out, as one [`Plan`].

use super::Planner;
use crate::address::Mode;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::plan::{Action, Plan, PlanMode, ResourceChange};
use crate::engine::run::lock;
use crate::state::model::State;

impl Planner<'_> {
    pub(super) fn assemble(
        self,
        previous: &State,
        timestamp: String,
        begun: bool,
        diagnostics: Diagnostics,
    ) -> (Plan, Diagnostics) {
        let mut diagnostics = diagnostics;
        let settings = self.run.settings;
        let errored = diagnostics.has_errors();
        if !errored && (!settings.targets.is_empty() || !settings.excludes.is_empty()) {
            let option = if settings.targets.is_empty() { "-exclude" } else { "-target" };
            diagnostics.push(Diagnostic::warning(
                "Resource targeting is in effect",
                format!(
                    "You are creating a plan with the {option} option, which means that the result of this plan may not represent \
                     all of the changes requested by the current configuration.\n\nThe {option} option is not for routine use, and \
                     is provided only for exceptional situations such as recovering from errors or mistakes."
                ),
            ));
        }
        let outputs = if begun { self.output_changes() } else { std::collections::BTreeMap::new() };
        let relevant_attributes = self.relevant_attributes(&outputs);
        let variables = self.variable_values();
        let raw_variables = self.raw_variables();
        let apply_time_variables = self.apply_time_variables();
        let checks = self.run.checks.results();
        if settings.mode == PlanMode::RefreshOnly {
            self.note_moves();
        }
        let mut changes = std::mem::take(&mut *lock(&self.changes)).list;
        diagnostics.extend(forgotten(&changes).filter(|_| !errored));
        let mut drift = std::mem::take(&mut *lock(&self.drift));
        changes.sort_by(order);
        drift.sort_by(order);
        for address in &settings.force_replace {
            if !errored && !changes.iter().any(|c| c.address == *address) {
                diagnostics.push(Diagnostic::warning(
                    "Nothing to replace",
                    format!("-replace names {address}, but there is no such resource instance in this plan."),
                ));
            }
        }
        let mut generated = std::mem::take(&mut *lock(&self.generated));
        generated.sort_by(|a, b| a.address.cmp(&b.address));
        let prior_state = std::mem::take(&mut *lock(&self.prior));
        let plan = Plan {
            mode: settings.mode,
            changes,
            drift,
            outputs,
            prior_state,
            previous_state: previous.clone(),
            variables,
            raw_variables,
            apply_time_variables,
            checks,
            relevant_attributes,
            timestamp,
            targets: settings.targets.clone(),
            excludes: settings.excludes.clone(),
            force_replace: settings.force_replace.clone(),
            generated,
            begun,
            errored,
            diagnostics: diagnostics.clone(),
        };
        (plan, diagnostics)
    }

    /// A plan that only refreshes shows moves among what changed.
    fn note_moves(&self) {
        let mut drift = lock(&self.drift);
        for (to, from) in &self.moved {
            if drift.iter().any(|c| c.address == *to) || to.resource.mode != Mode::Managed {
                continue;
            }
            let Some(resource) = self.state.resources.get(&to.abs_resource()) else { continue };
            let Some(schema) = self.run.schema(&resource.provider, Mode::Managed, &to.resource.type_name) else {
                continue;
            };
            let Some(provider) = self.run.provider(&resource.provider) else { continue };
            let Ok(Some(known)) = self.known(to, &schema, provider.as_ref()) else { continue };
            drift.push(ResourceChange {
                address: to.clone(),
                previous_address: Some(from.clone()),
                deposed: None,
                provider: resource.provider.clone(),
                action: Action::NoOp,
                reason: None,
                before: known.value.clone(),
                after: known.value,
                replace_paths: Vec::new(),
                importing: None,
                planned_private: Vec::new(),
                schema: schema.raw.clone(),
            });
        }
    }
}

/// The warning about objects that will be left without anybody who manages them.
fn forgotten(changes: &[ResourceChange]) -> Option<Diagnostic> {
    let forgotten: Vec<String> = changes
        .iter()
        .filter(|c| c.action == Action::Forget)
        .map(|c| match &c.deposed {
            None => format!(" - {}", c.address),
            Some(key) => format!(" - {} (deposed object {key})", c.address),
        })
        .collect();
    let text = || {
        format!(
            "If you apply this plan, Pipewright will discard its tracking information for the following objects, but it will not \
             delete them:\n{}\n\nAfter applying this plan, Pipewright will no longer manage these objects. You will need to import \
             them into Pipewright to manage them again.",
            forgotten.join("\n")
        )
    };
    (!forgotten.is_empty()).then(|| Diagnostic::warning("Some objects will no longer be managed by Pipewright", text()))
}

fn order(a: &ResourceChange, b: &ResourceChange) -> std::cmp::Ordering {
    (&a.address, &a.deposed).cmp(&(&b.address, &b.deposed))
}
