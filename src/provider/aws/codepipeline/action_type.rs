//! `aws_codepipeline_custom_action_type`: a kind of action whose work the account's own job workers do.

use super::tags;
use crate::provider::aws::answers::Answers;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::tagging;
use crate::provider::aws::tags::TagChange;
use async_trait::async_trait;
use aws_sdk_codepipeline::types as t;

/// The type.
pub struct CustomActionType;

#[async_trait(?Send)]
impl ResourceType for CustomActionType {
    fn name(&self) -> &'static str {
        "aws_codepipeline_custom_action_type"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_codepipeline_custom_action_type.json")
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        if !change.is_create() {
            return;
        }
        change.set_str("owner", "Custom");
        let config = change.config;
        let parts = (config.opt("category"), config.opt("provider_name"), config.opt("version"));
        if let (Some(category), Some(provider), Some(version)) = parts {
            let id = format!("{category}/{provider}/{version}");
            change.set_some("arn", arn(aws, &id));
            change.set_str("id", id);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let (category, provider, version) = (plan.str("category"), plan.str("provider_name"), plan.str("version"));
        let properties = plan.blocks("configuration_property").iter().map(property).collect::<Outcome<Vec<_>>>()?;
        let tags = tags::sdk(plan.string_map("tags_all"))?;
        cx.aws
            .codepipeline()
            .create_custom_action_type()
            .category(category.into())
            .provider(provider)
            .version(version)
            .set_configuration_properties(Some(properties).filter(|p| !p.is_empty()))
            .set_input_artifact_details(plan.block("input_artifact_details").map(artifacts))
            .set_output_artifact_details(plan.block("output_artifact_details").map(artifacts))
            .set_settings(plan.block("settings").map(settings))
            .set_tags(Some(tags).filter(|t| !t.is_empty()))
            .send()
            .await?;
        made.id(format!("{category}/{provider}/{version}"));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let id = prior.str("id");
        parse(id)?;
        let Some(live) = find(cx, id).await? else { return Ok(None) };
        let arn = arn(cx.aws, id);
        let tags = match arn.as_deref().and_then(|arn| tagging::confirmed(cx.aws, arn, prior)) {
            Some(tags) => tags,
            None => tags::read(cx, arn.as_deref().unwrap_or_default()).await?,
        };
        let attrs = attributes(&live, prior).str("id", id).opt("arn", arn);
        Ok(Some(cx.aws.with_tags(attrs, tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        tags::write(cx, prior.str("arn"), &TagChange::between(prior, plan)).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let (category, provider, version) = parse(prior.str("id"))?;
        let call = cx.aws.codepipeline().delete_custom_action_type().category(category.into());
        call.provider(provider).version(version).send().await.or_gone(&["ActionTypeNotFoundException"])?;
        Ok(())
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        parse(id)?;
        Ok(Attrs::new().str("id", id))
    }
}

fn arn(aws: &Aws, id: &str) -> Option<String> {
    aws.arn("codepipeline", &format!("actiontype:Custom/{id}"))
}

fn parse(id: &str) -> Outcome<(&str, &str, &str)> {
    match id.split('/').collect::<Vec<_>>().as_slice() {
        [category, provider, version] if [category, provider, version].iter().all(|p| !p.is_empty()) => {
            Ok((category, provider, version))
        }
        _ => Err(Failure::said(
            "Invalid custom action type id",
            format!("{id:?} is not of the form category/provider/version, such as Build/Jenkins/1."),
        )),
    }
}

/// The id of a listed action type.
pub fn id_of(live: &t::ActionType) -> String {
    let part = |part: fn(&t::ActionTypeId) -> &str| live.id().map(part).unwrap_or_default();
    let category = part(|id| id.category().as_str());
    format!("{category}/{}/{}", part(t::ActionTypeId::provider), part(t::ActionTypeId::version))
}

/// There is no call for a single custom action type: all are listed until it comes.
async fn find(cx: &Cx<'_>, id: &str) -> Outcome<Option<t::ActionType>> {
    if let Some(known) = cx.aws.bulk::<Answers<t::ActionType>>().take(id) {
        return Ok(known);
    }
    let call = cx.aws.codepipeline().list_action_types().action_owner_filter(t::ActionOwner::Custom);
    let mut pages = call.into_paginator().items().send();
    while let Some(listed) = pages.next().await {
        let listed = listed?;
        if id_of(&listed) == id {
            return Ok(Some(listed));
        }
    }
    Ok(None)
}

fn property(block: &Obj<'_>) -> Outcome<t::ActionConfigurationProperty> {
    Ok(t::ActionConfigurationProperty::builder()
        .name(block.str("name"))
        .key(block.bool("key"))
        .required(block.bool("required"))
        .secret(block.bool("secret"))
        .queryable(block.bool("queryable"))
        .set_description(block.string("description"))
        .set_type(block.opt("type").map(t::ActionConfigurationPropertyType::from))
        .build()?)
}

fn artifacts(block: Obj<'_>) -> t::ArtifactDetails {
    t::ArtifactDetails::builder()
        .minimum_count(block.int32("minimum_count").unwrap_or_default())
        .maximum_count(block.int32("maximum_count").unwrap_or_default())
        .build()
}

fn settings(block: Obj<'_>) -> t::ActionTypeSettings {
    t::ActionTypeSettings::builder()
        .set_entity_url_template(block.string("entity_url_template"))
        .set_execution_url_template(block.string("execution_url_template"))
        .set_revision_url_template(block.string("revision_url_template"))
        .set_third_party_configuration_url(block.string("third_party_configuration_url"))
        .build()
}

/// `prior` tells the types of properties, which CodePipeline does not return.
fn attributes(live: &t::ActionType, prior: &Obj<'_>) -> Attrs {
    let before = prior.blocks("configuration_property");
    let properties = live.action_configuration_properties().iter().map(|p| {
        let known = before.iter().find(|b| b.str("name") == p.name()).and_then(|b| b.opt("type"));
        Attrs::new()
            .str("name", p.name())
            .bool("key", p.key())
            .bool("required", p.required())
            .bool("secret", p.secret())
            .bool("queryable", p.queryable())
            .opt("description", p.description())
            .opt("type", p.r#type().map(t::ActionConfigurationPropertyType::as_str).or(known))
    });
    let artifacts = |details: Option<&t::ArtifactDetails>| {
        details.map(|d| {
            Attrs::new().int("minimum_count", Some(d.minimum_count())).int("maximum_count", Some(d.maximum_count()))
        })
    };
    let settings = live.settings().filter(|s| **s != t::ActionTypeSettings::builder().build()).map(|s| {
        Attrs::new()
            .opt("entity_url_template", s.entity_url_template())
            .opt("execution_url_template", s.execution_url_template())
            .opt("revision_url_template", s.revision_url_template())
            .opt("third_party_configuration_url", s.third_party_configuration_url())
    });
    Attrs::new()
        .opt("category", live.id().map(|id| id.category().as_str()))
        .opt("owner", live.id().map(|id| id.owner().as_str()))
        .opt("provider_name", live.id().map(t::ActionTypeId::provider))
        .opt("version", live.id().map(t::ActionTypeId::version))
        .blocks("configuration_property", properties)
        .block("input_artifact_details", artifacts(live.input_artifact_details()))
        .block("output_artifact_details", artifacts(live.output_artifact_details()))
        .block("settings", settings)
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

    #[test]
    fn an_id_has_three_parts() {
        assert_eq!(parse("Build/Jenkins/1").unwrap(), ("Build", "Jenkins", "1"));
        assert!(parse("Build/Jenkins").is_err() && parse("Build//1").is_err());
    }
}
