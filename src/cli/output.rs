//! Where a command's results go: text for people, or the JSON stream, with the diagnostics of either.

use super::Exit;
use super::args::ViewArgs;
use crate::diagnostics::{Diagnostic, Diagnostics, Severity, Sources};
use crate::view::style::Role;
use crate::view::terminal::Terminal;
use crate::view::{diagnostic, json};
use std::collections::HashMap;

/// How results are shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// One JSON object per line.
    pub json: bool,
    /// No colours.
    pub no_color: bool,
    /// Warnings as one line each.
    pub compact_warnings: bool,
    /// Never ask.
    pub no_input: bool,
}

impl Style {
    /// From arguments and `TF_INPUT`.
    pub fn of(view: &ViewArgs) -> Self {
        let env_off = std::env::var("TF_INPUT").is_ok_and(|v| matches!(v.as_str(), "0" | "false"));
        Style {
            json: view.json,
            no_color: view.no_color || view.json,
            compact_warnings: view.compact_warnings,
            no_input: !view.input || env_off || view.json,
        }
    }
}

/// A command's output.
#[derive(Clone)]
pub struct Output {
    /// Where text goes.
    pub terminal: Terminal,
    /// How.
    pub style: Style,
    /// Texts that diagnostics point into.
    pub sources: Sources,
}

impl Output {
    /// On the standard streams.
    pub fn new(style: Style) -> Self {
        Output { terminal: Terminal::standard(style.no_color), style, sources: Sources::new() }
    }

    /// Whether a person can be asked.
    pub fn can_ask(&self) -> bool {
        use std::io::IsTerminal;
        !self.style.no_input && std::io::stdin().is_terminal()
    }

    /// Text for people, as it is; nothing in JSON mode.
    pub fn text(&self, text: &str) {
        if !self.style.json {
            self.terminal.out(text);
        }
    }

    /// A strong line of good news.
    pub fn good(&self, text: &str) {
        self.text(&format!("{}\n", self.terminal.palette.paint(Role::Good, text)));
    }

    /// One message of the JSON stream; nothing in text mode.
    pub fn message(&self, message: json::stream::Message) {
        if self.style.json {
            self.terminal.out(&message.line());
        }
    }

    /// Shows diagnostics: errors last, so that they stand where the eye is.
    pub fn report(&self, diagnostics: &Diagnostics) {
        let (errors, warnings): (Vec<&Diagnostic>, Vec<&Diagnostic>) = diagnostics.iter().partition(|d| d.is_error());
        if self.style.json {
            for diagnostic in warnings.into_iter().chain(errors) {
                self.message(json::stream::Message::diagnostic(diagnostic, &self.sources));
            }
            return;
        }
        if self.style.compact_warnings && errors.is_empty() && !warnings.is_empty() {
            let mut text = format!("\n{}\n\n", self.terminal.palette.paint(Role::Warning, "Warnings:"));
            for warning in warnings.into_iter().filter(|d| d.severity == Severity::Warning) {
                let at = warning.span.and_then(|s| self.sources.get(s.file).map(|f| (s, f)));
                let place =
                    at.map(|(s, f)| format!("\n  on {} line {}", f.name, f.position(s.start).line)).unwrap_or_default();
                text.push_str(&format!("- {}{place}\n", warning.summary));
            }
            self.terminal.err(&text);
            return;
        }
        for (first, rest) in merged(&warnings) {
            let mut text = diagnostic::human(first, &self.sources, self.terminal.palette);
            if rest > 0 {
                text.push_str(&format!("  (and {rest} more like this elsewhere)\n"));
            }
            self.terminal.err(&format!("\n{text}"));
        }
        for error in errors {
            self.terminal.err(&format!("\n{}", diagnostic::human(error, &self.sources, self.terminal.palette)));
        }
    }

    /// Shows diagnostics and ends with failure.
    pub fn failed(&self, diagnostics: &Diagnostics) -> Exit {
        self.report(diagnostics);
        Exit::Failure
    }

    /// Shows one error and ends with failure.
    pub fn fail(&self, summary: impl Into<String>, detail: impl Into<String>) -> Exit {
        self.failed(&Diagnostic::error(summary, detail).into())
    }
}

/// Warnings of equal title and text are shown once, with how many more there are.
fn merged<'a>(warnings: &[&'a Diagnostic]) -> Vec<(&'a Diagnostic, usize)> {
    let mut out: Vec<(&Diagnostic, usize)> = Vec::new();
    let mut by_text: HashMap<(&str, &str), usize> = HashMap::new();
    let mut by_code: HashMap<(&str, &str), usize> = HashMap::new();
    for warning in warnings {
        let title = warning.summary.as_str();
        let text = (title, warning.detail.as_str());
        let code = warning.code.as_deref().map(|code| (title, code));
        let of_text = by_text.get(&text).copied();
        let index = of_text.or_else(|| by_code.get(&code?).copied()).unwrap_or(out.len());
        by_text.entry(text).or_insert(index);
        if let Some(code) = code {
            by_code.entry(code).or_insert(index);
        }
        match out.get_mut(index) {
            Some((_, more)) => *more += 1,
            None => out.push((warning, 0)),
        }
    }
    out
}
