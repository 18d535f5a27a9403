//! Lambda: functions, aliases and permissions; functions as data.

mod alias;
mod code;
mod expand;
mod flatten;
mod function;
mod function_data;
mod names;
mod permission;
mod permission_bulk;
mod predict;
mod states;

use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service = Service {
    resources: &[&alias::Alias, &function::Function, &permission::Permission],
    data: &[&function_data::FunctionData],
    bulk: Some(&permission_bulk::Policies),
};
