//! PL: what works, and is likely to be regretted.

mod approval;
mod clarity;
mod cloudformation;
mod flow;
mod secrets;
mod source;
mod start;
mod trust;

pub use secrets::secret_texts;

use crate::lint::rule::Rule;

/// The family, by id.
pub static RULES: &[Rule] = &[
    approval::PL001,
    start::PL002,
    start::PL003,
    start::PL004,
    secrets::PL005,
    source::PL006,
    clarity::PL007,
    flow::PL008,
    flow::PL009,
    approval::PL010,
    approval::PL011,
    cloudformation::PL012,
    cloudformation::PL013,
    flow::PL014,
    source::PL015,
    trust::PL016,
    trust::PL017,
    trust::PL018,
    trust::PL019,
    source::PL020,
    clarity::PL021,
    clarity::PL022,
];
