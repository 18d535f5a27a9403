//! What follows from the attributes of a type when a change is planned, as in HashiCorp's plugin framework: defaults are put in; when
//! anything differs, what is computed becomes unknown unless it is kept; attributes that differ and say so need a new object.

use super::attribute::{Attr, Replace};
use crate::diagnostics::Diagnostics;
use crate::lang::value::{Path, Value};
use crate::provider::{PlanRequest, PlanResponse};

/// Plans a change.
pub(super) fn plan(attributes: &[Attr], request: &PlanRequest<'_>) -> PlanResponse {
    let mut planned = request.proposed.clone();
    let mut requires_replace = Vec::new();
    if !request.config.is_null() {
        let unset = |a: &Attr| request.config.get(a.name).is_none_or(Value::is_null);
        for attribute in attributes.iter().filter(|a| unset(a)) {
            if let Some(default) = attribute.default_value() {
                planned = planned.with_field(attribute.name, default);
            }
        }
        let creating = request.prior.is_null();
        if creating || planned != *request.prior {
            for attribute in attributes.iter().filter(|a| a.is_computed() && a.default_value().is_none() && unset(a)) {
                let before = request.prior.get(attribute.name).filter(|v| !v.is_null() && attribute.keep && !creating);
                let value = before.cloned().unwrap_or_else(|| Value::unknown(attribute.ty()));
                planned = planned.with_field(attribute.name, value);
            }
        }
        if !creating {
            let differs = |a: &&Attr| planned.get(a.name) != request.prior.get(a.name);
            for attribute in attributes.iter().filter(differs).filter(|a| needs_new(a, request)) {
                requires_replace.push(Path::attrs([attribute.name]));
            }
        }
    }
    PlanResponse { planned, requires_replace, private: request.prior_private.to_vec(), diagnostics: Diagnostics::new() }
}

fn needs_new(attribute: &Attr, request: &PlanRequest<'_>) -> bool {
    let (Some(config), Some(prior)) = (request.config.get(attribute.name), request.prior.get(attribute.name)) else {
        return false;
    };
    match attribute.replace {
        Replace::Never => false,
        Replace::Always => true,
        Replace::UnlessNulls => !only_nulls_differ(prior, config),
        Replace::UnlessEmptyToNull => config.is_known() && !(config.is_null() && prior.as_str() == Some("")),
    }
}

/// Whether a map differs from the stored one only by keys with a null value, which older versions did not store.
fn only_nulls_differ(prior: &Value, config: &Value) -> bool {
    if !config.is_known() {
        return false;
    }
    let (new, old) = (config.fields(), prior.fields());
    let same = |(key, value): (&std::sync::Arc<str>, &Value)| match old.and_then(|old| old.get(key)) {
        Some(before) => before == value,
        None => value.is_null(),
    };
    new.is_none_or(|new| new.iter().all(same))
        && old.is_none_or(|old| old.keys().all(|key| new.is_some_and(|new| new.contains_key(key))))
}
