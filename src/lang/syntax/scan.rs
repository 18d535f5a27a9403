//! Text to tokens, comments included. The parser and the formatter both stand on it, so every byte of the text that is not
//! a space or a tab belongs to exactly one token. Never fails: what is no token becomes [`TokenKind::Invalid`].
//!
//! The rules are those of HashiCorp's scanner (`hclsyntax/scan_tokens.rl`), including how it cuts template text into pieces,
//! because `~` trims only the neighbouring piece and the indentation of a `<<-` heredoc is counted per piece.

/// What a token is. Openers and closers of templates are tokens of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum TokenKind {
    OBrace,
    CBrace,
    OBrack,
    CBrack,
    OParen,
    CParen,
    /// `"` that opens.
    OQuote,
    /// `"` that closes.
    CQuote,
    /// `<<EOT` or `<<-EOT` with its line break.
    OHeredoc,
    /// The marker line without its line break.
    CHeredoc,
    Star,
    Slash,
    Plus,
    Minus,
    Percent,
    Equal,
    EqualOp,
    NotEqual,
    LessThan,
    LessThanEq,
    GreaterThan,
    GreaterThanEq,
    And,
    Or,
    Bang,
    Question,
    Colon,
    DoubleColon,
    Dot,
    Comma,
    Ellipsis,
    FatArrow,
    Ident,
    NumberLit,
    /// A piece of text inside quotes: backslash escapes are meant.
    QuotedLit,
    /// A piece of text of a heredoc or a bare template: only `$${` and `%%{` are escapes.
    StringLit,
    /// `${` or `${~`
    TemplateInterp,
    /// `%{` or `%{~`
    TemplateControl,
    /// `}` or `~}` that ends one of the two above.
    TemplateSeqEnd,
    Newline,
    /// `# …`, `// …` without its line break, or `/* … */`.
    Comment,
    BitwiseAnd,
    BitwiseOr,
    BitwiseNot,
    BitwiseXor,
    Backtick,
    Apostrophe,
    Semicolon,
    /// A line break inside quotes.
    QuotedNewline,
    Invalid,
    Eof,
}

/// A token: the bytes `start..end` of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// What the text as a whole is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanMode {
    /// A configuration file or an expression.
    Normal,
    /// A template, as a file for `templatefile` is.
    Template,
}

/// The tokens of a text, ending with one of kind [`TokenKind::Eof`]. A byte order mark at the start is skipped.
/// Texts of 4 GiB and more are not scanned past that size.
pub fn scan(text: &str, mode: ScanMode) -> Vec<Token> {
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut scanner = Scanner {
        bytes: text.as_bytes(),
        text,
        at: start,
        tokens: Vec::with_capacity(text.len() / 5 + 2),
        stack: vec![match mode {
            ScanMode::Normal => Mode::Main,
            ScanMode::Template => Mode::Bare,
        }],
        braces: 0,
        sequences: Vec::new(),
    };
    scanner.run();
    scanner.tokens
}

#[derive(Debug, Clone, Copy)]
enum Mode {
    Main,
    Quoted,
    Heredoc { marker: (usize, usize), line_start: bool },
    Bare,
}

struct Scanner<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    stack: Vec<Mode>,
    braces: usize,
    /// Brace depths at which a `}` ends a template sequence.
    sequences: Vec<usize>,
}

