//! The metrics of an alarm on an expression (`metric_query`), and dimensions, both ways.

use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::object::Obj;
use aws_sdk_cloudwatch::types as t;

/// The `metric_query` blocks.
pub fn expand(plan: &Obj<'_>) -> Vec<t::MetricDataQuery> {
    let one = |query: &Obj<'_>| {
        t::MetricDataQuery::builder()
            .id(query.str("id"))
            .set_account_id(query.string("account_id"))
            .set_expression(query.string("expression"))
            .set_label(query.string("label"))
            .return_data(query.bool("return_data"))
            .set_metric_stat(query.block("metric").as_ref().map(stat))
            .set_period(query.int32("period").filter(|p| *p != 0))
            .build()
    };
    plan.blocks("metric_query").iter().map(one).collect()
}

fn stat(block: &Obj<'_>) -> t::MetricStat {
    let metric = t::Metric::builder()
        .metric_name(block.str("metric_name"))
        .set_namespace(block.string("namespace"))
        .set_dimensions(Some(dimensions(block)).filter(|d| !d.is_empty()))
        .build();
    t::MetricStat::builder()
        .metric(metric)
        .stat(block.str("stat"))
        .set_period(block.int32("period"))
        .set_unit(block.opt("unit").map(t::StandardUnit::from))
        .build()
}

/// The `dimensions` map.
pub fn dimensions(block: &Obj<'_>) -> Vec<t::Dimension> {
    let all = block.string_map("dimensions").into_iter();
    all.map(|(name, value)| t::Dimension::builder().name(name).value(value).build()).collect()
}

/// Queries as blocks.
pub fn flatten(live: &[t::MetricDataQuery]) -> Vec<Attrs> {
    let one = |query: &t::MetricDataQuery| {
        Attrs::new()
            .opt("id", query.id())
            .opt("account_id", query.account_id())
            .opt("expression", query.expression())
            .opt("label", query.label())
            .bool("return_data", query.return_data())
            .int("period", query.period())
            .block("metric", query.metric_stat().map(flatten_stat))
    };
    live.iter().map(one).collect()
}

fn flatten_stat(stat: &t::MetricStat) -> Attrs {
    let metric = stat.metric();
    Attrs::new()
        .int("period", stat.period())
        .opt("stat", stat.stat())
        .opt("unit", stat.unit().map(t::StandardUnit::as_str))
        .opt("metric_name", metric.and_then(t::Metric::metric_name))
        .opt("namespace", metric.and_then(t::Metric::namespace))
        .map("dimensions", dimensions_map(metric.map(t::Metric::dimensions).unwrap_or_default()))
}

/// Dimensions as a map.
pub fn dimensions_map(live: &[t::Dimension]) -> Vec<(String, String)> {
    live.iter().map(|d| (d.name().unwrap_or_default().to_owned(), d.value().unwrap_or_default().to_owned())).collect()
}
