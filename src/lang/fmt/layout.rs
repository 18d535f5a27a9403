//! How many spaces stand before each piece. The rules are those of HashiCorp's `hclwrite` formatter: indentation by the net
//! brackets of each line, one space or none between neighbours, and columns of `=` and of comments over adjoining lines.

use super::pieces::Piece;
use crate::lang::syntax::scan::TokenKind as K;
use unicode_segmentation::UnicodeSegmentation;

/// A line's pieces: `start..assign` lead, `assign..comment` from the equals sign on, `comment..end` a comment that ends the line.
struct Line {
    start: usize,
    /// Equal to `comment` when the line assigns nothing.
    assign: usize,
    /// Equal to `end` when no comment ends the line.
    comment: usize,
    end: usize,
}

impl Line {
    fn lead<'p, 't>(&self, pieces: &'p [Piece<'t>]) -> &'p [Piece<'t>] {
        pieces.get(self.start..self.assign).unwrap_or_default()
    }

    fn assigned<'p, 't>(&self, pieces: &'p [Piece<'t>]) -> &'p [Piece<'t>] {
        pieces.get(self.assign..self.comment).unwrap_or_default()
    }
}

/// Sets the spaces before all pieces but the last, which ends the text.
pub(super) fn lay_out(pieces: &mut [Piece<'_>]) {
    let lines = lines(pieces);
    indent(pieces, &lines);
    for line in &lines {
        space(pieces.get_mut(line.start..line.assign).unwrap_or_default());
        space(pieces.get_mut(line.assign..line.comment).unwrap_or_default());
    }
    let assigns = |line: &Line| (line.assign < line.comment).then_some(line.assign);
    align(pieces, &lines, assigns, |line, pieces| columns(line.lead(pieces)));
    let comments = |line: &Line| (line.comment < line.end).then_some(line.comment);
    align(pieces, &lines, comments, |line, pieces| columns(line.lead(pieces)) + columns(line.assigned(pieces)));
}

fn lines(pieces: &[Piece<'_>]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (i, piece) in pieces.iter().enumerate() {
        if piece.kind == K::Eof {
            lines.push(line(pieces, start, i));
        } else if piece.ends_line() {
            lines.push(line(pieces, start, i + 1));
            start = i + 1;
        }
    }
    lines
}

fn line(pieces: &[Piece<'_>], start: usize, end: usize) -> Line {
    let of_line = pieces.get(start..end).unwrap_or_default();
    let comment = match of_line {
        [_, .., last] if last.kind == K::Comment => end - 1,
        _ => end,
    };
    // The first equals sign counts if what follows is a whole expression: otherwise one over several lines begins here.
    let before_comment = pieces.get(start..comment).unwrap_or_default();
    let equal = before_comment.iter().skip(1).position(|p| p.kind == K::Equal).map(|at| start + at + 1);
    let whole =
        |at: &usize| pieces.get(*at..comment).unwrap_or_default().iter().map(Piece::brackets).sum::<isize>() == 0;
    Line { start, assign: equal.filter(whole).unwrap_or(comment), comment, end }
}

/// Two spaces per line that opened more brackets than it closed and whose brackets are still open.
fn indent(pieces: &mut [Piece<'_>], lines: &[Line]) {
    let mut open: Vec<usize> = Vec::with_capacity(10);
    for line in lines {
        let lead = line.lead(pieces);
        let Some(first) = lead.first() else { continue };
        let mut net = 0;
        if first.kind != K::Newline {
            for piece in lead {
                net += piece.brackets();
                if piece.kind == K::OHeredoc {
                    break;
                }
            }
            net += line.assigned(pieces).iter().map(Piece::brackets).sum::<isize>();
        }
        let blank = first.kind == K::Newline;
        if net < 0 {
            let mut closed = net.unsigned_abs();
            while let Some(last) = open.last_mut() {
                if closed < *last {
                    *last -= closed;
                    break;
                }
                closed -= *last;
                open.pop();
                if closed == 0 {
                    break;
                }
            }
        }
        if let Some(first) = pieces.get_mut(line.start) {
            first.spaces = if blank { 0 } else { 2 * open.len() };
        }
        if net > 0 {
            open.push(net.unsigned_abs());
        }
    }
}

/// One space or none before each piece of a cell but the first.
fn space(cell: &mut [Piece<'_>]) {
    let mut before = None;
    let mut subject: Option<(K, bool)> = None;
    for piece in cell {
        if let Some((kind, is_in)) = subject {
            piece.spaces = usize::from(space_between(before, kind, is_in, piece.kind));
            before = Some(kind);
        }
        subject = Some((piece.kind, piece.kind == K::Ident && piece.text == "in"));
    }
}

/// Whether a space stands between `subject` (`is_in`: it is the word `in`) and `after`. `before` is what stands before `subject` in
/// its cell.
fn space_between(before: Option<K>, subject: K, is_in: bool, after: K) -> bool {
    let opens = |kind: K| matches!(kind, K::OBrace | K::OBrack | K::OParen | K::TemplateControl | K::TemplateInterp);
    let closes = |kind: K| matches!(kind, K::CBrace | K::CBrack | K::CParen | K::TemplateSeqEnd);
    match (subject, after) {
        (_, K::Newline) => false,
        // Calls and their namespaces.
        (K::Ident, K::OParen | K::DoubleColon) | (K::DoubleColon, K::Ident) => false,
        (K::Dot, _) | (_, K::Dot | K::Comma | K::Ellipsis) => false,
        (K::Comma, _) => true,
        // Templates are not touched.
        (K::QuotedLit | K::StringLit | K::OQuote | K::OHeredoc, _)
        | (_, K::QuotedLit | K::StringLit | K::CQuote | K::CHeredoc) => false,
        // `for x in [1]`, where `in` is not what the bracket indexes.
        _ if is_in && before == Some(K::Ident) => true,
        (K::Ident | K::NumberLit, K::OBrack) => false,
        (_, K::OBrack) if closes(subject) => false,
        (K::Bang, _) => false,
        (K::Minus, _) => !negates(before),
        (K::OBrace, K::CBrace) => false,
        (K::OBrace, _) | (_, K::CBrace) => true,
        (K::TemplateInterp | K::TemplateControl, K::OBrace) | (K::CBrace, K::TemplateSeqEnd) => true,
        (K::TemplateSeqEnd, K::TemplateInterp | K::TemplateControl) => false,
        _ => !opens(subject) && !closes(after),
    }
}

/// Whether a minus after this is a sign: nothing before it could be the end of an expression.
fn negates(before: Option<K>) -> bool {
    matches!(
        before,
        None | Some(
            K::OParen
                | K::OBrace
                | K::OBrack
                | K::Equal
                | K::Colon
                | K::Comma
                | K::Question
                | K::Plus
                | K::Star
                | K::Slash
                | K::Percent
                | K::Minus
                | K::EqualOp
                | K::NotEqual
                | K::GreaterThan
                | K::GreaterThanEq
                | K::LessThan
                | K::LessThanEq
                | K::And
                | K::Or
                | K::Bang
        )
    )
}

/// Brings the cells of adjoining lines under each other. `cell` names a line's first piece of the cell, if it has one; `width` is
/// what stands before it.
fn align(
    pieces: &mut [Piece<'_>],
    lines: &[Line],
    cell: impl Fn(&Line) -> Option<usize>,
    width: impl Fn(&Line, &[Piece<'_>]) -> usize,
) {
    let mut chain: Vec<(usize, usize)> = Vec::new();
    for line in lines {
        match cell(line) {
            Some(at) => chain.push((at, width(line, pieces))),
            None => settle(pieces, &mut chain),
        }
    }
    settle(pieces, &mut chain);
}

fn settle(pieces: &mut [Piece<'_>], chain: &mut Vec<(usize, usize)>) {
    let widest = chain.iter().map(|(_, width)| *width).max().unwrap_or(0);
    for (at, width) in chain.drain(..) {
        if let Some(piece) = pieces.get_mut(at) {
            piece.spaces = widest - width + 1;
        }
    }
}

/// The width of pieces with the spaces before them, in grapheme clusters. A line break counts as one.
fn columns(pieces: &[Piece<'_>]) -> usize {
    pieces.iter().map(|piece| piece.spaces + width(&piece.text)).sum()
}

fn width(text: &str) -> usize {
    if text.is_ascii() {
        // A carriage return with its line feed is one.
        text.len() - text.matches("\r\n").count()
    } else {
        text.graphemes(true).count()
    }
}
