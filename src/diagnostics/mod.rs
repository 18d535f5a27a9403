//! What went wrong, where, and what to do about it. Every room reports through [`Diagnostic`]; only `view` renders it.
//!
//! No I/O happens here, and nothing here panics.

mod source;

pub use source::{FileId, Position, SourceFile, Sources, Span};

use std::borrow::Cow;

/// How bad it is. Errors stop the command (exit code 1), warnings and hints do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The command cannot do what was asked.
    Error,
    /// The command goes on; the person should look.
    Warning,
    /// Nothing is wrong; the person may want to know.
    Hint,
}

/// A second place in the source that explains the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// A few words shown beside the underline.
    pub text: String,
}

/// The value a reference had when an expression failed: `var.name` `is "x"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferencedValue {
    /// The reference as written.
    pub traversal: String,
    /// A statement about it, such as `is "x"` or `has a sensitive value`; never the sensitive value itself.
    pub statement: String,
}

/// A step from an object to the attribute a provider complains about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AttributeStep {
    /// An attribute or nested block type.
    Name(String),
    /// An element of a list.
    Index(u64),
    /// An element of a map.
    Key(String),
}

/// One message to the person. The summary is a short title without a full stop; the detail is whole sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error, warning or hint.
    pub severity: Severity,
    /// Stable identifier that `explain` knows, such as `PW0101`; also AWS error codes are not put here but in the detail.
    pub code: Option<Cow<'static, str>>,
    /// Title, as Terraform words it where Terraform has one: `Unsupported argument`.
    pub summary: String,
    /// Whole sentences: what, why, what to do.
    pub detail: String,
    /// The source that is wrong.
    pub span: Option<Span>,
    /// The block the span stands in: from its keyword to the end of its header.
    pub context: Option<Span>,
    /// Further places.
    pub labels: Vec<Label>,
    /// What to do next, one sentence, shown last.
    pub hint: Option<String>,
    /// Address of the resource instance or module concerned.
    pub address: Option<String>,
    /// Attribute concerned, when a provider reports it; the engine turns it into a span.
    pub attribute: Vec<AttributeStep>,
    /// Values of the references in the failing expression.
    pub values: Vec<ReferencedValue>,
    /// The function that failed, when one did: name as called.
    pub function: Option<String>,
}

impl Diagnostic {
    /// An error with a title and whole sentences.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Severity::Error, summary, detail)
    }

    /// A warning with a title and whole sentences.
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Severity::Warning, summary, detail)
    }

    /// A remark with a title and whole sentences.
    pub fn hint_of(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Severity::Hint, summary, detail)
    }

    fn new(severity: Severity, summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Diagnostic {
            severity,
            code: None,
            summary: summary.into(),
            detail: detail.into(),
            span: None,
            context: None,
            labels: Vec::new(),
            hint: None,
            address: None,
            attribute: Vec::new(),
            values: Vec::new(),
            function: None,
        }
    }

    /// The place that is wrong.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// The place that is wrong, if known.
    #[must_use]
    pub fn at_opt(mut self, span: Option<Span>) -> Self {
        self.span = span.or(self.span);
        self
    }

    /// The header of the block the place stands in.
    #[must_use]
    pub fn within(mut self, context: Span) -> Self {
        self.context = Some(context);
        self
    }

    /// A further place with a few words.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// What to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The resource or module concerned.
    #[must_use]
    pub fn address(mut self, address: impl ToString) -> Self {
        self.address = Some(address.to_string());
        self
    }

    /// The attribute concerned.
    #[must_use]
    pub fn attribute(mut self, steps: Vec<AttributeStep>) -> Self {
        self.attribute = steps;
        self
    }

    /// A stable identifier.
    #[must_use]
    pub fn code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Whether it stops the command.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Several messages, in the order found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds all of another collection.
    pub fn extend(&mut self, others: impl IntoIterator<Item = Diagnostic>) {
        self.0.extend(others);
    }

    /// Whether any stops the command.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Diagnostic::is_error)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// All, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// All, to amend.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Diagnostic> {
        self.0.iter_mut()
    }

    /// `Err(self)` if any is an error; the warnings are lost otherwise only if the caller drops `self`.
    pub fn into_result<T>(self, value: T) -> Result<(T, Diagnostics), Diagnostics> {
        if self.has_errors() { Err(self) } else { Ok((value, self)) }
    }

    /// Takes the value of a result, keeping its errors here.
    pub fn absorb<T>(&mut self, result: Result<T, Diagnostics>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(more) => {
                self.extend(more);
                None
            }
        }
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(iter: I) -> Self {
        Diagnostics(iter.into_iter().collect())
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Diagnostics(vec![diagnostic])
    }
}
