//! Addresses written as expressions: in `moved`, `removed`, `import` and `replace_triggered_by`.

use super::references::instance_key;
use crate::address::{AbsResource, InstanceKey, Mode, ModuleInstance, Resource, Target};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::eval::{Scope, evaluate};
use crate::lang::syntax::ast::{Expr, ExprKind, Ident, Traversal, TraversalStep};

/// The expression as a reference with all its keys known. Keys that are no constants need a scope.
pub(super) fn concrete_traversal(expr: &Expr, scope: Option<&dyn Scope>) -> Result<Traversal, Diagnostics> {
    let mut steps = Vec::new();
    let root = walk(expr, scope, &mut steps)?;
    Ok(Traversal { root, steps, span: expr.span })
}

fn walk(expr: &Expr, scope: Option<&dyn Scope>, steps: &mut Vec<TraversalStep>) -> Result<Ident, Diagnostics> {
    match &expr.kind {
        ExprKind::Variable(name) => Ok(name.clone()),
        ExprKind::GetAttr(inner, name) => {
            let root = walk(inner, scope, steps)?;
            steps.push(TraversalStep::Attr(name.clone()));
            Ok(root)
        }
        ExprKind::Index(inner, key) => {
            let root = walk(inner, scope, steps)?;
            let value = match (&key.kind, scope) {
                (ExprKind::Literal(value), _) => value.clone(),
                (_, Some(scope)) => evaluate(key, scope)?,
                (_, None) => return Err(not_an_address(key)),
            };
            let (value, _) = value.unmark();
            if !value.is_known() {
                return Err(Diagnostic::error(
                    "Invalid index",
                    "The key of an address must be known when planning, but this one is known only after apply.",
                )
                .at(key.span)
                .into());
            }
            steps.push(TraversalStep::Index(value, key.span));
            Ok(root)
        }
        _ => Err(not_an_address(expr)),
    }
}

fn not_an_address(expr: &Expr) -> Diagnostics {
    Diagnostic::error(
        "Invalid address",
        "An address is needed here: a module or resource, such as aws_s3_bucket.a[\"x\"] or module.m, not an expression.",
    )
    .at(expr.span)
    .into()
}

/// The expression as an address relative to a module.
pub(super) fn target(expr: &Expr, scope: Option<&dyn Scope>) -> Result<Target, Diagnostics> {
    let traversal = concrete_traversal(expr, scope)?;
    let bad = || not_an_address(expr);
    let mut steps = traversal.steps.iter().peekable();
    let mut root = &traversal.root;
    let mut module = ModuleInstance::root();
    while &*root.name == "module" {
        let Some(TraversalStep::Attr(name)) = steps.next() else { return Err(bad()) };
        let key = next_key(&mut steps);
        module = module.child(&name.name, key);
        match steps.next() {
            Some(TraversalStep::Attr(next)) => root = next,
            None => return Ok(Target::Module(module)),
            Some(_) => return Err(bad()),
        }
    }
    let (mode, type_name) = match &*root.name {
        "data" => match steps.next() {
            Some(TraversalStep::Attr(kind)) => (Mode::Data, kind),
            _ => return Err(bad()),
        },
        "resource" => match steps.next() {
            Some(TraversalStep::Attr(kind)) => (Mode::Managed, kind),
            _ => return Err(bad()),
        },
        _ => (Mode::Managed, root),
    };
    let Some(TraversalStep::Attr(name)) = steps.next() else { return Err(bad()) };
    let resource = Resource { mode, type_name: type_name.name.to_string(), name: name.name.to_string() };
    let address = AbsResource { module, resource };
    let key = next_key(&mut steps);
    if steps.next().is_some() {
        return Err(bad());
    }
    Ok(match key {
        Some(key) => Target::Instance(address.instance(Some(key))),
        None => Target::Resource(address),
    })
}

fn next_key<'a>(steps: &mut std::iter::Peekable<impl Iterator<Item = &'a TraversalStep>>) -> Option<InstanceKey> {
    let Some(TraversalStep::Index(value, _)) = steps.peek() else { return None };
    let key = instance_key(value)?;
    steps.next();
    Some(key)
}
