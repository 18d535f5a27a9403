//! Log groups.

use super::Search;
use crate::provider::aws::failure::Failure;

impl Search<'_> {
    pub(super) async fn log_group(&mut self, name: &str, because: &str) {
        let answer = self.aws.logs().describe_log_groups().log_group_name_prefix(name).send().await;
        let Some(answer) = self.read(format!("log group {name}"), answer.map_err(Failure::from)) else { return };
        let group = answer.log_groups().iter().find(|group| group.log_group_name() == Some(name));
        if let Some(group) = group {
            let key = group.kms_key_id().map(str::to_owned);
            self.found("aws_cloudwatch_log_group", name, name.trim_matches('/'), because);
            self.maybe_key(key.as_deref(), &format!("encrypts log group {name}"));
        }
    }
}

/// The name in a log group's ARN.
pub(super) fn group_of(arn: &str) -> Option<&str> {
    let (_, rest) = arn.split_once(":log-group:")?;
    Some(rest.strip_suffix(":*").unwrap_or(rest))
}
