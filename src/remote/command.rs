//! Running a command.

use super::{Error, Session};
use russh::ChannelMsg;

impl Session {
    /// Runs a command in the user's shell until it ends; every line it writes goes to `line`.
    ///
    /// # Errors
    /// When it cannot be started, ends with another status than 0, or the connection is lost.
    pub async fn run(&self, command: &str, line: &(dyn Fn(String) + Sync)) -> Result<(), Error> {
        let mut channel = self.handle.channel_open_session().await?;
        // As a person would have it: programs write lines at once, and end when the connection does.
        channel.request_pty(false, "xterm", 80, 40, 0, 0, &[(russh::Pty::ECHO, 0)]).await?;
        channel.exec(true, command).await?;
        let mut text = Lines::default();
        let mut end = None;
        while let Some(message) = channel.wait().await {
            match message {
                ChannelMsg::Data { data } | ChannelMsg::ExtendedData { data, .. } => text.take(&data, line),
                ChannelMsg::Failure => return Err(Error::lasting("the machine does not run commands for this user")),
                ChannelMsg::ExitStatus { exit_status: 0 } => end = Some(Ok(())),
                ChannelMsg::ExitStatus { exit_status } => {
                    end = Some(Err(Error::lasting(format!("the command ended with status {exit_status}"))));
                }
                ChannelMsg::ExitSignal { signal_name, .. } => {
                    end = Some(Err(Error::lasting(format!("the command was ended by signal {signal_name:?}"))));
                }
                _ => {}
            }
        }
        text.rest(line);
        end.unwrap_or_else(|| Err(Error::lasting("the connection was lost before the command ended")))
    }
}

/// Bytes to lines; what is not UTF-8 is replaced.
#[derive(Default)]
pub(super) struct Lines(Vec<u8>);

/// A line longer than this, in bytes, is told in pieces.
const LONGEST: usize = 64 << 10;

impl Lines {
    pub(super) fn take(&mut self, bytes: &[u8], line: &dyn Fn(String)) {
        for byte in bytes {
            if *byte == b'\n' || self.0.len() >= LONGEST {
                self.rest(line);
            }
            if *byte != b'\n' {
                self.0.push(*byte);
            }
        }
        if bytes.ends_with(b"\n") {
            self.0.clear();
        }
    }

    /// What has no line break at its end.
    pub(super) fn rest(&mut self, line: &dyn Fn(String)) {
        if self.0.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.0);
        let text = String::from_utf8_lossy(&bytes);
        line(text.trim_end_matches('\r').to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn output_is_told_line_by_line() {
        let told = RefCell::new(Vec::new());
        let line = |text: String| told.borrow_mut().push(text);
        let mut lines = Lines::default();
        lines.take(b"a\r\nb", &line);
        lines.take(b"c\n\nd", &line);
        lines.rest(&line);
        assert_eq!(*told.borrow(), ["a", "bc", "d"]);
    }
}
