//! Event rules that start the pipeline or hear of it.

use super::{Lead, Search};
use crate::domain::pattern::{Pattern, Verdict};
use crate::provider::aws::eventbridge::DEFAULT_BUS;
use crate::provider::aws::failure::Failure;
use aws_sdk_eventbridge::types as t;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

/// What may exist unseen where rules cannot be listed.
const RULES: &[&str] = &["aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"];

impl Search<'_> {
    /// Looks through the rules of all buses.
    pub(super) async fn event_rules(&mut self) {
        let mut buses = vec![DEFAULT_BUS.to_owned()];
        let listed = self.aws.events().list_event_buses().send().await.map_err(Failure::from);
        if let Some(listed) = self.list("event buses", RULES, listed) {
            let names = listed.event_buses().iter().filter_map(|bus| bus.name().map(str::to_owned));
            buses.extend(names.filter(|name| name != DEFAULT_BUS));
        }
        for bus in buses {
            self.rules_of(&bus).await;
        }
    }

    async fn rules_of(&mut self, bus: &str) {
        let starting = self.starting_rules(bus).await;
        let mut next: Option<String> = None;
        loop {
            let page = self.aws.events().list_rules().event_bus_name(bus).set_next_token(next.take()).send().await;
            let Some(page) = self.list(format!("event rules of bus {bus}"), RULES, page.map_err(Failure::from)) else {
                return;
            };
            for rule in page.rules() {
                let name = rule.name().unwrap_or_default();
                let because = if starting.contains(name) {
                    Some("starts the pipeline")
                } else if rule.event_pattern().is_some_and(|pattern| hears_of(pattern, &self.mentions, &self.arns)) {
                    Some("hears of the pipeline")
                } else {
                    None
                };
                match because {
                    Some(because) => self.rule(bus, rule, because).await,
                    None if self.is_wide() && rule.event_pattern().is_some_and(|p| self.may_concern(p)) => {
                        self.general.push((bus.to_owned(), rule.clone()));
                    }
                    None => {}
                }
            }
            next = page.next_token().map(str::to_owned);
            if next.is_none() {
                return;
            }
        }
    }

    /// Rules with the pipeline or one of its projects as target.
    async fn starting_rules(&mut self, bus: &str) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        let targets: Vec<String> = self.arns.iter().filter(|arn| arn.contains(":codepipeline:")).cloned().collect();
        for arn in targets {
            let mut next: Option<String> = None;
            loop {
                let call = self.aws.events().list_rule_names_by_target().event_bus_name(bus).target_arn(&arn);
                let answer = call.set_next_token(next.take()).send().await.map_err(Failure::from);
                let Some(page) = self.list(format!("event rules that start {arn}"), RULES, answer) else { break };
                names.extend(page.rule_names().iter().cloned());
                next = page.next_token().map(str::to_owned);
                if next.is_none() {
                    break;
                }
            }
        }
        names
    }

    /// Whether a pattern is about pipelines and does not leave out those found by naming others.
    fn may_concern(&self, pattern: &str) -> bool {
        pattern.contains("aws.codepipeline") && !leaves_out(pattern, &self.mentions, &self.arns)
    }

    pub(super) async fn rule(&mut self, bus: &str, rule: &t::Rule, because: &str) {
        let name = rule.name().unwrap_or_default();
        // Rules that AWS services keep cannot be changed.
        if rule.managed_by().is_some() {
            return;
        }
        let id = if bus == DEFAULT_BUS { name.to_owned() } else { format!("{bus}/{name}") };
        self.found("aws_cloudwatch_event_rule", &*id, name, because);
        if bus != DEFAULT_BUS {
            self.found("aws_cloudwatch_event_bus", bus, bus, &format!("bus of event rule {name}"));
        }
        self.maybe_role(rule.role_arn(), &format!("role of event rule {name}"));
        let targets = self.aws.events().list_targets_by_rule().event_bus_name(bus).rule(name).send().await;
        let what = format!("targets of event rule {name}");
        let targets = self.list(what, &["aws_cloudwatch_event_target"], targets.map_err(Failure::from));
        for target in targets.map(|t| t.targets().to_vec()).unwrap_or_default() {
            let because = format!("target of event rule {name}");
            let label = format!("{name}_{}", target.id());
            self.found("aws_cloudwatch_event_target", format!("{id}/{}", target.id()), &label, &because);
            self.maybe_role(target.role_arn(), &format!("role of event rule {name}"));
            self.target(target.arn(), &because);
            if let Some(dead) = target.dead_letter_config().and_then(|d| d.arn()) {
                self.lead(Lead::Queue(dead.to_owned()), format!("dead letters of event rule {name}"));
            }
        }
    }
}

