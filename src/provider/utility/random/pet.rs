//! `random_pet`: a name that people can remember.

use super::KEEPERS;
use crate::diagnostics::Diagnostics;
use crate::lang::value::{Type, Value};
use crate::provider::Progress;
use crate::provider::utility::attribute::{Attr, Initial, Kind, computed, optional};
use crate::provider::utility::{Resource, text};
use async_trait::async_trait;

pub(super) struct Pet;

#[async_trait(?Send)]
impl Resource for Pet {
    fn name(&self) -> &'static str {
        "random_pet"
    }

    fn attributes(&self) -> &'static [Attr] {
        const {
            &[
                computed("id", Kind::Text).kept(),
                KEEPERS,
                optional("length", Kind::Int).or(Initial::Int(2)).replaces(),
                optional("prefix", Kind::Text).replaces(),
                optional("separator", Kind::Text).or(Initial::Text("-")).replaces(),
            ]
        }
    }

    async fn create(&self, planned: &Value, _: &dyn Progress) -> Result<Value, Diagnostics> {
        let words = planned.get("length").and_then(Value::as_i64).unwrap_or_default().clamp(1, 255) as u8;
        let (separator, prefix) = (text(planned, "separator"), text(planned, "prefix"));
        let mut name = String::new();
        petname::Petnames::default().namer(words, separator).generate_into(&mut name, &mut rand::rng());
        let name = name.to_lowercase();
        let id = if prefix.is_empty() { name } else { format!("{prefix}{separator}{name}") };
        let prefix = if prefix.is_empty() { Value::null(Type::String) } else { Value::string(prefix) };
        Ok(planned.with_field("id", Value::string(id)).with_field("prefix", prefix))
    }
}
