//! `aws_iam_openid_connect_provider`: an identity provider whose tokens may assume roles, such as GitHub Actions'.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::checks::Checks;
use super::super::failure::{OrGone, Outcome};
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType};
use super::super::tags::TagChange;
use super::GONE;
use super::role::tag_list;
use crate::lang::value::Value;
use async_trait::async_trait;
use std::collections::BTreeSet;

pub struct OidcProvider;

const SCHEME: &str = "https://";

/// A URL as IAM keeps it: without the scheme.
fn bare(url: &str) -> &str {
    url.strip_prefix(SCHEME).unwrap_or(url)
}

#[async_trait(?Send)]
impl ResourceType for OidcProvider {
    fn name(&self) -> &'static str {
        "aws_iam_openid_connect_provider"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_iam_openid_connect_provider.json")
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        let Some(url) = config.value("url").and_then(Value::as_str) else { return };
        if url.is_empty() {
            checks.wrong("url", format!("expected \"url\" url to not be empty, got {url}"), "");
        } else if let Some(rest) = url.strip_prefix(SCHEME) {
            if rest.is_empty() || rest.starts_with(['/', '?', '#']) {
                checks.wrong("url", format!("expected \"url\" to have a host, got {url}"), "");
            } else if url.contains('?') {
                checks.wrong("url", "\"url\" cannot contain query parameters per the OIDC standard", "");
            }
        } else {
            let summary = match url.contains("://") {
                true => format!("expected \"url\" to have a url with schema of: \"https\", got {url}"),
                false => format!("expected \"url\" to have a host, got {url}"),
            };
            checks.wrong("url", summary, "The URL of an identity provider begins with https://.");
        }
    }

    fn same(&self, path: &str, prior: &Value, next: &Value, _config: &Obj<'_>) -> bool {
        match (path, prior.as_str(), next.as_str()) {
            ("url", Some(a), Some(b)) => bare(a) == bare(b),
            _ => false,
        }
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        if !change.is_create() {
            return;
        }
        let Some(url) = change.planned().string("url") else { return };
        let arn = aws.global_arn("iam", &format!("oidc-provider/{}", bare(&url)));
        change.set_some("arn", arn.as_ref());
        change.set_some("id", arn);
        change.set_str("url", bare(&url));
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let tags = tag_list(&plan.string_map("tags_all"))?;
        let thumbprints = plan.strings("thumbprint_list");
        let call = cx.aws.iam().create_open_id_connect_provider().url(format!("{SCHEME}{}", bare(plan.str("url"))));
        let call = call.set_client_id_list(Some(plan.strings("client_id_list")));
        let call = call.set_thumbprint_list(Some(thumbprints).filter(|t| !t.is_empty()));
        let answer = call.set_tags(Some(tags).filter(|t| !t.is_empty())).send().await?;
        made.id(answer.open_id_connect_provider_arn.unwrap_or_default());
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let arn = prior.str("id");
        let call = cx.aws.iam().get_open_id_connect_provider().open_id_connect_provider_arn(arn);
        let Some(found) = call.send().await.or_gone(GONE)? else { return Ok(None) };
        let tags = found.tags().iter().map(|t| (t.key.clone(), t.value.clone())).collect();
        let attrs = Attrs::new()
            .str("id", arn)
            .str("arn", arn)
            .strings("client_id_list", found.client_id_list.unwrap_or_default())
            .strings("thumbprint_list", found.thumbprint_list.unwrap_or_default())
            .opt("url", found.url);
        Ok(Some(cx.aws.with_tags(attrs, tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let (iam, arn) = (cx.aws.iam(), prior.str("id"));
        if plan.differs(prior, "thumbprint_list") && plan.has("thumbprint_list") {
            let call = iam.update_open_id_connect_provider_thumbprint().open_id_connect_provider_arn(arn);
            call.set_thumbprint_list(Some(plan.strings("thumbprint_list"))).send().await?;
        }
        let old: BTreeSet<String> = prior.strings("client_id_list").into_iter().collect();
        let new: BTreeSet<String> = plan.strings("client_id_list").into_iter().collect();
        for id in new.difference(&old) {
            let call = iam.add_client_id_to_open_id_connect_provider().open_id_connect_provider_arn(arn);
            call.client_id(id).send().await?;
        }
        for id in old.difference(&new) {
            let call = iam.remove_client_id_from_open_id_connect_provider().open_id_connect_provider_arn(arn);
            call.client_id(id).send().await?;
        }
        let tags = TagChange::between(prior, plan);
        if !tags.remove.is_empty() {
            let call = iam.untag_open_id_connect_provider().open_id_connect_provider_arn(arn);
            call.set_tag_keys(Some(tags.remove)).send().await?;
        }
        if !tags.set.is_empty() {
            let call = iam.tag_open_id_connect_provider().open_id_connect_provider_arn(arn);
            call.set_tags(Some(tag_list(&tags.set)?)).send().await?;
        }
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let call = cx.aws.iam().delete_open_id_connect_provider().open_id_connect_provider_arn(prior.str("id"));
        call.send().await.or_gone(GONE)?;
        Ok(())
    }
}
