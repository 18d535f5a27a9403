//! The plan a person reads, in Terraform's grammar.

mod block;
mod text;
mod value;

use super::style::{Palette, Role};
use crate::address::ResourceInstance;
use crate::engine::plan::{Action, ActionReason, OutputChange, Plan, PlanMode, ResourceChange, Summary};
use crate::lang::value::{Marks, Path, Value};
use block::Lines;

/// The whole plan as text, ending with a line break.
pub fn human(plan: &Plan, palette: Palette) -> String {
    let mut out = String::new();
    let shown_drift: Vec<&ResourceChange> = match plan.mode {
        PlanMode::RefreshOnly => plan.drift.iter().collect(),
        _ => plan.drift.iter().filter(|d| is_relevant(plan, d)).collect(),
    };
    if !shown_drift.is_empty() {
        out.push_str(&drift(plan, &shown_drift, palette));
    }
    let actions: Vec<&ResourceChange> = plan.changes.iter().filter(|c| is_visible(c)).collect();
    let outputs = plan.outputs.values().any(|o| o.action != Action::NoOp);
    if actions.is_empty() && !outputs && plan.errored {
        out.push_str("\nPlanning failed. Pipewright encountered an error while generating this plan.\n");
        return out;
    }
    if actions.is_empty() && !outputs {
        out.push_str(&nothing(plan, !shown_drift.is_empty(), palette));
        return out;
    }
    if !actions.is_empty() {
        if plan.mode != PlanMode::RefreshOnly {
            out.push_str(&legend(&actions, palette));
            out.push_str(if plan.errored {
                "\nPipewright planned the following actions, but then encountered a problem:\n\n"
            } else {
                "\nPipewright will perform the following actions:\n\n"
            });
        }
        for change in &actions {
            out.push_str(&paragraph(change, plan.generated_for(&change.address).is_some(), palette));
            out.push('\n');
        }
        if plan.mode != PlanMode::RefreshOnly {
            out.push_str(&summary(&plan.summary(), palette));
        }
    }
    if outputs {
        let lead = if actions.is_empty() { "" } else { "\n" };
        out.push_str(&format!("{lead}{}\n", palette.paint(Role::Strong, "Changes to Outputs:")));
        out.push_str(&output_changes(plan.outputs.iter().map(|(n, o)| (n.as_str(), o)), palette));
        if actions.is_empty() {
            let without = "\nYou can apply this plan to save these new output values to the state, without\nchanging any real infrastructure.\n";
            out.push_str(without);
        }
    }
    out
}

/// Whether a change is worth a paragraph.
fn is_visible(change: &ResourceChange) -> bool {
    change.action != Action::NoOp || change.previous_address.is_some() || change.importing.is_some()
}

/// Whether a drifted object feeds something that is planned: only such drift is shown in an ordinary plan.
fn is_relevant(plan: &Plan, drifted: &ResourceChange) -> bool {
    let changes = plan.changes.iter().any(|c| c.address == drifted.address && c.action != Action::NoOp);
    let address = &drifted.address;
    let names = [address.to_string(), address.abs_resource().to_string(), address.config().to_string()];
    let differs = |path: &Path| path.find(&drifted.before) != path.find(&drifted.after);
    changes || plan.relevant_attributes.iter().any(|(address, path)| names.contains(address) && differs(path))
}

fn drift(plan: &Plan, drift: &[&ResourceChange], palette: Palette) -> String {
    let mut out = format!("\n{}\n\n", palette.paint(Role::Strong, "Note: Objects have changed outside of Pipewright"));
    out.push_str("Pipewright detected the following changes made outside of it since the last run");
    out.push_str(if plan.mode == PlanMode::RefreshOnly {
        ":\n\n"
    } else {
        ", which\nmay have affected this plan:\n\n"
    });
    for change in drift {
        out.push_str(&drifted(change, palette));
        out.push('\n');
    }
    out.push_str(match plan.mode {
        PlanMode::RefreshOnly => {
            "\nThis is a refresh-only plan, so no actions are taken to undo these changes. Applying it records\nthe values above in the state without changing any remote object.\n"
        }
        _ => "\nUnless you have made equivalent changes to your configuration, or ignored the relevant attributes using\nignore_changes, the following plan may undo or respond to these changes.\n",
    });
    out.push_str(&palette.paint(Role::Faint, &"─".repeat(77)));
    out.push('\n');
    out
}

fn drifted(change: &ResourceChange, palette: Palette) -> String {
    let what = if change.action == Action::Delete { "has been deleted" } else { "has changed" };
    let title = format!("  # {} {what}", name(change));
    format!("{}\n{}", palette.paint(Role::Strong, &title), body(change, palette))
}

