//! Repositories are read a hundred at a time (`BatchGetRepositories`).

use crate::provider::ReadHint;
use crate::provider::aws::answers::{Answers, asked};
use crate::provider::aws::resource::{Bulk, Cx};
use async_trait::async_trait;
use aws_sdk_codecommit::types as t;
use std::collections::BTreeSet;

/// Most names one call takes (API reference, MaximumRepositoryNamesExceededException).
const BATCH: usize = 100;

/// The bulk read.
pub struct Repositories;

#[async_trait(?Send)]
impl Bulk for Repositories {
    async fn prefetch(&self, cx: &Cx<'_>, hints: &[ReadHint]) {
        let names: BTreeSet<String> = asked(hints, "aws_codecommit_repository", "id").collect();
        let names: Vec<String> = names.into_iter().collect();
        if names.len() < 2 {
            return;
        }
        let found = cx.aws.bulk::<Answers<t::RepositoryMetadata>>();
        for batch in names.chunks(BATCH) {
            let call = cx.aws.codecommit().batch_get_repositories().set_repository_names(Some(batch.to_vec()));
            let Ok(answer) = call.send().await else { return };
            for missing in answer.repositories_not_found.unwrap_or_default() {
                found.gone(missing);
            }
            for repository in answer.repositories.unwrap_or_default() {
                let name = repository.repository_name().unwrap_or_default().to_owned();
                found.found(name, repository);
            }
        }
    }
}
