//! Texts of which a part is not known yet, as the language writes them ([`crate::lang::value::symbol`]): `arn:aws:s3:::` and then the
//! name of a bucket that does not exist. Policies hold such texts unchanged, and two texts with the same symbol are known to be the same
//! though nobody knows what they say.

pub use crate::lang::value::symbol::{Piece, Symbol, only_symbol, pieces, readable as display};

/// The account that the provider works in, where nothing says which.
pub const ACCOUNT: &str = "account";
/// The region that the provider works in, where nothing says which.
pub const REGION: &str = "region";

/// The text that stands for what `reference` will be.
pub fn symbol(reference: &str) -> String {
    Symbol::new(reference, "").text()
}

/// Whether all of it is known.
pub fn is_known(text: &str) -> bool {
    !crate::lang::value::symbol::has_symbol(text)
}
