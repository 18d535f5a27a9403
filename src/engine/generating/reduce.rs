//! The arguments of an object that exists: all that can be set, then without those that contradict each other, then without those that
//! make no difference: neither to a new object nor to this one.

use super::draft::{Draft, Place, bare};
use crate::address::ResourceInstance;
use crate::diagnostics::Diagnostics;
use crate::engine::proposal::{Proposal, propose};
use crate::engine::schemas::TypeSchema;
use crate::lang::compose::Body;
use crate::lang::value::Value;
use crate::provider::Provider;

/// What is asked about one object.
struct Question<'a> {
    provider: &'a dyn Provider,
    schema: &'a TypeSchema,
    address: &'a ResourceInstance,
    object: &'a Value,
    private: &'a [u8],
}

/// What a configuration leads to, compared as [`bare`] values.
#[derive(PartialEq)]
struct Outcome {
    /// For the object as it is; `None` when it cannot be planned.
    changed: Option<(Value, usize)>,
    /// For a new object.
    new: Option<Value>,
}

/// The arguments that describe `object` (without marks), as they are written. They need not be valid: what an object does not tell, such
/// as a secret, is missing.
pub(in crate::engine) async fn arguments(
    provider: &dyn Provider,
    schema: &TypeSchema,
    address: &ResourceInstance,
    object: &Value,
    private: &[u8],
) -> Body {
    let question = Question { provider, schema, address, object, private };
    let mirrors = provider.mirrors(&address.resource.type_name);
    let block = &schema.raw.block;
    let mut draft = Draft::of(block, object, &|name| mirrors.iter().any(|m| m.attribute == name));
    question.resolve(&mut draft);
    question.drop_what_is_implied(&mut draft).await;
    question.write_documents(&mut draft).await;
    draft.body(block)
}

impl Question<'_> {
    fn errors(&self, draft: &Draft) -> usize {
        let config = draft.value(&self.schema.raw.block);
        let found = self.provider.validate_resource(&self.address.resource.type_name, &config);
        found.iter().filter(|d| d.is_error()).count()
    }

    /// Takes away arguments that exclude each other, one after the other, until no removal makes fewer errors.
    fn resolve(&self, draft: &mut Draft) {
        let mut errors = self.errors(draft);
        while errors > 0 {
            let mut places = draft.removable(&self.schema.raw.block);
            places.sort_by_key(|place| !is_second_choice(place));
            let Some((better, fewer)) = places
                .iter()
                .map(|place| draft.without(place))
                .map(|candidate| (self.errors(&candidate), candidate))
                .min_by_key(|(count, _)| *count)
                .map(|(count, candidate)| (candidate, count))
                .filter(|(_, count)| *count < errors)
            else {
                return;
            };
            *draft = better;
            errors = fewer;
        }
    }

    async fn drop_what_is_implied(&self, draft: &mut Draft) {
        let mut outcome = self.outcome(draft).await;
        let errors = self.errors(draft);
        for place in draft.removable(&self.schema.raw.block) {
            if !draft.has(&place) {
                continue;
            }
            let candidate = draft.without(&place);
            if self.errors(&candidate) > errors {
                continue;
            }
            let now = self.outcome(&candidate).await;
            if now == outcome {
                *draft = candidate;
                outcome = now;
            }
        }
    }

    async fn write_documents(&self, draft: &mut Draft) {
        let before = self.change(draft).await;
        for place in draft.documents() {
            if let Some(candidate) = draft.with_document(&place)
                && self.errors(&candidate) <= self.errors(draft)
                && self.change(&candidate).await == before
            {
                *draft = candidate;
            }
        }
    }

    async fn outcome(&self, draft: &Draft) -> Outcome {
        Outcome { changed: self.change(draft).await, new: self.creation(draft).await }
    }

    async fn change(&self, draft: &Draft) -> Option<(Value, usize)> {
        let proposal = self.propose(self.object, draft, self.private).await?;
        Some((bare(&proposal.planned), proposal.requires_replace.len()))
    }

    async fn creation(&self, draft: &Draft) -> Option<Value> {
        let nothing = Value::null(self.schema.block.ty.clone());
        self.propose(&nothing, draft, &[]).await.map(|p| bare(&p.planned))
    }

    async fn propose(&self, prior: &Value, draft: &Draft, private: &[u8]) -> Option<Proposal> {
        let config = draft.value(&self.schema.raw.block);
        let proposal: Result<(Proposal, Diagnostics), Diagnostics> =
            propose(self.provider, self.schema, self.address, prior, &config, private).await;
        proposal.ok().map(|(proposal, _)| proposal)
    }
}

/// Of two arguments that say the same, the prefix a name began with is the lesser.
fn is_second_choice(place: &Place) -> bool {
    place.name().ends_with("_prefix")
}
