//! What the actions of a pipeline work with.

use super::{Lead, Search};
use aws_sdk_codepipeline::types as t;

impl Search<'_> {
    pub(super) fn action(&mut self, pipeline: &str, stage: &str, action: &t::ActionDeclaration) {
        let because = format!("action {stage}/{} of pipeline {pipeline}", action.name());
        if let Some(region) = action.region().filter(|region| *region != self.aws.region()) {
            let why = "It runs in another region than the provider. Import what it works with by a provider configuration of its own.";
            return self.missing(format!("what {because} works with in {region}"), why);
        }
        if let Some(role) = action.role_arn() {
            self.lead(Lead::Role(role.to_owned()), format!("role of {because}"));
        }
        let Some(id) = action.action_type_id() else { return };
        let configuration = action.configuration();
        let setting = |name: &str| configuration.and_then(|c| c.get(name)).filter(|v| !v.is_empty()).cloned();
        let mut lead = |lead: Option<Lead>| {
            if let Some(lead) = lead {
                self.lead(lead, because.clone());
            }
        };
        if *id.owner() == t::ActionOwner::Custom {
            return lead(Some(Lead::ActionType(
                id.category().as_str().to_owned(),
                id.provider().to_owned(),
                id.version().to_owned(),
            )));
        }
        lead(setting("RoleArn").map(Lead::Role));
        match id.provider() {
            "CodeBuild" => lead(setting("ProjectName").map(Lead::Project)),
            "CodeStarSourceConnection" => lead(setting("ConnectionArn").map(Lead::Connection)),
            "CodeCommit" => lead(setting("RepositoryName").map(Lead::Repository)),
            "ECR" => lead(setting("RepositoryName").map(Lead::Registry)),
            "S3" => {
                lead(setting("S3Bucket").map(Lead::Bucket));
                lead(setting("BucketName").map(Lead::Bucket));
                lead(setting("KMSEncryptionKeyARN").map(Lead::Key));
            }
            "CodeDeploy" | "CodeDeployToECS" => {
                let (app, group) = (setting("ApplicationName"), setting("DeploymentGroupName"));
                lead(app.clone().map(Lead::Application));
                lead(app.zip(group).map(|(app, group)| Lead::DeploymentGroup(app, group)));
            }
            "Lambda" => lead(setting("FunctionName").map(Lead::Function)),
            "StepFunctions" => lead(setting("StateMachineArn").map(Lead::StateMachine)),
            "Manual" => lead(setting("NotificationArn").map(Lead::Topic)),
            _ => {}
        }
    }
}
