//! What else exists around an object in the account: the role of a pipeline with its policies, the settings of a bucket, the rules that
//! start or watch a pipeline with their targets.

use super::failure::{OrGone, Outcome};
use super::object::Obj;
use super::resource::Cx;
use crate::lang::value::Value;
use crate::provider::Neighbour;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Rules on a page of ListRules (API reference: at most 100).
const PAGE: i32 = 100;

const GONE: &[&str] = &[
    "NoSuchEntity",
    "NoSuchEntityException",
    "ResourceNotFoundException",
    "NotFound",
    "NotFoundException",
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
];

/// What is collected.
#[derive(Default)]
struct Around(BTreeSet<Neighbour>);

impl Around {
    fn add(&mut self, type_name: &str, id: &str) {
        if !id.is_empty() {
            self.0.insert(Neighbour { type_name: type_name.to_owned(), id: id.to_owned() });
        }
    }

    fn role(&mut self, cx: &Cx<'_>, arn: &str) {
        // Roles of other accounts cannot be read from here.
        if account(arn) == cx.aws.account().unwrap_or_default() {
            self.add("aws_iam_role", arn.rsplit('/').next().unwrap_or_default());
        }
    }

    fn key(&mut self, cx: &Cx<'_>, key: &str) {
        if key.starts_with("alias/") {
            if !key.starts_with("alias/aws/") {
                self.add("aws_kms_alias", key);
            }
            return;
        }
        let elsewhere = key.starts_with("arn:")
            && (account(key) != cx.aws.account().unwrap_or_default() || region(key) != cx.aws.region());
        match key.split_once(":alias/") {
            _ if elsewhere => {}
            Some((_, alias)) if alias.starts_with("aws/") => {}
            Some((_, alias)) => self.add("aws_kms_alias", &format!("alias/{alias}")),
            None => self.add("aws_kms_key", key.rsplit('/').next().unwrap_or_default()),
        }
    }

    /// What an ARN of this account and region names, of the types that can be told by it.
    fn named(&mut self, cx: &Cx<'_>, arn: &str) {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [_, _, service, region, account, name] = parts.as_slice() else { return };
        if *region != cx.aws.region() || *account != cx.aws.account().unwrap_or_default() {
            return;
        }
        match *service {
            "sns" if !name.contains(':') => self.add("aws_sns_topic", arn),
            "lambda" => self.add("aws_lambda_function", name.split(':').nth(1).unwrap_or_default()),
            _ => {}
        }
    }
}

