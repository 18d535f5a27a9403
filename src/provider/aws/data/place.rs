//! Data `aws_region` and `aws_partition`: where we are. Known without asking AWS.

use crate::diagnostics::Diagnostic;
use crate::lang::value::symbol;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::partition;
use crate::provider::aws::resource::{Cx, DataType};
use async_trait::async_trait;

/// Regions and what AWS calls them (endpoints.json of the AWS SDKs).
const REGIONS: &[(&str, &str)] = &[
    ("af-south-1", "Africa (Cape Town)"),
    ("ap-east-1", "Asia Pacific (Hong Kong)"),
    ("ap-east-2", "Asia Pacific (Taipei)"),
    ("ap-northeast-1", "Asia Pacific (Tokyo)"),
    ("ap-northeast-2", "Asia Pacific (Seoul)"),
    ("ap-northeast-3", "Asia Pacific (Osaka)"),
    ("ap-south-1", "Asia Pacific (Mumbai)"),
    ("ap-south-2", "Asia Pacific (Hyderabad)"),
    ("ap-southeast-1", "Asia Pacific (Singapore)"),
    ("ap-southeast-2", "Asia Pacific (Sydney)"),
    ("ap-southeast-3", "Asia Pacific (Jakarta)"),
    ("ap-southeast-4", "Asia Pacific (Melbourne)"),
    ("ap-southeast-5", "Asia Pacific (Malaysia)"),
    ("ap-southeast-7", "Asia Pacific (Thailand)"),
    ("ca-central-1", "Canada (Central)"),
    ("ca-west-1", "Canada West (Calgary)"),
    ("cn-north-1", "China (Beijing)"),
    ("cn-northwest-1", "China (Ningxia)"),
    ("eu-central-1", "Europe (Frankfurt)"),
    ("eu-central-2", "Europe (Zurich)"),
    ("eu-isoe-west-1", "EU ISOE West"),
    ("eu-north-1", "Europe (Stockholm)"),
    ("eu-south-1", "Europe (Milan)"),
    ("eu-south-2", "Europe (Spain)"),
    ("eu-west-1", "Europe (Ireland)"),
    ("eu-west-2", "Europe (London)"),
    ("eu-west-3", "Europe (Paris)"),
    ("eusc-de-east-1", "EU (Germany)"),
    ("il-central-1", "Israel (Tel Aviv)"),
    ("me-central-1", "Middle East (UAE)"),
    ("me-south-1", "Middle East (Bahrain)"),
    ("mx-central-1", "Mexico (Central)"),
    ("sa-east-1", "South America (Sao Paulo)"),
    ("us-east-1", "US East (N. Virginia)"),
    ("us-east-2", "US East (Ohio)"),
    ("us-gov-east-1", "AWS GovCloud (US-East)"),
    ("us-gov-west-1", "AWS GovCloud (US-West)"),
    ("us-iso-east-1", "US ISO East"),
    ("us-iso-west-1", "US ISO WEST"),
    ("us-isob-east-1", "US ISOB East (Ohio)"),
    ("us-isof-east-1", "US ISOF EAST"),
    ("us-isof-south-1", "US ISOF SOUTH"),
    ("us-west-1", "US West (N. California)"),
    ("us-west-2", "US West (Oregon)"),
];

/// Data `aws_region`.
pub struct RegionData;

#[async_trait(?Send)]
impl DataType for RegionData {
    fn name(&self) -> &'static str {
        "aws_region"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_region.json")
    }

    fn offline(&self) -> bool {
        true
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        // Version 6 of the provider calls it `region`.
        let (name, endpoint) = (config.opt("name").or(config.opt("region")), config.opt("endpoint"));
        if let (Some(name), Some(region)) = (config.opt("name"), config.opt("region"))
            && name != region
        {
            let detail = format!("`name` asks for {name} and `region` for {region}.");
            return Err(Diagnostic::error("Multiple regions matched", detail).hint("Set only one of them.").into());
        }
        let by_endpoint = match endpoint {
            Some(asked) => Some(of_endpoint(asked).ok_or_else(|| unknown("endpoint", asked))?),
            None => None,
        };
        if let (Some(name), Some(other)) = (name, by_endpoint)
            && name != other
        {
            let detail = format!("Region {name} does not have the endpoint that was asked for: that is {other}'s.");
            return Err(Diagnostic::error("Multiple regions matched", detail)
                .hint("Set only one of name and endpoint.")
                .into());
        }
        let region = name.or(by_endpoint).unwrap_or(cx.aws.region());
        if symbol::has_symbol(region) {
            return Ok(Attrs::new().str("id", region).str("name", region));
        }
        let partition = partition::of_region(region).ok_or_else(|| unknown("name", region))?;
        let description = REGIONS.iter().find(|(id, _)| *id == region).map_or("", |(_, text)| *text);
        Ok(Attrs::new()
            .str("id", region)
            .str("name", region)
            .str("endpoint", format!("ec2.{region}.{}", partition.dns_suffix))
            .str("description", description))
    }
}

fn of_endpoint(endpoint: &str) -> Option<&str> {
    let rest = endpoint.strip_prefix("ec2.")?;
    let (region, suffix) = rest.split_once('.')?;
    partition::of_region(region).filter(|p| p.dns_suffix == suffix).map(|_| region)
}

fn unknown(attribute: &str, value: &str) -> Failure {
    Failure::said("Region not found", format!("There is no region with {attribute} {value:?}.")).attribute(attribute)
}

/// Data `aws_partition`.
pub struct PartitionData;

#[async_trait(?Send)]
impl DataType for PartitionData {
    fn name(&self) -> &'static str {
        "aws_partition"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_partition.json")
    }

    fn offline(&self) -> bool {
        true
    }

    async fn read(&self, cx: &Cx<'_>, _config: &Obj<'_>) -> Outcome<Attrs> {
        let partition = cx.aws.partition();
        Ok(Attrs::new()
            .str("id", partition.id)
            .str("partition", partition.id)
            .str("dns_suffix", partition.dns_suffix)
            .str("reverse_dns_prefix", partition.reverse_dns_prefix))
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
    fn every_listed_region_has_a_partition() {
        for (region, _) in REGIONS {
            assert!(partition::of_region(region).is_some(), "{region}");
        }
    }

    #[test]
    fn a_region_is_found_by_its_endpoint() {
        assert_eq!(of_endpoint("ec2.eu-west-1.amazonaws.com"), Some("eu-west-1"));
        assert_eq!(of_endpoint("ec2.cn-north-1.amazonaws.com"), None);
    }
}
