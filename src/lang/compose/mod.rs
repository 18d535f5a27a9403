//! Configuration that is written rather than read: a small tree, and its text in the canonical layout.
//!
//! Whatever writes configuration (generated resources, imported pipelines) builds this tree; what it prints parses to the same values.

mod print;

use super::value::{Kind, Value};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// The inside of a file or block, in the order it is written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// Attributes, blocks and comments.
    pub items: Vec<Item>,
}

/// One entry of a [`Body`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Item {
    /// `name = value`
    Attribute {
        /// A valid identifier.
        name: String,
        /// Its value.
        value: Expr,
        /// Stands behind the value, without `#`.
        comment: Option<String>,
    },
    /// A nested block.
    Block(Block),
    /// Lines of their own, without `#`.
    Comment(String),
}

/// `kind "label" … { … }`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// `resource`, `import`, `stage` …
    pub kind: String,
    /// Labels, unquoted.
    pub labels: Vec<String>,
    /// Its inside.
    pub body: Body,
}

/// An expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Expr {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number as it is written.
    Number(String),
    /// A text without interpolation.
    Text(String),
    /// A text in which references stand.
    Template(Vec<Part>),
    /// `[a, b]`
    Tuple(Vec<Expr>),
    /// `{ a = 1 }`, in this order.
    Object(Vec<(String, Expr)>),
    /// `name(args)`
    Call(String, Vec<Expr>),
    /// `aws_iam_role.x.arn`, `each.value`: written as it is.
    Reference(String),
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Part {
    /// Text as it is meant, not escaped.
    Text(String),
    /// What stands in `${…}`.
    Reference(String),
}

impl Block {
    /// A block without content.
    pub fn new<'a>(kind: &str, labels: impl IntoIterator<Item = &'a str>) -> Self {
        let labels = labels.into_iter().map(str::to_owned).collect();
        Block { kind: kind.to_owned(), labels, body: Body::default() }
    }
}

impl Body {
    /// Adds `name = value`.
    pub fn set(&mut self, name: &str, value: Expr) {
        self.items.push(Item::Attribute { name: name.to_owned(), value, comment: None });
    }

    /// The text, formatted. Attributes and blocks stand apart; so do blocks from each other.
    pub fn text(&self) -> String {
        super::fmt::format(&print::body(self))
    }

    /// Applies `change` to every expression at every depth, inner ones first.
    pub fn rewrite(&mut self, change: &mut dyn FnMut(&mut Expr)) {
        for item in &mut self.items {
            match item {
                Item::Attribute { value, .. } => value.rewrite(change),
                Item::Block(block) => block.body.rewrite(change),
                Item::Comment(_) => {}
            }
        }
    }

    /// The value of an attribute.
    pub fn attribute(&self, wanted: &str) -> Option<&Expr> {
        self.items.iter().find_map(|item| match item {
            Item::Attribute { name, value, .. } if name == wanted => Some(value),
            _ => None,
        })
    }
}

