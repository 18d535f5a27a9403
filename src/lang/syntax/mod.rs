//! Text to syntax tree.
//!
//! A scanner ([`scan`]) and a recursive-descent parser, both after the grammar of HashiCorp's `hclsyntax`, so that what is
//! accepted, what it means, and the words of the messages are Terraform's. It reads on after an error, and reports several per
//! file. Nothing here panics, and time and memory grow linearly with the text.
//!
//! Why not the hcl-edit crate: it rejects chains of more than 128 operators and nesting over 64, takes quadratic time for large
//! objects, stops at the first error, loses text at empty heredocs, and each of these can only be guarded by scanning and
//! partly parsing the text beforehand. It serves as a second opinion in the tests.

pub mod ast;
mod body;
mod constructor;
mod expression;
mod invalid;
mod literal;
mod parser;
pub mod scan;
mod template;

use crate::diagnostics::{Diagnostics, FileId};
use ast::{Body, Expr};
use parser::Parser;
use scan::{ScanMode, TokenKind};

/// Reads a configuration or variables file. `text` is the whole text of `file`, as stored in `Sources`; a byte order mark may
/// stand first. With errors the body holds what could be read.
pub fn parse_body(file: FileId, text: &str) -> (Body, Diagnostics) {
    let mut parser = Parser::new(file, text, 0, ScanMode::Normal);
    let invalid = parser.diagnostic_count();
    let opener = parser.range(0, 0);
    let body = parser.parse_body(TokenKind::Eof, 0, opener);
    (body, parser.finish(invalid))
}

/// Reads one expression that is all of `text`, in which line breaks mean nothing. `text` starts at byte `offset` of `file`.
pub fn parse_expression(file: FileId, text: &str, offset: u32) -> Result<Expr, Diagnostics> {
    let mut parser = Parser::new(file, text, offset, ScanMode::Normal);
    let invalid = parser.diagnostic_count();
    let expr = parser.with_newlines(false, |p| {
        let expr = p.parse_expression();
        let next = p.peek();
        if next.kind != TokenKind::Eof {
            let span = p.span(next);
            let detail = "An expression was successfully parsed, but extra characters were found after it.";
            p.complain("Extra characters after expression", detail, span);
        }
        expr
    });
    parser.finish(invalid).into_result(expr).map(|(expr, _)| expr)
}

/// Reads a text that is a template as a whole, as `templatefile` and `templatestring` do, and as strings of JSON
/// configuration are. `text` starts at byte `offset` of `file`.
pub fn parse_template(file: FileId, text: &str, offset: u32) -> Result<Expr, Diagnostics> {
    let mut parser = Parser::new(file, text, offset, ScanMode::Template);
    let invalid = parser.diagnostic_count();
    let whole = parser.range(0, text.len().try_into().unwrap_or(u32::MAX));
    let kind = parser.parse_template_until(TokenKind::Eof, false, whole);
    parser.finish(invalid).into_result(Expr { kind, span: whole }).map(|(expr, _)| expr)
}
