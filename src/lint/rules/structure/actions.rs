//! Action types, and pipelines that start each other.

use crate::domain::catalog::{self, ActionType, Certainty};
use crate::lang::eval::did_you_mean;
use crate::lint::finding::{Fix, Level};
use crate::lint::model::{Action, Delivery, Object};
use crate::lint::rewrite;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Types.
pub const CP008: Rule = Rule {
    id: "CP008",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "There is no action type of this category, owner, provider and version",
    rationale: "CodePipeline refuses an action whose type does not exist in the region. Custom action types are not judged: only the account knows them.",
    source: "CodePipeline User Guide: action structure reference; API ListActionTypes",
    bad: pipeline!(
        source!(),
        stage!(
            "Build",
            action!(
                "Build",
                "Build",
                "AWS",
                "Codebuild",
                "      input_artifacts = [\"source\"]\n      configuration = {\n        ProjectName = \"shop\"\n      }\n"
            )
        )
    ),
    good: pipeline!(source!(), build!()),
    check: types,
};

fn types(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        for action in pipeline.actions() {
            let Some(key) = action.key().filter(|_| action.owner() != "Custom") else { continue };
            if catalog::find(action.category(), action.owner(), action.provider(), action.version()).is_some() {
                continue;
            }
            let (attribute, advice, right) = nearest(action);
            let at = action.attr.get(attribute);
            let fix = right.and_then(|right| {
                let edit = rewrite::set(context.model, &at, &format!("\"{right}\""));
                Fix::one(format!("Write {attribute} = \"{right}\""), edit)
            });
            let finding = found.at(
                &at,
                format!("There is no action type {key}, which {} has", action.title()),
                format!("CodePipeline knows action types by category, owner, provider and version. {advice}"),
            );
            finding.fix = fix;
            // Partners' action types come and go without a page.
            if action.owner() == "ThirdParty" {
                finding.with_severity(Level::Warning);
            }
        }
    }
}

/// The part that is wrong, what to write, and that alone where it is certain: one word makes it an action type.
fn nearest(action: &Action<'_>) -> (&'static str, String, Option<String>) {
    let all = || catalog::actions().iter().filter(|a| !a.any_provider);
    let same = |a: &&ActionType| a.provider == action.provider();
    let fits: Vec<&ActionType> = all().filter(same).collect();
    if let Some(other) = fits.iter().find(|a| a.category == action.category() && a.owner == action.owner()) {
        return ("version", format!("Its version is \"{}\".", other.version), Some(other.version.clone()));
    }
    if let Some(other) = fits.iter().find(|a| a.category == action.category()) {
        let right = (other.version == action.version()).then(|| other.owner.clone());
        return ("owner", format!("Its owner is \"{}\".", other.owner), right);
    }
    if !fits.is_empty() {
        let list: Vec<String> = fits.iter().map(|a| format!("\"{}\"", a.category)).collect();
        return ("category", format!("Its category is {}.", list.join(" or ")), None);
    }
    let folded = all().find(|a| a.provider.eq_ignore_ascii_case(action.provider())).map(|a| a.provider.as_str());
    match folded.or_else(|| did_you_mean(action.provider(), all().map(|a| a.provider.as_str()))) {
        Some(near) => {
            let exists = catalog::find(action.category(), action.owner(), near, action.version()).is_some();
            let right = exists.then(|| near.to_owned());
            ("provider", format!("Did you mean the provider \"{near}\"?"), right)
        }
        None => {
            let list: Vec<&str> = all()
                .filter(|a| a.category == action.category() && a.confidence > Certainty::Low)
                .map(|a| a.provider.as_str())
                .collect();
            ("provider", format!("Providers of {} actions are {}.", action.category(), list.join(", ")), None)
        }
    }
}

/// Cycles.
pub const CP022: Rule = Rule {
    id: "CP022",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "Pipelines start each other in a circle",
    rationale: "An invoke action that starts a pipeline which leads back to this one never ends: each execution starts the next, and all of them cost.",
    source: "CodePipeline User Guide: action reference for CodePipeline invoke",
    bad: pipeline_v2!(
        source!(),
        stage!(
            "Again",
            action!(
                "Start",
                "Invoke",
                "AWS",
                "CodePipeline",
                "      configuration = {\n        PipelineName = \"shop\"\n      }\n"
            )
        )
    ),
    good: pipeline_v2!(
        source!(),
        stage!(
            "Next",
            action!(
                "Start",
                "Invoke",
                "AWS",
                "CodePipeline",
                "      configuration = {\n        PipelineName = \"shop-deploy\"\n      }\n"
            )
        )
    ),
    check: cycles,
};

/// Invoke actions of each pipeline with the address of the one they start.
fn starts<'a, 'm>(context: &'a Context<'m>) -> BTreeMap<&'m str, Vec<(&'a Action<'m>, &'m str)>> {
    let named = |p: &'a Delivery<'m>| Some((p.name().text()?.0, p.object.address()));
    // Of two with one name the first counts.
    let mut by_name: HashMap<&str, &'m str> = HashMap::new();
    for (name, address) in context.pipelines().filter_map(named) {
        by_name.entry(name).or_insert(address);
    }
    let to = |action: &'a Action<'m>| {
        let name = action.setting("PipelineName");
        let name = name.text()?.0;
        let here = || context.model.resolve_text(&["aws_codepipeline"], name).here().map(Object::address);
        Some((action, by_name.get(name).copied().or_else(here)?))
    };
    let of = |pipeline: &'a Delivery<'m>| {
        let invokes = pipeline.actions().filter(|a| a.is("Invoke", "CodePipeline"));
        (pipeline.object.address(), invokes.filter_map(to).collect())
    };
    context.pipelines().map(of).collect()
}

fn cycles(context: &Context<'_>, found: &mut Reporter<'_>) {
    let starts = starts(context);
    for (from, invokes) in &starts {
        for (action, to) in invokes {
            let mut seen = BTreeSet::from([*to]);
            let mut next = vec![*to];
            while let Some(at) = next.pop() {
                for (_, further) in starts.get(at).into_iter().flatten() {
                    if seen.insert(*further) {
                        next.push(*further);
                    }
                }
            }
            if seen.contains(from) {
                let attr = action.setting("PipelineName");
                found.at(
                    &attr,
                    format!("{} starts {}, which leads back to this pipeline", action.title(), attr.shown()),
                    "Each execution starts the next without end. Let the pipeline end here, or start only one whose actions do not come back.",
                );
            }
        }
    }
}
