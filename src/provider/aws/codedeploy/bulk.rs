//! Applications, and deployment groups of one application, are read a hundred at a time.

use crate::provider::ReadHint;
use crate::provider::aws::answers::{Answers, asked, objects};
use crate::provider::aws::resource::{Bulk, Cx};
use async_trait::async_trait;
use aws_sdk_codedeploy::types as t;
use std::collections::{BTreeMap, BTreeSet};

/// Most names one call takes (API reference, BatchGetApplications and BatchGetDeploymentGroups).
const BATCH: usize = 100;

/// The bulk read. CodeDeploy answers only with what it finds, or with an error when something is missing: what does not come is asked
/// for singly.
pub struct Batches;

#[async_trait(?Send)]
impl Bulk for Batches {
    async fn prefetch(&self, cx: &Cx<'_>, hints: &[ReadHint]) {
        futures::future::join(applications(cx, hints), groups(cx, hints)).await;
    }
}

/// The key of a deployment group.
pub fn key(application: &str, group: &str) -> String {
    format!("{application}/{group}")
}

async fn applications(cx: &Cx<'_>, hints: &[ReadHint]) {
    let names: BTreeSet<String> = asked(hints, "aws_codedeploy_app", "name").collect();
    let names: Vec<String> = names.into_iter().collect();
    let found = cx.aws.bulk::<Answers<t::ApplicationInfo>>();
    for batch in names.chunks(BATCH).filter(|batch| batch.len() > 1) {
        let call = cx.aws.codedeploy().batch_get_applications().set_application_names(Some(batch.to_vec()));
        let Ok(answer) = call.send().await else { return };
        for application in answer.applications_info.unwrap_or_default() {
            let name = application.application_name().unwrap_or_default().to_owned();
            found.found(name, application);
        }
    }
}

async fn groups(cx: &Cx<'_>, hints: &[ReadHint]) {
    let mut of_application: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for group in objects(hints, "aws_codedeploy_deployment_group") {
        of_application.entry(group.str("app_name")).or_default().insert(group.str("deployment_group_name"));
    }
    let found = cx.aws.bulk::<Answers<t::DeploymentGroupInfo>>();
    for (application, names) in of_application {
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        for batch in names.chunks(BATCH).filter(|batch| batch.len() > 1) {
            let call = cx.aws.codedeploy().batch_get_deployment_groups().application_name(application);
            let Ok(answer) = call.set_deployment_group_names(Some(batch.to_vec())).send().await else { break };
            for group in answer.deployment_groups_info.unwrap_or_default() {
                found.found(key(application, group.deployment_group_name().unwrap_or_default()), group);
            }
        }
    }
}
