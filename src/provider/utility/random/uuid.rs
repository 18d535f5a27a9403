//! `random_uuid`, `random_uuid4` and `random_uuid7`.

use super::{KEEPERS, import_error, no_keepers, secure};
use crate::diagnostics::Diagnostics;
use crate::lang::value::Value;
use crate::provider::Progress;
use crate::provider::utility::Resource;
use crate::provider::utility::attribute::{Attr, Kind, computed};
use async_trait::async_trait;
use uuid::{Builder, Uuid};

/// One of the types.
pub(super) struct Type {
    name: &'static str,
    make: fn() -> Uuid,
}

/// Random in every bit, as older systems took it.
pub(super) const UUID: Type = Type { name: "random_uuid", make: || Uuid::from_slice(&secure(16)).unwrap_or_default() };
/// Version 4.
pub(super) const UUID4: Type = Type { name: "random_uuid4", make: Uuid::new_v4 };
/// Version 7: ordered by time.
pub(super) const UUID7: Type = Type { name: "random_uuid7", make: ordered };

fn ordered() -> Uuid {
    let milliseconds = u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or_default();
    let mut random = [0u8; 10];
    rand::fill(random.as_mut_slice());
    Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid()
}

#[async_trait(?Send)]
impl Resource for Type {
    fn name(&self) -> &'static str {
        self.name
    }

    fn attributes(&self) -> &'static [Attr] {
        const { &[computed("id", Kind::Text).kept(), KEEPERS, computed("result", Kind::Text).kept()] }
    }

    async fn create(&self, planned: &Value, _: &dyn Progress) -> Result<Value, Diagnostics> {
        let result = Value::string((self.make)().to_string());
        Ok(planned.with_field("id", result.clone()).with_field("result", result))
    }

    fn import(&self, id: &str) -> Option<Result<Vec<(&'static str, Value)>, Diagnostics>> {
        let said = "There was an error during the parsing of the UUID.";
        Some(Uuid::try_parse(id).map_err(|e| import_error("Import Random UUID Error", said, e)).map(|uuid| {
            let text = Value::string(uuid.to_string());
            vec![("id", text.clone()), ("result", text), no_keepers()]
        }))
    }
}
