//! JUnit's XML: a suite per family, a case per rule, a failure per finding.

use super::place;
use crate::diagnostics::Sources;
use crate::lint::{Finding, Report, Rule};
use std::collections::BTreeMap;

/// The document. Findings below `fail_on` are told in `system-out`, not as failures.
pub fn document(report: &Report, rules: &[&'static Rule], fail_on: crate::lint::Level, sources: &Sources) -> String {
    let mut by_rule: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        by_rule.entry(finding.rule).or_default().push(finding);
    }
    let fails = |f: &&&Finding| f.severity >= fail_on;
    let total = report.findings.iter().filter(|f| f.severity >= fail_on).count();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"pipewright lint\" tests=\"{}\" failures=\"{total}\" errors=\"0\">\n",
        cases(rules, &by_rule)
    );
    let mut families: Vec<crate::lint::Family> = rules.iter().map(|r| r.family()).collect();
    families.dedup();
    for family in families {
        let of_family: Vec<&&Rule> = rules.iter().filter(|r| r.family() == family).collect();
        let mut body = String::new();
        let (mut tests, mut failures) = (0, 0);
        for rule in of_family {
            let found = by_rule.get(rule.id).map(Vec::as_slice).unwrap_or_default();
            if found.is_empty() {
                tests += 1;
                body.push_str(&format!("    <testcase classname=\"{}\" name=\"{}\"/>\n", rule.id, escape(rule.title)));
            }
            for finding in found {
                tests += 1;
                let at =
                    place(finding, sources).map(|(file, line, _)| format!(" at {file}:{line}")).unwrap_or_default();
                let name = format!("{}: {}", finding.address, finding.summary);
                body.push_str(&format!("    <testcase classname=\"{}\" name=\"{}\">\n", rule.id, escape(&name)));
                let text = escape(&format!("{}\n{}{at}", finding.detail, finding.address));
                if fails(&finding) {
                    failures += 1;
                    body.push_str(&format!(
                        "      <failure type=\"{}\" message=\"{}\">{text}</failure>\n",
                        finding.severity,
                        escape(&finding.summary)
                    ));
                } else {
                    body.push_str(&format!("      <system-out>{}: {text}</system-out>\n", finding.severity));
                }
                body.push_str("    </testcase>\n");
            }
        }
        out.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">\n{body}  </testsuite>\n",
            escape(family.title())
        ));
    }
    out.push_str("</testsuites>\n");
    out
}

fn cases(rules: &[&'static Rule], by_rule: &BTreeMap<&str, Vec<&Finding>>) -> usize {
    rules.iter().map(|r| by_rule.get(r.id).map_or(1, Vec::len)).sum()
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            // No XML text may hold these.
            c if (c as u32) < 0x20 && c != '\t' => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}
