//! The machine-readable stream of `plan -json` and `apply -json`: one object per line, UI version 1.2.

use crate::address::{InstanceKey, ResourceInstance};
use crate::diagnostics::{Diagnostic, Severity, Sources};
use crate::engine::event::{EphemeralOperation, Event, EventSink};
use crate::engine::plan::{Action, ActionReason, OutputChange, Plan, PlanMode, ResourceChange, Summary};
use crate::state::TERRAFORM_VERSION;
use crate::state::codec::json::compact;
use crate::view::progress::{duration, verbs};
use crate::view::terminal::Terminal;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// One line of the stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    level: &'static str,
    text: String,
    kind: &'static str,
    fields: Map<String, Json>,
}

impl Message {
    fn new(level: &'static str, kind: &'static str, text: impl Into<String>) -> Self {
        Message { level, text: text.into(), kind, fields: Map::new() }
    }

    fn with(mut self, key: &str, value: Json) -> Self {
        self.fields.insert(key.into(), value);
        self
    }

    /// The line with the current time, ending with a line break.
    pub fn line(&self) -> String {
        let now = jiff::Zoned::now().strftime("%Y-%m-%dT%H:%M:%S%.6f%:z").to_string();
        self.line_at(&now)
    }

    /// The line with a given time stamp (RFC 3339 with microseconds).
    pub fn line_at(&self, timestamp: &str) -> String {
        let mut out = Map::new();
        out.insert("@level".into(), json!(self.level));
        out.insert("@message".into(), json!(self.text));
        out.insert("@module".into(), json!("terraform.ui"));
        out.insert("@timestamp".into(), json!(timestamp));
        let mut rest = self.fields.clone();
        rest.insert("type".into(), json!(self.kind));
        let mut keys: Vec<String> = rest.keys().cloned().collect();
        keys.sort();
        for key in keys {
            if let Some(value) = rest.remove(&key) {
                out.insert(key, value);
            }
        }
        compact(&out) + "\n"
    }

    /// The first line of every stream.
    pub fn version() -> Self {
        Message::new("info", "version", format!("Terraform {TERRAFORM_VERSION}"))
            .with("terraform", json!(TERRAFORM_VERSION))
            .with("pipewright", json!(env!("CARGO_PKG_VERSION")))
            .with("ui", json!("1.2"))
    }

    /// Free text.
    pub fn log(text: impl Into<String>) -> Self {
        Message::new("info", "log", text)
    }

    /// A diagnostic.
    pub fn diagnostic(diagnostic: &Diagnostic, sources: &Sources) -> Self {
        let (level, word) = match diagnostic.severity {
            Severity::Error => ("error", "Error"),
            Severity::Warning => ("warn", "Warning"),
            Severity::Hint => ("info", "Hint"),
        };
        Message::new(level, "diagnostic", format!("{word}: {}", diagnostic.summary))
            .with("diagnostic", super::super::diagnostic::json(diagnostic, sources))
    }

    /// What changed outside.
    pub fn resource_drift(change: &ResourceChange) -> Self {
        let action = action_name(change);
        Message::new("info", "resource_drift", format!("{}: Drift detected ({action})", change.address))
            .with("change", change_object(change))
    }

    /// A planned action.
    pub fn planned_change(change: &ResourceChange) -> Self {
        let action = action_name(change);
        Message::new("info", "planned_change", format!("{}: Plan to {action}", change.address))
            .with("change", change_object(change))
    }

    /// Counts after planning or applying; `operation` is `plan`, `apply` or `destroy`.
    pub fn change_summary(summary: &Summary, operation: &str) -> Self {
        let s = summary;
        let import = if s.import > 0 { format!("{} to import, ", s.import) } else { String::new() };
        let imported = if s.import > 0 { format!("{} imported, ", s.import) } else { String::new() };
        let text = match operation {
            "plan" => format!("Plan: {import}{} to add, {} to change, {} to destroy.", s.add, s.change, s.destroy),
            "destroy" => format!("Destroy complete! Resources: {} destroyed.", s.destroy),
            _ => format!(
                "Apply complete! Resources: {imported}{} added, {} changed, {} destroyed.",
                s.add, s.change, s.destroy
            ),
        };
        Message::new("info", "change_summary", text).with(
            "changes",
            json!({ "add": s.add, "change": s.change, "import": s.import, "remove": s.destroy, "operation": operation }),
        )
    }

    /// Outputs that would change.
    pub fn planned_outputs(outputs: &BTreeMap<String, OutputChange>) -> Option<Self> {
        if outputs.is_empty() {
            return None;
        }
        let entry = |o: &OutputChange| {
            let action = match o.action {
                Action::NoOp => "noop",
                Action::Create => "create",
                Action::Delete => "delete",
                _ => "update",
            };
            json!({ "sensitive": o.sensitive, "action": action })
        };
        let map: Map<String, Json> = outputs.iter().map(|(name, o)| (name.clone(), entry(o))).collect();
        Some(Message::new("info", "outputs", format!("Outputs: {}", map.len())).with("outputs", Json::Object(map)))
    }

