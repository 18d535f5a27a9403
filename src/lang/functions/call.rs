//! What a function is, and how one is called.

use super::table::TABLE;
use crate::diagnostics::Sources;
use crate::lang::value::{Fields, Marks, Number, Type, Value, convert, quote};
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

impl From<String> for FunctionError {
    fn from(message: String) -> Self {
        FunctionError::call(message)
    }
}

impl From<&str> for FunctionError {
    fn from(message: &str) -> Self {
        FunctionError::call(message)
    }
}

/// The result of a call.
pub type Outcome = Result<Value, FunctionError>;

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

impl Param {
    /// A parameter that takes only known plain values of a type.
    pub const fn new(name: &'static str, ty: fn() -> Type) -> Self {
        Param { name, ty, allow_null: false, allow_unknown: false, allow_marked: false, allow_dynamic: false }
    }

    /// The function sees null.
    #[must_use]
    pub const fn null(mut self) -> Self {
        self.allow_null = true;
        self
    }

    /// The function sees unknown values.
    #[must_use]
    pub const fn unknown(mut self) -> Self {
        self.allow_unknown = true;
        self
    }

    /// The function sees marks.
    #[must_use]
    pub const fn marked(mut self) -> Self {
        self.allow_marked = true;
        self
    }

    /// The function sees values whose type is not known.
    #[must_use]
    pub const fn dynamic(mut self) -> Self {
        self.allow_dynamic = true;
        self
    }
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
    /// Its result is never null, so neither is one that is not known yet.
    pub not_null: bool,
    /// It gives another result each time: while planning its result is unknown.
    pub impure: bool,
    /// The work itself.
    pub run: fn(&Call<'_>) -> Outcome,
}

impl Function {
    /// A function whose result is never null.
    pub const fn new(
        name: &'static str,
        params: &'static [Param],
        return_type: ReturnType,
        run: fn(&Call<'_>) -> Outcome,
    ) -> Self {
        Function { name, params, variadic: None, return_type, not_null: true, impure: false, run }
    }

    pub(super) const fn variadic(mut self, param: Param) -> Self {
        self.variadic = Some(param);
        self
    }

    pub(super) const fn nullable(mut self) -> Self {
        self.not_null = false;
        self
    }

    pub(super) const fn impure(mut self) -> Self {
        self.impure = true;
        self
    }
}

/// A call under way: arguments are checked and converted as the parameters say.
pub struct Call<'a> {
    /// Where the call stands.
    pub context: &'a CallContext<'a>,
    /// The arguments.
    pub args: &'a [Value],
    /// The type of the result, as the function's `return_type` gave it.
    pub ty: &'a Type,
}

impl<'a> Call<'a> {
    /// An argument.
    pub fn arg(&self, index: usize) -> Result<&'a Value, FunctionError> {
        self.args.get(index).ok_or_else(|| FunctionError::call("an argument is missing"))
    }

    /// The text of a string argument.
    pub fn text(&self, index: usize) -> Result<&'a str, FunctionError> {
        self.arg(index)?.as_str().ok_or_else(|| FunctionError::argument(index, "string required"))
    }

    pub(super) fn number(&self, index: usize) -> Result<&'a Number, FunctionError> {
        self.arg(index)?.as_number().ok_or_else(|| FunctionError::argument(index, "number required"))
    }

    /// A whole number argument; a call error where it is not.
    pub(super) fn whole(&self, index: usize) -> Result<i64, FunctionError> {
        Ok(whole(self.number(index)?)?)
    }
}

/// The whole number, or why it is none.
pub(super) fn whole(number: &Number) -> Result<i64, String> {
    number.to_i64().ok_or_else(|| format!("value must be a whole number, between {} and {}", i64::MIN, i64::MAX))
}

/// The value in messages, unless it is sensitive.
pub(super) fn quote_unless_sensitive(text: &str, marks: Marks) -> String {
    if marks.hidden() { "(sensitive value)".to_owned() } else { quote(text) }
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
    fn render(&self, context: &CallContext<'_>, source_name: &str, text: &str, vars: &Fields) -> Outcome;
}

/// A renderer where templates cannot be rendered.
pub struct NoTemplates;

impl TemplateRenderer for NoTemplates {
    fn render(&self, _: &CallContext<'_>, _: &str, _: &str, _: &Fields) -> Outcome {
        Err("templates cannot be rendered here".into())
    }
}

/// What kind of template a call stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Inside {
    /// None: a configuration.
    #[default]
    Configuration,
    /// A template file, which may not render further ones.
    TemplateFile,
    /// A template string, which may not read files either.
    TemplateString,
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
    /// Texts may hold symbols ([`crate::lang::value::symbol`]): what looks at their characters gives an unknown result.
    pub symbols: bool,
    /// Where messages that quote others find the lines of these.
    pub sources: Option<Sources>,
    /// Renders templates.
    pub templates: &'a dyn TemplateRenderer,
    /// What kind of template the call stands in.
    pub inside: Inside,
}

