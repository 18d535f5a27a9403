//! A rule's page: for `explain`, for `docs/rules` and for SARIF's help.

use crate::lint::{Family, REPAIRED, Rule};

/// The page in Markdown.
pub fn markdown(rule: &Rule) -> String {
    format!(
        "# {}: {}\n\n| | |\n|---|---|\n| severity | {} |\n| confidence | {} |\n| about | {} |\n| source | {} |\n| repair | {} |\n\n{}\n\n## Wrong\n\n```hcl\n{}\n```\n\n## Right\n\n```hcl\n{}\n```\n",
        rule.id,
        rule.title,
        rule.severity,
        rule.confidence.as_str(),
        rule.family().title(),
        rule.source,
        repair(rule),
        rule.rationale,
        rule.bad.trim(),
        rule.good.trim()
    )
}

fn repair(rule: &Rule) -> &'static str {
    if REPAIRED.contains(&rule.id) { "`lint -fix` makes it where the source holds what is wrong" } else { "by hand" }
}

/// The list of all rules in Markdown.
pub fn index<'r>(rules: impl Iterator<Item = &'r Rule>) -> String {
    let mut out = String::from(
        "# Rules\n\nWhat `pipewright lint` checks. `pipewright explain RULE` shows one of these pages. Severities can be changed, and rules switched off,\nin `.pipewright.hcl`; see [lint](../lint.md).\n",
    );
    let mut family: Option<Family> = None;
    for rule in rules {
        if family != Some(rule.family()) {
            family = Some(rule.family());
            out.push_str(&format!(
                "\n## {}\n\n| rule | severity | what it finds | `-fix` |\n|---|---|---|---|\n",
                rule.family().title()
            ));
        }
        let fix = if REPAIRED.contains(&rule.id) { "yes" } else { "" };
        out.push_str(&format!("| [{0}]({0}.md) | {1} | {2} | {fix} |\n", rule.id, rule.severity, rule.title));
    }
    out
}

/// The page for a terminal.
pub fn plain(rule: &Rule, palette: crate::view::style::Palette) -> String {
    use crate::view::style::Role;
    let title = palette.paint(Role::Strong, &format!("{}: {}", rule.id, rule.title));
    let indented = |text: &str| {
        text.trim()
            .lines()
            .map(|l| if l.is_empty() { "\n".to_owned() } else { format!("    {l}\n") })
            .collect::<String>()
    };
    format!(
        "{title}\n\n{}\n\n  severity    {}\n  confidence  {}\n  source      {}\n\n{}\n\n{}\n{}\n\n{}",
        rule.rationale,
        rule.severity,
        rule.confidence.as_str(),
        rule.source,
        palette.paint(Role::Remove, "Wrong:"),
        indented(rule.bad),
        palette.paint(Role::Good, "Right:"),
        indented(rule.good)
    )
}
