//! CodeStar connections: `aws_codestarconnections_connection` as resource and as data, and `aws_codestarconnections_host`.

mod bulk;
mod connection;
mod connection_data;
mod host;

use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service = Service {
    resources: &[&connection::Connection, &host::Host],
    data: &[&connection_data::ConnectionData],
    bulk: Some(&bulk::Listings),
};
