//! `time_rotating`: a timestamp that gives way to a new one when its time has come.

use super::instant::{self, Instant, no_triggers, too_far};
use super::{TRIGGERS, part};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::{Path, Type, Value};
use crate::provider::utility::attribute::{Attr, Kind, computed, optional};
use crate::provider::utility::{Resource, at_least, at_least_one};
use crate::provider::{PlanRequest, PlanResponse, Progress};
use async_trait::async_trait;

pub(super) struct Rotating;

const ROTATIONS: &[&str] =
    &["rotation_minutes", "rotation_hours", "rotation_days", "rotation_months", "rotation_years"];

/// When it rotates. Of several lengths one counts: years over months over minutes over hours over days, and a timestamp over all but years.
fn rotation(object: &Value, base: &Instant) -> Result<Instant, Diagnostics> {
    let length = |name: &str| object.get(name).and_then(Value::as_i64).filter(|n| *n != 0);
    let seconds = |scale: i64, n: i64| n.checked_mul(scale).and_then(|s| base.add_seconds(s)).ok_or_else(too_far);
    let date = |years, months, days| base.add_date(years, months, days).ok_or_else(too_far);
    if let Some(years) = length("rotation_years") {
        return date(years, 0, 0);
    }
    if object.get("rotation_rfc3339").and_then(Value::as_str).is_some_and(|t| !t.is_empty()) {
        return Instant::of_or_now(object, "rotation_rfc3339");
    }
    if let Some(months) = length("rotation_months") {
        return date(0, months, 0);
    }
    if let Some(minutes) = length("rotation_minutes") {
        return seconds(60, minutes);
    }
    if let Some(hours) = length("rotation_hours") {
        return seconds(3600, hours);
    }
    date(0, 0, length("rotation_days").unwrap_or_default())
}

fn computed_of(base: &Instant, rotation: &Instant) -> Vec<(&'static str, Value)> {
    let mut out = rotation.parts();
    out.extend([("rotation_rfc3339", rotation.value()), ("rfc3339", base.value()), ("id", base.value())]);
    out
}

fn complete(object: &Value, base: &Instant) -> Result<Value, Diagnostics> {
    let rotation = rotation(object, base)?;
    Ok(computed_of(base, &rotation).into_iter().fold(object.clone(), |o, (name, value)| o.with_field(name, value)))
}

#[async_trait(?Send)]
impl Resource for Rotating {
    fn name(&self) -> &'static str {
        "time_rotating"
    }

    fn attributes(&self) -> &'static [Attr] {
        const {
            &[
                part("day"),
                part("hour"),
                computed("id", Kind::Text),
                part("minute"),
                part("month"),
                optional("rfc3339", Kind::Text).or_computed().replaces(),
                optional("rotation_days", Kind::Int),
                optional("rotation_hours", Kind::Int),
                optional("rotation_minutes", Kind::Int),
                optional("rotation_months", Kind::Int),
                optional("rotation_rfc3339", Kind::Text).or_computed(),
                optional("rotation_years", Kind::Int),
                part("second"),
                TRIGGERS,
                part("unix"),
                part("year"),
            ]
        }
    }

    fn check(&self, config: &Value, found: &mut Diagnostics) {
        let mut names = ROTATIONS.to_vec();
        names.push("rotation_rfc3339");
        at_least_one(config, &names, found);
        ROTATIONS.iter().for_each(|name| at_least(config, name, 1, found));
        instant::check(config, "rotation_rfc3339", found);
        instant::check(config, "rfc3339", found);
    }

    fn amend(&self, request: &PlanRequest<'_>, response: &mut PlanResponse) {
        if request.prior.is_null() {
            return;
        }
        let changed = |name: &str| request.prior.get(name) != response.planned.get(name);
        if changed("rotation_rfc3339")
            && Instant::of_or_now(request.prior, "rotation_rfc3339").is_ok_and(|rotation| rotation.is_past())
        {
            response.requires_replace.push(Path::attrs(["rotation_rfc3339"]));
        }
        let lengths = ROTATIONS.iter().any(|name| changed(name));
        if !lengths && !changed("rotation_rfc3339") {
            return;
        }
        let unset = |name: &str| request.config.get(name).is_none_or(Value::is_null);
        let known = |name: &str| response.planned.get(name).is_none_or(Value::is_known);
        let base = if unset("rfc3339") { request.prior } else { request.config };
        let open = base.get("rfc3339").is_some_and(|v| !v.is_known())
            || !ROTATIONS.iter().all(|name| known(name))
            || (!unset("rotation_rfc3339") && !known("rotation_rfc3339"));
        if open {
            return;
        }
        match Instant::of_or_now(base, "rfc3339").and_then(|base| complete(&response.planned, &base)) {
            Ok(planned) => response.planned = planned,
            Err(found) => response.diagnostics.extend(found),
        }
    }

    async fn create(&self, planned: &Value, _: &dyn Progress) -> Result<Value, Diagnostics> {
        complete(planned, &Instant::of_or_now(planned, "rfc3339")?)
    }

    /// An object whose time has come is gone, and made anew.
    async fn read(&self, object: &Value) -> Result<Option<Value>, Diagnostics> {
        let set = object.get("rotation_rfc3339").and_then(Value::as_str).is_some_and(|t| !t.is_empty());
        let past = set && Instant::of_or_now(object, "rotation_rfc3339")?.is_past();
        Ok((!past).then(|| object.clone()))
    }

    async fn update(&self, prior: &Value, planned: &Value) -> Result<Value, Diagnostics> {
        let known = planned.get("rfc3339").is_some_and(Value::is_known);
        complete(planned, &Instant::of_or_now(if known { planned } else { prior }, "rfc3339")?)
    }

    fn import(&self, id: &str) -> Option<Result<Vec<(&'static str, Value)>, Diagnostics>> {
        Some(imported(id))
    }
}

