//! Managed policies that are too wide for a pipeline.

use crate::lint::finding::Level;
use crate::lint::model::Attr;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};

/// Administrators.
pub const IAM015: Rule = Rule {
    id: "IAM015",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "An administrator's policy is attached",
    rationale: "With AdministratorAccess, PowerUserAccess, AdministratorAccess-AWSElasticBeanstalk or AWSServiceCatalogAdminFullAccess, whoever \
                changes what the pipeline runs has nearly the whole account.",
    source: "AWS managed policy reference; grants of aws-cdk-lib's CodePipeline actions",
    bad: r#"
resource "aws_iam_role_policy_attachment" "pipeline" {
  role       = "pipeline"
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
"#,
    good: r#"
resource "aws_iam_role_policy_attachment" "pipeline" {
  role       = "pipeline"
  policy_arn = "arn:aws:iam::aws:policy/AWSCodeDeployDeployerAccess"
}
"#,
    check: administrators,
};

const WIDE: &[&str] = &[
    "policy/AdministratorAccess",
    "policy/PowerUserAccess",
    "policy/AdministratorAccess-AWSElasticBeanstalk",
    "policy/AWSServiceCatalogAdminFullAccess",
];

fn administrators(context: &Context<'_>, found: &mut Reporter<'_>) {
    for (type_name, attribute) in [
        ("aws_iam_role_policy_attachment", "policy_arn"),
        ("aws_iam_policy_attachment", "policy_arn"),
        ("aws_iam_user_policy_attachment", "policy_arn"),
        ("aws_iam_group_policy_attachment", "policy_arn"),
    ] {
        for object in context.model.all(type_name) {
            judge(&object.get(attribute), found);
        }
    }
    for list in context.model.all("aws_iam_role_policy_attachments_exclusive") {
        for arn in list.get("policy_arns").elements() {
            judge(&arn, found);
        }
    }
    for role in context.model.all("aws_iam_role") {
        for arn in role.get("managed_policy_arns").elements() {
            judge(&arn, found);
        }
    }
}

fn judge(attr: &Attr<'_>, found: &mut Reporter<'_>) {
    let Some(arn) = attr.known() else { return };
    let Some((_, path)) = arn.split_once(":iam::aws:") else { return };
    if WIDE.contains(&path) {
        let name = path.trim_start_matches("policy/");
        let detail = "Attach or write a policy of what is needed; for the role of a pipeline, \"pipewright pipeline policy\" prints it.";
        found.at_part(attr, name, format!("{name} is attached"), detail);
    }
}
