//! Combinations of permissions by which a role can make itself stronger.

use crate::domain::policy::{Context as Facts, Statement, covers_ignoring_case, overlap, symbol};
use crate::lint::finding::Level;
use crate::lint::iam::{Picture, Role};
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};
use std::collections::BTreeSet;

/// A way to become stronger.
struct Way {
    /// All of these.
    calls: &'static [&'static str],
    /// What they do together.
    does: &'static str,
}

const PASS: &str = "iam:PassRole";

/// After the lists of Rhino Security Labs and Bishop Fox, and what pipelines add.
const WAYS: &[Way] = &[
    Way { calls: &["iam:CreatePolicyVersion"], does: "rewrite a managed policy that it has" },
    Way { calls: &["iam:SetDefaultPolicyVersion"], does: "bring back an older, stronger version of a policy" },
    Way { calls: &["iam:CreateAccessKey"], does: "make keys for another user" },
    Way { calls: &["iam:CreateLoginProfile"], does: "set a password for another user" },
    Way { calls: &["iam:UpdateLoginProfile"], does: "change the password of another user" },
    Way { calls: &["iam:AttachUserPolicy"], does: "attach any policy to a user" },
    Way { calls: &["iam:AttachGroupPolicy"], does: "attach any policy to a group" },
    Way { calls: &["iam:AttachRolePolicy"], does: "attach any policy to a role, its own included" },
    Way { calls: &["iam:PutUserPolicy"], does: "write any policy for a user" },
    Way { calls: &["iam:PutGroupPolicy"], does: "write any policy for a group" },
    Way { calls: &["iam:PutRolePolicy"], does: "write any policy for a role, its own included" },
    Way { calls: &["iam:AddUserToGroup"], does: "put a user into a stronger group" },
    Way { calls: &["iam:UpdateAssumeRolePolicy"], does: "let itself take another role" },
    Way { calls: &[PASS, "ec2:RunInstances"], does: "start an instance with a stronger role" },
    Way {
        calls: &[PASS, "lambda:CreateFunction", "lambda:InvokeFunction"],
        does: "run a function with a stronger role",
    },
    Way {
        calls: &[PASS, "lambda:CreateFunction", "lambda:CreateEventSourceMapping"],
        does: "run a function with a stronger role",
    },
    Way {
        calls: &[PASS, "lambda:CreateFunction", "lambda:AddPermission"],
        does: "run a function with a stronger role",
    },
    Way { calls: &["lambda:UpdateFunctionCode"], does: "run its own code in a function with a stronger role" },
    Way { calls: &["lambda:UpdateFunctionConfiguration"], does: "put a layer with its own code into a function" },
    Way { calls: &[PASS, "glue:CreateDevEndpoint"], does: "open an endpoint with a stronger role" },
    Way { calls: &["glue:UpdateDevEndpoint"], does: "put its own key on an endpoint with a stronger role" },
    Way { calls: &[PASS, "cloudformation:CreateStack"], does: "make anything through a stack with a stronger role" },
    Way {
        calls: &[PASS, "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"],
        does: "run commands with a stronger role",
    },
    Way { calls: &["sagemaker:CreatePresignedNotebookInstanceUrl"], does: "open a notebook that has a stronger role" },
    Way { calls: &[PASS, "sagemaker:CreateTrainingJob"], does: "run a training job with a stronger role" },
    Way { calls: &[PASS, "sagemaker:CreateProcessingJob"], does: "run a processing job with a stronger role" },
    Way { calls: &[PASS, "glue:CreateJob"], does: "run a job with a stronger role" },
    Way { calls: &[PASS, "glue:UpdateJob"], does: "run a job with a stronger role" },
    Way { calls: &[PASS, "codebuild:CreateProject"], does: "run a build with a stronger role" },
    Way { calls: &["codebuild:UpdateProject"], does: "have a build run what it likes with the project's role" },
    Way { calls: &[PASS, "codepipeline:CreatePipeline"], does: "have a new pipeline act with a stronger role" },
    Way { calls: &["codepipeline:UpdatePipeline"], does: "have a pipeline run what it likes with the pipeline's role" },
    Way { calls: &[PASS, "ecs:RegisterTaskDefinition", "ecs:RunTask"], does: "run a container with a stronger role" },
    Way {
        calls: &[PASS, "states:CreateStateMachine"],
        does: "call anything through a state machine with a stronger role",
    },
    Way { calls: &[PASS, "events:PutTargets"], does: "have an event rule act with a stronger role" },
    Way { calls: &["ssm:SendCommand"], does: "run commands on instances with a stronger role" },
    Way { calls: &["ssm:StartSession"], does: "log on to instances with a stronger role" },
];

