//! Least privilege both ways: what the pipeline needs and is not granted, and what is granted and not needed.

use super::breadth::{is_full, list};
use crate::domain::needs::{Confidence as Sure, Need, RoleNeeds, Strength, has_outside, minimal, told};
use crate::domain::policy::{
    Context as Facts, Policy, Truth, covers_ignoring_case, overlap, overlap_ignoring_case, symbol,
};
use crate::lang::syntax::ast::ExprKind;
use crate::lint::finding::{Edit, Fix, Level};
use crate::lint::iam::{Document, Extra, Form, Picture, References, Role, Use, item, statement_expr};
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};
use std::collections::BTreeSet;

/// Missing.
pub const IAM009: Rule = Rule {
    id: "IAM009",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "A role of a pipeline lacks a permission that an action needs",
    rationale: "The pipeline is created all the same; the action fails when it runs, often minutes into an execution. Permissions that only one of \
                the sources asks for are warnings, those that no source confirms say nothing.",
    source: "CodePipeline User Guide, permissions of the action references; grants of aws-cdk-lib's CodePipeline actions",
    bad: r#"
resource "aws_iam_role" "pipeline" {
  name = "pipeline"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "codepipeline.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "pipeline" {
  role = aws_iam_role.pipeline.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "codebuild:BatchGetBuilds"
      Resource = "arn:aws:codebuild:eu-central-1:111122223333:project/shop"
    }]
  })
}

resource "aws_codepipeline" "shop" {
  name     = "shop"
  role_arn = aws_iam_role.pipeline.arn
  stage {
    name = "Build"
    action {
      name          = "Compile"
      category      = "Build"
      owner         = "AWS"
      provider      = "CodeBuild"
      version       = "1"
      configuration = { ProjectName = "shop" }
    }
  }
}
"#,
    good: r#"
resource "aws_iam_role" "pipeline" {
  name = "pipeline"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "codepipeline.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "pipeline" {
  role = aws_iam_role.pipeline.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["codebuild:BatchGetBuilds", "codebuild:StartBuild"]
      Resource = "arn:aws:codebuild:eu-central-1:111122223333:project/shop"
    }]
  })
}

resource "aws_codepipeline" "shop" {
  name     = "shop"
  role_arn = aws_iam_role.pipeline.arn
  stage {
    name = "Build"
    action {
      name          = "Compile"
      category      = "Build"
      owner         = "AWS"
      provider      = "CodeBuild"
      version       = "1"
      configuration = { ProjectName = "shop" }
    }
  }
}
"#,
    check: missing,
};

fn missing(context: &Context<'_>, found: &mut Reporter<'_>) {
    let picture = context.iam();
    for role in picture.roles.values() {
        let uses = picture.uses(role.object);
        let lacking: Vec<(&Use<'_, '_>, Vec<Lack<'_>>)> =
            uses.iter().map(|each| (each, lacks(picture, role, each))).collect();
        let fix = grant_lacking(picture, role, &lacking);
        for (each, lacking) in &lacking {
            for lack in lacking {
                let detail =
                    format!("{} fails without it when the pipeline runs.", capital(&lack.need.cause.to_string()));
                let summary = format!(
                    "The role lacks {} on {}, which {} of {} needs",
                    list(&lack.actions),
                    told(lack.need.resources.first().map_or("*", String::as_str)),
                    lack.need.cause,
                    each.pipeline.object.address(),
                );
                let part = format!("{} {} {}", each.pipeline.object.address(), lack.need.cause, lack.actions.join(" "));
                let severity = if lack.need.confidence == Sure::High { found.severity() } else { Level::Warning };
                let finding = match role.documents.first() {
                    Some(document) => found.at_part(&document.attr, &part, summary, detail),
                    None => found.on_part(role.object, &part, summary, detail),
                };
                finding.with_severity(severity);
                // What the pipeline does not name cannot be granted by it.
                if !lack.need.resources.iter().any(|r| has_outside(r)) {
                    finding.fix = fix.clone();
                }
            }
            if !role.open.is_empty() && role.documents.is_empty() && role.attached.is_empty() {
                found.note(role.object, format!("what it lacks is not known: {}", role.open.join("; ")));
            }
        }
    }
}

/// A need that is not granted.
pub(super) struct Lack<'u> {
    /// The need.
    pub need: &'u Need,
    /// Those of its actions that are not granted.
    pub actions: Vec<&'u str>,
}

