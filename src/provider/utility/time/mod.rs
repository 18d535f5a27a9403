//! hashicorp/time: timestamps that stay, and pauses.

mod duration;
mod instant;
mod offset;
mod rotating;
mod sleep;
mod stand_still;

use super::Spec;
use super::attribute::{Attr, Kind, Replace, computed, optional};

pub(super) static SPEC: Spec = Spec {
    name: "time",
    version: "0.14.0",
    resources: &[&offset::Offset, &rotating::Rotating, &sleep::Sleep, &stand_still::Static],
    data: &[],
};

/// Arbitrary values that, when changed, make a new object.
const TRIGGERS: Attr = optional("triggers", Kind::TextMap).replaces_when(Replace::Always);

const fn part(name: &'static str) -> Attr {
    computed(name, Kind::Int)
}
