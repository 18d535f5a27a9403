//! Manual approvals that wait, for people and programs.

use super::style::{Palette, Role};
use crate::provider::approval::Approval;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

/// A list with how long each waits, as of `now`.
pub fn human(approvals: &[Approval], now: Timestamp, palette: Palette) -> String {
    if approvals.is_empty() {
        return "No approval is waiting.\n".into();
    }
    approvals.iter().map(|approval| one(approval, now, palette)).collect::<Vec<_>>().join("\n")
}

fn one(approval: &Approval, now: Timestamp, palette: Palette) -> String {
    let head = format!("{} {}/{}", approval.pipeline, approval.stage, approval.action);
    let waits = approval.since.map(|since| format!("waiting for {}", length(now, since)));
    let left = approval.until.map(|until| match until > now {
        true => format!("fails in {}", length(until, now)),
        false => "about to time out".to_owned(),
    });
    let times: Vec<String> = waits.into_iter().chain(left).collect();
    let mut out = format!("{}  {}\n", palette.paint(Role::Strong, &head), times.join(", "));
    let lines = [("message", &approval.message), ("review", &approval.review), ("execution", &approval.execution)];
    for (name, text) in lines {
        for (i, line) in text.iter().flat_map(|text| text.lines()).enumerate() {
            let name = if i == 0 { format!("{name}:") } else { String::new() };
            out.push_str(&format!("  {name:<10} {line}\n"));
        }
    }
    out
}

/// The time between two moments in its two largest units.
fn length(later: Timestamp, earlier: Timestamp) -> String {
    let seconds = later.as_second().saturating_sub(earlier.as_second()).max(0);
    let (days, hours, minutes) = (seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// The same for programs; times in RFC 3339.
pub fn json(approvals: &[Approval], now: Timestamp) -> Json {
    let one = |a: &Approval| {
        json!({
            "pipeline": a.pipeline, "stage": a.stage, "action": a.action, "pipeline_execution_id": a.execution,
            "since": a.since.map(|t| t.to_string()), "until": a.until.map(|t| t.to_string()),
            "age_seconds": a.since.map(|since| now.as_second().saturating_sub(since.as_second()).max(0)),
            "message": a.message, "review": a.review, "token": a.token,
        })
    };
    json!({ "format_version": "1.0", "approvals": approvals.iter().map(one).collect::<Vec<_>>() })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn asked() -> Approval {
        let at = |second: i64| Timestamp::from_second(second).ok();
        Approval {
            pipeline: "shop".into(),
            stage: "Deploy".into(),
            action: "Ask".into(),
            execution: Some("e-1".into()),
            since: at(1_000_000),
            until: at(1_000_000 + 7 * 86400),
            message: Some("Look at staging\nthen decide".into()),
            review: None,
            token: "t".into(),
        }
    }

    #[test]
    fn the_list_says_how_long_each_waits_and_may_still_wait() {
        let now = Timestamp::from_second(1_000_000 + 2 * 86400 + 3 * 3600 + 240).unwrap();
        assert_eq!(
            human(&[asked()], now, Palette::plain()),
            "shop Deploy/Ask  waiting for 2 d 3 h, fails in 4 d 20 h\n  message:   Look at staging\n             then decide\n  execution: e-1\n"
        );
        assert_eq!(human(&[], now, Palette::plain()), "No approval is waiting.\n");
    }

    #[test]
    fn lengths_have_two_units() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        for (seconds, text) in [(-5, "0 s"), (59, "59 s"), (61, "1 min"), (3660, "1 h 1 min"), (90_000, "1 d 1 h")] {
            assert_eq!(length(at(seconds), at(0)), text);
        }
    }

    #[test]
    fn programs_get_age_and_token() {
        let document = json(&[asked()], Timestamp::from_second(1_000_060).unwrap());
        let first = document.pointer("/approvals/0").unwrap();
        assert_eq!((first["age_seconds"].as_i64(), first["token"].as_str()), (Some(60), Some("t")));
        assert_eq!(first["since"], "1970-01-12T13:46:40Z");
    }
}
