//! Buckets with what is configured of them, each part a resource of its own.

use super::{Lead, Search, last_name, logs};
use crate::provider::aws::failure::Failure;
use aws_sdk_s3::types as t;

impl Search<'_> {
    pub(super) async fn bucket(&mut self, name: &str, because: &str) {
        let client = self.aws.s3();
        let of = format!("bucket {name}");
        let place = client.get_bucket_location().bucket(name).send().await;
        if let Ok(place) = &place {
            let region = match place.location_constraint().map(|c| c.as_str()) {
                None | Some("") => "us-east-1",
                Some("EU") => "eu-west-1",
                Some(region) => region,
            };
            if region != self.aws.region() {
                let why =
                    "It is in another region than the provider. Import it with a provider configuration of its own.";
                return self.missing(format!("{of} in {region}"), why);
            }
        }
        let head = client.head_bucket().bucket(name).send().await.map_err(Failure::from);
        if head.as_ref().is_err_and(|failure| failure.is(&["NotFound", "NoSuchBucket"])) {
            return self.missing(&*of, format!("It does not exist (yet), though it is named by {because}."));
        }
        if self.read(&*of, head).is_none() {
            return;
        }
        self.found("aws_s3_bucket", name, name, because);
        self.arns.insert(format!("arn:{}:s3:::{name}", self.aws.partition().id));

        let versioning = client.get_bucket_versioning().bucket(name).send().await;
        let set = versioning.map(|v| v.status().is_some()).map_err(Failure::from);
        self.aspect("aws_s3_bucket_versioning", name, &of, "versioning", set);

        let encryption = client.get_bucket_encryption().bucket(name).send().await.map_err(Failure::from);
        let rules: Vec<t::ServerSideEncryptionRule> = match &encryption {
            Ok(answer) => answer.server_side_encryption_configuration().map(|c| c.rules().to_vec()).unwrap_or_default(),
            Err(_) => Vec::new(),
        };
        let wide = self.is_wide();
        let set = encryption.map(|_| rules.iter().any(|rule| wide || !is_default(rule)));
        self.aspect("aws_s3_bucket_server_side_encryption_configuration", name, &of, "encryption", set);
        let by_default = rules.iter().filter_map(|r| r.apply_server_side_encryption_by_default());
        for key in by_default.filter_map(|d| d.kms_master_key_id()) {
            self.maybe_key(Some(key), &format!("encrypts {of}"));
        }

        let block = client.get_public_access_block().bucket(name).send().await;
        let set = block.map(|_| true).map_err(Failure::from);
        self.aspect("aws_s3_bucket_public_access_block", name, &of, "public access block", set);

        let ownership = client.get_bucket_ownership_controls().bucket(name).send().await;
        let set = ownership.map(|o| o.ownership_controls().is_some_and(|o| wide || !o.rules().iter().all(is_owners)));
        let set = set.map_err(Failure::from);
        self.aspect("aws_s3_bucket_ownership_controls", name, &of, "ownership", set);

        let lifecycle = client.get_bucket_lifecycle_configuration().bucket(name).send().await;
        let set = lifecycle.map(|l| !l.rules().is_empty()).map_err(Failure::from);
        self.aspect("aws_s3_bucket_lifecycle_configuration", name, &of, "life cycle", set);

        let policy = client.get_bucket_policy().bucket(name).send().await;
        let set = policy.map(|p| p.policy().is_some_and(|p| !p.is_empty())).map_err(Failure::from);
        self.aspect("aws_s3_bucket_policy", name, &of, "policy", set);

        let logging = client.get_bucket_logging().bucket(name).send().await.map_err(Failure::from);
        let target = match &logging {
            Ok(l) => l.logging_enabled().map(|l| l.target_bucket().to_owned()),
            Err(_) => None,
        };
        self.aspect("aws_s3_bucket_logging", name, &of, "access log", logging.map(|l| l.logging_enabled().is_some()));
        if let Some(target) = target.filter(|target| target != name) {
            self.lead(Lead::Bucket(target), format!("access log of {of}"));
        }
        self.notifications(name, &of).await;
    }

    async fn notifications(&mut self, name: &str, of: &str) {
        let answer = self.aws.s3().get_bucket_notification_configuration().bucket(name).send().await;
        let answer = answer.map_err(Failure::from);
        let mut targets: Vec<Lead> = Vec::new();
        if let Ok(all) = &answer {
            targets.extend(all.topic_configurations().iter().map(|c| Lead::Topic(c.topic_arn().to_owned())));
            targets.extend(all.queue_configurations().iter().map(|c| Lead::Queue(c.queue_arn().to_owned())));
            let functions = all.lambda_function_configurations().iter();
            targets.extend(functions.map(|c| Lead::Function(c.lambda_function_arn().to_owned())));
        }
        let set = answer.map(|all| !targets.is_empty() || all.event_bridge_configuration().is_some());
        self.aspect("aws_s3_bucket_notification", name, of, "notifications", set);
        for target in targets {
            self.lead(target, format!("is told of changes in {of}"));
        }
    }

    /// What a target of an event, rule or notification is, by its ARN.
    pub(super) fn target(&mut self, arn: &str, because: &str) {
        let lead = match arn.split(':').nth(2).unwrap_or_default() {
            "sns" => Lead::Topic(arn.to_owned()),
            "sqs" => Lead::Queue(arn.to_owned()),
            "lambda" => Lead::Function(arn.to_owned()),
            "states" => Lead::StateMachine(arn.to_owned()),
            "logs" => match logs::group_of(arn) {
                Some(name) => Lead::LogGroup(name.to_owned()),
                None => return,
            },
            "codebuild" => Lead::Project(last_name(arn).to_owned()),
            _ => return,
        };
        self.lead(lead, because);
    }
}

/// What new buckets have without being told.
fn is_owners(rule: &t::OwnershipControlsRule) -> bool {
    *rule.object_ownership() == t::ObjectOwnership::BucketOwnerEnforced
}

/// What every bucket has without being told.
fn is_default(rule: &t::ServerSideEncryptionRule) -> bool {
    let algorithm = rule.apply_server_side_encryption_by_default().map(|d| d.sse_algorithm());
    !rule.bucket_key_enabled().unwrap_or(false) && matches!(algorithm, None | Some(t::ServerSideEncryption::Aes256))
}
