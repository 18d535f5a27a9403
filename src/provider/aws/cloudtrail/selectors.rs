//! Which events a trail records: basic and advanced event selectors, insight selectors, both ways.

use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::failure::Outcome;
use crate::provider::aws::object::Obj;
use aws_sdk_cloudtrail::types as t;

/// The `event_selector` blocks; without any: what a new trail has.
pub fn events(plan: &Obj<'_>) -> Vec<t::EventSelector> {
    let blocks = plan.blocks("event_selector");
    if blocks.is_empty() {
        let all = t::EventSelector::builder().include_management_events(true).read_write_type(t::ReadWriteType::All);
        return vec![all.set_data_resources(Some(Vec::new())).build()];
    }
    let one = |block: &Obj<'_>| {
        let resources = block.blocks("data_resource");
        let resources = resources
            .iter()
            .map(|r| t::DataResource::builder().r#type(r.str("type")).set_values(Some(r.strings("values"))).build());
        t::EventSelector::builder()
            .include_management_events(block.opt_bool("include_management_events").unwrap_or(true))
            .read_write_type(block.opt("read_write_type").unwrap_or("All").into())
            .set_data_resources(Some(resources.collect()))
            .set_exclude_management_event_sources(
                Some(block.strings("exclude_management_event_sources")).filter(|s| !s.is_empty()),
            )
            .build()
    };
    blocks.iter().map(one).collect()
}

/// The `advanced_event_selector` blocks.
pub fn advanced(plan: &Obj<'_>) -> Outcome<Vec<t::AdvancedEventSelector>> {
    let field = |block: &Obj<'_>| {
        let some = |name: &str| Some(block.strings(name)).filter(|s| !s.is_empty());
        Ok(t::AdvancedFieldSelector::builder()
            .field(block.str("field"))
            .set_equals(some("equals"))
            .set_not_equals(some("not_equals"))
            .set_starts_with(some("starts_with"))
            .set_not_starts_with(some("not_starts_with"))
            .set_ends_with(some("ends_with"))
            .set_not_ends_with(some("not_ends_with"))
            .build()?)
    };
    let one = |block: &Obj<'_>| {
        let fields = block.blocks("field_selector").iter().map(field).collect::<Outcome<Vec<_>>>()?;
        Ok(t::AdvancedEventSelector::builder().name(block.str("name")).set_field_selectors(Some(fields)).build()?)
    };
    plan.blocks("advanced_event_selector").iter().map(one).collect()
}

/// The `insight_selector` blocks.
pub fn insights(plan: &Obj<'_>) -> Vec<t::InsightSelector> {
    let blocks = plan.blocks("insight_selector");
    blocks.iter().map(|b| t::InsightSelector::builder().insight_type(b.str("insight_type").into()).build()).collect()
}

/// Basic selectors as attributes. The one a new trail has stands for none, unless there are `declared` ones.
pub fn events_attrs(live: &[t::EventSelector], declared: bool) -> Vec<Attrs> {
    if let [only] = live
        && !declared
        && only.include_management_events() != Some(false)
        && only.data_resources().is_empty()
        && only.exclude_management_event_sources().is_empty()
        && only.read_write_type() == Some(&t::ReadWriteType::All)
    {
        return Vec::new();
    }
    let one = |selector: &t::EventSelector| {
        let resources = selector.data_resources().iter();
        let resources = resources.map(|r| Attrs::new().opt("type", r.r#type()).strings("values", r.values()));
        Attrs::new()
            .opt("read_write_type", selector.read_write_type().map(t::ReadWriteType::as_str))
            .bool("include_management_events", selector.include_management_events())
            .strings("exclude_management_event_sources", selector.exclude_management_event_sources())
            .blocks("data_resource", resources)
    };
    live.iter().map(one).collect()
}

/// Advanced selectors as attributes.
pub fn advanced_attrs(live: &[t::AdvancedEventSelector]) -> Vec<Attrs> {
    let field = |f: &t::AdvancedFieldSelector| {
        Attrs::new()
            .str("field", f.field())
            .strings("equals", f.equals())
            .strings("not_equals", f.not_equals())
            .strings("starts_with", f.starts_with())
            .strings("not_starts_with", f.not_starts_with())
            .strings("ends_with", f.ends_with())
            .strings("not_ends_with", f.not_ends_with())
    };
    let one = |s: &t::AdvancedEventSelector| {
        Attrs::new().opt("name", s.name()).blocks("field_selector", s.field_selectors().iter().map(field))
    };
    live.iter().map(one).collect()
}

/// Insight selectors as attributes.
pub fn insights_attrs(live: &[t::InsightSelector]) -> Vec<Attrs> {
    live.iter().map(|s| Attrs::new().opt("insight_type", s.insight_type().map(t::InsightType::as_str))).collect()
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;

    #[test]
    fn the_selector_of_a_new_trail_stands_for_none() {
        let none = crate::lang::value::Value::object_of::<&str>([]);
        assert_eq!(events_attrs(&events(&Obj::new(&none)), false).len(), 0);
        assert_eq!(events_attrs(&events(&Obj::new(&none)), true).len(), 1);
    }
}
