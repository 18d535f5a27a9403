//! The blocks of the language itself in JSON: names of properties are block types and labels.

use super::COMMENT;
use super::expression::{iterator, literal, template};
use super::node::{Kind, Member, Node};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::syntax::ast::{Block, Body, Ident};

/// A block type: its name, how many labels it has, which strings in it are no templates, and the block types inside.
struct Nested {
    kind: &'static str,
    labels: usize,
    plain: Plain,
    inside: &'static [Nested],
}

/// Arguments that are read before anything can be referred to: `${` in their strings is text.
enum Plain {
    None,
    All,
    Only(&'static [&'static str]),
}

impl Plain {
    fn holds(&self, argument: &str) -> bool {
        match self {
            Plain::None => false,
            Plain::All => true,
            Plain::Only(names) => names.contains(&argument),
        }
    }
}

const fn leaf(kind: &'static str, labels: usize) -> Nested {
    Nested { kind, labels, plain: Plain::None, inside: &[] }
}

const fn plain_leaf(kind: &'static str, labels: usize, plain: Plain) -> Nested {
    Nested { kind, labels, plain, inside: &[] }
}

const LIFECYCLE: Nested = Nested {
    kind: "lifecycle",
    labels: 0,
    plain: Plain::Only(&["create_before_destroy", "prevent_destroy", "destroy"]),
    inside: &[leaf("precondition", 0), leaf("postcondition", 0)],
};
const PROVISIONER: Nested =
    Nested { kind: "provisioner", labels: 1, plain: Plain::None, inside: &[leaf("connection", 0)] };
const DYNAMIC: Nested = Nested { kind: "dynamic", labels: 1, plain: Plain::None, inside: &[leaf("content", 0)] };

const TOP: &[Nested] = &[
    Nested {
        kind: "terraform",
        labels: 0,
        plain: Plain::All,
        inside: &[
            plain_leaf("backend", 1, Plain::All),
            plain_leaf("cloud", 0, Plain::All),
            plain_leaf("required_providers", 0, Plain::All),
            leaf("provider_meta", 1),
        ],
    },
    plain_leaf("required_providers", 0, Plain::All),
    plain_leaf("provider", 1, Plain::Only(&["alias", "version"])),
    Nested { kind: "variable", labels: 1, plain: Plain::All, inside: &[leaf("validation", 0)] },
    leaf("locals", 0),
    Nested {
        kind: "output",
        labels: 1,
        plain: Plain::Only(&["description", "sensitive", "ephemeral"]),
        inside: &[leaf("precondition", 0), leaf("postcondition", 0)],
    },
    plain_leaf("module", 1, Plain::Only(&["source", "version"])),
    Nested {
        kind: "resource",
        labels: 2,
        plain: Plain::None,
        inside: &[LIFECYCLE, leaf("connection", 0), PROVISIONER, DYNAMIC],
    },
    Nested { kind: "data", labels: 2, plain: Plain::None, inside: &[LIFECYCLE, DYNAMIC] },
    Nested { kind: "ephemeral", labels: 2, plain: Plain::None, inside: &[LIFECYCLE, DYNAMIC] },
    leaf("moved", 0),
    Nested {
        kind: "removed",
        labels: 0,
        plain: Plain::None,
        inside: &[plain_leaf("lifecycle", 0, Plain::Only(&["destroy"])), leaf("connection", 0), PROVISIONER],
    },
    leaf("import", 0),
    Nested {
        kind: "check",
        labels: 1,
        plain: Plain::None,
        inside: &[Nested { kind: "data", labels: 2, plain: Plain::None, inside: &[DYNAMIC] }, leaf("assert", 0)],
    },
];

/// A whole file: an object, or an array of objects.
pub(super) fn file(node: &Node, d: &mut Diagnostics) -> Body {
    let mut body = Body { attributes: Vec::new(), blocks: Vec::new(), span: node.span };
    fill(&mut body, node, TOP, &Plain::None, d);
    body
}

fn fill(body: &mut Body, node: &Node, known: &[Nested], plain: &Plain, d: &mut Diagnostics) {
    match &node.kind {
        Kind::Object(members) => {
            for member in members.iter().filter(|m| m.name != COMMENT) {
                match known.iter().find(|n| n.kind == member.name) {
                    Some(nested) => blocks(body, nested, member, &mut Vec::new(), &member.value, d),
                    None if plain.holds(&member.name) => body.attributes.push(member.attribute(literal(&member.value))),
                    None => body.attributes.push(member.attribute(template(&member.value, d))),
                }
            }
        }
        Kind::Array(items) => {
            for item in items {
                fill(body, item, known, plain, d);
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
            fill(&mut inner, node, nested.inside, &nested.plain, d);
            if nested.kind == super::DYNAMIC {
                inner.attributes = std::mem::take(&mut inner.attributes).into_iter().map(iterator).collect();
            }
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
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use crate::diagnostics::Sources;
    use crate::lang::syntax::ast::{Body, Expr, ExprKind};

    fn read(text: &str) -> (Body, Vec<String>) {
        let file = Sources::new().add("x.tf.json", text);
        let (body, d) = super::super::parse_config(file, text);
        (body, d.iter().map(|d| d.summary.clone()).collect())
    }

    #[test]
    fn strings_read_before_anything_can_be_referred_to_are_text() {
        let (body, problems) = read(
            r#"{"variable": {"a": {"description": "for ${x", "default": {"k": "${x}"}, "validation": {"condition": "${var.a}"}}},
                "module": {"m": {"source": "./${x}", "v": "${x}"}}, "output": {"o": {"value": "${x}", "description": "%{"}}}"#,
        );
        assert!(problems.is_empty(), "{problems:?}");
        let template = |block: usize, name: &str| {
            matches!(body.blocks[block].body.attribute(name).unwrap().expr.kind, ExprKind::Template(_))
        };
        assert!(!template(0, "description") && !template(1, "source") && !template(2, "description"));
        assert!(template(1, "v") && template(2, "value"));
        let default = &body.blocks[0].body.attribute("default").unwrap().expr.kind;
        let is_text = |expr: &Expr| matches!(&expr.kind, ExprKind::Literal(text) if text.as_str() == Some("${x}"));
        assert!(matches!(default, ExprKind::Object(items) if is_text(&items[0].value)));
        assert!(matches!(
            body.blocks[0].body.blocks[0].body.attribute("condition").unwrap().expr.kind,
            ExprKind::Template(_)
        ));
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
