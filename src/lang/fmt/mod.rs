//! The canonical layout of configuration text, byte for byte that of `terraform fmt` 1.11.
//!
//! A text is cut into [`pieces`] (the scanner's tokens, comments included, without the spaces between them), a few outdated forms
//! are rewritten ([`rewrite`]), and [`layout`] decides anew how many spaces stand before each piece. Line breaks stay where they
//! are. Since no piece is ever dropped, nothing but spaces can be lost.
//!
//! Two outcomes differ from Terraform's on purpose. It drops comments among the labels of a block, and labels that hold a `$` or `%`;
//! here the comments move before the brace, where Terraform keeps them, and the labels stay. And unwrapping `"${…}"` never leaves an
//! expression that no longer parses.

mod layout;
mod pieces;
mod rewrite;

/// The text in canonical layout. The text must parse; of one that does not, the layout may be odd, but nothing is lost.
pub fn format(text: &str) -> String {
    let mut pieces = rewrite::rewrite(pieces::pieces(text));
    layout::lay_out(&mut pieces);
    let mut out = String::with_capacity(text.len() + text.len() / 16 + 16);
    for piece in &pieces {
        out.extend(std::iter::repeat_n(' ', piece.spaces));
        out.push_str(&piece.text);
    }
    out
}
