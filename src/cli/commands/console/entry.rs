//! Lines that belong together: an entry goes on while brackets or a heredoc are open.

use crate::lang::syntax::scan::{ScanMode, TokenKind as K, scan};

/// Lines of an entry that is not complete yet.
#[derive(Debug, Default)]
pub(super) struct Entry {
    text: String,
}

impl Entry {
    /// Adds a line; the entry, if it is complete with it.
    pub(super) fn line(&mut self, line: &str) -> Option<String> {
        self.text.push_str(line);
        if goes_on(&self.text) {
            self.text.push('\n');
            return None;
        }
        Some(self.take())
    }

    /// What there is, complete or not.
    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

/// Whether another line is expected: something is open, nothing is closed that was not open, and the last line is not empty.
pub(super) fn goes_on(text: &str) -> bool {
    if text.lines().last().is_none_or(|line| line.trim().is_empty()) || text.ends_with('\n') {
        return false;
    }
    let mut open: Vec<K> = Vec::new();
    for token in scan(&format!("{text}\n"), ScanMode::Normal) {
        let closed = match token.kind {
            K::OBrace | K::OBrack | K::OParen | K::OHeredoc | K::TemplateInterp | K::TemplateControl => {
                open.push(token.kind);
                continue;
            }
            K::Invalid | K::QuotedNewline => return false,
            K::CBrace => matches!(open.pop(), Some(K::OBrace)),
            K::CBrack => matches!(open.pop(), Some(K::OBrack)),
            K::CParen => matches!(open.pop(), Some(K::OParen)),
            K::CHeredoc => matches!(open.pop(), Some(K::OHeredoc)),
            K::TemplateSeqEnd => matches!(open.pop(), Some(K::TemplateInterp | K::TemplateControl)),
            _ => true,
        };
        if !closed {
            return false;
        }
    }
    !open.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_brackets_and_heredocs_go_on() {
        for text in ["[1,", "f(", "{ a = [", "<<EOT", "<<EOT\nx", "\"${[", "[1,\n2"] {
            assert!(goes_on(text), "{text}");
        }
        for text in ["", "1", "[1]", "f(]", "\"x", "[1,\n", "[1,\n  ", "<<EOT\nx\nEOT", "1)"] {
            assert!(!goes_on(text), "{text}");
        }
    }

    #[test]
    fn lines_come_together() {
        let mut entry = Entry::default();
        assert_eq!(entry.line("1").as_deref(), Some("1"));
        assert_eq!(entry.line("["), None);
        assert_eq!(entry.line("2]").as_deref(), Some("[\n2]"));
        assert_eq!(entry.line("["), None);
        assert_eq!(entry.line("").as_deref(), Some("[\n"));
    }
}
