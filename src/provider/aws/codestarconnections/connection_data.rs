//! Data `aws_codestarconnections_connection`: a connection by ARN or by name.

use super::connection::{attributes, read_tags};
use crate::diagnostics::Diagnostic;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::failure::Outcome;
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use async_trait::async_trait;

/// The type.
pub struct ConnectionData;

#[async_trait(?Send)]
impl DataType for ConnectionData {
    fn name(&self) -> &'static str {
        "aws_codestarconnections_connection"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_codestarconnections_connection.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let client = cx.aws.codestar();
        let live = match config.opt("arn") {
            Some(arn) => client.get_connection().connection_arn(arn).send().await?.connection,
            None => {
                let mut pages = client.list_connections().into_paginator().send();
                let mut found = None;
                while let Some(page) = pages.next().await {
                    let page = page?.connections.unwrap_or_default();
                    found = page.into_iter().find(|c| c.connection_name() == config.opt("name"));
                    if found.is_some() {
                        break;
                    }
                }
                found
            }
        };
        let Some(live) = live else {
            let asked = config.opt("arn").or(config.opt("name")).unwrap_or_default();
            return Err(Diagnostic::error(
                "Connection not found",
                format!("There is no connection {asked:?} in {}.", cx.aws.region()),
            )
            .hint("Check name and region; a connection is found only in the region it was made in.")
            .into());
        };
        let tags = read_tags(cx, live.connection_arn().unwrap_or_default()).await?;
        let tags = cx.aws.settings().ignore_tags.visible(tags);
        Ok(attributes(&live).map("tags", tags))
    }
}
