//! `random_shuffle`: texts in another order.

use super::KEEPERS;
use super::seed::Rand;
use crate::diagnostics::Diagnostics;
use crate::lang::value::{Type, Value};
use crate::provider::Progress;
use crate::provider::utility::attribute::{Attr, Kind, computed, optional, required};
use crate::provider::utility::{Resource, text};
use async_trait::async_trait;

pub(super) struct Shuffle;

#[async_trait(?Send)]
impl Resource for Shuffle {
    fn name(&self) -> &'static str {
        "random_shuffle"
    }

    fn attributes(&self) -> &'static [Attr] {
        const {
            &[
                computed("id", Kind::Text).kept(),
                required("input", Kind::Texts).replaces(),
                KEEPERS,
                computed("result", Kind::Texts).kept(),
                optional("result_count", Kind::Int).replaces(),
                optional("seed", Kind::Text).replaces(),
            ]
        }
    }

    async fn create(&self, planned: &Value, _: &dyn Progress) -> Result<Value, Diagnostics> {
        let input = planned.get("input").and_then(Value::elements).unwrap_or_default();
        let wanted = planned.get("result_count").and_then(Value::as_i64);
        let wanted = wanted.map_or(input.len(), |n| usize::try_from(n).unwrap_or_default());
        let mut rand = Rand::of(text(planned, "seed"));
        let mut result: Vec<Value> = Vec::new();
        while result.len() < wanted && !input.is_empty() {
            let order = rand.permutation(input.len());
            let left = wanted - result.len();
            result.extend(order.into_iter().filter_map(|i| input.get(i).cloned()).take(left));
        }
        Ok(planned.with_field("id", Value::string("-")).with_field("result", Value::list(Type::String, result)))
    }
}
