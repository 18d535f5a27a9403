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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::ast::{ExprKind, TemplatePart};
    use super::*;
    use crate::diagnostics::Sources;

    fn read(text: &str) -> (Body, Vec<(String, u32)>) {
        let sources = Sources::new();
        let file = sources.add("t.tf", text);
        let (body, diagnostics) = parse_body(file, text);
        let place = |d: &crate::diagnostics::Diagnostic| {
            (d.summary.clone(), sources.get(file).unwrap().position(d.span.unwrap().start).line)
        };
        (body, diagnostics.iter().map(place).collect())
    }

    fn errors(text: &str) -> Vec<(String, u32)> {
        read(text).1
    }

    fn value(text: &str) -> String {
        let (body, errors) = read(&format!("x = {text}"));
        assert_eq!(errors, []);
        match &body.attributes[0].expr.kind {
            ExprKind::Literal(value) => value.as_str().unwrap().to_owned(),
            ExprKind::Template(parts) => {
                let text = |part: &TemplatePart| match part {
                    TemplatePart::Text(text) => text.to_string(),
                    _ => "…".into(),
                };
                parts.iter().map(text).collect()
            }
            _ => unreachable!(),
        }
    }

    #[test]
    fn every_broken_item_is_reported_once() {
        let text = "a = [1, 2\nb = 3\nblock \"x\" {\n  c = )\n  d: 1\n  e = 'x'\n  nested {\n    f = 1 g = 2\n  }\n}\nh = upper(\"a\" \"b\")\ni = 1\n";
        let (body, errors) = read(text);
        let expected = [
            ("Missing item separator", 2),
            ("Invalid expression", 4),
            ("Argument or block definition required", 5),
            ("Invalid character", 6),
            ("Missing newline after argument", 8),
            ("Missing argument separator", 11),
        ];
        assert_eq!(errors, expected.map(|(summary, line)| (summary.to_owned(), line)));
        assert!(body.attribute("i").is_some() && body.attribute("b").is_some());
    }

    #[test]
    fn an_unclosed_block_points_at_its_brace() {
        assert_eq!(errors("a {\n  b = 1\n"), [("Unclosed configuration block".to_owned(), 1)]);
    }

    #[test]
    fn an_unclosed_quote_is_one_message() {
        assert_eq!(errors("a = \"x\nb = \"y\"\nc = \"z\"\n"), [("Invalid multi-line string".to_owned(), 1)]);
    }

    #[test]
    fn an_unclosed_heredoc_points_at_its_start() {
        assert_eq!(errors("a = 1\nb = <<EOT\nx\ny\n"), [("Unterminated template string".to_owned(), 2)]);
    }

    #[test]
    fn indentation_of_heredocs_goes_by_the_least_indented_line() {
        assert_eq!(value("<<-E\n    a\n\n      b\n  E\n"), "a\n\n  b\n");
        assert_eq!(value("<<-E\n    a\n  \n    ${x}\n  E\n"), "a\n  \n…\n");
        assert_eq!(value("<<-E\n${x}\n    a\n  E\n"), "…\n    a\n");
        assert_eq!(value("<<E\nE\n"), "");
    }

    #[test]
    fn tildes_trim_the_neighbouring_piece() {
        assert_eq!(value("\"a  ${~ x ~}  b\""), "a…b");
        assert_eq!(value("<<E\na\n%{~ if x ~}\n\n  b\n%{~ endif }\nc\nE\n"), "a…\nc\n");
    }

    #[test]
    fn strings_are_normalised_and_escapes_resolved() {
        assert_eq!(value("\"e\u{301}\""), "é");
        assert_eq!(value(r#""\u00e9\n\"\\$${a}%%{b}$""#), "é\n\"\\${a}%{b}$");
        assert_eq!(errors(r#"a = "\q \u12 \UFFFFFFFF""#).len(), 3);
    }

    #[test]
    fn spans_cover_what_was_written() {
        let text = "\u{feff}a = (b[\"k\"] .c ) + f(1, 2...)\nx \"y\" {\n  z = 1\n}\n";
        let sources = Sources::new();
        let file = sources.add("t.tf", text);
        let (body, _) = parse_body(file, text);
        let ExprKind::Binary(_, left, right) = &body.attributes[0].expr.kind else { unreachable!() };
        assert_eq!(sources.text(left.span), "(b[\"k\"] .c )");
        assert_eq!(sources.text(right.span), "f(1, 2...)");
        assert_eq!(sources.text(body.attributes[0].span), "a = (b[\"k\"] .c ) + f(1, 2...)");
        assert_eq!(sources.text(body.blocks[0].header), "x \"y\"");
        assert_eq!(sources.text(body.blocks[0].body.span), "\n  z = 1\n");
        assert_eq!(sources.text(body.blocks[0].span), "x \"y\" {\n  z = 1\n}");
    }

    #[test]
    fn an_expression_inside_another_text_has_its_places_there() {
        let text = "{\"a\": \"x + y\"}";
        let sources = Sources::new();
        let file = sources.add("t.json", text);
        let expr = parse_expression(file, "x + y", 7).unwrap();
        assert_eq!(sources.text(expr.span), "x + y");
        let error = parse_expression(file, "x + ", 7).unwrap_err();
        assert_eq!(error.iter().next().unwrap().span.unwrap().start, 11);
    }
}
