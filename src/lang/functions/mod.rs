//! The functions of the language: a table of what each takes and gives, and the one way to call them.
//!
//! A call checks and converts arguments, answers for unknown ones, carries marks from arguments to the result, and leaves to the
//! function itself only known plain values, unless the function asks for more ([`Param`]). A function is one entry in
//! the table and one Rust function in the file of its family. `try` and `can` decide about the evaluation of their arguments, so they
//! belong to the evaluator; the table has their signatures. Providers offer functions of their own in the same form, under names such as
//! `provider::aws::arn_parse`.

mod call;
mod charset;
mod collection;
mod conversion;
mod crypto;
mod csv;
mod date;
mod encoding;
mod filesystem;
mod floating;
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
mod whole;
mod yaml_decode;
mod yaml_encode;

pub use call::{
    Call, CallContext, Function, FunctionError, Inside, NoTemplates, Outcome, Param, ReturnType, TemplateRenderer,
    call, lookup, mistyped, names,
};
pub use whole::keeps_texts_whole;

/// What `jsonencode` gives for a known value; `None` for what JSON cannot say.
pub fn json_text(value: &super::value::Value) -> Option<String> {
    super::value::to_json(value).map(|json| encoding::escaped_json(&json))
}

/// Names, descriptions, parameters and results of all functions, as `metadata functions -json` has them: a JSON object by name, without
/// the `core::` names.
pub const SIGNATURES: &str = include_str!("signatures.json");

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use serde_json::Value as Json;

    #[test]
    fn signatures_are_those_of_the_table() {
        let signatures: Json = serde_json::from_str(SIGNATURES).unwrap();
        let signatures = signatures.as_object().unwrap();
        // These two are there only to say what replaced them.
        let listed: Vec<&str> = names().filter(|name| !matches!(*name, "list" | "map")).collect();
        assert_eq!(signatures.keys().map(String::as_str).collect::<Vec<_>>(), listed);
        for name in listed {
            let named = |key: &str| signatures[name][key].as_array().cloned().unwrap_or_default();
            let stored: Vec<String> =
                named("parameters").iter().map(|p| p["name"].as_str().unwrap().to_owned()).collect();
            let own: Vec<&str> = lookup(name).unwrap().params.iter().map(|p| p.name).collect();
            assert_eq!(stored, own, "{name}");
        }
    }
}