    /// Outputs after apply; sensitive ones have no value.
    pub fn outputs(outputs: &BTreeMap<String, crate::state::model::OutputValue>) -> Self {
        let map: Map<String, Json> =
            outputs.iter().map(|(name, o)| (name.clone(), super::state::output(o, true))).collect();
        Message::new("info", "outputs", format!("Outputs: {}", map.len())).with("outputs", Json::Object(map))
    }

    fn hook(kind: &'static str, text: String, hook: Json) -> Self {
        let level = if kind == "apply_errored" { "error" } else { "info" };
        Message::new(level, kind, text).with("hook", hook)
    }
}

/// All lines that follow from a plan: drift, changes, summary, outputs.
pub fn plan_messages(plan: &Plan) -> Vec<Message> {
    let mut out: Vec<Message> = plan.drift.iter().map(Message::resource_drift).collect();
    if plan.mode != PlanMode::RefreshOnly {
        let shown = plan
            .changes
            .iter()
            .filter(|c| c.action != Action::NoOp || c.previous_address.is_some() || c.importing.is_some());
        out.extend(shown.map(|change| {
            let mut message = Message::planned_change(change);
            if let Some(generated) = plan.generated_for(&change.address)
                && let Some(Json::Object(change)) = message.fields.get_mut("change")
            {
                change.insert("generated_config".into(), json!(generated.text()));
            }
            message
        }));
    }
    out.push(Message::change_summary(&plan.summary(), "plan"));
    out.extend(Message::planned_outputs(&plan.outputs));
    out
}

fn action_name(change: &ResourceChange) -> &'static str {
    match change.action {
        Action::NoOp if change.previous_address.is_some() => "move",
        Action::NoOp if change.importing.is_some() => "import",
        Action::NoOp => "noop",
        Action::Create => "create",
        Action::Read => "read",
        Action::Update => "update",
        Action::Delete => "delete",
        Action::DeleteThenCreate | Action::CreateThenDelete => "replace",
        Action::Forget => "remove",
    }
}

/// Reasons are spelt differently here than in the plan.
fn reason_name(reason: ActionReason) -> &'static str {
    match reason {
        ActionReason::ReplaceBecauseTainted => "tainted",
        ActionReason::ReplaceByRequest => "requested",
        ActionReason::ReplaceByTriggers => "replace_triggered_by",
        ActionReason::ReplaceBecauseCannotUpdate => "cannot_update",
        other => other.as_str(),
    }
}

fn change_object(change: &ResourceChange) -> Json {
    let mut out = json!({ "resource": resource_object(&change.address), "action": action_name(change) });
    if let Some(fields) = out.as_object_mut() {
        if let Some(before) = &change.previous_address {
            fields.insert("previous_resource".into(), resource_object(before));
        }
        if let Some(reason) = change.reason {
            fields.insert("reason".into(), json!(reason_name(reason)));
        }
        if let Some(id) = &change.importing {
            fields.insert("importing".into(), json!({ "id": id }));
        }
    }
    out
}

/// An address taken apart.
pub fn resource_object(address: &ResourceInstance) -> Json {
    let local = ResourceInstance { module: Default::default(), ..address.clone() };
    let key = match &address.key {
        None => Json::Null,
        Some(InstanceKey::Int(n)) => json!(n),
        Some(InstanceKey::Str(s)) => json!(s),
    };
    json!({
        "addr": address.to_string(),
        "module": address.module.to_string(),
        "resource": local.to_string(),
        "implied_provider": address.resource.type_name.split('_').next().unwrap_or_default(),
        "resource_type": address.resource.type_name,
        "resource_name": address.resource.name,
        "resource_key": key,
    })
}

/// Prints events as stream lines.
pub struct StreamProgress {
    terminal: Terminal,
    sources: Sources,
}

impl StreamProgress {
    /// On this terminal's standard output.
    pub fn new(terminal: Terminal, sources: Sources) -> Self {
        StreamProgress { terminal, sources }
    }
}

fn action_word(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Delete => "delete",
        Action::Read => "read",
        Action::Forget => "remove",
        _ => "update",
    }
}

fn hook_object(
    address: &ResourceInstance,
    action: Option<Action>,
    id: &Option<String>,
    elapsed: Option<Duration>,
) -> Json {
    let mut out = Map::new();
    out.insert("resource".into(), resource_object(address));
    if let Some(action) = action {
        out.insert("action".into(), json!(action_word(action)));
    }
    if let Some(id) = id {
        out.insert("id_key".into(), json!("id"));
        out.insert("id_value".into(), json!(id));
    }
    if let Some(elapsed) = elapsed {
        out.insert("elapsed_seconds".into(), json!(elapsed.as_secs()));
    }
    Json::Object(out)
}

