//! `aws_codebuild_report_group`: where test reports and coverage of builds are kept.

use crate::provider::aws::answers::Answers;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::tags::Tags;
use crate::provider::aws::time::rfc3339;
use crate::provider::aws::wait::Look;
use async_trait::async_trait;
use aws_sdk_codebuild::types as t;
use std::time::Duration;

/// The type.
pub struct ReportGroup;

/// How long a delete may take (the window the original provider allows).
const DELETED: Duration = Duration::from_secs(120);

#[async_trait(?Send)]
impl ResourceType for ReportGroup {
    fn name(&self) -> &'static str {
        "aws_codebuild_report_group"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_codebuild_report_group.json")
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        let name = change.config.string("name").filter(|_| change.is_create());
        if let Some(arn) = name.and_then(|name| aws.arn("codebuild", &format!("report-group/{name}"))) {
            change.set_str("arn", &arn);
            change.set_str("id", arn);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let answer = cx
            .aws
            .codebuild()
            .create_report_group()
            .name(plan.str("name"))
            .r#type(plan.str("type").into())
            .set_export_config(plan.block("export_config").map(export))
            .set_tags(Some(sdk_tags(plan.string_map("tags_all"))).filter(|t| !t.is_empty()))
            .send()
            .await?;
        made.id(answer.report_group.and_then(|g| g.arn).unwrap_or_else(|| plan.str("id").to_owned()));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let live = match cx.aws.bulk::<Answers<t::ReportGroup>>().take(prior.str("id")) {
            Some(known) => known,
            None => find(cx, prior.str("id")).await?,
        };
        Ok(live.map(|live| {
            let tags = live.tags().iter();
            let tags = tags.filter_map(|t| Some((t.key()?.to_owned(), t.value().unwrap_or_default().to_owned())));
            cx.aws.with_tags(attributes(&live), tags.collect(), prior)
        }))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let changed = |name: &str| plan.differs(prior, name);
        if !changed("export_config") && !changed("tags_all") {
            return Ok(());
        }
        let export = plan.block("export_config").filter(|_| changed("export_config")).map(export);
        let tags = changed("tags_all").then(|| sdk_tags(plan.string_map("tags_all")));
        let call = cx.aws.codebuild().update_report_group().arn(prior.str("id"));
        call.set_export_config(export).set_tags(tags).send().await?;
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let arn = prior.str("id");
        let call = cx.aws.codebuild().delete_report_group().arn(arn).delete_reports(prior.bool("delete_reports"));
        if call.send().await.or_gone(&["ResourceNotFoundException"])?.is_none() {
            return Ok(());
        }
        cx.wait_until("the report group to be deleted", DELETED.min(cx.timeout), || async {
            Ok(match find(cx, arn).await? {
                None => Look::Done(()),
                Some(_) => Look::NotYet("it is still there".into()),
            })
        })
        .await
    }
}

async fn find(cx: &Cx<'_>, arn: &str) -> Outcome<Option<t::ReportGroup>> {
    let answer = cx.aws.codebuild().batch_get_report_groups().report_group_arns(arn).send().await?;
    Ok(answer.report_groups.unwrap_or_default().into_iter().next())
}

fn export(block: Obj<'_>) -> t::ReportExportConfig {
    let destination = block.block("s3_destination").map(|s| {
        t::S3ReportExportConfig::builder()
            .bucket(s.str("bucket"))
            .encryption_disabled(s.bool("encryption_disabled"))
            .set_encryption_key(s.string("encryption_key"))
            .set_packaging(s.opt("packaging").map(Into::into))
            .set_path(s.string("path"))
            .build()
    });
    t::ReportExportConfig::builder()
        .export_config_type(block.str("type").into())
        .set_s3_destination(destination)
        .build()
}

fn attributes(live: &t::ReportGroup) -> Attrs {
    let export = live.export_config().map(|e| {
        let destination = e.s3_destination().map(|s| {
            Attrs::new()
                .opt("bucket", s.bucket())
                .bool("encryption_disabled", s.encryption_disabled())
                .opt("encryption_key", s.encryption_key())
                .opt("packaging", s.packaging().map(t::ReportPackagingType::as_str))
                .opt("path", s.path())
        });
        Attrs::new()
            .opt("type", e.export_config_type().map(t::ReportExportConfigType::as_str))
            .block("s3_destination", destination)
    });
    Attrs::new()
        .opt("id", live.arn())
        .opt("arn", live.arn())
        .opt("created", live.created().map(rfc3339))
        .block("export_config", export)
        .opt("name", live.name())
        .opt("type", live.r#type().map(t::ReportType::as_str))
}

fn sdk_tags(tags: Tags) -> Vec<t::Tag> {
    tags.into_iter().map(|(k, v)| t::Tag::builder().key(k).value(v).build()).collect()
}
