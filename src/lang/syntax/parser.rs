//! What all parts of the parser share: the token stream, messages, recovery and the limit of nesting.

use super::ast::{Expr, ExprKind, Ident};
use super::scan::{ScanMode, Token, TokenKind, scan};
use crate::diagnostics::{Diagnostic, Diagnostics, FileId, Span};
use crate::lang::deep;
use crate::lang::value::{Type, Value};

/// After this many errors a file is given up: more would be consequences.
const MAX_ERRORS: usize = 25;

/// A recursive-descent parser. Functions return a placeholder where they failed; whether they did is told by
/// [`Parser::failed_since`].
pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    file: FileId,
    /// Where the text starts in its file.
    base: u32,
    tokens: Vec<Token>,
    at: usize,
    /// Line breaks are tokens (top of the stack true) or nothing.
    newlines: Vec<bool>,
    /// Set after an error until the place is known again; suppresses messages that would only be consequences.
    pub(super) recovery: bool,
    diagnostics: Vec<Diagnostic>,
    /// The header of the block being read.
    pub(super) header: Option<Span>,
    depth: usize,
    last_end: u32,
}

impl<'a> Parser<'a> {
    pub(super) fn new(file: FileId, text: &'a str, base: u32, mode: ScanMode) -> Self {
        // Spans are 32 bits wide.
        let fits = u32::try_from(text.len()).is_ok_and(|len| len.checked_add(base).is_some());
        let text = if fits { text } else { "" };
        let mut tokens = scan(text, mode);
        let mut diagnostics = Vec::new();
        if !fits {
            diagnostics.push(Diagnostic::error("File too large", "A configuration file cannot be larger than 4 GiB."));
        }
        let invalid = super::invalid::find(text, &tokens);
        diagnostics.extend(invalid.into_iter().map(|(token, summary, detail)| {
            let span = Span { file, start: base + token.start, end: base + token.end };
            Diagnostic::error(summary, detail).at(span)
        }));
        tokens.retain(|t| t.kind != TokenKind::Comment);
        Parser {
            text,
            file,
            base,
            tokens,
            at: 0,
            newlines: vec![true],
            recovery: false,
            diagnostics,
            header: None,
            depth: 0,
            last_end: 0,
        }
    }

    /// All messages, in the order of their places, without those that only repeat what an invalid character caused.
    pub(super) fn finish(self, invalid: usize) -> Diagnostics {
        let mut all = self.diagnostics;
        let found = all.split_off(invalid.min(all.len()));
        // What follows an unclosed quote cannot be trusted.
        let reliable_until = all
            .iter()
            .filter(|d| {
                d.summary == super::invalid::MULTI_LINE
                    || d.span.is_some_and(|s| (s.end - self.base) as usize >= self.text.len())
            })
            .filter_map(|d| d.span)
            .map(|s| s.start)
            .min()
            .unwrap_or(u32::MAX);
        let repeats = |d: &Diagnostic| {
            d.span.is_some_and(|s| {
                s.start >= reliable_until
                    || all.iter().filter_map(|i| i.span).any(|i| s.start <= i.end && i.start <= s.end)
            })
        };
        let found: Vec<_> = found.into_iter().filter(|d| !repeats(d)).collect();
        all.extend(found);
        all.sort_by_key(|d| d.span.map_or(0, |s| s.start));
        all.truncate(MAX_ERRORS);
        all.into_iter().collect()
    }

    pub(super) fn diagnostic_count(&self) -> usize {
        self.diagnostics.len()
    }

    pub(super) fn failed_since(&self, count: usize) -> bool {
        self.recovery && self.diagnostics.len() > count
    }

    pub(super) fn error(&mut self, diagnostic: Diagnostic, span: Span) {
        let mut diagnostic = diagnostic.at(span);
        diagnostic.context = self.header;
        self.diagnostics.push(diagnostic);
        if self.diagnostics.len() >= MAX_ERRORS {
            self.recovery = true;
        }
    }

    /// Reports unless an earlier error is still being recovered from.
    pub(super) fn complain(&mut self, summary: &str, detail: &str, span: Span) {
        if !self.recovery {
            self.error(Diagnostic::error(summary, detail), span);
        }
    }

