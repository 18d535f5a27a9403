//! Artifacts: made once, there in time, as many as the action takes, and of a form it can use.

use crate::domain::catalog::{self, Certainty};
use crate::domain::pipeline::{ArtifactFault, artifact_faults};
use crate::lint::finding::Level;
use crate::lint::model::{Action, Delivery};
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};
use serde_json::Value as Json;
use std::collections::BTreeSet;

const FLOW: &str = "CodePipeline User Guide: pipeline structure reference, input and output artifacts";

/// Inputs.
pub const CP005: Rule = Rule {
    id: "CP005",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "An input artifact is not made before the action starts",
    rationale: "An input artifact must be the output of an action in an earlier stage, or of one with a lower run_order in the same stage. CodePipeline refuses anything else.",
    source: FLOW,
    bad: pipeline!(
        source!(),
        stage!("Build", action!("Build", "Build", "AWS", "CodeBuild", "      input_artifacts = [\"sources\"]\n"))
    ),
    good: pipeline!(source!(), build!()),
    check: inputs,
};

fn title_at(pipeline: &Delivery<'_>, place: crate::domain::pipeline::Where) -> String {
    let stage = pipeline.stages.get(place.stage);
    let action = stage.and_then(|s| s.actions.get(place.action));
    match (stage, action) {
        (Some(stage), Some(action)) => format!("{} of the stage {}", action.title(), stage.title()),
        _ => "another action".into(),
    }
}

fn inputs(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        if !pipeline.is_complete() {
            continue;
        }
        for (place, number, fault) in artifact_faults(pipeline.on_paper()) {
            let Some(action) = pipeline.at(place) else { continue };
            let attr = action.attr.get("input_artifacts").at(number);
            let what = attr.shown();
            match fault {
                ArtifactFault::NotMade(near) => {
                    let near = near.map(|n| format!(" Did you mean \"{n}\"?")).unwrap_or_default();
                    found.at(
                        &attr,
                        format!("No action before {} makes the artifact {what}", action.title()),
                        format!("Its name must be among the output_artifacts of an action that starts earlier.{near}"),
                    );
                }
                ArtifactFault::MadeTooLate(maker) => {
                    found.at(
                        &attr,
                        format!("The artifact {what} is not there yet when {} starts", action.title()),
                        format!(
                            "It is made by {}, which starts at the same time or later. Give that action a lower run_order, or put this one in a later stage.",
                            title_at(pipeline, maker)
                        ),
                    );
                }
                ArtifactFault::MadeTwice(_) | ArtifactFault::CloneForOther(_) => {}
            }
        }
    }
}

/// Outputs.
pub const CP006: Rule = Rule {
    id: "CP006",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "Two actions make an artifact of one name",
    rationale: "Output artifact names must be unique in a pipeline: CodePipeline refuses doubles.",
    source: FLOW,
    bad: pipeline!(
        source!(),
        stage!(
            "Build",
            action!(
                "Build",
                "Build",
                "AWS",
                "CodeBuild",
                "      input_artifacts  = [\"source\"]\n      output_artifacts = [\"source\"]\n"
            )
        )
    ),
    good: pipeline!(source!(), build!()),
    check: outputs,
};

fn outputs(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        for (place, number, fault) in artifact_faults(pipeline.on_paper()) {
            let (Some(action), ArtifactFault::MadeTwice(first)) = (pipeline.at(place), fault) else { continue };
            let attr = action.attr.get("output_artifacts").at(number);
            found.at(
                &attr,
                format!("The output artifact {} of {} is made already", attr.shown(), action.title()),
                format!(
                    "{} makes an artifact of that name. Rename one of them, and the inputs that mean it.",
                    title_at(pipeline, first)
                ),
            );
        }
    }
}

/// Numbers.
pub const CP007: Rule = Rule {
    id: "CP007",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "An action has more or fewer artifacts than its type takes",
    rationale: "Every action type has bounds for the number of input and output artifacts; CodePipeline refuses what is outside of them.",
    source: "CodePipeline User Guide: valid number of input and output artifacts, action structure reference",
    bad: pipeline!(
        source!(),
        stage!("Deploy", action!("Ecs", "Deploy", "AWS", "ECS", "      output_artifacts = [\"done\"]\n"))
    ),
    good: pipeline!(source!(), build!(), stage!("Deploy", ecs!())),
    check: counts,
};

