//! Who is told of what, for people and programs.

use crate::operate::alerts::{Alerts, Row, Told};
use crate::view::style::{Palette, Role};
use serde_json::{Value as Json, json};

/// A pipeline's alerts.
pub fn human(alerts: &Alerts, palette: Palette) -> String {
    let mut out = format!("{}\n\n", palette.paint(Role::Strong, &alerts.pipeline));
    for row in &alerts.rows {
        let subject = if row.subject.is_empty() { String::new() } else { format!(" {}", row.subject) };
        let head = format!("{} {}{subject}", row.level.as_str(), row.what);
        if row.told.is_empty() {
            out.push_str(&format!("  {} {head}: nobody is told\n", palette.paint(Role::Warning, "-")));
        } else {
            out.push_str(&format!("  {} {head}\n", palette.paint(Role::Good, "+")));
            row.told.iter().for_each(|t| out.push_str(&told(t)));
        }
    }
    for (rule, ids) in &alerts.notifications {
        out.push_str(&format!("\n  {rule} notifies of: {}\n", ids.join(", ")));
    }
    for rule in &alerts.open {
        out.push_str(&format!("\n  The pattern of {rule} is not known yet.\n"));
    }
    let untold = alerts.untold();
    out.push('\n');
    out.push_str(&if untold.is_empty() {
        format!("{}\n", palette.paint(Role::Good, "Somebody is told of every state."))
    } else {
        format!("{} {}.\n", palette.paint(Role::Warning, "Nobody is told when it is:"), untold.join(", "))
    });
    out
}

/// One target.
pub fn told(told: &Told) -> String {
    let may = if told.certain { "" } else { " (depends on what is not known yet)" };
    let mut out = format!("      {} -> {}{may}\n", told.rule, told.to);
    match &told.text {
        None => {}
        Some(Ok(text)) => text.lines().for_each(|line| out.push_str(&format!("        | {line}\n"))),
        Some(Err(why)) => out.push_str(&format!("        the text cannot be made: {why}\n")),
    }
    out
}

/// The same for programs.
pub fn json(alerts: &Alerts) -> Json {
    json!({
        "pipeline": alerts.pipeline,
        "states": alerts.rows.iter().map(row).collect::<Vec<_>>(),
        "notifications": alerts.notifications.iter().map(|(rule, ids)| json!({ "rule": rule, "event_type_ids": ids })).collect::<Vec<_>>(),
        "unknown_rules": alerts.open,
        "untold": alerts.untold(),
    })
}

fn row(row: &Row) -> Json {
    json!({
        "what": row.what,
        "level": row.level.as_str(),
        "state": row.state,
        "subject": row.subject,
        "told": row.told.iter().map(json_told).collect::<Vec<_>>(),
    })
}

/// One target for programs.
pub fn json_told(told: &Told) -> Json {
    let (text, error) = match &told.text {
        None => (None, None),
        Some(Ok(text)) => (Some(text), None),
        Some(Err(why)) => (None, Some(why)),
    };
    json!({ "rule": told.rule, "target": told.target, "to": told.to, "certain": told.certain, "text": text, "error": error })
}
