//! Preconditions, postconditions, validations and asserts: evaluated, told, and remembered for the plan and state.

use super::plan::{CheckKind, CheckResult, CheckStatus};
use crate::config::model::Condition;
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::lang::eval::{Scope, evaluate};
use crate::lang::value::{Type, convert};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Results by block and object.
#[derive(Default)]
pub(super) struct Checks(Mutex<BTreeMap<(u8, String), Entry>>);

struct Entry {
    kind: CheckKind,
    objects: BTreeMap<String, (CheckStatus, Vec<String>)>,
}

impl Checks {
    pub(super) fn record(
        &self,
        kind: CheckKind,
        config: &str,
        object: &str,
        status: CheckStatus,
        message: Option<String>,
    ) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry =
            all.entry((rank(kind), config.to_owned())).or_insert_with(|| Entry { kind, objects: BTreeMap::new() });
        let object = entry.objects.entry(object.to_owned()).or_insert((CheckStatus::Pass, Vec::new()));
        object.0 = worse(object.0, status);
        object.1.extend(message);
    }

    /// Results so far, in a fixed order.
    pub(super) fn results(&self) -> Vec<CheckResult> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter()
            .map(|((_, config), entry)| CheckResult {
                kind: entry.kind,
                config_address: config.clone(),
                status: entry.objects.values().map(|(s, _)| *s).fold(CheckStatus::Pass, worse),
                objects: entry.objects.iter().map(|(a, (s, m))| (a.clone(), *s, m.clone())).collect(),
            })
            .collect()
    }
}

fn rank(kind: CheckKind) -> u8 {
    match kind {
        CheckKind::Check => 0,
        CheckKind::Output => 1,
        CheckKind::Resource => 2,
        CheckKind::Variable => 3,
    }
}

fn worse(a: CheckStatus, b: CheckStatus) -> CheckStatus {
    let rank = |s| match s {
        CheckStatus::Pass => 0,
        CheckStatus::Unknown => 1,
        CheckStatus::Fail => 2,
        CheckStatus::Error => 3,
    };
    if rank(b) > rank(a) { b } else { a }
}

/// Whose conditions are evaluated.
pub(super) struct Subject<'a> {
    pub kind: CheckKind,
    /// Address of the block, without keys.
    pub config: String,
    /// Address of the object.
    pub object: String,
    /// `Resource precondition failed`
    pub failed: &'a str,
    /// Errors for most; warnings for `check` blocks.
    pub severity: Severity,
}

/// Evaluates conditions. Each that does not hold gives a message; what is not known yet is remembered as such and told nobody.
pub(super) fn evaluate_all(
    conditions: &[Condition],
    subject: &Subject<'_>,
    scope: &dyn Scope,
    checks: &Checks,
) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for condition in conditions {
        let (status, message, found) = one(condition, subject, scope);
        checks.record(subject.kind, &subject.config, &subject.object, status, message);
        diagnostics.extend(found.into_iter().map(|mut d| {
            d.context = d.context.or(Some(condition.span));
            // Not to hold may be no more than worth a warning; a condition that cannot be evaluated is wrong in itself.
            if status == CheckStatus::Fail {
                d.severity = d.severity.max(subject.severity);
            }
            if d.address.is_none() && subject.kind != CheckKind::Variable {
                d.address = Some(subject.object.clone());
            }
            d
        }));
    }
    diagnostics
}

fn one(condition: &Condition, subject: &Subject<'_>, scope: &dyn Scope) -> (CheckStatus, Option<String>, Diagnostics) {
    let span = condition.condition.span;
    let wrong = |detail: String| {
        let error = Diagnostic::error("Invalid condition result", detail).at(span);
        (CheckStatus::Error, None, error.into())
    };
    let value = match evaluate(&condition.condition, scope) {
        Ok(value) => value.unmark_deep(),
        Err(errors) => return (CheckStatus::Error, None, errors),
    };
    if !value.is_known() {
        return (CheckStatus::Unknown, None, Diagnostics::new());
    }
    if value.is_null() {
        return wrong("Condition expression must return either true or false, not null.".into());
    }
    let truth = match convert(&value, &Type::Bool) {
        Ok(value) => value.as_bool(),
        Err(error) => return wrong(format!("Invalid condition result value: {error}.")),
    };
    if truth != Some(false) {
        return (CheckStatus::Pass, None, Diagnostics::new());
    }
    let (message, mut diagnostics) = message(condition, scope);
    let detail = message.clone().unwrap_or_else(|| "This check failed, but has an invalid error message.".into());
    diagnostics.push(Diagnostic::error(subject.failed, detail).at(span));
    (CheckStatus::Fail, message, diagnostics)
}

/// The text to show; errors when it is sensitive or no text.
fn message(condition: &Condition, scope: &dyn Scope) -> (Option<String>, Diagnostics) {
    let span = condition.error_message.span;
    let value = match evaluate(&condition.error_message, scope) {
        Ok(value) => value,
        Err(errors) => return (None, errors),
    };
    if value.marks_deep().hidden() {
        let detail = "The error expression used to explain this condition refers to sensitive values, so the resulting message is \
                      not displayed.\n\nYou can correct this by removing references to sensitive values, or by carefully using the \
                      nonsensitive() function if the expression will not reveal the sensitive data.";
        return (None, Diagnostic::error("Error message refers to sensitive values", detail).at(span).into());
    }
    match convert(&value.unmark_deep(), &Type::String) {
        Ok(text) => (text.as_str().map(|t| t.trim().to_owned()), Diagnostics::new()),
        Err(error) => {
            let detail = format!("Unsuitable value for error message: {error}.");
            (None, Diagnostic::error("Invalid error message", detail).at(span).into())
        }
    }
}
