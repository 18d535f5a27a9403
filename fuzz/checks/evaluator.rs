//! Every expression has a value or fails with a message. Nothing panics.

use pipewright::diagnostics::{Diagnostic, Diagnostics, Sources};
use pipewright::lang::eval::{Resolved, Scope, Templates, evaluate};
use pipewright::lang::functions::CallContext;
use pipewright::lang::syntax::ast::{Traversal, TraversalStep};
use pipewright::lang::syntax::{parse_expression, parse_template};
use pipewright::lang::value::{Type, Value, convert, to_json};
use std::path::Path;

/// Functions whose cost grows with numbers in their arguments, by their purpose.
const COSTLY: &[&str] = &["bcrypt", "range", "setproduct", "pow", "rsadecrypt", "format", "repeat", "1e", "1E", "cidr"];

/// As expression and as template, with unknown, sensitive, null and ordinary values in reach.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if COSTLY.iter().any(|name| text.contains(name)) {
        return;
    }
    let names = Names { context: CallContext::new(Path::new("/nonexistent"), &Templates) };
    let file = Sources::new().add("fuzz", text);
    for expression in [parse_expression(file, text, 0), parse_template(file, text, 0)].into_iter().flatten() {
        match evaluate(&expression, &names) {
            Ok(value) => {
                let _ = (to_json(&value), value.ty(), convert(&value, &Type::String));
            }
            Err(problems) => assert!(problems.has_errors(), "{text:?}"),
        }
    }
}

struct Names {
    context: CallContext<'static>,
}

impl Scope for Names {
    fn resolve(&self, reference: &Traversal) -> Result<Resolved, Diagnostics> {
        let list = || Value::tuple(vec![Value::number(1), Value::string("two"), Value::null(Type::Dynamic)]);
        let name = match reference.steps.first() {
            Some(TraversalStep::Attr(name)) => &*name.name,
            _ => "",
        };
        let value = match (&*reference.root.name, name) {
            ("var", "unknown") => Value::unknown(Type::String),
            ("var", "any") => Value::unknown(Type::Dynamic),
            ("var", "list") => list(),
            ("var", "map") => Value::object_of([("a", Value::number(1)), ("b", list())]),
            ("var", "secret") => Value::string("hidden").sensitive(),
            ("var", "null") => Value::null(Type::String),
            ("var", _) => Value::string("text"),
            _ => {
                return Err(Diagnostic::error("Reference to undeclared resource", "There is none.")
                    .at(reference.span)
                    .into());
            }
        };
        Ok(Resolved { value, consumed: 1 })
    }

    fn call_context(&self) -> Option<&CallContext<'_>> {
        Some(&self.context)
    }
}
