//! hashicorp/random: values that are made once and stay in the state until their keepers change.

mod bytes;
mod id;
mod integer;
mod pet;
mod seed;
mod shuffle;
mod strings;
mod uuid;

use super::attribute::{Attr, Kind, Replace, optional};
use super::{Spec, wrong};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::{Type, Value};

pub(super) static SPEC: Spec = Spec {
    name: "random",
    version: "3.9.0",
    resources: &[
        &bytes::Bytes,
        &id::Id,
        &integer::Integer,
        &strings::Password,
        &pet::Pet,
        &shuffle::Shuffle,
        &strings::Text,
        &uuid::UUID,
        &uuid::UUID4,
        &uuid::UUID7,
    ],
    data: &[],
};

const RETRY: &str = "Retry the Terraform operation. If the error still occurs or happens regularly, please contact the provider developers with hardware and operating system information.\n\n";

/// Arbitrary values that, when changed, make a new object.
const KEEPERS: Attr = optional("keepers", Kind::TextMap).replaces_when(Replace::UnlessNulls);

/// The name of imported keepers, and their value.
fn no_keepers() -> (&'static str, Value) {
    ("keepers", Value::null(Type::map(Type::String)))
}

/// Bytes of the system's random number generator.
fn secure(count: usize) -> Vec<u8> {
    let mut bytes = vec![0u8; count];
    rand::fill(bytes.as_mut_slice());
    bytes
}

/// A length that is no more than memory holds.
fn length(planned: &Value, name: &str) -> Result<usize, Diagnostics> {
    let length = planned.get(name).and_then(Value::as_i64).unwrap_or_default();
    match usize::try_from(length) {
        Ok(length) if length <= 64 << 20 => Ok(length),
        _ => Err(wrong(name, "Invalid Attribute Value", format!("{length} is not a length.")).into()),
    }
}

fn import_error(title: &str, said: &str, error: impl std::fmt::Display) -> Diagnostics {
    Diagnostic::error(title, format!("{said}\n\n{RETRY}Original Error: {error}")).into()
}
