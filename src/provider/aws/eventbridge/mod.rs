//! EventBridge: buses with their policies, permissions and archives, rules and their targets.

mod archive;
mod bulk;
mod bus;
mod bus_data;
mod bus_policy;
mod bus_read;
mod ids;
mod permission;
mod rule;
mod tags;
mod target;
mod target_expand;
mod target_flatten;

use crate::provider::aws::resource::Service;
pub use ids::DEFAULT_BUS;

/// This service's part of the provider.
pub static SERVICE: Service = Service {
    resources: &[
        &archive::Archive,
        &bus::Bus,
        &bus_policy::BusPolicy,
        &permission::Permission,
        &rule::Rule,
        &target::Target,
    ],
    data: &[&bus_data::BusData],
    bulk: Some(&bulk::Rules),
};

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::{target_expand, target_flatten};
    use crate::provider::aws::attrs::Absent;
    use crate::provider::aws::object::Obj;
    use crate::provider::aws::recorded::{differences, of};

    #[test]
    fn targets_of_every_kind_survive_the_way_there_and_back() {
        let all = of("aws_cloudwatch_event_target");
        assert!(all.len() >= 13);
        for recorded in all {
            let stored = Obj::new(&recorded.stored);
            let target = target_expand::target(&stored, stored.str("target_id")).unwrap();
            let back = target_flatten::target(&target).shape(&recorded.block, &recorded.stored, Absent::Zero);
            let unlike: Vec<_> =
                differences(&recorded.stored, &back).into_iter().filter(|d| !d.contains("null ≠ {}")).collect();
            assert!(unlike.is_empty(), "{}: {unlike:#?}", recorded.name);
        }
    }
}
