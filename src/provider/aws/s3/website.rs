//! `aws_s3_bucket_website_configuration`: a bucket as a website. Routing rules are given as blocks or as one JSON text, and shown as both.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::failure::{OrGone, Outcome};
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType};
use super::super::wait::Look;
use super::calls::{self, PATIENCE, named, predict_id, remove, split, write};
use super::{bucket_rules, regions};
use async_trait::async_trait;
use aws_sdk_s3::operation::get_bucket_website::GetBucketWebsiteOutput;
use aws_sdk_s3::types::{
    Condition, ErrorDocument, IndexDocument, Protocol, Redirect, RedirectAllRequestsTo, RoutingRule,
    WebsiteConfiguration,
};

pub struct Website;

const GONE: &[&str] = &["NoSuchWebsiteConfiguration", "NoSuchBucket", "NotFound"];
const RULE: &str = "routing_rule";
const RULES: &str = "routing_rules";

/// What is configured. Of the two forms of routing rules the one that was written counts.
fn wanted(plan: &Obj<'_>, text: Option<&str>) -> Outcome<WebsiteConfiguration> {
    let mut site = WebsiteConfiguration::builder();
    if let Some(document) = plan.block("index_document") {
        site = site.index_document(IndexDocument::builder().suffix(document.str("suffix")).build()?);
    }
    if let Some(document) = plan.block("error_document") {
        site = site.error_document(ErrorDocument::builder().key(document.str("key")).build()?);
    }
    if let Some(to) = plan.block("redirect_all_requests_to") {
        let protocol = to.opt("protocol").map(Protocol::from);
        let to = RedirectAllRequestsTo::builder().host_name(to.str("host_name")).set_protocol(protocol);
        site = site.redirect_all_requests_to(to.build()?);
    }
    let rules = match text {
        Some(text) => bucket_rules::routing(text)?,
        None => plan.blocks(RULE).iter().map(rule).collect(),
    };
    Ok(site.set_routing_rules(Some(rules).filter(|r| !r.is_empty())).build())
}

fn rule(block: &Obj<'_>) -> RoutingRule {
    let condition = block.block("condition").map(|c| {
        Condition::builder()
            .set_http_error_code_returned_equals(c.string("http_error_code_returned_equals"))
            .set_key_prefix_equals(c.string("key_prefix_equals"))
            .build()
    });
    let redirect = block.block("redirect").map(|r| {
        Redirect::builder()
            .set_host_name(r.string("host_name"))
            .set_http_redirect_code(r.string("http_redirect_code"))
            .set_protocol(r.opt("protocol").map(Protocol::from))
            .set_replace_key_prefix_with(r.string("replace_key_prefix_with"))
            .set_replace_key_with(r.string("replace_key_with"))
            .build()
    });
    RoutingRule::builder().set_condition(condition).set_redirect(redirect).build()
}

fn shown_rule(rule: &RoutingRule) -> Attrs {
    let condition = rule.condition().map(|c| {
        Attrs::new()
            .opt("http_error_code_returned_equals", c.http_error_code_returned_equals())
            .opt("key_prefix_equals", c.key_prefix_equals())
    });
    let redirect = rule.redirect().map(|r| {
        Attrs::new()
            .opt("host_name", r.host_name())
            .opt("http_redirect_code", r.http_redirect_code())
            .opt("protocol", r.protocol().map(Protocol::as_str))
            .opt("replace_key_prefix_with", r.replace_key_prefix_with())
            .opt("replace_key_with", r.replace_key_with())
    });
    Attrs::new().block("condition", condition).block("redirect", redirect)
}

fn shown(site: &GetBucketWebsiteOutput) -> Attrs {
    let rules = site.routing_rules();
    let text = (!rules.is_empty()).then(|| bucket_rules::show_routing(rules));
    let redirect = site
        .redirect_all_requests_to()
        .map(|to| Attrs::new().str("host_name", to.host_name()).opt("protocol", to.protocol().map(Protocol::as_str)));
    Attrs::new()
        .block("index_document", site.index_document().map(|d| Attrs::new().str("suffix", d.suffix())))
        .block("error_document", site.error_document().map(|d| Attrs::new().str("key", d.key())))
        .block("redirect_all_requests_to", redirect)
        .blocks(RULE, rules.iter().map(shown_rule))
        .opt(RULES, text)
}

/// The website's name on the web.
fn places(aws: &Aws, bucket: &str) -> (String, String) {
    let domain = regions::website_domain(aws, aws.region());
    (format!("{bucket}.{domain}"), domain)
}

async fn get(cx: &Cx<'_>, bucket: &str, owner: Option<&str>) -> Outcome<Option<GetBucketWebsiteOutput>> {
    let call = cx.aws.s3().get_bucket_website().bucket(bucket).set_expected_bucket_owner(owner.map(str::to_owned));
    call.send().await.or_gone(GONE)
}

async fn put(cx: &Cx<'_>, id: &str, plan: &Obj<'_>) -> Outcome<()> {
    let (bucket, owner) = split(id);
    let text = Obj::new(&cx.config).string(RULES);
    let site = wanted(plan, text.as_deref())?;
    write(cx, bucket, || async {
        let call = cx.aws.s3().put_bucket_website().bucket(bucket).website_configuration(site.clone());
        call.set_expected_bucket_owner(owner.map(str::to_owned)).send().await?;
        Ok(())
    })
    .await?;
    cx.wait_until("the website configuration to be in force", PATIENCE, || async {
        let as_wanted = |now: &GetBucketWebsiteOutput| {
            now.index_document == site.index_document
                && now.error_document == site.error_document
                && now.redirect_all_requests_to == site.redirect_all_requests_to
                && now.routing_rules().len() == site.routing_rules().len()
        };
        Ok(match get(cx, bucket, owner).await? {
            Some(now) if as_wanted(&now) => Look::Done(()),
            _ => Look::NotYet("S3 still shows the old one".into()),
        })
    })
    .await
}

#[async_trait(?Send)]
impl ResourceType for Website {
    fn name(&self) -> &'static str {
        "aws_s3_bucket_website_configuration"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_s3_bucket_website_configuration.json")
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        predict_id(change);
        if let Some(bucket) = change.planned().string("bucket").filter(|_| change.is_create()) {
            let (endpoint, domain) = places(aws, &bucket);
            change.set_str("website_endpoint", endpoint);
            change.set_str("website_domain", domain);
        }
        // Either form shows what the other says.
        for (written, other) in [(RULES, RULE), (RULE, RULES)] {
            if change.config.has(written) && change.changed(written) {
                change.unknown(other);
            }
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let id = calls::id(plan);
        put(cx, &id, plan).await?;
        made.id(id);
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let id = prior.str("id");
        let (bucket, owner) = split(id);
        let Some(site) = get(cx, bucket, owner).await? else { return Ok(None) };
        let (endpoint, domain) = places(cx.aws, bucket);
        Ok(Some(named(id).with(shown(&site)).str("website_endpoint", endpoint).str("website_domain", domain)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        put(cx, prior.str("id"), plan).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let (bucket, owner) = split(prior.str("id"));
        remove(cx, bucket, || async {
            let call = cx.aws.s3().delete_bucket_website().bucket(bucket);
            call.set_expected_bucket_owner(owner.map(str::to_owned)).send().await.or_gone(GONE)?;
            Ok(())
        })
        .await
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        Ok(named(id))
    }
}