impl Scanner<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn more(&self) -> bool {
        self.at < self.bytes.len()
    }

    fn emit(&mut self, kind: TokenKind, start: usize, end: usize) {
        self.tokens.push(Token { kind, start: start as u32, end: end as u32 });
        self.at = end;
    }

    fn run(&mut self) {
        while self.more() {
            match self.stack.last().copied().unwrap_or(Mode::Main) {
                Mode::Main => self.main(),
                Mode::Quoted => self.quoted(),
                Mode::Heredoc { marker, line_start } => self.heredoc(marker, line_start),
                Mode::Bare => self.bare(),
            }
        }
        let end = self.bytes.len();
        self.emit(TokenKind::Eof, end, end);
    }

    fn main(&mut self) {
        use TokenKind as K;
        let start = self.at;
        let next = self.peek(1);
        let (kind, len) = match self.peek(0) {
            b' ' | b'\t' => {
                self.at += 1;
                return;
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => return self.ident(),
            b'0'..=b'9' => return self.number(),
            b'\n' => (K::Newline, 1),
            b'\r' if next == b'\n' => (K::Newline, 2),
            b'#' => return self.line_comment(),
            b'/' if next == b'/' => return self.line_comment(),
            b'/' if next == b'*' => return self.block_comment(),
            b'"' => {
                self.stack.push(Mode::Quoted);
                (K::OQuote, 1)
            }
            b'{' => {
                self.braces += 1;
                (K::OBrace, 1)
            }
            b'}' => return self.close_brace(1, K::CBrace),
            b'~' if next == b'}' => return self.close_brace(2, K::TemplateSeqEnd),
            b'<' if next == b'<' => match self.heredoc_opener() {
                Some((marker, end)) => {
                    self.stack.push(Mode::Heredoc { marker, line_start: true });
                    (K::OHeredoc, end - start)
                }
                None => (K::LessThan, 1),
            },
            b'=' if next == b'=' => (K::EqualOp, 2),
            b'=' if next == b'>' => (K::FatArrow, 2),
            b'!' if next == b'=' => (K::NotEqual, 2),
            b'>' if next == b'=' => (K::GreaterThanEq, 2),
            b'<' if next == b'=' => (K::LessThanEq, 2),
            b'&' if next == b'&' => (K::And, 2),
            b'|' if next == b'|' => (K::Or, 2),
            b':' if next == b':' => (K::DoubleColon, 2),
            b'.' if next == b'.' && self.peek(2) == b'.' => (K::Ellipsis, 3),
            b'[' => (K::OBrack, 1),
            b']' => (K::CBrack, 1),
            b'(' => (K::OParen, 1),
            b')' => (K::CParen, 1),
            b'.' => (K::Dot, 1),
            b',' => (K::Comma, 1),
            b'*' => (K::Star, 1),
            b'/' => (K::Slash, 1),
            b'%' => (K::Percent, 1),
            b'+' => (K::Plus, 1),
            b'-' => (K::Minus, 1),
            b'=' => (K::Equal, 1),
            b'<' => (K::LessThan, 1),
            b'>' => (K::GreaterThan, 1),
            b'!' => (K::Bang, 1),
            b'?' => (K::Question, 1),
            b':' => (K::Colon, 1),
            b'&' => (K::BitwiseAnd, 1),
            b'|' => (K::BitwiseOr, 1),
            b'~' => (K::BitwiseNot, 1),
            b'^' => (K::BitwiseXor, 1),
            b';' => (K::Semicolon, 1),
            b'`' => (K::Backtick, 1),
            b'\'' => (K::Apostrophe, 1),
            _ => match self.char_at(start) {
                Some(c) if c.is_alphabetic() => return self.ident(),
                Some(c) => (K::Invalid, c.len_utf8()),
                None => (K::Invalid, 1),
            },
        };
        self.emit(kind, start, start + len);
    }

    fn char_at(&self, at: usize) -> Option<char> {
        self.text.get(at..).and_then(|rest| rest.chars().next())
    }

    fn ident(&mut self) {
        let end = self.ident_end(self.at);
        self.emit(TokenKind::Ident, self.at, end);
    }

    /// The end of the name that starts at `start`; `start` if none does.
    fn ident_end(&self, start: usize) -> usize {
        let mut at = start;
        loop {
            match self.bytes.get(at) {
                Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => at += 1,
                Some(b'0'..=b'9' | b'-') if at > start => at += 1,
                Some(128..) => match self.char_at(at) {
                    Some(c) if c.is_alphabetic() || (at > start && continues_name(c)) => at += c.len_utf8(),
                    _ => return at,
                },
                _ => return at,
            }
        }
    }

    fn number(&mut self) {
        let start = self.at;
        let mut at = start;
        let mut end = start;
        let byte = |i: usize| self.bytes.get(i).copied().unwrap_or(0);
        loop {
            match byte(at) {
                b'0'..=b'9' => {
                    at += 1;
                    end = at;
                }
                b'.' if at > start => at += 1,
                b'e' | b'E' if byte(at + 1).is_ascii_digit() => {
                    at += 2;
                    end = at;
                }
                b'e' | b'E' if matches!(byte(at + 1), b'+' | b'-') && byte(at + 2).is_ascii_digit() => {
                    at += 3;
                    end = at;
                }
                _ => break,
            }
        }
        self.emit(TokenKind::NumberLit, start, end);
    }

    fn line_comment(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let len = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        let end = self.at + len;
        let has_cr = len < rest.len() && end > self.at && self.bytes.get(end - 1) == Some(&b'\r');
        self.emit(TokenKind::Comment, self.at, if has_cr { end - 1 } else { end });
    }

    fn block_comment(&mut self) {
        let start = self.at;
        match self.text.get(start + 2..).and_then(|rest| rest.find("*/")) {
            Some(len) => self.emit(TokenKind::Comment, start, start + 2 + len + 2),
            // As in HashiCorp's scanner, what never ends is invalid to the end of the text.
            None => self.emit(TokenKind::Invalid, start, self.bytes.len()),
        }
    }

    fn close_brace(&mut self, len: usize, otherwise: TokenKind) {
        let ends_sequence = self.sequences.last() == Some(&self.braces);
        let kind = if ends_sequence { TokenKind::TemplateSeqEnd } else { otherwise };
        self.emit(kind, self.at, self.at + len);
        self.braces = self.braces.saturating_sub(1);
        if ends_sequence {
            self.sequences.pop();
            self.stack.pop();
        }
    }

    /// The marker and the end of `<<EOT` with its line break.
    fn heredoc_opener(&self) -> Option<((usize, usize), usize)> {
        let start = self.at + if self.peek(2) == b'-' { 3 } else { 2 };
        let end = self.ident_end(start);
        if end == start {
            return None;
        }
        let after = match (self.bytes.get(end), self.bytes.get(end + 1)) {
            (Some(b'\n'), _) => end + 1,
            (Some(b'\r'), Some(b'\n')) => end + 2,
            _ => return None,
        };
        Some(((start, end), after))
    }

    /// `${`, `%{`, and what a lone `$` or `%` is; `None` when there is neither at the current place.
    fn template_sequence(&mut self, literal: TokenKind) -> Option<()> {
        let sigil = self.peek(0);
        if sigil != b'$' && sigil != b'%' {
            return None;
        }
        let start = self.at;
        let len_with_tilde = |len: usize, next: u8| if next == b'~' { len + 1 } else { len };
        if self.peek(1) == b'{' {
            let kind = if sigil == b'$' { TokenKind::TemplateInterp } else { TokenKind::TemplateControl };
            let len = len_with_tilde(2, self.peek(2));
            self.emit(kind, start, start + len);
            self.braces += 1;
            self.sequences.push(self.braces);
            self.set_line_start(false);
            self.stack.push(Mode::Main);
        } else if self.peek(1) == sigil && self.peek(2) == b'{' {
            let len = len_with_tilde(3, self.peek(3));
            self.emit(literal, start, start + len);
        } else {
            self.emit(literal, start, start + 1);
        }
        Some(())
    }

    fn quoted(&mut self) {
        if self.template_sequence(TokenKind::QuotedLit).is_some() {
            return;
        }
        let start = self.at;
        match self.peek(0) {
            b'"' => {
                self.emit(TokenKind::CQuote, start, start + 1);
                self.stack.pop();
            }
            b'\r' | b'\n' => {
                let rest = self.bytes.get(start..).unwrap_or_default();
                let len = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
                self.emit(TokenKind::QuotedNewline, start, start + len);
            }
            _ => {
                let mut at = start;
                loop {
                    match self.bytes.get(at) {
                        None | Some(b'"' | b'$' | b'%' | b'\r' | b'\n') => break,
                        Some(b'\\') => match self.bytes.get(at + 1) {
                            None | Some(b'\r' | b'\n') => {
                                at += 1;
                                break;
                            }
                            Some(128..) => at += 1 + self.char_at(at + 1).map_or(1, char::len_utf8),
                            Some(_) => at += 2,
                        },
                        Some(_) => at += 1,
                    }
                }
                self.emit(TokenKind::QuotedLit, start, at);
            }
        }
    }

    fn heredoc(&mut self, marker: (usize, usize), line_start: bool) {
        let start = self.at;
        if self.template_sequence(TokenKind::StringLit).is_some() {
            // After `${` the inner mode is on top, and the heredoc already knows.
            return self.set_line_start(false);
        }
        let (end, eol) = self.text_end(start);
        if eol == 0 {
            if end == start {
                // A carriage return in the middle of a line: nothing after it can be read.
                return self.emit(TokenKind::Invalid, start, self.bytes.len());
            }
            self.set_line_start(false);
            return self.emit(TokenKind::StringLit, start, end);
        }
        if line_start && self.text.get(start..end).map(str::trim) == self.text.get(marker.0..marker.1) {
            self.emit(TokenKind::CHeredoc, start, end);
            self.emit(TokenKind::Newline, end, end + eol);
            self.stack.pop();
            return;
        }
        self.set_line_start(true);
        self.emit(TokenKind::StringLit, start, end + eol);
    }

    fn set_line_start(&mut self, value: bool) {
        if let Some(Mode::Heredoc { line_start, .. }) = self.stack.last_mut() {
            *line_start = value;
        }
    }

    fn bare(&mut self) {
        if self.template_sequence(TokenKind::StringLit).is_some() {
            return;
        }
        let start = self.at;
        let (end, eol) = self.text_end(start);
        if eol == 0 && end == start {
            return self.emit(TokenKind::StringLit, start, self.bytes.len());
        }
        self.emit(TokenKind::StringLit, start, end + eol);
    }

    /// Where template text stops (before `$`, `%`, a line break or the end), and how long the line break there is.
    fn text_end(&self, start: usize) -> (usize, usize) {
        let rest = self.bytes.get(start..).unwrap_or_default();
        let len = rest.iter().position(|b| matches!(b, b'$' | b'%' | b'\r' | b'\n')).unwrap_or(rest.len());
        let eol = match (rest.get(len), rest.get(len + 1)) {
            (Some(b'\n'), _) => 1,
            (Some(b'\r'), Some(b'\n')) => 2,
            _ => 0,
        };
        (start + len, eol)
    }
}

