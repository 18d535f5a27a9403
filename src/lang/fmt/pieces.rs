//! A text as the formatter sees it: tokens with the spaces before them.

use crate::lang::syntax::scan::{ScanMode, TokenKind, scan};
use std::borrow::Cow;

/// A token and the spaces before it.
#[derive(Debug, Clone)]
pub(super) struct Piece<'t> {
    /// What it is.
    pub kind: TokenKind,
    /// Its text. A comment to the end of the line has its line break in it.
    pub text: Cow<'t, str>,
    /// How many spaces stand before it.
    pub spaces: usize,
}

impl<'t> Piece<'t> {
    /// A piece that is not in the original text.
    pub fn new(kind: TokenKind, text: impl Into<Cow<'t, str>>) -> Self {
        Piece { kind, text: text.into(), spaces: 0 }
    }

    /// Whether a line ends with this piece. Line breaks inside heredocs and comments do not count.
    pub fn ends_line(&self) -> bool {
        match self.kind {
            TokenKind::Newline => true,
            TokenKind::Comment => self.text.ends_with('\n'),
            _ => false,
        }
    }

    /// How many brackets this piece opens, less those it closes.
    pub fn brackets(&self) -> isize {
        use TokenKind as K;
        match self.kind {
            K::OBrace | K::OBrack | K::OParen | K::TemplateControl | K::TemplateInterp => 1,
            K::CBrace | K::CBrack | K::CParen | K::TemplateSeqEnd => -1,
            _ => 0,
        }
    }
}

/// The pieces of a text; the last is of kind `Eof`. A byte order mark is left out.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out: Vec<Piece<'_>> = Vec::new();
    let mut last_end = 0;
    let mut comment_start = None;
    for token in scan(text, ScanMode::Normal) {
        let (start, end) = (token.start as usize, token.end as usize);
        if token.kind == TokenKind::Newline
            && let Some(from) = comment_start.take()
            && let Some(comment) = out.last_mut()
        {
            comment.text = text.get(from..end).unwrap_or_default().into();
        } else {
            let content = text.get(start..end).unwrap_or_default();
            let to_line_end = token.kind == TokenKind::Comment && !content.starts_with("/*");
            comment_start = to_line_end.then_some(start);
            let spaces = start.saturating_sub(last_end);
            out.push(Piece { kind: token.kind, text: content.into(), spaces });
        }
        last_end = end;
    }
    out
}
