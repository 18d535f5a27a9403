//! The functions of the language: a table of what each takes and gives, and the one way to call them.
//!
//! A call checks and converts arguments, answers for unknown ones, carries marks from arguments to the result, and leaves to the
//! function itself only known plain values, unless the function asks for more ([`Param`]). A function is one entry in
//! the table and one Rust function in the file of its family. `try` and `can` decide about the evaluation of their arguments, so they
//! belong to the evaluator; the table has their signatures.

mod call;
mod charset;
mod collection;
mod conversion;
mod crypto;
mod csv;
mod date;
mod encoding;
mod filesystem;
mod format;
mod glob;
mod network;
mod numeric;
mod re2;
mod regular;
mod sets;
mod string;
mod structure;
mod table;
mod template;
mod timestamp;
mod yaml_decode;
mod yaml_encode;

pub use call::{
    Call, CallContext, Function, FunctionError, Inside, NoTemplates, Outcome, Param, TemplateRenderer, call, lookup,
    names,
};