    pub(super) fn exhausted(&self) -> bool {
        self.diagnostics.len() >= MAX_ERRORS
    }

    // The token stream.

    fn token(&self, at: usize) -> Token {
        let end = self.text.len() as u32;
        self.tokens.get(at).copied().unwrap_or(Token { kind: TokenKind::Eof, start: end, end })
    }

    fn next_at(&self, mut at: usize) -> usize {
        if !self.newlines.last().copied().unwrap_or(true) {
            while self.token(at).kind == TokenKind::Newline {
                at += 1;
            }
        }
        at
    }

    pub(super) fn peek(&self) -> Token {
        self.token(self.next_at(self.at))
    }

    pub(super) fn peek_kind(&self) -> TokenKind {
        self.peek().kind
    }

    /// The token after the next one.
    pub(super) fn peek_second(&self) -> Token {
        self.token(self.next_at(self.next_at(self.at) + 1))
    }

    pub(super) fn read(&mut self) -> Token {
        let at = self.next_at(self.at);
        let token = self.token(at);
        if token.kind != TokenKind::Eof {
            self.at = at + 1;
        }
        self.last_end = token.end;
        token
    }

    /// Reads the next token if it is of this kind.
    pub(super) fn take(&mut self, kind: TokenKind) -> Option<Token> {
        (self.peek_kind() == kind).then(|| self.read())
    }

    pub(super) fn with_newlines<T>(&mut self, significant: bool, work: impl FnOnce(&mut Self) -> T) -> T {
        self.newlines.push(significant);
        let result = work(self);
        self.newlines.pop();
        result
    }

