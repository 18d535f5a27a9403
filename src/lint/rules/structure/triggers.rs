//! Triggers and their filters.

use crate::lint::finding::Level;
use crate::lint::model::Attr;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};
use std::collections::HashSet;

/// Triggers.
pub const CP014: Rule = Rule {
    id: "CP014",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "A trigger names no connection source, or its filters do not go together",
    rationale: "A trigger belongs to one CodeStarSourceConnection action of the pipeline. A push filter has tags alone, or branches with or without file paths; a pull request filter has branches. CodePipeline refuses the rest.",
    source: "CodePipeline User Guide: triggers and filtering; API GitConfiguration",
    bad: pipeline_v2!(
        "  trigger {\n    provider_type = \"CodeStarSourceConnection\"\n    git_configuration {\n      source_action_name = \"Source\"\n      push {\n        branches {\n          includes = [\"main\"]\n        }\n      }\n    }\n  }\n",
        source!(),
        build!()
    ),
    good: pipeline_v2!(
        "  trigger {\n    provider_type = \"CodeStarSourceConnection\"\n    git_configuration {\n      source_action_name = \"Code\"\n      push {\n        branches {\n          includes = [\"main\"]\n        }\n      }\n    }\n  }\n",
        source!(),
        build!()
    ),
    check: triggers,
};

/// Triggers of a pipeline.
const MOST_TRIGGERS: usize = 50;
/// Push filters of a trigger, and pull request filters.
const MOST_FILTERS: usize = 3;

fn triggers(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        let mut seen = HashSet::new();
        let all = pipeline.object.blocks("trigger");
        if let Some(more) = all.get(MOST_TRIGGERS) {
            found.at_part(
                more,
                "number",
                format!("The pipeline has {} triggers", all.len()),
                format!("CodePipeline takes at most {MOST_TRIGGERS}."),
            );
        }
        for trigger in all {
            let git = trigger.block("git_configuration");
            let name = git.get("source_action_name");
            if let Some(wanted) = name.text() {
                let sources = || pipeline.actions().filter(|a| a.category() == "Source");
                let hit = sources().find(|a| a.name().text().is_some_and(|t| t.may_be(wanted.0)));
                match hit {
                    None if pipeline.is_complete() => {
                        let names: Vec<String> = sources().map(crate::lint::model::Action::title).collect();
                        found.at(
                            &name,
                            format!("The trigger names the source action {}, which there is not", name.shown()),
                            format!("Source actions of this pipeline are: {}.", names.join(", ")),
                        );
                    }
                    Some(action)
                        if !action.provider().is_empty() && action.provider() != "CodeStarSourceConnection" =>
                    {
                        found.at(
                            &name,
                            format!("The trigger names {}, which is no connection but {}", name.shown(), action.provider()),
                            "Only actions of the provider CodeStarSourceConnection have triggers; others are started by EventBridge rules.",
                        );
                    }
                    _ => {}
                }
                if !seen.insert(wanted.0) {
                    found.at_part(
                        &name,
                        "twice",
                        format!("Two triggers name the source action {}", name.shown()),
                        "CodePipeline takes one trigger per source action. Put the filters into one.",
                    );
                }
            }
            for (block, word) in [("push", "push"), ("pull_request", "pull request")] {
                let filters = git.blocks(block);
                if let Some(more) = filters.get(MOST_FILTERS) {
                    found.at_part(
                        more,
                        "number",
                        format!("The trigger of {} has {} {word} filters", name.shown(), filters.len()),
                        format!(
                            "CodePipeline takes at most {MOST_FILTERS}; a filter takes up to 8 patterns of a kind."
                        ),
                    );
                }
            }
            for push in git.blocks("push") {
                push_filter(&push, found);
            }
            for request in git.blocks("pull_request") {
                request_filter(&request, found);
            }
        }
    }
}

fn push_filter(push: &Attr<'_>, found: &mut Reporter<'_>) {
    let there = |block: &str| push.block(block).value().is_some();
    let unknown = |block: &str| push.get(block).value().is_some_and(|v| !v.is_known());
    if ["tags", "branches", "file_paths"].iter().any(|b| unknown(b)) {
        return;
    }
    if there("tags") && (there("branches") || there("file_paths")) {
        found.at(
            &push.block("tags"),
            "A push filter has tags together with branches or file paths",
            "CodePipeline refuses the combination. Write one push filter for tags and another for branches.",
        );
    } else if there("file_paths") && !there("branches") {
        found.at(
            &push.block("file_paths"),
            "A push filter has file paths without branches",
            "CodePipeline takes file paths only together with branches. Add branches, for all of them includes = [\"**\"].",
        );
    }
    patterns(push, &["tags", "branches", "file_paths"], found);
}

fn request_filter(request: &Attr<'_>, found: &mut Reporter<'_>) {
    let branches = request.get("branches");
    if request.block("branches").value().is_none() && branches.value().is_none_or(crate::lang::value::Value::is_known) {
        found.at(
            request,
            "A pull request filter has no branches",
            "CodePipeline wants the target branches of pull requests. Add branches, for all of them includes = [\"**\"].",
        );
    }
    for event in request.get("events").elements() {
        if event.known().is_some_and(|e| !matches!(e, "OPEN" | "UPDATED" | "CLOSED")) {
            found.at(
                &event,
                format!("The pull request event {} does not exist", event.shown()),
                "Events are OPEN, UPDATED and CLOSED.",
            );
        }
    }
    patterns(request, &["branches", "file_paths"], found);
}

fn patterns(filter: &Attr<'_>, blocks: &[&str], found: &mut Reporter<'_>) {
    for block in blocks {
        let block = filter.block(block);
        for list in ["includes", "excludes"] {
            let list = block.get(list);
            let count = list.elements().len();
            if count > 8 {
                found.at(
                    &list,
                    format!("A trigger filter has {count} patterns"),
                    "CodePipeline takes at most 8 includes and 8 excludes.",
                );
            }
            for pattern in list.elements() {
                let length = pattern.known().map_or(0, |p| p.chars().count());
                if length > 255 {
                    found.at(
                        &pattern,
                        format!("A pattern of a trigger filter has {length} characters"),
                        "CodePipeline takes at most 255 per pattern.",
                    );
                }
            }
        }
        if block.value().is_some() && !block.get("includes").is_set() && !block.get("excludes").is_set() {
            found.at(
                &block,
                "A trigger filter names nothing",
                "It has neither includes nor excludes. Say what it is to match.",
            );
        }
    }
}
