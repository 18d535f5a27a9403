//! `aws_lambda_permission`: one statement of a function's policy, that lets a service or an account use it.

use super::names::{self, GONE};
use super::permission_bulk;
use crate::lang::value::Value;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::naming;
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::wait::{Look, propagating};
use async_trait::async_trait;
use aws_sdk_lambda::types as t;
use serde_json::Value as Json;
use std::time::Duration;

/// The type.
pub struct Permission;

/// How long a function may take to be known everywhere (the window the original provider allows).
const PROPAGATION: Duration = Duration::from_secs(300);

#[async_trait(?Send)]
impl ResourceType for Permission {
    fn name(&self) -> &'static str {
        "aws_lambda_permission"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_lambda_permission.json")
    }

    fn same(&self, path: &str, prior: &Value, next: &Value, _config: &Obj<'_>) -> bool {
        path == "principal" && prior.as_str().zip(next.as_str()).is_some_and(|(a, b)| same_principal(a, b))
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        if let Some(id) = change.config.string("statement_id").filter(|_| change.is_create()) {
            change.set_str("statement_id_prefix", "");
            change.set_str("id", id);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let id = naming::name(plan.opt("statement_id"), plan.opt("statement_id_prefix"));
        let function = plan.str("function_name");
        // Lambda keeps statements in one document and may lose one of two added side by side.
        let _turn = cx.aws.lock(&format!("lambda policy {function}")).await;
        let passing = |f: &Failure| match f.code() {
            "ResourceConflictException" if !f.message().contains("already exists") => {
                Some("another change of the function is under way")
            }
            "ResourceNotFoundException" => Some("Lambda does not know the function yet"),
            _ => propagating(f),
        };
        let call = cx
            .aws
            .lambda()
            .add_permission()
            .function_name(function)
            .statement_id(&id)
            .action(plan.str("action"))
            .principal(plan.str("principal"))
            .set_event_source_token(plan.string("event_source_token"))
            .set_function_url_auth_type(plan.opt("function_url_auth_type").map(t::FunctionUrlAuthType::from))
            .set_principal_org_id(plan.string("principal_org_id"))
            .set_qualifier(plan.string("qualifier"))
            .set_source_account(plan.string("source_account"))
            .set_source_arn(plan.string("source_arn"));
        cx.retry(PROPAGATION.min(cx.timeout), passing, || {
            let call = call.clone();
            async move { Ok(call.send().await?) }
        })
        .await?;
        made.id(id.as_str());
        made.set(Attrs::new().str("statement_id", id.as_str()));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let (function, id) = (prior.str("function_name"), prior.str("id"));
        let Some(policy) = permission_bulk::find(cx, function, prior.str("qualifier")).await? else { return Ok(None) };
        Ok(statement(&policy, id).map(|found| {
            let attrs = attributes(&found, function).str("id", id);
            let shown = attrs.get_str("principal").unwrap_or_default();
            let before = prior.opt("principal").filter(|before| same_principal(before, shown)).map(str::to_owned);
            match before {
                Some(before) => attrs.str("principal", before),
                None => attrs,
            }
        }))
    }

    /// Every attribute needs a new statement.
    async fn update(&self, _cx: &Cx<'_>, _prior: &Obj<'_>, _plan: &Obj<'_>) -> Outcome<()> {
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let (function, id, qualifier) = (prior.str("function_name"), prior.str("id"), prior.string("qualifier"));
        let _turn = cx.aws.lock(&format!("lambda policy {function}")).await;
        let call = cx.aws.lambda().remove_permission().function_name(function).statement_id(id);
        if call.set_qualifier(qualifier).send().await.or_gone(GONE)?.is_none() {
            return Ok(());
        }
        cx.wait_until("the permission to go", PROPAGATION.min(cx.timeout), || async {
            let policy = permission_bulk::find(cx, function, prior.str("qualifier")).await?;
            Ok(match policy.and_then(|p| statement(&p, id)) {
                Some(_) => Look::NotYet("Lambda still shows it".into()),
                None => Look::Done(()),
            })
        })
        .await
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        let wrong = || {
            Failure::said(
                "Invalid permission id",
                format!(
                    "{id:?} is not the import id of a permission: give FUNCTION_NAME/STATEMENT_ID or FUNCTION_NAME:QUALIFIER/STATEMENT_ID."
                ),
            )
        };
        let (function, statement) = id.split_once('/').ok_or_else(wrong)?;
        if function.is_empty() || statement.is_empty() || statement.contains('/') {
            return Err(wrong());
        }
        let qualifier = match names::parts(function) {
            Some(parts) => parts.qualifier,
            None => function.split_once(':').map(|(_, qualifier)| qualifier),
        };
        // The qualifier goes apart from the name.
        let name = qualifier.and_then(|q| function.strip_suffix(q)?.strip_suffix(':')).unwrap_or(function);
        Ok(Attrs::new().str("id", statement).str("function_name", name).opt("qualifier", qualifier))
    }
}

