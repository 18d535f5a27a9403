//! `aws_lambda_function`: a function from a zip file, an object in S3 or an image.

use super::names::{self, GONE};
use super::{code, expand, flatten, predict, states};
use crate::diagnostics::Diagnostic;
use crate::lang::value::Value;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::checks::Checks;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType, Timeouts, minutes};
use crate::provider::aws::tags::TagChange;
use async_trait::async_trait;
use aws_sdk_lambda::types as t;

/// The type.
pub struct Function;

const ZIP: &str = "Zip";

#[async_trait(?Send)]
impl ResourceType for Function {
    fn name(&self) -> &'static str {
        "aws_lambda_function"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_lambda_function.json")
    }

    fn timeouts(&self) -> Timeouts {
        Timeouts { create: minutes(10), read: None, update: minutes(10), delete: minutes(10) }
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        let zip = config.known("package_type") && config.opt("package_type").unwrap_or(ZIP) == ZIP;
        let missing = |name: &str| config.known(name) && config.opt(name).is_none();
        if zip && (missing("handler") || missing("runtime")) {
            let detail = "handler and runtime must be set when PackageType is Zip.";
            checks.wrong("handler", "Missing required argument", detail);
        }
        let name = config.opt("function_name").map(|n| names::parts(n).map_or(n, |p| p.name));
        if let Some(name) = name.filter(|n| n.len() > 64) {
            let detail = format!("{name} has {} characters.", name.len());
            checks.wrong(
                "function_name",
                "expected length of the Lambda function name to be less than or equal to 64",
                detail,
            );
        }
        if let Some(runtime) = config.opt("runtime").filter(|r| !t::Runtime::values().contains(r)) {
            // Lambda learns runtimes more often than this program is released.
            checks.push(
                Diagnostic::warning(
                    "Unknown runtime",
                    format!("{runtime:?} is not among the runtimes this program knows."),
                )
                .hint("Check the spelling; a runtime newer than this program is passed on as it is."),
            );
        }
        if config.bool("replace_security_groups_on_destroy") && missing("replacement_security_group_ids") {
            let detail = "Without replacement_security_group_ids the default group of the VPC would have to be looked up in EC2, which this program does not manage.";
            let wrong = Diagnostic::error("Missing replacement_security_group_ids", detail);
            checks.push(
                wrong.hint("Set replacement_security_group_ids, for example to aws_vpc.x.default_security_group_id."),
            );
        }
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        predict::function(aws, change);
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let name = plan.str("function_name");
        let zip = plan.str("package_type") == ZIP;
        let tags = plan.string_map("tags_all").into_iter().collect::<std::collections::HashMap<_, _>>();
        let layers = plan.strings("layers");
        let files = expand::file_systems(plan)?;
        let call = cx
            .aws
            .lambda()
            .create_function()
            .function_name(name)
            .code(code::source(plan).await?)
            .description(plan.str("description"))
            .set_memory_size(plan.int32("memory_size"))
            .set_timeout(plan.int32("timeout"))
            .set_package_type(plan.opt("package_type").map(t::PackageType::from))
            .publish(plan.bool("publish"))
            .role(plan.str("role"))
            .set_architectures(expand::architectures(plan))
            .set_code_signing_config_arn(plan.string("code_signing_config_arn"))
            .set_dead_letter_config(expand::dead_letters(plan))
            .set_environment(expand::environment(plan))
            .set_ephemeral_storage(expand::storage(plan)?)
            .set_file_system_configs(Some(files).filter(|f| !f.is_empty()))
            .set_handler(plan.string("handler").filter(|_| zip))
            .set_runtime(plan.opt("runtime").filter(|_| zip).map(t::Runtime::from))
            .set_image_config(expand::image(plan))
            .set_kms_key_arn(plan.string("kms_key_arn"))
            .set_layers(Some(layers).filter(|l| !l.is_empty()))
            .set_logging_config(expand::logging(plan).filter(|_| configured(cx, "logging_config")))
            .set_snap_start(expand::snap_start(plan))
            .set_tracing_config(expand::tracing(plan).filter(|_| configured(cx, "tracing_config")))
            .set_vpc_config(expand::vpc(plan))
            .set_tags(Some(tags).filter(|t| !t.is_empty()));
        states::through(cx, || {
            let call = call.clone();
            async move { Ok(call.send().await?) }
        })
        .await?;
        made.id(name);
        states::created(cx, name).await?;
        match plan.int32("reserved_concurrent_executions").filter(|n| *n >= 0) {
            Some(reserved) => put_concurrency(cx, name, reserved).await,
            None => Ok(()),
        }
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let name = prior.str("id");
        let answer = cx.aws.lambda().get_function().function_name(name).send().await.or_gone(GONE)?;
        let Some(answer) = answer else { return Ok(None) };
        let Some(live) = answer.configuration() else { return Ok(None) };
        let (version, qualified) = latest(cx, name).await?;
        let arn = live.function_arn().unwrap_or_default();
        let mut attrs = flatten::function(&answer, live)
            .with(flatten::resource_only(live))
            .str("id", name)
            .str("arn", arn)
            .str("invoke_arn", names::invoke_arn(cx.aws, arn))
            .str("qualified_invoke_arn", names::invoke_arn(cx.aws, &qualified))
            .str("qualified_arn", qualified)
            .str("version", version)
            // Lambda knows nothing of it: what was configured stays.
            .str("source_code_hash", prior.str("source_code_hash"));
        if live.package_type() != Some(&t::PackageType::Image) && signs(cx.aws) {
            attrs = attrs.opt("code_signing_config_arn", signing(cx, name).await?);
        } else {
            attrs = attrs.str("code_signing_config_arn", "");
        }
        // Taken away, it is an empty one for a while.
        let empty =
            live.environment().is_some_and(|e| e.variables().is_none_or(|v| v.is_empty()) && e.error().is_none());
        if empty && !prior.has("environment") {
            attrs = attrs.blocks("environment", []);
        }
        let tags = answer.tags().map(|t| t.clone().into_iter().collect()).unwrap_or_default();
        Ok(Some(cx.aws.with_tags(attrs, tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let name = prior.str("id");
        if plan.differs(prior, "code_signing_config_arn") {
            put_signing(cx, name, plan.opt("code_signing_config_arn")).await?;
        }
        let configuration = plan.differs_any(prior, predict::CONFIGURATION);
        if configuration {
            update_configuration(cx, name, prior, plan).await?;
        }
        let code = plan.differs_any(prior, predict::CODE);
        if code {
            update_code(cx, name, prior, plan).await?;
        }
        if plan.differs(prior, "reserved_concurrent_executions") {
            match plan.int32("reserved_concurrent_executions").filter(|n| *n >= 0) {
                Some(reserved) => put_concurrency(cx, name, reserved).await?,
                None => {
                    cx.aws.lambda().delete_function_concurrency().function_name(name).send().await?;
                }
            }
        }
        if plan.bool("publish") && (code || configuration || plan.differs(prior, "publish")) {
            let published = states::through(cx, || {
                let call = cx.aws.lambda().publish_version().function_name(name);
                async move { Ok(call.send().await?) }
            });
            let published = published.await?;
            states::updated(cx, name, published.version()).await?;
        }
        let (change, arn) = (TagChange::between(prior, plan), prior.str("arn"));
        if !change.remove.is_empty() {
            cx.aws.lambda().untag_resource().resource(arn).set_tag_keys(Some(change.remove)).send().await?;
        }
        if !change.set.is_empty() {
            let tags = change.set.into_iter().collect();
            cx.aws.lambda().tag_resource().resource(arn).set_tags(Some(tags)).send().await?;
        }
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        if prior.bool("skip_destroy") {
            return Ok(());
        }
        let name = prior.str("id");
        replace_security_groups(cx, name, prior).await?;
        let replicated = |f: &Failure| {
            f.says("InvalidParameterValueException", "because it is a replicated function")
                .then_some("its replicas at CloudFront's edges are not gone yet")
        };
        let gone = cx.retry(cx.timeout, replicated, || {
            let call = cx.aws.lambda().delete_function().function_name(name);
            async move { Ok(call.send().await?) }
        });
        match gone.await.or_gone(GONE)? {
            Some(_) => states::deleted(cx, name).await,
            None => Ok(()),
        }
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        Ok(Attrs::new().str("id", id).str("function_name", id).null("publish"))
    }
}

/// Whether the configuration itself has this block.
fn configured(cx: &Cx<'_>, name: &str) -> bool {
    cx.config.get(name).and_then(Value::elements).is_some_and(|e| !e.is_empty())
}

/// Version and ARN of the latest published version, or of `$LATEST`.
pub async fn latest(cx: &Cx<'_>, name: &str) -> Outcome<(String, String)> {
    let mut last = None;
    let mut versions = cx.aws.lambda().list_versions_by_function().function_name(name).into_paginator().items().send();
    while let Some(version) = versions.next().await {
        last = Some(version?);
    }
    let text = |s: Option<&str>| s.unwrap_or_default().to_owned();
    Ok(last.map(|l| (text(l.version()), text(l.function_arn()))).unwrap_or_default())
}

async fn update_configuration(cx: &Cx<'_>, name: &str, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
    let changed = |attribute: &str| plan.differs(prior, attribute);
    let text = |attribute: &str| changed(attribute).then(|| plan.str(attribute).to_owned());
    let none = || t::DeadLetterConfig::builder().target_arn("").build();
    let environment = changed("environment") || changed("kms_key_arn");
    let layers = changed("layers").then(|| plan.strings("layers"));
    let files = expand::file_systems(plan)?;
    let snap = || t::SnapStart::builder().apply_on(t::SnapStartApplyOn::None).build();
    let call = cx
        .aws
        .lambda()
        .update_function_configuration()
        .function_name(name)
        .set_dead_letter_config(changed("dead_letter_config").then(|| expand::dead_letters(plan).unwrap_or_else(none)))
        .set_description(text("description"))
        .set_environment(environment.then(|| expand::environment(plan).unwrap_or_else(expand::no_environment)))
        .set_ephemeral_storage(expand::storage(plan)?.filter(|_| changed("ephemeral_storage")))
        .set_file_system_configs(changed("file_system_config").then_some(files))
        .set_handler(text("handler"))
        .set_image_config(
            changed("image_config").then(|| expand::image(plan).unwrap_or_else(|| t::ImageConfig::builder().build())),
        )
        .set_kms_key_arn(text("kms_key_arn"))
        .set_layers(layers)
        .set_logging_config(expand::logging(plan).filter(|_| changed("logging_config")))
        .set_memory_size(plan.int32("memory_size").filter(|_| changed("memory_size")))
        .set_role(text("role"))
        .set_runtime(plan.opt("runtime").filter(|_| changed("runtime")).map(t::Runtime::from))
        .set_snap_start(changed("snap_start").then(|| expand::snap_start(plan).unwrap_or_else(snap)))
        .set_timeout(plan.int32("timeout").filter(|_| changed("timeout")))
        .set_tracing_config(expand::tracing(plan).filter(|_| changed("tracing_config")))
        .set_vpc_config(changed("vpc_config").then(|| expand::vpc(plan).unwrap_or_else(expand::no_vpc)));
    states::through(cx, || {
        let call = call.clone();
        async move { Ok(call.send().await?) }
    })
    .await?;
    states::updated(cx, name, None).await
}

async fn update_code(cx: &Cx<'_>, name: &str, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
    let source = code::source(plan).await?;
    let call = cx
        .aws
        .lambda()
        .update_function_code()
        .function_name(name)
        .set_zip_file(source.zip_file().cloned())
        .set_image_uri(source.image_uri().map(str::to_owned))
        .set_s3_bucket(source.s3_bucket().map(str::to_owned))
        .set_s3_key(source.s3_key().map(str::to_owned))
        .set_s3_object_version(source.s3_object_version().map(str::to_owned))
        .set_architectures(expand::architectures(plan).filter(|_| plan.differs(prior, "architectures")));
    states::through(cx, || {
        let call = call.clone();
        async move { Ok(call.send().await?) }
    })
    .await?;
    states::updated(cx, name, None).await
}

async fn put_concurrency(cx: &Cx<'_>, name: &str, reserved: i32) -> Outcome<()> {
    let call = cx.aws.lambda().put_function_concurrency().function_name(name);
    call.reserved_concurrent_executions(reserved).send().await?;
    Ok(())
}

async fn put_signing(cx: &Cx<'_>, name: &str, config: Option<&str>) -> Outcome<()> {
    let client = cx.aws.lambda();
    match config {
        Some(config) => {
            let call = client.put_function_code_signing_config().function_name(name);
            call.code_signing_config_arn(config).send().await?;
        }
        None => {
            client.delete_function_code_signing_config().function_name(name).send().await?;
        }
    }
    Ok(())
}

/// Whether code signing exists here. Elsewhere asking for it answers with misleading errors.
pub fn signs(aws: &Aws) -> bool {
    const REGIONS: &[&str] = &[
        "af-south-1",
        "ap-east-1",
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "eu-central-1",
        "eu-north-1",
        "eu-south-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "me-south-1",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    ];
    aws.partition().id == "aws" && REGIONS.contains(&aws.region())
}

/// The code signing configuration of a function.
pub async fn signing(cx: &Cx<'_>, name: &str) -> Outcome<Option<String>> {
    let answer = cx.aws.lambda().get_function_code_signing_config().function_name(name).send().await;
    let found = answer.or_gone(GONE)?.map(|a| a.code_signing_config_arn);
    Ok(found.filter(|arn| !arn.is_empty()))
}

/// Frees the security groups of a function in a VPC: its network interfaces live on for a while after it.
async fn replace_security_groups(cx: &Cx<'_>, name: &str, prior: &Obj<'_>) -> Outcome<()> {
    let replacements = prior.strings("replacement_security_group_ids");
    let in_vpc = prior.block("vpc_config").is_some_and(|b| b.has("security_group_ids"));
    if !prior.bool("replace_security_groups_on_destroy") || !in_vpc || replacements.is_empty() {
        return Ok(());
    }
    let vpc = t::VpcConfig::builder().set_security_group_ids(Some(replacements)).build();
    let changed = states::through(cx, || {
        let call = cx.aws.lambda().update_function_configuration().function_name(name).vpc_config(vpc.clone());
        async move { Ok(call.send().await?) }
    });
    match changed.await.or_gone(GONE)? {
        Some(_) => states::updated(cx, name, None).await,
        None => Ok(()),
    }
}
