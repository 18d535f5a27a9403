//! Words of event patterns that no event has: misspelt ones, and those of another service.

use crate::domain::catalog::{DetailType, events};
use crate::domain::pattern::Pattern;
use crate::lang::eval::did_you_mean;
use crate::lang::syntax::ast::ExprKind;
use crate::lint::finding::{Edit, Fix, Level};
use crate::lint::iam::item;
use crate::lint::model::Attr;
use crate::lint::runner::Reporter;
use std::collections::BTreeSet;

/// A misspelt word of a pattern.
pub struct Slip {
    /// Where it stands.
    pub path: Vec<String>,
    /// What stands there.
    pub given: String,
    /// What is meant.
    pub right: String,
}

/// Puts the right word in place of the misspelt one where a `jsonencode` call has it.
pub fn in_pattern(attr: &Attr<'_>, path: &[String], given: &str, right: &str) -> Option<Edit> {
    let ExprKind::Call(call) = &attr.expr()?.kind else { return None };
    (&*call.name.name == "jsonencode").then_some(())?;
    let mut expr = call.args.first()?;
    for step in path {
        expr = &item(expr, step)?.value;
    }
    let ExprKind::Tuple(items) = &expr.kind else { return None };
    let word = items.iter().find(|i| matches!(&i.kind, ExprKind::Literal(v) if v.as_str() == Some(given)))?;
    Some(Edit { span: word.span, text: format!("\"{right}\"") })
}

/// Detail-types of the services that pipelines have to do with; of others nothing is known here.
const DETAIL_TYPES: &[(&str, &[&str])] = &[
    (
        "aws.codepipeline",
        &[
            "CodePipeline Pipeline Execution State Change",
            "CodePipeline Stage Execution State Change",
            "CodePipeline Action Execution State Change",
        ],
    ),
    (
        "aws.codecommit",
        &[
            "CodeCommit Repository State Change",
            "CodeCommit Pull Request State Change",
            "CodeCommit Comment on Commit",
            "CodeCommit Comment on Pull Request",
            "CodeCommit Approval Rule Template Change",
        ],
    ),
    ("aws.ecr", &["ECR Image Action", "ECR Image Scan", "ECR Replication Action", "ECR Pull Through Cache Action"]),
    (
        "aws.s3",
        &[
            "Object Created",
            "Object Deleted",
            "Object Restore Initiated",
            "Object Restore Completed",
            "Object Restore Expired",
            "Object Tags Added",
            "Object Tags Deleted",
            "Object ACL Updated",
            "Object Storage Class Changed",
            "Object Access Tier Changed",
        ],
    ),
];

/// Why a pattern is about events that no service sends: its detail-types are those of another service than its sources, or are misspelt.
pub fn of_nobody(pattern: &Pattern) -> Option<(String, Option<Slip>)> {
    if pattern.or_combinations() > 1 {
        return None;
    }
    let (sources, kinds) = (pattern.texts(&["source"])?, pattern.texts(&["detail-type"])?);
    if !sources.iter().all(|s| s.starts_with("aws.")) || kinds.iter().any(|k| k.contains("via CloudTrail")) {
        return None;
    }
    let of = |source: &str| DETAIL_TYPES.iter().find(|(known, _)| *known == source).map(|(_, kinds)| *kinds);
    let sender = |kind: &str| DETAIL_TYPES.iter().find(|(_, kinds)| kinds.contains(&kind)).map(|(source, _)| *source);
    let senders: Option<Vec<&str>> = kinds.iter().map(|kind| sender(kind)).collect();
    let joined = |texts: &[&str]| texts.join("\" or \"");
    if let Some(senders) = senders {
        let (first, right) = (*sources.first()?, *senders.first()?);
        let fits = senders.iter().any(|sender| sources.contains(sender));
        return (!fits).then(|| {
            let text = format!(
                "Events \"{}\" are sent by {right}, and the pattern is about \"{}\".",
                joined(&kinds),
                joined(&sources)
            );
            let slip = Slip { path: vec!["source".into()], given: first.to_owned(), right: right.to_owned() };
            (text, (sources.len() == 1).then_some(slip))
        });
    }
    // What CodePipeline does not send is told with the other fields.
    let known: Vec<&str> = sources.iter().map(|s| of(s)).collect::<Option<Vec<_>>>()?.concat();
    if sources.contains(&"aws.codepipeline") || kinds.iter().any(|kind| known.contains(kind)) {
        return None;
    }
    let given = kinds.first()?;
    let near = known
        .iter()
        .copied()
        .find(|k| k.eq_ignore_ascii_case(given))
        .or_else(|| did_you_mean(given, known.iter().copied()))?;
    let slip = Slip { path: vec!["detail-type".into()], given: (*given).to_owned(), right: near.to_owned() };
    Some((
        format!("No event of \"{}\" has the detail-type \"{given}\". It is spelt {near}.", joined(&sources)),
        Some(slip),
    ))
}

