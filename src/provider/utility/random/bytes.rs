//! `random_bytes`: secret bytes.

use super::{length, no_keepers, secure};
use crate::diagnostics::Diagnostics;
use crate::lang::value::Value;
use crate::provider::Progress;
use crate::provider::utility::attribute::{Attr, Kind, computed, optional, required};
use crate::provider::utility::hashes::hexadecimal;
use crate::provider::utility::{Resource, at_least};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(super) struct Bytes;

#[async_trait(?Send)]
impl Resource for Bytes {
    fn name(&self) -> &'static str {
        "random_bytes"
    }

    fn attributes(&self) -> &'static [Attr] {
        const {
            &[
                computed("base64", Kind::Text).secret().kept(),
                computed("hex", Kind::Text).secret().kept(),
                optional("keepers", Kind::TextMap).replaces(),
                required("length", Kind::Int).replaces(),
            ]
        }
    }

    fn check(&self, config: &Value, found: &mut Diagnostics) {
        at_least(config, "length", 1, found);
    }

    async fn create(&self, planned: &Value, _: &dyn Progress) -> Result<Value, Diagnostics> {
        let bytes = secure(length(planned, "length")?);
        Ok(planned
            .with_field("base64", Value::string(STANDARD.encode(&bytes)))
            .with_field("hex", Value::string(hexadecimal(&bytes))))
    }

    fn import(&self, id: &str) -> Option<Result<Vec<(&'static str, Value)>, Diagnostics>> {
        let said = "There was an error during the parsing of the base64 string.";
        Some(STANDARD.decode(id).map_err(|e| super::import_error("Import Random bytes Error", said, e)).map(|bytes| {
            vec![
                ("length", Value::number(bytes.len() as i64)),
                ("base64", Value::string(id)),
                ("hex", Value::string(hexadecimal(&bytes))),
                no_keepers(),
            ]
        }))
    }
}
