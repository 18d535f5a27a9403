//! Templates: quoted strings, heredocs and template files. Pieces of text are trimmed and their indentation removed as they
//! were scanned, before neighbours are joined, because that is what `~` and `<<-` are defined on.

use super::ast::{Expr, ExprKind, Ident, TemplatePart};
use super::literal::normalized;
use super::parser::Parser;
use super::scan::{Token, TokenKind};
use crate::diagnostics::{Diagnostic, Span};
use crate::lang::value::Value;
use std::collections::VecDeque;
use unicode_segmentation::UnicodeSegmentation;

/// A template before directives are matched with their ends.
enum Piece {
    Text(String),
    Interpolation(Expr),
    If(Expr, Span),
    For { key: Option<Ident>, value: Ident, collection: Expr, span: Span },
    Else(Span),
    EndIf(Span),
    EndFor(Span),
}

impl Parser<'_> {
    /// A quoted string or heredoc.
    pub(super) fn parse_string(&mut self) -> Expr {
        let open = self.read();
        let (end, flush) = match open.kind {
            TokenKind::OHeredoc => (TokenKind::CHeredoc, self.slice(open).starts_with("<<-")),
            _ => (TokenKind::CQuote, false),
        };
        // The overwhelmingly usual case: text without any template sequence.
        if end == TokenKind::CQuote
            && let Some(text) = self.take_plain_text()
        {
            return Expr { kind: ExprKind::Literal(text), span: self.since(open.start) };
        }
        let opener = self.span(open);
        let kind = self.parse_template_until(end, flush, opener);
        Expr { kind, span: self.since(open.start) }
    }

    fn take_plain_text(&mut self) -> Option<Value> {
        let first = self.peek();
        if first.kind == TokenKind::CQuote {
            self.read();
            return Some(Value::string(""));
        }
        if first.kind != TokenKind::QuotedLit || self.peek_second().kind != TokenKind::CQuote {
            return None;
        }
        let mut text = String::new();
        self.unescape_into(first, true, &mut text);
        self.read();
        self.read();
        Some(Value::string(normalized(text)))
    }

    /// Pieces up to a token of kind `end`, which is read.
    pub(super) fn parse_template_until(&mut self, end: TokenKind, flush: bool, opener: Span) -> ExprKind {
        let mut pieces = self.with_newlines(true, |p| p.parse_pieces(end, opener));
        if flush {
            remove_indentation(&mut pieces);
        }
        let pieces = join_texts(pieces);
        if let [Piece::Text(_)] | [] = pieces.as_slice() {
            let text = match pieces.into_iter().next() {
                Some(Piece::Text(text)) => text,
                _ => String::new(),
            };
            return ExprKind::Literal(Value::string(normalized(text)));
        }
        let mut pieces = VecDeque::from(pieces);
        ExprKind::Template(self.build_parts(&mut pieces, None))
    }

    fn parse_pieces(&mut self, end: TokenKind, opener: Span) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut trim_next = false;
        loop {
            let token = self.read();
            if token.kind == end {
                return pieces;
            }
            let trim_start = std::mem::take(&mut trim_next);
            match token.kind {
                TokenKind::StringLit | TokenKind::QuotedLit => {
                    let mut text = String::new();
                    self.unescape_into(token, token.kind == TokenKind::QuotedLit, &mut text);
                    if trim_start {
                        text = text.trim_start().to_owned();
                    }
                    pieces.push(Piece::Text(text));
                }
                TokenKind::TemplateInterp | TokenKind::TemplateControl => {
                    if self.slice(token).ends_with('~')
                        && let Some(Piece::Text(text)) = pieces.last_mut()
                    {
                        text.truncate(text.trim_end().len());
                    }
                    let (piece, trims) = self.with_newlines(false, |p| match token.kind {
                        TokenKind::TemplateInterp => p.parse_interpolation(token, end, opener),
                        _ => p.parse_directive(token),
                    });
                    pieces.extend(piece);
                    trim_next = trims;
                }
                _ => {
                    let (span, hint) = self.unterminated(token, opener, end);
                    if !self.recovery {
                        let diagnostic = Diagnostic::error(
                            "Unterminated template string",
                            "No closing marker was found for the string.",
                        );
                        self.error(
                            match hint {
                                Some(hint) => diagnostic.hint(hint),
                                None => diagnostic,
                            },
                            span,
                        );
                    }
                    self.recovery = true;
                    return pieces;
                }
            }
        }
    }

    /// Where to point, and what to do, when a string or heredoc does not end.
    fn unterminated(&self, token: Token, opener: Span, end: TokenKind) -> (Span, Option<String>) {
        if end != TokenKind::CHeredoc {
            return (if token.kind == TokenKind::Eof { opener } else { self.span(token) }, None);
        }
        let text = self.text_of(opener).trim_end();
        let marker = text.trim_start_matches(['<', '-']);
        let hint = format!("End the text with a line that holds nothing but {marker}, followed by a line break.");
        (Span { end: opener.start + text.len() as u32, ..opener }, Some(hint))
    }

    /// The inside of `${…}` and its end; whether that trims the text after it.
    fn parse_interpolation(&mut self, open: Token, end: TokenKind, opener: Span) -> (Option<Piece>, bool) {
        let count = self.diagnostic_count();
        let expr = self.parse_expression();
        let close = self.peek();
        let trims = match close.kind {
            TokenKind::TemplateSeqEnd => self.read_sequence_end(),
            _ => {
                if !self.failed_since(count) {
                    self.complain_about_interpolation(open, close, end, opener);
                }
                self.recover(TokenKind::TemplateSeqEnd);
                false
            }
        };
        (Some(Piece::Interpolation(expr)), trims)
    }

    fn read_sequence_end(&mut self) -> bool {
        let close = self.read();
        self.slice(close).starts_with('~')
    }

    fn complain_about_interpolation(&mut self, open: Token, close: Token, end: TokenKind, opener: Span) {
        const UNCLOSED: &str = "Unclosed template interpolation sequence";
        const EXTRA: &str = "Extra characters after interpolation expression";
        let span = self.span(close);
        let in_quotes = end == TokenKind::CQuote;
        match close.kind {
            TokenKind::Eof => {
                let detail = "There is no closing brace for this interpolation sequence before the end of the file. This might be caused by incorrect nesting inside the given expression.";
                let open = self.span(open);
                self.complain(UNCLOSED, detail, open);
            }
            TokenKind::CQuote | TokenKind::OQuote if in_quotes => {
                let detail = "There is no closing brace for this interpolation sequence before the end of the quoted template. This might be caused by incorrect nesting inside the given expression.";
                let open = self.span(open).to(opener);
                self.complain(UNCLOSED, detail, open);
            }
            TokenKind::Colon => {
                let detail = "Template interpolation doesn't expect a colon at this location. Did you intend this to be a literal sequence to be processed as part of another language? If so, you can escape it by starting with \"$${\" instead of just \"${\".";
                self.complain(EXTRA, detail, span);
            }
            _ => {
                let detail = "Expected a closing brace to end the interpolation expression, but found extra characters.\n\nThis can happen when you include interpolation syntax for another language, such as shell scripting, but forget to escape the interpolation start token. If this is an embedded sequence for another language, escape it by starting with \"$${\" instead of just \"${\".";
                self.complain(EXTRA, detail, span);
            }
        }
    }

    /// The inside of `%{…}` and its end; whether that trims the text after it.
    fn parse_directive(&mut self, open: Token) -> (Option<Piece>, bool) {
        let keyword = self.peek();
        let count = self.diagnostic_count();
        let piece = self.parse_directive_head(open, keyword);
        let Some(mut piece) = piece else {
            self.recover(TokenKind::TemplateSeqEnd);
            return (None, false);
        };
        let close = self.peek();
        let trims = if close.kind == TokenKind::TemplateSeqEnd {
            self.read_sequence_end()
        } else {
            if !self.failed_since(count) {
                let span = self.span(close);
                let summary = format!("Extra characters in {} marker", self.slice(keyword));
                let detail = "Expected a closing brace to end the sequence, but found extra characters.";
                self.complain(&summary, detail, span);
            }
            self.recover(TokenKind::TemplateSeqEnd);
            false
        };
        let whole = self.since(open.start);
        match &mut piece {
            Piece::If(_, span)
            | Piece::For { span, .. }
            | Piece::Else(span)
            | Piece::EndIf(span)
            | Piece::EndFor(span) => {
                *span = whole;
            }
            Piece::Text(_) | Piece::Interpolation(_) => {}
        }
        (Some(piece), trims)
    }

    fn parse_directive_head(&mut self, open: Token, keyword: Token) -> Option<Piece> {
        let span = self.span(keyword);
        if keyword.kind != TokenKind::Ident {
            let detail =
                "A template directive keyword (\"if\", \"for\", etc) is expected at the beginning of a %{ sequence.";
            self.complain("Invalid template directive", detail, span);
            return None;
        }
        self.read();
        let place = self.span(open);
        Some(match self.slice(keyword) {
            "if" => Piece::If(self.parse_expression(), place),
            "else" => Piece::Else(place),
            "endif" => Piece::EndIf(place),
            "endfor" => Piece::EndFor(place),
            "for" => {
                let (key, value) = self.parse_for_names("directive")?;
                Piece::For { key, value, collection: self.parse_expression(), span: place }
            }
            other => {
                let known = ["if", "for", "else", "endif", "endfor"];
                let suggestion = match crate::lang::eval::did_you_mean(other, known) {
                    Some(name) => format!(" Did you mean \"{name}\"?"),
                    None => String::new(),
                };
                let detail = format!("\"{other}\" is not a valid template control keyword.{suggestion}");
                self.complain("Invalid template control keyword", &detail, span);
                return None;
            }
        })
    }

    /// Parts up to the end of the directive `inside`, which is left.
    fn build_parts(&mut self, pieces: &mut VecDeque<Piece>, inside: Option<Opened>) -> Vec<TemplatePart> {
        let mut parts = Vec::new();
        loop {
            match pieces.front() {
                None => return parts,
                Some(Piece::Else(span) | Piece::EndIf(span) | Piece::EndFor(span)) => {
                    let span = *span;
                    if inside.is_some() {
                        return parts;
                    }
                    let name = match pieces.pop_front() {
                        Some(Piece::Else(_)) => "else",
                        Some(Piece::EndIf(_)) => "endif",
                        _ => "endfor",
                    };
                    let detail = "The control directives within this template are unbalanced.";
                    self.complain(&format!("Unexpected {name} directive"), detail, span);
                }
                Some(_) => {}
            }
            match pieces.pop_front() {
                Some(Piece::Text(text)) => parts.push(TemplatePart::Text(normalized(text))),
                Some(Piece::Interpolation(expr)) => parts.push(TemplatePart::Interpolation(expr)),
                Some(Piece::If(condition, span)) => {
                    let part = self.deeper(|p| p.build_if(pieces, condition, span), |_| None);
                    parts.extend(part);
                }
                Some(Piece::For { key, value, collection, span }) => {
                    let body = self.deeper(|p| p.build_for_body(pieces, span), |_| None);
                    if let Some((body, end)) = body {
                        parts.push(TemplatePart::For { key, value, collection, body, span: span.to(end) });
                    }
                }
                _ => {}
            }
        }
    }

    fn build_if(&mut self, pieces: &mut VecDeque<Piece>, condition: Expr, span: Span) -> Option<TemplatePart> {
        let then = self.build_parts(pieces, Some(Opened));
        let mut otherwise = Vec::new();
        let mut in_else = false;
        loop {
            match pieces.pop_front() {
                Some(Piece::EndIf(end)) => {
                    return Some(TemplatePart::If { condition, then, otherwise, span: span.to(end) });
                }
                Some(Piece::Else(_)) if !in_else => {
                    in_else = true;
                    otherwise = self.build_parts(pieces, Some(Opened));
                }
                other => {
                    let (summary, detail, place) = match other {
                        Some(Piece::Else(place)) => {
                            ("Unexpected else directive", "Already in the else clause for this if directive.", place)
                        }
                        Some(Piece::EndFor(place)) => (
                            "Unexpected endfor directive",
                            "Expecting an endif directive for this if directive.",
                            place,
                        ),
                        _ => (
                            "Unexpected end of template",
                            "The if directive is missing its corresponding endif directive.",
                            span,
                        ),
                    };
                    self.unbalanced(summary, detail, place, span);
                    return None;
                }
            }
        }
    }

    fn build_for_body(&mut self, pieces: &mut VecDeque<Piece>, span: Span) -> Option<(Vec<TemplatePart>, Span)> {
        let body = self.build_parts(pieces, Some(Opened));
        let (summary, detail, place) = match pieces.pop_front() {
            Some(Piece::EndFor(end)) => return Some((body, end)),
            Some(Piece::Else(place)) => {
                ("Unexpected else directive", "An else clause is not expected for a for directive.", place)
            }
            Some(Piece::EndIf(place)) => {
                ("Unexpected endif directive", "Expecting an endfor directive for this for directive.", place)
            }
            _ => {
                ("Unexpected end of template", "The for directive is missing its corresponding endfor directive.", span)
            }
        };
        self.unbalanced(summary, detail, place, span);
        None
    }

    fn unbalanced(&mut self, summary: &str, detail: &str, place: Span, opened: Span) {
        if self.recovery {
            return;
        }
        let mut diagnostic = Diagnostic::error(summary, detail);
        if place != opened {
            diagnostic = diagnostic.label(opened, "opened here");
        }
        self.error(diagnostic, place);
        self.recovery = true;
    }
}

