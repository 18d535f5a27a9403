//! The end of an apply: outputs, check results, the outcome.

use super::Applier;
use crate::address::Mode;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::plan::{Action, CheckKind, CheckResult, CheckStatus, PlanMode};
use crate::engine::run::lock;
use crate::engine::settings::ApplyOutcome;
use crate::lang::value::Value;
use crate::state::model::OutputValue;
use serde_json::{Value as Json, json};

impl Applier<'_> {
    /// Writes outputs and check results into the state.
    pub(super) fn conclude(&self) {
        let root = self.run.root();
        let targeted = !self.selection.is_everything();
        let checks: Vec<Json> = self.run.checks.results().iter().map(check_json).collect();
        self.keeper.edit(|state| {
            match self.plan.mode {
                PlanMode::Destroy => {
                    let empty = !state.resources.keys().any(|a| a.resource.mode == Mode::Managed);
                    if empty && !targeted {
                        state.outputs.clear();
                        state.resources.clear();
                    }
                    state.check_results = None;
                    return;
                }
                PlanMode::Normal | PlanMode::RefreshOnly => {}
            }
            for (name, output) in &self.run.config.root.outputs {
                if output.ephemeral {
                    continue;
                }
                let Some(value) = root.as_ref().and_then(|r| r.output(name)) else { continue };
                let mut value = value.unmark_deep();
                if value.contains_unknown() {
                    if !targeted || self.plan.mode == PlanMode::RefreshOnly {
                        continue;
                    }
                    // It refers to what was left out; the rest of it is told all the same.
                    value = value.unknown_as_null();
                    state.outputs.insert(name.clone(), stored_output(value, output.sensitive));
                    continue;
                }
                if value.is_null() {
                    state.outputs.remove(name);
                } else {
                    state.outputs.insert(name.clone(), stored_output(value, output.sensitive));
                }
            }
            for (name, change) in &self.plan.outputs {
                if change.action == Action::Delete && !self.run.config.root.outputs.contains_key(name) {
                    state.outputs.remove(name);
                }
            }
            state.check_results = if checks.is_empty() { None } else { Some(checks) };
        });
    }

    pub(super) fn finish(self, diagnostics: Diagnostics) -> ApplyOutcome {
        let mut diagnostics = diagnostics;
        diagnostics.extend(self.run.told());
        let interrupted = self.stopped && self.run.cancel.is_cancelled();
        let cycle = self.stopped && !interrupted && !self.keeper.has_failed();
        let counts = *lock(&self.counts);
        let (state, errors) = self.keeper.finish();
        diagnostics.extend(errors);
        if interrupted {
            diagnostics.push(Diagnostic::error(
                "Apply was interrupted",
                "Operations that were running have been finished and the state is saved; the rest of the plan was not begun. Plan and \
                 apply again to complete it.",
            ));
        }
        if !self.selection.is_everything() {
            diagnostics.push(Diagnostic::warning(
                "Applied changes may be incomplete",
                "The plan was created with the -target or -exclude option in effect, so some changes requested in the configuration \
                 may have been ignored and the output values may not be fully updated. Run the following command to verify that no \
                 other changes are pending:\n    pipewright plan\n\nNote that these options are not suitable for routine use, and \
                 are provided only for exceptional situations such as recovering from errors or mistakes.",
            ));
        }
        if cycle {
            diagnostics.push(Diagnostic::error(
                "Changes depend on each other",
                "Some changes of this plan could not be put in an order, because the configuration and the state disagree on what \
                 depends on what. Everything else was done and saved.",
            )
            .hint("Apply the remaining changes one after the other with -target."));
        }
        ApplyOutcome { state, diagnostics, counts, interrupted }
    }
}

/// A check result as the state keeps it.
fn check_json(result: &CheckResult) -> Json {
    let kind = match result.kind {
        CheckKind::Resource => "resource",
        CheckKind::Output => "output",
        CheckKind::Check => "check",
        CheckKind::Variable => "var",
    };
    let objects: Vec<Json> = result
        .objects
        .iter()
        .map(|(address, status, messages)| {
            let mut object = json!({"object_addr": address, "status": status_text(*status)});
            if let (Some(fields), false) = (object.as_object_mut(), messages.is_empty()) {
                fields.insert("failure_messages".into(), json!(messages));
            }
            object
        })
        .collect();
    json!({
        "object_kind": kind,
        "config_addr": result.config_address,
        "status": status_text(result.status),
        "objects": if objects.is_empty() { Json::Null } else { Json::Array(objects) },
    })
}

fn stored_output(value: Value, sensitive: bool) -> OutputValue {
    OutputValue { ty: value.ty(), value, sensitive }
}

fn status_text(status: CheckStatus) -> &'static str {
    match status {
        CheckStatus::Pass => "pass",
        CheckStatus::Fail => "fail",
        CheckStatus::Error => "error",
        CheckStatus::Unknown => "unknown",
    }
}