/// Whether a character beyond ASCII may stand inside a name (`ID_Continue`).
fn continues_name(c: char) -> bool {
    regex_syntax::try_is_word_character(c).unwrap_or(false)
}

/// Whether a text is a name: what an attribute, a block label without quotes or an iterator may be called.
pub fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c == '_' || c.is_alphabetic())
        && chars.all(|c| c == '_' || c == '-' || c.is_alphanumeric() || (!c.is_ascii() && continues_name(c)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use TokenKind as K;

    fn kinds(text: &str) -> Vec<TokenKind> {
        scan(text, ScanMode::Normal).into_iter().map(|t| t.kind).collect()
    }

    fn pieces(text: &str) -> Vec<&str> {
        scan(text, ScanMode::Normal).into_iter().map(|t| &text[t.start as usize..t.end as usize]).collect()
    }

    #[test]
    fn template_text_is_cut_at_dollars_and_escapes() {
        assert_eq!(pieces("\"a$$${b}%c\""), ["\"", "a", "$", "$${", "b}", "%", "c", "\"", ""]);
    }

    #[test]
    fn braces_inside_interpolations_do_not_end_them() {
        let expected = [K::OQuote, K::TemplateInterp, K::OBrace, K::CBrace, K::TemplateSeqEnd, K::CQuote, K::Eof];
        assert_eq!(kinds("\"${{}~}\""), expected);
    }

    #[test]
    fn an_empty_heredoc_ends_at_once() {
        assert_eq!(
            kinds("a = <<X\nX\nb = 1\n"),
            [
                K::Ident,
                K::Equal,
                K::OHeredoc,
                K::CHeredoc,
                K::Newline,
                K::Ident,
                K::Equal,
                K::NumberLit,
                K::Newline,
                K::Eof
            ]
        );
    }

    #[test]
    fn a_marker_after_other_text_does_not_end_the_heredoc() {
        assert_eq!(kinds("<<X\n${1}X\nX\n").iter().filter(|k| **k == K::CHeredoc).count(), 1);
        assert_eq!(pieces("<<X\n$X\nX\n"), ["<<X\n", "$", "X\n", "X", "\n", ""]);
    }

    #[test]
    fn numbers_end_before_dots_that_do_not_belong_to_them() {
        assert_eq!(pieces("1... 1.5e-3.a 1e"), ["1", "...", "1.5e-3", ".", "a", "1", "e", ""]);
    }

    #[test]
    fn comments_leave_the_line_break_to_the_next_token() {
        assert_eq!(pieces("a # x\r\nb // y\n/* z */"), ["a", "# x", "\r\n", "b", "// y", "\n", "/* z */", ""]);
    }

    #[test]
    fn names_may_hold_letters_of_any_script() {
        assert!(is_identifier("é_1-x") && is_identifier("_") && !is_identifier("1a") && !is_identifier("a b"));
        assert_eq!(kinds("é = 1"), [K::Ident, K::Equal, K::NumberLit, K::Eof]);
    }
}