/// How a role has a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Grant {
    None,
    /// On named resources, or under a condition.
    Pinned,
    Open,
}

/// Escalation.
pub const IAM007: Rule = Rule {
    id: "IAM007",
    severity: Level::Error,
    confidence: Confidence::Medium,
    title: "A role can make itself stronger",
    rationale: "Some permissions, alone or together, are as good as all of them: who may write policies, hand on any role to a service that runs \
                code, or change what other roles run, has what those roles have.",
    source: "Rhino Security Labs, AWS IAM Privilege Escalation Methods; Bishop Fox, Privilege Escalation in AWS",
    bad: r#"
resource "aws_iam_role" "deploy" {
  name               = "deploy"
  assume_role_policy = "{}"
}

resource "aws_iam_role_policy" "deploy" {
  role = aws_iam_role.deploy.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "iam:PutRolePolicy"
      Resource = "arn:aws:iam::111122223333:role/*"
    }]
  })
}
"#,
    good: r#"
resource "aws_iam_role" "deploy" {
  name               = "deploy"
  assume_role_policy = "{}"
}

resource "aws_iam_role_policy" "deploy" {
  role = aws_iam_role.deploy.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "iam:GetRolePolicy"
      Resource = "arn:aws:iam::111122223333:role/*"
    }]
  })
}
"#,
    check: escalations,
};

/// What the pipeline needs of it.
pub const IAM008: Rule = Rule {
    id: "IAM008",
    severity: Level::Info,
    confidence: Confidence::Medium,
    title: "A role has permissions of an escalation list, as its pipeline needs them, bound to one target",
    rationale: "A deployment hands on a role or changes code: lists of escalations name the same calls. Bound to one role or function they are \
                what the pipeline is for. This tells that they were seen, not that they are wrong.",
    source: "Own; parliament's list of escalations",
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
      Action   = "lambda:UpdateFunctionCode"
      Resource = "arn:aws:lambda:eu-central-1:111122223333:function:shop"
    }]
  })
}

resource "aws_codepipeline" "shop" {
  name     = "shop"
  role_arn = aws_iam_role.pipeline.arn
  stage {
    name = "Deploy"
    action {
      name            = "Function"
      category        = "Deploy"
      owner           = "AWS"
      provider        = "Lambda"
      version         = "1"
      input_artifacts = ["build"]
      configuration   = { FunctionName = "shop" }
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
      Action   = "lambda:InvokeFunction"
      Resource = "arn:aws:lambda:eu-central-1:111122223333:function:shop"
    }]
  })
}

resource "aws_codepipeline" "shop" {
  name     = "shop"
  role_arn = aws_iam_role.pipeline.arn
  stage {
    name = "Smoke"
    action {
      name          = "Function"
      category      = "Invoke"
      owner         = "AWS"
      provider      = "Lambda"
      version       = "1"
      configuration = { FunctionName = "shop" }
    }
  }
}
"#,
    check: bound_escalations,
};

fn escalations(context: &Context<'_>, found: &mut Reporter<'_>) {
    let picture = context.iam();
    for role in picture.roles.values() {
        let grants = Grants::of(role);
        // One broad action opens many ways: that is one thing to repair.
        let mut opened: Vec<(Vec<&str>, Vec<&Way>)> = Vec::new();
        for way in WAYS.iter().filter(|w| grants.of_way(w) == Grant::Open) {
            let by = grants.opening(way);
            match opened.iter_mut().find(|(known, _)| *known == by) {
                Some((_, ways)) => ways.push(way),
                None => opened.push((by, vec![way])),
            }
        }
        for (by, ways) in opened {
            let advice = "Bind the calls to the resources that need them, or leave them out. A permission boundary limits what can come of it.";
            if let [way] = ways.as_slice() {
                let summary = format!("With {} the role can {}", super::breadth::list(way.calls), way.does);
                found.on_part(role.object, &way.calls.join(" "), summary, advice);
                continue;
            }
            let summary =
                format!("With {} the role can make itself stronger in {} ways", super::breadth::list(&by), ways.len());
            let each = |way: &&Way| format!("{} ({})", way.does, way.calls.join(", "));
            let all = ways.iter().map(each).collect::<Vec<_>>().join("; ");
            found.on_part(role.object, &by.join(" "), summary, format!("It can {all}. {advice}"));
        }
    }
}

