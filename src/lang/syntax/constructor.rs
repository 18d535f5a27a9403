//! What stands in brackets and braces: tuples, objects and for expressions.

use super::ast::{Expr, ExprKind, For, Ident, ObjectItem, ObjectKey};
use super::parser::Parser;
use super::scan::{Token, TokenKind};
use crate::diagnostics::Span;

const INVALID_FOR: &str = "Invalid 'for' expression";

impl Parser<'_> {
    pub(super) fn parse_tuple(&mut self) -> Expr {
        let open = self.read();
        self.with_newlines(false, |p| {
            if p.is_keyword(p.peek(), "for") {
                return p.finish_for(open);
            }
            let mut items = Vec::new();
            while p.take(TokenKind::CBrack).is_none() {
                let count = p.diagnostic_count();
                items.push(p.parse_expression());
                if p.failed_since(count) {
                    p.recover(TokenKind::CBrack);
                    break;
                }
                let next = p.peek();
                match next.kind {
                    TokenKind::Comma => {
                        p.read();
                    }
                    TokenKind::CBrack => {}
                    TokenKind::Eof => {
                        let detail = "There is no corresponding closing bracket before the end of the file. This may be caused by incorrect bracket nesting elsewhere in this file.";
                        let span = p.span(open);
                        p.complain("Unterminated tuple constructor expression", detail, span);
                        p.recovery = true;
                        break;
                    }
                    _ => {
                        let span = p.span(next);
                        let detail = "Expected a comma to mark the beginning of the next item.";
                        p.complain("Missing item separator", detail, span);
                        p.recover(TokenKind::CBrack);
                        break;
                    }
                }
            }
            Expr { kind: ExprKind::Tuple(items), span: p.since(open.start) }
        })
    }

    pub(super) fn parse_object(&mut self) -> Expr {
        let open = self.read();
        // Line breaks mean nothing before a `for`, but they separate the items of an object.
        if self.with_newlines(false, |p| p.is_keyword(p.peek(), "for")) {
            return self.with_newlines(false, |p| p.finish_for(open));
        }
        self.with_newlines(true, |p| {
            let mut items = Vec::new();
            loop {
                match p.peek_kind() {
                    TokenKind::Newline => {
                        p.read();
                    }
                    TokenKind::CBrace => {
                        p.read();
                        break;
                    }
                    _ => match p.parse_object_item(open) {
                        Some(item) => items.push(item),
                        None => {
                            p.recover(TokenKind::CBrace);
                            break;
                        }
                    },
                }
            }
            Expr { kind: ExprKind::Object(items), span: p.since(open.start) }
        })
    }

    /// One item and the separator after it; `None` where it cannot be read on.
    fn parse_object_item(&mut self, open: Token) -> Option<ObjectItem> {
        let count = self.diagnostic_count();
        let first = self.peek();
        let key = self.parse_expression();
        if self.failed_since(count) {
            return None;
        }
        let separator = self.peek();
        if !matches!(separator.kind, TokenKind::Equal | TokenKind::Colon) {
            self.complain_about_separator(open, separator);
            return None;
        }
        self.read();
        let value = self.parse_expression();
        if self.failed_since(count) {
            return None;
        }
        let key = self.object_key(first, key);
        let next = self.peek();
        match next.kind {
            TokenKind::Comma | TokenKind::Newline => {
                self.read();
            }
            TokenKind::CBrace => {}
            TokenKind::Eof => {
                self.complain_about_separator(open, next);
                return None;
            }
            _ => {
                let span = self.span(next);
                let detail = "Expected a newline or comma to mark the beginning of the next attribute.";
                self.complain("Missing attribute separator", detail, span);
                return None;
            }
        }
        Some(ObjectItem { key, value, once: false })
    }

    /// A bare word is a name, whatever it means elsewhere.
    fn object_key(&self, first: Token, key: Expr) -> ObjectKey {
        let is_word = first.kind == TokenKind::Ident
            && key.span == self.span(first)
            && matches!(key.kind, ExprKind::Variable(_) | ExprKind::Literal(_));
        if is_word { ObjectKey::Name(self.ident(first)) } else { ObjectKey::Expr(key) }
    }

    fn complain_about_separator(&mut self, open: Token, found: Token) {
        let mut span = self.span(found);
        let (summary, detail) = match found.kind {
            TokenKind::Newline | TokenKind::Comma => {
                ("Missing attribute value", "Expected an attribute value, introduced by an equals sign (\"=\").")
            }
            TokenKind::Ident => (
                "Missing key/value separator",
                "Expected an equals sign (\"=\") to mark the beginning of the attribute value. If you intended to given an attribute name containing periods or spaces, write the name in quotes to create a string literal.",
            ),
            TokenKind::Eof => {
                span = self.span(open);
                (
                    "Unterminated object constructor expression",
                    "There is no corresponding closing brace before the end of the file. This may be caused by incorrect brace nesting elsewhere in this file.",
                )
            }
            _ => (
                "Missing key/value separator",
                "Expected an equals sign (\"=\") to mark the beginning of the attribute value.",
            ),
        };
        self.complain(summary, detail, span);
    }

    /// A for expression of which the opening bracket was read.
    fn finish_for(&mut self, open: Token) -> Expr {
        let close = if open.kind == TokenKind::OBrace { TokenKind::CBrace } else { TokenKind::CBrack };
        self.read();
        match self.parse_for(open, close) {
            Some(kind) => Expr { kind: ExprKind::For(Box::new(kind)), span: self.since(open.start) },
            None => {
                self.recover(close);
                let span = self.since(open.start);
                self.placeholder(span)
            }
        }
    }

    /// `k, v in collection`, of for expressions and for directives; `kind` is `expression` or `directive`.
    pub(super) fn parse_for_names(&mut self, kind: &str) -> Option<(Option<Ident>, Ident)> {
        let (summary, subject) = (format!("Invalid 'for' {kind}"), format!("For {kind}"));
        let Some(first) = self.take(TokenKind::Ident) else {
            let span = self.span(self.peek());
            self.complain(&summary, &format!("{subject} requires variable name after 'for'."), span);
            return None;
        };
        let mut key = None;
        let mut value = self.ident(first);
        if self.take(TokenKind::Comma).is_some() {
            let Some(second) = self.take(TokenKind::Ident) else {
                let span = self.span(self.peek());
                self.complain(&summary, &format!("{subject} requires value variable name after comma."), span);
                return None;
            };
            key = Some(std::mem::replace(&mut value, self.ident(second)));
        }
        let next = self.peek();
        if !self.is_keyword(next, "in") {
            let after = if kind == "expression" {
                "the 'in' keyword after its name declarations"
            } else {
                "'in' keyword after names"
            };
            let span = self.span(next);
            self.complain(&summary, &format!("{subject} requires {after}."), span);
            return None;
        }
        self.read();
        Some((key, value))
    }

    fn parse_for(&mut self, open: Token, close: TokenKind) -> Option<For> {
        let count = self.diagnostic_count();
        let (key, value) = self.parse_for_names("expression")?;
        let collection = self.parse_expression();
        if self.failed_since(count) {
            return None;
        }
        if self.take(TokenKind::Colon).is_none() {
            let span = self.span(self.peek());
            self.complain(INVALID_FOR, "For expression requires a colon after the collection expression.", span);
            return None;
        }
        let mut value_expr = self.parse_expression();
        let mut key_expr = None;
        if self.take(TokenKind::FatArrow).is_some() {
            key_expr = Some(std::mem::replace(&mut value_expr, self.parse_expression()));
        }
        if self.failed_since(count) {
            return None;
        }
        let ellipsis = self.take(TokenKind::Ellipsis);
        let mut condition = None;
        if self.is_keyword(self.peek(), "if") {
            self.read();
            condition = Some(self.parse_expression());
            if self.failed_since(count) {
                return None;
            }
        }
        if self.take(close).is_none() {
            let span = self.span(self.peek());
            self.complain(INVALID_FOR, "Extra characters after the end of the 'for' expression.", span);
            return None;
        }
        self.check_for_kind(open, key_expr.as_ref(), value_expr.span, ellipsis);
        let group = ellipsis.is_some();
        Some(For { key, value, collection, key_expr, value_expr, group, condition })
    }

    fn check_for_kind(&mut self, open: Token, key: Option<&Expr>, value: Span, ellipsis: Option<Token>) {
        if open.kind == TokenKind::OBrace {
            if key.is_none() {
                self.complain(INVALID_FOR, "Key expression is required when building an object.", value);
            }
            return;
        }
        if let Some(key) = key {
            self.complain(INVALID_FOR, "Key expression is not valid when building a tuple.", key.span);
        }
        if let Some(ellipsis) = ellipsis {
            let span = self.span(ellipsis);
            self.complain(INVALID_FOR, "Grouping ellipsis (...) cannot be used when building a tuple.", span);
        }
    }
}
