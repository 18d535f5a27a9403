//! Data `aws_caller_identity`: whose credentials these are.

use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::failure::Outcome;
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use async_trait::async_trait;

/// The type.
pub struct CallerIdentity;

#[async_trait(?Send)]
impl DataType for CallerIdentity {
    fn name(&self) -> &'static str {
        "aws_caller_identity"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_caller_identity.json")
    }

    fn offline(&self) -> bool {
        true
    }

    /// The provider asked already when it was configured; only where it was told not to, this asks now.
    async fn read(&self, cx: &Cx<'_>, _config: &Obj<'_>) -> Outcome<Attrs> {
        let (account, arn, user) = match cx.aws.identity() {
            Some(known) => (known.account.clone(), known.arn.clone(), known.user_id.clone()),
            None => {
                let found = cx.aws.sts().get_caller_identity().send().await?;
                (found.account.unwrap_or_default(), found.arn.unwrap_or_default(), found.user_id.unwrap_or_default())
            }
        };
        Ok(Attrs::new().str("id", account.as_str()).str("account_id", account).str("arn", arn).str("user_id", user))
    }
}