/// The statement with this id.
fn statement(policy: &str, id: &str) -> Option<Json> {
    let policy: Json = serde_json::from_str(policy).ok()?;
    let statements = policy.get("Statement")?.as_array()?.clone();
    statements.into_iter().find(|s| s.get("Sid").and_then(Json::as_str) == Some(id))
}

/// `function` is the name as configured: the same form is given back.
fn attributes(statement: &Json, function: &str) -> Attrs {
    let text = |name: &str| statement.get(name).and_then(Json::as_str);
    let conditions = |operator: &str| statement.get("Condition").and_then(|c| c.get(operator));
    let principal = match statement.get("Principal") {
        Some(Json::String(all)) => Some(all.as_str()),
        Some(some) => some.get("AWS").or_else(|| some.get("Service")).and_then(Json::as_str),
        None => None,
    };
    let resource = names::parts(text("Resource").unwrap_or_default());
    let name = resource.map(|r| if function.starts_with("arn:") { r.arn } else { r.name });
    let sid = text("Sid").unwrap_or_default();
    let mut attrs = Attrs::new()
        .str("statement_id", sid)
        .opt("statement_id_prefix", naming::prefix_of(sid))
        .opt("action", text("Action"))
        .str("function_name", name.unwrap_or(function))
        .opt("qualifier", resource.and_then(|r| r.qualifier))
        .opt("principal", principal);
    if let Some(equals) = conditions("StringEquals") {
        for (name, key) in [
            ("event_source_token", "lambda:EventSourceToken"),
            ("function_url_auth_type", "lambda:FunctionUrlAuthType"),
            ("principal_org_id", "aws:PrincipalOrgID"),
            ("source_account", "AWS:SourceAccount"),
        ] {
            attrs = attrs.opt(name, equals.get(key).and_then(Json::as_str));
        }
    }
    if let Some(like) = conditions("ArnLike") {
        attrs = attrs.opt("source_arn", like.get("AWS:SourceArn").and_then(Json::as_str));
    }
    attrs
}

/// Whether two principals are the same: Lambda shows an account as the ARN of its root.
fn same_principal(a: &str, b: &str) -> bool {
    fn account(principal: &str) -> &str {
        let parts: Vec<_> = principal.splitn(6, ':').collect();
        match parts.as_slice() {
            ["arn", _, "iam", "", account, "root"] => account,
            _ => principal,
        }
    }
    account(a) == account(b)
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;

    const POLICY: &str = r#"{"Version":"2012-10-17","Id":"default","Statement":[{"Sid":"s","Effect":"Allow",
        "Principal":{"Service":"events.amazonaws.com"},"Action":"lambda:InvokeFunction",
        "Resource":"arn:aws:lambda:us-east-1:123456789012:function:f:live",
        "Condition":{"StringEquals":{"AWS:SourceAccount":"123456789012"},"ArnLike":{"AWS:SourceArn":"arn:aws:events:x"}}}]}"#;

    #[test]
    fn a_statement_is_read_in_the_form_the_function_was_named_in() {
        let found = statement(POLICY, "s").unwrap();
        let by_name = attributes(&found, "f");
        assert_eq!(by_name.get_str("function_name"), Some("f"));
        assert_eq!(by_name.get_str("qualifier"), Some("live"));
        assert_eq!(by_name.get_str("principal"), Some("events.amazonaws.com"));
        assert_eq!(by_name.get_str("source_arn"), Some("arn:aws:events:x"));
        let arn = "arn:aws:lambda:us-east-1:123456789012:function:f";
        assert_eq!(attributes(&found, arn).get_str("function_name"), Some(arn));
        assert!(statement(POLICY, "t").is_none());
    }

    #[test]
    fn an_account_is_its_root() {
        assert!(same_principal("111122223333", "arn:aws:iam::111122223333:root"));
        assert!(!same_principal("111122223333", "arn:aws:iam::111122224444:root"));
        assert!(!same_principal("111122223333", "arn:aws:iam::111122223333:role/root"));
    }
}
