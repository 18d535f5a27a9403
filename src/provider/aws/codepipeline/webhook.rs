//! `aws_codepipeline_webhook`: an address that starts a pipeline when a repository's host calls it.

use super::tags;
use crate::provider::aws::answers::Answers;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::checks::Checks;
use crate::provider::aws::failure::{OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::tags::TagChange;
use async_trait::async_trait;
use aws_sdk_codepipeline::operation::put_webhook::builders::PutWebhookFluentBuilder;
use aws_sdk_codepipeline::types as t;
use std::net::Ipv4Addr;

/// The type.
pub struct Webhook;

/// Webhooks on a page of ListWebhooks (API reference: at most 100).
pub const PAGE: i32 = 100;

#[async_trait(?Send)]
impl ResourceType for Webhook {
    fn name(&self) -> &'static str {
        "aws_codepipeline_webhook"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_codepipeline_webhook.json")
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        let range = config.block("authentication_configuration").and_then(|a| a.opt("allowed_ip_range"));
        if let Some(range) = range.filter(|range| !is_network(range)) {
            checks.wrong(
                "authentication_configuration",
                format!("\"authentication_configuration.0.allowed_ip_range\" is not a network: {range}"),
                "Write an address and the length of its prefix, with the bits after the prefix zero: 192.0.2.0/24.",
            );
        }
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        let name = change.config.string("name").filter(|_| change.is_create());
        if let Some(arn) = name.and_then(|name| aws.arn("codepipeline", &format!("webhook:{name}"))) {
            change.set_str("arn", &arn);
            change.set_str("id", arn);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let tags = tags::sdk(plan.string_map("tags_all"))?;
        let answer = put(cx, plan)?.set_tags(Some(tags).filter(|t| !t.is_empty())).send().await?;
        made.id(answer.webhook.and_then(|w| w.arn).unwrap_or_else(|| plan.str("id").to_owned()));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let Some(live) = find(cx, prior.str("id")).await? else { return Ok(None) };
        let tags = live.tags().iter().map(|t| (t.key.clone(), t.value.clone())).collect();
        let attrs = Attrs::new().opt("id", live.arn()).opt("arn", live.arn()).str("url", live.url());
        let definition = live.definition().map(|d| attributes(d, prior)).unwrap_or_default();
        Ok(Some(cx.aws.with_tags(attrs.with(definition), tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        if plan.differs(prior, "filter") {
            put(cx, plan)?.send().await?;
        }
        tags::write(cx, prior.str("arn"), &TagChange::between(prior, plan)).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let name = prior.opt("name").unwrap_or_else(|| prior.str("id").rsplit(':').next().unwrap_or_default());
        cx.aws.codepipeline().delete_webhook().name(name).send().await.or_gone(&["WebhookNotFoundException"])?;
        Ok(())
    }
}

fn put(cx: &Cx<'_>, plan: &Obj<'_>) -> Outcome<PutWebhookFluentBuilder> {
    Ok(cx.aws.codepipeline().put_webhook().webhook(definition(plan)?))
}

/// Only what belongs to the kind of authentication is sent.
fn definition(plan: &Obj<'_>) -> Outcome<t::WebhookDefinition> {
    let kind = plan.str("authentication");
    let secrets = plan.block("authentication_configuration");
    let secret = |name: &str| secrets.and_then(|s| s.string(name));
    let authentication = t::WebhookAuthConfiguration::builder()
        .set_allowed_ip_range(secret("allowed_ip_range").filter(|_| kind == "IP"))
        .set_secret_token(secret("secret_token").filter(|_| kind == "GITHUB_HMAC"))
        .build();
    let filters = plan.blocks("filter").into_iter().map(|f| {
        t::WebhookFilterRule::builder()
            .json_path(f.str("json_path"))
            .set_match_equals(f.string("match_equals"))
            .build()
            .map_err(Into::into)
    });
    Ok(t::WebhookDefinition::builder()
        .name(plan.str("name"))
        .authentication(kind.into())
        .authentication_configuration(authentication)
        .set_filters(Some(filters.collect::<Outcome<_>>()?))
        .target_action(plan.str("target_action"))
        .target_pipeline(plan.str("target_pipeline"))
        .build()?)
}

/// A masked secret is no change: the one known from configuration or state stays.
fn attributes(live: &t::WebhookDefinition, prior: &Obj<'_>) -> Attrs {
    let authentication = live.authentication_configuration().and_then(|a| {
        let before = prior.block("authentication_configuration");
        let secret = a.secret_token().map(|token| match before.and_then(|b| b.opt("secret_token")) {
            Some(known) if token.starts_with("****") => known,
            _ => token,
        });
        let set = a.allowed_ip_range().is_some() || secret.is_some();
        set.then(|| Attrs::new().opt("allowed_ip_range", a.allowed_ip_range()).opt("secret_token", secret))
    });
    let filters = live
        .filters()
        .iter()
        .map(|f| Attrs::new().str("json_path", f.json_path()).opt("match_equals", f.match_equals()));
    Attrs::new()
        .str("name", live.name())
        .str("authentication", live.authentication().as_str())
        .block("authentication_configuration", authentication)
        .blocks("filter", filters)
        .str("target_action", live.target_action())
        .str("target_pipeline", live.target_pipeline())
}

/// There is no call for a single webhook: all are listed until it comes.
async fn find(cx: &Cx<'_>, arn: &str) -> Outcome<Option<t::ListWebhookItem>> {
    if let Some(known) = cx.aws.bulk::<Answers<t::ListWebhookItem>>().take(arn) {
        return Ok(known);
    }
    let mut pages = cx.aws.codepipeline().list_webhooks().max_results(PAGE).into_paginator().items().send();
    while let Some(webhook) = pages.next().await {
        let webhook = webhook?;
        if webhook.arn() == Some(arn) {
            return Ok(Some(webhook));
        }
    }
    Ok(None)
}

/// Whether a text is an IPv4 network such as `192.0.2.0/24`.
fn is_network(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else { return false };
    let (Ok(address), Ok(length)) = (address.parse::<Ipv4Addr>(), length.parse::<u32>()) else { return false };
    let host_bits = u32::MAX.checked_shr(length).unwrap_or(0);
    length <= 32 && address.to_bits() & host_bits == 0
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
    use crate::lang::value::Value;

    fn webhook(secret: &str) -> Value {
        let secrets = Value::object_of([("secret_token", Value::string(secret))]);
        let filter = Value::object_of([("json_path", Value::string("$.ref")), ("match_equals", Value::string("x"))]);
        Value::object_of([
            ("name", Value::string("w")),
            ("authentication", Value::string("GITHUB_HMAC")),
            ("authentication_configuration", Value::list(secrets.ty(), vec![secrets])),
            ("filter", Value::set(filter.ty(), vec![filter])),
            ("target_action", Value::string("Source")),
            ("target_pipeline", Value::string("p")),
        ])
    }

    #[test]
    fn a_masked_secret_does_not_replace_the_known_one() {
        let prior = webhook("super-secret");
        let mut live = definition(&Obj::new(&prior)).unwrap();
        assert_eq!(live.authentication_configuration().unwrap().secret_token(), Some("super-secret"));
        live.authentication_configuration = Some(t::WebhookAuthConfiguration::builder().secret_token("****").build());
        let text = format!("{:?}", attributes(&live, &Obj::new(&prior)));
        assert!(text.contains("super-secret") && !text.contains("****"), "{text}");
    }

    #[test]
    fn networks_have_no_bits_after_their_prefix() {
        assert!(is_network("10.0.0.0/8") && is_network("0.0.0.0/0") && is_network("192.0.2.1/32"));
        assert!(!is_network("10.0.0.1/8") && !is_network("10.0.0.0") && !is_network("10.0.0.0/33"));
    }
}
