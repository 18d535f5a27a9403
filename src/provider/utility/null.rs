//! hashicorp/null: a resource that does nothing, for provisioners and triggers, and its data source.

use super::attribute::{Attr, Kind, Replace, computed, optional};
use super::{Data, Resource, Spec};
use crate::address::ResourceInstance;
use crate::diagnostics::Diagnostics;
use crate::lang::value::{Type, Value};
use crate::provider::Progress;
use async_trait::async_trait;

pub(super) static SPEC: Spec =
    Spec { name: "null", version: "3.3.1", resources: &[&NullResource], data: &[&NullDataSource] };

struct NullResource;
struct NullDataSource;

/// A positive number as text.
fn number() -> Value {
    Value::string((rand::random::<u64>() >> 1).to_string())
}

#[async_trait(?Send)]
impl Resource for NullResource {
    fn name(&self) -> &'static str {
        "null_resource"
    }

    fn attributes(&self) -> &'static [Attr] {
        const {
            &[
                computed("id", Kind::Text).kept(),
                optional("triggers", Kind::TextMap).replaces_when(Replace::UnlessNulls),
            ]
        }
    }

    async fn create(&self, planned: &Value, _: &dyn Progress) -> Result<Value, Diagnostics> {
        Ok(planned.with_field("id", number()))
    }
}

#[async_trait(?Send)]
impl Data for NullDataSource {
    fn name(&self) -> &'static str {
        "null_data_source"
    }

    fn attributes(&self) -> &'static [Attr] {
        const {
            &[
                optional("has_computed_default", Kind::Text).or_computed(),
                computed("id", Kind::Text).outdated(),
                optional("inputs", Kind::TextMap),
                computed("outputs", Kind::TextMap),
                computed("random", Kind::Text),
            ]
        }
    }

    fn deprecated(&self) -> Option<&'static str> {
        Some(
            "The null_data_source was historically used to construct intermediate values to re-use elsewhere in configuration, the \
             same can now be achieved using locals or the terraform_data resource type in Terraform 1.4 and later.",
        )
    }

    async fn read(
        &self,
        _: &ResourceInstance,
        config: &Value,
        _: &dyn Progress,
    ) -> Result<(Vec<(&'static str, Value)>, Diagnostics), Diagnostics> {
        let given = config.get("has_computed_default").filter(|v| !v.is_null()).cloned();
        let computed = vec![
            ("outputs", config.get("inputs").cloned().unwrap_or_else(|| Value::null(Type::map(Type::String)))),
            ("random", number()),
            ("has_computed_default", given.unwrap_or_else(|| Value::string("default"))),
            ("id", Value::string("static")),
        ];
        Ok((computed, Diagnostics::new()))
    }
}
