//! Projects are read a hundred at a time (`BatchGetProjects`), tags included.

use crate::lang::value::Value;
use crate::provider::ReadHint;
use crate::provider::aws::resource::{Bulk, Cx};
use async_trait::async_trait;
use aws_sdk_codebuild::types::Project;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Most names one call takes (API reference, BatchGetProjects).
const BATCH: usize = 100;

/// What was read: by ARN or name as asked; `None` for those that are gone.
#[derive(Default)]
pub struct Found(Mutex<HashMap<String, Option<Project>>>);

impl Found {
    /// What is known of a project: nothing, that it is gone, or what it is. Each answer is given once.
    pub fn take(&self, id: &str) -> Option<Option<Project>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id)
    }
}

/// The bulk read.
pub struct Projects;

#[async_trait]
impl Bulk for Projects {
    async fn prefetch(&self, cx: &Cx<'_>, hints: &[ReadHint]) {
        let ids = hints.iter().filter(|h| h.type_name == "aws_codebuild_project");
        let ids: Vec<String> =
            ids.filter_map(|h| h.prior.get("id").and_then(Value::as_str)).map(str::to_owned).collect();
        if ids.len() < 2 {
            return;
        }
        let found = cx.aws.bulk::<Found>();
        for batch in ids.chunks(BATCH) {
            let call = cx.aws.codebuild().batch_get_projects().set_names(Some(batch.to_vec()));
            let Ok(answer) = call.send().await else { return };
            let missing: Vec<String> = answer.projects_not_found.unwrap_or_default();
            let mut known = found.0.lock().unwrap_or_else(PoisonError::into_inner);
            known.extend(missing.into_iter().filter(|id| batch.contains(id)).map(|id| (id, None)));
            for project in answer.projects.unwrap_or_default() {
                let asked =
                    [project.arn(), project.name()].into_iter().flatten().find(|n| batch.iter().any(|b| b == n));
                if let Some(asked) = asked.map(str::to_owned) {
                    known.insert(asked, Some(project));
                }
            }
        }
    }
}