fn account(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

fn region(arn: &str) -> &str {
    arn.split(':').nth(3).unwrap_or_default()
}

/// What belongs to an object of this type, by import ids. Objects that turn out to be gone are no error.
pub async fn around(cx: &Cx<'_>, type_name: &str, object: &Value) -> Outcome<Vec<Neighbour>> {
    let object = Obj::new(object);
    let mut found = Around::default();
    match type_name {
        "aws_codepipeline" => pipeline(cx, &object, &mut found).await?,
        "aws_iam_role" => role(cx, object.str("name"), &mut found).await?,
        "aws_s3_bucket" => {
            for aspect in BUCKET {
                found.add(aspect, object.str("bucket"));
            }
        }
        "aws_kms_alias" => found.key(cx, object.str("target_key_id")),
        "aws_codebuild_project" => {
            found.role(cx, object.str("service_role"));
            found.key(cx, object.str("encryption_key"));
        }
        "aws_cloudwatch_event_rule" => targets(cx, &object, &mut found).await?,
        "aws_cloudwatch_event_target" => {
            found.role(cx, object.str("role_arn"));
            found.named(cx, object.str("arn"));
            queue(cx, object.str("arn"), &mut found).await?;
        }
        "aws_codestarnotifications_notification_rule" => {
            for target in object.blocks("target") {
                found.named(cx, target.str("address"));
            }
        }
        "aws_sns_topic" => {
            found.key(cx, object.str("kms_master_key_id"));
            subscriptions(cx, object.str("arn"), &mut found).await?;
        }
        "aws_sqs_queue" => found.key(cx, object.str("kms_master_key_id")),
        "aws_lambda_function" => permissions(cx, object.str("function_name"), &mut found).await?,
        _ => {}
    }
    Ok(found.0.into_iter().collect())
}

/// The resources that complete a bucket, each imported by its name.
const BUCKET: &[&str] = &[
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_logging",
    "aws_s3_bucket_notification",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
];

async fn pipeline(cx: &Cx<'_>, pipeline: &Obj<'_>, found: &mut Around) -> Outcome<()> {
    let (name, arn) = (pipeline.str("name"), pipeline.str("arn"));
    found.role(cx, pipeline.str("role_arn"));
    for store in pipeline.blocks("artifact_store") {
        found.add("aws_s3_bucket", store.str("location"));
        // Keys of stores in other regions are read where they are, not from here.
        let here = store.opt("region").is_none_or(|r| r.is_empty() || r == cx.aws.region());
        if let Some(key) = store.block("encryption_key").filter(|_| here) {
            found.key(cx, key.str("id"));
        }
    }
    for action in pipeline.blocks("stage").iter().flat_map(|s| s.blocks("action")) {
        found.role(cx, action.str("role_arn"));
        let settings = action.string_map("configuration");
        let setting = |key: &str| settings.get(key).map(String::as_str).unwrap_or_default();
        let here = action.opt("region").is_none_or(|r| r.is_empty() || r == cx.aws.region());
        match (action.str("category"), action.str("provider")) {
            _ if !here
                || action
                    .opt("role_arn")
                    .filter(|r| !r.is_empty())
                    .is_some_and(|r| account(r) != cx.aws.account().unwrap_or_default()) => {}
            ("Source", "S3") => found.add("aws_s3_bucket", setting("S3Bucket")),
            ("Source", "CodeCommit") => found.add("aws_codecommit_repository", setting("RepositoryName")),
            ("Source", "ECR") => found.add("aws_ecr_repository", setting("RepositoryName")),
            (_, "CodeBuild") => found.add("aws_codebuild_project", setting("ProjectName")),
            ("Approval", _) => found.named(cx, setting("NotificationArn")),
            ("Invoke", "Lambda") => found.add("aws_lambda_function", setting("FunctionName")),
            _ => {}
        }
    }
    rules(cx, name, arn, found).await?;
    let mut hooks = cx.aws.codepipeline().list_webhooks().into_paginator().items().send();
    while let Some(hook) = hooks.next().await {
        let hook = hook?;
        if hook.definition().is_some_and(|d| d.target_pipeline() == name) {
            found.add("aws_codepipeline_webhook", hook.arn().unwrap_or_default());
        }
    }
    notifications(cx, arn, found).await?;
    let trails = cx.aws.cloudtrail().describe_trails().include_shadow_trails(true).send().await?;
    for trail in trails.trail_list() {
        found.add("aws_cloudtrail", trail.trail_arn().unwrap_or_default());
    }
    let group = format!("/aws/codepipeline/{name}");
    let groups = cx.aws.logs().describe_log_groups().log_group_name_prefix(&group).send().await?;
    if groups.log_groups().iter().any(|g| g.log_group_name() == Some(group.as_str())) {
        found.add("aws_cloudwatch_log_group", &group);
    }
    Ok(())
}

/// Rules of the default bus that have the pipeline as their target, and those whose pattern is about pipelines and does not leave this one
/// out by name.
async fn rules(cx: &Cx<'_>, name: &str, arn: &str, found: &mut Around) -> Outcome<()> {
    let mut next = None;
    loop {
        let call = cx.aws.events().list_rule_names_by_target().target_arn(arn).set_next_token(next);
        let page = call.send().await?;
        page.rule_names().iter().for_each(|rule| found.add("aws_cloudwatch_event_rule", rule));
        next = page.next_token;
        if next.is_none() {
            break;
        }
    }
    loop {
        let page = cx.aws.events().list_rules().limit(PAGE).set_next_token(next).send().await?;
        for rule in page.rules() {
            let pattern = rule.event_pattern().unwrap_or_default();
            if pattern.contains("aws.codepipeline") && !leaves_out(pattern, name, arn) {
                found.add("aws_cloudwatch_event_rule", rule.name().unwrap_or_default());
            }
        }
        next = page.next_token;
        if next.is_none() {
            return Ok(());
        }
    }
}

/// Whether a pattern names pipelines, and none of them is this one.
fn leaves_out(pattern: &str, name: &str, arn: &str) -> bool {
    let Ok(pattern) = serde_json::from_str::<Json>(pattern) else { return false };
    let others = |at: &str, own: &str| match pattern.pointer(at).and_then(Json::as_array) {
        Some(wanted) => wanted.iter().all(Json::is_string) && !wanted.iter().any(|w| w.as_str() == Some(own)),
        None => false,
    };
    others("/detail/pipeline", name) || others("/resources", arn)
}

async fn targets(cx: &Cx<'_>, rule: &Obj<'_>, found: &mut Around) -> Outcome<()> {
    let (bus, name) = (rule.str("event_bus_name"), rule.str("name"));
    let mut next = None;
    loop {
        let call = cx.aws.events().list_targets_by_rule().rule(name).set_next_token(next);
        let call = if bus.is_empty() { call } else { call.event_bus_name(bus) };
        let Some(page) = call.send().await.or_gone(GONE)? else { return Ok(()) };
        for target in page.targets() {
            let id = if bus.is_empty() {
                format!("{name}/{}", target.id())
            } else {
                format!("{bus}/{name}/{}", target.id())
            };
            found.add("aws_cloudwatch_event_target", &id);
        }
        next = page.next_token;
        if next.is_none() {
            return Ok(());
        }
    }
}

async fn notifications(cx: &Cx<'_>, arn: &str, found: &mut Around) -> Outcome<()> {
    use aws_sdk_codestarnotifications::types::{ListNotificationRulesFilter, ListNotificationRulesFilterName};
    let filter =
        ListNotificationRulesFilter::builder().name(ListNotificationRulesFilterName::Resource).value(arn).build()?;
    let mut rules = cx.aws.notifications().list_notification_rules().filters(filter).into_paginator().items().send();
    while let Some(rule) = rules.next().await {
        found.add("aws_codestarnotifications_notification_rule", rule?.arn().unwrap_or_default());
    }
    Ok(())
}

async fn role(cx: &Cx<'_>, name: &str, found: &mut Around) -> Outcome<()> {
    let mut inline = cx.aws.iam().list_role_policies().role_name(name).into_paginator().items().send();
    while let Some(policy) = inline.next().await {
        found.add("aws_iam_role_policy", &format!("{name}:{}", policy?));
    }
    let mut attached = cx.aws.iam().list_attached_role_policies().role_name(name).into_paginator().items().send();
    while let Some(policy) = attached.next().await {
        let policy = policy?;
        let arn = policy.policy_arn().unwrap_or_default();
        found.add("aws_iam_role_policy_attachment", &format!("{name}/{arn}"));
        if account(arn) != "aws" {
            found.add("aws_iam_policy", arn);
        }
    }
    Ok(())
}

async fn subscriptions(cx: &Cx<'_>, topic: &str, found: &mut Around) -> Outcome<()> {
    let mut all = cx.aws.sns().list_subscriptions_by_topic().topic_arn(topic).into_paginator().items().send();
    while let Some(subscription) = all.next().await {
        let subscription = subscription?;
        let arn = subscription.subscription_arn().unwrap_or_default();
        // Those that wait for a confirmation have no ARN yet.
        if arn.starts_with("arn:") {
            found.add("aws_sns_topic_subscription", arn);
        }
    }
    Ok(())
}

async fn queue(cx: &Cx<'_>, arn: &str, found: &mut Around) -> Outcome<()> {
    if !arn.contains(":sqs:") || region(arn) != cx.aws.region() || account(arn) != cx.aws.account().unwrap_or_default()
    {
        return Ok(());
    }
    let name = arn.rsplit(':').next().unwrap_or_default();
    if let Some(answer) = cx.aws.sqs().get_queue_url().queue_name(name).send().await.or_gone(GONE)? {
        found.add("aws_sqs_queue", answer.queue_url().unwrap_or_default());
    }
    Ok(())
}

async fn permissions(cx: &Cx<'_>, function: &str, found: &mut Around) -> Outcome<()> {
    let Some(answer) = cx.aws.lambda().get_policy().function_name(function).send().await.or_gone(GONE)? else {
        return Ok(());
    };
    let policy: Json = answer.policy().and_then(|p| serde_json::from_str(p).ok()).unwrap_or_default();
    for statement in policy.get("Statement").and_then(Json::as_array).into_iter().flatten() {
        if let Some(sid) = statement.get("Sid").and_then(Json::as_str) {
            found.add("aws_lambda_permission", &format!("{function}/{sid}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_name_other_pipelines_are_left_out() {
        let out = |pattern: &str| leaves_out(pattern, "shop", "arn:aws:codepipeline:eu-west-1:111122223333:shop");
        assert!(out(r#"{"detail": {"pipeline": ["blog"]}}"#));
        assert!(out(r#"{"resources": ["arn:aws:codepipeline:eu-west-1:111122223333:blog"]}"#));
        assert!(!out(r#"{"detail": {"pipeline": ["blog", "shop"]}}"#));
        assert!(!out(r#"{"detail": {"pipeline": [{"prefix": "b"}]}}"#));
        assert!(!out(r#"{"source": ["aws.codepipeline"]}"#));
    }
}
