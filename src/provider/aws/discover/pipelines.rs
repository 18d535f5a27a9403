//! The pipeline itself: its role, stores, actions and webhooks.

use super::{Lead, Search};
use crate::provider::aws::failure::{Failure, OrGone, Outcome};

impl Search<'_> {
    pub(super) async fn pipeline(&mut self, name: &str) -> Outcome<()> {
        let client = self.aws.codepipeline();
        let answer = client.get_pipeline().name(name).send().await.or_gone(&["PipelineNotFoundException"])?;
        let Some(pipeline) = answer.and_then(|a| a.pipeline) else {
            return Err(Failure::said(
                "No such pipeline",
                format!("There is no pipeline {name:?} in region {}.", self.aws.region()),
            ));
        };
        let because = format!("pipeline {name}");
        self.found("aws_codepipeline", name, name, "the pipeline");
        self.mentions.insert(("pipeline", name.to_owned()));
        if let Some(arn) = self.aws.arn("codepipeline", name) {
            self.arns.insert(arn);
        }
        self.lead(Lead::Role(pipeline.role_arn().to_owned()), format!("service role of {because}"));
        let one = pipeline.artifact_store().map(|store| (self.aws.region().to_owned(), store.clone()));
        let many =
            pipeline.artifact_stores().into_iter().flatten().map(|(region, store)| (region.clone(), store.clone()));
        let stores: Vec<_> = one.into_iter().chain(many).collect();
        for (region, store) in stores {
            if region != self.aws.region() {
                self.missing(
                    format!("artifact bucket {} in {region}", store.location()),
                    "It is in another region than the provider. Import it with a provider configuration of its own.",
                );
                continue;
            }
            self.lead(Lead::Bucket(store.location().to_owned()), format!("artifact bucket of {because}"));
            if let Some(key) = store.encryption_key() {
                self.lead(Lead::Key(key.id().to_owned()), format!("encrypts artifacts of {because}"));
            }
        }
        for stage in pipeline.stages() {
            for action in stage.actions() {
                self.action(name, stage.name(), action);
            }
        }
        self.webhooks(name).await;
        // Where actions of the pipeline itself, such as Commands, write.
        self.lead(Lead::LogGroup(format!("/aws/codepipeline/{name}")), format!("log of {because}"));
        Ok(())
    }

    async fn webhooks(&mut self, pipeline: &str) {
        let pages: Result<Vec<_>, _> = {
            let stream = self.aws.codepipeline().list_webhooks().into_paginator().items().send();
            stream.collect().await
        };
        let what = format!("webhooks of pipeline {pipeline}");
        let Some(all) = self.list(what, &["aws_codepipeline_webhook"], pages.map_err(Failure::from)) else { return };
        for item in all {
            let target = item.definition().map(|d| (d.name().to_owned(), d.target_pipeline() == pipeline));
            if let (Some((name, true)), Some(arn)) = (target, item.arn()) {
                self.found("aws_codepipeline_webhook", arn, &name, &format!("starts pipeline {pipeline}"));
            }
        }
    }
}
