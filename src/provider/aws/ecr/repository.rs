//! `aws_ecr_repository`: a repository of container images.

use super::GONE;
use crate::diagnostics::Diagnostic;
use crate::lang::value::Value;
use crate::provider::aws::answers::Answers;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType, Timeouts, minutes};
use crate::provider::aws::tagging;
use crate::provider::aws::tags::{TagChange, Tags};
use crate::provider::aws::wait::Look;
use async_trait::async_trait;
use aws_sdk_ecr::types as t;

/// The type.
pub struct Repository;

#[async_trait(?Send)]
impl ResourceType for Repository {
    fn name(&self) -> &'static str {
        "aws_ecr_repository"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_ecr_repository.json")
    }

    fn timeouts(&self) -> Timeouts {
        Timeouts { delete: minutes(20), ..Timeouts::default() }
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        predict_encryption(change);
        if change.config.known("image_scanning_configuration") && !change.config.has("image_scanning_configuration") {
            change.set("image_scanning_configuration", one(Value::object_of([("scan_on_push", Value::bool(false))])));
        }
        if !change.is_create() {
            return;
        }
        if let Some(name) = change.config.string("name") {
            change.set_some("arn", aws.arn("ecr", &format!("repository/{name}")));
            if let Some(account) = aws.account() {
                let host = format!("{account}.dkr.ecr.{}.{}", aws.region(), aws.partition().dns_suffix);
                change.set_str("repository_url", format!("{host}/{name}"));
            }
            change.set_str("id", name);
        }
        change.set_some("registry_id", aws.account());
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let name = plan.str("name");
        let encryption = plan.block("encryption_configuration").map(|e| {
            let encryption = t::EncryptionConfiguration::builder().encryption_type(e.str("encryption_type").into());
            encryption.set_kms_key(e.string("kms_key")).build()
        });
        cx.aws
            .ecr()
            .create_repository()
            .repository_name(name)
            .set_image_tag_mutability(plan.opt("image_tag_mutability").map(t::ImageTagMutability::from))
            .set_image_scanning_configuration(plan.has("image_scanning_configuration").then(|| scanning(plan)))
            .set_encryption_configuration(encryption.transpose()?)
            .set_tags(Some(sdk_tags(plan.string_map("tags_all"))?).filter(|t| !t.is_empty()))
            .send()
            .await?;
        made.id(name);
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let name = prior.str("id");
        let live = match cx.aws.bulk::<Answers<t::Repository>>().take(name) {
            Some(known) => known,
            None => find(cx, name, None).await?,
        };
        let Some(live) = live else { return Ok(None) };
        let arn = live.repository_arn().unwrap_or_default();
        let tags = match tagging::confirmed(cx.aws, arn, prior) {
            Some(tags) => tags,
            None => read_tags(cx, arn).await?,
        };
        Ok(Some(cx.aws.with_tags(attributes(&live), tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let (client, name, registry) = (cx.aws.ecr(), prior.str("id"), prior.string("registry_id"));
        if plan.differs(prior, "image_tag_mutability") {
            let call = client.put_image_tag_mutability().repository_name(name).set_registry_id(registry.clone());
            call.image_tag_mutability(plan.str("image_tag_mutability").into()).send().await?;
        }
        if plan.differs(prior, "image_scanning_configuration") {
            let call = client.put_image_scanning_configuration().repository_name(name).set_registry_id(registry);
            call.image_scanning_configuration(scanning(plan)).send().await?;
        }
        write_tags(cx, prior.str("arn"), TagChange::between(prior, plan)).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let name = prior.str("id");
        let call = cx.aws.ecr().delete_repository().repository_name(name).force(prior.bool("force_delete"));
        let deleted = call.set_registry_id(prior.string("registry_id")).send().await.or_gone(GONE);
        match deleted {
            Err(failure) if failure.is(&["RepositoryNotEmptyException"]) => {
                return Err(Diagnostic::error(
                    "The repository still has images",
                    format!("ECR repository {name:?} was not deleted: {}", failure.message()),
                )
                .hint("Delete its images, or set force_delete = true, apply, and then delete it.")
                .into());
            }
            Err(failure) => return Err(failure),
            Ok(None) => return Ok(()),
            Ok(Some(_)) => {}
        }
        cx.wait_until(&format!("ECR repository {name:?} to be deleted"), cx.timeout, || async {
            Ok(match find(cx, name, None).await? {
                None => Look::Done(()),
                Some(_) => Look::NotYet("it is still there".into()),
            })
        })
        .await
    }
}

/// Without a word on encryption ECR uses AES-256, which has no key of the account. No word where there was one needs a new object.
fn predict_encryption(change: &mut Change<'_>) {
    if !change.config.known("encryption_configuration") {
        return;
    }
    let configured = change.config.block("encryption_configuration");
    let aes =
        configured.is_none_or(|e| matches!(e.str("encryption_type"), "" | "AES256") && e.opt("kms_key").is_none());
    if aes && (change.is_create() || configured.is_none()) {
        let block = [("encryption_type", Value::string("AES256")), ("kms_key", Value::string(""))];
        change.set("encryption_configuration", one(Value::object_of(block)));
        change.force_new("encryption_configuration");
    }
}

fn one(block: Value) -> Value {
    Value::list(block.ty(), vec![block])
}

fn scanning(plan: &Obj<'_>) -> t::ImageScanningConfiguration {
    let on = plan.block("image_scanning_configuration").is_some_and(|s| s.bool("scan_on_push"));
    t::ImageScanningConfiguration::builder().scan_on_push(on).build()
}

/// A repository; of another account's registry if one is named.
pub async fn find(cx: &Cx<'_>, name: &str, registry: Option<String>) -> Outcome<Option<t::Repository>> {
    let call = cx.aws.ecr().describe_repositories().repository_names(name).set_registry_id(registry);
    let found: Option<_> = call.send().await.map_err(Failure::from).or_gone(GONE)?;
    Ok(found.and_then(|f| f.repositories.unwrap_or_default().into_iter().next()))
}

/// What resource and data have in common.
pub fn attributes(live: &t::Repository) -> Attrs {
    let encryption = live
        .encryption_configuration()
        .map(|e| Attrs::new().str("encryption_type", e.encryption_type().as_str()).opt("kms_key", e.kms_key()));
    let scanning = live.image_scanning_configuration().map(|s| Attrs::new().bool("scan_on_push", s.scan_on_push()));
    Attrs::new()
        .opt("id", live.repository_name())
        .opt("arn", live.repository_arn())
        .block("encryption_configuration", encryption)
        .block("image_scanning_configuration", scanning)
        .opt("image_tag_mutability", live.image_tag_mutability().map(t::ImageTagMutability::as_str))
        .opt("name", live.repository_name())
        .opt("registry_id", live.registry_id())
        .opt("repository_url", live.repository_uri())
}

fn sdk_tags(tags: Tags) -> Outcome<Vec<t::Tag>> {
    Ok(tags.into_iter().map(|(k, v)| t::Tag::builder().key(k).value(v).build()).collect::<Result<_, _>>()?)
}

/// A repository's tags.
pub async fn read_tags(cx: &Cx<'_>, arn: &str) -> Outcome<Tags> {
    let answer = cx.aws.ecr().list_tags_for_resource().resource_arn(arn).send().await?;
    Ok(answer.tags.unwrap_or_default().into_iter().map(|t| (t.key, t.value)).collect())
}

async fn write_tags(cx: &Cx<'_>, arn: &str, change: TagChange) -> Outcome<()> {
    let client = cx.aws.ecr();
    if !change.remove.is_empty() {
        client.untag_resource().resource_arn(arn).set_tag_keys(Some(change.remove)).send().await?;
    }
    if !change.set.is_empty() {
        client.tag_resource().resource_arn(arn).set_tags(Some(sdk_tags(change.set)?)).send().await?;
    }
    Ok(())
}
