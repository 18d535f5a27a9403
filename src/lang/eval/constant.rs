//! Values of expressions that must stand on their own: no references, no functions.

use super::{Resolved, Scope, evaluate};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::functions::CallContext;
use crate::lang::syntax::ast::{Expr, Traversal};
use crate::lang::value::Value;

/// The scope in which nothing can be referred to and nothing be called.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoReferences;

impl Scope for NoReferences {
    fn resolve(&self, reference: &Traversal) -> Result<Resolved, Diagnostics> {
        let diagnostic = Diagnostic::error("Variables not allowed", "Variables may not be used here.")
            .at(reference.root.span)
            .hint(format!(
                "The value must stand here itself: \"{}\" refers to something that is only known later.",
                reference.root.name
            ));
        Err(diagnostic.into())
    }

    fn call_context(&self) -> Option<&CallContext<'_>> {
        None
    }
}

/// The value of an expression without references and calls.
pub fn evaluate_constant(expr: &Expr) -> Result<Value, Diagnostics> {
    evaluate(expr, &NoReferences)
}
