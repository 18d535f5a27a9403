//! Why a package could not be had: what the fetching files return, before it is known which module call it concerns.

use crate::config::model::ModuleCall;
use crate::diagnostics::Diagnostic;

/// A failure to fetch. Cloned when several modules wait for the same package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// Title, as Terraform has it.
    pub summary: &'static str,
    /// Whole sentences.
    pub detail: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Failure {
    /// The usual one: a package that could not be downloaded.
    pub fn download(detail: impl Into<String>) -> Self {
        Failure { summary: "Failed to download module", detail: detail.into(), hint: None }
    }

    /// A registry that does not answer as it should.
    pub fn registry(detail: impl Into<String>) -> Self {
        Failure { summary: "Error accessing remote module registry", detail: detail.into(), hint: None }
    }

    /// Stopped by the person.
    pub fn interrupted() -> Self {
        Failure {
            summary: "Module installation was interrupted",
            detail: "Nothing that was unfinished is left behind.".to_owned(),
            hint: Some("Run `pipewright init` again.".to_owned()),
        }
    }

    /// Another title.
    #[must_use]
    pub fn titled(mut self, summary: &'static str) -> Self {
        self.summary = summary;
        self
    }

    /// What to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What was being done, before what went wrong.
    #[must_use]
    pub fn while_doing(mut self, doing: &str) -> Self {
        self.detail = format!("{doing}: {}", self.detail);
        self
    }

    /// The message at the call it concerns.
    pub fn at(self, call: &ModuleCall) -> Box<Diagnostic> {
        let mut diagnostic = Diagnostic::error(self.summary, self.detail).at(call.source_span).within(call.span);
        diagnostic.hint = self.hint;
        Box::new(diagnostic)
    }
}

/// An I/O error about a path.
pub(super) fn at_path(path: &std::path::Path) -> impl Fn(std::io::Error) -> Failure + '_ {
    move |e| Failure::download(format!("{}: {e}.", path.display()))
}
