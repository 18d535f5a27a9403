//! What a function is, and how one is called.

use crate::lang::value::{Fields, Marks, Refinement, Type, Value, convert};
use std::path::{Path, PathBuf};

/// Why a call has no result.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionError {
    /// Index of the argument that is to blame, if one is.
    pub argument: Option<usize>,
    /// What is wrong. Of an argument: what stands after `Invalid value for "x" parameter: `. Without full stop.
    pub message: String,
}

impl FunctionError {
    /// Trouble with one argument.
    pub fn argument(index: usize, message: impl Into<String>) -> Self {
        FunctionError { argument: Some(index), message: message.into() }
    }

    /// Trouble with the call.
    pub fn call(message: impl Into<String>) -> Self {
        FunctionError { argument: None, message: message.into() }
    }
}

impl std::fmt::Display for FunctionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for FunctionError {}

/// A parameter: what it is called, takes and lets through.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// Its name, as messages have it.
    pub name: &'static str,
    /// The type arguments are converted to.
    pub ty: fn() -> Type,
    /// The function sees null.
    pub allow_null: bool,
    /// The function sees unknown values; otherwise one makes the result unknown.
    pub allow_unknown: bool,
    /// The function sees marks; otherwise they are removed and put on the result.
    pub allow_marked: bool,
    /// The function sees values whose type is not known; otherwise one makes the result's type unknown too.
    pub allow_dynamic: bool,
}

/// What is known of an unknown result.
#[derive(Clone, Copy)]
pub enum Refine {
    /// Nothing.
    Nothing,
    /// It is not null.
    NotNull,
    /// More.
    With(fn() -> Refinement),
}

/// The type of the result for these arguments, which may be unknown.
pub type ReturnType = fn(&[Value]) -> Result<Type, FunctionError>;

/// A function of the language.
#[derive(Clone, Copy)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// Its parameters.
    pub params: &'static [Param],
    /// What further arguments it takes, if any.
    pub variadic: Option<Param>,
    /// The type of its result.
    pub return_type: ReturnType,
    /// What is known of a result that is not known yet.
    pub refine: Refine,
    /// The work itself. The last argument is the result's type as `return_type` gave it.
    pub run: fn(&CallContext<'_>, &[Value], &Type) -> Result<Value, FunctionError>,
}

impl Function {
    /// The parameter an argument belongs to.
    pub fn param(&self, index: usize) -> Option<&Param> {
        self.params.get(index).or(self.variadic.as_ref())
    }
}

/// Renders templates for `templatefile` and `templatestring`.
pub trait TemplateRenderer: Sync {
    /// The template's value: `text` with `vars` as its only variables. `source_name` stands in messages. Calls inside
    /// the template are made with `context`. A variable that is missing is an error of argument 1 (`vars`).
    fn render(
        &self,
        context: &CallContext<'_>,
        source_name: &str,
        text: &str,
        vars: &Fields,
    ) -> Result<Value, FunctionError>;
}

/// A renderer where templates cannot be rendered.
pub struct NoTemplates;

impl TemplateRenderer for NoTemplates {
    fn render(&self, _: &CallContext<'_>, _: &str, _: &str, _: &Fields) -> Result<Value, FunctionError> {
        Err(FunctionError::call("templates cannot be rendered here"))
    }
}

/// What calls need to know of where they stand.
#[derive(Clone)]
pub struct CallContext<'a> {
    /// Relative paths start here.
    pub base_dir: PathBuf,
    /// What `plantimestamp()` says, in RFC 3339 form; `None` while not known.
    pub plan_timestamp: Option<String>,
    /// Functions that give another result each time (`uuid`, `timestamp`, `bcrypt`) are unknown: planning.
    pub pure_only: bool,
    /// Renders templates.
    pub templates: &'a dyn TemplateRenderer,
    /// How many templates deep the call stands.
    pub depth: usize,
}

impl<'a> CallContext<'a> {
    /// A context for calls from the folder `base_dir`.
    pub fn new(base_dir: impl AsRef<Path>, templates: &'a dyn TemplateRenderer) -> Self {
        CallContext {
            base_dir: base_dir.as_ref().to_owned(),
            plan_timestamp: None,
            pure_only: false,
            templates,
            depth: 0,
        }
    }
}

/// The function of this name; `core::` before it is the same function.
pub fn lookup(name: &str) -> Option<&'static Function> {
    let name = name.strip_prefix("core::").unwrap_or(name);
    super::TABLE.iter().find(|f| f.name == name)
}

/// All names, in order, without `core::`.
pub fn names() -> impl Iterator<Item = &'static str> {
    super::TABLE.iter().map(|f| f.name)
}

/// Calls the function: the number of arguments is checked, they are converted, and nulls, unknowns and marks are dealt with as the
/// parameters say.
pub fn call(function: &Function, context: &CallContext<'_>, args: &[Value]) -> Result<Value, FunctionError> {
    let required = function.params.len();
    if args.len() < required || function.variadic.is_none() && args.len() > required {
        let least = if function.variadic.is_some() { "at least " } else { "" };
        return Err(FunctionError::call(format!(
            "wrong number of arguments ({least}{required} required; {} given)",
            args.len()
        )));
    }
    let mut marks = Marks::empty();
    let mut unknown = false;
    let mut dynamic = false;
    let mut ready = Vec::with_capacity(args.len());
    for (i, arg) in args.iter().enumerate() {
        let Some(param) = function.param(i) else { continue };
        let arg = convert(arg, &(param.ty)()).map_err(|e| FunctionError::argument(i, e.to_string()))?;
        let arg = if param.allow_marked {
            arg
        } else {
            marks |= arg.marks_deep();
            arg.unmark_deep()
        };
        if arg.is_null() && !param.allow_null {
            return Err(FunctionError::argument(i, "argument must not be null"));
        }
        dynamic |= !param.allow_dynamic && arg.ty() == Type::Dynamic;
        unknown |= !param.allow_unknown && !arg.is_known();
        ready.push(arg);
    }
    if dynamic {
        return Ok(Value::unknown(Type::Dynamic).with_marks(marks));
    }
    let ty = (function.return_type)(&ready)?;
    let result = if unknown { Value::unknown(ty) } else { (function.run)(context, &ready, &ty)? };
    let refined = match function.refine {
        Refine::Nothing => result,
        Refine::NotNull => result.refine_not_null(),
        Refine::With(refinement) => result.refine(&refinement()),
    };
    Ok(refined.with_marks(marks))
}
