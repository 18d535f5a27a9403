//! Roles that tie things together that should be apart.

use crate::domain::needs::{Cause, Strength};
use crate::domain::policy::{Context as Facts, symbol};
use crate::lint::finding::Level;
use crate::lint::iam::Picture;
use crate::lint::model::{Attr, Delivery};
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};
use std::collections::BTreeMap;

/// One role for several pipelines.
pub const IAM020: Rule = Rule {
    id: "IAM020",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "Several pipelines share one service role",
    rationale: "A shared role has the permissions of all its pipelines: whoever controls the least of them can deploy what the others deploy.",
    source: "OWASP Top 10 CI/CD Security Risks, CICD-SEC-5 Insufficient PBAC",
    bad: r#"
resource "aws_codepipeline" "shop" {
  name     = "shop"
  role_arn = "arn:aws:iam::111122223333:role/pipelines"
}

resource "aws_codepipeline" "blog" {
  name     = "blog"
  role_arn = "arn:aws:iam::111122223333:role/pipelines"
}
"#,
    good: r#"
resource "aws_codepipeline" "shop" {
  name     = "shop"
  role_arn = "arn:aws:iam::111122223333:role/shop-pipeline"
}

resource "aws_codepipeline" "blog" {
  name     = "blog"
  role_arn = "arn:aws:iam::111122223333:role/blog-pipeline"
}
"#,
    check: shared_roles,
};

fn shared_roles(context: &Context<'_>, found: &mut Reporter<'_>) {
    let mut users: BTreeMap<String, Vec<Attr<'_>>> = BTreeMap::new();
    for pipeline in context.model.pipelines() {
        let attr = pipeline.object.get("role_arn");
        let Some(text) = attr.text().filter(|t| !t.0.is_empty()) else { continue };
        let named = pipeline.role().here().map_or_else(|| text.0.to_owned(), |role| role.address().to_owned());
        users.entry(named).or_default().push(attr);
    }
    for (role, attrs) in users.iter().filter(|(_, attrs)| attrs.len() > 1) {
        for attr in attrs {
            let others: Vec<&str> =
                attrs.iter().map(|a| a.object().address()).filter(|a| *a != attr.object().address()).collect();
            let shown = match others.as_slice() {
                [one] => (*one).to_owned(),
                [first, rest @ ..] => format!("{first} and {} other pipelines", rest.len()),
                [] => continue,
            };
            let summary = format!("The pipeline shares its role {} with {shown}", symbol::display(role));
            found.at(attr, summary, "Give each pipeline a role of its own, with what its own actions need.");
        }
    }
}

/// Builds that can go around the pipeline.
pub const IAM021: Rule = Rule {
    id: "IAM021",
    severity: Level::Warning,
    confidence: Confidence::Medium,
    title: "The role of a build can reach what the pipeline deploys to",
    rationale: "A build runs what is in the repository. When its role can change the deployment's target, or the artifacts of another pipeline, a \
                commit can go around approvals and tests.",
    source: "OWASP Top 10 CI/CD Security Risks, CICD-SEC-5 Insufficient PBAC",
    bad: r#"
resource "aws_iam_role" "build" {
  name               = "build"
  assume_role_policy = "{}"
}

resource "aws_iam_role_policy" "build" {
  role = aws_iam_role.build.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:PutObject"
      Resource = "arn:aws:s3:::shop-site/*"
    }]
  })
}

resource "aws_codebuild_project" "tests" {
  name         = "tests"
  service_role = aws_iam_role.build.arn
}

resource "aws_codepipeline" "shop" {
  name     = "shop"
  role_arn = "arn:aws:iam::111122223333:role/shop-pipeline"
  stage {
    name = "Build"
    action {
      name          = "Tests"
      category      = "Build"
      owner         = "AWS"
      provider      = "CodeBuild"
      version       = "1"
      configuration = { ProjectName = aws_codebuild_project.tests.name }
    }
  }
  stage {
    name = "Deploy"
    action {
      name          = "Site"
      category      = "Deploy"
      owner         = "AWS"
      provider      = "S3"
      version       = "1"
      configuration = { BucketName = "shop-site", Extract = "true" }
    }
  }
}
"#,
    good: r#"
resource "aws_iam_role" "build" {
  name               = "build"
  assume_role_policy = "{}"
}

resource "aws_iam_role_policy" "build" {
  role = aws_iam_role.build.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:PutObject"
      Resource = "arn:aws:s3:::shop-artifacts/*"
    }]
  })
}

resource "aws_codebuild_project" "tests" {
  name         = "tests"
  service_role = aws_iam_role.build.arn
}

