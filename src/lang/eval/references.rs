//! What an expression or body refers to, without evaluating it.

use super::access::static_step;
use crate::lang::deep;
use crate::lang::syntax::ast::{Block, Body, Expr, ExprKind, Ident, ObjectKey, SplatStep, TemplatePart, Traversal};
use crate::lang::value::Kind;
use std::sync::Arc;

/// All references of an expression in source order, each as far as it is static. Names bound inside of it, by for expressions
/// and directives, are none.
pub fn references(expr: &Expr) -> Vec<Traversal> {
    let mut finder = Finder::default();
    finder.expr(expr);
    finder.found
}

/// All references of a body and the blocks in it. The iterators of `dynamic` blocks are none.
pub fn body_references(body: &Body) -> Vec<Traversal> {
    let mut finder = Finder::default();
    finder.body(body);
    finder.found
}

/// The expression as a reference, if it is one and nothing else: `aws.east`, `module.a["x"].id`.
pub fn traversal(expr: &Expr) -> Option<Traversal> {
    let mut steps = Vec::new();
    let mut at = expr;
    loop {
        match &at.kind {
            ExprKind::Variable(root) => {
                steps.reverse();
                return Some(Traversal { root: root.clone(), steps, span: expr.span });
            }
            ExprKind::GetAttr(source, _) | ExprKind::Index(source, _) => {
                steps.push(static_step(at)?);
                at = source;
            }
            _ => return None,
        }
    }
}

/// The name by which the content of a `dynamic` block knows its element: `iterator`, or the type of the blocks it makes. `None` where
/// `iterator` is not a name.
pub fn iterator_name(block: &Block) -> Option<Arc<str>> {
    match block.body.attribute("iterator") {
        Some(iterator) => keyword(&iterator.expr).map(Arc::from),
        None => block.labels.first().map(|label| label.name.clone()),
    }
}

/// The expression as a bare word, if it is one: `string`, `all`, `true`, `null`.
pub fn keyword(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Variable(name) => Some(&name.name),
        ExprKind::Literal(value) => match value.kind() {
            Kind::Bool(true) => Some("true"),
            Kind::Bool(false) => Some("false"),
            Kind::Null(_) => Some("null"),
            _ => None,
        },
        _ => None,
    }
}

#[derive(Default)]
struct Finder {
    found: Vec<Traversal>,
    bound: Vec<Arc<str>>,
}

impl Finder {
    fn expr(&mut self, expr: &Expr) {
        // Where no further stack can be had, nothing of this depth can be evaluated either.
        let _ = deep::deeper(|| self.expr_here(expr));
    }

