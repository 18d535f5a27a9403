//! What rules ask of a model again and again, made once: who belongs to whom, which rule starts or watches which pipeline.

use super::alerts::{ParsedPattern, may_be_about_pipelines, names_another_type, only_names, parsed};
use super::links::last_part;
use super::{Attr, EventRule, Found, Model, Object};
use crate::domain::pattern::Pattern;
use crate::lang::value::symbol;
use crate::maps::Map;
use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// Objects of a type by the one that an attribute of theirs names.
#[derive(Default)]
pub(super) struct Owned {
    /// Number of the owner to the numbers of what belongs to it.
    by_owner: Map<usize, Vec<usize>>,
    /// Those whose owner is not known.
    unknown: Vec<usize>,
}

/// What starts pipelines.
#[derive(Default)]
pub(super) struct Starts {
    /// Number of the pipeline to places in the list of rules, each with the target that starts it.
    by_pipeline: Map<usize, Vec<(usize, usize)>>,
    /// Pipelines that something starts whose rule is not made here.
    otherwise: HashSet<usize>,
    /// Whether a target may be any pipeline.
    open: bool,
}

/// What tells of pipelines.
#[derive(Default)]
struct Tellers {
    /// Name of the pipeline to places in the list of rules that name it.
    by_name: Map<String, Vec<usize>>,
    /// Rules that may be about any pipeline.
    general: Vec<usize>,
}

/// Names that are partly unknown, by what they end with.
#[derive(Default)]
struct Vague {
    by_end: Map<(String, String), Vec<usize>>,
    open: Map<String, Vec<usize>>,
}

/// Where a rule is in the list, and its parsed pattern.
struct Rules {
    /// Number of the rule and those of its targets.
    list: Vec<(usize, Vec<usize>)>,
    /// Its pattern, if it has one that is known.
    patterns: Vec<Option<ParsedPattern>>,
}

impl Rules {
    /// The pattern of the rule at a place, if it is known and parses.
    fn pattern(&self, place: usize) -> Option<&Pattern> {
        self.patterns.get(place)?.as_ref()?.as_ref().ok()
    }
}

type OwnedBy = (String, String, String);

/// Everything that is made once.
#[derive(Default)]
pub(super) struct Index {
    owned: RwLock<Map<OwnedBy, Arc<Owned>>>,
    rules: OnceLock<Rules>,
    starts: OnceLock<Starts>,
    tellers: OnceLock<Tellers>,
    invoked: OnceLock<HashSet<usize>>,
    open_rule: OnceLock<bool>,
    /// Number of a role to the attachments that list it among others.
    listed: OnceLock<Map<usize, Vec<usize>>>,
    vague: OnceLock<Vague>,
    grants: OnceLock<(bool, bool)>,
}

const PIPELINE: &[&str] = &["aws_codepipeline"];

impl<'c> Model<'c> {
    fn number(&self, object: &Object<'_>) -> Option<usize> {
        self.by_address.get(object.address()).copied()
    }

