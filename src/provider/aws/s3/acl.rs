//! `aws_s3_bucket_acl`: a canned access control list, or one grant by grant. Its id is `BUCKET[,OWNER][,ACL]`; deleting it leaves the
//! bucket's list as it is.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::failure::{Failure, OrGone, Outcome};
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType};
use super::calls::{NO_BUCKET, write};
use super::grantee;
use async_trait::async_trait;
use aws_sdk_s3::operation::get_bucket_acl::GetBucketAclOutput;
use aws_sdk_s3::types::{AccessControlPolicy, BucketCannedAcl, Grant, Owner, Permission};

pub struct BucketAcl;

const POLICY: &str = "access_control_policy";

/// What an id names.
#[derive(Debug, PartialEq, Eq)]
struct Id<'a> {
    bucket: &'a str,
    owner: Option<&'a str>,
    acl: Option<&'a str>,
}

impl<'a> Id<'a> {
    fn parse(id: &'a str) -> Outcome<Self> {
        let is_owner = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
        let is_acl = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        let parts: Vec<&str> = id.split(',').collect();
        match parts.as_slice() {
            [bucket] if !bucket.is_empty() => Ok(Id { bucket, owner: None, acl: None }),
            [bucket, owner] if is_owner(owner) => Ok(Id { bucket, owner: Some(owner), acl: None }),
            [bucket, acl] if is_acl(acl) => Ok(Id { bucket, owner: None, acl: Some(acl) }),
            [bucket, owner, acl] if is_owner(owner) && is_acl(acl) => {
                Ok(Id { bucket, owner: Some(owner), acl: Some(acl) })
            }
            _ => Err(Failure::said(
                "Unexpected format of id",
                format!(
                    "unexpected format for ID ({id}), expected BUCKET or BUCKET,EXPECTED_BUCKET_OWNER or BUCKET,ACL or BUCKET,EXPECTED_BUCKET_OWNER,ACL"
                ),
            )),
        }
    }

    fn of(object: &Obj<'a>) -> Self {
        Id { bucket: object.str("bucket"), owner: object.opt("expected_bucket_owner"), acl: object.opt("acl") }
    }

    fn text(&self) -> String {
        [Some(self.bucket), self.owner, self.acl].into_iter().flatten().collect::<Vec<_>>().join(",")
    }
}

fn wanted(block: &Obj<'_>) -> Outcome<AccessControlPolicy> {
    let mut grants = Vec::new();
    for grant in block.blocks("grant") {
        let who = grant.block("grantee").map(|g| grantee::wanted(&g)).transpose()?;
        grants.push(Grant::builder().set_grantee(who).permission(Permission::from(grant.str("permission"))).build());
    }
    let owner = block.block("owner").map(|o| Owner::builder().set_id(o.string("id")).build());
    Ok(AccessControlPolicy::builder().set_grants(Some(grants)).set_owner(owner).build())
}

fn show(acl: GetBucketAclOutput) -> Attrs {
    let grant = |g: Grant| {
        Attrs::new()
            .opt("permission", g.permission.map(|p| p.as_str().to_owned()))
            .block("grantee", g.grantee.map(grantee::show))
    };
    let owner = acl.owner.map(|o| {
        #[allow(deprecated)] // Still answered by S3-compatible servers, and stored by the original provider.
        let display_name = o.display_name;
        Attrs::new().opt("id", o.id).opt("display_name", display_name)
    });
    Attrs::new().blocks("grant", acl.grants.unwrap_or_default().into_iter().map(grant)).block("owner", owner)
}

async fn put(cx: &Cx<'_>, plan: &Obj<'_>) -> Outcome<()> {
    let id = Id::of(plan);
    let policy = match (id.acl, plan.block(POLICY)) {
        (None, Some(block)) => Some(wanted(&block)?),
        _ => None,
    };
    write(cx, id.bucket, || async {
        let call = cx.aws.s3().put_bucket_acl().bucket(id.bucket).set_acl(id.acl.map(BucketCannedAcl::from));
        let call = call.set_expected_bucket_owner(id.owner.map(str::to_owned));
        call.set_access_control_policy(policy.clone()).send().await?;
        Ok(())
    })
    .await
}

#[async_trait(?Send)]
impl ResourceType for BucketAcl {
    fn name(&self) -> &'static str {
        "aws_s3_bucket_acl"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_s3_bucket_acl.json")
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        if !change.is_create() && change.changed("acl") && change.planned().opt("acl").is_some() {
            change.unknown(POLICY);
        }
        let planned = change.planned();
        let known = planned.opt("bucket").is_some() && planned.known("acl") && planned.known("expected_bucket_owner");
        if known && (change.is_create() || change.changed("acl")) {
            let id = Id::of(&planned).text();
            change.set_str("id", id);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        put(cx, plan).await?;
        made.id(Id::of(plan).text());
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let id = Id::parse(prior.str("id"))?;
        let call = cx.aws.s3().get_bucket_acl().bucket(id.bucket);
        let found = call.set_expected_bucket_owner(id.owner.map(str::to_owned)).send().await.or_gone(NO_BUCKET)?;
        Ok(found.map(|acl| {
            Attrs::new()
                .str("id", prior.str("id"))
                .str("bucket", id.bucket)
                .opt("expected_bucket_owner", id.owner)
                .opt("acl", id.acl)
                .block(POLICY, Some(show(acl)))
        }))
    }

    async fn update(&self, cx: &Cx<'_>, _prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        put(cx, plan).await
    }

    async fn delete(&self, _cx: &Cx<'_>, _prior: &Obj<'_>) -> Outcome<()> {
        Ok(())
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        Id::parse(id)?;
        Ok(Attrs::new().str("id", id))
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
    fn an_id_names_bucket_owner_and_list() {
        for id in ["b", "b,123456789012", "b,public-read", "b,123456789012,private"] {
            assert_eq!(Id::parse(id).unwrap().text(), id);
        }
        assert_eq!(Id::parse("b,private").unwrap(), Id { bucket: "b", owner: None, acl: Some("private") });
        assert!(Id::parse("b,1,private").is_err());
        assert!(Id::parse("").is_err());
    }
}
