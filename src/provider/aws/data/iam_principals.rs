//! Data `aws_iam_user`, `aws_iam_group` and `aws_iam_openid_connect_provider`.

use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use async_trait::async_trait;

/// Data `aws_iam_user`.
pub struct UserData;

#[async_trait(?Send)]
impl DataType for UserData {
    fn name(&self) -> &'static str {
        "aws_iam_user"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_iam_user.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let name = config.str("user_name");
        let Some(user) = cx.aws.iam().get_user().user_name(name).send().await?.user else {
            return Err(Failure::said("User not found", format!("There is no user {name:?}.")).attribute("user_name"));
        };
        let tags = user.tags().iter().map(|t| (t.key.clone(), t.value.clone())).collect();
        let boundary = user.permissions_boundary.and_then(|b| b.permissions_boundary_arn);
        Ok(Attrs::new()
            .str("id", &user.user_id)
            .str("user_id", user.user_id)
            .str("user_name", user.user_name)
            .str("arn", user.arn)
            .str("path", user.path)
            .str("permissions_boundary", boundary.unwrap_or_default())
            .map("tags", cx.aws.settings().ignore_tags.visible(tags)))
    }
}

/// Data `aws_iam_group`.
pub struct GroupData;

#[async_trait(?Send)]
impl DataType for GroupData {
    fn name(&self) -> &'static str {
        "aws_iam_group"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_iam_group.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let name = config.str("group_name");
        let (mut users, mut marker) = (Vec::new(), None);
        loop {
            let page = cx.aws.iam().get_group().group_name(name).set_marker(marker).send().await?;
            users.extend(page.users);
            marker = page.marker.filter(|_| page.is_truncated);
            if marker.is_some() {
                continue;
            }
            let Some(group) = page.group else {
                let said = Failure::said("Group not found", format!("There is no group {name:?}."));
                return Err(said.attribute("group_name"));
            };
            let users = users.into_iter().map(|u| {
                Attrs::new()
                    .str("arn", u.arn)
                    .str("path", u.path)
                    .str("user_id", u.user_id)
                    .str("user_name", u.user_name)
            });
            return Ok(Attrs::new()
                .str("id", &group.group_id)
                .str("group_id", group.group_id)
                .str("group_name", group.group_name)
                .str("arn", group.arn)
                .str("path", group.path)
                .blocks("users", users));
        }
    }
}

/// Data `aws_iam_openid_connect_provider`.
pub struct OidcProviderData;

#[async_trait(?Send)]
impl DataType for OidcProviderData {
    fn name(&self) -> &'static str {
        "aws_iam_openid_connect_provider"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_iam_openid_connect_provider.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let arn = match config.opt("arn") {
            Some(arn) => arn.to_owned(),
            None => by_url(cx, config.str("url")).await?,
        };
        let call = cx.aws.iam().get_open_id_connect_provider().open_id_connect_provider_arn(&arn);
        let found = call.send().await?;
        let tags = found.tags().iter().map(|t| (t.key.clone(), t.value.clone())).collect();
        Ok(Attrs::new()
            .str("id", arn.as_str())
            .str("arn", arn)
            .opt("url", found.url)
            .strings("client_id_list", found.client_id_list.unwrap_or_default())
            .strings("thumbprint_list", found.thumbprint_list.unwrap_or_default())
            .map("tags", cx.aws.settings().ignore_tags.visible(tags)))
    }
}

/// The ARN of the provider with this URL: ARNs end with the URL without its scheme.
async fn by_url(cx: &Cx<'_>, url: &str) -> Outcome<String> {
    let bare = url.strip_prefix("https://").unwrap_or(url);
    let listed = cx.aws.iam().list_open_id_connect_providers().send().await?;
    let arns = listed.open_id_connect_provider_list.unwrap_or_default().into_iter().filter_map(|p| p.arn);
    let mut matching = arns.filter(|arn| arn.split_once('/').is_some_and(|(_, rest)| rest == bare));
    matching.next().ok_or_else(|| {
        let detail = format!("The account has no OpenID Connect provider with the URL {url:?}.");
        Failure::said("OpenID Connect provider not found", detail).attribute("url")
    })
}
