//! Trails that record what happens to the buckets and the pipeline.

use super::{Lead, Search, last_name, logs};
use crate::provider::aws::failure::Failure;
use aws_sdk_cloudtrail::types as t;

impl Search<'_> {
    pub(super) async fn trails(&mut self) {
        // Shadow trails are those of other regions that record this one, too.
        let answer = self.aws.cloudtrail().describe_trails().include_shadow_trails(self.is_wide()).send().await;
        let Some(answer) = self.list("trails", &["aws_cloudtrail"], answer.map_err(Failure::from)) else { return };
        for trail in answer.trail_list() {
            let Some(arn) = trail.trail_arn().map(str::to_owned) else { continue };
            let name = trail.name().unwrap_or_else(|| last_name(&arn)).to_owned();
            if self.is_wide() {
                self.found("aws_cloudtrail", &*arn, &name, "records what happens in the account");
            }
            if !self.is_here(&arn) {
                continue;
            }
            let selectors = self.aws.cloudtrail().get_event_selectors().trail_name(&arn).send().await;
            let selectors = self.read(format!("event selectors of trail {name}"), selectors.map_err(Failure::from));
            let Some(selectors) = selectors else { continue };
            let recorded: Vec<&str> = selected(selectors.event_selectors(), selectors.advanced_event_selectors());
            let Some(ours) = self.arns.iter().find(|own| recorded.iter().any(|arn| covers(arn, own))).cloned() else {
                continue;
            };
            self.trail(&arn, &name, trail, &format!("records events of {ours}"));
        }
    }

    fn trail(&mut self, arn: &str, name: &str, trail: &t::Trail, because: &str) {
        self.found("aws_cloudtrail", arn, name, because);
        let of = format!("trail {name}");
        if let Some(bucket) = trail.s3_bucket_name() {
            self.lead(Lead::Bucket(bucket.to_owned()), format!("bucket of {of}"));
        }
        self.maybe_key(trail.kms_key_id(), &format!("encrypts {of}"));
        if let Some(topic) = trail.sns_topic_arn() {
            self.lead(Lead::Topic(topic.to_owned()), format!("is told by {of}"));
        }
        if let Some(group) = trail.cloud_watch_logs_log_group_arn().and_then(logs::group_of) {
            self.lead(Lead::LogGroup(group.to_owned()), format!("log of {of}"));
        }
        self.maybe_role(trail.cloud_watch_logs_role_arn(), &format!("writes the log of {of}"));
    }
}

/// The ARNs, or beginnings of them, whose data events are recorded.
fn selected<'a>(plain: &'a [t::EventSelector], advanced: &'a [t::AdvancedEventSelector]) -> Vec<&'a str> {
    let plain = plain.iter().flat_map(|s| s.data_resources()).flat_map(|d| d.values());
    let fields = advanced.iter().flat_map(|s| s.field_selectors()).filter(|f| f.field() == "resources.ARN");
    let advanced = fields.flat_map(|f| f.equals().iter().chain(f.starts_with()));
    plain.chain(advanced).map(String::as_str).collect()
}

/// Whether what is recorded lies in an object of ours. `arn:aws:s3:::` alone is every bucket: such a trail belongs to the account.
fn covers(recorded: &str, own: &str) -> bool {
    recorded.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_of_everything_belongs_to_no_pipeline() {
        assert!(covers("arn:aws:s3:::a/", "arn:aws:s3:::a"));
        assert!(covers("arn:aws:s3:::a", "arn:aws:s3:::a"));
        assert!(!covers("arn:aws:s3:::", "arn:aws:s3:::a"));
        assert!(!covers("arn:aws:s3:::ab/", "arn:aws:s3:::a"));
    }
}