    fn at(&self, number: usize) -> Option<&Object<'c>> {
        self.objects.get(number)
    }

    fn owned(&self, type_name: &str, attribute: &str, owner_type: &str) -> Arc<Owned> {
        let key = (type_name.to_owned(), attribute.to_owned(), owner_type.to_owned());
        if let Some(known) = self.index.owned.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Arc::clone(known);
        }
        let mut owned = Owned::default();
        for object in self.all(type_name) {
            match self.resolve(&[owner_type], &object.get(attribute)) {
                Found::Here(owner) => {
                    if let (Some(owner), Some(number)) = (self.number(owner), self.number(object)) {
                        owned.by_owner.entry(owner).or_default().push(number);
                    }
                }
                Found::Unknown => owned.unknown.extend(self.number(object)),
                _ => {}
            }
        }
        let owned = Arc::new(owned);
        self.index.owned.write().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&owned));
        owned
    }

    /// Objects of a type whose attribute names another object.
    pub fn owned_by<'a>(&'a self, type_name: &str, attribute: &str, owner: &Object<'_>) -> Vec<&'a Object<'c>> {
        let owned = self.owned(type_name, attribute, owner.type_name());
        let numbers = self.number(owner).and_then(|n| owned.by_owner.get(&n)).cloned().unwrap_or_default();
        numbers.into_iter().filter_map(|n| self.at(n)).collect()
    }

    /// Whether there may be an object of a type whose attribute names `owner`, though it is not known.
    pub fn may_be_owned(&self, type_name: &str, attribute: &str, owner: &Object<'_>) -> bool {
        !self.owned(type_name, attribute, owner.type_name()).unknown.is_empty()
    }

    /// Objects of a type whose attribute may name `owner` or any other of its type: it is not known.
    pub fn perhaps_owned_by<'a>(&'a self, type_name: &str, attribute: &str, owner: &Object<'_>) -> Vec<&'a Object<'c>> {
        let owned = self.owned(type_name, attribute, owner.type_name());
        owned.unknown.iter().filter_map(|n| self.at(*n)).collect()
    }

    /// Attachments (`aws_iam_policy_attachment`) that list a role.
    pub(super) fn listing<'a>(&'a self, role: &Object<'_>) -> Vec<&'a Object<'c>> {
        let listed = self.index.listed.get_or_init(|| {
            let mut listed: Map<usize, Vec<usize>> = Map::default();
            for attachment in self.all("aws_iam_policy_attachment") {
                for role in attachment.get("roles").elements() {
                    if let Found::Here(role) = self.resolve(&["aws_iam_role"], &role)
                        && let (Some(role), Some(number)) = (self.number(role), self.number(attachment))
                    {
                        listed.entry(role).or_default().push(number);
                    }
                }
            }
            listed
        });
        let numbers = self.number(role).and_then(|n| listed.get(&n)).into_iter().flatten();
        numbers.filter_map(|n| self.at(*n)).collect()
    }

    /// Objects of a type that may have this name or ARN though theirs is partly unknown, or the other way round.
    pub(super) fn perhaps_named<'a>(&'a self, type_name: &str, text: &str) -> Vec<&'a Object<'c>> {
        let end = last_part(text);
        if symbol::has_symbol(end) || end.is_empty() {
            return self.of_managed(type_name);
        }
        let vague = self.index.vague.get_or_init(|| self.vague());
        let key = (type_name.to_owned(), end.to_owned());
        let open = vague.open.get(type_name).into_iter().flatten();
        let numbers: BTreeSet<usize> = vague.by_end.get(&key).into_iter().flatten().chain(open).copied().collect();
        numbers.into_iter().filter_map(|n| self.at(n)).collect()
    }

    fn of_managed<'a>(&'a self, type_name: &str) -> Vec<&'a Object<'c>> {
        let numbers = self.by_type.get(type_name).into_iter().flat_map(|kin| &kin.all);
        numbers.filter_map(|n| self.at(*n)).filter(|o| o.is_managed()).collect()
    }

    fn vague(&self) -> Vague {
        let mut vague = Vague::default();
        for (number, object) in self.objects.iter().enumerate().filter(|(_, o)| o.is_managed()) {
            for name in super::links::names_of(object) {
                let end = last_part(name);
                if symbol::has_symbol(end) {
                    if symbol::only_symbol(name).is_none() {
                        vague.open.entry(object.type_name().to_owned()).or_default().push(number);
                    }
                } else {
                    vague.by_end.entry((object.type_name().to_owned(), end.to_owned())).or_default().push(number);
                }
            }
        }
        vague
    }

    fn rules(&self) -> &Rules {
        self.index.rules.get_or_init(|| {
            let rules: Vec<usize> = self.all("aws_cloudwatch_event_rule").filter_map(|o| self.number(o)).collect();
            let places: Map<usize, usize> = rules.iter().enumerate().map(|(place, n)| (*n, place)).collect();
            let mut list: Vec<(usize, Vec<usize>)> = rules.into_iter().map(|n| (n, Vec::new())).collect();
            for target in self.all("aws_cloudwatch_event_target") {
                if let Found::Here(owner) = self.resolve(&["aws_cloudwatch_event_rule"], &target.get("rule"))
                    && let Some(place) = self.number(owner).and_then(|n| places.get(&n))
                    && let Some((_, targets)) = list.get_mut(*place)
                {
                    targets.extend(self.number(target));
                }
            }
            let patterns = list.iter().map(|(number, _)| self.at(*number).and_then(parsed)).collect();
            Rules { list, patterns }
        })
    }

    fn event_rule(&self, place: usize) -> Option<EventRule<'_>> {
        let Rules { list, patterns } = self.rules();
        let (number, targets) = list.get(place)?;
        let targets = targets.iter().filter_map(|n| self.at(*n)).collect();
        Some(EventRule { object: self.at(*number)?, targets, pattern: patterns.get(place)?.as_ref() })
    }

    /// All event rules.
    pub fn event_rules(&self) -> Vec<EventRule<'_>> {
        (0..self.rules().list.len()).filter_map(|place| self.event_rule(place)).collect()
    }

    /// The rules that are switched on and have a pattern that is known, with it.
    pub fn listening_rules(&self) -> Vec<(EventRule<'_>, &Pattern)> {
        let rules = self.rules();
        let known = (0..rules.list.len()).filter_map(|place| Some((self.event_rule(place)?, rules.pattern(place)?)));
        known.filter(|(rule, _)| !rule.is_disabled()).collect()
    }

    /// Whether some rule has a pattern that is not known.
    pub fn has_open_rule(&self) -> bool {
        *self
            .index
            .open_rule
            .get_or_init(|| self.all("aws_cloudwatch_event_rule").any(|o| o.get("event_pattern").is_unknown()))
    }

    fn starts(&self) -> &Starts {
        self.index.starts.get_or_init(|| {
            let mut starts = Starts::default();
            let mut with_rule = HashSet::new();
            for (place, (_, targets)) in self.rules().list.iter().enumerate() {
                for number in targets {
                    with_rule.insert(*number);
                    let Some(target) = self.at(*number) else { continue };
                    let arn = target.get("arn");
                    match self.resolve(PIPELINE, &arn) {
                        Found::Here(pipeline) => {
                            let Some(pipeline) = self.number(pipeline) else { continue };
                            let of = starts.by_pipeline.entry(pipeline).or_default();
                            if of.last().is_none_or(|(last, _)| *last != place) {
                                of.push((place, *number));
                            }
                        }
                        Found::Unknown => starts.open |= !names_another_type(arn.text().map(|t| t.0)),
                        _ => {}
                    }
                }
            }
            // Targets whose rule is not made here start it all the same.
            for target in self.all("aws_cloudwatch_event_target") {
                if self.number(target).is_none_or(|n| with_rule.contains(&n)) {
                    continue;
                }
                let arn = target.get("arn");
                match self.resolve(PIPELINE, &arn) {
                    Found::Here(pipeline) => starts.otherwise.extend(self.number(pipeline)),
                    Found::Unknown => starts.open |= !names_another_type(arn.text().map(|t| t.0)),
                    _ => {}
                }
            }
            for schedule in self.all("aws_scheduler_schedule") {
                match self.resolve(PIPELINE, &schedule.root().block("target").get("arn")) {
                    Found::Here(pipeline) => starts.otherwise.extend(self.number(pipeline)),
                    Found::Unknown => starts.open = true,
                    _ => {}
                }
            }
            starts
        })
    }

    /// Rules that start a pipeline, with the target that does, and whether something may start it that is not known.
    pub(super) fn starters<'a>(&'a self, pipeline: &Object<'_>) -> (Vec<(EventRule<'a>, &'a Object<'c>)>, bool) {
        let starts = self.starts();
        let Some(number) = self.number(pipeline) else { return (Vec::new(), true) };
        let found = starts.by_pipeline.get(&number).into_iter().flatten();
        let found = found.filter_map(|(place, target)| Some((self.event_rule(*place)?, self.at(*target)?)));
        (found.collect(), starts.open || starts.otherwise.contains(&number))
    }

    fn made_tellers(&self) -> Tellers {
        let mut tellers = Tellers::default();
        let rules = self.rules();
        for place in 0..rules.list.len() {
            let Some(pattern) = rules.pattern(place) else { continue };
            if self.event_rule(place).is_none_or(|r| r.is_disabled() || r.targets.is_empty()) {
                continue;
            }
            if !may_be_about_pipelines(pattern) {
                continue;
            }
            match only_names(pattern) {
                Some(names) => {
                    names.into_iter().for_each(|n| tellers.by_name.entry(n.to_owned()).or_default().push(place));
                }
                None => tellers.general.push(place),
            }
        }
        tellers
    }

    /// Patterns of rules with targets that may be about a pipeline of this name; about any, where the name is not known.
    pub(super) fn tellers(&self, name: Option<&str>) -> Vec<&Pattern> {
        let rules = self.rules();
        let tellers = self.index.tellers.get_or_init(|| self.made_tellers());
        let mut places: Vec<usize> = tellers.general.clone();
        match name {
            Some(name) => places.extend(tellers.by_name.get(name).into_iter().flatten()),
            None => places.extend(tellers.by_name.values().flatten()),
        }
        places.sort_unstable();
        places.dedup();
        places.into_iter().filter_map(|place| rules.pattern(place)).collect()
    }

    /// Whether an invoke action of a pipeline here starts this one.
    pub(super) fn is_invoked(&self, pipeline: &Object<'_>) -> bool {
        let invoked = self.index.invoked.get_or_init(|| {
            let mut invoked = HashSet::new();
            for other in self.pipelines() {
                for action in other.actions().filter(|a| a.is("Invoke", "CodePipeline")) {
                    if let Found::Here(pipeline) = self.resolve(PIPELINE, &action.setting("PipelineName")) {
                        invoked.extend(self.number(pipeline));
                    }
                }
            }
            invoked
        });
        self.number(pipeline).is_some_and(|n| invoked.contains(&n))
    }

    /// Whether a policy lets somebody start pipelines: inline policies of roles, and all others.
    pub fn grants_starting(&self) -> (bool, bool) {
        *self.index.grants.get_or_init(|| {
            let (mut inline, mut other) = (false, false);
            for object in &self.objects {
                let texts = ["policy", "json"].map(|name| object.get(name));
                if texts.iter().filter_map(Attr::text).any(|t| t.0.contains("StartPipelineExecution")) {
                    let is_inline = object.type_name() == "aws_iam_role_policy";
                    inline |= is_inline;
                    other |= !is_inline;
                }
            }
            (inline, other)
        })
    }
}