impl<'a> CallContext<'a> {
    /// A context for calls from the folder `base_dir`.
    pub fn new(base_dir: impl AsRef<Path>, templates: &'a dyn TemplateRenderer) -> Self {
        CallContext {
            base_dir: base_dir.as_ref().to_owned(),
            plan_timestamp: None,
            pure_only: false,
            symbols: false,
            sources: None,
            templates,
            inside: Inside::Configuration,
        }
    }
}

/// The function of this name; `core::` before it is the same function.
pub fn lookup(name: &str) -> Option<&'static Function> {
    let name = name.strip_prefix("core::").unwrap_or(name);
    let index = TABLE.binary_search_by(|f| f.name.cmp(name)).ok()?;
    TABLE.get(index)
}

/// All names, in order, without `core::`.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|f| f.name)
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
    let result = if unknown || function.impure && context.pure_only {
        Value::unknown(ty)
    } else {
        (function.run)(&Call { context, args: &ready, ty: &ty })?
    };
    let result = if function.not_null { result.refine_not_null() } else { result };
    Ok(result.with_marks(marks))
}

/// What is wrong with the types of arguments: told of all of them, and before anything else about the call.
pub fn mistyped(function: &Function, args: &[Value]) -> Vec<FunctionError> {
    let convert = |(i, arg): (usize, &Value)| {
        let wanted = (function.param(i)?.ty)();
        convert(arg, &wanted).err().map(|e| FunctionError::argument(i, e.to_string()))
    };
    args.iter().enumerate().filter_map(convert).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
pub(super) mod testing {
    //! Calling functions in the tests of the families.

    use super::*;

    /// Calls a function by name.
    pub fn run(name: &str, args: &[Value]) -> Outcome {
        let context = CallContext::new(env!("CARGO_MANIFEST_DIR"), &NoTemplates);
        call(lookup(name).unwrap(), &context, args)
    }

    /// The result as JSON.
    pub fn json(name: &str, args: &[Value]) -> String {
        crate::lang::value::to_json(&run(name, args).unwrap()).unwrap().to_string()
    }

    /// The message of the error.
    pub fn error(name: &str, args: &[Value]) -> String {
        run(name, args).unwrap_err().message
    }

    /// A string.
    pub fn s(text: &str) -> Value {
        Value::string(text)
    }

    /// A whole number.
    pub fn n(number: i64) -> Value {
        Value::number(number)
    }

    /// A number from its text.
    pub fn num(text: &str) -> Value {
        Value::number(Number::parse(text).unwrap())
    }

    /// A tuple.
    pub fn t<const N: usize>(items: [Value; N]) -> Value {
        Value::tuple(items.to_vec())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::testing::*;
    use super::*;

    #[test]
    fn the_table_is_in_order_and_core_names_are_the_same_functions() {
        assert!(TABLE.windows(2).all(|w| w.first().map(|f| f.name) < w.last().map(|f| f.name)));
        assert_eq!(lookup("core::upper").map(|f| f.name), Some("upper"));
        assert!(lookup("nope").is_none());
    }

    #[test]
    fn null_arguments_and_wrong_types_are_errors_of_the_argument() {
        let error = run("upper", &[Value::null(Type::Dynamic)]).unwrap_err();
        assert_eq!(error, FunctionError::argument(0, "argument must not be null"));
        assert_eq!(run("abs", &[Value::bool(true)]).unwrap_err(), FunctionError::argument(0, "number required"));
    }

    #[test]
    fn unknown_arguments_make_the_result_unknown_but_not_null() {
        let result = run("upper", &[Value::unknown(Type::String)]).unwrap();
        assert_eq!(result, Value::unknown_not_null(Type::String));
        assert_eq!(run("merge", &[Value::unknown(Type::Dynamic)]).unwrap(), Value::unknown(Type::Dynamic));
    }

    #[test]
    fn marks_of_arguments_pass_to_the_result() {
        assert_eq!(run("upper", &[s("a").sensitive()]).unwrap(), s("A").sensitive());
    }
}
