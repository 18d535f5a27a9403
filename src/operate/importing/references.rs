//! References between generated blocks: where one says what another is, it refers to it instead.
//!
//! ARNs and key ids name one object in the world, so they are replaced wherever they stand, inside longer texts too. Names are replaced only
//! where an argument is known to take the name of an object of some type. A reference that would close a circle stays a literal.

use crate::address::ResourceInstance;
use crate::engine::generating::Generated;
use crate::lang::compose::{Expr, Item, Part};
use crate::lang::value::{Type, Value};
use crate::provider::schema::Schema;
use std::collections::{BTreeMap, BTreeSet};

/// A reference that was put in: the block that refers, and the one referred to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// Who refers.
    pub from: ResourceInstance,
    /// To whom.
    pub to: ResourceInstance,
}

/// Attributes whose values name an object wherever they stand, by type (`*` is every type).
const IDENTITIES: &[(&str, &str)] =
    &[("*", "arn"), ("aws_kms_key", "key_id"), ("aws_kms_alias", "name"), ("aws_sqs_queue", "url")];

/// Arguments that take the name of an object: argument or key, type and attribute of what it names.
const NAMES: &[(&str, &str, &str)] = &[
    ("role", "aws_iam_role", "name"),
    ("bucket", "aws_s3_bucket", "id"),
    ("location", "aws_s3_bucket", "bucket"),
    ("s3_bucket_name", "aws_s3_bucket", "bucket"),
    ("target_bucket", "aws_s3_bucket", "id"),
    ("S3Bucket", "aws_s3_bucket", "bucket"),
    ("BucketName", "aws_s3_bucket", "bucket"),
    ("bucketName", "aws_s3_bucket", "bucket"),
    ("rule", "aws_cloudwatch_event_rule", "name"),
    ("event_bus_name", "aws_cloudwatch_event_bus", "name"),
    ("ProjectName", "aws_codebuild_project", "name"),
    ("project_name", "aws_codebuild_project", "name"),
    ("project-name", "aws_codebuild_project", "name"),
    ("group_name", "aws_cloudwatch_log_group", "name"),
    ("RepositoryName", "aws_codecommit_repository", "repository_name"),
    ("RepositoryName", "aws_ecr_repository", "name"),
    ("repository-name", "aws_ecr_repository", "name"),
    ("repository", "aws_ecr_repository", "name"),
    ("ApplicationName", "aws_codedeploy_app", "name"),
    ("app_name", "aws_codedeploy_app", "name"),
    ("application", "aws_codedeploy_app", "name"),
    ("DeploymentGroupName", "aws_codedeploy_deployment_group", "deployment_group_name"),
    ("deployment_config_name", "aws_codedeploy_deployment_config", "deployment_config_name"),
    ("target_pipeline", "aws_codepipeline", "name"),
    ("pipeline", "aws_codepipeline", "name"),
    ("PipelineName", "aws_codepipeline", "name"),
];

/// What can be referred to.
#[derive(Default)]
struct Index {
    /// Text to the object and the attribute that has it.
    anywhere: BTreeMap<String, (ResourceInstance, &'static str)>,
    /// Type, attribute and text to the object.
    by_name: BTreeMap<(&'static str, &'static str, String), ResourceInstance>,
}

impl Index {
    /// Objects with their values. Of two with the same text, the first counts.
    fn of(objects: &[(ResourceInstance, Value)]) -> Self {
        let mut index = Index::default();
        for (address, value) in objects {
            let type_name = &*address.resource.type_name;
            let text = |attribute: &str| value.get(attribute).and_then(Value::as_str).filter(|t| !t.is_empty());
            for (_, attribute) in IDENTITIES.iter().filter(|(ty, _)| *ty == type_name || *ty == "*") {
                if let Some(text) = text(attribute) {
                    index.anywhere.entry(text.to_owned()).or_insert_with(|| (address.clone(), attribute));
                }
            }
            for (_, ty, attribute) in NAMES.iter().filter(|(_, ty, _)| *ty == type_name) {
                if let Some(text) = text(attribute) {
                    index.by_name.entry((ty, attribute, text.to_owned())).or_insert_with(|| address.clone());
                }
            }
        }
        index
    }

