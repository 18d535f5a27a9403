//! CodeDeploy applications, groups and configurations.

use super::{Lead, Search};
use crate::provider::aws::failure::Failure;

impl Search<'_> {
    pub(super) async fn application(&mut self, name: &str, because: &str) {
        let answer = self.aws.codedeploy().get_application().application_name(name).send().await;
        if self.read(format!("application {name}"), answer.map_err(Failure::from)).is_some() {
            self.found("aws_codedeploy_app", name, name, because);
            self.mentions.insert(("application", name.to_owned()));
        }
    }

    pub(super) async fn deployment_group(&mut self, app: &str, group: &str, because: &str) {
        let client = self.aws.codedeploy();
        let answer = client.get_deployment_group().application_name(app).deployment_group_name(group).send().await;
        let what = format!("deployment group {group} of application {app}");
        let Some(info) = self.read(&*what, answer.map_err(Failure::from)).and_then(|a| a.deployment_group_info) else {
            return;
        };
        self.found("aws_codedeploy_deployment_group", format!("{app}:{group}"), &format!("{app}_{group}"), because);
        self.maybe_role(info.service_role_arn(), &format!("service role of {what}"));
        if let Some(config) = info.deployment_config_name().filter(|c| !c.starts_with("CodeDeployDefault.")) {
            self.lead(Lead::DeploymentConfig(config.to_owned()), format!("configuration of {what}"));
        }
        for trigger in info.trigger_configurations() {
            if let Some(topic) = trigger.trigger_target_arn() {
                self.target(topic, &format!("is told by {what}"));
            }
        }
    }

    pub(super) async fn deployment_config(&mut self, name: &str, because: &str) {
        let answer = self.aws.codedeploy().get_deployment_config().deployment_config_name(name).send().await;
        if self.read(format!("deployment configuration {name}"), answer.map_err(Failure::from)).is_some() {
            self.found("aws_codedeploy_deployment_config", name, name, because);
        }
    }
}