fn ephemeral_hook(address: &ResourceInstance, operation: EphemeralOperation, elapsed: Option<Duration>) -> Json {
    let mut out = Map::new();
    out.insert("resource".into(), resource_object(address));
    out.insert("action".into(), json!(operation.word()));
    if let Some(elapsed) = elapsed {
        out.insert("elapsed_seconds".into(), json!(elapsed.as_secs()));
    }
    Json::Object(out)
}

/// The stream line of an event.
pub fn event_message(event: &Event, sources: &Sources) -> Message {
    let note = |id: &Option<String>| id.as_ref().map(|id| format!(" [id={id}]")).unwrap_or_default();
    match event {
        Event::RefreshStart { address, id } => Message::hook(
            "refresh_start",
            format!("{address}: Refreshing state...{}", note(id)),
            hook_object(address, None, id, None),
        ),
        Event::RefreshComplete { address, id } => Message::hook(
            "refresh_complete",
            format!("{address}: Refresh complete{}", note(id)),
            hook_object(address, None, id, None),
        ),
        Event::ApplyStart { address, action, id, .. } => {
            let doing = if *action == Action::Read { "Refreshing" } else { verbs(*action).0 };
            let text = format!("{address}: {doing}...{}", note(id));
            Message::hook("apply_start", text, hook_object(address, Some(*action), id, None))
        }
        Event::ApplyProgress { address, action, id, elapsed } => {
            let text =
                format!("{address}: Still {}... [{} elapsed]", verbs(*action).0.to_lowercase(), duration(*elapsed));
            Message::hook("apply_progress", text, hook_object(address, Some(*action), id, Some(*elapsed)))
        }
        Event::ApplyComplete { address, action, id, elapsed } => {
            // What is gone has no id any more.
            let id = if *action == Action::Delete { &None } else { id };
            let done = if *action == Action::Read { "Refresh" } else { verbs(*action).1 };
            let text = format!("{address}: {done} complete after {}{}", duration(*elapsed), note(id));
            Message::hook("apply_complete", text, hook_object(address, Some(*action), id, Some(*elapsed)))
        }
        Event::ApplyErrored { address, action, elapsed } => {
            let text = format!("{address}: {} errored after {}", verbs(*action).1, duration(*elapsed));
            Message::hook("apply_errored", text, hook_object(address, Some(*action), &None, Some(*elapsed)))
        }
        Event::EphemeralStart { address, operation } => Message::hook(
            "ephemeral_op_start",
            format!("{address}: {}...", operation.doing()),
            ephemeral_hook(address, *operation, None),
        ),
        Event::EphemeralProgress { address, operation, elapsed } => Message::hook(
            "ephemeral_op_progress",
            format!("{address}: Still {}... [{} elapsed]", operation.doing().to_lowercase(), duration(*elapsed)),
            ephemeral_hook(address, *operation, Some(*elapsed)),
        ),
        Event::EphemeralComplete { address, operation, elapsed } => Message::hook(
            "ephemeral_op_complete",
            format!("{address}: {} complete after {}", operation.doing(), duration(*elapsed)),
            ephemeral_hook(address, *operation, Some(*elapsed)),
        ),
        Event::EphemeralErrored { address, operation, elapsed } => Message::hook(
            "ephemeral_op_errored",
            format!("{address}: {} errored after {}", operation.doing(), duration(*elapsed)),
            ephemeral_hook(address, *operation, Some(*elapsed)),
        ),
        Event::Waiting { address, reason } => Message::log(format!("{address}: waiting: {reason}")),
        Event::Diagnostic(diagnostic) => Message::diagnostic(diagnostic, sources),
        Event::Note(text) => Message::log(text.clone()),
        Event::ProvisionStart { address, provisioner } => {
            let text = format!("{address}: Provisioning with '{provisioner}'...");
            Message::hook(
                "provision_start",
                text,
                json!({ "resource": resource_object(address), "provisioner": provisioner }),
            )
        }
        Event::ProvisionOutput { address, provisioner, line } => {
            let hook = json!({ "resource": resource_object(address), "provisioner": provisioner, "output": line });
            Message::hook("provision_progress", format!("{address}: ({provisioner}): {line}"), hook)
        }
        Event::ProvisionEnd { address, provisioner, success } => {
            let (kind, end) = if *success {
                ("provision_complete", "Provisioning complete")
            } else {
                ("provision_errored", "Provisioning errored")
            };
            let hook = json!({ "resource": resource_object(address), "provisioner": provisioner });
            Message::hook(kind, format!("{address}: ({provisioner}) {end}"), hook)
        }
    }
}

impl EventSink for StreamProgress {
    fn event(&self, event: Event) {
        self.terminal.out(&event_message(&event, &self.sources).line());
    }
}
