//! Data `aws_service_principal`, `aws_default_tags` and `aws_arn`: what is known without asking AWS.

use crate::provider::aws::attrs::{Absent, Attrs};
use crate::provider::aws::checks::Checks;
use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::partition::{self, Partition};
use crate::provider::aws::resource::{Cx, DataType};
use async_trait::async_trait;

/// Data `aws_service_principal`.
pub struct ServicePrincipal;

/// Services whose principals end with their partition's own suffix (AWS CDK, region-info).
const OWN_SUFFIX: &[(&str, &[&str])] = &[
    ("aws-iso", &["cloudhsm", "config", "logs", "workspaces"]),
    ("aws-iso-b", &["dms", "logs"]),
    ("aws-cn", &["codedeploy", "elasticmapreduce", "logs"]),
];

fn suffix(service: &str, partition: &'static Partition) -> &'static str {
    let own = OWN_SUFFIX.iter().any(|(id, services)| *id == partition.id && services.contains(&service));
    if own { partition.dns_suffix } else { "amazonaws.com" }
}

#[async_trait(?Send)]
impl DataType for ServicePrincipal {
    fn name(&self) -> &'static str {
        "aws_service_principal"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_service_principal.json")
    }

    fn absent(&self) -> Absent {
        Absent::Null
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let (service, region) = (config.str("service_name"), config.opt("region").unwrap_or(cx.aws.region()));
        let Some(partition) = partition::of_region(region) else {
            return Err(
                Failure::said("Region not found", format!("There is no region {region:?}.")).attribute("region")
            );
        };
        let suffix = suffix(service, partition);
        Ok(Attrs::new()
            .str("id", format!("{service}.{region}.{suffix}"))
            .str("name", format!("{service}.{suffix}"))
            .str("region", region)
            .str("suffix", suffix))
    }
}

/// Data `aws_default_tags`.
pub struct DefaultTags;

#[async_trait(?Send)]
impl DataType for DefaultTags {
    fn name(&self) -> &'static str {
        "aws_default_tags"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_default_tags.json")
    }

    fn absent(&self) -> Absent {
        Absent::Null
    }

    async fn read(&self, cx: &Cx<'_>, _config: &Obj<'_>) -> Outcome<Attrs> {
        let tags = cx.aws.settings().ignore_tags.visible(cx.aws.default_tags().clone());
        Ok(Attrs::new().str("id", cx.aws.partition().id).map("tags", tags))
    }
}

/// Data `aws_arn`.
pub struct ArnParts;

#[async_trait(?Send)]
impl DataType for ArnParts {
    fn name(&self) -> &'static str {
        "aws_arn"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_arn.json")
    }

    fn absent(&self) -> Absent {
        Absent::Null
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        if let Some(text) =
            config.opt("arn").filter(|text| text.splitn(6, ':').count() < 6 || !text.starts_with("arn:"))
        {
            let detail = format!("\"{text}\" is not of the form arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE.");
            checks.wrong("arn", "Invalid ARN", detail);
        }
    }

    async fn read(&self, _cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let arn = config.str("arn");
        match arn.splitn(6, ':').collect::<Vec<_>>().as_slice() {
            ["arn", partition, service, region, account, resource] => Ok(Attrs::new()
                .str("id", arn)
                .str("partition", *partition)
                .str("service", *service)
                .str("region", *region)
                .str("account", *account)
                .str("resource", *resource)),
            _ => Err(Failure::said("Invalid ARN", format!("{arn:?} is no ARN.")).attribute("arn")),
        }
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;

    #[test]
    fn few_services_have_a_partitions_own_suffix() {
        let china = partition::by_id("aws-cn").unwrap();
        assert_eq!(suffix("logs", china), "amazonaws.com.cn");
        assert_eq!(suffix("codepipeline", china), "amazonaws.com");
        assert_eq!(suffix("logs", partition::by_id("aws").unwrap()), "amazonaws.com");
    }
}
