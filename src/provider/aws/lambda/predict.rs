//! What will be known of a function once it is made or changed.

use super::{code, names};
use crate::lang::value::{Type, Value};
use crate::provider::aws::aws::Aws;
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;

/// Attributes an UpdateFunctionCode carries.
pub const CODE: &[&str] =
    &["architectures", "filename", "image_uri", "s3_bucket", "s3_key", "s3_object_version", "source_code_hash"];

/// Attributes an UpdateFunctionConfiguration carries.
pub const CONFIGURATION: &[&str] = &[
    "dead_letter_config",
    "description",
    "environment",
    "ephemeral_storage",
    "file_system_config",
    "handler",
    "image_config",
    "kms_key_arn",
    "layers",
    "logging_config",
    "memory_size",
    "role",
    "runtime",
    "snap_start",
    "timeout",
    "tracing_config",
    "vpc_config",
];

const LATEST: &str = "$LATEST";

/// Amends the plan.
pub fn function(aws: &Aws, change: &mut Change<'_>) {
    empty_blocks(change);
    if change.is_create() {
        new_function(aws, change);
    } else {
        log_levels(change);
        changed_function(change);
        unpublished(change);
    }
}

/// Blocks that say nothing are none.
fn empty_blocks(change: &mut Change<'_>) {
    for (name, inner) in [
        ("environment", &["variables"] as &[&str]),
        ("image_config", &["command", "entry_point", "working_directory"]),
        ("vpc_config", &["security_group_ids", "subnet_ids"]),
    ] {
        let planned = change.planned();
        let says_nothing = planned.block(name).is_some_and(|b| {
            !b.is_null()
                && b.as_value().is_known()
                && inner.iter().all(|i| b.known(i) && !b.has(i) && b.opt(i).is_none())
        });
        let had_none = change.prior.block(name).is_none();
        if says_nothing
            && had_none
            && let Some(Type::List(ty)) = change.planned().value(name).map(Value::ty)
        {
            change.set(name, Value::list(Type::clone(&ty), Vec::new()));
        }
    }
}

/// Log levels that are not configured stay as Lambda chose them, as long as the format stays.
fn log_levels(change: &mut Change<'_>) {
    let (Some(before), Some(planned)) =
        (change.prior.block("logging_config"), change.planned().block("logging_config"))
    else {
        return;
    };
    if before.str("log_format") != planned.str("log_format") || !planned.known("log_format") {
        return;
    }
    let mut block = planned.as_value().clone();
    for level in ["application_log_level", "system_log_level"] {
        if planned.known(level)
            && planned.opt(level).is_none()
            && let Some(chosen) = before.value(level)
        {
            block = block.with_field(level, chosen.clone());
        }
    }
    change.set("logging_config", Value::list(block.ty(), vec![block]));
}

fn new_function(aws: &Aws, change: &mut Change<'_>) {
    let name = change.config.string("function_name");
    let published = !change.planned().known("publish") || change.planned().bool("publish");
    let Some(name) = name else { return };
    if !name.contains(':') {
        if let Some(arn) = aws.arn("lambda", &format!("function:{name}")) {
            change.set_str("invoke_arn", names::invoke_arn(aws, &arn));
            // Numbers of versions go on where an earlier function of this name stopped.
            if !published {
                let latest = format!("{arn}:{LATEST}");
                change.set_str("qualified_invoke_arn", names::invoke_arn(aws, &latest));
                change.set_str("qualified_arn", latest);
            }
            change.set_str("arn", arn);
        }
        if !published {
            change.set_str("version", LATEST);
        }
        default_logging(change, &name);
    }
    change.set_str("id", name);
    let unset = |change: &Change<'_>, name: &str| {
        change.config.value(name).is_none_or(|v| v.is_null() || v.elements().is_some_and(<[Value]>::is_empty))
    };
    if unset(change, "architectures") {
        change.set("architectures", Value::list(Type::String, vec![Value::string("x86_64")]));
    }
    if unset(change, "ephemeral_storage") {
        one_block(change, "ephemeral_storage", &[("size", Value::number(512))]);
    }
    if unset(change, "tracing_config") {
        one_block(change, "tracing_config", &[("mode", Value::string("PassThrough"))]);
    }
    code_prints(change);
}

/// A new function writes text to a group of its own name, unless told otherwise.
fn default_logging(change: &mut Change<'_>, name: &str) {
    let group = Value::string(format!("/aws/lambda/{name}"));
    let configured = change.config.block("logging_config").map(|b| b.as_value().clone());
    match configured {
        None if change.config.known("logging_config") => {
            let none = || Value::string("");
            let text = ("log_format", Value::string("Text"));
            let levels = [("application_log_level", none()), ("system_log_level", none())];
            let [application, system] = levels;
            one_block(change, "logging_config", &[application, system, text, ("log_group", group)]);
        }
        Some(config) => {
            let Some(planned) = change.planned().block("logging_config").map(|b| b.as_value().clone()) else { return };
            let config = Obj::new(&config);
            let mut planned = planned;
            if config.value("log_group").is_some_and(Value::is_null) {
                planned = planned.with_field("log_group", group);
            }
            // With JSON Lambda chooses the levels that are not given.
            for level in ["application_log_level", "system_log_level"] {
                if config.str("log_format") != "Text" && config.value(level).is_none_or(Value::is_null) {
                    planned = planned.with_field(level, Value::unknown(Type::String));
                }
            }
            change.set("logging_config", Value::list(planned.ty(), vec![planned]));
        }
        None => {}
    }
}

/// Plans a list of one block.
fn one_block(change: &mut Change<'_>, name: &str, fields: &[(&'static str, Value)]) {
    let block = Value::object_of(fields.iter().cloned());
    change.set(name, Value::list(block.ty(), vec![block]));
}

fn changed_function(change: &mut Change<'_>) {
    let (code, configuration) = (change.changed_any(CODE), change.changed_any(CONFIGURATION));
    if code || configuration {
        change.unknown("last_modified");
    }
    if code {
        change.unknown("code_sha256");
        change.unknown("source_code_size");
        code_prints(change);
    }
    let publish = change.planned().bool("publish") || !change.planned().known("publish");
    if publish && (code || configuration || change.changed("publish")) {
        for name in ["version", "qualified_arn", "qualified_invoke_arn"] {
            change.unknown(name);
        }
    }
}

/// An imported function says nothing of publishing: that alone is no change.
fn unpublished(change: &mut Change<'_>) {
    let untold = change.prior.value("publish").is_some_and(Value::is_null);
    let planned = change.planned();
    let wanted = planned.bool("publish") || !planned.known("publish");
    if untold && !wanted && !change.changed_any(CODE) && !change.changed_any(CONFIGURATION) {
        change.keep("publish");
    }
}

/// Hash and size of a zip file that is there already.
fn code_prints(change: &mut Change<'_>) {
    let Some((size, hash)) = change.config.opt("filename").and_then(code::fingerprint) else { return };
    change.set_str("code_sha256", hash);
    change.set("source_code_size", Value::number(size));
}
