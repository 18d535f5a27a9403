//! CodeBuild projects, and the sources of pipelines.

use super::{Lead, Search, last_name};
use crate::provider::aws::failure::Failure;
use aws_sdk_codebuild::types as t;

impl Search<'_> {
    pub(super) async fn project(&mut self, name: &str, because: &str) {
        let answer = self.aws.codebuild().batch_get_projects().names(name).send().await.map_err(Failure::from);
        let Some(answer) = self.read(format!("project {name}"), answer) else { return };
        let Some(project) = answer.projects().first().cloned() else {
            return self
                .missing(format!("project {name}"), format!("There is no such project, though it is the {because}."));
        };
        self.found("aws_codebuild_project", name, name, because);
        self.mentions.insert(("project-name", name.to_owned()));
        let of = format!("project {name}");
        self.maybe_role(project.service_role(), &format!("service role of {of}"));
        self.maybe_key(project.encryption_key(), &format!("encrypts artifacts of {of}"));
        self.project_logs(name, &project);
        if let Some(t::CacheType::S3) = project.cache().map(|c| c.r#type())
            && let Some(bucket) = project.cache().and_then(|c| c.location()).and_then(|l| l.split('/').next())
        {
            self.lead(Lead::Bucket(bucket.to_owned()), format!("cache of {of}"));
        }
        if project.webhook().is_some() {
            self.found("aws_codebuild_webhook", name, name, &format!("starts {of}"));
        }
        for variable in project.environment().map(|e| e.environment_variables()).unwrap_or_default() {
            if variable.r#type() == Some(&t::EnvironmentVariableType::Plaintext) {
                continue;
            }
            // Values of parameters and secrets cannot be imported.
            self.missing(
                format!("{} that {of} reads", variable.value()),
                "Parameters and secrets are left where they are: their values do not belong into configuration.",
            );
        }
    }

    fn project_logs(&mut self, name: &str, project: &t::Project) {
        let logs = project.logs_config();
        let cloud = logs.and_then(|l| l.cloud_watch_logs());
        if cloud.is_none_or(|c| *c.status() == t::LogsConfigStatusType::Enabled) {
            let group =
                cloud.and_then(|c| c.group_name()).map_or_else(|| format!("/aws/codebuild/{name}"), str::to_owned);
            self.lead(Lead::LogGroup(group), format!("log of project {name}"));
        }
        let bucket = logs.and_then(|l| l.s3_logs()).filter(|s| *s.status() == t::LogsConfigStatusType::Enabled);
        if let Some(bucket) = bucket.and_then(|s| s.location()).and_then(|l| l.split('/').next()) {
            self.lead(Lead::Bucket(last_name(bucket).to_owned()), format!("log of project {name}"));
        }
    }

    pub(super) async fn connection(&mut self, arn: &str, because: &str) {
        if !self.reachable("connection", arn) {
            return;
        }
        let what = format!("connection {arn}");
        let stored_as_star = arn.contains(":codestar-connections:");
        let (name, host) = if stored_as_star {
            let answer = self.aws.codestar().get_connection().connection_arn(arn).send().await.map_err(Failure::from);
            let Some(found) = self.read(what, answer).and_then(|a| a.connection) else { return };
            (found.connection_name, found.host_arn)
        } else {
            let answer =
                self.aws.codeconnections().get_connection().connection_arn(arn).send().await.map_err(Failure::from);
            let Some(found) = self.read(what, answer).and_then(|a| a.connection) else { return };
            (found.connection_name, found.host_arn)
        };
        let (connection, host_type) = match stored_as_star {
            true => ("aws_codestarconnections_connection", "aws_codestarconnections_host"),
            false => ("aws_codeconnections_connection", "aws_codeconnections_host"),
        };
        let name = name.unwrap_or_default();
        self.found(connection, arn, &name, because);
        if let Some(host) = host.filter(|h| !h.is_empty()) {
            let called = host.split('/').nth(1).unwrap_or(&name).to_owned();
            self.found(host_type, host, &called, &format!("host of connection {name}"));
        }
    }

    pub(super) async fn repository(&mut self, name: &str, because: &str) {
        let answer = self.aws.codecommit().get_repository().repository_name(name).send().await.map_err(Failure::from);
        let Some(found) = self.read(format!("repository {name}"), answer) else { return };
        self.found("aws_codecommit_repository", name, name, because);
        let metadata = found.repository_metadata;
        self.maybe_key(metadata.as_ref().and_then(|m| m.kms_key_id()), &format!("encrypts repository {name}"));
        self.arns.extend(metadata.and_then(|m| m.arn));
    }

    pub(super) async fn registry(&mut self, name: &str, because: &str) {
        let client = self.aws.ecr();
        let answer = client.describe_repositories().repository_names(name).send().await.map_err(Failure::from);
        let Some(answer) = self.read(format!("image repository {name}"), answer) else { return };
        let Some(found) = answer.repositories().first() else { return };
        let key = found.encryption_configuration().and_then(|e| e.kms_key()).map(str::to_owned);
        self.mentions.insert(("repository-name", name.to_owned()));
        self.found("aws_ecr_repository", name, name, because);
        self.maybe_key(key.as_deref(), &format!("encrypts image repository {name}"));
        let of = format!("image repository {name}");
        let policy = client.get_repository_policy().repository_name(name).send().await;
        self.aspect("aws_ecr_repository_policy", name, &of, "policy", policy.map(|_| true).map_err(Failure::from));
        let rules = client.get_lifecycle_policy().repository_name(name).send().await;
        self.aspect("aws_ecr_lifecycle_policy", name, &of, "life cycle", rules.map(|_| true).map_err(Failure::from));
    }

    /// A part of an object with a resource of its own, where it is set.
    pub(super) fn aspect(
        &mut self,
        type_name: &'static str,
        owner: &str,
        of: &str,
        what: &str,
        answer: Result<bool, Failure>,
    ) {
        const UNSET: &[&str] = &[
            "RepositoryPolicyNotFoundException",
            "LifecyclePolicyNotFoundException",
            "NoSuchBucketPolicy",
            "NoSuchLifecycleConfiguration",
            "NoSuchPublicAccessBlockConfiguration",
            "OwnershipControlsNotFoundError",
            "ServerSideEncryptionConfigurationNotFoundError",
            "NotFound",
            "NotFoundException",
        ];
        let answer = match answer {
            Err(failure) if failure.is(UNSET) => Ok(false),
            other => other,
        };
        if self.list(format!("{what} of {of}"), &[type_name], answer) == Some(true) {
            self.found(type_name, owner, owner, &format!("{what} of {of}"));
        }
    }
}
