//! Projects are read a hundred at a time (`BatchGetProjects`), tags and webhooks included, and report groups as well; source
//! credentials are listed once.

use super::source_credential;
use crate::provider::ReadHint;
use crate::provider::aws::answers::{Answers, asked};
use crate::provider::aws::resource::{Bulk, Cx};
use async_trait::async_trait;
use aws_sdk_codebuild::types as t;
use std::collections::BTreeSet;

/// Most names one call takes (API reference, BatchGetProjects and BatchGetReportGroups).
const BATCH: usize = 100;

/// The bulk read.
pub struct Projects;

#[async_trait(?Send)]
impl Bulk for Projects {
    async fn prefetch(&self, cx: &Cx<'_>, hints: &[ReadHint]) {
        futures::future::join3(projects(cx, hints), credentials(cx, hints), report_groups(cx, hints)).await;
    }
}

/// A project is asked for by ARN or by name, as it is stored; a webhook by its project's name.
async fn projects(cx: &Cx<'_>, hints: &[ReadHint]) {
    let ids: BTreeSet<String> = asked(hints, "aws_codebuild_project", "id").collect();
    let webhooks: BTreeSet<String> = asked(hints, "aws_codebuild_webhook", "id").collect();
    let names: BTreeSet<&str> = ids.iter().map(|id| id.rsplit('/').next().unwrap_or_default()).collect();
    let alone = webhooks.iter().filter(|name| !names.contains(name.as_str()));
    let wanted: Vec<String> = ids.iter().chain(alone).cloned().collect();
    if ids.len() + webhooks.len() < 2 {
        return;
    }
    let (found, found_webhooks) = (cx.aws.bulk::<Answers<t::Project>>(), cx.aws.bulk::<Answers<t::Webhook>>());
    for batch in wanted.chunks(BATCH) {
        let call = cx.aws.codebuild().batch_get_projects().set_names(Some(batch.to_vec()));
        let Ok(answer) = call.send().await else { return };
        for missing in answer.projects_not_found.unwrap_or_default() {
            let name = missing.rsplit('/').next().unwrap_or_default();
            if webhooks.contains(name) {
                found_webhooks.gone(name);
            }
            if ids.contains(&missing) {
                found.gone(missing);
            }
        }
        for project in answer.projects.unwrap_or_default() {
            if let Some(name) = project.name().filter(|name| webhooks.contains(*name)) {
                match project.webhook.clone() {
                    Some(webhook) => found_webhooks.found(name, webhook),
                    None => found_webhooks.gone(name),
                }
            }
            let asked = [project.arn(), project.name()].into_iter().flatten().find(|id| ids.contains(*id));
            if let Some(asked) = asked.map(str::to_owned) {
                found.found(asked, project);
            }
        }
    }
}

async fn credentials(cx: &Cx<'_>, hints: &[ReadHint]) {
    let wanted: BTreeSet<String> = asked(hints, "aws_codebuild_source_credential", "id").collect();
    if wanted.len() < 2 {
        return;
    }
    let Ok(listed) = source_credential::list(cx).await else { return };
    let found = cx.aws.bulk::<Answers<t::SourceCredentialsInfo>>();
    for arn in wanted {
        match listed.iter().find(|c| c.arn() == Some(&arn)) {
            Some(live) => found.found(arn, live.clone()),
            None => found.gone(arn),
        }
    }
}

async fn report_groups(cx: &Cx<'_>, hints: &[ReadHint]) {
    let wanted: BTreeSet<String> = asked(hints, "aws_codebuild_report_group", "id").collect();
    let wanted: Vec<String> = wanted.into_iter().collect();
    if wanted.len() < 2 {
        return;
    }
    let found = cx.aws.bulk::<Answers<t::ReportGroup>>();
    for batch in wanted.chunks(BATCH) {
        let call = cx.aws.codebuild().batch_get_report_groups().set_report_group_arns(Some(batch.to_vec()));
        let Ok(answer) = call.send().await else { return };
        for missing in answer.report_groups_not_found.unwrap_or_default() {
            found.gone(missing);
        }
        for group in answer.report_groups.unwrap_or_default() {
            let arn = group.arn().unwrap_or_default().to_owned();
            found.found(arn, group);
        }
    }
}
