//! What CodeBuild will answer, as far as it follows from the configuration: ARN, default key, and the blocks it fills in itself.

use crate::lang::value::{Type, Value};
use crate::provider::aws::aws::Aws;
use crate::provider::aws::planner::Change;
use crate::provider::aws::settle::same_but_zero;

/// Amends the plan of a project.
pub fn project(aws: &Aws, change: &mut Change<'_>) {
    let badge = change.planned().value("badge_enabled").and_then(Value::as_bool);
    let public = change.planned().str("project_visibility") == "PUBLIC_READ";
    if !change.is_create() {
        if change.changed("badge_enabled") {
            change.unknown("badge_url");
        }
        if change.changed("project_visibility") {
            change.unknown("public_project_alias");
        }
        if change.config.known("cache") && !change.config.has("cache") {
            reset(change, "cache", one(no_cache()));
        }
        logs(change);
        return;
    }
    let name = change.config.string("name");
    if let Some(arn) = name.and_then(|name| aws.arn("codebuild", &format!("project/{name}"))) {
        change.set_str("arn", &arn);
        change.set_str("id", &arn);
    }
    if badge == Some(false) {
        change.set_str("badge_url", "");
    }
    if !public {
        change.set_str("public_project_alias", "");
    }
    if change.config.known("description") && !change.config.has("description") {
        change.set_str("description", "");
    }
    if change.config.known("encryption_key") && change.config.opt("encryption_key").is_none() {
        change.set_some("encryption_key", aws.arn("kms", "alias/aws/s3"));
    }
    if change.config.known("cache") && !change.config.has("cache") {
        change.set("cache", one(no_cache()));
    }
    logs(change);
}

/// Without a word on logs, those to CloudWatch are on and those to S3 off; the request says so itself.
fn logs(change: &mut Change<'_>) {
    let Some(planned) = change.planned().value("logs_config").cloned() else { return };
    let block = match planned.elements() {
        None => Value::object_of([("cloudwatch_logs", cloudwatch()), ("s3_logs", s3())]),
        Some([block]) if block.is_known() => {
            let mut block = block.clone();
            for (name, default) in [("cloudwatch_logs", cloudwatch()), ("s3_logs", s3())] {
                let config = change.config.block("logs_config");
                let known = config.as_ref().is_none_or(|c| c.known(name));
                let unset = config.is_none_or(|c| !c.has(name));
                // A block that is taken out of the configuration goes back to what it is by default.
                let reset = unset && block.get(name).is_some_and(|v| !same_but_zero(v, &default));
                if known && reset {
                    block = block.with_field(name, default);
                }
            }
            block
        }
        _ => return,
    };
    if change.config.known("logs_config") || planned.is_known() {
        change.set("logs_config", one(block));
    }
}

fn no_cache() -> Value {
    Value::object_of([
        ("location", Value::string("")),
        ("modes", Value::list(Type::String, Vec::new())),
        ("type", Value::string("NO_CACHE")),
    ])
}

/// A block that is taken out of the configuration goes back to what it is by default.
fn reset(change: &mut Change<'_>, name: &str, default: Value) {
    if change.planned().value(name).is_some_and(|planned| !same_but_zero(planned, &default)) {
        change.set(name, default);
    }
}

fn one(block: Value) -> Value {
    Value::list(block.ty(), vec![block])
}

fn cloudwatch() -> Value {
    one(Value::object_of([
        ("group_name", Value::string("")),
        ("status", Value::string("ENABLED")),
        ("stream_name", Value::string("")),
    ]))
}

fn s3() -> Value {
    one(Value::object_of([
        ("bucket_owner_access", Value::string("")),
        ("encryption_disabled", Value::bool(false)),
        ("location", Value::string("")),
        ("status", Value::string("DISABLED")),
    ]))
}
