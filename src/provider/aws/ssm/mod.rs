//! Systems Manager: parameters, managed and as data.

mod bulk;
mod parameter;
mod parameter_data;

use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service = Service {
    resources: &[&parameter::Parameter],
    data: &[&parameter_data::ParameterData],
    bulk: Some(&bulk::Parameters),
};
