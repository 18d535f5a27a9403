//! Outdated forms into today's: `"${x}"` to `x`, `type = "list"` to `type = list(string)`, block labels into quotes.

use super::pieces::Piece;
use crate::diagnostics::Sources;
use crate::lang::syntax::ast::ExprKind;
use crate::lang::syntax::parse_expression;
use crate::lang::syntax::scan::TokenKind as K;
use crate::lang::value::escape_literal;
use unicode_normalization::UnicodeNormalization;

/// Rewrites the arguments and block headers of a file; what they enclose is left alone.
pub(super) fn rewrite(pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    let mut reader = Reader { rest: &pieces, out: Vec::with_capacity(pieces.len() + 8) };
    // For each open block, whether its type is `variable`.
    let mut blocks: Vec<bool> = Vec::new();
    while let [first, after @ ..] = reader.rest {
        match first.kind {
            K::Ident => match after.iter().find(|p| p.kind != K::Comment).map(|p| p.kind) {
                Some(K::Equal) => {
                    let is_type = blocks == [true] && first.text == "type";
                    reader.argument(is_type);
                }
                _ => {
                    blocks.push(first.text == "variable");
                    reader.header();
                }
            },
            K::CBrace => {
                blocks.pop();
                reader.keep(1);
            }
            _ => reader.keep(1),
        }
    }
    reader.out
}

struct Reader<'p, 't> {
    rest: &'p [Piece<'t>],
    out: Vec<Piece<'t>>,
}

impl<'p, 't> Reader<'p, 't> {
    /// Takes the next pieces away.
    fn take(&mut self, count: usize) -> &'p [Piece<'t>] {
        let (taken, rest) = self.rest.split_at(count.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    /// Takes the next pieces over as they are.
    fn keep(&mut self, count: usize) {
        let kept = self.take(count);
        self.out.extend_from_slice(kept);
    }

    /// `name = expression`, without what ends the line.
    fn argument(&mut self, is_type: bool) {
        let equal = self.rest.iter().position(|p| p.kind == K::Equal).unwrap_or(0);
        let comments = self.rest.iter().skip(equal + 1).take_while(|p| p.kind == K::Comment).count();
        self.keep(equal + 1 + comments);
        let expression = self.take(expression_len(self.rest));
        match if is_type { type_keyword(expression) } else { unwrapped(expression) } {
            Some(rewritten) => self.out.extend(rewritten),
            None => self.out.extend_from_slice(expression),
        }
    }

    /// A block's type and labels, and its opening brace. Comments among the labels go before the brace.
    fn header(&mut self) {
        self.keep(1);
        let mut comments: Vec<Piece<'t>> = Vec::new();
        while let [first, after @ ..] = self.rest {
            match first.kind {
                K::Ident => {
                    let name: String = first.text.nfc().collect();
                    self.quoted(name);
                    self.take(1);
                }
                K::OQuote => {
                    let label: &[Piece<'t>] = match after {
                        [text, close, ..] if text.kind == K::QuotedLit && close.kind == K::CQuote => self.take(3),
                        _ => {
                            let len = self.rest.iter().position(|p| p.kind == K::CQuote);
                            let len = len.map_or(self.rest.len(), |at| at + 1);
                            self.keep(len);
                            continue;
                        }
                    };
                    match label.get(1).and_then(|text| normal_label(&text.text)) {
                        Some(text) => self.quoted(text),
                        None => self.out.extend_from_slice(label),
                    }
                }
                K::Comment => comments.extend_from_slice(self.take(1)),
                _ => {
                    self.out.append(&mut comments);
                    return self.keep(1);
                }
            }
        }
    }

    fn quoted(&mut self, text: String) {
        self.out.push(Piece::new(K::OQuote, "\""));
        self.out.push(Piece::new(K::QuotedLit, text));
        self.out.push(Piece::new(K::CQuote, "\""));
    }
}

/// How many pieces belong to the expression at the start; comments after it do not.
fn expression_len(pieces: &[Piece<'_>]) -> usize {
    let mut depth = 0isize;
    let mut len = 0;
    for (i, piece) in pieces.iter().enumerate() {
        match piece.kind {
            K::Eof => break,
            K::OQuote | K::OHeredoc => depth += 1,
            K::CQuote | K::CHeredoc => depth -= 1,
            _ => depth += piece.brackets(),
        }
        // The brace that closes a block of one line.
        if depth < 0 || depth == 0 && piece.ends_line() {
            break;
        }
        if piece.kind != K::Comment {
            len = i + 1;
        }
    }
    len
}

/// What stands in a string that is one interpolation and nothing else.
fn unwrapped<'t>(expression: &[Piece<'t>]) -> Option<Vec<Piece<'t>>> {
    let [open, begin, inside @ .., end, close] = expression else { return None };
    if inside.is_empty()
        || (open.kind, begin.kind, end.kind, close.kind) != (K::OQuote, K::TemplateInterp, K::TemplateSeqEnd, K::CQuote)
    {
        return None;
    }
    let mut quotes = 0usize;
    for piece in inside {
        match piece.kind {
            K::OQuote => quotes += 1,
            K::CQuote => quotes = quotes.saturating_sub(1),
            // Text, or a second interpolation. Inside quotes they belong to an inner expression.
            K::TemplateInterp | K::TemplateSeqEnd | K::QuotedLit if quotes == 0 => return None,
            _ => {}
        }
    }
    let start = inside.iter().position(|p| p.kind != K::Newline).unwrap_or(inside.len());
    let stop = inside.iter().rposition(|p| p.kind != K::Newline).map_or(start, |at| at + 1);
    let inside = inside.get(start..stop).unwrap_or_default();
    let parenthesised =
        inside.first().is_some_and(|p| p.kind == K::OParen) && inside.last().is_some_and(|p| p.kind == K::CParen);
    let over_lines = inside.iter().any(|p| p.kind == K::Newline);
    let mut out = Vec::with_capacity(inside.len() + 2);
    if over_lines && !parenthesised || breaks_outside_brackets(inside) {
        out.push(Piece::new(K::OParen, "("));
        out.extend_from_slice(inside);
        out.push(Piece::new(K::CParen, ")"));
    } else {
        out.extend_from_slice(inside);
    }
    Some(out)
}

