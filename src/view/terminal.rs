//! The only place that writes to standard output and standard error. Lines from many tasks come out whole, and a progress
//! display, when there is one, is moved out of their way.

use super::style::Palette;
use indicatif::MultiProgress;
use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex};

/// Where text goes. Cheap to clone; clones share.
#[derive(Clone)]
pub struct Terminal {
    /// Colours of standard output.
    pub palette: Palette,
    /// Whether a person watches: standard error is a terminal.
    pub interactive: bool,
    progress: Option<MultiProgress>,
    lock: Arc<Mutex<()>>,
}

impl Terminal {
    /// Standard streams; colours unless switched off (`-no-color`, `NO_COLOR`) or not a terminal.
    pub fn standard(no_color: bool) -> Self {
        let out = std::io::stdout().is_terminal();
        let wanted = !no_color && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
        let forced = std::env::var_os("CLICOLOR_FORCE").is_some_and(|v| v != "0" && !v.is_empty());
        let interactive = std::io::stderr().is_terminal() && out;
        Terminal {
            palette: if wanted && (out || forced) { Palette::coloured() } else { Palette::plain() },
            interactive,
            progress: interactive.then(MultiProgress::new),
            lock: Arc::default(),
        }
    }

    /// The live display, when a person watches.
    pub fn progress(&self) -> Option<&MultiProgress> {
        self.progress.as_ref()
    }

    /// Writes text as it is to standard output. A closed pipe ends silently, as for other command-line programs.
    pub fn out(&self, text: &str) {
        self.write(text, &mut std::io::stdout());
    }

    /// Writes text as it is to standard error.
    pub fn err(&self, text: &str) {
        self.write(text, &mut std::io::stderr());
    }

    fn write(&self, text: &str, to: &mut dyn Write) {
        let _whole = self.lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut write = || {
            let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
        };
        match &self.progress {
            Some(progress) => progress.suspend(write),
            None => write(),
        }
    }

    /// Asks a question and reads one line; `None` at the end of input.
    pub fn ask(&self, question: &str) -> std::io::Result<Option<String>> {
        self.out(question);
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line)?;
        Ok((read > 0).then(|| line.trim_end_matches(['\n', '\r']).to_owned()))
    }
}