/// Values among others that no event has: the rule fires, but not for them.
pub fn idle_values(attr: &Attr<'_>, pattern: &Pattern, found: &mut Reporter<'_>) {
    let kinds = pattern.texts(&["detail-type"]);
    let all = &events().detail_types;
    let is_wanted = |d: &&DetailType| kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|k| *k == d.detail_type));
    let states: BTreeSet<&str> = all.iter().filter(is_wanted).flat_map(|d| &d.states).map(String::as_str).collect();
    let sent: BTreeSet<&str> = all.iter().map(|d| d.detail_type.as_str()).collect();
    for (path, known) in [(["detail", "state"].as_slice(), states), (["detail-type"].as_slice(), sent)] {
        let values = pattern.texts(path).unwrap_or_default();
        // Where none occurs the whole pattern never matches, which is another finding.
        if !values.iter().any(|v| known.contains(v)) {
            continue;
        }
        for value in values.iter().filter(|v| !known.contains(*v)) {
            let name = path.join(".");
            let upper = value.to_uppercase();
            let near = known.iter().copied().find(|k| k.eq_ignore_ascii_case(value));
            let near = near.or_else(|| did_you_mean(&upper, known.iter().copied()));
            let steps: Vec<String> = path.iter().map(|step| (*step).to_owned()).collect();
            let edit =
                near.filter(|near| !values.contains(near)).and_then(|near| in_pattern(attr, &steps, value, near));
            let spelt = near.map(|n| format!(" It is spelt {n}.")).unwrap_or_default();
            let list = known.iter().copied().collect::<Vec<_>>().join(", ");
            let finding = found.at_part(
                attr,
                value,
                format!("{name} is never \"{value}\""),
                format!("The rule does not fire for it. It can be {list}.{spelt}"),
            );
            finding.with_severity(Level::Warning).fix =
                near.and_then(|near| Fix::one(format!("Write \"{near}\""), edit));
        }
    }
}

/// Names that are nearly those of a pipeline here; others may be of pipelines elsewhere. `names` are those of all pipelines here.
pub fn misspelt_pipelines(names: &BTreeSet<&str>, attr: &Attr<'_>, pattern: &Pattern, found: &mut Reporter<'_>) {
    let values = pattern.texts(&["detail", "pipeline"]).unwrap_or_default();
    for value in values.iter().filter(|v| !names.contains(*v)) {
        let others = names.iter().copied().filter(|n| !values.contains(n));
        if let Some(near) = did_you_mean(value, others) {
            let finding = found.at_part(
                attr,
                &format!("pipeline {value}"),
                format!("No pipeline here is called \"{value}\""),
                format!(
                    "One is called {near}. Names must be written exactly; a reference to its name cannot go wrong."
                ),
            );
            finding.with_severity(Level::Warning);
        }
    }
}
