//! Takes over what an interrupted run created: an object that exists, has the identity that run had planned, and contradicts nothing else
//! it had planned. Attributes that are not set yet are no contradiction: the run may have died between two calls.

use super::{BlockContext, Planner};
use crate::address::ResourceInstance;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::event::Event;
use crate::engine::objects::{self, Known, id_of};
use crate::engine::run::lock;
use crate::lang::value::from_json_state;
use crate::state::model::ObjectStatus;
use serde_json::Value as Json;

impl Planner<'_> {
    /// Looks for the object that was being created and puts it into the refreshed state. Nothing happens when it does not exist.
    pub(super) async fn adopt(
        &self,
        context: &BlockContext<'_>,
        address: &ResourceInstance,
        planned: &Json,
    ) -> Result<Diagnostics, Diagnostics> {
        let value = from_json_state(planned, &context.schema.block.ty).map_err(|e| {
            Diagnostic::error(
                "Unreadable journal",
                format!("What an interrupted run planned for {address} does not decode: {e}."),
            )
            .address(address)
        })?;
        let known = Known {
            value: context.schema.mark(value),
            private: Vec::new(),
            status: ObjectStatus::Ready,
            dependencies: self.dependency_texts(context.config),
            create_before_destroy: self.create_first.contains(context.config),
        };
        let Some(id) = id_of(&known.value) else {
            let text = format!(
                "An interrupted run was creating {address}, and only the service could tell its id. If the object exists now, no state \
                 knows it; this run makes another one."
            );
            return Ok(Diagnostic::warning("An object may have been left behind", text)
                .hint(format!("Look for it; take it over with `pipewright import '{address}' ID`, or delete it."))
                .address(address)
                .into());
        };
        let (found, mut diagnostics) = self.read(address, &context.schema, context.provider.as_ref(), &known).await?;
        let Some(found) = found else { return Ok(diagnostics) };
        let Some(object) = objects::encode(&context.schema, &found, None) else { return Ok(diagnostics) };
        if let Some(attribute) = contradiction(planned, &object.attributes) {
            let text = format!(
                "An interrupted run was creating {address} [id={id}]. An object with this id exists, but its {attribute} is not what \
                 was planned: somebody else may have made it, so it was not taken over."
            );
            diagnostics.push(
                Diagnostic::warning("An object of the same name exists", text)
                    .hint(format!(
                        "If it is yours, run `pipewright import '{address}' {id}`; otherwise choose another name."
                    ))
                    .address(address),
            );
            return Ok(diagnostics);
        }
        lock(&self.prior).set_current(address, context.provider_address, Some(object));
        let note = format!("{address}: Taken over from an interrupted run that had created it [id={id}]");
        self.run.events.event(Event::Note(note));
        Ok(diagnostics)
    }
}

/// The first attribute whose live value is another one than planned. What was unknown (null here) or is not set yet fits.
fn contradiction(planned: &Json, live: &Json) -> Option<String> {
    let (Json::Object(planned), Json::Object(live)) = (planned, live) else { return None };
    planned
        .iter()
        .find(|(name, value)| live.get(name.as_str()).is_some_and(|found| !fits(value, found)))
        .map(|(name, _)| name.clone())
}

fn fits(planned: &Json, live: &Json) -> bool {
    match (planned, live) {
        (Json::Null, _) | (_, Json::Null | Json::Bool(false)) => true,
        (_, Json::String(text)) if text.is_empty() => true,
        (_, Json::Array(items)) if items.is_empty() => true,
        (_, Json::Object(fields)) if fields.is_empty() => true,
        (Json::Object(planned), Json::Object(live)) => {
            planned.iter().all(|(name, value)| live.get(name).is_none_or(|found| fits(value, found)))
        }
        (Json::Array(planned), Json::Array(live)) => {
            planned.len() == live.len() && planned.iter().zip(live).all(|(p, l)| fits(p, l))
        }
        (planned, live) => planned == live,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_unknown_or_not_set_yet_contradicts_nothing() {
        let planned = json!({"name": "a", "arn": null, "tags": {"x": "1"}, "block": [{"n": 1, "id": null}]});
        assert_eq!(contradiction(&planned, &json!({"name": "a", "arn": "arn:x", "tags": {}, "block": []})), None);
        assert_eq!(contradiction(&planned, &json!({"name": "a", "tags": null, "block": [{"n": 1, "id": "i"}]})), None);
    }

    #[test]
    fn another_value_contradicts() {
        let planned = json!({"name": "a", "tags": {"x": "1"}});
        assert_eq!(contradiction(&planned, &json!({"name": "a", "tags": {"x": "2"}})).as_deref(), Some("tags"));
    }
}
