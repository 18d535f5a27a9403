//! Ephemeral `aws_secretsmanager_random_password`: a password made by Secrets Manager, another one each time.

use crate::provider::aws::attrs::{Absent, Attrs};
use crate::provider::aws::failure::Outcome;
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use async_trait::async_trait;

/// Ephemeral `aws_secretsmanager_random_password`.
pub struct RandomPassword;

#[async_trait(?Send)]
impl DataType for RandomPassword {
    fn name(&self) -> &'static str {
        "aws_secretsmanager_random_password"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/ephemeral.aws_secretsmanager_random_password.json")
    }

    fn absent(&self) -> Absent {
        Absent::Null
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let answer = cx
            .aws
            .secrets_manager()
            .get_random_password()
            .set_exclude_characters(config.string("exclude_characters"))
            .set_exclude_lowercase(config.opt_bool("exclude_lowercase"))
            .set_exclude_numbers(config.opt_bool("exclude_numbers"))
            .set_exclude_punctuation(config.opt_bool("exclude_punctuation"))
            .set_exclude_uppercase(config.opt_bool("exclude_uppercase"))
            .set_include_space(config.opt_bool("include_space"))
            .set_password_length(config.int("password_length"))
            .set_require_each_included_type(config.opt_bool("require_each_included_type"))
            .send()
            .await?;
        Ok(Attrs::new().opt("random_password", answer.random_password()))
    }
}
