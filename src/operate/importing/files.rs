//! Blocks by what they are about, one file each.

use super::Named;
use crate::engine::generating::Generated;
use crate::lang::compose::{Body, Item};

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its name, without folder.
    pub name: String,
    /// Its text, formatted.
    pub text: String,
}

/// File, what it is about, and beginnings of the types in it; of several that fit, the first.
const SUBJECTS: &[(&str, &str, &[&str])] = &[
    (
        "pipeline",
        "The pipeline, and what starts it.",
        &["aws_codepipeline", "aws_codestarconnections", "aws_codeconnections"],
    ),
    ("sources", "Repositories.", &["aws_codecommit", "aws_ecr"]),
    ("builds", "Builds and their logs.", &["aws_codebuild", "aws_cloudwatch_log"]),
    ("deployments", "Where to and how it is delivered.", &["aws_codedeploy", "aws_sfn"]),
    ("audit", "Who did what.", &["aws_cloudtrail"]),
    ("alerts", "Who is told of what.", &["aws_cloudwatch", "aws_sns", "aws_sqs", "aws_codestarnotifications"]),
    ("storage", "Buckets and keys.", &["aws_s3", "aws_kms"]),
    ("iam", "Roles and what they may do.", &["aws_iam"]),
];

/// Names of all files that may be written, without prefix and ending.
pub const FILE_NAMES: &[&str] =
    &["pipeline", "sources", "builds", "deployments", "audit", "alerts", "storage", "iam", "imports"];

/// The files of a configuration: blocks by subject in the order of `named`, and the import blocks. `prefix` stands before each name.
pub fn files(named: &[Named], blocks: &[Generated], prefix: &str) -> Vec<Written> {
    let subject_of = |type_name: &str| {
        let fits = |beginnings: &&[&str]| beginnings.iter().any(|b| type_name.starts_with(b));
        SUBJECTS.iter().position(|(_, _, beginnings)| fits(beginnings)).unwrap_or(0)
    };
    let mut out = Vec::new();
    for (number, (name, about, _)) in SUBJECTS.iter().enumerate() {
        let own = named.iter().filter(|one| subject_of(one.found.type_name) == number);
        let items: Vec<Item> = own
            .filter_map(|one| blocks.iter().find(|b| b.address == one.address))
            .map(|block| Item::Block(block.block.clone()))
            .collect();
        if !items.is_empty() {
            let text = format!("# {about}\n\n{}", Body { items }.text());
            out.push(Written { name: format!("{prefix}{name}.tf"), text });
        }
    }
    let written: Vec<Named> =
        named.iter().filter(|one| blocks.iter().any(|b| b.address == one.address)).cloned().collect();
    let text = format!(
        "# What exists already and is taken over. Once it is applied, this file can go.\n\n{}",
        super::to_import(&written).text()
    );
    out.push(Written { name: format!("{prefix}imports.tf"), text });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_known_by_name() {
        let names: Vec<&str> = SUBJECTS.iter().map(|(name, ..)| *name).chain(["imports"]).collect();
        assert_eq!(names, FILE_NAMES);
    }
}
