//! Connections and hosts are listed by the page instead of asked for one by one.

use crate::provider::ReadHint;
use crate::provider::aws::answers::{Answers, Walk, asked};
use crate::provider::aws::resource::{Bulk, Cx};
use async_trait::async_trait;
use aws_sdk_codestarconnections::types as t;
use std::collections::BTreeSet;

/// Connections and hosts on a page (API reference, ListConnections and ListHosts: at most 100).
const PAGE: i32 = 100;

/// The bulk read.
pub struct Listings;

#[async_trait(?Send)]
impl Bulk for Listings {
    async fn prefetch(&self, cx: &Cx<'_>, hints: &[ReadHint]) {
        futures::future::join(connections(cx, hints), hosts(cx, hints)).await;
    }
}

async fn connections(cx: &Cx<'_>, hints: &[ReadHint]) {
    let wanted: BTreeSet<String> = asked(hints, "aws_codestarconnections_connection", "id").collect();
    if wanted.len() < 2 {
        return;
    }
    let answers = cx.aws.bulk::<Answers<t::Connection>>();
    let mut walk = Walk::new(wanted);
    let mut next = None;
    while walk.goes_on() {
        let call = cx.aws.codestar().list_connections().max_results(PAGE).set_next_token(next);
        let Ok(page) = call.send().await else { return };
        for connection in page.connections.unwrap_or_default() {
            let arn = connection.connection_arn().unwrap_or_default().to_owned();
            walk.meet(&answers, &arn, connection);
        }
        next = page.next_token;
        if next.is_none() {
            return walk.end(&answers);
        }
    }
}

async fn hosts(cx: &Cx<'_>, hints: &[ReadHint]) {
    let wanted: BTreeSet<String> = asked(hints, "aws_codestarconnections_host", "id").collect();
    if wanted.len() < 2 {
        return;
    }
    let answers = cx.aws.bulk::<Answers<t::Host>>();
    let mut walk = Walk::new(wanted);
    let mut next = None;
    while walk.goes_on() {
        let call = cx.aws.codestar().list_hosts().max_results(PAGE).set_next_token(next);
        let Ok(page) = call.send().await else { return };
        for host in page.hosts.unwrap_or_default() {
            let arn = host.host_arn().unwrap_or_default().to_owned();
            walk.meet(&answers, &arn, host);
        }
        next = page.next_token;
        if next.is_none() {
            return walk.end(&answers);
        }
    }
}