/// What a role does not grant of what one pipeline surely needs of it.
pub(super) fn lacks<'u>(picture: &Picture<'_>, role: &Role<'_>, each: &Use<'u, '_>) -> Vec<Lack<'u>> {
    let facts = Facts::partial().with("aws:SecureTransport", &["true"]);
    let mut out = Vec::new();
    for need in &each.needs.needs {
        if need.strength != Strength::Required || need.confidence == Sure::Low {
            continue;
        }
        let granted = |action: &String| {
            Truth::any(need.resources.iter().map(|resource| {
                role.grants(action, resource, &facts).or(picture.resource_grants(role, action, resource))
            }))
        };
        let not: Vec<&str> = need.actions.iter().filter(|a| granted(a).is_no()).map(String::as_str).collect();
        // Of two names of one permission, IAM016 asks for both.
        let lacking = if need.any { not.len() == need.actions.len() } else { !not.is_empty() };
        if lacking {
            out.push(Lack { need, actions: not });
        }
    }
    out
}

/// Adds statements for all that the role lacks to its one policy.
fn grant_lacking(picture: &Picture<'_>, role: &Role<'_>, lacks: &[(&Use<'_, '_>, Vec<Lack<'_>>)]) -> Option<Fix> {
    let [document] = role.documents.as_slice() else { return None };
    if picture.is_shared(document) {
        return None;
    }
    let (first, _) = lacks.first()?;
    let mut lacking = RoleNeeds { needs: Vec::new(), ..first.needs.clone() };
    let named = |lack: &&Lack<'_>| !lack.need.resources.iter().any(|r| has_outside(r));
    for lack in lacks.iter().flat_map(|(_, lacks)| lacks).filter(named) {
        let actions = lack.actions.iter().map(|a| (*a).to_owned()).collect();
        lacking.needs.push(Need { actions, ..lack.need.clone() });
    }
    if lacking.needs.is_empty() {
        return None;
    }
    let mut statements = minimal(&lacking);
    let used: BTreeSet<&str> = document.policy.statements.iter().filter_map(|s| s.sid.as_deref()).collect();
    for statement in &mut statements {
        let mut number = 2;
        let base = statement.sid.clone();
        while used.contains(statement.sid.as_str()) {
            statement.sid = format!("{base}{number}");
            number += 1;
        }
    }
    let refs = picture.references(first.pipeline);
    // References are those of the pipeline's module: the policy must be in the same.
    if document.home().instance().module != first.pipeline.object.instance().module {
        return None;
    }
    let mut extras = BTreeSet::new();
    let mut edits = document.with_statements(&statements, &refs, &mut extras)?;
    edits.extend(made_for(picture, document, first, &refs, &extras)?);
    Some(Fix { summary: "Grant what the pipeline needs".into(), edits })
}

/// The blocks that references of a policy need; `None` where one cannot be made there.
fn made_for(
    picture: &Picture<'_>,
    document: &Document<'_>,
    of: &Use<'_, '_>,
    refs: &References,
    extras: &BTreeSet<Extra>,
) -> Option<Vec<Edit>> {
    if extras.contains(&Extra::OutOfReach) {
        return None;
    }
    refs.missing(extras, picture.model, of.pipeline).iter().map(|extra| document.with_block(extra.block())).collect()
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Beyond.
pub const IAM010: Rule = Rule {
    id: "IAM010",
    severity: Level::Warning,
    confidence: Confidence::Medium,
    title: "A role of a pipeline has permissions that no action needs",
    rationale: "Whoever gets hold of the pipeline has what its role has. Roles collect permissions of actions that are long gone.",
    source: "CodePipeline User Guide, permissions of the action references; AWS Well-Architected Framework, SEC03-BP02",
    bad: r#"
resource "aws_iam_role" "pipeline" {
  name = "pipeline"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "codepipeline.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "pipeline" {
  role = aws_iam_role.pipeline.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["codebuild:BatchGetBuilds", "codebuild:StartBuild", "codebuild:DeleteProject"]
      Resource = "arn:aws:codebuild:eu-central-1:111122223333:project/shop"
    }]
  })
}

