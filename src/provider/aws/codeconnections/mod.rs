//! CodeConnections: `aws_codeconnections_connection` and `aws_codeconnections_host`.

mod bulk;
mod connection;
mod host;
mod tags;

use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service =
    Service { resources: &[&connection::Connection, &host::Host], data: &[], bulk: Some(&bulk::Listings) };

/// What CodeConnections answers when something does not exist.
const GONE: &[&str] = &["ResourceNotFoundException"];