fn counts(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        for action in pipeline.actions() {
            let Some(kind) = catalog::find(action.category(), action.owner(), action.provider(), action.version())
            else {
                continue;
            };
            if kind.counts == Certainty::Low {
                continue;
            }
            for (attribute, word, (min, max)) in
                [("input_artifacts", "input", kind.inputs), ("output_artifacts", "output", kind.outputs)]
            {
                let attr = action.attr.get(attribute);
                if attr.value().is_some_and(|v| !v.is_known()) {
                    continue;
                }
                let count = attr.elements().len();
                if (min..=max).contains(&count) {
                    continue;
                }
                let bounds = if min == max { format!("exactly {min}") } else { format!("{min} to {max}") };
                let s = |n: usize| if n == 1 { "" } else { "s" };
                let finding = found.at(
                    &attr,
                    format!("{} has {count} {word} artifact{}", action.title(), s(count)),
                    format!("Actions of type {} take {bounds} {word} artifact{}.", kind.title(), s(max)),
                );
                if kind.counts == Certainty::Medium {
                    finding.with_severity(Level::Warning);
                }
            }
        }
    }
}

/// References to files in artifacts.
pub const CP018: Rule = Rule {
    id: "CP018",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "A setting names a file in an artifact that is no input of the action",
    rationale: "Settings such as TemplatePath name a file as ArtifactName::file, and the artifact must be an input of the same action. CodePipeline accepts anything and the action fails when it runs.",
    source: "CodePipeline User Guide: action reference for CloudFormation, CodeDeploy to ECS, CodeBuild",
    bad: pipeline!(
        source!(),
        stage!(
            "Deploy",
            action!(
                "Stack",
                "Deploy",
                "AWS",
                "CloudFormation",
                "      input_artifacts = [\"source\"]\n      configuration = {\n        ActionMode   = \"CREATE_UPDATE\"\n        StackName    = \"shop\"\n        RoleArn      = aws_iam_role.stack.arn\n        TemplatePath = \"built::template.yml\"\n      }\n"
            )
        )
    ),
    good: pipeline!(
        source!(),
        stage!(
            "Deploy",
            action!(
                "Stack",
                "Deploy",
                "AWS",
                "CloudFormation",
                "      input_artifacts = [\"source\"]\n      configuration = {\n        ActionMode   = \"CREATE_UPDATE\"\n        StackName    = \"shop\"\n        RoleArn      = aws_iam_role.stack.arn\n        TemplatePath = \"source::template.yml\"\n      }\n"
            )
        )
    ),
    check: files,
};

/// Settings that are `Artifact::file`, by provider.
const FILES: &[(&str, &[&str])] = &[
    ("CloudFormation", &["TemplatePath", "TemplateConfiguration"]),
    ("CloudFormationStackSet", &["TemplatePath", "Parameters", "DeploymentTargets"]),
    ("CloudFormationStackInstances", &["ParameterOverrides", "DeploymentTargets"]),
];
/// Settings that are the name of an artifact, by provider.
const NAMES: &[(&str, &[&str])] = &[
    ("CodeBuild", &["PrimarySource"]),
    (
        "CodeDeployToECS",
        &[
            "TaskDefinitionTemplateArtifact",
            "AppSpecTemplateArtifact",
            "Image1ArtifactName",
            "Image2ArtifactName",
            "Image3ArtifactName",
            "Image4ArtifactName",
        ],
    ),
];

fn files(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        for action in pipeline.actions() {
            let of = |table: &[(&str, &'static [&'static str])]| {
                table.iter().find(|(p, _)| *p == action.provider()).map(|(_, keys)| *keys).unwrap_or_default()
            };
            for key in of(FILES) {
                let attr = action.setting(key);
                let Some((artifact, _)) = attr.text().and_then(|t| t.0.split_once("::")) else { continue };
                not_an_input(action, &attr, key, artifact, found);
            }
            if action.provider() == "CloudFormation" {
                let attr = action.setting("ParameterOverrides");
                for artifact in taken_from(attr.known().unwrap_or_default()) {
                    not_an_input(action, &attr, "ParameterOverrides", &artifact, found);
                }
            }
            for key in of(NAMES) {
                let attr = action.setting(key);
                if let Some(name) = attr.text().filter(|t| !t.0.is_empty()) {
                    not_an_input(action, &attr, key, name.0, found);
                }
            }
        }
    }
}