resource "aws_codepipeline" "shop" {
  name     = "shop"
  role_arn = aws_iam_role.pipeline.arn
  stage {
    name = "Build"
    action {
      name          = "Compile"
      category      = "Build"
      owner         = "AWS"
      provider      = "CodeBuild"
      version       = "1"
      configuration = { ProjectName = "shop" }
    }
  }
}
"#,
    good: r#"
resource "aws_iam_role" "pipeline" {
  name = "pipeline"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "codepipeline.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "pipeline" {
  role = aws_iam_role.pipeline.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["codebuild:BatchGetBuilds", "codebuild:StartBuild"]
      Resource = "arn:aws:codebuild:eu-central-1:111122223333:project/shop"
    }]
  })
}

resource "aws_codepipeline" "shop" {
  name     = "shop"
  role_arn = aws_iam_role.pipeline.arn
  stage {
    name = "Build"
    action {
      name          = "Compile"
      category      = "Build"
      owner         = "AWS"
      provider      = "CodeBuild"
      version       = "1"
      configuration = { ProjectName = "shop" }
    }
  }
}
"#,
    check: beyond,
};

fn beyond(context: &Context<'_>, found: &mut Reporter<'_>) {
    let picture = context.iam();
    for role in picture.roles.values() {
        let uses = picture.uses(role.object);
        if uses.is_empty() {
            continue;
        }
        if let Some(why) = open(role, &uses) {
            found.note(role.object, format!("what it has beyond its needs is not told: {why}"));
            continue;
        }
        for document in role.documents.iter().filter(|d| !picture.is_shared(d)) {
            for (number, excess) in excesses(document, &uses) {
                let fix = removal(document, number, &excess);
                let (key, summary) = match (&excess.actions[..], &excess.resources[..]) {
                    ([], resources) => {
                        let shown: Vec<String> = resources.iter().map(|r| symbol::display(r)).collect();
                        let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
                        ("Resource", format!("No action needs {} in {}", list(&shown), document.title(number)))
                    }
                    (actions, _) => {
                        let shown: Vec<&str> = actions.iter().map(String::as_str).collect();
                        ("Action", format!("No action needs {} in {}", list(&shown), document.title(number)))
                    }
                };
                let part = format!("{} {}", excess.actions.join(" "), excess.resources.join(" "));
                let detail = "Take it out: \"pipewright pipeline policy\" prints what the pipeline needs.";
                let finding = document.report(found, number, key, &part, summary, detail);
                finding.fix = fix;
            }
        }
        for attached in &role.attached {
            let Some(policy) = &attached.policy else { continue };
            let unneeded = unneeded_of(policy, &uses);
            if unneeded.is_empty() || policy.statements.iter().any(|s| s.allows() && s.actions.contains("*")) {
                continue;
            }
            let name = attached.arn.and_then(|a| a.rsplit('/').next()).unwrap_or("the policy");
            let shown: Vec<&str> = unneeded.iter().map(String::as_str).collect();
            let summary = format!("{name} grants what no action needs: {}", list(&shown));
            let detail = "Write a policy of what the pipeline needs instead: \"pipewright pipeline policy\" prints it.";
            found.at_part(&attached.attr, name, summary, detail);
        }
    }
}

/// Names what the pipeline needs in place of all resources, in a statement of which it is known what each action is needed on.
pub(super) fn bind(picture: &Picture<'_>, document: &Document<'_>, number: usize) -> Option<Fix> {
    let role = picture.holder(document)?;
    let uses = picture.uses(role.object);
    let first = uses.first()?;
    let same_module = document.home().instance().module == first.pipeline.object.instance().module;
    if open(role, &uses).is_some() || !same_module {
        return None;
    }
    let statement = document.policy.statements.get(number)?;
    let mut resources = BTreeSet::new();
    for action in &statement.actions {
        let needs = uses.iter().flat_map(|u| &u.needs.needs);
        let on: Vec<&Need> = needs.filter(|n| n.actions.iter().any(|a| meets(action, a))).collect();
        let all = on.iter().flat_map(|n| &n.resources);
        let clear = symbol::is_known(action) && !is_full(action) && on.iter().all(|n| !n.resources.is_empty());
        if on.is_empty() || !clear || all.clone().any(|r| r == "*" || has_outside(r)) {
            return None;
        }
        resources.extend(all);
    }
    let refs = picture.references(first.pipeline);
    let mut extras = BTreeSet::new();
    let named: Vec<String> = resources.into_iter().map(|r| refs.expression(r, &mut extras)).collect();
    let made = made_for(picture, document, first, &refs, &extras)?;
    let text = match named.as_slice() {
        [one] if !matches!(document.form, Form::Data(_)) => one.clone(),
        many => format!("[{}]", many.join(", ")),
    };
    let mut edits = vec![document.with_whole(number, "Resource", "*", &text)?];
    edits.extend(made);
    Some(Fix { summary: format!("Name what the pipeline needs in {}", document.title(number)), edits })
}

