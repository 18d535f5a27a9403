//! Live lines while the engine works: plain lines as Terraform prints them, and for a person at a terminal also one
//! moving line per running operation with elapsed time and what it waits for.

use super::style::Role;
use super::terminal::Terminal;
use crate::engine::event::{Event, EventSink};
use crate::engine::plan::Action;
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

/// Words for an action under way and when done.
pub fn verbs(action: Action) -> (&'static str, &'static str) {
    match action {
        Action::Create => ("Creating", "Creation"),
        Action::Delete | Action::Forget => ("Destroying", "Destruction"),
        Action::Read => ("Reading", "Read"),
        _ => ("Modifying", "Modifications"),
    }
}

/// Whole seconds as `1m5s`.
pub fn duration(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s}s"),
        (0, m, s) => format!("{m}m{s}s"),
        (h, m, s) => format!("{h}h{m}m{s}s"),
    }
}

/// Prints events as lines on standard output.
pub struct HumanProgress {
    terminal: Terminal,
    running: Mutex<HashMap<String, ProgressBar>>,
    show_refresh: bool,
    sources: crate::diagnostics::Sources,
}

impl HumanProgress {
    /// `show_refresh`: whether each read object gets a line (as in Terraform); off when there is a live display.
    pub fn new(terminal: Terminal, sources: crate::diagnostics::Sources) -> Self {
        let show_refresh = !terminal.interactive;
        HumanProgress { terminal, running: Mutex::default(), show_refresh, sources }
    }

    fn line(&self, address: &str, text: &str) {
        let head = self.terminal.palette.paint(Role::Strong, &format!("{address}:"));
        self.terminal.out(&format!("{head} {text}\n"));
    }

    fn start_bar(&self, key: String, message: String) {
        let Some(progress) = self.terminal.progress() else { return };
        let bar = progress.add(ProgressBar::new_spinner());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed:>6}") {
            bar.set_style(style);
        }
        bar.set_message(message);
        bar.enable_steady_tick(Duration::from_millis(120));
        self.bars().insert(key, bar);
    }

    fn end_bar(&self, key: &str) {
        if let Some(bar) = self.bars().remove(key) {
            bar.finish_and_clear();
        }
    }

    fn bars(&self) -> std::sync::MutexGuard<'_, HashMap<String, ProgressBar>> {
        self.running.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn id_note(id: &Option<String>) -> String {
    id.as_ref().map(|id| format!(" [id={id}]")).unwrap_or_default()
}

impl EventSink for HumanProgress {
    fn event(&self, event: Event) {
        match event {
            Event::RefreshStart { address, id } => {
                if self.show_refresh {
                    self.line(&address.to_string(), &format!("Refreshing state...{}", id_note(&id)));
                } else {
                    self.start_bar(address.to_string(), format!("{address}: Refreshing state..."));
                }
            }
            Event::RefreshComplete { address, .. } => self.end_bar(&address.to_string()),
            Event::ApplyStart { address, action, id, deposed } => {
                let (doing, _) = verbs(action);
                let deposed = deposed.map(|key| format!(" (deposed object {key})")).unwrap_or_default();
                self.line(&address.to_string(), &format!("{doing}...{}{deposed}", id_note(&id)));
                self.start_bar(address.to_string(), format!("{address}: {doing}..."));
            }
            Event::ApplyProgress { address, action, id, elapsed } => {
                if self.terminal.progress().is_none() {
                    let (doing, _) = verbs(action);
                    let id = id.map(|id| format!("id={id}, ")).unwrap_or_default();
                    self.line(
                        &address.to_string(),
                        &format!("Still {}... [{id}{} elapsed]", doing.to_lowercase(), duration(elapsed)),
                    );
                }
            }
            Event::Waiting { address, reason } => {
                let bar = self.bars().get(&address.to_string()).cloned();
                match bar {
                    Some(bar) => bar.set_message(format!("{address}: {reason}")),
                    None => self.line(
                        &address.to_string(),
                        &self.terminal.palette.paint(Role::Faint, &format!("Waiting: {reason}")),
                    ),
                }
            }
            Event::ApplyComplete { address, action, id, elapsed } => {
                self.end_bar(&address.to_string());
                let (_, done) = verbs(action);
                // What is gone has no id any more.
                let id = id.filter(|_| action != Action::Delete);
                self.line(
                    &address.to_string(),
                    &format!("{done} complete after {}{}", duration(elapsed), id_note(&id)),
                );
            }
            Event::ApplyErrored { address, .. } => self.end_bar(&address.to_string()),
            Event::EphemeralStart { address, operation } => {
                let doing = operation.doing();
                self.line(&address.to_string(), &format!("{doing}..."));
                self.start_bar(address.to_string(), format!("{address}: {doing}..."));
            }
            Event::EphemeralProgress { address, operation, elapsed } => {
                if self.terminal.progress().is_none() {
                    let doing = operation.doing().to_lowercase();
                    self.line(&address.to_string(), &format!("Still {doing}... [{} elapsed]", duration(elapsed)));
                }
            }
            Event::EphemeralComplete { address, operation, elapsed } => {
                self.end_bar(&address.to_string());
                let text = format!("{} complete after {}", operation.doing(), duration(elapsed));
                self.line(&address.to_string(), &text);
            }
            Event::EphemeralErrored { address, .. } => self.end_bar(&address.to_string()),
            Event::ProvisionStart { address, provisioner } => {
                self.line(&address.to_string(), &format!("Provisioning with '{provisioner}'..."))
            }
            Event::ProvisionOutput { address, provisioner, line } => {
                self.line(&format!("{address} ({provisioner})"), &line)
            }
            Event::ProvisionEnd { .. } => {}
            Event::Diagnostic(diagnostic) => {
                self.terminal.err(&super::diagnostic::human(&diagnostic, &self.sources, self.terminal.palette));
            }
            Event::Note(text) => self.terminal.out(&format!("{}\n", self.terminal.palette.paint(Role::Faint, &text))),
        }
    }
}
