//! Asking a provider what would come of a change, and checking that the answer is one.

use super::objects::conforms;
use super::schemas::TypeSchema;
use crate::address::ResourceInstance;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::{Path, Value};
use crate::provider::schema::proposed_new;
use crate::provider::{PlanRequest, Provider};

/// A provider's prediction.
pub(super) struct Proposal {
    /// Without marks.
    pub planned: Value,
    pub requires_replace: Vec<Path>,
    pub private: Vec<u8>,
}

/// Asks for the outcome of making `prior` (null for nothing) into what `config` (without marks) says.
pub(super) async fn propose(
    provider: &dyn Provider,
    schema: &TypeSchema,
    address: &ResourceInstance,
    prior: &Value,
    config: &Value,
    private: &[u8],
) -> Result<(Proposal, Diagnostics), Diagnostics> {
    let prior = prior.unmark_deep();
    let proposed = proposed_new(&schema.raw.block, &prior, config);
    let request = PlanRequest {
        address,
        type_name: &address.resource.type_name,
        prior: &prior,
        config,
        proposed: &proposed,
        prior_private: private,
    };
    let response = provider.plan(request).await;
    let ((), diagnostics) = response.diagnostics.into_result(())?;
    let planned = without_write_only(schema, response.planned);
    if planned.is_null() || !conforms(&planned, &schema.block.ty) {
        return Err(Diagnostic::error(
            "Provider produced invalid plan",
            format!(
                "The planned value for {address} does not have the shape of its schema. This is a bug in the provider."
            ),
        )
        .into());
    }
    Ok((Proposal { planned, requires_replace: response.requires_replace, private: response.private }, diagnostics))
}

/// Write-only attributes are never kept.
pub(super) fn without_write_only(schema: &TypeSchema, value: Value) -> Value {
    if !schema.block.attributes.values().any(|a| a.write_only) {
        return value;
    }
    schema.raw.block.map_fields(&value, &|attribute, v| {
        if attribute.write_only { Value::null(attribute.ty.clone()) } else { v }
    })
}
