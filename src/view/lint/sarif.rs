//! SARIF 2.1.0, for code scanning.

use crate::diagnostics::{Sources, Span};
use crate::lint::{Finding, Level, Report, Rule};
use serde_json::{Value as Json, json};

/// The log.
pub fn document(report: &Report, rules: &[&'static Rule], sources: &Sources) -> Json {
    let results: Vec<Json> = report.findings.iter().map(|f| result(f, rules, sources)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "pipewright",
                    "version": env!("CARGO_PKG_VERSION"),
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "informationUri": env!("CARGO_PKG_REPOSITORY"),
                    "rules": rules.iter().map(|r| descriptor(r)).collect::<Vec<_>>(),
                }
            },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "ROOT": { "description": { "text": "The folder of the configuration." } } },
            "results": results,
        }]
    })
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "note",
    }
}

fn descriptor(rule: &Rule) -> Json {
    json!({
        "id": rule.id,
        "name": rule.id,
        "shortDescription": { "text": format!("{}.", rule.title) },
        "fullDescription": { "text": rule.rationale },
        "help": {
            "text": format!("{}\n\nSource: {}.", rule.rationale, rule.source),
            "markdown": super::page::markdown(rule),
        },
        "helpUri": format!("{}/blob/main/docs/rules/{}.md", env!("CARGO_PKG_REPOSITORY"), rule.id),
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": { "tags": [rule.family().title()], "precision": precision(rule) },
    })
}

fn precision(rule: &Rule) -> &'static str {
    match rule.confidence {
        crate::lint::Confidence::High => "high",
        crate::lint::Confidence::Medium => "medium",
        crate::lint::Confidence::Low => "low",
    }
}

fn result(finding: &Finding, rules: &[&'static Rule], sources: &Sources) -> Json {
    let mut out = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": { "text": format!("{}. {}", finding.summary, finding.detail) },
        "partialFingerprints": { "pipewright/v1": finding.fingerprint },
    });
    let Some(fields) = out.as_object_mut() else { return out };
    if let Some(index) = rules.iter().position(|r| r.id == finding.rule) {
        fields.insert("ruleIndex".into(), json!(index));
    }
    let mut location = json!({ "logicalLocations": [{ "fullyQualifiedName": finding.address, "kind": "resource" }] });
    if let (Some(physical), Some(location)) =
        (finding.range.and_then(|s| physical(s, sources)), location.as_object_mut())
    {
        location.insert("physicalLocation".into(), physical);
    }
    fields.insert("locations".into(), json!([location]));
    if let Some(fix) = finding.fix.as_ref().filter(|f| !f.edits.is_empty()) {
        let changes: Vec<Json> = fix
            .edits
            .iter()
            .filter_map(|edit| {
                let place = physical(edit.span, sources)?;
                let artifact = place.get("artifactLocation")?.clone();
                let replacement =
                    json!({ "deletedRegion": place.get("region")?, "insertedContent": { "text": edit.text } });
                Some(json!({ "artifactLocation": artifact, "replacements": [replacement] }))
            })
            .collect();
        if !changes.is_empty() {
            fields.insert(
                "fixes".into(),
                json!([{ "description": { "text": format!("{}.", fix.summary) }, "artifactChanges": changes }]),
            );
        }
    }
    out
}

fn physical(span: Span, sources: &Sources) -> Option<Json> {
    let file = sources.get(span.file)?;
    // Columns of SARIF count characters, not what people see as one.
    let column = |byte: u32| {
        let before = file.text.get(..byte as usize).unwrap_or_default();
        before.rsplit('\n').next().map_or(1, |line| line.chars().count() as u32 + 1)
    };
    let (start, end) = (file.position(span.start), file.position(span.end));
    Some(json!({
        "artifactLocation": { "uri": uri(&file.name), "uriBaseId": "ROOT" },
        "region": {
            "startLine": start.line,
            "startColumn": column(span.start),
            "endLine": end.line,
            "endColumn": column(span.end),
        },
    }))
}

/// A relative reference: forward slashes, other than plain characters escaped.
fn uri(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '~');
    let path = path.replace('\\', "/");
    path.chars()
        .map(|c| {
            if plain(c) {
                return c.to_string();
            }
            let mut buffer = [0u8; 4];
            c.encode_utf8(&mut buffer).bytes().map(|b| format!("%{b:02X}")).collect()
        })
        .collect()
}
