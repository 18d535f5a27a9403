//! Grantees, as access control lists and logging grants name them.

use super::super::attrs::Attrs;
use super::super::failure::Outcome;
use super::super::object::Obj;
use aws_sdk_s3::types::{Grantee, Type};

/// The grantee a `grantee` block names.
pub fn wanted(block: &Obj<'_>) -> Outcome<Grantee> {
    Ok(Grantee::builder()
        .r#type(Type::from(block.str("type")))
        .set_id(block.string("id"))
        .set_uri(block.string("uri"))
        .set_email_address(block.string("email_address"))
        .build()?)
}

/// The `grantee` block that shows a grantee.
pub fn show(grantee: Grantee) -> Attrs {
    #[allow(deprecated)] // Still answered by S3-compatible servers, and stored by the original provider.
    let display_name = grantee.display_name;
    Attrs::new()
        .str("type", grantee.r#type.as_str())
        .opt("display_name", display_name)
        .opt("email_address", grantee.email_address)
        .opt("id", grantee.id)
        .opt("uri", grantee.uri)
}
