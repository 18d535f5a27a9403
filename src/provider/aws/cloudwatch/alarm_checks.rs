//! What CloudWatch would refuse of an alarm at apply.

use crate::lang::value::Value;
use crate::provider::aws::checks::Checks;
use crate::provider::aws::object::Obj;
use std::sync::LazyLock;

/// Most actions of one kind.
const MOST_ACTIONS: usize = 5;

/// Percentiles, trimmed means and the like: `p99`, `tm90`, `TM(10%:90%)`.
#[allow(clippy::expect_used)] // The expression is a constant; a test uses it.
static STATISTIC: LazyLock<regex::Regex> = LazyLock::new(|| {
    let range = r"(\d+(\.\d+)?%?)?:(\d+(\.\d+)?%?)?";
    regex::Regex::new(&format!(r"^((p|tm|wm|tc|ts)(\d{{1,2}}(\.\d{{1,2}})?|100)|IQM|(TM|WM|PR|TC|TS)\({range}\))$"))
        .expect("a valid expression")
});

/// Checks a configuration. Unknowns pass.
pub fn check(config: &Obj<'_>, checks: &mut Checks) {
    statistics(config, checks);
    ignoring_case(config, checks, "treat_missing_data", &["missing", "breaching", "notBreaching", "ignore"]);
    ignoring_case(config, checks, "evaluate_low_sample_count_percentiles", &["evaluate", "ignore"]);
    period(config, checks, "period", &[10, 20, 30]);
    for name in ["insufficient_data_actions", "ok_actions"] {
        let count = config.value(name).and_then(Value::elements).map_or(0, <[Value]>::len);
        if count > MOST_ACTIONS {
            let detail =
                format!("Attribute {name} supports {MOST_ACTIONS} item maximum, but config has {count} declared.");
            checks.wrong(name, "Too many list items", detail);
        }
    }
    for query in config.blocks("metric_query") {
        let metric = query.block("metric");
        if metric.is_some() && query.opt("expression").is_some() {
            let detail = "No metric_query may have both `expression` and a `metric` specified.";
            checks.wrong("metric_query", format!("Invalid metric_query {:?}", query.str("id")), detail);
        }
        period(&query, checks, "period", &[1, 5, 10, 20, 30]);
        if let Some(metric) = metric {
            period(&metric, checks, "period", &[1, 5, 10, 20, 30]);
            let stat = metric.str("stat");
            let simple = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"].contains(&stat);
            if !stat.is_empty() && !simple && !STATISTIC.is_match(stat) {
                let detail = format!(
                    "{stat:?} is neither SampleCount, Average, Sum, Minimum or Maximum nor a percentile or trimmed statistic such as p99 or tm90."
                );
                checks.wrong("metric_query", "invalid statistic", detail);
            }
        }
    }
}

/// An alarm on a metric has one statistic.
fn statistics(config: &Obj<'_>, checks: &mut Checks) {
    let known = config.known("statistic") && config.known("extended_statistic");
    let (plain, extended) = (config.opt("statistic").is_some(), config.opt("extended_statistic").is_some());
    if config.opt("metric_name").is_some() && known && !plain && !extended {
        let detail = "One of `statistic` or `extended_statistic` must be set for a cloudwatch metric alarm.";
        checks.wrong("metric_name", "Missing statistic", detail);
    }
}

fn ignoring_case(config: &Obj<'_>, checks: &mut Checks, name: &str, allowed: &[&str]) {
    let Some(text) = config.opt(name) else { return };
    if !allowed.iter().any(|one| one.eq_ignore_ascii_case(text)) {
        let all: Vec<String> = allowed.iter().map(|one| format!("\"{one}\"")).collect();
        checks.wrong(name, format!("expected {name} to be one of [{}], got {text}", all.join(" ")), "");
    }
}

/// Periods are whole minutes, or a few short ones.
fn period(block: &Obj<'_>, checks: &mut Checks, name: &str, short: &[i64]) {
    let Some(seconds) = block.int(name) else { return };
    if !short.contains(&seconds) && seconds % 60 != 0 {
        let all: Vec<String> = short.iter().map(ToString::to_string).collect();
        let detail = format!("A period of {seconds} s is neither one of {} nor divisible by 60.", all.join(", "));
        checks.wrong(name, format!("expected {name} to be divisible by 60, got: {seconds}"), detail);
    }
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
    use crate::lang::value::Type;

    fn found(fields: &[(&'static str, Value)]) -> Vec<String> {
        let config = Value::object_of(fields.iter().cloned());
        let mut checks = Checks::new();
        check(&Obj::new(&config), &mut checks);
        checks.into_diagnostics().iter().map(|d| d.summary.clone()).collect()
    }

    #[test]
    fn a_metric_needs_a_statistic_unless_that_is_unknown() {
        let metric = ("metric_name", Value::string("Errors"));
        assert_eq!(found(std::slice::from_ref(&metric)), ["Missing statistic"]);
        assert!(found(&[metric.clone(), ("statistic", Value::string("Sum"))]).is_empty());
        assert!(found(&[metric, ("statistic", Value::unknown(Type::String))]).is_empty());
    }

    #[test]
    fn periods_and_statistics_are_held_to_what_cloudwatch_knows() {
        assert_eq!(found(&[("period", Value::number(45))]).len(), 1);
        assert!(found(&[("period", Value::number(120))]).is_empty());
        for ok in ["p99", "p99.9", "tm90", "IQM", "TM(10%:90%)", "PR(:300)"] {
            assert!(STATISTIC.is_match(ok), "{ok}");
        }
        assert!(!STATISTIC.is_match("p101"));
    }
}
