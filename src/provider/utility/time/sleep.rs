//! `time_sleep`: waits when it is made, and when it goes.

use super::instant::{Instant, no_triggers};
use super::{TRIGGERS, duration};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::{Type, Value};
use crate::provider::Progress;
use crate::provider::utility::attribute::{Attr, Kind, computed, optional};
use crate::provider::utility::{Resource, is_set, text, wrong};
use async_trait::async_trait;
use std::time::{Duration, Instant as Clock};

pub(super) struct Sleep;

/// How often an interrupt is looked for.
const TICK: Duration = Duration::from_millis(100);

async fn wait(object: &Value, name: &str, title: &str, progress: &dyn Progress) -> Result<(), Diagnostics> {
    let Some(length) = duration::parse(text(object, name)) else { return Ok(()) };
    let begin = Clock::now();
    progress.waiting(&format!("waits for {}", text(object, name)));
    while let Some(left) = length.checked_sub(begin.elapsed()).filter(|left| !left.is_zero()) {
        if progress.interrupted() {
            return Err(Diagnostic::error(title, "The wait was interrupted.").into());
        }
        tokio::time::sleep(left.min(TICK)).await;
    }
    Ok(())
}

#[async_trait(?Send)]
impl Resource for Sleep {
    fn name(&self) -> &'static str {
        "time_sleep"
    }

    fn attributes(&self) -> &'static [Attr] {
        const {
            &[
                optional("create_duration", Kind::Text),
                optional("destroy_duration", Kind::Text),
                computed("id", Kind::Text).kept(),
                TRIGGERS,
            ]
        }
    }

    fn check(&self, config: &Value, found: &mut Diagnostics) {
        let names = ["create_duration", "destroy_duration"];
        if !names.iter().any(|name| is_set(config, name)) {
            let text = "At least one attribute out of [destroy_duration,create_duration] must be specified";
            found.push(Diagnostic::error("Invalid Attribute Combination", text));
        }
        for name in names {
            if let Some(given) = config.get(name).and_then(Value::as_str).filter(|t| duration::parse(t).is_none()) {
                let text = format!(
                    "Attribute {name} must be a number immediately followed by ms (milliseconds), s (seconds), m (minutes), or h (hours). \
                     For example, \"30s\" for 30 seconds., got: {given}"
                );
                found.push(wrong(name, "Invalid Attribute Value Match", text));
            }
        }
    }

    async fn create(&self, planned: &Value, progress: &dyn Progress) -> Result<Value, Diagnostics> {
        wait(planned, "create_duration", "Create time sleep error", progress).await?;
        Ok(planned.with_field("id", Instant::now().value()))
    }

    async fn delete(&self, object: &Value, progress: &dyn Progress) -> Result<(), Diagnostics> {
        wait(object, "destroy_duration", "Delete time sleep error", progress).await
    }

    fn import(&self, id: &str) -> Option<Result<Vec<(&'static str, Value)>, Diagnostics>> {
        Some(imported(id))
    }
}

fn imported(id: &str) -> Result<Vec<(&'static str, Value)>, Diagnostics> {
    let error = |title: &str, text: String| Diagnostics::from(Diagnostic::error(title, text));
    let Some((create, destroy)) =
        id.split_once(',').filter(|(a, b)| !b.contains(',') && (!a.is_empty() || !b.is_empty()))
    else {
        let text = format!(
            "Unexpected format of ID ({id:?}), expected CREATEDURATION,DESTROYDURATION where at least one value is non-empty"
        );
        return Err(error("Unexpected Format of ID", text));
    };
    let mut out = vec![no_triggers(), ("id", Instant::now().value())];
    for (name, given) in [("create_duration", create), ("destroy_duration", destroy)] {
        if !given.is_empty() && duration::parse(given).is_none() {
            let text = format!("The {name} cannot be parsed\n\nOriginal Error: time: invalid duration {given:?}");
            return Err(error("Import time sleep error", text));
        }
        out.push((name, if given.is_empty() { Value::null(Type::String) } else { Value::string(given) }));
    }
    Ok(out)
}
