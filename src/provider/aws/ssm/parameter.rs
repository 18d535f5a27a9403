//! `aws_ssm_parameter`: a value kept by name, in plain text or encrypted. The value may be given as `value` (hidden), as
//! `insecure_value` (shown), or as `value_wo`, which is never stored.

use super::bulk::{self, GONE};
use crate::lang::value::{Type, Value};
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::checks::Checks;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::tagging;
use crate::provider::aws::tags::{TagChange, Tags};
use async_trait::async_trait;
use aws_sdk_ssm::operation::put_parameter::builders::PutParameterFluentBuilder;
use aws_sdk_ssm::types as t;

/// The type.
pub struct Parameter;

const SECURE: &str = "SecureString";
const ANY_TIER: &str = "Intelligent-Tiering";
/// Attributes a PutParameter carries.
const DECLARED: &[&str] = &[
    "allowed_pattern",
    "arn",
    "data_type",
    "description",
    "insecure_value",
    "key_id",
    "tier",
    "type",
    "value",
    "value_wo_version",
];

#[async_trait(?Send)]
impl ResourceType for Parameter {
    fn name(&self) -> &'static str {
        "aws_ssm_parameter"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_ssm_parameter.json")
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        if config.str("type") == SECURE && config.opt("insecure_value").is_some() {
            let detail = "invalid configuration, cannot set type = SecureString and insecure_value: give the value as `value` or `value_wo`.";
            checks.wrong("insecure_value", "Invalid combination of arguments", detail);
        }
    }

    /// SSM chooses the tier where it is left to it.
    fn same(&self, path: &str, prior: &Value, next: &Value, _config: &Obj<'_>) -> bool {
        path == "tier" && next.as_str() == Some(ANY_TIER) && prior.as_str().is_some_and(|p| !p.is_empty())
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        if change.is_create() {
            predict_new(aws, change);
        } else {
            if change.prior.str("tier") == "Advanced" && change.planned().str("tier") == "Standard" {
                change.force_new("tier");
            }
            // The value moves from one attribute to the other.
            if change.config.opt("insecure_value").is_some() && change.changed("insecure_value") {
                change.set_str("value", "");
            } else if change.config.opt("value").is_some() && change.changed("value") {
                change.set_str("insecure_value", "");
            }
            if change.changed_any(DECLARED) {
                change.unknown("version");
            }
        }
        if change.planned().known("value_wo_version") {
            predict_write_only(change);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let config = Obj::new(&cx.config);
        let (name, tags) = (plan.str("name"), plan.string_map("tags_all"));
        let overwrite = config.bool("overwrite");
        let tier = config.opt("tier").map(t::ParameterTier::from);
        let key = plan.string("key_id").filter(|_| plan.str("type") == SECURE);
        let call = put(cx, name, plan)
            .overwrite(overwrite)
            .set_data_type(plan.string("data_type"))
            .set_description(plan.string("description"))
            .set_key_id(key);
        // SSM takes tags only with a parameter that is new.
        let sdk = sdk_tags(tags.clone())?;
        let call = call.set_tags(Some(sdk).filter(|t| !overwrite && !t.is_empty()));
        send(call, tier).await?;
        made.id(name);
        if overwrite {
            write_tags(cx, name, &TagChange { set: tags, remove: Vec::new() }).await?;
        }
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let id = prior.str("id");
        let Some((live, metadata)) = bulk::find(cx, id).await? else { return Ok(None) };
        let arn = live.arn().unwrap_or_default();
        let tags = match tagging::confirmed(cx.aws, arn, prior) {
            Some(tags) => tags,
            None => read_tags(cx, live.name().unwrap_or(id)).await?,
        };
        let config = Obj::new(&cx.config);
        let write_only = if config.is_null() { prior.bool("has_value_wo") } else { config.opt("value_wo").is_some() };
        Ok(Some(cx.aws.with_tags(attributes(&live, &metadata, prior, write_only), tags, prior).str("id", id)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let config = Obj::new(&cx.config);
        let name = prior.str("id");
        if plan.differs_any(prior, DECLARED) {
            let changed =
                |attribute: &str| Some(plan.str(attribute).to_owned()).filter(|_| plan.differs(prior, attribute));
            // What was written, not what the plan keeps: SSM may raise the tier then.
            let tier = config.opt("tier").or(plan.opt("tier")).map(t::ParameterTier::from);
            let call = put(cx, name, plan)
                .overwrite(config.opt_bool("overwrite").unwrap_or(true))
                .set_data_type(changed("data_type"))
                .set_description(changed("description"))
                .set_key_id(changed("key_id").filter(|_| plan.str("type") == SECURE));
            send(call, tier).await?;
        }
        write_tags(cx, name, &TagChange::between(prior, plan)).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        cx.aws.ssm().delete_parameter().name(prior.str("name")).send().await.or_gone(GONE)?;
        Ok(())
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        Ok(Attrs::new().str("id", id).bool("has_value_wo", false))
    }
}

/// What SSM gives a new parameter.
fn predict_new(aws: &Aws, change: &mut Change<'_>) {
    if let Some(name) = change.config.string("name") {
        if change.config.opt("arn").is_none() && !name.starts_with("arn:") {
            let path = name.strip_prefix('/').unwrap_or(&name);
            change.set_some("arn", aws.arn("ssm", &format!("parameter/{path}")));
        }
        change.set_str("id", name);
    }
    let unset = |change: &Change<'_>, name: &str| change.config.value(name).is_none_or(Value::is_null);
    if change.config.known("overwrite") && !change.config.bool("overwrite") {
        change.set("version", Value::number(1));
    }
    if unset(change, "data_type") {
        change.set_str("data_type", "text");
    }
    let ty = change.config.string("type");
    if let Some(ty) = ty.filter(|_| unset(change, "key_id")) {
        change.set_str("key_id", if ty == SECURE { "alias/aws/ssm" } else { "" });
    }
    // What SSM chooses stands only in the answer.
    if change.config.opt("tier") == Some(ANY_TIER) {
        change.unknown("tier");
    }
    for (given, other) in [("value", "insecure_value"), ("insecure_value", "value")] {
        if !unset(change, given) && unset(change, other) {
            change.set(other, Value::null(Type::String));
        }
    }
}

/// Whether the value is one that is never stored.
fn predict_write_only(change: &mut Change<'_>) {
    if change.planned().int("value_wo_version").is_some() {
        change.set("has_value_wo", Value::bool(true));
        if change.is_create() || !change.prior.bool("has_value_wo") {
            change.set_str("value", "");
        }
        if change.is_create() {
            change.set("insecure_value", Value::null(Type::String));
        }
    } else if change.is_create() || change.prior.bool("has_value_wo") {
        change.set("has_value_wo", Value::null(Type::Bool));
    }
}

/// What creates and updates have in common.
fn put(cx: &Cx<'_>, name: &str, plan: &Obj<'_>) -> PutParameterFluentBuilder {
    let config = Obj::new(&cx.config);
    let value = config.opt("value_wo").or(plan.opt("insecure_value")).unwrap_or(plan.str("value"));
    let pattern = plan.string("allowed_pattern");
    let ty = t::ParameterType::from(plan.str("type"));
    cx.aws.ssm().put_parameter().name(name).set_allowed_pattern(pattern).r#type(ty).value(value)
}

/// Some regions have no tiers: there the default one serves.
async fn send(call: PutParameterFluentBuilder, tier: Option<t::ParameterTier>) -> Outcome<()> {
    let answer = call.clone().set_tier(tier.clone()).send().await.map_err(Failure::from);
    match answer {
        Err(failure) if tier.is_some() && failure.says("ValidationException", "Tier is not supported") => {
            call.send().await?;
            Ok(())
        }
        other => other.map(|_| ()),
    }
}

fn attributes(live: &t::Parameter, metadata: &t::ParameterMetadata, prior: &Obj<'_>, write_only: bool) -> Attrs {
    let ty = live.r#type().map(t::ParameterType::as_str);
    let attrs = Attrs::new()
        .opt("name", live.name())
        .opt("arn", live.arn())
        .opt("type", ty)
        .int("version", Some(live.version()))
        .opt("allowed_pattern", metadata.allowed_pattern())
        .opt("data_type", metadata.data_type())
        .opt("description", metadata.description())
        .opt("key_id", metadata.key_id())
        .opt("tier", metadata.tier().map(t::ParameterTier::as_str));
    let attrs = if write_only { attrs.bool("has_value_wo", true) } else { attrs };
    match live.value() {
        _ if write_only => attrs.opt("value", None::<&str>),
        value if prior.opt("insecure_value").is_some() && ty != Some(SECURE) => attrs.opt("insecure_value", value),
        value => attrs.opt("value", value),
    }
}

fn sdk_tags(tags: Tags) -> Outcome<Vec<t::Tag>> {
    Ok(tags.into_iter().map(|(k, v)| t::Tag::builder().key(k).value(v).build()).collect::<Result<_, _>>()?)
}

async fn read_tags(cx: &Cx<'_>, name: &str) -> Outcome<Tags> {
    let call = cx.aws.ssm().list_tags_for_resource().resource_type(t::ResourceTypeForTagging::Parameter);
    let answer = call.resource_id(name).send().await?;
    Ok(answer.tag_list().iter().map(|t| (t.key().to_owned(), t.value().to_owned())).collect())
}

async fn write_tags(cx: &Cx<'_>, name: &str, change: &TagChange) -> Outcome<()> {
    let (client, ty) = (cx.aws.ssm(), t::ResourceTypeForTagging::Parameter);
    if !change.remove.is_empty() {
        let call = client.remove_tags_from_resource().resource_type(ty.clone()).resource_id(name);
        call.set_tag_keys(Some(change.remove.clone())).send().await?;
    }
    if !change.set.is_empty() {
        let call = client.add_tags_to_resource().resource_type(ty).resource_id(name);
        call.set_tags(Some(sdk_tags(change.set.clone())?)).send().await?;
    }
    Ok(())
}
