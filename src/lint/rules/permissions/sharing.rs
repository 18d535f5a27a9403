//! Roles that tie things together that should be apart.

use crate::config::model::Config;
use crate::domain::needs::{Cause, Strength};
use crate::domain::policy::{Context as Facts, Statement, symbol};
use crate::lang::syntax::ast::ExprKind;
use crate::lint::finding::Level;
use crate::lint::iam::{Needed, Picture, Role};
use crate::lint::model::{Attr, Delivery};
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};
use std::collections::{BTreeMap, BTreeSet};

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
    for pipeline in context.pipelines() {
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
    let stores = Stores::of(picture);
    let state = context.model.config().and_then(state_of);
    for needed in &picture.pipelines {
        let builds = builds(picture, &needed.pipeline);
        if builds.is_empty() {
            continue;
        }
        let own = buckets(&needed.pipeline);
        let deploys = deploy_targets(needed, &own);
        for (project, role) in builds {
            let mut targets = deploys.clone();
            targets.extend(stores.written_by(role, needed.pipeline.object.address(), &own));
            let in_own =
                |target: &&Target| own.iter().any(|bucket| target.1.starts_with(&format!("arn:aws:s3:::{bucket}/")));
            targets.extend(state.iter().filter(|target| !in_own(target)).cloned());
            targets.sort();
            targets.dedup();
            for (action, resource, what) in &targets {
                if reaches(role, action, resource) {
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

/// Whether a role surely may make a call. The account in a resource that pipelines need is often not known: where the policy names the very
/// thing in some account, it is this one.
fn reaches(role: &Role<'_>, action: &str, resource: &str) -> bool {
    if role.grants(action, resource, &Facts::partial()).is_yes() {
        return true;
    }
    let parts = |arn: &str| -> Vec<String> { arn.splitn(6, ':').map(str::to_owned).collect() };
    let wanted = parts(resource);
    let is_it = |named: &&String| {
        let own = parts(named);
        symbol::is_known(named)
            && own.len() == 6
            && own.len() == wanted.len()
            && own.iter().zip(&wanted).enumerate().all(|(i, (a, b))| a == b || i == 4 && !symbol::is_known(b))
    };
    let statements = role.documents.iter().flat_map(|d| &d.policy.statements);
    let named: Vec<&String> = statements.flat_map(|s| &s.resources).filter(is_it).collect();
    named.into_iter().any(|named| role.grants(action, named, &Facts::partial()).is_yes())
}

/// Where the state of this configuration is kept, if that is a bucket named in it.
fn state_of(config: &Config) -> Option<Target> {
    let backend = config.root.backend.as_ref().filter(|b| &*b.kind.name == "s3")?;
    let text = |name: &str| match &backend.body.attribute(name)?.expr.kind {
        ExprKind::Literal(value) => value.as_str().map(str::to_owned),
        _ => None,
    };
    let (bucket, key) = (text("bucket")?, text("key").unwrap_or_else(|| "*".into()));
    Some((
        PUT.to_owned(),
        format!("arn:aws:s3:::{bucket}/{key}"),
        "where the state of this configuration is kept".into(),
    ))
}

/// Build projects made here that the pipeline runs before its first deployment or approval, with their roles.
fn builds<'p, 'm>(picture: &'p Picture<'m>, pipeline: &Delivery<'m>) -> Vec<(String, &'p Role<'m>)> {
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

/// A call, the resource it is about, and what that is to the pipeline.
type Target = (String, String, String);

/// Calls that change what the pipeline deploys to.
fn deploy_targets(needed: &Needed<'_>, own: &[String]) -> Vec<Target> {
    let mut out = Vec::new();
    let actions = needed.pipeline.actions().filter(|a| a.category() == "Deploy");
    let deploys: Vec<(&str, String)> = actions.map(|a| (a.provider(), a.title())).collect();
    for need in needed.roles.iter().flat_map(|r| &r.needs) {
        let Cause::Action { action, provider, .. } = &need.cause else { continue };
        if need.strength != Strength::Required || !deploys.iter().any(|(p, title)| p == provider && title == action) {
            continue;
        }
        for call in need.actions.iter().filter(|a| CHANGES.contains(&a.as_str())) {
            for resource in need.resources.iter().filter(|r| !own.iter().any(|b| r.ends_with(&format!(":::{b}/*")))) {
                out.push((call.clone(), resource.clone(), format!("the target of action \"{action}\"")));
            }
        }
    }
    out
}

const PUT: &str = "s3:PutObject";

/// Where all pipelines keep their artifacts.
struct Stores<'p> {
    /// ARN pattern of a bucket's objects to the addresses of the pipelines that use it.
    by_objects: BTreeMap<String, Vec<&'p str>>,
}

impl<'p> Stores<'p> {
    fn of(picture: &'p Picture<'_>) -> Self {
        let mut by_objects: BTreeMap<String, Vec<&'p str>> = BTreeMap::new();
        for needed in &picture.pipelines {
            for bucket in buckets(&needed.pipeline) {
                by_objects.entry(objects_of(&bucket)).or_default().push(needed.pipeline.object.address());
            }
        }
        Stores { by_objects }
    }

    /// Artifacts of other pipelines that a role's policies may be about. A pattern that names its bucket is looked up; only for one with a
    /// wildcard there every store must be tried.
    fn written_by(&self, role: &Role<'_>, pipeline: &str, own: &[String]) -> Vec<Target> {
        let documents = role.documents.iter().map(|d| &d.policy);
        let policies = documents.chain(role.attached.iter().filter_map(|a| a.policy.as_ref()));
        let granting = |s: &&Statement| s.allows() && !s.matches_action(PUT).is_no();
        let statements: Vec<&Statement> = policies.flat_map(|p| &p.statements).filter(granting).collect();
        let named: Option<Vec<&str>> = statements.iter().flat_map(|s| &s.resources).map(|r| bucket_in(r)).collect();
        let found: Vec<(&String, &Vec<&str>)> = match named {
            Some(named) if statements.iter().all(|s| s.not_resources.is_empty()) => {
                let named: BTreeSet<String> = named.into_iter().map(objects_of).collect();
                named.iter().filter_map(|objects| self.by_objects.get_key_value(objects)).collect()
            }
            _ => self.by_objects.iter().collect(),
        };
        let own: Vec<String> = own.iter().map(|bucket| objects_of(bucket)).collect();
        let mut out = Vec::new();
        for (objects, users) in found.into_iter().filter(|(objects, _)| !own.contains(objects)) {
            for user in users.iter().filter(|user| **user != pipeline) {
                out.push((PUT.to_owned(), objects.clone(), format!("where {user} keeps its artifacts")));
            }
        }
        out
    }
}

fn objects_of(bucket: &str) -> String {
    format!("arn:aws:s3:::{bucket}/*")
}

/// The name of the one bucket whose objects a resource is about, empty where it is surely about those of none; `None` where it may be
/// about those of several.
fn bucket_in(resource: &str) -> Option<&str> {
    const PREFIX: &str = "arn:aws:s3:::";
    let is_wild = |text: &str| text.contains(['*', '?', '$']);
    let Some(rest) = resource.strip_prefix(PREFIX) else {
        let head = resource.split(['*', '?', '$']).next().unwrap_or_default();
        return if is_wild(resource) && PREFIX.starts_with(head) { None } else { Some("") };
    };
    match rest.strip_suffix("/*") {
        Some(name) if !is_wild(name) => Some(name),
        _ if is_wild(rest) => None,
        _ => Some(""),
    }
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