/// Whether a line before the last ends where only parentheses could continue the expression.
fn breaks_outside_brackets(expression: &[Piece<'_>]) -> bool {
    let mut depth = 0;
    let mut but_last = expression.iter().take(expression.len().saturating_sub(1));
    but_last.any(|piece| {
        depth += piece.brackets();
        depth == 0 && piece.ends_line()
    })
}

/// A type as it was written before types were expressions.
fn type_keyword<'t>(expression: &[Piece<'t>]) -> Option<Vec<Piece<'t>>> {
    let (name, element): (&'static str, &'static str) = match expression {
        [word] if word.kind == K::Ident => match &*word.text {
            "list" => ("list", "any"),
            "map" => ("map", "any"),
            "set" => ("set", "any"),
            _ => return None,
        },
        [open, text, close] if (open.kind, text.kind, close.kind) == (K::OQuote, K::QuotedLit, K::CQuote) => {
            match &*text.text {
                "string" => return Some(vec![Piece::new(K::Ident, "string")]),
                // Elements were strings then, whatever was meant.
                "list" => ("list", "string"),
                "map" => ("map", "string"),
                _ => return None,
            }
        }
        _ => return None,
    };
    Some(vec![
        Piece::new(K::Ident, name),
        Piece::new(K::OParen, "("),
        Piece::new(K::Ident, element),
        Piece::new(K::CParen, ")"),
    ])
}

/// A label's text with as few escapes as possible; `None` when it is so already.
fn normal_label(text: &str) -> Option<String> {
    if text.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'\\') {
        return None;
    }
    let quoted = format!("\"{text}\"");
    let file = Sources::new().add("label", quoted.as_str());
    let ExprKind::Literal(value) = parse_expression(file, &quoted, 0).ok()?.kind else { return None };
    let plain = value.as_str()?;
    let mut out = String::with_capacity(plain.len());
    escape_literal(plain, &mut out);
    Some(out)
}
