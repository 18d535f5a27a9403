//! Wildcards of policies: `*` is any run of characters, `?` any single one; on either side parts may be unknown.

use super::symbol::{self, Piece, Symbol};
use super::truth::Truth;

/// Stands for a `*` that is no wildcard, inside a pattern.
pub(super) const LITERAL_ANY: char = '\u{E0F2}';
/// Stands for a `?` that is no wildcard, inside a pattern.
pub(super) const LITERAL_ONE: char = '\u{E0F3}';

/// A character of a pattern or text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Char(char),
    /// `?`
    One,
    /// `*`
    Any,
    /// What is not known; equal to itself.
    Symbol(Symbol),
}

/// What `*` and `?` mean in the left text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wildcards {
    /// They match.
    Match,
    /// They are themselves.
    Literal,
}

/// A text ready to be compared.
#[derive(Debug, Clone)]
pub struct Pattern(Vec<Token>);

impl Pattern {
    /// With `*` and `?` as wildcards, or as themselves.
    pub fn new(text: &str, wildcards: Wildcards) -> Self {
        let mut tokens = Vec::with_capacity(text.len());
        for piece in symbol::pieces(text) {
            match piece {
                Piece::Symbol(name) => tokens.push(Token::Symbol(name)),
                Piece::Text(text) => tokens.extend(text.chars().map(|c| match (c, wildcards) {
                    ('*', Wildcards::Match) => Token::Any,
                    ('?', Wildcards::Match) => Token::One,
                    (LITERAL_ANY, _) => Token::Char('*'),
                    (LITERAL_ONE, _) => Token::Char('?'),
                    _ => Token::Char(c),
                })),
            }
        }
        Pattern(tokens)
    }

    fn fixed(&self) -> bool {
        self.0.iter().all(|t| matches!(t, Token::Char(_)))
    }

    /// Whether this pattern matches everything that `text` may be. A text may hold wildcards itself: it then stands for all texts
    /// that they match, and all of them must be matched.
    pub fn covers(&self, text: &Pattern) -> Truth {
        if self.matches_atoms(&text.0) {
            return Truth::Yes;
        }
        let unknown = |p: &Pattern| p.0.iter().any(|t| matches!(t, Token::Symbol(_)));
        if (unknown(self) || unknown(text)) && self.overlaps(text) { Truth::Unknown } else { Truth::No }
    }

    /// Whether some text may be matched by both. Two fixed texts overlap when they are equal; a symbol may be any text.
    pub fn overlaps(&self, other: &Pattern) -> bool {
        if self.fixed() && other.fixed() {
            return self.0 == other.0;
        }
        let wide = |t: &Token| matches!(t, Token::Any | Token::Symbol(_));
        let agree = |a: &Token, b: &Token| a == b || *a == Token::One || *b == Token::One;
        // What stands before the first and behind the last run of either is compared in place: most of an ARN.
        let (mut ours, mut theirs) = (self.0.as_slice(), other.0.as_slice());
        while let ([a, rest @ ..], [b, others @ ..]) = (ours, theirs)
            && !wide(a)
            && !wide(b)
        {
            if !agree(a, b) {
                return false;
            }
            (ours, theirs) = (rest, others);
        }
        while let ([rest @ .., a], [others @ .., b]) = (ours, theirs)
            && !wide(a)
            && !wide(b)
        {
            if !agree(a, b) {
                return false;
            }
            (ours, theirs) = (rest, others);
        }
        // Cells of one row: can the tokens so far of `ours` and those of `theirs` match one text?
        let mut row = vec![true];
        for token in theirs {
            row.push(row.last() == Some(&true) && wide(token));
        }
        for token in ours {
            let first = row.first() == Some(&true) && wide(token);
            let mut next = Vec::with_capacity(row.len());
            next.push(first);
            let mut left = first;
            for (pair, other) in row.windows(2).zip(theirs) {
                let (diagonal, above) = match pair {
                    [a, b] => (*a, *b),
                    _ => (false, false),
                };
                let cell = if wide(token) || wide(other) {
                    // A run matches nothing (drop it) or takes what stands against it.
                    above || left || diagonal
                } else {
                    diagonal && agree(token, other)
                };
                next.push(cell);
                left = cell;
            }
            if next.iter().all(|c| !c) {
                return false;
            }
            row = next;
        }
        row.last() == Some(&true)
    }

