//! Bodies: attributes and blocks.

use super::ast::{Attribute, Block, Body, Ident};
use super::parser::Parser;
use super::scan::{Token, TokenKind};
use crate::diagnostics::{Diagnostic, Span};
use std::collections::HashMap;
use std::sync::Arc;

const ITEM_REQUIRED: &str = "Argument or block definition required";
const UNCLOSED: &str = "Unclosed configuration block";
const UNCLOSED_DETAIL: &str = "There is no closing brace for this block before the end of the file. This may be caused by incorrect brace nesting elsewhere in this file.";
const SINGLE_LINE: &str = "Invalid single-argument block definition";

impl Parser<'_> {
    /// Items up to a token of kind `end`, which is read. `opener` is what to point at when it never comes.
    pub(super) fn parse_body(&mut self, end: TokenKind, start: u32, opener: Span) -> Body {
        let mut attributes: Vec<Attribute> = Vec::new();
        let mut blocks = Vec::new();
        let mut names: HashMap<Arc<str>, Span> = HashMap::new();
        let count = self.diagnostic_count();
        let last = loop {
            if self.recovery {
                self.resynchronise(end);
            }
            let next = self.peek();
            match next.kind {
                kind if kind == end => break self.read().start,
                TokenKind::Newline => {
                    self.read();
                }
                TokenKind::Ident => match self.parse_item() {
                    Some(Item::Attribute(attribute)) => match names.get(&attribute.name.name) {
                        Some(first) => {
                            let first = *first;
                            let diagnostic = Diagnostic::error(
                                "Attribute redefined",
                                format!(
                                    "The argument \"{}\" was already set at line {}. Each argument may be set only once.",
                                    attribute.name.name,
                                    self.line(first.start)
                                ),
                            )
                            .label(first, "first set here");
                            self.error(diagnostic, attribute.name.span);
                        }
                        None => {
                            names.insert(attribute.name.name.clone(), attribute.name.span);
                            attributes.push(attribute);
                        }
                    },
                    Some(Item::Block(block)) => blocks.push(block),
                    None => {}
                },
                TokenKind::Eof => {
                    // After an error inside, the closing brace may have been skipped.
                    if self.diagnostic_count() == count {
                        self.complain(UNCLOSED, UNCLOSED_DETAIL, opener);
                    }
                    self.recovery = true;
                    break next.start;
                }
                TokenKind::OQuote => {
                    let span = self.span(next);
                    self.complain("Invalid argument name", "Argument names must not be quoted.", span);
                    self.recover_after_body_item();
                }
                kind => {
                    let span = self.span(next);
                    self.complain(ITEM_REQUIRED, "An argument or block definition is required here.", span);
                    if kind == TokenKind::CBrace {
                        self.read();
                    }
                    self.recover_after_body_item();
                }
            }
        };
        let last = if end == TokenKind::Eof { self.text.len() as u32 } else { last };
        Body { attributes, blocks, span: self.range(start, last) }
    }

    fn line(&self, byte: u32) -> usize {
        let before = self.text.as_bytes().get(..byte as usize).unwrap_or_default();
        before.iter().filter(|b| **b == b'\n').count() + 1
    }

    fn parse_item(&mut self) -> Option<Item> {
        let start = self.mark();
        let name = self.read();
        match self.peek_kind() {
            TokenKind::Equal => Some(Item::Attribute(self.finish_attribute(name, start, false))),
            TokenKind::OQuote | TokenKind::OBrace | TokenKind::Ident => self.finish_block(name).map(Item::Block),
            TokenKind::Colon => {
                let span = self.span(name);
                if !self.recovery {
                    let diagnostic = Diagnostic::error(
                        ITEM_REQUIRED,
                        "An argument or block definition is required here. To set an argument, use the equals sign \"=\" to introduce the argument value.",
                    )
                    .hint(format!("Write \"{} = …\": a colon separates keys from values only inside of an object.", self.slice(name)));
                    self.error(diagnostic, span);
                }
                self.recover_after_body_item();
                None
            }
            _ => {
                let span = self.span(name);
                let detail = "An argument or block definition is required here. To set an argument, use the equals sign \"=\" to introduce the argument value.";
                self.complain(ITEM_REQUIRED, detail, span);
                self.recover_after_body_item();
                None
            }
        }
    }

    /// Reads from the equals sign to the end of the line (not the closing brace, if `single_line`).
    fn finish_attribute(&mut self, name: Token, start: usize, single_line: bool) -> Attribute {
        self.read();
        let count = self.diagnostic_count();
        let expr = self.parse_expression();
        let span = self.since(name.start);
        if self.failed_since(count) {
            self.recover_after_expression(start);
        } else if !single_line {
            let end = self.peek();
            match end.kind {
                TokenKind::Newline | TokenKind::Eof => {
                    self.read();
                }
                kind => {
                    let place = self.span(end);
                    if kind == TokenKind::Comma {
                        let detail = "Argument definitions must be separated by newlines, not commas. An argument definition must end with a newline.";
                        self.complain("Unexpected comma after argument", detail, place);
                    } else {
                        let detail = "An argument definition must end with a newline.";
                        self.complain("Missing newline after argument", detail, place);
                    }
                    self.recover_after_body_item();
                }
            }
        }
        Attribute { name: self.ident(name), expr, span }
    }

    fn finish_block(&mut self, kind: Token) -> Option<Block> {
        let mut labels = Vec::new();
        let brace = loop {
            let next = self.peek();
            match next.kind {
                TokenKind::OBrace => break self.read(),
                TokenKind::OQuote => labels.push(self.parse_label()),
                TokenKind::Ident => {
                    self.read();
                    labels.push(self.ident(next));
                }
                other => {
                    let detail = match other {
                        TokenKind::Equal => {
                            "The equals sign \"=\" indicates an argument definition, and must not be used when defining a block."
                        }
                        TokenKind::Newline | TokenKind::Eof => {
                            "A block definition must have block content delimited by \"{\" and \"}\", starting on the same line as the block header."
                        }
                        _ => "Either a quoted string block label or an opening brace (\"{\") is expected here.",
                    };
                    let span = self.span(next);
                    self.complain("Invalid block definition", detail, span);
                    self.recover_after_body_item();
                    return None;
                }
            }
        };
        let header_end = labels.last().map_or(kind.end, |l: &Ident| l.span.end);
        let header = self.range(kind.start, header_end);
        let outer = self.header.replace(header);
        let opener = self.span(brace);
        let body = self.deeper(
            |p| p.parse_block_body(brace, opener),
            |p| {
                p.recover(TokenKind::CBrace);
                Body { attributes: Vec::new(), blocks: Vec::new(), span: opener }
            },
        );
        self.header = outer;
        let span = self.since(kind.start);
        let end = self.peek();
        match end.kind {
            TokenKind::Newline | TokenKind::Eof => {
                self.read();
            }
            _ => {
                let place = self.span(end);
                let detail = "A block definition must end with a newline.";
                self.complain("Missing newline after block definition", detail, place);
                self.recover_after_body_item();
            }
        }
        Some(Block { kind: self.ident(kind), labels, body, header, span })
    }

    fn parse_block_body(&mut self, brace: Token, opener: Span) -> Body {
        match self.peek_kind() {
            TokenKind::Newline | TokenKind::Eof | TokenKind::CBrace => {
                self.parse_body(TokenKind::CBrace, brace.end, opener)
            }
            _ => self.parse_single_line_body(brace, opener),
        }
    }

    /// `{ name = value }` on one line.
    fn parse_single_line_body(&mut self, brace: Token, opener: Span) -> Body {
        let start = self.mark();
        let name = self.read();
        let next = self.peek();
        let mut attributes = Vec::new();
        let count = self.diagnostic_count();
        match (name.kind, next.kind) {
            (TokenKind::Ident, TokenKind::Equal) => attributes.push(self.finish_attribute(name, start, true)),
            (TokenKind::Ident, TokenKind::OQuote | TokenKind::OBrace | TokenKind::Ident) => {
                let detail = format!(
                    "A single-line block definition can contain only a single argument. If you meant to define argument \"{}\", use an equals sign to assign it a value. To define a nested block, place it on a line of its own within its parent block.",
                    self.slice(name)
                );
                let span = self.range(name.start, next.end);
                self.complain("Argument definition required", &detail, span);
                self.recovery = true;
            }
            (TokenKind::Ident, _) => {
                let span = self.span(name);
                let detail = "An argument or block definition is required here. To set an argument, use the equals sign \"=\" to introduce the argument value.";
                self.complain(ITEM_REQUIRED, detail, span);
                self.recovery = true;
            }
            _ => {
                let span = self.span(name);
                self.complain(ITEM_REQUIRED, "An argument or block definition is required here.", span);
                self.recovery = true;
            }
        }
        // Some mistakes are told of without losing the place: the block ends as usual then.
        if self.failed_since(count) {
            self.recover(TokenKind::CBrace);
            return Body { attributes, blocks: Vec::new(), span: self.since(brace.end) };
        }
        let end = self.peek();
        let span = self.range(brace.end, end.start);
        let place = self.span(end);
        match end.kind {
            TokenKind::CBrace => {
                self.read();
            }
            TokenKind::Comma => {
                let detail = "Single-line block syntax can include only one argument definition. To define multiple arguments, use the multi-line block syntax with one argument definition per line.";
                self.complain(SINGLE_LINE, detail, place);
                self.recover(TokenKind::CBrace);
            }
            TokenKind::Newline => {
                let detail = "An argument definition on the same line as its containing block creates a single-line block definition, which must also be closed on the same line. Place the block's closing brace immediately after the argument definition.";
                self.complain(SINGLE_LINE, detail, place);
                self.recover(TokenKind::CBrace);
            }
            TokenKind::Eof => {
                self.complain(UNCLOSED, UNCLOSED_DETAIL, opener);
                self.recovery = true;
            }
            _ => {
                let detail = "A single-line block definition must end with a closing brace immediately after its single argument definition.";
                self.complain(SINGLE_LINE, detail, place);
                self.recover(TokenKind::CBrace);
            }
        }
        Body { attributes, blocks: Vec::new(), span }
    }

    /// A quoted block label, in which nothing is interpolated.
    fn parse_label(&mut self) -> Ident {
        let open = self.read();
        let mut text = String::new();
        loop {
            let token = self.read();
            match token.kind {
                TokenKind::CQuote => break,
                TokenKind::QuotedLit => self.unescape_into(token, true, &mut text),
                TokenKind::TemplateInterp | TokenKind::TemplateControl => {
                    let sigil = if token.kind == TokenKind::TemplateInterp { "$" } else { "%" };
                    let detail = format!(
                        "Template sequences are not allowed in this string. To include a literal \"{sigil}\", double it (as \"{sigil}{sigil}\") to escape it."
                    );
                    let span = self.span(token);
                    self.complain("Invalid string literal", &detail, span);
                    self.recover(TokenKind::TemplateSeqEnd);
                }
                TokenKind::Eof => {
                    let span = self.span(open);
                    let detail = "Unable to find the closing quote mark before the end of the file.";
                    self.complain("Unterminated string literal", detail, span);
                    self.recovery = true;
                    break;
                }
                _ => {
                    let span = self.span(token);
                    self.complain("Invalid string literal", "This item is not valid in a string literal.", span);
                    self.recover(TokenKind::CQuote);
                    break;
                }
            }
        }
        let name = super::literal::normalized(text);
        Ident { name, span: self.since(open.start) }
    }
}

enum Item {
    Attribute(Attribute),
    Block(Block),
}
