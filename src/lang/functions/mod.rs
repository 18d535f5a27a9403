//! The functions of the language: a table of what each takes and gives, and the one way to call them.
//!
//! A call checks and converts arguments, answers for unknown ones, carries marks from arguments to the result, and leaves to the
//! function itself only known plain values, unless the function asks for more ([`Param`]).

mod call;

pub use call::{
    CallContext, Function, FunctionError, NoTemplates, Param, Refine, TemplateRenderer, call, lookup, names,
};

/// Every function, by name.
static TABLE: &[Function] = &[];
