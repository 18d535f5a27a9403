//! The read after a create or update. AWS may not show everywhere at once what it took: a new object is waited for, and an
//! answer that still has old values is asked again a few times. The first agreeing answer ends it.

use super::attrs::Attrs;
use super::equivalence;
use super::failure::Outcome;
use super::object::{Obj, is_zero};
use super::resource::{Cx, ResourceType};
use super::schema::Parsed;
use super::settle::{Against, settle};
use super::wait::{IAM_PROPAGATION, Look};
use crate::lang::value::Value;
use std::time::Duration;

/// How often an answer that disagrees is asked again before it is believed: the service may have its own mind.
const DOUBTS: u32 = 4;

/// The object to store. `planned` is the planned object with what the create told.
pub async fn read_back(
    ty: &dyn ResourceType,
    parsed: &Parsed,
    cx: &Cx<'_>,
    config: &Value,
    planned: &Value,
) -> Outcome<Value> {
    let mut doubts = 0;
    let mut pause = Duration::from_millis(300);
    loop {
        let attrs = visible(ty, cx, planned).await?;
        let found = attrs.shape(&parsed.schema.block, planned, ty.absent());
        let settled = settle(&parsed.schema.block, &parsed.rules, &found, planned, Against::Planned);
        let Some(name) = disagreement(ty, parsed, config, planned, &settled) else { return Ok(settled) };
        if doubts == DOUBTS || cx.progress.interrupted() {
            return Ok(settled);
        }
        doubts += 1;
        cx.progress.waiting(&format!("AWS still shows another {name} (attempt {doubts})"));
        tokio::time::sleep(pause).await;
        pause = pause * 8 / 5;
    }
}

async fn visible(ty: &dyn ResourceType, cx: &Cx<'_>, planned: &Value) -> Outcome<Attrs> {
    let what = format!("{} to be visible", ty.name());
    cx.wait_until(&what, IAM_PROPAGATION.min(cx.timeout), || async {
        Ok(match ty.read(cx, &Obj::new(planned)).await? {
            Some(attrs) => Look::Done(attrs),
            None => Look::NotYet("AWS does not show it yet".into()),
        })
    })
    .await
}

/// An attribute that was configured and is shown otherwise.
fn disagreement(
    ty: &dyn ResourceType,
    parsed: &Parsed,
    config: &Value,
    planned: &Value,
    found: &Value,
) -> Option<String> {
    let set = config.fields()?;
    let differs = |name: &str| {
        let (Some(p), Some(f)) = (planned.get(name), found.get(name)) else { return false };
        let same = p == f
            || (is_zero(p) && is_zero(f))
            || parsed.rules.attribute(name).is_some_and(|rule| equivalence::same(rule, p, f))
            || ty.same(name, f, p, &Obj::new(config));
        !same
    };
    let mut names = parsed.schema.block.attributes.keys().filter(|n| set.get(n.as_ref()).is_some_and(|v| !v.is_null()));
    names.find(|name| differs(name)).map(ToString::to_string)
}