    fn named(&self, argument: &str, text: &str) -> Option<(&ResourceInstance, &'static str)> {
        NAMES.iter().filter(|(name, ..)| *name == argument).find_map(|(_, ty, attribute)| {
            self.by_name.get(&(*ty, *attribute, text.to_owned())).map(|address| (address, *attribute))
        })
    }

    /// The longest known text that begins here and ends where a name ends.
    fn at_start<'t>(&self, text: &'t str) -> Option<(&'t str, &ResourceInstance, &'static str)> {
        self.anywhere
            .iter()
            .filter(|(known, _)| text.strip_prefix(known.as_str()).is_some_and(ends_here))
            .max_by_key(|(known, _)| known.len())
            .and_then(|(known, (address, attribute))| text.get(..known.len()).map(|t| (t, address, *attribute)))
    }
}

/// Whether a name cannot go on with what follows.
fn ends_here(rest: &str) -> bool {
    rest.chars().next().is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '=' | '@')))
}

/// An object's value without what it only takes from others: the target of an event rule shows the ARN of a topic, which is not its own.
pub fn own_identity(schema: &Schema, value: Value) -> Value {
    match schema.block.attributes.get("arn") {
        Some(arn) if arn.required || arn.optional => value.with_field("arn", Value::null(Type::String)),
        _ => value,
    }
}

/// Puts references into the blocks. `objects` are all that may be referred to, with their values as [`own_identity`] leaves them.
pub fn connect(blocks: &mut [Generated], objects: &[(ResourceInstance, Value)]) -> BTreeSet<Reference> {
    let mut connector = Connector { index: Index::of(objects), references: BTreeSet::new() };
    for block in blocks {
        let own = block.address.clone();
        connector.items(&own, &mut block.block.body.items);
    }
    connector.references
}

struct Connector {
    index: Index,
    references: BTreeSet<Reference>,
}

impl Connector {
    fn items(&mut self, own: &ResourceInstance, items: &mut [Item]) {
        for item in items {
            match item {
                Item::Attribute { name, value, .. } if name != "provider" => {
                    let name = name.clone();
                    self.expr(own, &name, value);
                }
                Item::Block(block) => self.items(own, &mut block.body.items),
                Item::Attribute { .. } | Item::Comment(_) => {}
            }
        }
    }

