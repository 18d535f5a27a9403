//! `random_id`: random bytes in several notations, with a prefix.

use super::{KEEPERS, length, no_keepers, secure};
use crate::diagnostics::Diagnostics;
use crate::lang::value::{Type, Value};
use crate::provider::Progress;
use crate::provider::utility::attribute::{Attr, Kind, computed, optional, required};
use crate::provider::utility::hashes::hexadecimal;
use crate::provider::utility::{Resource, text};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use dashu_int::UBig;

pub(super) struct Id;

/// All notations of the bytes.
fn notations(bytes: &[u8], prefix: &str) -> [(&'static str, Value); 5] {
    let url = URL_SAFE_NO_PAD.encode(bytes);
    let prefixed = |text: &str| Value::string(format!("{prefix}{text}"));
    [
        ("b64_std", prefixed(&STANDARD.encode(bytes))),
        ("b64_url", prefixed(&url)),
        ("dec", prefixed(&UBig::from_be_bytes(bytes).to_string())),
        ("hex", prefixed(&hexadecimal(bytes))),
        ("id", Value::string(url)),
    ]
}

#[async_trait(?Send)]
impl Resource for Id {
    fn name(&self) -> &'static str {
        "random_id"
    }

    fn attributes(&self) -> &'static [Attr] {
        const {
            &[
                computed("b64_std", Kind::Text).kept(),
                computed("b64_url", Kind::Text).kept(),
                required("byte_length", Kind::Int).replaces(),
                computed("dec", Kind::Text).kept(),
                computed("hex", Kind::Text).kept(),
                computed("id", Kind::Text).kept(),
                KEEPERS,
                optional("prefix", Kind::Text).replaces(),
            ]
        }
    }

    async fn create(&self, planned: &Value, _: &dyn Progress) -> Result<Value, Diagnostics> {
        let bytes = secure(length(planned, "byte_length")?);
        let all = notations(&bytes, text(planned, "prefix"));
        Ok(all.into_iter().fold(planned.clone(), |object, (name, value)| object.with_field(name, value)))
    }

    fn import(&self, id: &str) -> Option<Result<Vec<(&'static str, Value)>, Diagnostics>> {
        let (prefix, id) = id.rsplit_once(',').unwrap_or(("", id));
        let said = "While attempting to import a random id there was a decoding error.";
        let bytes = URL_SAFE_NO_PAD.decode(id).map_err(|e| super::import_error("Import Random ID Error", said, e));
        Some(bytes.map(|bytes| {
            let mut out = notations(&bytes, prefix).to_vec();
            out.push(("byte_length", Value::number(bytes.len() as i64)));
            out.push(("prefix", if prefix.is_empty() { Value::null(Type::String) } else { Value::string(prefix) }));
            out.push(no_keepers());
            out
        }))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn an_imported_id_has_all_notations() {
        let all = Id.import("pre,p-9hUg").unwrap().unwrap();
        let one = |name: &str| all.iter().find(|(n, _)| *n == name).unwrap().1.clone();
        assert_eq!(one("id"), Value::string("p-9hUg"));
        assert_eq!(one("hex"), Value::string("prea7ef6152"));
        assert_eq!(one("b64_std"), Value::string("prep+9hUg=="));
        assert_eq!(one("dec"), Value::string("pre2817483090"));
        assert_eq!(one("byte_length"), Value::number(4));
    }

    #[test]
    fn what_is_no_base64_is_told() {
        assert!(Id.import("%").unwrap().is_err());
    }
}
