//! `time_offset`: a timestamp some time from another.

use super::instant::{self, Instant, no_triggers, too_far};
use super::{TRIGGERS, part};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::{Type, Value};
use crate::provider::utility::attribute::{Attr, Kind, computed, optional};
use crate::provider::utility::{Resource, at_least_one};
use crate::provider::{PlanRequest, PlanResponse, Progress};
use async_trait::async_trait;

pub(super) struct Offset;

const OFFSETS: &[&str] =
    &["offset_seconds", "offset_minutes", "offset_hours", "offset_days", "offset_months", "offset_years"];

/// The object for its base; offsets are added one after the other.
fn computed_of(object: &Value, base: &Instant) -> Result<Vec<(&'static str, Value)>, Diagnostics> {
    let offset = |name: &str| object.get(name).and_then(Value::as_i64).unwrap_or_default();
    let at = || {
        let seconds = |scale: i64, name: &str| offset(name).checked_mul(scale);
        base.add_date(0, 0, offset("offset_days"))?
            .add_seconds(seconds(3600, "offset_hours")?)?
            .add_seconds(seconds(60, "offset_minutes")?)?
            .add_date(0, offset("offset_months"), 0)?
            .add_seconds(offset("offset_seconds"))?
            .add_date(offset("offset_years"), 0, 0)
    };
    let at = at().ok_or_else(too_far)?;
    let mut out = at.parts();
    out.extend([("base_rfc3339", base.value()), ("rfc3339", at.value()), ("id", base.value())]);
    Ok(out)
}

fn complete(object: &Value, base: &Instant) -> Result<Value, Diagnostics> {
    Ok(computed_of(object, base)?.into_iter().fold(object.clone(), |o, (name, value)| o.with_field(name, value)))
}

#[async_trait(?Send)]
impl Resource for Offset {
    fn name(&self) -> &'static str {
        "time_offset"
    }

    fn attributes(&self) -> &'static [Attr] {
        const {
            &[
                optional("base_rfc3339", Kind::Text).or_computed(),
                part("day"),
                part("hour"),
                computed("id", Kind::Text),
                part("minute"),
                part("month"),
                optional("offset_days", Kind::Int),
                optional("offset_hours", Kind::Int),
                optional("offset_minutes", Kind::Int),
                optional("offset_months", Kind::Int),
                optional("offset_seconds", Kind::Int),
                optional("offset_years", Kind::Int),
                computed("rfc3339", Kind::Text),
                part("second"),
                TRIGGERS,
                part("unix"),
                part("year"),
            ]
        }
    }

    fn check(&self, config: &Value, found: &mut Diagnostics) {
        instant::check(config, "base_rfc3339", found);
        at_least_one(config, OFFSETS, found);
    }

    fn amend(&self, request: &PlanRequest<'_>, response: &mut PlanResponse) {
        let changed = |name: &str| request.prior.get(name) != response.planned.get(name);
        if request.prior.is_null() || !OFFSETS.iter().any(|name| changed(name)) {
            return;
        }
        if OFFSETS.iter().any(|name| response.planned.get(name).is_some_and(|v| !v.is_known())) {
            return;
        }
        let from = match response.planned.get("base_rfc3339") {
            Some(base) if !base.is_known() && request.config.get("base_rfc3339").is_none_or(Value::is_null) => {
                request.prior
            }
            Some(base) if !base.is_known() => return,
            _ => &response.planned,
        };
        let planned = Instant::of_or_now(from, "base_rfc3339").and_then(|base| complete(&response.planned, &base));
        match planned {
            Ok(planned) => response.planned = planned,
            Err(found) => response.diagnostics.extend(found),
        }
    }

    async fn create(&self, planned: &Value, _: &dyn Progress) -> Result<Value, Diagnostics> {
        complete(planned, &Instant::of_or_now(planned, "base_rfc3339")?)
    }

    async fn update(&self, prior: &Value, planned: &Value) -> Result<Value, Diagnostics> {
        let known = planned.get("base_rfc3339").is_some_and(Value::is_known);
        complete(planned, &Instant::of_or_now(if known { planned } else { prior }, "base_rfc3339")?)
    }

    fn import(&self, id: &str) -> Option<Result<Vec<(&'static str, Value)>, Diagnostics>> {
        Some(imported(id))
    }
}

fn imported(id: &str) -> Result<Vec<(&'static str, Value)>, Diagnostics> {
    let names = ["offset_years", "offset_months", "offset_days", "offset_hours", "offset_minutes", "offset_seconds"];
    let parts: Vec<&str> = id.split(',').collect();
    let form =
        format!("Unexpected format of ID ({id:?}), expected BASETIMESTAMP,YEARS,MONTHS,DAYS,HOURS,MINUTES,SECONDS");
    let wrong = |text: String| Diagnostics::from(Diagnostic::error("Unexpected Format of ID", text));
    let Some((base, offsets)) = parts.split_first().filter(|(_, rest)| rest.len() == names.len()) else {
        return Err(wrong(form));
    };
    if base.is_empty() || offsets.iter().all(|o| o.is_empty()) {
        return Err(wrong(format!("{form} where at least one offset value is non-empty")));
    }
    let mut out: Vec<(&'static str, Value)> = Vec::new();
    for (name, text) in names.into_iter().zip(offsets) {
        let value = if text.is_empty() {
            Value::null(Type::Number)
        } else {
            Value::number(text.parse::<i64>().map_err(|e| {
                let said = format!(
                    "The {name} parameter that was supplied could not be parsed as Int64.\n\nOriginal Error: {e}"
                );
                Diagnostics::from(Diagnostic::error("Import time offset error", said))
            })?)
        };
        out.push((name, value));
    }
    let base = Instant::parse(base).map_err(|why| {
        let said = format!(
            "The base_rfc3339 timestamp that was supplied could not be parsed as RFC3339.\n\nOriginal Error: {why}"
        );
        Diagnostics::from(Diagnostic::error("Create time offset error", said))
    })?;
    let object = Value::object_of(out.clone());
    out.extend(computed_of(&object, &base)?);
    out.push(no_triggers());
    Ok(out)
}