    /// Matches with symbols and the text's wildcards taken as characters that only equal themselves and `*`.
    fn matches_atoms(&self, text: &[Token]) -> bool {
        let pattern = &self.0;
        let (mut p, mut t) = (0, 0);
        let mut retry: Option<(usize, usize)> = None;
        while let Some(have) = text.get(t) {
            match pattern.get(p) {
                Some(Token::Any) => {
                    retry = Some((p + 1, t));
                    p += 1;
                    continue;
                }
                Some(Token::One) if matches!(have, Token::Char(_) | Token::One) => {
                    p += 1;
                    t += 1;
                    continue;
                }
                Some(want) if want == have => {
                    p += 1;
                    t += 1;
                    continue;
                }
                _ => {}
            }
            let Some((after, from)) = retry else { return false };
            retry = Some((after, from + 1));
            p = after;
            t = from + 1;
        }
        pattern.get(p..).is_some_and(|rest| rest.iter().all(|t| *t == Token::Any))
    }
}

/// Whether the policy's pattern matches the text (or every text that `text` with its own wildcards stands for).
pub fn covers(pattern: &str, text: &str) -> Truth {
    if pattern == text {
        return Truth::Yes;
    }
    if pattern.is_ascii() && text.is_ascii() {
        return plain::matches(pattern.as_bytes(), text.as_bytes(), Case::Kept).into();
    }
    Pattern::new(pattern, Wildcards::Match).covers(&Pattern::new(text, Wildcards::Match))
}

/// Whether some text may be matched by both patterns.
pub fn overlap(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() && plain::apart(a.as_bytes(), b.as_bytes(), Case::Kept) {
        return false;
    }
    Pattern::new(a, Wildcards::Match).overlaps(&Pattern::new(b, Wildcards::Match))
}

/// As [`overlap`], without regard to the case of letters.
pub fn overlap_ignoring_case(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() && plain::apart(a.as_bytes(), b.as_bytes(), Case::Ignored) {
        return false;
    }
    overlap(&a.to_ascii_lowercase(), &b.to_ascii_lowercase())
}

/// Whether two texts without wildcards are the same.
pub fn same(a: &str, b: &str) -> Truth {
    if a == b {
        return Truth::Yes;
    }
    if a.is_ascii() && b.is_ascii() {
        return Truth::No;
    }
    Pattern::new(a, Wildcards::Literal).covers(&Pattern::new(b, Wildcards::Literal))
}

/// As [`covers`], without regard to the case of letters: how actions and condition keys are compared.
pub fn covers_ignoring_case(pattern: &str, text: &str) -> Truth {
    if pattern.is_ascii() && text.is_ascii() {
        return plain::matches(pattern.as_bytes(), text.as_bytes(), Case::Ignored).into();
    }
    if symbol::is_known(pattern) && symbol::is_known(text) {
        return covers(&pattern.to_ascii_lowercase(), &text.to_ascii_lowercase());
    }
    covers(pattern, text)
}

/// Whether the case of letters counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Kept,
    Ignored,
}

/// Comparison of texts in ASCII, which hold no symbols: nearly all there are, compared where they stand, without a token for each
/// character. Rules ask millions of times.
mod plain {
    use super::Case;

    fn equal(a: u8, b: u8, case: Case) -> bool {
        a == b || (case == Case::Ignored && a.eq_ignore_ascii_case(&b))
    }

    /// Whether the pattern matches every text that `text` stands for.
    pub(super) fn matches(pattern: &[u8], text: &[u8], case: Case) -> bool {
        let (mut p, mut t) = (0, 0);
        let mut retry: Option<(usize, usize)> = None;
        while let Some(have) = text.get(t) {
            match pattern.get(p) {
                Some(b'*') => {
                    p += 1;
                    if p == pattern.len() {
                        return true;
                    }
                    retry = Some((p, t));
                    continue;
                }
                Some(b'?') if *have != b'*' => {
                    p += 1;
                    t += 1;
                    continue;
                }
                Some(want) if *want != b'?' && equal(*want, *have, case) => {
                    p += 1;
                    t += 1;
                    continue;
                }
                _ => {}
            }
            let Some((after, from)) = retry else { return false };
            retry = Some((after, from + 1));
            p = after;
            t = from + 1;
        }
        pattern.get(p..).is_some_and(|rest| rest.iter().all(|c| *c == b'*'))
    }

