//! `aws_s3_bucket_cors_configuration`: which pages of other origins may read a bucket.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::checks::Checks;
use super::super::failure::{OrGone, Outcome};
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType};
use super::super::wait::Look;
use super::calls::{self, PATIENCE, named, predict_id, remove, split, write};
use async_trait::async_trait;
use aws_sdk_s3::types::{CorsConfiguration, CorsRule};

pub struct Cors;

const GONE: &[&str] = &["NoSuchCORSConfiguration", "NoSuchBucket", "NotFound"];

fn wanted(block: &Obj<'_>) -> Outcome<CorsRule> {
    let some = |name: &str| Some(block.strings(name)).filter(|l| !l.is_empty());
    Ok(CorsRule::builder()
        .set_allowed_headers(some("allowed_headers"))
        .set_allowed_methods(Some(block.strings("allowed_methods")))
        .set_allowed_origins(Some(block.strings("allowed_origins")))
        .set_expose_headers(some("expose_headers"))
        .set_id(block.string("id").filter(|id| !id.is_empty()))
        .set_max_age_seconds(block.int32("max_age_seconds"))
        .build()?)
}

fn shown(rule: CorsRule) -> Attrs {
    Attrs::new()
        .strings("allowed_headers", rule.allowed_headers.unwrap_or_default())
        .strings("allowed_methods", rule.allowed_methods)
        .strings("allowed_origins", rule.allowed_origins)
        .strings("expose_headers", rule.expose_headers.unwrap_or_default())
        .opt("id", rule.id)
        .int("max_age_seconds", rule.max_age_seconds)
}

async fn get(cx: &Cx<'_>, bucket: &str, owner: Option<&str>) -> Outcome<Option<Vec<CorsRule>>> {
    let call = cx.aws.s3().get_bucket_cors().bucket(bucket).set_expected_bucket_owner(owner.map(str::to_owned));
    Ok(call.send().await.or_gone(GONE)?.and_then(|a| a.cors_rules).filter(|rules| !rules.is_empty()))
}

async fn put(cx: &Cx<'_>, id: &str, plan: &Obj<'_>) -> Outcome<()> {
    let (bucket, owner) = split(id);
    let rules: Vec<CorsRule> = plan.blocks("cors_rule").iter().map(wanted).collect::<Outcome<_>>()?;
    let config = CorsConfiguration::builder().set_cors_rules(Some(rules.clone())).build()?;
    write(cx, bucket, || async {
        let call = cx.aws.s3().put_bucket_cors().bucket(bucket).cors_configuration(config.clone());
        call.set_expected_bucket_owner(owner.map(str::to_owned)).send().await?;
        Ok(())
    })
    .await?;
    cx.wait_until("the CORS rules to be in force", PATIENCE, || async {
        let origins = |rule: &CorsRule| rule.allowed_origins().to_vec();
        Ok(match get(cx, bucket, owner).await? {
            Some(now) if now.iter().map(origins).eq(rules.iter().map(origins)) => Look::Done(()),
            _ => Look::NotYet("S3 still shows the old ones".into()),
        })
    })
    .await
}

#[async_trait(?Send)]
impl ResourceType for Cors {
    fn name(&self) -> &'static str {
        "aws_s3_bucket_cors_configuration"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_s3_bucket_cors_configuration.json")
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        const METHODS: &[&str] = &["GET", "PUT", "HEAD", "POST", "DELETE"];
        for rule in config.blocks("cors_rule") {
            for method in rule.strings("allowed_methods").iter().filter(|m| !METHODS.contains(&m.as_str())) {
                let detail = format!("S3 takes {}, not {method:?}.", METHODS.join(", "));
                checks.wrong("cors_rule", "Invalid method in allowed_methods", detail);
            }
        }
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        predict_id(change);
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let id = calls::id(plan);
        put(cx, &id, plan).await?;
        made.id(id);
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let id = prior.str("id");
        let (bucket, owner) = split(id);
        let found = get(cx, bucket, owner).await?;
        Ok(found.map(|rules| named(id).blocks("cors_rule", rules.into_iter().map(shown))))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        put(cx, prior.str("id"), plan).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let (bucket, owner) = split(prior.str("id"));
        remove(cx, bucket, || async {
            let call = cx.aws.s3().delete_bucket_cors().bucket(bucket);
            call.set_expected_bucket_owner(owner.map(str::to_owned)).send().await.or_gone(GONE)?;
            Ok(())
        })
        .await
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        Ok(named(id))
    }
}