/// The artifacts that parameter overrides take values from: first arguments of `Fn::GetParam` and `Fn::GetArtifactAtt`.
fn taken_from(overrides: &str) -> BTreeSet<String> {
    fn walk(json: &Json, found: &mut BTreeSet<String>) {
        match json {
            Json::Object(fields) => {
                for (name, value) in fields {
                    if matches!(name.as_str(), "Fn::GetParam" | "Fn::GetArtifactAtt") {
                        found.extend(value.get(0).and_then(Json::as_str).map(str::to_owned));
                    }
                    walk(value, found);
                }
            }
            Json::Array(items) => items.iter().for_each(|item| walk(item, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    if let Ok(json) = serde_json::from_str(overrides) {
        walk(&json, &mut found);
    }
    found
}

fn not_an_input(
    action: &Action<'_>,
    attr: &crate::lint::model::Attr<'_>,
    key: &str,
    artifact: &str,
    found: &mut Reporter<'_>,
) {
    let list = action.attr.get("input_artifacts");
    let inputs = action.inputs();
    let may_be = inputs.iter().any(|i| i.text().is_none_or(|t| t.may_be(artifact)));
    if may_be || list.value().is_some_and(|v| !v.is_known()) {
        return;
    }
    let names: Vec<String> = inputs.iter().map(crate::lint::model::Attr::shown).collect();
    let has = if names.is_empty() { "it has none".to_owned() } else { format!("these are {}", names.join(", ")) };
    let artifact = crate::lang::value::symbol::readable(artifact);
    found.at_part(
        attr,
        if key == "ParameterOverrides" { &artifact } else { "" },
        format!("{key} of {} names the artifact \"{artifact}\", which is no input of the action", action.title()),
        format!("The file is looked for in the action's own input artifacts; {has}. Add it to input_artifacts or name one of them."),
    );
}

/// Clones.
pub const CP019: Rule = Rule {
    id: "CP019",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "A reference to a clone is used by an action other than CodeBuild",
    rationale: "With OutputArtifactFormat = CODEBUILD_CLONE_REF the artifact holds no files, only what CodeBuild needs to clone the repository. Other actions fail when they run.",
    source: "CodePipeline User Guide: action reference for CodeStarSourceConnection and CodeCommit",
    bad: pipeline!(
        stage!(
            "Source",
            action!(
                "Code",
                "Source",
                "AWS",
                "CodeCommit",
                "      output_artifacts = [\"source\"]\n      configuration = {\n        RepositoryName       = \"shop\"\n        BranchName           = \"main\"\n        OutputArtifactFormat = \"CODEBUILD_CLONE_REF\"\n      }\n"
            )
        ),
        stage!("Deploy", action!("Site", "Deploy", "AWS", "S3", "      input_artifacts = [\"source\"]\n"))
    ),
    good: pipeline!(
        stage!(
            "Source",
            action!(
                "Code",
                "Source",
                "AWS",
                "CodeCommit",
                "      output_artifacts = [\"source\"]\n      configuration = {\n        RepositoryName       = \"shop\"\n        BranchName           = \"main\"\n        OutputArtifactFormat = \"CODEBUILD_CLONE_REF\"\n      }\n"
            )
        ),
        build!()
    ),
    check: clones,
};

fn clones(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        for (place, number, fault) in artifact_faults(pipeline.on_paper()) {
            let (Some(action), ArtifactFault::CloneForOther(source)) = (pipeline.at(place), fault) else { continue };
            let attr = action.attr.get("input_artifacts").at(number);
            let finding = found.at(
                &attr,
                format!("{} cannot use the artifact {}: it is a reference to a clone", action.title(), attr.shown()),
                format!(
                    "{} has OutputArtifactFormat = \"CODEBUILD_CLONE_REF\", which only CodeBuild can use. Set it to CODE_ZIP, or let a build hand on the files.",
                    title_at(pipeline, source)
                ),
            );
            // They run in CodeBuild too; the guide names only its own actions.
            if action.provider() == "Commands" {
                finding.with_severity(Level::Warning);
            }
        }
    }
}

/// Names CodeBuild cannot write.
pub const CP020: Rule = Rule {
    id: "CP020",
    severity: Level::Warning,
    confidence: Confidence::Medium,
    title: "A CodeBuild action has several outputs of which one has a hyphen in its name",
    rationale: "With several outputs each must be a secondary artifact of the buildspec under the same identifier, and CodeBuild's identifiers have only letters, digits and underscores. The build fails when it uploads.",
    source: "CodeBuild User Guide: buildspec reference, secondary artifacts",
    bad: pipeline!(
        source!(),
        stage!(
            "Build",
            action!(
                "Build",
                "Build",
                "AWS",
                "CodeBuild",
                "      input_artifacts  = [\"source\"]\n      output_artifacts = [\"web-app\", \"api\"]\n"
            )
        )
    ),
    good: pipeline!(
        source!(),
        stage!(
            "Build",
            action!(
                "Build",
                "Build",
                "AWS",
                "CodeBuild",
                "      input_artifacts  = [\"source\"]\n      output_artifacts = [\"web_app\", \"api\"]\n"
            )
        )
    ),
    check: hyphens,
};

fn hyphens(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        for action in pipeline.actions().filter(|a| a.provider() == "CodeBuild" && a.owner() == "AWS") {
            let outputs = action.outputs();
            for output in outputs.iter().filter(|o| outputs.len() > 1 && o.str().contains('-')) {
                found.at(
                    output,
                    format!("The output {} of {} cannot be an artifact identifier of CodeBuild", output.shown(), action.title()),
                    "Each of several outputs must be a secondary artifact of the buildspec by the same identifier, of letters, digits and underscores. Write an underscore for the hyphen.",
                );
            }
        }
    }
}