    /// `name` is the argument or key under which the expression stands.
    fn expr(&mut self, own: &ResourceInstance, name: &str, expr: &mut Expr) {
        match expr {
            Expr::Text(text) => {
                if let Some(better) = self.text(own, name, text) {
                    *expr = better;
                }
            }
            Expr::Tuple(items) | Expr::Call(_, items) => items.iter_mut().for_each(|e| self.expr(own, name, e)),
            Expr::Object(fields) => {
                for (key, value) in fields {
                    let key = key.clone();
                    self.expr(own, &key, value);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, own: &ResourceInstance, name: &str, text: &str) -> Option<Expr> {
        let by_name = self.index.named(name, text).map(|(to, attribute)| (to.clone(), attribute));
        if let Some((to, attribute)) = by_name
            && self.allow(own, &to)
        {
            return Some(Expr::Reference(format!("{to}.{attribute}")));
        }
        let mut parts: Vec<Part> = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        let mut inside_name = false;
        while let Some(c) = rest.chars().next() {
            let found = match inside_name {
                true => None,
                false => self.index.at_start(rest).map(|(t, to, attribute)| (t, to.clone(), attribute)),
            };
            if let Some((known, to, attribute)) = found
                && self.allow(own, &to)
            {
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(Part::Reference(format!("{to}.{attribute}")));
                rest = rest.get(known.len()..).unwrap_or_default();
                continue;
            }
            plain.push(c);
            inside_name = !ends_here(&c.to_string());
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        match parts.as_slice() {
            [Part::Reference(only)] => Some(Expr::Reference(only.clone())),
            _ if parts.iter().any(|p| matches!(p, Part::Reference(_))) => Some(Expr::Template(parts)),
            _ => None,
        }
    }

    /// Takes a reference, unless it leads back to where it stands.
    fn allow(&mut self, from: &ResourceInstance, to: &ResourceInstance) -> bool {
        if from == to || self.reaches(to, from) {
            return false;
        }
        self.references.insert(Reference { from: from.clone(), to: to.clone() });
        true
    }

    fn reaches(&self, from: &ResourceInstance, to: &ResourceInstance) -> bool {
        let mut open = vec![from];
        let mut seen = BTreeSet::new();
        while let Some(at) = open.pop() {
            if at == to {
                return true;
            }
            if seen.insert(at) {
                open.extend(self.references.iter().filter(|r| r.from == *at).map(|r| &r.to));
            }
        }
        false
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::lang::compose::Block;

    fn address(text: &str) -> ResourceInstance {
        text.parse().unwrap()
    }

    fn object(at: &str, fields: &[(&str, &str)]) -> (ResourceInstance, Value) {
        (address(at), Value::object_of(fields.iter().map(|(k, v)| (*k, Value::string(*v)))))
    }

    fn connected(at: &str, name: &str, value: Expr, objects: &[(ResourceInstance, Value)]) -> String {
        let mut block = Block::new("resource", []);
        block.body.set(name, value);
        let mut blocks = [Generated { address: address(at), id: String::new(), block }];
        connect(&mut blocks, objects);
        blocks[0].block.body.attribute(name).unwrap().text()
    }

    fn text(t: &str) -> Expr {
        Expr::Text(t.into())
    }

    #[test]
    fn arns_become_references_wherever_they_stand() {
        let objects = [
            object("aws_s3_bucket.a", &[("arn", "arn:aws:s3:::shop"), ("id", "shop")]),
            object("aws_s3_bucket.b", &[("arn", "arn:aws:s3:::shop-site"), ("id", "shop-site")]),
        ];
        let one = |t: &str| connected("aws_iam_role_policy.p", "Resource", text(t), &objects);
        assert_eq!(one("arn:aws:s3:::shop"), "aws_s3_bucket.a.arn");
        assert_eq!(one("arn:aws:s3:::shop/*"), "\"${aws_s3_bucket.a.arn}/*\"");
        assert_eq!(one("arn:aws:s3:::shop-site/x"), "\"${aws_s3_bucket.b.arn}/x\"");
        assert_eq!(one("arn:aws:s3:::shopping"), "\"arn:aws:s3:::shopping\"");
        assert_eq!(one("see arn:aws:s3:::shop, please"), "\"see ${aws_s3_bucket.a.arn}, please\"");
    }

    #[test]
    fn names_become_references_only_where_a_name_is_meant() {
        let objects =
            [object("aws_codepipeline.shop", &[("name", "shop")]), object("aws_iam_role.shop", &[("name", "shop")])];
        assert_eq!(connected("aws_iam_role_policy.p", "role", text("shop"), &objects), "aws_iam_role.shop.name");
        assert_eq!(connected("aws_iam_role_policy.p", "name", text("shop"), &objects), "\"shop\"");
        let pattern = Expr::Object(vec![("pipeline".into(), Expr::Tuple(vec![text("shop")]))]);
        let shown = connected("aws_cloudwatch_event_rule.r", "event_pattern", pattern, &objects);
        assert_eq!(shown, "{\n  pipeline = [aws_codepipeline.shop.name]\n}");
    }

    #[test]
    fn no_block_refers_to_itself_or_in_a_circle() {
        let objects = [
            object("aws_sns_topic.a", &[("arn", "arn:aws:sns:r:1:a")]),
            object("aws_sqs_queue.b", &[("arn", "arn:aws:sqs:r:1:b")]),
        ];
        assert_eq!(connected("aws_sns_topic.a", "x", text("arn:aws:sns:r:1:a"), &objects), "\"arn:aws:sns:r:1:a\"");
        let block = |at: &str, to: &str| {
            let mut block = Block::new("resource", []);
            block.body.set("x", text(to));
            Generated { address: address(at), id: String::new(), block }
        };
        let mut blocks = [block("aws_sns_topic.a", "arn:aws:sqs:r:1:b"), block("aws_sqs_queue.b", "arn:aws:sns:r:1:a")];
        connect(&mut blocks, &objects);
        assert_eq!(blocks[0].block.body.attribute("x").unwrap().text(), "aws_sqs_queue.b.arn");
        assert_eq!(blocks[1].block.body.attribute("x").unwrap().text(), "\"arn:aws:sns:r:1:a\"");
    }
}
