//! `time_static`: a timestamp that stays.

use super::instant::{self, Instant, no_triggers};
use super::{TRIGGERS, part};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::Value;
use crate::provider::Progress;
use crate::provider::utility::Resource;
use crate::provider::utility::attribute::{Attr, Kind, computed, optional};
use async_trait::async_trait;

pub(super) struct Static;

#[async_trait(?Send)]
impl Resource for Static {
    fn name(&self) -> &'static str {
        "time_static"
    }

    fn attributes(&self) -> &'static [Attr] {
        const {
            &[
                part("day"),
                part("hour"),
                computed("id", Kind::Text).kept(),
                part("minute"),
                part("month"),
                optional("rfc3339", Kind::Text).or_computed().replaces(),
                part("second"),
                TRIGGERS,
                part("unix"),
                part("year"),
            ]
        }
    }

    fn check(&self, config: &Value, found: &mut Diagnostics) {
        instant::check(config, "rfc3339", found);
    }

    async fn create(&self, planned: &Value, _: &dyn Progress) -> Result<Value, Diagnostics> {
        let instant = Instant::of_or_now(planned, "rfc3339")?;
        Ok(all(&instant).into_iter().fold(planned.clone(), |object, (name, value)| object.with_field(name, value)))
    }

    fn import(&self, id: &str) -> Option<Result<Vec<(&'static str, Value)>, Diagnostics>> {
        let read = Instant::parse(id).map_err(|why| {
            let text = format!("The id that was supplied could not be parsed as RFC3339.\n\nOriginal Error: {why}");
            Diagnostic::error("Import time static error", text).into()
        });
        Some(read.map(|instant| {
            let mut out = all(&instant);
            out.push(no_triggers());
            out
        }))
    }
}

fn all(instant: &Instant) -> Vec<(&'static str, Value)> {
    let mut out = instant.parts();
    out.extend([("rfc3339", instant.value()), ("id", instant.value())]);
    out
}
