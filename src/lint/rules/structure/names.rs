//! Names of all kinds.

use crate::domain::catalog::limits;
use crate::lang::value::symbol::Piece;
use crate::lint::finding::Level;
use crate::lint::model::Attr;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};

/// Form and length.
pub const CP016: Rule = Rule {
    id: "CP016",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "A name does not fit the pattern or length of its kind",
    rationale: "CodePipeline refuses names of pipelines, stages, actions, artifacts, namespaces, variables, condition rules, buckets and webhooks that are too long or hold other characters than those allowed.",
    source: "CodePipeline API model; User Guide: quotas",
    bad: pipeline!(
        source!(),
        stage!("Build", action!("Build", "Build", "AWS", "CodeBuild", "      output_artifacts = [\"built.zip\"]\n"))
    ),
    good: pipeline!(source!(), build!()),
    check: names,
};

fn names(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        check(&pipeline.name(), "pipeline", "pipeline", found);
        for stage in &pipeline.stages {
            check(&stage.name(), "stage", "stage", found);
        }
        for variable in pipeline.object.blocks("variable") {
            check(&variable.get("name"), "pipeline_variable", "pipeline variable", found);
        }
        for action in pipeline.actions() {
            check(&action.name(), "action", "action", found);
            check(&action.namespace(), "namespace", "namespace", found);
            for artifact in action.inputs().iter().chain(&action.outputs()) {
                check(artifact, "artifact", "artifact", found);
            }
            if action.owner() == "Custom" {
                check(&action.attr.get("provider"), "action_type_provider", "provider", found);
                check(&action.attr.get("version"), "action_type_version", "version", found);
            }
        }
        for stage in &pipeline.stages {
            for (_, _, rule) in stage.rules() {
                check(&rule.get("name"), "rule", "rule", found);
            }
        }
        // An empty one is what a variable gives when nobody sets it.
        for store in pipeline.stores().iter().filter(|s| s.get("location").is_set()) {
            check(&store.get("location"), "artifact_bucket", "bucket", found);
        }
    }
    for webhook in context.model.all("aws_codepipeline_webhook") {
        check(&webhook.get("name"), "webhook", "webhook", found);
    }
}

fn check(attr: &Attr<'_>, kind: &str, word: &str, found: &mut Reporter<'_>) {
    let (Some(name), Some(rule)) = (attr.text(), limits().names.get(kind)) else { return };
    let complaint = match name.known() {
        Some(name) => rule.complaint(name),
        // Known parts are in the name, whatever else is.
        None => {
            let known = name.pieces().into_iter().filter_map(|piece| match piece {
                Piece::Text(text) => Some(text),
                Piece::Symbol(_) => None,
            });
            rule.complaint_of_parts(&known.collect::<Vec<_>>())
        }
    };
    if let Some(complaint) = complaint {
        found.at(
            attr,
            format!("The {word} name {} {complaint}", attr.shown()),
            "CodePipeline refuses such a name. Choose another one.",
        );
    }
}

/// Namespaces.
pub const CP023: Rule = Rule {
    id: "CP023",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "Two actions have one variable namespace, or a namespace is the name of an artifact",
    rationale: "A namespace must name one action's variables. CodePipeline refuses doubles, and names that an output artifact has.",
    source: "CodePipeline User Guide: variables; observed answers",
    bad: pipeline!(
        stage!(
            "Source",
            action!(
                "Code",
                "Source",
                "AWS",
                "CodeCommit",
                "      namespace        = \"source\"\n      output_artifacts = [\"source\"]\n"
            )
        ),
        build!()
    ),
    good: pipeline!(
        stage!(
            "Source",
            action!(
                "Code",
                "Source",
                "AWS",
                "CodeCommit",
                "      namespace        = \"SourceVariables\"\n      output_artifacts = [\"source\"]\n"
            )
        ),
        build!()
    ),
    check: namespaces,
};

fn namespaces(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        let artifacts: Vec<&str> =
            pipeline.actions().flat_map(|a| a.outputs()).filter_map(|o| o.text().map(|t| t.0)).collect();
        let mut seen: Vec<(&str, String)> = Vec::new();
        for action in pipeline.actions() {
            let attr = action.namespace();
            let Some(name) = attr.text() else { continue };
            if matches!(name.0, "variables" | "codepipeline") {
                let finding = found.at(
                    &attr,
                    format!("The namespace {} of {} is reserved", attr.shown(), action.title()),
                    "It holds the variables of the pipeline, or those of its execution. Choose another one.",
                );
                finding.with_severity(Level::Warning);
            } else if let Some((_, first)) = seen.iter().find(|(other, _)| name.is(other)) {
                found.at(
                    &attr,
                    format!("The namespace {} of {} is used already", attr.shown(), action.title()),
                    format!("{first} has it. Give each action a namespace of its own."),
                );
            } else if artifacts.contains(&name.0) {
                found.at(
                    &attr,
                    format!("The namespace {} of {} is the name of an artifact", attr.shown(), action.title()),
                    "CodePipeline wants namespaces and artifacts to have different names. Rename one of them.",
                );
            }
            seen.push((name.0, action.title()));
        }
    }
}