    /// Whether what stands before the first wildcard, or behind the last one, tells two patterns apart: no text is matched by both.
    /// Where it does not, they still may be.
    pub(super) fn apart(a: &[u8], b: &[u8], case: Case) -> bool {
        let wild = |c: &u8| matches!(c, b'*' | b'?');
        if !a.iter().any(wild) && !b.iter().any(wild) {
            return a.len() != b.len() || !a.iter().zip(b).all(|(x, y)| equal(*x, *y, case));
        }
        let differ = |(x, y): (&u8, &u8)| !equal(*x, *y, case);
        let plain = |(x, y): &(&u8, &u8)| !wild(x) && !wild(y);
        a.iter().zip(b).take_while(plain).any(differ)
            || a.iter().rev().zip(b.iter().rev()).take_while(plain).any(differ)
    }
}

#[cfg(test)]
mod tests {
    use super::symbol::symbol;
    use super::*;

    #[test]
    fn wildcards_match_runs_and_single_characters() {
        for (pattern, text, want) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abb", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*a*b*", "xxaxxbxx", true),
            ("s3:Get*", "s3:GetObject", true),
            ("a*a", "a", false),
            ("", "", true),
            ("", "a", false),
            ("a", "", false),
        ] {
            assert_eq!(covers(pattern, text), Truth::from(want), "{pattern} {text}");
        }
    }

    #[test]
    fn plain_texts_are_compared_as_all_others_are() {
        let texts =
            ["", "*", "?", "a", "A", "ab", "a*", "*a", "a?", "?a", "a*b", "a?b", "aB", "*a*b*", "ab*ba", "a**", "abab"];
        for pattern in texts {
            for text in texts {
                let tokens = |t: &str| Pattern::new(t, Wildcards::Match);
                let lower = |t: &str| tokens(&t.to_ascii_lowercase());
                assert_eq!(covers(pattern, text), tokens(pattern).covers(&tokens(text)), "{pattern} {text}");
                assert_eq!(
                    covers_ignoring_case(pattern, text),
                    lower(pattern).covers(&lower(text)),
                    "{pattern} {text}"
                );
                assert_eq!(overlap(pattern, text), tokens(pattern).overlaps(&tokens(text)), "{pattern} {text}");
                assert_eq!(
                    overlap_ignoring_case(pattern, text),
                    lower(pattern).overlaps(&lower(text)),
                    "{pattern} {text}"
                );
            }
        }
    }

    #[test]
    fn patterns_overlap_when_some_text_is_matched_by_both() {
        let all = (0..=8).flat_map(|length| {
            (0..1_u32 << length)
                .map(move |bits| (0..length).map(|i| if bits >> i & 1 == 0 { 'a' } else { 'b' }).collect::<String>())
        });
        let all: Vec<String> = all.collect();
        let patterns =
            ["", "*", "?", "a", "ab", "a*", "*a", "a?", "?a", "a*b", "a?b", "*a*b*", "ab*ba", "aab", "ab*b", "b*a?"];
        for a in patterns {
            for b in patterns {
                let both = all.iter().any(|text| covers(a, text).is_yes() && covers(b, text).is_yes());
                assert_eq!(overlap(a, b), both, "{a} {b}");
            }
        }
    }

    #[test]
    fn a_pattern_covers_another_only_as_a_whole() {
        assert!(covers("a/*", "a/b*").is_yes());
        assert!(covers("a/b*", "a/*").is_no());
        assert!(covers("a?", "a*").is_no());
        assert!(covers("*", "*").is_yes());
        assert!(overlap("a/b*", "a/*") && overlap("a*z", "ab*") && !overlap("a*", "b*"));
        assert!(overlap("a?c", "abc") && !overlap("a?c", "abbc"));
    }

    #[test]
    fn equal_symbols_are_equal_and_others_may_be() {
        let (a, b) = (symbol("a"), symbol("b"));
        assert!(covers(&format!("{a}/*"), &format!("{a}/key")).is_yes());
        assert_eq!(covers(&format!("{a}/*"), &format!("{b}/key")), Truth::Unknown);
        assert_eq!(covers(&a, "arn:aws:s3:::x"), Truth::Unknown);
        assert!(covers(&format!("arn:aws:sns:{a}"), "arn:aws:s3:::x").is_no());
        assert_eq!(covers("arn:aws:s3:::x", &a), Truth::Unknown);
        assert!(covers("*", &a).is_yes());
        assert_eq!(same(&a, &b), Truth::Unknown);
        assert!(same("x*", "xy").is_no());
    }
}