fn bound_escalations(context: &Context<'_>, found: &mut Reporter<'_>) {
    let picture = context.iam();
    for role in picture.roles.values() {
        let grants = Grants::of(role);
        for way in WAYS.iter().filter(|w| grants.of_way(w) == Grant::Pinned && needed(picture, role, w)) {
            let summary = format!("The pipeline needs {}, bound to its target", super::breadth::list(way.calls));
            let detail = format!("On any target, a role could {} with them.", way.does);
            found.on_part(role.object, &way.calls.join(" "), summary, detail);
        }
    }
}

/// Whether a pipeline needs all the calls of a way.
fn needed(picture: &Picture<'_>, role: &Role<'_>, way: &Way) -> bool {
    let uses = picture.uses(role.object);
    // On another target the grant is not what the pipeline needs.
    let reaches = |call: &str, resource: &String| !role.grants(call, resource, &Facts::partial()).is_no();
    let needs = |call: &&str| {
        uses.iter().flat_map(|u| &u.needs.needs).any(|n| {
            n.actions.iter().any(|a| a == *call)
                && (n.resources.is_empty() || n.resources.iter().any(|r| reaches(call, r)))
        })
    };
    way.calls.iter().all(needs)
}

/// What a role is granted and denied, sorted once for all ways.
struct Grants<'r> {
    /// With whether they are bound to resources or by conditions.
    allowing: Vec<(&'r Statement, Grant)>,
    denying: Vec<&'r Statement>,
    limited: bool,
}

impl<'r> Grants<'r> {
    fn of(role: &'r Role<'_>) -> Self {
        let statements = || role.documents.iter().flat_map(|d| &d.policy.statements);
        let bound = |s: &Statement| match s.conditions.is_empty() && s.resources.iter().any(|r| is_open(r)) {
            true => Grant::Open,
            false => Grant::Pinned,
        };
        Grants {
            allowing: statements().filter(|s| s.allows()).map(|s| (s, bound(s))).collect(),
            denying: statements().filter(|s| s.denies()).collect(),
            limited: role.boundary.is_some(),
        }
    }

    /// How the role has a way: as its most bound call.
    fn of_way(&self, way: &Way) -> Grant {
        way.calls.iter().map(|call| self.of_call(call)).min().unwrap_or(Grant::None)
    }

    /// The actions of statements that grant a way's calls on anything, sorted.
    fn opening(&self, way: &Way) -> Vec<&'r str> {
        let open = self.allowing.iter().filter(|(_, grant)| *grant == Grant::Open);
        let actions: Vec<&'r str> = open.flat_map(|&(s, _)| &s.actions).map(String::as_str).collect();
        let granting = |call: &&str| actions.iter().copied().find(|a| grants_call(a, call));
        let by: BTreeSet<&'r str> = way.calls.iter().filter_map(granting).collect();
        by.into_iter().collect()
    }

    fn of_call(&self, call: &str) -> Grant {
        // A boundary or a denial may take it away; then nothing is said.
        if self.limited || self.denying.iter().any(|s| s.matches_action(call).is_yes()) {
            return Grant::None;
        }
        let about = |s: &Statement| s.actions.iter().any(|a| grants_call(a, call));
        let granting = self.allowing.iter().filter(|(s, _)| about(s)).map(|(_, grant)| *grant);
        granting.max().unwrap_or(Grant::None)
    }
}

/// Whether an action of a statement is about a call; `*` is another rule's matter.
fn grants_call(action: &str, call: &str) -> bool {
    action != "*" && covers_ignoring_case(action, call).is_yes()
}

/// Whether a resource stands for any of its kind: `*`, `arn:aws:iam::1:role/*`, `arn:aws:lambda:*:*:function:*`.
fn is_open(resource: &str) -> bool {
    if resource == "*" {
        return true;
    }
    let last = resource.splitn(6, ':').nth(5).unwrap_or(resource);
    let name = last.split_once(['/', ':']).map_or(last, |(_, name)| name);
    symbol::is_known(resource) && name.starts_with('*') && overlap(name, "any-name-at-all")
}
