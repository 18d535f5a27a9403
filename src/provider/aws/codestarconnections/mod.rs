//! CodeStar connections: `aws_codestarconnections_connection` as resource and as data.

mod connection;
mod connection_data;

use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service =
    Service { resources: &[&connection::Connection], data: &[&connection_data::ConnectionData], bulk: None };
