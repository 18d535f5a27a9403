//! Data `aws_ecr_authorization_token`: the password with which container tools sign in at a registry, good for twelve hours.

use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use crate::provider::aws::time::rfc3339;
use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The type.
pub struct AuthorizationTokenData;

#[async_trait(?Send)]
impl DataType for AuthorizationTokenData {
    fn name(&self) -> &'static str {
        "aws_ecr_authorization_token"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_ecr_authorization_token.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let mut call = cx.aws.ecr().get_authorization_token();
        if let Some(registry) = config.opt("registry_id") {
            // Registries are no longer named in requests, but the original provider still does where one is configured.
            #[allow(deprecated)]
            {
                call = call.registry_ids(registry);
            }
        }
        let answer = call.send().await?;
        let Some(token) = answer.authorization_data.unwrap_or_default().into_iter().next() else {
            return Err(Failure::said("No authorization token", "ECR answered without a token."));
        };
        let text = token.authorization_token().unwrap_or_default();
        let Some((user, password)) = credentials(text) else {
            return Err(Failure::said(
                "Unreadable authorization token",
                "ECR answered with a token that does not hold a user and a password.",
            ));
        };
        Ok(Attrs::new()
            .str("id", cx.aws.region())
            .str("authorization_token", text)
            .opt("proxy_endpoint", token.proxy_endpoint())
            .opt("expires_at", token.expires_at().map(rfc3339))
            .str("user_name", user)
            .str("password", password))
    }
}

/// `user:password` in base 64.
fn credentials(token: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(token).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::credentials;

    #[test]
    fn a_token_holds_user_and_password() {
        assert_eq!(credentials("QVdTOnB3"), Some(("AWS".into(), "pw".into())));
        assert_eq!(credentials("!"), None);
        assert_eq!(credentials("QVdT"), None);
    }
}
