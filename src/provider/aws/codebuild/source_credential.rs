//! `aws_codebuild_source_credential`: how CodeBuild signs in at a host of repositories. CodeBuild never shows the secret again.

use crate::provider::aws::answers::Answers;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::failure::{OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use async_trait::async_trait;
use aws_sdk_codebuild::types as t;

/// The type.
pub struct SourceCredential;

#[async_trait(?Send)]
impl ResourceType for SourceCredential {
    fn name(&self) -> &'static str {
        "aws_codebuild_source_credential"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_codebuild_source_credential.json")
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let kind = plan.str("auth_type");
        let answer = cx
            .aws
            .codebuild()
            .import_source_credentials()
            .auth_type(kind.into())
            .server_type(plan.str("server_type").into())
            .token(plan.str("token"))
            .set_username(plan.string("user_name").filter(|_| kind == "BASIC_AUTH"))
            .send()
            .await?;
        made.id(answer.arn.unwrap_or_default());
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let arn = prior.str("id");
        let live = match cx.aws.bulk::<Answers<t::SourceCredentialsInfo>>().take(arn) {
            Some(known) => known,
            None => list(cx).await?.into_iter().find(|c| c.arn() == Some(arn)),
        };
        Ok(live.map(|live| {
            Attrs::new()
                .opt("id", live.arn())
                .opt("arn", live.arn())
                .opt("auth_type", live.auth_type().map(t::AuthType::as_str))
                .opt("server_type", live.server_type().map(t::ServerType::as_str))
        }))
    }

    /// Every attribute needs a new object.
    async fn update(&self, _cx: &Cx<'_>, _prior: &Obj<'_>, _plan: &Obj<'_>) -> Outcome<()> {
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let call = cx.aws.codebuild().delete_source_credentials().arn(prior.str("id"));
        call.send().await.or_gone(&["ResourceNotFoundException"])?;
        Ok(())
    }
}

/// All credentials of account and region; there is at most one per kind of host.
pub async fn list(cx: &Cx<'_>) -> Outcome<Vec<t::SourceCredentialsInfo>> {
    Ok(cx.aws.codebuild().list_source_credentials().send().await?.source_credentials_infos.unwrap_or_default())
}
