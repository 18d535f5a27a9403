//! Number and order of stages and actions.

use crate::lint::finding::Level;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};

/// Number of stages.
pub const CP001: Rule = Rule {
    id: "CP001",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "A pipeline has fewer than 2 or more than 50 stages",
    rationale: "CodePipeline refuses to create or update such a pipeline.",
    source: "CodePipeline User Guide, Quotas; CodePipeline pipeline structure reference",
    bad: r#"
resource "aws_codepipeline" "shop" {
  name = "shop"
  stage {
    name = "Source"
  }
}
"#,
    good: r#"
resource "aws_codepipeline" "shop" {
  name = "shop"
  stage {
    name = "Source"
  }
  stage {
    name = "Build"
  }
}
"#,
    check: stage_count,
};

fn stage_count(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.model.pipelines() {
        let count = pipeline.stages.len();
        if !pipeline.is_complete() || (2..=50).contains(&count) {
            continue;
        }
        let detail = "A pipeline has 2 to 50 stages: one with source actions and at least one with others.";
        found.on(
            pipeline.object,
            format!("The pipeline has {count} stage{}", if count == 1 { "" } else { "s" }),
            detail,
        );
    }
}