    fn all<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>) {
        for expr in exprs {
            self.expr(expr);
        }
    }

    fn expr_here(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Literal(_) => {}
            ExprKind::Variable(_) | ExprKind::GetAttr(..) | ExprKind::Index(..) => self.chain(expr),
            ExprKind::Template(parts) => self.parts(parts),
            ExprKind::Tuple(items) => self.all(items),
            ExprKind::Object(items) => {
                for item in items {
                    if let ObjectKey::Expr(key) = &item.key {
                        self.expr(key);
                    }
                    self.expr(&item.value);
                }
            }
            ExprKind::Splat(splat) => {
                self.expr(&splat.source);
                self.steps(&splat.steps);
            }
            ExprKind::Call(call) => self.all(&call.args),
            ExprKind::Conditional(c) => self.all([&c.condition, &c.then, &c.otherwise]),
            ExprKind::For(parts) => {
                self.expr(&parts.collection);
                self.within(names(parts.key.as_ref(), &parts.value), |finder| {
                    finder.all(parts.key_expr.as_ref());
                    finder.expr(&parts.value_expr);
                    finder.all(parts.condition.as_ref());
                });
            }
            ExprKind::Unary(_, operand) => self.expr(operand),
            ExprKind::Binary(..) => {
                let mut operands = Vec::new();
                let mut at = expr;
                while let ExprKind::Binary(_, left, right) = &at.kind {
                    operands.push(&**right);
                    at = left;
                }
                operands.push(at);
                self.all(operands.into_iter().rev());
            }
            ExprKind::Parens(inner) => self.expr(inner),
        }
    }

    /// A variable with the static steps after it, and whatever stands in the keys of the others.
    fn chain(&mut self, expr: &Expr) {
        let mut steps = Vec::new();
        let mut start = expr;
        while let ExprKind::GetAttr(source, _) | ExprKind::Index(source, _) = &start.kind {
            steps.push(start);
            start = source;
        }
        steps.reverse();
        if let ExprKind::Variable(root) = &start.kind {
            if !self.bound.contains(&root.name) {
                let mut found = Traversal { root: root.clone(), steps: Vec::new(), span: root.span };
                for step in &steps {
                    let Some(next) = static_step(step) else { break };
                    found.steps.push(next);
                    found.span = step.span;
                }
                self.found.push(found);
            }
        } else {
            self.expr(start);
        }
        for step in steps {
            if let ExprKind::Index(_, key) = &step.kind {
                self.expr(key);
            }
        }
    }

    fn steps(&mut self, steps: &[SplatStep]) {
        for step in steps {
            match step {
                SplatStep::Attr(_) => {}
                SplatStep::Index(key) => self.expr(key),
                SplatStep::Splat(inner) => {
                    let _ = deep::deeper(|| self.steps(&inner.steps));
                }
            }
        }
    }

    fn parts(&mut self, parts: &[TemplatePart]) {
        for part in parts {
            match part {
                TemplatePart::Text(_) => {}
                TemplatePart::Interpolation(expr) => self.expr(expr),
                TemplatePart::If { condition, then, otherwise, .. } => {
                    self.expr(condition);
                    let _ = deep::deeper(|| {
                        self.parts(then);
                        self.parts(otherwise);
                    });
                }
                TemplatePart::For { key, value, collection, body, .. } => {
                    self.expr(collection);
                    self.within(names(key.as_ref(), value), |finder| {
                        let _ = deep::deeper(|| finder.parts(body));
                    });
                }
            }
        }
    }

    fn within(&mut self, names: impl IntoIterator<Item = Arc<str>>, work: impl FnOnce(&mut Self)) {
        let before = self.bound.len();
        self.bound.extend(names);
        work(self);
        self.bound.truncate(before);
    }

    fn body(&mut self, body: &Body) {
        for attribute in &body.attributes {
            if attribute.is_json() {
                self.json(&attribute.name.name, &attribute.expr);
            } else {
                self.expr(&attribute.expr);
            }
        }
        for block in &body.blocks {
            let _ = deep::deeper(|| self.block(block));
        }
    }

    fn block(&mut self, block: &Block) {
        if &*block.kind.name != "dynamic" || block.labels.len() != 1 {
            return self.body(&block.body);
        }
        if let Some(each) = block.body.attribute("for_each") {
            self.expr(&each.expr);
        }
        // Without a name for the element nobody can tell what in the content refers to it; that it has none is an error of its own.
        let Some(iterator) = iterator_name(block) else { return };
        self.within([iterator], |finder| {
            if let Some(labels) = block.body.attribute("labels") {
                finder.expr(&labels.expr);
            }
            for content in &block.body.blocks {
                finder.body(&content.body);
            }
        });
    }

    /// An argument of JSON syntax, which may stand for blocks: inside, `dynamic` binds names as in native syntax.
    fn json(&mut self, name: &str, expr: &Expr) {
        let _ = deep::deeper(|| match &expr.kind {
            ExprKind::Tuple(items) => items.iter().for_each(|item| self.json(name, item)),
            ExprKind::Object(items) => {
                for item in items {
                    let key = match &item.key {
                        ObjectKey::Name(key) => Some(&*key.name),
                        ObjectKey::Expr(key) => {
                            self.expr(key);
                            text_of(key)
                        }
                    };
                    match key {
                        Some(label) if name == "dynamic" => self.json_dynamic(label, &item.value),
                        key => self.json(key.unwrap_or_default(), &item.value),
                    }
                }
            }
            _ => self.expr(expr),
        });
    }

    /// What `dynamic` makes of one block type: an object, or an array of them.
    fn json_dynamic(&mut self, label: &str, expr: &Expr) {
        match &expr.kind {
            ExprKind::Tuple(items) => items.iter().for_each(|item| self.json_dynamic(label, item)),
            ExprKind::Object(items) => {
                let argument = |name: &str| {
                    let found = items.iter().find(|item| match &item.key {
                        ObjectKey::Name(key) => &*key.name == name,
                        ObjectKey::Expr(key) => text_of(key) == Some(name),
                    });
                    found.map(|item| &item.value)
                };
                self.all(argument("for_each"));
                let iterator = argument("iterator").and_then(text_of).unwrap_or(label);
                self.within([Arc::from(iterator)], |finder| {
                    finder.all(argument("labels"));
                    if let Some(content) = argument("content") {
                        finder.json("content", content);
                    }
                });
            }
            _ => self.expr(expr),
        }
    }
}

/// The text of a string without interpolation.
fn text_of(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Literal(value) => value.as_str(),
        _ => None,
    }
}

/// The names a `for` binds.
fn names<'a>(key: Option<&'a Ident>, value: &'a Ident) -> impl Iterator<Item = Arc<str>> + 'a {
    key.into_iter().chain([value]).map(|name| name.name.clone())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::diagnostics::Sources;
    use crate::lang::syntax::{parse_body, parse_expression};

    fn found(text: &str) -> Vec<String> {
        let sources = Sources::new();
        let expr = parse_expression(sources.add("t", text), text, 0).unwrap();
        references(&expr).iter().map(|r| sources.text(r.span)).collect()
    }

    #[test]
    fn references_go_as_far_as_they_are_static() {
        assert_eq!(found("a.b[\"k\"].c[d.e].f + g[0][*].h"), ["a.b[\"k\"].c", "d.e", "g[0]"]);
        assert_eq!(found("{a = b.c, (d) = 1, \"${e.f}\" = 2}"), ["b.c", "d", "e.f"]);
    }

    #[test]
    fn names_bound_inside_are_none() {
        assert_eq!(found("[for k, v in a.b : \"${k}${v.x}${c}\" if v != d.e]"), ["a.b", "c", "d.e"]);
        assert_eq!(found("\"%{for x in x.y}${x}%{endfor}\""), ["x.y"]);
    }

    #[test]
    fn iterators_of_dynamic_blocks_are_none() {
        let text = "a = b.c\ndynamic \"rule\" {\n  for_each = var.rules\n  content {\n    x = rule.value\n    y = local.y\n    dynamic \"inner\" {\n      for_each = rule.value.z\n      iterator = it\n      content {\n        w = [it.key, inner.key, rule.key]\n      }\n    }\n  }\n}\n";
        let sources = Sources::new();
        let (body, _) = parse_body(sources.add("t", text), text);
        let found: Vec<_> = body_references(&body).iter().map(|r| sources.text(r.span)).collect();
        assert_eq!(found, ["b.c", "var.rules", "local.y", "inner.key"]);
    }

    #[test]
    fn only_whole_references_are_traversals() {
        let whole = |text: &str| {
            traversal(&parse_expression(Sources::new().add("t", text), text, 0).unwrap()).map(|t| t.steps.len())
        };
        assert_eq!(whole("module.a[\"x\"].id[0]"), Some(4));
        assert_eq!(whole("a[b]"), None);
        assert_eq!(whole("a[*]"), None);
    }
}
