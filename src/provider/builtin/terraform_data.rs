//! `terraform_data`: keeps a value of any type, and is replaced when its triggers change. Behaves as Terraform's, to the byte in state.

use crate::diagnostics::Diagnostics;
use crate::lang::value::{Path, Type, Value};
use crate::provider::schema::{Attribute, Block, Schema};
use crate::provider::{ApplyRequest, ApplyResponse, Object, PlanRequest, PlanResponse};
use std::sync::Arc;

pub(super) fn schema() -> Schema {
    let attribute = |ty: Type, optional: bool, computed: bool| Attribute {
        ty,
        required: false,
        optional,
        computed,
        sensitive: false,
        write_only: false,
        deprecated: false,
    };
    let attributes = [
        ("id", attribute(Type::String, false, true)),
        ("input", attribute(Type::Dynamic, true, false)),
        ("output", attribute(Type::Dynamic, false, true)),
        ("triggers_replace", attribute(Type::Dynamic, true, false)),
    ];
    Schema {
        version: 0,
        block: Block {
            attributes: attributes.into_iter().map(|(n, a)| (Arc::from(n), a)).collect(),
            ..Block::default()
        },
    }
}

fn null() -> Value {
    Value::null(Type::Dynamic)
}

fn field(value: &Value, name: &str) -> Value {
    value.get(name).cloned().unwrap_or_else(null)
}

/// The output is of the input's type, known once applied; null for a null input.
fn future_output(input: &Value) -> Value {
    if input.is_null() { input.clone() } else { Value::unknown(input.ty()) }
}

pub(super) fn plan(request: &PlanRequest<'_>) -> PlanResponse {
    let input = field(request.proposed, "input");
    let mut planned = request.proposed.clone();
    let mut requires_replace = Vec::new();
    if request.prior.is_null() {
        planned = planned.with_field("id", Value::unknown_not_null(Type::String));
        planned = planned.with_field("output", future_output(&input));
    } else if field(request.prior, "triggers_replace") != field(request.proposed, "triggers_replace") {
        requires_replace.push(Path::attrs(["triggers_replace"]));
        planned = planned.with_field("id", Value::unknown_not_null(Type::String));
        planned = planned.with_field("output", future_output(&input));
    } else if field(request.prior, "input") != input {
        planned = planned.with_field("output", Value::unknown(input.ty()));
    }
    PlanResponse { planned, requires_replace, private: request.prior_private.to_vec(), diagnostics: Diagnostics::new() }
}

pub(super) fn apply(request: &ApplyRequest<'_>) -> ApplyResponse {
    let mut value = request.planned.clone();
    if !value.is_null() {
        if value.get("id").is_some_and(|id| !id.is_known()) {
            value = value.with_field("id", Value::string(uuid::Uuid::new_v4().to_string()));
        }
        if value.get("output").is_some_and(|output| !output.is_known()) {
            let input = field(&value, "input");
            value = value.with_field("output", input);
        }
    }
    ApplyResponse { object: Object { value, private: request.private.to_vec() }, diagnostics: Diagnostics::new() }
}

pub(super) fn imported(id: &str) -> Value {
    Value::object_of([("id", Value::string(id)), ("input", null()), ("output", null()), ("triggers_replace", null())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::{ModuleInstance, Resource, ResourceInstance};

    fn planned(prior: &Value, config: &Value) -> PlanResponse {
        let address = ResourceInstance {
            module: ModuleInstance::root(),
            resource: Resource::managed("terraform_data", "x"),
            key: None,
        };
        let proposed = crate::provider::schema::proposed_new(&schema().block, prior, config);
        plan(&PlanRequest {
            address: &address,
            type_name: "terraform_data",
            prior,
            config,
            proposed: &proposed,
            prior_private: &[],
        })
    }

    fn object(id: Value, input: &str, output: Value, trigger: &str) -> Value {
        Value::object_of([
            ("id", id),
            ("input", Value::string(input)),
            ("output", output),
            ("triggers_replace", Value::string(trigger)),
        ])
    }

    #[test]
    fn a_new_input_changes_the_output_in_place() {
        let prior = object(Value::string("1"), "a", Value::string("a"), "t");
        let config = object(Value::null(Type::String), "b", null(), "t");
        let response = planned(&prior, &config);
        assert!(response.requires_replace.is_empty());
        assert_eq!(field(&response.planned, "id"), Value::string("1"));
        assert_eq!(field(&response.planned, "output"), Value::unknown(Type::String));
    }

    #[test]
    fn a_new_trigger_replaces() {
        let prior = object(Value::string("1"), "a", Value::string("a"), "t");
        let config = object(Value::null(Type::String), "a", null(), "u");
        assert_eq!(planned(&prior, &config).requires_replace, [Path::attrs(["triggers_replace"])]);
    }
}
