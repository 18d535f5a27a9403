//! Roles of text and their colours. A palette is either plain or coloured; nothing else decides about colour.

use anstyle::{AnsiColor, Style};

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Something new.
    Add,
    /// Something that goes.
    Remove,
    /// Something that changes.
    Change,
    /// Something that is read.
    Read,
    /// A heading or address.
    Strong,
    /// Remarks: counts of hidden things, reasons.
    Faint,
    /// An error's title.
    Error,
    /// A warning's title.
    Warning,
    /// Good news.
    Good,
    /// Why something is replaced.
    Alarm,
    /// A hint.
    Hint,
}

/// Whether and how roles are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    coloured: bool,
}

impl Palette {
    /// No colours.
    pub fn plain() -> Self {
        Palette { coloured: false }
    }

    /// ANSI colours.
    pub fn coloured() -> Self {
        Palette { coloured: true }
    }

    /// Whether colours are on.
    pub fn is_coloured(self) -> bool {
        self.coloured
    }

    /// The text in its role's colour.
    pub fn paint(self, role: Role, text: &str) -> String {
        if !self.coloured || text.is_empty() {
            return text.to_owned();
        }
        let color = |c: AnsiColor| Style::new().fg_color(Some(c.into()));
        let style = match role {
            Role::Add => color(AnsiColor::Green),
            Role::Remove => color(AnsiColor::Red),
            Role::Change => color(AnsiColor::Yellow),
            Role::Read => color(AnsiColor::Cyan),
            Role::Strong => Style::new().bold(),
            Role::Faint => Style::new().dimmed(),
            Role::Error => color(AnsiColor::Red).bold(),
            Role::Warning => color(AnsiColor::Yellow).bold(),
            Role::Good => color(AnsiColor::Green).bold(),
            Role::Alarm => color(AnsiColor::Red),
            Role::Hint => color(AnsiColor::Cyan),
        };
        format!("{style}{text}{style:#}")
    }
}