impl Expr {
    /// A value as it is written. Unknown values, which nothing can write, become null; marks are not looked at.
    pub fn of(value: &Value) -> Self {
        match value.kind() {
            Kind::Bool(truth) => Expr::Bool(*truth),
            Kind::Number(number) => Expr::Number(number.to_string()),
            Kind::String(text) => Expr::Text(text.to_string()),
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
                Expr::Tuple(items.iter().map(Expr::of).collect())
            }
            Kind::Map(_, fields) | Kind::Object(fields) => {
                Expr::Object(fields.iter().map(|(name, v)| (name.to_string(), Expr::of(v))).collect())
            }
            _ => Expr::Null,
        }
    }

    /// A JSON document as an expression; members keep their order.
    pub fn of_json(json: &Json) -> Self {
        match json {
            Json::Null => Expr::Null,
            Json::Bool(truth) => Expr::Bool(*truth),
            Json::Number(number) => Expr::Number(number.to_string()),
            Json::String(text) => Expr::Text(text.clone()),
            Json::Array(items) => Expr::Tuple(items.iter().map(Expr::of_json).collect()),
            Json::Object(fields) => Expr::Object(fields.iter().map(|(k, v)| (k.clone(), Expr::of_json(v))).collect()),
        }
    }

    /// The expression's text, formatted.
    pub fn text(&self) -> String {
        super::fmt::format(&print::expr(self))
    }

    /// Applies `change` to this expression and every one inside it, inner ones first.
    pub fn rewrite(&mut self, change: &mut dyn FnMut(&mut Expr)) {
        match self {
            Expr::Tuple(items) | Expr::Call(_, items) => items.iter_mut().for_each(|e| e.rewrite(change)),
            Expr::Object(fields) => fields.iter_mut().for_each(|(_, e)| e.rewrite(change)),
            _ => {}
        }
        change(self);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::diagnostics::Sources;
    use crate::lang::syntax::ast::ExprKind;
    use crate::lang::syntax::parse_body;

    fn attribute(value: Expr) -> Body {
        let mut body = Body::default();
        body.set("x", value);
        body
    }

    #[test]
    fn blocks_stand_apart_and_the_layout_is_canonical() {
        let mut stage = Block::new("stage", []);
        stage.body.set("name", Expr::Text("Source".into()));
        let mut block = Block::new("resource", ["aws_codepipeline", "p"]);
        block.body.set("name", Expr::Text("p".into()));
        block.body.set("role_arn", Expr::Reference("aws_iam_role.p.arn".into()));
        block.body.items.push(Item::Block(stage.clone()));
        block.body.items.push(Item::Block(stage));
        let text = Body { items: vec![Item::Comment("From p".into()), Item::Block(block)] }.text();
        insta::assert_snapshot!(text, @r#"
        # From p
        resource "aws_codepipeline" "p" {
          name     = "p"
          role_arn = aws_iam_role.p.arn

          stage {
            name = "Source"
          }

          stage {
            name = "Source"
          }
        }
        "#);
        assert_eq!(crate::lang::fmt::format(&text), text);
    }

    #[test]
    fn texts_that_mean_something_to_the_language_are_escaped() {
        let odd = "a\"b\\c ${x} %{ if } $${y}\u{1}\ttab";
        let text = attribute(Expr::Text(odd.into())).text();
        let (body, problems) = parse_body(Sources::new().add("x.tf", text.clone()), &text);
        assert!(problems.is_empty(), "{text}");
        let ExprKind::Literal(value) = &body.attributes.first().unwrap().expr.kind else {
            unreachable!("not a literal: {text}")
        };
        assert_eq!(value.as_str(), Some(odd));
    }

    #[test]
    fn texts_of_several_whole_lines_are_heredocs() {
        let lines = "version: 0.2\n\nphases:\n  build: ${X}\n";
        let mut block = Block::new("source", []);
        block.body.set("buildspec", Expr::Text(lines.into()));
        let text = Body { items: vec![Item::Block(block)] }.text();
        insta::assert_snapshot!(text, @r"
        source {
          buildspec = <<-EOT
            version: 0.2

            phases:
              build: $${X}
          EOT
        }
        ");
        let (body, _) = parse_body(Sources::new().add("x.tf", text.clone()), &text);
        let ExprKind::Literal(value) = &body.blocks.first().unwrap().body.attributes.first().unwrap().expr.kind else {
            unreachable!("not a literal: {text}")
        };
        assert_eq!(value.as_str(), Some(lines));
    }

    #[test]
    fn json_keeps_the_order_of_its_members() {
        let json = serde_json::from_str(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","aws:x":null}]}"#,
        )
        .unwrap();
        let text = attribute(Expr::Call("jsonencode".into(), vec![Expr::of_json(&json)])).text();
        insta::assert_snapshot!(text, @r#"
        x = jsonencode({
          Version = "2012-10-17"
          Statement = [
            {
              Effect  = "Allow"
              Action  = "s3:*"
              "aws:x" = null
            },
          ]
        })
        "#);
    }

    #[test]
    fn templates_hold_references() {
        let parts = vec![Part::Reference("aws_s3_bucket.a.arn".into()), Part::Text("/*${}".into())];
        assert_eq!(attribute(Expr::Template(parts)).text(), "x = \"${aws_s3_bucket.a.arn}/*$${}\"\n");
    }
}