fn nothing(plan: &Plan, drifted: bool, palette: Palette) -> String {
    let (title, text) = match (plan.mode, drifted) {
        (PlanMode::Destroy, _) => (
            "No changes. No objects need to be destroyed.",
            "Either you have not created any objects yet or the existing objects were already\ndeleted outside of Pipewright.",
        ),
        (PlanMode::RefreshOnly, true) => return String::new(),
        (PlanMode::RefreshOnly, false) => (
            "No changes. Your infrastructure still matches the state.",
            "Pipewright has checked that the real remote objects still match the result of your\nmost recent changes, and found no differences.",
        ),
        (PlanMode::Normal, _) if !plan.targets.is_empty() || !plan.excludes.is_empty() => (
            "No changes. The selected part of your infrastructure matches the configuration.",
            "Pipewright compared the objects you selected with -target or -exclude with their\nconfiguration and found no differences, so no changes are needed.",
        ),
        (PlanMode::Normal, _) => (
            "No changes. Your infrastructure matches the configuration.",
            "Pipewright has compared your real infrastructure against your configuration\nand found no differences, so no changes are needed.",
        ),
    };
    format!("\n{}\n\n{text}\n", palette.paint(Role::Good, title))
}

fn legend(changes: &[&ResourceChange], palette: Palette) -> String {
    let mut out = String::from("\nResource actions are indicated with the following symbols:\n");
    for (action, words) in [
        (Action::Create, "create"),
        (Action::Update, "update in-place"),
        (Action::Delete, "destroy"),
        (Action::DeleteThenCreate, "destroy and then create replacement"),
        (Action::CreateThenDelete, "create replacement and then destroy"),
        (Action::Read, "read (data resources)"),
        (Action::Forget, "forget (leave it in the world, drop it from the state)"),
    ] {
        if changes.iter().any(|c| c.action == action) {
            out.push_str(&format!("{} {words}\n", symbol(action, palette)));
        }
    }
    out
}

/// The symbol of an action, three columns wide.
fn symbol(action: Action, palette: Palette) -> String {
    match action {
        Action::NoOp => "   ".into(),
        Action::Create => format!("  {}", palette.paint(Role::Add, "+")),
        Action::Update => format!("  {}", palette.paint(Role::Change, "~")),
        Action::Delete => format!("  {}", palette.paint(Role::Remove, "-")),
        Action::Read => format!(" {}", palette.paint(Role::Read, "<=")),
        Action::DeleteThenCreate => format!("{}/{}", palette.paint(Role::Remove, "-"), palette.paint(Role::Add, "+")),
        Action::CreateThenDelete => format!("{}/{}", palette.paint(Role::Add, "+"), palette.paint(Role::Remove, "-")),
        Action::Forget => format!("  {}", palette.paint(Role::Remove, ".")),
    }
}

fn name(change: &ResourceChange) -> String {
    match &change.deposed {
        Some(key) => format!("{} (deposed object {key})", change.address),
        None => change.address.to_string(),
    }
}

/// One resource: its heading comments and its block.
pub fn resource(change: &ResourceChange, palette: Palette) -> String {
    paragraph(change, false, palette)
}

/// A change; `generated` when its block was written for it.
fn paragraph(change: &ResourceChange, generated: bool, palette: Palette) -> String {
    let strong = |text: &str| palette.paint(Role::Strong, text);
    let address = name(change);
    let mut out = String::new();
    let must_be_replaced = |why: &str| {
        format!("{}{}", strong(&format!("  # {address} {why}, so it must be ")), palette.paint(Role::Alarm, "replaced"))
    };
    let title = match (change.action, change.reason) {
        (Action::DeleteThenCreate | Action::CreateThenDelete, Some(ActionReason::ReplaceBecauseTainted)) => {
            must_be_replaced("is tainted")
        }
        (Action::DeleteThenCreate | Action::CreateThenDelete, Some(ActionReason::ReplaceByRequest)) => {
            format!(
                "{}{}{}",
                strong(&format!("  # {address} will be ")),
                palette.paint(Role::Alarm, "replaced"),
                strong(", as requested")
            )
        }
        (Action::DeleteThenCreate | Action::CreateThenDelete, Some(ActionReason::ReplaceByTriggers)) => {
            format!(
                "{}{}{}",
                strong(&format!("  # {address} will be ")),
                palette.paint(Role::Alarm, "replaced"),
                strong(" due to changes in replace_triggered_by")
            )
        }
        (Action::DeleteThenCreate | Action::CreateThenDelete, _) => {
            format!("{}{}", strong(&format!("  # {address} must be ")), palette.paint(Role::Alarm, "replaced"))
        }
        (Action::Create, _) => strong(&format!("  # {address} will be created")),
        (Action::Update, _) => strong(&format!("  # {address} will be updated in-place")),
        (Action::Delete, _) => {
            format!("{}{}", strong(&format!("  # {address} will be ")), palette.paint(Role::Alarm, "destroyed"))
        }
        (Action::Read, _) => strong(&format!("  # {address} will be read during apply")),
        (Action::Forget, _) => {
            strong(&format!("  # {address} will no longer be managed by Pipewright, but will not be destroyed"))
        }
        (Action::NoOp, _) => match (&change.previous_address, &change.importing) {
            (Some(before), _) => strong(&format!("  # {before} has moved to {address}")),
            (None, Some(_)) => strong(&format!("  # {address} will be imported")),
            (None, None) => strong(&format!("  # {address}")),
        },
    };
    out.push_str(&title);
    out.push('\n');
    if generated {
        out.push_str(&format!("  {}\n", palette.paint(Role::Faint, "# (config will be generated)")));
    }
    if let Some(why) = reason(change) {
        out.push_str(&format!("  {}\n", palette.paint(Role::Faint, &format!("# ({why})"))));
    }
    if change.action != Action::NoOp {
        if let Some(before) = &change.previous_address {
            out.push_str(&format!("  {}\n", palette.paint(Role::Faint, &format!("# (moved from {before})"))));
        }
        if let Some(id) = &change.importing {
            out.push_str(&format!("  {}\n", palette.paint(Role::Faint, &format!("# (imported from \"{id}\")"))));
        }
    }
    out + &body(change, palette)
}

