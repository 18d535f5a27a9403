//! Where the statements of a policy stand in the source: in a `jsonencode` call, in the blocks of a policy document's data source, or in
//! a text.

use crate::diagnostics::Span;
use crate::lang::syntax::ast::{Expr, ExprKind, ObjectItem, ObjectKey};
use crate::lint::model::{Attr, Model, Object};

/// How a policy is written.
#[derive(Debug, Clone)]
pub enum Form<'m> {
    /// `jsonencode({ … })`: the object.
    Encoded(&'m Expr),
    /// The blocks of `data "aws_iam_policy_document"`.
    Data(&'m Object<'m>),
    /// A literal or heredoc without interpolation of its structure: the whole expression.
    Text(&'m Expr),
    /// Some other expression, or none.
    Other,
}

/// How the policy in this attribute is written.
pub fn form_of<'m>(model: &'m Model<'m>, attr: &Attr<'m>) -> Form<'m> {
    let Some(mut expr) = attr.expr() else { return Form::Other };
    while let ExprKind::Parens(inner) = &expr.kind {
        expr = inner;
    }
    match &expr.kind {
        ExprKind::Call(call) if &*call.name.name == "jsonencode" => match call.args.first() {
            Some(object) if matches!(object.kind, ExprKind::Object(_)) => Form::Encoded(object),
            _ => Form::Other,
        },
        ExprKind::Literal(_) | ExprKind::Template(_) => match data_reference(expr) {
            Some(name) => data(model, attr.object(), &name),
            None => Form::Text(expr),
        },
        _ => match data_reference(expr) {
            Some(name) => data(model, attr.object(), &name),
            None => Form::Other,
        },
    }
}

/// `data.aws_iam_policy_document.NAME[…].json`, also alone in a template.
fn data_reference(expr: &Expr) -> Option<String> {
    use crate::lang::syntax::ast::TemplatePart;
    match &expr.kind {
        ExprKind::Template(parts) => match parts.as_slice() {
            [TemplatePart::Interpolation(inner)] => data_reference(inner),
            _ => None,
        },
        ExprKind::GetAttr(of, last) if &*last.name == "json" => {
            let of = match &of.kind {
                ExprKind::Index(inner, key) => match &key.kind {
                    ExprKind::Literal(value) => {
                        let key = match value.as_str() {
                            Some(text) => format!("[{}]", crate::lang::value::quote(text)),
                            None => format!("[{}]", value.as_i64()?),
                        };
                        return Some(format!("{}{key}", plain(inner)?));
                    }
                    _ => return None,
                },
                _ => of,
            };
            plain(of)
        }
        _ => None,
    }
}

/// `data.aws_iam_policy_document.NAME`
fn plain(expr: &Expr) -> Option<String> {
    let ExprKind::GetAttr(of, name) = &expr.kind else { return None };
    let ExprKind::GetAttr(root, kind) = &of.kind else { return None };
    let ExprKind::Variable(root) = &root.kind else { return None };
    (&*root.name == "data" && &*kind.name == "aws_iam_policy_document")
        .then(|| format!("data.aws_iam_policy_document.{}", name.name))
}

fn data<'m>(model: &'m Model<'m>, near: &Object<'_>, name: &str) -> Form<'m> {
    let module = near.instance().module.to_string();
    let address = if module.is_empty() { name.to_owned() } else { format!("{module}.{name}") };
    model.object(&address).map_or(Form::Other, Form::Data)
}

impl<'m> Form<'m> {
    /// Whether statement `n` of the document is the `n`th that is written here: nothing is merged in from elsewhere.
    pub fn is_plain(&self) -> bool {
        match self {
            Form::Encoded(_) | Form::Text(_) => true,
            Form::Data(object) => {
                !object.get("source_policy_documents").is_set()
                    && !object.get("override_policy_documents").is_set()
                    && object
                        .block()
                        .is_some_and(|b| b.body.blocks_of("statement").count() == object.blocks("statement").len())
            }
            Form::Other => false,
        }
    }

    /// Where a statement stands.
    pub fn statement(&self, number: usize) -> Option<Span> {
        match self {
            Form::Encoded(object) => Some(statement_expr(object, number)?.span),
            Form::Data(object) if self.is_plain() => {
                object.block()?.body.blocks_of("statement").nth(number).map(|b| b.span)
            }
            Form::Data(object) => object.span(),
            _ => None,
        }
    }

    /// Where a part of a statement stands: `Action`, `Resource`, `Condition`, `Principal`, `Sid`.
    pub fn part(&self, number: usize, key: &str) -> Option<Span> {
        match self {
            Form::Encoded(object) => Some(item(statement_expr(object, number)?, key)?.value.span),
            Form::Data(object) if self.is_plain() => {
                let block = object.block()?.body.blocks_of("statement").nth(number)?;
                let name = match key {
                    "Action" => "actions",
                    "NotAction" => "not_actions",
                    "Resource" => "resources",
                    "NotResource" => "not_resources",
                    "Sid" => "sid",
                    "Condition" => return block.body.blocks_of("condition").next().map(|b| b.span),
                    "Principal" => return block.body.blocks_of("principals").next().map(|b| b.span),
                    "NotPrincipal" => return block.body.blocks_of("not_principals").next().map(|b| b.span),
                    _ => return None,
                };
                Some(block.body.attribute(name)?.span)
            }
            _ => None,
        }
    }
}

/// The item of an object expression with this key, whatever its case: JSON policies have capitals.
pub fn item<'e>(expr: &'e Expr, key: &str) -> Option<&'e ObjectItem> {
    let ExprKind::Object(items) = &expr.kind else { return None };
    items.iter().rev().find(|item| match &item.key {
        ObjectKey::Name(name) => &*name.name == key,
        ObjectKey::Expr(expr) => matches!(&expr.kind, ExprKind::Literal(v) if v.as_str() == Some(key)),
    })
}

/// The expression of a statement.
pub fn statement_expr(object: &Expr, number: usize) -> Option<&Expr> {
    let statements = &item(object, "Statement")?.value;
    match &statements.kind {
        ExprKind::Tuple(items) => items.get(number),
        ExprKind::Object(_) if number == 0 => Some(statements),
        _ => None,
    }
}
