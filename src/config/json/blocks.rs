//! The blocks of the language itself in JSON: names of properties are block types and labels.

use super::COMMENT;
use super::expression::template;
use super::node::{Kind, Member, Node};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::syntax::ast::{Block, Body, Ident};

/// A block type: its name, how many labels it has, and the block types inside.
struct Nested {
    kind: &'static str,
    labels: usize,
    inside: &'static [Nested],
}

const fn leaf(kind: &'static str, labels: usize) -> Nested {
    Nested { kind, labels, inside: &[] }
}

const LIFECYCLE: Nested =
    Nested { kind: "lifecycle", labels: 0, inside: &[leaf("precondition", 0), leaf("postcondition", 0)] };
const PROVISIONER: Nested = Nested { kind: "provisioner", labels: 1, inside: &[leaf("connection", 0)] };
const DYNAMIC: Nested = Nested { kind: "dynamic", labels: 1, inside: &[leaf("content", 0)] };

const TOP: &[Nested] = &[
    Nested {
        kind: "terraform",
        labels: 0,
        inside: &[leaf("backend", 1), leaf("cloud", 0), leaf("required_providers", 0), leaf("provider_meta", 1)],
    },
    leaf("required_providers", 0),
    leaf("provider", 1),
    Nested { kind: "variable", labels: 1, inside: &[leaf("validation", 0)] },
    leaf("locals", 0),
    Nested { kind: "output", labels: 1, inside: &[leaf("precondition", 0), leaf("postcondition", 0)] },
    leaf("module", 1),
    Nested { kind: "resource", labels: 2, inside: &[LIFECYCLE, leaf("connection", 0), PROVISIONER, DYNAMIC] },
    Nested { kind: "data", labels: 2, inside: &[LIFECYCLE, DYNAMIC] },
    Nested { kind: "ephemeral", labels: 2, inside: &[LIFECYCLE, DYNAMIC] },
    leaf("moved", 0),
    Nested { kind: "removed", labels: 0, inside: &[leaf("lifecycle", 0), leaf("connection", 0), PROVISIONER] },
    leaf("import", 0),
    Nested {
        kind: "check",
        labels: 1,
        inside: &[Nested { kind: "data", labels: 2, inside: &[DYNAMIC] }, leaf("assert", 0)],
    },
];

/// A whole file: an object, or an array of objects.
pub(super) fn file(node: &Node, d: &mut Diagnostics) -> Body {
    let mut body = Body { attributes: Vec::new(), blocks: Vec::new(), span: node.span };
    fill(&mut body, node, TOP, d);
    body
}

fn fill(body: &mut Body, node: &Node, known: &[Nested], d: &mut Diagnostics) {
    match &node.kind {
        Kind::Object(members) => {
            for member in members.iter().filter(|m| m.name != COMMENT) {
                match known.iter().find(|n| n.kind == member.name) {
                    Some(nested) => blocks(body, nested, member, &mut Vec::new(), &member.value, d),
                    None => body.attributes.push(member.attribute(template(&member.value, d))),
                }
            }
        }
        Kind::Array(items) => {
            for item in items {
                fill(body, item, known, d);
            }
        }
        _ => {
            let detail =
                "Either a JSON object or JSON array of objects is required here, to define arguments and child blocks.";
            d.push(Diagnostic::error("Incorrect JSON value type", detail).at(node.span));
        }
    }
}

fn blocks(
    body: &mut Body,
    nested: &Nested,
    member: &Member,
    labels: &mut Vec<Ident>,
    node: &Node,
    d: &mut Diagnostics,
) {
    match &node.kind {
        Kind::Null => {}
        Kind::Array(items) => {
            for item in items {
                blocks(body, nested, member, labels, item, d);
            }
        }
        Kind::Object(members) if labels.len() < nested.labels => {
            for label in members.iter().filter(|m| m.name != COMMENT) {
                labels.push(label.ident());
                blocks(body, nested, member, labels, &label.value, d);
                labels.pop();
            }
        }
        Kind::Object(_) => {
            let mut inner = Body { attributes: Vec::new(), blocks: Vec::new(), span: node.span };
            fill(&mut inner, node, nested.inside, d);
            let header = labels.last().map_or(member.name_span, |l| l.span);
            let (kind, labels) = (member.ident(), labels.clone());
            body.blocks.push(Block { kind, labels, body: inner, header, span: header.to(node.span) });
        }
        _ => {
            let what =
                if labels.len() < nested.labels { "whose property names are labels" } else { "of its arguments" };
            let detail = format!("A JSON object {what} is required here, for a {} block.", nested.kind);
            d.push(Diagnostic::error("Incorrect JSON value type", detail).at(node.span));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use crate::diagnostics::Sources;
    use crate::lang::syntax::ast::{Body, ExprKind};

    fn read(text: &str) -> (Body, Vec<String>) {
        let file = Sources::new().add("x.tf.json", text);
        let (body, d) = super::super::parse_config(file, text);
        (body, d.iter().map(|d| d.summary.clone()).collect())
    }

    #[test]
    fn property_names_are_block_types_and_labels() {
        let (body, problems) = read(
            r#"{"//": "note", "resource": {"aws_iam_role": {"a": {"name": "x-${var.n}", "count": 2, "tag": [{"k": 1}],
                 "lifecycle": {"ignore_changes": ["name"], "precondition": [{"condition": "${true}"}]}},
                 "b": [{"name": "y"}]}}, "locals": {"l": {"k": [1, null, true]}}}"#,
        );
        assert!(problems.is_empty(), "{problems:?}");
        let heads: Vec<String> = body
            .blocks
            .iter()
            .map(|b| b.labels.iter().fold(b.kind.name.to_string(), |text, l| text + " " + &l.name))
            .collect();
        assert_eq!(heads, ["resource aws_iam_role a", "resource aws_iam_role b", "locals"]);
        let role = &body.blocks[0].body;
        assert!(matches!(role.attribute("name").unwrap().expr.kind, ExprKind::Template(_)));
        assert!(matches!(role.attribute("tag").unwrap().expr.kind, ExprKind::Tuple(_)));
        assert_eq!(role.blocks[0].body.blocks[0].kind.name.as_ref(), "precondition");
    }

    #[test]
    fn values_of_the_wrong_kind_are_reported() {
        assert_eq!(read("[1]").1, ["Incorrect JSON value type"]);
        assert_eq!(read(r#"{"resource": {"t": "x"}}"#).1, ["Incorrect JSON value type"]);
        assert_eq!(read(r#"{"locals": 1}"#).1, ["Incorrect JSON value type"]);
    }
}
