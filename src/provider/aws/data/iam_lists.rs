//! Data `aws_iam_roles`, and `aws_iam_session_context`: roles by name or path, and the role behind an assumed-role session.

use crate::diagnostics::Diagnostic;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::checks::Checks;
use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::iam::GONE;
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use crate::provider::aws::wait::IAM_PROPAGATION;
use async_trait::async_trait;
use regex::Regex;

/// Data `aws_iam_roles`.
pub struct RolesData;

fn pattern(text: &str) -> Result<Regex, Diagnostic> {
    Regex::new(text).map_err(|e| Diagnostic::error(format!("\"name_regex\": {e}"), ""))
}

#[async_trait(?Send)]
impl DataType for RolesData {
    fn name(&self) -> &'static str {
        "aws_iam_roles"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_iam_roles.json")
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        if let Some(Err(wrong)) = config.opt("name_regex").map(pattern) {
            checks.wrong("name_regex", wrong.summary, "");
        }
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let wanted = config.opt("name_regex").map(pattern).transpose()?;
        let call = cx.aws.iam().list_roles().set_path_prefix(config.string("path_prefix")).max_items(1000);
        let mut pages = call.into_paginator().items().send();
        let (mut names, mut arns) = (Vec::new(), Vec::new());
        while let Some(role) = pages.try_next().await? {
            if wanted.as_ref().is_none_or(|w| w.is_match(&role.role_name)) {
                names.push(role.role_name);
                arns.push(role.arn);
            }
        }
        Ok(Attrs::new().str("id", cx.aws.region()).strings("names", names).strings("arns", arns))
    }
}

/// Data `aws_iam_session_context`.
pub struct SessionContext;

/// Role and session of an ARN such as `arn:aws:sts::123456789012:assumed-role/ROLE/SESSION`.
fn session(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let (service, resource) = (parts.nth(2)?, parts.nth(2)?);
    let rest = resource.strip_prefix("assumed-role/").filter(|_| service == "sts")?;
    let (roles, session) = rest.rsplit_once('/')?;
    let role = roles.rsplit('/').next()?;
    (!role.is_empty() && session.len() >= 2).then_some((role, session))
}

#[async_trait(?Send)]
impl DataType for SessionContext {
    fn name(&self) -> &'static str {
        "aws_iam_session_context"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_iam_session_context.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let arn = config.str("arn");
        let Some((role, session)) = session(arn) else {
            return Ok(Attrs::new()
                .str("id", arn)
                .str("issuer_arn", arn)
                .str("issuer_id", "")
                .str("issuer_name", "")
                .str("session_name", ""));
        };
        let passing = |f: &Failure| f.is(GONE).then_some("IAM does not know the role everywhere yet");
        let answer = cx
            .retry(IAM_PROPAGATION, passing, || async { Ok(cx.aws.iam().get_role().role_name(role).send().await?) })
            .await?;
        let Some(found) = answer.role else {
            return Err(Failure::said("Role not found", format!("There is no role {role:?}.")).attribute("arn"));
        };
        Ok(Attrs::new()
            .str("id", arn)
            .str("issuer_arn", found.arn)
            .str("issuer_id", found.role_id)
            .str("issuer_name", role)
            .str("session_name", session))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_names_its_role_without_the_path() {
        assert_eq!(session("arn:aws:sts::1:assumed-role/ci/me"), Some(("ci", "me")));
        assert_eq!(session("arn:aws:sts::1:assumed-role/path/ci/me@x"), Some(("ci", "me@x")));
        assert_eq!(session("arn:aws:iam::1:user/ann"), None);
        assert_eq!(session("arn:aws:sts::1:assumed-role/ci/x"), None);
        assert_eq!(session("arn:aws:iam::1:assumed-role/ci/me"), None);
    }
}