/// Whether a pattern names one of these: in a field of `detail` that has names, or among `resources`. A pattern that names no pipeline
/// hears of all of them: its rule belongs to the account, not to one pipeline.
fn hears_of(pattern: &str, mentions: &BTreeSet<(&'static str, String)>, arns: &BTreeSet<String>) -> bool {
    let Ok(pattern) = serde_json::from_str::<Json>(pattern) else { return false };
    let named = |field: &str, want: &Json| {
        let names = mentions.iter().filter(|(known, _)| *known == field).map(|(_, name)| name);
        names.into_iter().any(|name| accepts(want, name))
    };
    let in_resources = |want: &Json| arns.iter().any(|arn| accepts(want, arn));
    leaves(&pattern, &mut Vec::new(), &mut |path, want| match path {
        ["detail", field] => named(field, want),
        ["resources"] => in_resources(want),
        ["detail", "requestParameters", "bucketName"] | ["detail", "bucket", "name"] => {
            let buckets = arns.iter().filter_map(|arn| arn.split(":s3:::").nth(1));
            buckets.into_iter().any(|bucket| accepts(want, bucket))
        }
        _ => false,
    })
}

/// Whether a pattern names pipelines, and none of them is one of these.
fn leaves_out(pattern: &str, mentions: &BTreeSet<(&'static str, String)>, arns: &BTreeSet<String>) -> bool {
    let Ok(pattern) = serde_json::from_str::<Json>(pattern) else { return false };
    let others = |at: &str, own: &dyn Fn(&str) -> bool| match pattern.pointer(at).and_then(Json::as_array) {
        Some(wanted) => wanted.iter().all(|w| w.as_str().is_some_and(|name| !own(name))),
        None => false,
    };
    others("/detail/pipeline", &|name| mentions.contains(&("pipeline", name.to_owned())))
        || others("/resources", &|arn| arns.contains(arn))
}

/// Whether any leaf of a pattern, those in `$or` too, fits.
fn leaves<'p>(pattern: &'p Json, at: &mut Vec<&'p str>, fits: &mut dyn FnMut(&[&str], &Json) -> bool) -> bool {
    match pattern {
        Json::Object(fields) => fields.iter().any(|(name, inner)| {
            if name == "$or" {
                return inner.as_array().is_some_and(|all| all.iter().any(|one| leaves(one, at, fits)));
            }
            at.push(name);
            let found = leaves(inner, at, fits);
            at.pop();
            found
        }),
        Json::Array(_) => fits(at, pattern),
        _ => false,
    }
}

/// Whether a leaf accepts a text because it names it: `exists` and `anything-but` name nothing.
fn accepts(want: &Json, text: &str) -> bool {
    let names = |matcher: &Json| match matcher {
        Json::Object(fields) => !fields.contains_key("exists") && !fields.contains_key("anything-but"),
        _ => true,
    };
    let naming: Vec<Json> = want.as_array().into_iter().flatten().filter(|m| names(m)).cloned().collect();
    if naming.is_empty() {
        return false;
    }
    let pattern = Json::Object(Map::from_iter([("x".to_owned(), Json::Array(naming))]));
    Pattern::parse(&pattern.to_string()).is_ok_and(|p| p.matches(&json!({"x": text})) == Verdict::Yes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hears(pattern: &str) -> bool {
        let mentions = BTreeSet::from([("pipeline", "shop".to_owned()), ("project-name", "shop-build".to_owned())]);
        let arns = BTreeSet::from(["arn:aws:s3:::shop-source".to_owned(), "arn:aws:codecommit:r:1:shop".to_owned()]);
        hears_of(pattern, &mentions, &arns)
    }

    #[test]
    fn a_rule_belongs_to_what_it_names() {
        assert!(hears(r#"{"source":["aws.codepipeline"],"detail":{"pipeline":["shop"]}}"#));
        assert!(hears(r#"{"source":["aws.codepipeline"],"detail":{"pipeline":[{"prefix":"sh"}]}}"#));
        assert!(hears(r#"{"$or":[{"detail":{"project-name":["shop-build"]}},{"source":["x"]}]}"#));
        assert!(hears(r#"{"resources":["arn:aws:codecommit:r:1:shop"]}"#));
        assert!(hears(r#"{"detail":{"bucket":{"name":["shop-source"]}}}"#));
    }

    #[test]
    fn rules_about_other_pipelines_do_not_concern_this_one() {
        let mentions = BTreeSet::from([("pipeline", "shop".to_owned())]);
        let arns = BTreeSet::from(["arn:aws:codepipeline:eu-west-1:111122223333:shop".to_owned()]);
        let out = |pattern: &str| leaves_out(pattern, &mentions, &arns);
        assert!(out(r#"{"detail": {"pipeline": ["blog"]}}"#));
        assert!(out(r#"{"resources": ["arn:aws:codepipeline:eu-west-1:111122223333:blog"]}"#));
        assert!(!out(r#"{"detail": {"pipeline": ["blog", "shop"]}}"#));
        assert!(!out(r#"{"detail": {"pipeline": [{"prefix": "b"}]}}"#));
        assert!(!out(r#"{"source": ["aws.codepipeline"]}"#));
    }

    #[test]
    fn a_rule_about_all_pipelines_belongs_to_none() {
        assert!(!hears(r#"{"source":["aws.codepipeline"]}"#));
        assert!(!hears(r#"{"detail":{"pipeline":["other"]}}"#));
        assert!(!hears(r#"{"detail":{"pipeline":[{"anything-but":"other"}]}}"#));
        assert!(!hears(r#"{"detail":{"pipeline":[{"exists":true}]}}"#));
    }
}
