//! Who may take a role.

use crate::domain::policy::{Caller, Context as Facts, Principals, Truth, account_of, names_everyone, symbol, trusts};
use crate::lang::eval::did_you_mean;
use crate::lint::finding::{Fix, Level};
use crate::lint::iam::Document;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};
use std::collections::BTreeSet;

const PIPELINE: &str = "codepipeline.amazonaws.com";

/// The pipeline cannot take its role.
pub const IAM011: Rule = Rule {
    id: "IAM011",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "A role cannot be taken by what is to use it",
    rationale: "CodePipeline checks, when a pipeline is created or changed, that it can take the service role, and that the service role can take \
                the roles of actions; it refuses the pipeline otherwise.",
    source: "CodePipeline User Guide, Create the CodePipeline service role; CreatePipeline's InvalidStructureException",
    bad: r#"
resource "aws_iam_role" "pipeline" {
  name = "pipeline"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "codebuild.amazonaws.com" }
    }]
  })
}

resource "aws_codepipeline" "shop" {
  name     = "shop"
  role_arn = aws_iam_role.pipeline.arn
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

resource "aws_codepipeline" "shop" {
  name     = "shop"
  role_arn = aws_iam_role.pipeline.arn
}
"#,
    check: cannot_be_taken,
};

fn cannot_be_taken(context: &Context<'_>, found: &mut Reporter<'_>) {
    let picture = context.iam();
    for role in picture.roles.values() {
        let uses = picture.uses(role.object);
        if uses.is_empty() {
            continue;
        }
        let Some(trust) = &role.trust else {
            found.note(role.object, "its trust policy is not known, so neither is whether the pipeline can take it");
            continue;
        };
        let attr = role.object.get("assume_role_policy");
        if uses.iter().any(|u| u.service)
            && trusts(&trust.policy, &Caller::Service(PIPELINE.into()), &Facts::partial()).is_no()
        {
            let users: BTreeSet<&str> =
                uses.iter().filter(|u| u.service).map(|u| u.pipeline.object.address()).collect();
            let users: Vec<&str> = users.into_iter().collect();
            let summary = format!("The role does not let {PIPELINE} take it, which {} needs", users.join(" and "));
            let detail =
                format!("Allow sts:AssumeRole to the principal {{ Service = \"{PIPELINE}\" }} in assume_role_policy.");
            found.at_part(&attr, "service", summary, detail).fix = right_name(trust);
        }
        for each in uses.iter().filter(|u| !u.service) {
            let by = each.pipeline.object.get("role_arn");
            let Some(service_role) = by.text().filter(|t| t.0.starts_with("arn:")) else { continue };
            let caller = Caller::Role { arn: service_role.0.to_owned(), session: None };
            if trusts(&trust.policy, &caller, &Facts::partial()).is_no() {
                let summary =
                    format!("The role does not let the service role of {} take it", each.pipeline.object.address());
                let detail = format!(
                    "It is the role of an action: allow sts:AssumeRole to the principal {{ AWS = \"{}\" }} in assume_role_policy.",
                    symbol::display(service_role.0)
                );
                found.at_part(&attr, each.pipeline.object.address(), summary, detail);
            }
        }
    }
}

/// Puts the service's name in place of one that is nearly it and no other service's.
fn right_name(trust: &Document<'_>) -> Option<Fix> {
    let named = trust.statements().filter(|(_, s)| s.allows()).filter_map(|(number, s)| match &s.principals {
        Some(Principals::Some(kinds)) => Some((number, kinds.get("Service")?)),
        _ => None,
    });
    let mut slips = named.flat_map(|(number, services)| services.iter().map(move |service| (number, service)));
    let (number, slip) = slips.find(|(_, service)| {
        service.eq_ignore_ascii_case(PIPELINE) || did_you_mean(service, [PIPELINE]).is_some_and(|near| near == PIPELINE)
    })?;
    Fix::one(format!("Write {PIPELINE}"), trust.with_principal(number, slip, PIPELINE))
}

