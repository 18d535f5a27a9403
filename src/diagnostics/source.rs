//! Source texts and places in them. Offsets are bytes; columns count grapheme clusters, as Terraform's do.

use std::sync::{Arc, RwLock};
use unicode_segmentation::UnicodeSegmentation;

/// Identifies a file of a [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A range of bytes in one file, end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Which file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The smallest span that covers both; `self` if they are of different files.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        if self.file != other.file {
            return self;
        }
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A point as people count: line and column from 1, byte from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// From 1, in grapheme clusters.
    pub column: u32,
    /// From 0, in bytes of the file.
    pub byte: u32,
}

/// One text with its name.
#[derive(Debug)]
pub struct SourceFile {
    /// As shown to people: relative to the working directory where possible.
    pub name: String,
    /// The text that spans refer to.
    pub text: Arc<str>,
    line_starts: Vec<u32>,
}

impl SourceFile {
    fn new(name: String, text: Arc<str>) -> Self {
        let mut line_starts = vec![0];
        line_starts.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1));
        SourceFile { name, text, line_starts }
    }

    /// Line and column of a byte offset; offsets past the end give the end.
    pub fn position(&self, byte: u32) -> Position {
        let byte = byte.min(self.text.len() as u32);
        let line = self.line_starts.partition_point(|start| *start <= byte).max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(start as usize..byte as usize).unwrap_or_default();
        let column = if before.is_ascii() { before.len() } else { before.graphemes(true).count() };
        Position { line: line as u32, column: column as u32 + 1, byte }
    }

    /// Text of the line with this number (from 1), without its line break.
    pub fn line(&self, line: u32) -> Option<&str> {
        let index = (line as usize).checked_sub(1)?;
        let start = *self.line_starts.get(index)? as usize;
        let end = self.line_starts.get(index + 1).map_or(self.text.len(), |e| *e as usize);
        Some(self.text.get(start..end)?.trim_end_matches(['\n', '\r']))
    }

    /// The whole lines that a byte range touches: the number of the first (from 1), and their bytes.
    pub fn lines(&self, range: std::ops::Range<usize>) -> (usize, std::ops::Range<usize>) {
        let index = self.line_starts.partition_point(|start| *start as usize <= range.start).max(1);
        let start = self.line_starts.get(index - 1).map_or(0, |s| *s as usize);
        let after = self.line_starts.partition_point(|start| (*start as usize) <= range.end);
        let end = self.line_starts.get(after).map_or(self.text.len(), |e| *e as usize);
        (index, start..end)
    }

    /// The text of a span, empty when it is out of range.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }
}

/// All source texts of one run. Cheap to clone; clones share.
#[derive(Debug, Clone, Default)]
pub struct Sources(Arc<RwLock<Vec<Arc<SourceFile>>>>);

impl Sources {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text under a display name.
    pub fn add(&self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let file = Arc::new(SourceFile::new(name.into(), text.into()));
        let mut files = self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        files.push(file);
        FileId(files.len() as u32 - 1)
    }

    /// The file with this id.
    pub fn get(&self, id: FileId) -> Option<Arc<SourceFile>> {
        self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner).get(id.0 as usize).cloned()
    }

    /// All files added so far, in order.
    pub fn files(&self) -> Vec<Arc<SourceFile>> {
        self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// The text of a span.
    pub fn text(&self, span: Span) -> String {
        self.get(span.file).map(|f| f.slice(span).to_owned()).unwrap_or_default()
    }
}