    pub(super) fn slice(&self, token: Token) -> &'a str {
        self.text.get(token.start as usize..token.end as usize).unwrap_or("")
    }

    pub(super) fn is_keyword(&self, token: Token, word: &str) -> bool {
        token.kind == TokenKind::Ident && self.slice(token) == word
    }

    pub(super) fn ident(&self, token: Token) -> Ident {
        Ident { name: self.slice(token).into(), span: self.span(token) }
    }

    pub(super) fn span(&self, token: Token) -> Span {
        self.range(token.start, token.end)
    }

    pub(super) fn range(&self, start: u32, end: u32) -> Span {
        Span { file: self.file, start: self.base + start, end: self.base + end.max(start) }
    }

    pub(super) fn text_of(&self, span: Span) -> &'a str {
        self.text.get((span.start - self.base) as usize..(span.end - self.base) as usize).unwrap_or("")
    }

    /// From a byte to the end of the token read last.
    pub(super) fn since(&self, start: u32) -> Span {
        self.range(start, self.last_end)
    }

    /// Stands where an expression could not be read.
    pub(super) fn placeholder(&self, span: Span) -> Expr {
        Expr { kind: ExprKind::Literal(Value::unknown(Type::Dynamic)), span }
    }

    // Nesting.

    /// Runs one level deeper; past the limit reports, and gives `otherwise`.
    pub(super) fn deeper<T: Send>(
        &mut self,
        work: impl FnOnce(&mut Self) -> T + Send,
        otherwise: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.depth += 1;
        let result = if self.depth > deep::MAX_NESTING { None } else { deep::deeper(|| work(self)) };
        self.depth -= 1;
        match result {
            Some(result) => result,
            None => {
                let span = self.span(self.peek());
                self.complain(
                    "Nesting too deep",
                    &format!(
                        "Expressions, templates and blocks can be nested {} levels deep. Move inner parts into local values.",
                        deep::MAX_NESTING
                    ),
                    span,
                );
                self.recovery = true;
                otherwise(self)
            }
        }
    }

    /// Reports a chain that is too long, once.
    pub(super) fn chain_too_long(&mut self, length: usize, span: Span) -> bool {
        if length <= deep::MAX_CHAIN {
            return false;
        }
        self.complain(
            "Expression too long",
            &format!(
                "At most {} operators, attributes or indexes can be chained. Move parts into local values.",
                deep::MAX_CHAIN
            ),
            span,
        );
        self.recovery = true;
        true
    }

    // Recovery.

    /// Skips to after the token of kind `end` that closes the current brackets; returns it, or the end of the text.
    pub(super) fn recover(&mut self, end: TokenKind) -> Token {
        self.recovery = true;
        let mut nested = 0usize;
        loop {
            let token = self.read();
            if token.kind == TokenKind::Eof {
                return token;
            } else if token.kind == end {
                if nested == 0 {
                    return token;
                }
                nested -= 1;
            } else if closer(token.kind) == Some(end) {
                nested += 1;
            }
        }
    }

    /// Skips to the line after the current body item, not stopping inside its brackets.
    pub(super) fn recover_after_body_item(&mut self) {
        self.recovery = true;
        self.with_newlines(true, |p| {
            let mut open: Vec<TokenKind> = Vec::new();
            loop {
                let token = p.read();
                match token.kind {
                    TokenKind::Eof => return,
                    TokenKind::Newline if open.is_empty() => return,
                    kind => close_or_open(kind, &mut open),
                }
            }
        });
    }

    pub(super) fn mark(&self) -> usize {
        self.at
    }

    /// Skips from an expression that could not be read to the next line that looks like a body item of the same block or
    /// its end: brackets opened since `start` are closed, or the line is indented no deeper than the item that failed.
    pub(super) fn recover_after_expression(&mut self, start: usize) {
        let column = |p: &Self, token: Token| {
            let before = p.text.get(..token.start as usize).unwrap_or("");
            before.len() - before.rfind('\n').map_or(0, |i| i + 1)
        };
        let failed_at = self.diagnostics.last().and_then(|d| d.span).map_or(0, |s| s.start - self.base);
        let own = column(self, self.token(start));
        let mut open: Vec<TokenKind> = Vec::new();
        let mut at = start;
        loop {
            let token = self.token(at);
            match token.kind {
                TokenKind::Eof => break,
                TokenKind::Newline => {
                    let (first, second) = (self.token(at + 1), self.token(at + 2).kind);
                    let item = first.kind == TokenKind::Ident && begins_item(second);
                    let closes = first.kind == TokenKind::CBrace;
                    let place = token.end >= failed_at
                        && (open.is_empty()
                            || item && column(self, first) <= own
                            || closes && column(self, first) < own);
                    if place {
                        self.at = at + 1;
                        self.last_end = token.end;
                        self.recovery = self.exhausted() || first.kind == TokenKind::Eof;
                        return;
                    }
                }
                kind => close_or_open(kind, &mut open),
            }
            at += 1;
        }
        self.at = at;
        self.recovery = true;
    }

    /// In recovery at the start of a line: skips lines until one looks like an item or the end of the body.
    pub(super) fn resynchronise(&mut self, end: TokenKind) {
        while self.recovery {
            let next = self.peek();
            match next.kind {
                TokenKind::Eof => return,
                TokenKind::Newline => {
                    self.read();
                }
                kind if kind == end => {
                    self.recovery = self.exhausted();
                    return;
                }
                TokenKind::Ident if begins_item(self.peek_second().kind) => {
                    self.recovery = self.exhausted();
                    return;
                }
                _ => self.recover_after_body_item(),
            }
        }
    }
}

/// Whether a body item goes on with this after its name.
fn begins_item(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Equal | TokenKind::OBrace | TokenKind::OQuote | TokenKind::Ident)
}

/// The kind that closes what this kind opens.
fn closer(open: TokenKind) -> Option<TokenKind> {
    Some(match open {
        TokenKind::OBrace => TokenKind::CBrace,
        TokenKind::OBrack => TokenKind::CBrack,
        TokenKind::OParen => TokenKind::CParen,
        TokenKind::OQuote => TokenKind::CQuote,
        TokenKind::OHeredoc => TokenKind::CHeredoc,
        TokenKind::TemplateInterp | TokenKind::TemplateControl => TokenKind::TemplateSeqEnd,
        _ => return None,
    })
}

fn close_or_open(kind: TokenKind, open: &mut Vec<TokenKind>) {
    if closer(kind).is_some() {
        open.push(kind);
    } else if let Some(back) = open.iter().rev().take(16).position(|o| closer(*o) == Some(kind)) {
        // Looking further back would take quadratic time in hopeless texts.
        open.truncate(open.len() - back - 1);
    }
}