fn imported(id: &str) -> Result<Vec<(&'static str, Value)>, Diagnostics> {
    let error = |title: &str, text: String| Diagnostics::from(Diagnostic::error(title, text));
    let title = "Unexpected Format of ID";
    let parts: Vec<&str> = id.split(',').collect();
    let read = |text: &str| {
        Instant::parse(text).map_err(|why| {
            let said =
                format!("The timestamp that was supplied could not be parsed as RFC3339.\n\nOriginal Error: {why}");
            error("Import time rotating error", said)
        })
    };
    let mut out: Vec<(&'static str, Value)> = vec![no_triggers()];
    match parts.as_slice() {
        [base, rotation] => {
            if base.is_empty() || rotation.is_empty() {
                let text = format!("Unexpected format of ID ({id:?}), expected BASETIMESTAMP,ROTATIONTIMESTAMP");
                return Err(error(title, text));
            }
            out.extend(computed_of(&read(base)?, &read(rotation)?));
        }
        [base, lengths @ ..] if lengths.len() == 5 => {
            if base.is_empty() || lengths.iter().all(|l| l.is_empty()) {
                let text = format!(
                    "Unexpected format of ID ({id:?}), expected BASETIMESTAMP,YEARS,MONTHS,DAYS,HOURS,MINUTES where at least one rotation \
                     value is non-empty"
                );
                return Err(error(title, text));
            }
            let names = ["rotation_years", "rotation_months", "rotation_days", "rotation_hours", "rotation_minutes"];
            for (name, text) in names.into_iter().zip(lengths) {
                let value = if text.is_empty() {
                    Value::null(Type::Number)
                } else {
                    Value::number(text.parse::<i64>().map_err(|e| {
                        let said =
                            format!("The parameter that was supplied could not be parsed.\n\nOriginal Error: {e}");
                        error("Import time rotating error", said)
                    })?)
                };
                out.push((name, value));
            }
            let base = read(base)?;
            let rotation = rotation(&Value::object_of(out.clone()), &base)?;
            out.extend(computed_of(&base, &rotation));
        }
        _ => {
            let text = format!(
                "Unexpected format of ID ({id:?}), expected BASETIMESTAMP,YEARS,MONTHS,DAYS,HOURS,MINUTES or BASETIMESTAMP,ROTATIONTIMESTAMP"
            );
            return Err(error(title, text));
        }
    }
    Ok(out)
}
