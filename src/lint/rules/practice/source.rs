//! Sources and services that are on their way out, or not reproducible.

use crate::domain::catalog;
use crate::lint::finding::Level;
use crate::lint::model::Found;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};

/// OAuth.
pub const PL006: Rule = Rule {
    id: "PL006",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "A source uses the GitHub action of version 1",
    rationale: "It works with a personal token that has full access to repositories and hooks. AWS recommends the connection action, whose app has access to chosen repositories only.",
    source: "CodePipeline User Guide: GitHub (via OAuth app) action reference",
    bad: pipeline!(
        stage!("Source", action!("Code", "Source", "ThirdParty", "GitHub", "      output_artifacts = [\"source\"]\n")),
        build!()
    ),
    good: pipeline!(source!(), build!()),
    check: oauth,
};

fn oauth(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        for action in pipeline.actions().filter(|a| a.owner() == "ThirdParty" && a.is("Source", "GitHub")) {
            found.at(
                &action.attr.get("provider"),
                format!("{} uses the GitHub action of version 1", action.title()),
                "Make an aws_codestarconnections_connection, and use owner AWS and provider CodeStarSourceConnection with ConnectionArn, FullRepositoryId and BranchName.",
            );
        }
    }
}

/// Mutable tags.
pub const PL015: Rule = Rule {
    id: "PL015",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "The pipeline takes or makes an image by a tag that moves",
    rationale: "With the tag latest, or a repository whose tags can be overwritten, the same execution gives another image tomorrow: nobody can tell what ran, or go back to it.",
    source: "ECR User Guide: image tag mutability",
    bad: pipeline!(
        stage!(
            "Source",
            action!(
                "Image",
                "Source",
                "AWS",
                "ECR",
                "      output_artifacts = [\"source\"]\n      configuration = {\n        RepositoryName = \"shop\"\n        ImageTag       = \"latest\"\n      }\n"
            )
        ),
        build!()
    ),
    good: pipeline!(
        stage!(
            "Source",
            action!(
                "Image",
                "Source",
                "AWS",
                "ECR",
                "      output_artifacts = [\"source\"]\n      configuration = {\n        RepositoryName = \"shop\"\n        ImageTag       = \"release\"\n      }\n"
            )
        ),
        build!()
    ),
    check: tags,
};

fn tags(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        for action in pipeline.actions() {
            if action.is("Source", "ECR") && !action.attr.get("configuration").is_unknown() {
                let tag = action.setting("ImageTag");
                if tag.value().is_none() || tag.str() == "latest" {
                    let how = if tag.value().is_none() {
                        "takes the tag latest, because ImageTag is not set"
                    } else {
                        "takes the tag latest"
                    };
                    found.at(
                        &tag,
                        format!("The source {} {how}", action.title()),
                        "Take images by a tag that means one version or release, and deploy by digest (#{namespace.ImageDigest}).",
                    );
                }
            }
            if action.is("Build", "ECRBuildAndPublish") && !action.attr.get("configuration").is_unknown() {
                let tags = action.setting("ImageTags");
                let latest = tags.str().split(',').any(|tag| tag.trim() == "latest");
                if tags.value().is_none() || latest {
                    let how = if latest { "" } else { ", because ImageTags is not set" };
                    found.at(
                        &tags,
                        format!("{} pushes the tag latest{how}", action.title()),
                        "Set ImageTags to something that means one version, such as #{SourceVariables.CommitId}.",
                    );
                }
                let repository = action.setting("ECRRepositoryName");
                let Found::Here(repository) = context.model.resolve(&["aws_ecr_repository"], &repository) else {
                    continue;
                };
                let mutable = repository.get("image_tag_mutability");
                if mutable.value().is_none() || mutable.str() == "MUTABLE" {
                    found.at(
                        &action.setting("ECRRepositoryName"),
                        format!("{} pushes to {}, whose tags can be overwritten", action.title(), repository.address()),
                        "Set image_tag_mutability = \"IMMUTABLE\" on the repository.",
                    );
                }
            }
        }
    }
}

/// Closed services.
pub const PL020: Rule = Rule {
    id: "PL020",
    severity: Level::Warning,
    confidence: Confidence::Medium,
    title: "An action uses a service or partner that is closed",
    rationale: "The action type may still be accepted, but what it calls is gone: the action cannot run.",
    source: "CodePipeline User Guide: integrations; AWS OpsWorks Stacks end of life",
    bad: pipeline!(
        source!(),
        stage!("Deploy", action!("Layer", "Deploy", "AWS", "OpsWorks", "      input_artifacts = [\"source\"]\n"))
    ),
    good: pipeline!(source!(), build!(), stage!("Deploy", ecs!())),
    check: closed,
};

fn closed(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        for action in pipeline.actions() {
            let Some(kind) = catalog::find(action.category(), action.owner(), action.provider(), action.version())
            else {
                continue;
            };
            if kind.provider == "GitHub" {
                continue;
            }
            let why = match (&kind.deprecated, &kind.status) {
                (Some(why), _) => why.trim_end_matches('.').to_owned(),
                (_, Some(status)) if status == "probably retired" => {
                    "the partner's page is gone from the guide".to_owned()
                }
                _ => continue,
            };
            found.at(
                &action.attr.get("provider"),
                format!("{} uses {}, which is closed", action.title(), kind.provider),
                format!("{why}. Replace the action."),
            );
        }
    }
}
