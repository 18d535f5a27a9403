//! Tokens that are wrong wherever they stand: foreign operators and quotes, line breaks inside quotes, stray characters.

use super::scan::{Token, TokenKind};
use std::borrow::Cow;

/// Summary of the message about a line break inside quotes.
pub(super) const MULTI_LINE: &str = "Invalid multi-line string";

/// Summary and detail for each kind of wrong token at its first places, not at all of them.
pub(super) fn find(text: &str, tokens: &[Token]) -> Vec<(Token, &'static str, Cow<'static, str>)> {
    let mut out = Vec::new();
    let mut bitwise = 0;
    let mut backticks = 0;
    let mut apostrophes = 0;
    let mut others = 0;
    let (mut semicolon, mut newline) = (false, false);
    for token in tokens {
        let (summary, detail) = match token.kind {
            TokenKind::BitwiseAnd | TokenKind::BitwiseOr | TokenKind::BitwiseXor | TokenKind::BitwiseNot => {
                bitwise += 1;
                if bitwise > 4 {
                    continue;
                }
                let suggestion = match token.kind {
                    TokenKind::BitwiseAnd => " Did you mean boolean AND (\"&&\")?",
                    TokenKind::BitwiseOr => " Did you mean boolean OR (\"||\")?",
                    TokenKind::BitwiseNot => " Did you mean boolean NOT (\"!\")?",
                    _ => "",
                };
                ("Unsupported operator", format!("Bitwise operators are not supported.{suggestion}").into())
            }
            // Quotes come in pairs: one message for both.
            TokenKind::Backtick => {
                backticks += 1;
                if backticks % 2 == 0 || backticks > 3 {
                    continue;
                }
                let detail = "The \"`\" character is not valid. To create a multi-line string, use the \"heredoc\" syntax, like \"<<EOT\".";
                ("Invalid character", detail.into())
            }
            TokenKind::Apostrophe => {
                apostrophes += 1;
                if apostrophes % 2 == 0 || apostrophes > 3 {
                    continue;
                }
                let detail = "Single quotes are not valid. Use double quotes (\") to enclose strings.";
                ("Invalid character", detail.into())
            }
            TokenKind::Semicolon => {
                if std::mem::replace(&mut semicolon, true) {
                    continue;
                }
                let detail = "The \";\" character is not valid. Use newlines to separate arguments and blocks, and commas to separate items in collection values.";
                ("Invalid character", detail.into())
            }
            TokenKind::QuotedNewline => {
                if std::mem::replace(&mut newline, true) {
                    continue;
                }
                let detail = "Quoted strings may not be split over multiple lines. To produce a multi-line string, either use the \\n escape to represent a newline character or use the \"heredoc\" multi-line template syntax.";
                (MULTI_LINE, detail.into())
            }
            TokenKind::Invalid => {
                others += 1;
                if others > 4 {
                    continue;
                }
                let detail = match text.get(token.start as usize..token.end as usize) {
                    Some("“" | "”") => "\"Curly quotes\" are not valid here. These can sometimes be inadvertently introduced when sharing code via documents or discussion forums. It might help to replace the character with a \"straight quote\".".into(),
                    Some("\0") => "The file contains a NUL byte. It is probably not a text file, or not encoded in UTF-8.".into(),
                    Some("\r") => "A carriage return must be followed by a line feed.".into(),
                    Some(comment) if comment.starts_with("/*") => "This comment is never closed with \"*/\".".into(),
                    Some(c) if c.chars().count() == 1 && !c.chars().all(|c| c.is_control() || c.is_whitespace()) => {
                        format!("The character \"{c}\" is not used within the language.").into()
                    }
                    Some(c) if c.chars().count() == 1 => {
                        let code = c.chars().next().map_or(0, u32::from);
                        format!("The invisible character U+{code:04X} is not used within the language.").into()
                    }
                    _ => "This character is not used within the language.".into(),
                };
                ("Invalid character", detail)
            }
            _ => continue,
        };
        out.push((*token, summary, detail));
    }
    out
}
