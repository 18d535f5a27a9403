//! Data `aws_s3_bucket`: a bucket made elsewhere.

use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::partition;
use crate::provider::aws::resource::{Cx, DataType};
use async_trait::async_trait;
use aws_sdk_s3::error::ProvideErrorMetadata;

/// Zones of S3's website endpoints for Route 53 aliases (AWS General Reference, Amazon S3 website endpoints).
const ZONES: &[(&str, &str)] = &[
    ("af-south-1", "Z83WF9RJE8B12"),
    ("ap-east-1", "ZNB98KWMFR0R6"),
    ("ap-northeast-1", "Z2M4EHUR26P7ZW"),
    ("ap-northeast-2", "Z3W03O7B5YMIYP"),
    ("ap-northeast-3", "Z2YQB5RD63NC85"),
    ("ap-south-1", "Z11RGJOFQNVJUP"),
    ("ap-south-2", "Z02976202B4EZMXIPMXF7"),
    ("ap-southeast-1", "Z3O0J2DXBE1FTB"),
    ("ap-southeast-2", "Z1WCIGYICN2BYD"),
    ("ap-southeast-3", "Z01846753K324LI26A3VV"),
    ("ap-southeast-4", "Z0312387243XT5FE14WFO"),
    ("ca-central-1", "Z1QDHH18159H29"),
    ("ca-west-1", "Z03565811Z33SLEZTHOUL"),
    ("cn-north-1", "Z5CN8UMXT92WN"),
    ("cn-northwest-1", "Z282HJ1KT0DH03"),
    ("eu-central-1", "Z21DNDUVLTQW6Q"),
    ("eu-central-2", "Z030506016YDQGETNASS"),
    ("eu-north-1", "Z3BAZG2TWCNX0D"),
    ("eu-south-1", "Z30OZKI7KPW7MI"),
    ("eu-south-2", "Z0081959F7139GRJC19J"),
    ("eu-west-1", "Z1BKCTXD74EZPE"),
    ("eu-west-2", "Z3GKZC51ZF0DB4"),
    ("eu-west-3", "Z3R1K369G5AVDG"),
    ("il-central-1", "Z09640613K4A3MN55U7GU"),
    ("me-central-1", "Z06143092I8HRXZRUZROF"),
    ("me-south-1", "Z1MPMWCPA7YB62"),
    ("sa-east-1", "Z7KQH4QJS55SO"),
    ("us-east-1", "Z3AQBSTGFYJSTF"),
    ("us-east-2", "Z2O1EMRO9K5GLX"),
    ("us-gov-east-1", "Z2NIFVYYW2VKV1"),
    ("us-gov-west-1", "Z31GFT0UA1I2HV"),
    ("us-west-1", "Z2F56UZL2M1ACD"),
    ("us-west-2", "Z3BJ6K6RIION7M"),
];

/// The type.
pub struct BucketData;

#[async_trait(?Send)]
impl DataType for BucketData {
    fn name(&self) -> &'static str {
        "aws_s3_bucket"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_s3_bucket.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let name = config.str("bucket");
        let answer = cx.aws.s3().head_bucket().bucket(name).send().await;
        let region = match answer {
            Ok(found) => found.bucket_region,
            // A bucket of another region answers with a redirect that names it.
            Err(error) => {
                let named =
                    error.raw_response().and_then(|r| r.headers().get("x-amz-bucket-region")).map(str::to_owned);
                let gone = error.meta().code() == Some("NotFound");
                match named.filter(|_| !gone) {
                    Some(region) => Some(region),
                    None => return Err(not_found(name, error.into())),
                }
            }
        };
        let region = region.unwrap_or_else(|| cx.aws.region().to_owned());
        let suffix = partition::of_region(&region).unwrap_or(cx.aws.partition()).dns_suffix;
        let zone = ZONES.iter().find(|(id, _)| *id == region).map(|(_, zone)| *zone);
        let mut attrs = Attrs::new()
            .str("id", name)
            .str("bucket", name)
            .str("arn", format!("arn:{}:s3:::{name}", cx.aws.partition().id))
            .str("bucket_domain_name", format!("{name}.s3.{suffix}"))
            .str("bucket_regional_domain_name", format!("{name}.s3.{region}.{suffix}"))
            .opt("hosted_zone_id", zone)
            .null("website_domain")
            .null("website_endpoint");
        let website = cx.aws.s3().get_bucket_website().bucket(name).send().await;
        if website.is_ok() {
            let domain = website_domain(&region, suffix);
            attrs = attrs.str("website_endpoint", format!("{name}.{domain}")).str("website_domain", domain);
        }
        Ok(attrs.str("region", region))
    }
}

fn not_found(name: &str, failure: Failure) -> Failure {
    if failure.is(&["NotFound", "NoSuchBucket"]) {
        return Failure::said(
            "Bucket not found",
            format!("There is no bucket {name:?} that these credentials may see."),
        )
        .attribute("bucket");
    }
    failure
}

/// Older regions join with a hyphen, newer ones with a dot (AWS General Reference).
fn website_domain(region: &str, suffix: &str) -> String {
    const HYPHEN: &[&str] = &[
        "us-east-1",
        "us-west-1",
        "us-west-2",
        "eu-west-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-northeast-1",
        "sa-east-1",
        "us-gov-west-1",
    ];
    let joint = if HYPHEN.contains(&region) { '-' } else { '.' };
    format!("s3-website{joint}{region}.{suffix}")
}