/// Marks that parts are read inside a directive.
struct Opened;

/// Removes from every line of a `<<-` heredoc the indentation of the least indented one. Lines of white space alone do not
/// count and keep their text.
fn remove_indentation(pieces: &mut [Piece]) {
    let blank = |text: &str| text.ends_with('\n') && text.trim_start().is_empty();
    let mut least = usize::MAX;
    let mut line_start = true;
    let mut lines: Vec<usize> = Vec::new();
    for (i, piece) in pieces.iter().enumerate() {
        let text = match piece {
            Piece::Text(text) => Some(text),
            _ => None,
        };
        if std::mem::take(&mut line_start) {
            match text {
                Some(text) if blank(text) => {}
                Some(text) => {
                    let indent = text.get(..text.len() - text.trim_start().len()).unwrap_or("");
                    least = least.min(indent.graphemes(true).count());
                    lines.push(i);
                }
                None => least = 0,
            }
        }
        line_start = text.is_some_and(|t| t.ends_with('\n'));
    }
    for i in lines {
        if let Some(Piece::Text(text)) = pieces.get_mut(i) {
            let bytes: usize = text.graphemes(true).take(least).map(str::len).sum();
            text.drain(..bytes);
        }
    }
}

fn join_texts(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match (out.last_mut(), piece) {
            (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
            (_, piece) => out.push(piece),
        }
    }
    out
}
