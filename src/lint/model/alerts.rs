//! Event rules, their targets, and which of them concern a pipeline.

use super::{Delivery, Object};
use crate::domain::pattern::{Pattern, PatternError, Verdict};
use crate::domain::pipeline::{Level, Occurrence};
use crate::lang::value::symbol;

/// An event rule with its targets.
pub struct EventRule<'m> {
    /// `aws_cloudwatch_event_rule`.
    pub object: &'m Object<'m>,
    /// Its targets made here.
    pub targets: Vec<&'m Object<'m>>,
    pub(super) pattern: Option<&'m ParsedPattern>,
}

/// A pattern, or what EventBridge would refuse it for.
pub(super) type ParsedPattern = Result<Pattern, Vec<PatternError>>;

/// The pattern of a rule; `None` when it has none (a schedule) or it is not known.
pub(super) fn parsed(rule: &Object<'_>) -> Option<ParsedPattern> {
    let text = rule.get("event_pattern").text()?;
    // A pattern of which nothing is known is no text to parse.
    if text.0.is_empty() || text.symbol().is_some() {
        return None;
    }
    Some(Pattern::parse(text.0))
}

impl<'m> EventRule<'m> {
    /// Its pattern; `None` when it has none (a schedule) or it is not known.
    pub fn pattern(&self) -> Option<Result<&'m Pattern, &'m [PatternError]>> {
        self.pattern.map(|parsed| parsed.as_ref().map_err(Vec::as_slice))
    }

    /// Whether it has a pattern that is not known.
    pub fn is_open(&self) -> bool {
        self.object.get("event_pattern").is_unknown()
    }

    /// Whether it is switched off.
    pub fn is_disabled(&self) -> bool {
        self.object.get("state").str() == "DISABLED" || self.object.get("is_enabled").bool() == Some(false)
    }

    /// Its name for messages.
    pub fn title(&self) -> &'m str {
        self.object.address()
    }
}

impl<'m> Delivery<'m> {
    /// Rules that start the pipeline, with the target that does, and whether something may start it that is not known.
    pub fn starters(&self) -> (Vec<(EventRule<'m>, &'m Object<'m>)>, bool) {
        self.model.starters(self.object)
    }

    /// Webhooks that start the pipeline.
    pub fn webhooks(&self) -> Vec<&'m Object<'m>> {
        self.model.owned_by("aws_codepipeline_webhook", "target_pipeline", self.object)
    }

    /// Whether an invoke action of another pipeline here starts it.
    pub fn is_invoked(&self) -> bool {
        self.model.is_invoked(self.object)
    }

    /// Whether a rule or notification rule tells of these occurrences: all of one level of them. `event` is the part of notification
    /// event ids that means the same, such as `failed`.
    pub fn is_told(&self, wanted: impl Fn(&Occurrence) -> bool, event: &str) -> Verdict {
        let all: Vec<&Occurrence> = self.occurrences().iter().filter(|o| wanted(o)).collect();
        let tellers = self.model.tellers(self.name().known());
        let mut verdict = Verdict::No;
        for level in [Level::Pipeline, Level::Stage, Level::Action] {
            let of_level: Vec<&Occurrence> = all.iter().copied().filter(|o| o.level == level).collect();
            if of_level.is_empty() {
                continue;
            }
            // An event is only made when it is looked at, so nothing is once the answer is clear.
            let told = of_level.iter().try_fold(Verdict::Yes, |v, o| {
                let any = tellers.iter().fold(Verdict::No, |v, pattern| v.or(o.matched_by(pattern)));
                Some(v.and(any)).filter(|v| v.is_possible())
            });
            verdict = verdict.or(told.unwrap_or(Verdict::No));
            if verdict == Verdict::Yes {
                return verdict;
            }
        }
        if self.model.has_open_rule() {
            verdict = verdict.or(Verdict::Maybe);
        }
        const NOTIFICATIONS: &str = "aws_codestarnotifications_notification_rule";
        let own = self.model.owned_by(NOTIFICATIONS, "resource", self.object).into_iter().map(|rule| (rule, true));
        let open = self.model.perhaps_owned_by(NOTIFICATIONS, "resource", self.object);
        for (rule, hit) in own.chain(open.into_iter().map(|rule| (rule, false))) {
            if rule.get("status").str() == "DISABLED" {
                continue;
            }
            let ids = rule.get("event_type_ids");
            let names = ids.elements().iter().any(|id| id.str().contains(event));
            if names || ids.is_unknown() {
                verdict = verdict.or(if hit && names { Verdict::Yes } else { Verdict::Maybe });
            }
        }
        verdict
    }
}

/// Whether an ARN that is partly unknown is certainly not a pipeline's.
pub(super) fn names_another_type(arn: Option<&str>) -> bool {
    let Some(arn) = arn else { return false };
    if let Some(symbol) = symbol::only_symbol(arn) {
        let name = symbol.address.rsplit_once("module.").map_or(symbol.address.as_str(), |(_, n)| n);
        let in_module = name.split_once('.').map_or(name, |(_, rest)| rest);
        return !name.starts_with("var.")
            && !in_module.contains("aws_codepipeline")
            && !name.contains("aws_codepipeline");
    }
    arn.starts_with("arn:") && !arn.contains(":codepipeline:")
}

/// The pipelines a pattern names, if it names them and no others match.
pub(super) fn only_names(pattern: &Pattern) -> Option<Vec<&str>> {
    const NAME: [&str; 2] = ["detail", "pipeline"];
    // Alternatives of `$or` name the field several times.
    let named = pattern.leaves().iter().filter(|(path, _)| path.as_slice() == NAME).count();
    if named > 1 || pattern.or_combinations() > 1 { None } else { pattern.texts(&NAME) }
}

/// Whether events of CodePipeline may match, as far as their source tells.
pub(super) fn may_be_about_pipelines(pattern: &Pattern) -> bool {
    let source = serde_json::Value::from("aws.codepipeline");
    let mut sources = pattern.leaves().into_iter().filter(|(path, _)| path.as_slice() == ["source"]);
    sources.all(|(_, matchers)| matchers.iter().any(|m| m.fits(&source).is_possible())) || pattern.or_combinations() > 1
}