/// No source condition.
pub const IAM012: Rule = Rule {
    id: "IAM012",
    severity: Level::Info,
    confidence: Confidence::Low,
    title: "A service may take the role on behalf of any account",
    rationale: "Without a condition on aws:SourceAccount or aws:SourceArn, a service that others have set up to use your role may be tricked into \
                it. EventBridge sends both keys. Whether CodePipeline does is not confirmed by AWS, so for its role this is no more than a hint: \
                try it in a test account first.",
    source: "IAM User Guide, The confused deputy problem; EventBridge User Guide, Cross-service confused deputy prevention",
    bad: r#"
resource "aws_iam_role" "start" {
  name = "start"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "events.amazonaws.com" }
    }]
  })
}
"#,
    good: r#"
resource "aws_iam_role" "start" {
  name = "start"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "events.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = "111122223333" } }
    }]
  })
}
"#,
    check: no_source,
};

fn no_source(context: &Context<'_>, found: &mut Reporter<'_>) {
    let sources = ["aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"];
    for document in &context.iam().trust {
        for (number, statement) in document.statements().filter(|(_, s)| s.allows()) {
            let bound = statement.conditions.values().flat_map(|keys| keys.keys());
            if bound.into_iter().any(|key| sources.contains(&key.as_str())) {
                continue;
            }
            let Some(Principals::Some(kinds)) = &statement.principals else { continue };
            for service in kinds.get("Service").into_iter().flatten() {
                let severity = match service.as_str() {
                    "events.amazonaws.com" | "scheduler.amazonaws.com" | "pipes.amazonaws.com" => Level::Warning,
                    PIPELINE => found.severity(),
                    _ => continue,
                };
                let summary = format!("{service} may take the role on behalf of any account");
                let detail = if severity == Level::Warning {
                    "Add Condition = { StringEquals = { \"aws:SourceAccount\" = … } } with your account."
                } else {
                    "A condition on aws:SourceAccount would bind it to yours. That CodePipeline sends the key is not confirmed: try it in a test account first."
                };
                document.report(found, number, "Principal", service, summary, detail).with_severity(severity);
            }
        }
    }
}

/// Everyone.
pub const IAM013: Rule = Rule {
    id: "IAM013",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "A role can be taken by anyone, or by everyone in another account",
    rationale: "A principal \"*\" lets in every AWS account there is. The root of another account lets in whomever its administrators like.",
    source: "IAM User Guide, AWS JSON policy elements: Principal",
    bad: r#"
resource "aws_iam_role" "deploy" {
  name = "deploy"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "*" }
    }]
  })
}
"#,
    good: r#"
resource "aws_iam_role" "deploy" {
  name = "deploy"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::111122223333:role/pipeline" }
    }]
  })
}
"#,
    check: everyone,
};

fn everyone(context: &Context<'_>, found: &mut Reporter<'_>) {
    let picture = context.iam();
    for document in &picture.trust {
        let own = own_account(document);
        for (number, statement) in document.statements().filter(|(_, s)| s.allows()) {
            // A condition (organisation, external id, principal) narrows whom it lets in.
            if !statement.conditions.is_empty() {
                continue;
            }
            let Some(principals) = &statement.principals else { continue };
            if names_everyone(principals) {
                let detail = "Name the roles that may take it; or add a condition such as aws:PrincipalOrgID.";
                document.report(found, number, "Principal", "*", "Anyone may take the role".into(), detail);
                continue;
            }
            let Principals::Some(kinds) = principals else { continue };
            for who in kinds.get("AWS").into_iter().flatten() {
                let Some(account) = who.strip_suffix(":root").and_then(account_of) else { continue };
                let foreign = own.as_deref().map_or(Truth::Unknown, |own| !crate::domain::policy::same(own, account));
                if foreign.is_yes() {
                    let summary = format!("Everyone in account {account} may take the role");
                    let detail = "Name the role of that account that needs it, or add a condition on sts:ExternalId or aws:PrincipalArn.";
                    document.report(found, number, "Principal", who, summary, detail);
                }
            }
        }
    }
}

/// The account of the role that the document belongs to.
fn own_account(document: &Document<'_>) -> Option<String> {
    let arn = document.attr.object().get("arn");
    account_of(arn.text()?.0).map(str::to_owned)
}
