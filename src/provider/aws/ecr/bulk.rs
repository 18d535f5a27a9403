//! Repositories are listed by the page instead of described one by one.

use crate::provider::ReadHint;
use crate::provider::aws::answers::{Answers, Walk, asked};
use crate::provider::aws::resource::{Bulk, Cx};
use async_trait::async_trait;
use aws_sdk_ecr::types as t;
use std::collections::BTreeSet;

/// Repositories on a page (API reference, DescribeRepositories: at most 1000).
const PAGE: i32 = 1000;

/// The bulk read.
pub struct Repositories;

#[async_trait(?Send)]
impl Bulk for Repositories {
    async fn prefetch(&self, cx: &Cx<'_>, hints: &[ReadHint]) {
        let names: BTreeSet<String> = asked(hints, "aws_ecr_repository", "id").collect();
        if names.len() < 2 {
            return;
        }
        let answers = cx.aws.bulk::<Answers<t::Repository>>();
        let mut walk = Walk::new(names);
        let mut next = None;
        while walk.goes_on() {
            let call = cx.aws.ecr().describe_repositories().max_results(PAGE).set_next_token(next);
            let Ok(page) = call.send().await else { return };
            for repository in page.repositories.unwrap_or_default() {
                let name = repository.repository_name().unwrap_or_default().to_owned();
                walk.meet(&answers, &name, repository);
            }
            next = page.next_token;
            if next.is_none() {
                return walk.end(&answers);
            }
        }
    }
}