resource "aws_codepipeline" "shop" {
  name     = "shop"
  role_arn = "arn:aws:iam::111122223333:role/shop-pipeline"
  stage {
    name = "Build"
    action {
      name          = "Tests"
      category      = "Build"
      owner         = "AWS"
      provider      = "CodeBuild"
      version       = "1"
      configuration = { ProjectName = aws_codebuild_project.tests.name }
    }
  }
  stage {
    name = "Deploy"
    action {
      name          = "Site"
      category      = "Deploy"
      owner         = "AWS"
      provider      = "S3"
      version       = "1"
      configuration = { BucketName = "shop-site", Extract = "true" }
    }
  }
}
"#,
    check: builds_that_deploy,
};

fn builds_that_deploy(context: &Context<'_>, found: &mut Reporter<'_>) {
    let picture = context.iam();
    for needed in &picture.pipelines {
        let targets = targets(picture, &needed.pipeline);
        for (project, role) in builds(picture, &needed.pipeline) {
            for (action, resource, what) in &targets {
                if role.grants(action, resource, &Facts::partial()).is_yes() {
                    let summary = format!(
                        "The role of build project {project} may call {action} on {}, {what}",
                        symbol::display(resource)
                    );
                    let detail = "A commit can go around the pipeline this way. Leave the call to the pipeline's deploy action, or give it to a project that runs behind the approval.";
                    found.on_part(
                        role.object,
                        &format!("{} {action} {resource}", needed.pipeline.object.address()),
                        summary,
                        detail,
                    );
                }
            }
        }
    }
}

/// Build projects made here that the pipeline runs before its first deployment or approval, with their roles.
fn builds<'p, 'm>(picture: &'p Picture<'m>, pipeline: &Delivery<'m>) -> Vec<(String, &'p crate::lint::iam::Role<'m>)> {
    let mut out = Vec::new();
    for action in pipeline.actions() {
        // What runs behind a gate may do what the gate guards.
        if matches!(action.category(), "Approval" | "Deploy") {
            break;
        }
        if action.provider() != "CodeBuild" {
            continue;
        }
        let project = picture.model.resolve(&["aws_codebuild_project"], &action.setting("ProjectName")).here();
        let role = project.and_then(|p| picture.model.resolve(&["aws_iam_role"], &p.get("service_role")).here());
        if let (Some(project), Some(role)) = (project, role.and_then(|r| picture.role(r))) {
            out.push((project.address().to_owned(), role));
        }
    }
    out
}

/// Calls that change what the pipeline deploys to, and artifacts of other pipelines.
fn targets(picture: &Picture<'_>, pipeline: &Delivery<'_>) -> Vec<(String, String, String)> {
    let mut out = Vec::new();
    let own: Vec<String> = buckets(pipeline);
    for needed in &picture.pipelines {
        let same = needed.pipeline.object.address() == pipeline.object.address();
        if !same {
            for bucket in buckets(&needed.pipeline).into_iter().filter(|b| !own.contains(b)) {
                let what = format!("where {} keeps its artifacts", needed.pipeline.object.address());
                out.push(("s3:PutObject".to_owned(), format!("arn:aws:s3:::{bucket}/*"), what));
            }
            continue;
        }
        let deploys: Vec<(&str, String)> =
            pipeline.actions().filter(|a| a.category() == "Deploy").map(|a| (a.provider(), a.title())).collect();
        for need in needed.roles.iter().flat_map(|r| &r.needs) {
            let Cause::Action { action, provider, .. } = &need.cause else { continue };
            if need.strength != Strength::Required || !deploys.iter().any(|(p, title)| p == provider && title == action)
            {
                continue;
            }
            for call in need.actions.iter().filter(|a| CHANGES.contains(&a.as_str())) {
                for resource in need.resources.iter().filter(|r| !own.iter().any(|b| r.ends_with(&format!(":::{b}/*"))))
                {
                    out.push((call.clone(), resource.clone(), format!("the target of action \"{action}\"")));
                }
            }
        }
    }
    out.sort();
    out.dedup();
    out
}

/// Calls by which a deployment takes effect.
const CHANGES: &[&str] = &[
    "s3:PutObject",
    "ecs:UpdateService",
    "codedeploy:CreateDeployment",
    "cloudformation:CreateStack",
    "cloudformation:UpdateStack",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:UpdateStackSet",
    "cloudformation:CreateStackInstances",
    "elasticbeanstalk:UpdateEnvironment",
    "appconfig:StartDeployment",
    "lambda:UpdateFunctionCode",
    "ssm:SendCommand",
    "servicecatalog:CreateProvisioningArtifact",
];

/// Names of artifact buckets, wholly known or of one origin.
fn buckets(pipeline: &Delivery<'_>) -> Vec<String> {
    pipeline.stores().iter().filter_map(|s| s.get("location").text().map(|t| t.0.to_owned())).collect()
}