/// Why an object goes or is read late, where the title does not say it.
fn reason(change: &ResourceChange) -> Option<String> {
    let address = &change.address;
    if change.action == Action::Forget {
        return Some("destroy = false is set in the configuration".into());
    }
    Some(match change.reason? {
        ActionReason::DeleteBecauseNoResourceConfig => format!("because {} is not in configuration", address.config()),
        ActionReason::DeleteBecauseNoModule => format!("because {} is not in configuration", address.module),
        ActionReason::DeleteBecauseNoMoveTarget => {
            format!("because {address} was moved to an address that is not in configuration")
        }
        ActionReason::DeleteBecauseWrongRepetition => match address.key {
            Some(crate::address::InstanceKey::Int(_)) => "because resource does not use count".into(),
            Some(crate::address::InstanceKey::Str(_)) => "because resource does not use for_each".into(),
            None => "because resource uses count or for_each".into(),
        },
        ActionReason::DeleteBecauseCountIndex => {
            format!("because index {} is out of range for count", key(address))
        }
        ActionReason::DeleteBecauseEachKey => format!("because key {} is not in for_each map", key(address)),
        ActionReason::ReadBecauseConfigUnknown => "config refers to values not yet known".into(),
        ActionReason::ReadBecauseDependencyPending => "depends on a resource or a module with changes pending".into(),
        ActionReason::ReadBecauseCheckNested => "config will be reloaded to verify a check block".into(),
        _ => return None,
    })
}

fn key(address: &ResourceInstance) -> String {
    address.key.as_ref().map(ToString::to_string).unwrap_or_default()
}

/// The resource's block with its changed attributes.
fn body(change: &ResourceChange, palette: Palette) -> String {
    let kind = if change.address.resource.mode == crate::address::Mode::Data { "data" } else { "resource" };
    let head = format!("{kind} \"{}\" \"{}\" {{", change.address.resource.type_name, change.address.resource.name);
    let mut lines = Lines::new(palette, &change.replace_paths);
    let (before, after) = match change.action {
        Action::Forget => (&change.before, &change.before),
        _ => (&change.before, &change.after),
    };
    lines.block(&change.schema.block, before, after);
    let indent = if change.action.is_replace() { "" } else { " " };
    let sign = symbol(change.action, palette);
    let sign = if change.action.is_replace() { sign } else { sign.split_off_first_space() };
    format!("{indent}{sign} {head}\n{}    }}\n", lines.into_text())
}

trait SplitOffFirstSpace {
    fn split_off_first_space(self) -> String;
}

impl SplitOffFirstSpace for String {
    fn split_off_first_space(self) -> String {
        self.strip_prefix(' ').map(str::to_owned).unwrap_or(self)
    }
}

/// `Plan: 1 to add, 0 to change, 0 to destroy.`
pub fn summary(summary: &Summary, palette: Palette) -> String {
    let import = if summary.import > 0 { format!("{} to import, ", summary.import) } else { String::new() };
    let mut out = format!(
        "{} {import}{} to add, {} to change, {} to destroy.\n",
        palette.paint(Role::Strong, "Plan:"),
        summary.add,
        summary.change,
        summary.destroy
    );
    if summary.forget > 0 {
        out.push_str(&format!("{} to forget: they leave the state and stay in the world.\n", summary.forget));
    }
    out
}

/// Lines of changed outputs.
pub fn output_changes<'a>(outputs: impl Iterator<Item = (&'a str, &'a OutputChange)>, palette: Palette) -> String {
    let changed: Vec<(&str, Value, Value)> = outputs
        .filter(|(_, o)| o.action != Action::NoOp)
        .map(|(name, o)| {
            let mark = |v: &Value| {
                if o.sensitive && !v.is_null() { v.clone().with_marks(Marks::SENSITIVE) } else { v.clone() }
            };
            (name, mark(&o.before), mark(&o.after))
        })
        .collect();
    let mut lines = Lines::new(palette, &[]);
    lines.outputs(&changed);
    lines.into_text()
}
