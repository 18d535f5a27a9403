//! The locals and variables that the stored expressions use, evaluated when referred to.

use pipewright::diagnostics::{Diagnostic, Diagnostics, Sources};
use pipewright::lang::eval::{Resolved, Scope, Templates, evaluate, evaluate_constant, type_constraint};
use pipewright::lang::functions::CallContext;
use pipewright::lang::syntax::ast::{Body, Expr, Traversal, TraversalStep};
use pipewright::lang::syntax::parse_body;
use pipewright::lang::value::{Type, Value, convert};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The folder `fixture`.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/language/fixture")
}

/// Scope of the folder `fixture`.
pub struct Fixture {
    body: Body,
    context: CallContext<'static>,
}

impl Fixture {
    pub fn new() -> Self {
        let dir = folder();
        let text = include_str!("fixture/main.tf");
        let (body, diagnostics) = parse_body(Sources::new().add("main.tf", text), text);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        Fixture { body, context: CallContext::new(dir, &Templates) }
    }

    pub fn folder(&self) -> String {
        self.context.base_dir.to_str().unwrap().to_owned()
    }

    fn locals(&self) -> HashMap<&str, &Expr> {
        self.body.blocks_of("locals").flat_map(|b| &b.body.attributes).map(|a| (&*a.name.name, &a.expr)).collect()
    }

    fn variable(&self, name: &str) -> Option<Value> {
        let block = self.body.blocks_of("variable").find(|b| &*b.labels[0].name == name)?;
        let (ty, defaults) = match block.body.attribute("type") {
            Some(ty) => type_constraint(&ty.expr).unwrap(),
            None => (Type::Dynamic, None),
        };
        let value = evaluate_constant(&block.body.attribute("default")?.expr).unwrap();
        let value = defaults.map_or(value.clone(), |d| d.apply(value));
        Some(convert(&value, &ty).unwrap())
    }
}

impl Scope for Fixture {
    fn resolve(&self, reference: &Traversal) -> Result<Resolved, Diagnostics> {
        let error = |summary: &str, detail: String| Err(Diagnostic::error(summary, detail).at(reference.span).into());
        let step = |i: usize| match reference.steps.get(i) {
            Some(TraversalStep::Attr(name)) => Some(&*name.name),
            _ => None,
        };
        let found = |value| Ok(Resolved { value, consumed: 1 });
        match (&*reference.root.name, step(0)) {
            ("local", Some(name)) => match self.locals().get(name) {
                Some(expr) => found(evaluate(expr, self)?),
                // As a single object, so that the message is the evaluator's.
                None => Ok(Resolved { value: Value::object_of(Vec::<(&str, Value)>::new()), consumed: 0 }),
            },
            ("var", Some(name)) => match self.variable(name) {
                Some(value) => found(value),
                None => error("Reference to undeclared input variable", name.into()),
            },
            ("path", Some("module" | "root")) => found(Value::string(".")),
            ("path", Some("cwd")) => found(Value::string(self.folder())),
            ("self", _) => error(
                "Invalid \"self\" reference",
                "The \"self\" object is not available in this context. This object can be used only in resource provisioner, connection, and postcondition blocks.".into(),
            ),
            ("data", Some(kind)) => error(
                "Reference to undeclared resource",
                format!("A data resource {kind:?} {:?} has not been declared in the root module.", step(1).unwrap_or("")),
            ),
            (kind, Some(name)) => error(
                "Reference to undeclared resource",
                format!("A managed resource {kind:?} {name:?} has not been declared in the root module."),
            ),
            _ => error(
                "Invalid reference",
                "A reference to a resource type must be followed by at least one attribute access, specifying the resource name.".into(),
            ),
        }
    }

    fn call_context(&self) -> Option<&CallContext<'_>> {
        Some(&self.context)
    }
}