/// Why what the role is for is not wholly known.
fn open(role: &Role<'_>, uses: &[Use<'_, '_>]) -> Option<String> {
    if let Some(why) = uses.iter().find_map(|u| u.needs.open.first()) {
        return Some(why.clone());
    }
    let Some(trust) = &role.trust else { return Some("its trust policy is not known".into()) };
    let others = trust.policy.statements.iter().filter(|s| s.allows()).filter_map(|s| match &s.principals {
        Some(crate::domain::policy::Principals::Some(kinds)) => kinds.get("Service"),
        _ => None,
    });
    let other = others.flatten().find(|service| *service != "codepipeline.amazonaws.com");
    other.map(|service| format!("{} uses it too", symbol::display(service)))
}

/// What a statement has beyond the needs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Excess {
    actions: Vec<String>,
    /// Only where all actions are needed.
    resources: Vec<String>,
}

fn excesses(document: &Document<'_>, uses: &[Use<'_, '_>]) -> Vec<(usize, Excess)> {
    let needs: Vec<&Need> = uses.iter().flat_map(|u| &u.needs.needs).collect();
    let mut out = Vec::new();
    for (number, statement) in document.statements().filter(|(_, s)| s.allows()) {
        let is_needed = |action: &String| needs.iter().any(|n| n.actions.iter().any(|a| meets(action, a)));
        let candidates = || statement.actions.iter().filter(|a| !is_full(a) && symbol::is_known(a));
        let actions: Vec<String> = candidates().filter(|a| !is_needed(a)).cloned().collect();
        let mut resources = Vec::new();
        if actions.is_empty() && statement.actions.iter().all(|a| !is_full(a)) {
            let on: Vec<&String> = needs
                .iter()
                .filter(|n| n.actions.iter().any(|a| statement.actions.iter().any(|s| meets(s, a))))
                .flat_map(|n| &n.resources)
                .collect();
            let unused = |r: &&String| *r != "*" && !r.contains("${") && !on.iter().any(|n| *n == "*" || overlap(r, n));
            resources = statement.resources.iter().filter(unused).cloned().collect();
        }
        if !actions.is_empty() || !resources.is_empty() {
            out.push((number, Excess { actions, resources }));
        }
    }
    out
}

/// Whether a granted pattern has to do with a needed action.
fn meets(granted: &str, needed: &str) -> bool {
    !covers_ignoring_case(granted, needed).is_no() || overlap_ignoring_case(granted, needed)
}

fn unneeded_of(policy: &Policy, uses: &[Use<'_, '_>]) -> Vec<String> {
    let needs: Vec<&Need> = uses.iter().flat_map(|u| &u.needs.needs).collect();
    let actions: BTreeSet<&String> = policy.statements.iter().filter(|s| s.allows()).flat_map(|s| &s.actions).collect();
    let is_needed = |action: &str| needs.iter().any(|n| n.actions.iter().any(|a| meets(action, a)));
    actions.into_iter().filter(|a| !is_needed(a)).cloned().collect()
}

/// Takes single actions or resources out of their list, or the whole statement when nothing is left of it.
fn removal(document: &Document<'_>, number: usize, excess: &Excess) -> Option<Fix> {
    let statement = document.policy.statements.get(number)?;
    let (key, gone, all) = if excess.actions.is_empty() {
        ("Resource", &excess.resources, &statement.resources)
    } else {
        ("Action", &excess.actions, &statement.actions)
    };
    let edits = if gone.len() == all.len() {
        vec![document.without_statement(number)?]
    } else {
        document.without_items(number, key, gone)?
    };
    Some(Fix { summary: format!("Take out what no action needs of {}", document.title(number)), edits })
}

