//! Data `aws_iam_policy_document`. See [`super::policy_document`] for what it does.

use super::policy_document::render;
use crate::diagnostics::Diagnostics;
use crate::lang::value::{Kind, Type, Value};
use crate::provider::aws::attrs::{Attrs, zero};
use crate::provider::aws::checks::Checks;
use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use async_trait::async_trait;

/// The type.
pub struct PolicyDocument;

#[async_trait(?Send)]
impl DataType for PolicyDocument {
    fn name(&self) -> &'static str {
        "aws_iam_policy_document"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_iam_policy_document.json")
    }

    fn offline(&self) -> bool {
        true
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        if !config.as_value().is_wholly_known() {
            return;
        }
        let found = match render(config.as_value()) {
            Ok((_, warnings)) => warnings,
            Err(errors) => errors,
        };
        found.into_iter().for_each(|d| checks.push(d));
    }

    async fn read(&self, _cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let (rendered, _) = render(config.as_value()).map_err(first)?;
        let mut attrs =
            Attrs::new().str("id", rendered.id).str("json", rendered.json).str("minified_json", rendered.minified);
        if let Some(statements) = config.value("statement") {
            attrs = attrs.value("statement", with_defaults(statements));
        }
        Ok(attrs)
    }
}

fn first(errors: Diagnostics) -> Failure {
    let first = errors.into_iter().next();
    first.map_or_else(
        || Failure::said("Invalid policy document", "The document could not be put together."),
        Failure::from,
    )
}

/// The statements as they are stored: effect Allow unless said otherwise, nothing else absent.
fn with_defaults(statements: &Value) -> Value {
    let Kind::List(ty, items) = statements.kind() else { return statements.clone() };
    let filled = items.iter().map(|item| {
        let fields = item.fields().into_iter().flatten().map(|(name, value)| {
            let value = match value.kind() {
                Kind::Null(Type::String) if name.as_ref() == "effect" => Value::string("Allow"),
                Kind::Null(ty) => zero(ty),
                _ => value.clone(),
            };
            (name.clone(), value)
        });
        Value::object(fields.collect())
    });
    Value::list(ty.clone(), filled.collect())
}