/// Both names of a permission.
pub const IAM016: Rule = Rule {
    id: "IAM016",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "Only one of codestar-connections:UseConnection and codeconnections:UseConnection is granted",
    rationale: "The service was renamed, and CodePipeline checks either name, depending on the path it takes. With one of them the source action may \
                fail though the other is granted.",
    source: "CodePipeline User Guide, CodeStarSourceConnection action reference",
    bad: r#"
resource "aws_iam_role" "pipeline" {
  name               = "pipeline"
  assume_role_policy = "{}"
}

resource "aws_iam_role_policy" "pipeline" {
  role = aws_iam_role.pipeline.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "codestar-connections:UseConnection"
      Resource = "arn:aws:codestar-connections:eu-central-1:111122223333:connection/1"
    }]
  })
}

resource "aws_codepipeline" "shop" {
  name     = "shop"
  role_arn = aws_iam_role.pipeline.arn
  stage {
    name = "Source"
    action {
      name     = "Code"
      category = "Source"
      owner    = "AWS"
      provider = "CodeStarSourceConnection"
      version  = "1"
      configuration = {
        ConnectionArn    = "arn:aws:codestar-connections:eu-central-1:111122223333:connection/1"
        FullRepositoryId = "shop/shop"
        BranchName       = "main"
      }
    }
  }
}
"#,
    good: r#"
resource "aws_iam_role" "pipeline" {
  name               = "pipeline"
  assume_role_policy = "{}"
}

resource "aws_iam_role_policy" "pipeline" {
  role = aws_iam_role.pipeline.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["codestar-connections:UseConnection", "codeconnections:UseConnection"]
      Resource = "arn:aws:codestar-connections:eu-central-1:111122223333:connection/1"
    }]
  })
}

resource "aws_codepipeline" "shop" {
  name     = "shop"
  role_arn = aws_iam_role.pipeline.arn
  stage {
    name = "Source"
    action {
      name     = "Code"
      category = "Source"
      owner    = "AWS"
      provider = "CodeStarSourceConnection"
      version  = "1"
      configuration = {
        ConnectionArn    = "arn:aws:codestar-connections:eu-central-1:111122223333:connection/1"
        FullRepositoryId = "shop/shop"
        BranchName       = "main"
      }
    }
  }
}
"#,
    check: one_of_two,
};

fn one_of_two(context: &Context<'_>, found: &mut Reporter<'_>) {
    let picture = context.iam();
    for role in picture.roles.values() {
        for each in picture.uses(role.object) {
            for need in each.needs.needs.iter().filter(|n| n.any) {
                let Some(resource) = need.resources.first() else { continue };
                let granted = |action: &&String| role.grants(action, resource, &Facts::partial());
                let (Some(has), Some(lacks)) = (
                    need.actions.iter().find(|a| granted(a).is_yes()),
                    need.actions.iter().find(|a| granted(a).is_no()),
                ) else {
                    continue;
                };
                let place = role.documents.iter().find_map(|d| {
                    let mut statements = d.statements();
                    statements.find(|(_, s)| s.allows() && s.actions.contains(has)).map(|(number, _)| (d, number))
                });
                let summary = format!("The role has {has} and not {lacks}, which {} needs too", need.cause);
                let detail = "Grant both names: CodePipeline checks either.";
                match place {
                    Some((document, number)) => {
                        let fix = addition(document, number, lacks);
                        document.report(found, number, "Action", lacks, summary, detail).fix = fix;
                    }
                    None => {
                        found.on_part(role.object, lacks, summary, detail);
                    }
                }
            }
        }
    }
}

/// Adds an action to the list of a statement.
fn addition(document: &Document<'_>, number: usize, action: &str) -> Option<Fix> {
    let expr = match &document.form {
        Form::Encoded(object) => &item(statement_expr(object, number)?, "Action")?.value,
        Form::Data(object) if document.form.is_plain() => {
            &object.block()?.body.blocks_of("statement").nth(number)?.body.attribute("actions")?.expr
        }
        _ => return None,
    };
    let edits = match &expr.kind {
        ExprKind::Tuple(items) => {
            let last = items.last()?.span;
            vec![Edit { span: crate::diagnostics::Span { start: last.end, ..last }, text: format!(", \"{action}\"") }]
        }
        ExprKind::Literal(value) => {
            vec![Edit { span: expr.span, text: format!("[\"{}\", \"{action}\"]", value.as_str()?) }]
        }
        _ => return None,
    };
    Some(Fix { summary: format!("Grant {action} too"), edits })
}
