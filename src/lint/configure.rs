//! `.pipewright.hcl`: the file that says what a team asks of lint.
//!
//! ```hcl
//! lint {
//!   fail_on              = "warning"
//!   in_plan              = "warn"
//!   production_stages    = ["^Live$"]
//!   required_tags        = ["owner"]
//!   minimum_artifact_age = 30
//!   baseline             = "lint-baseline.json"
//!
//!   naming {
//!     stage = "PascalCase"
//!   }
//!
//!   rule "PL007" {
//!     severity = "off"
//!   }
//! }
//! ```

use super::finding::Level;
use super::registry;
use super::settings::{Convention, KINDS, PRESETS, Setting, Settings};
use crate::diagnostics::{Diagnostic, Diagnostics, Sources, Span};
use crate::lang::eval::{did_you_mean, evaluate_constant};
use crate::lang::syntax::ast::{Attribute, Block, Expr, ExprKind, ObjectKey};
use crate::lang::syntax::parse_body;
use crate::lang::value::Value;
use regex::Regex;

/// Name of the file, in the root module's folder.
pub const FILE: &str = ".pipewright.hcl";

const ARGUMENTS: &[&str] =
    &["fail_on", "in_plan", "production_stages", "required_tags", "minimum_artifact_age", "baseline", "severity"];
const BLOCKS: &[&str] = &["naming", "rule"];

/// Reads the text of the file. Blocks other than `lint` belong to other commands.
///
/// # Errors
/// All mistakes at once, each with its place.
pub fn parse(name: &str, text: &str, sources: &Sources) -> Result<Settings, Diagnostics> {
    let file = sources.add(name, text);
    let (body, mut problems) = parse_body(file, text);
    let mut settings = Settings::default();
    for attribute in &body.attributes {
        problems.push(
            Diagnostic::error("Unsupported argument", "Settings of lint stand in a block: lint { … }.")
                .at(attribute.name.span),
        );
    }
    for block in &body.blocks {
        match &*block.kind.name {
            "lint" => lint(block, &mut settings, &mut problems),
            other => problems.push(
                Diagnostic::error("Unsupported block type", format!("There is no block \"{other}\" in {FILE}."))
                    .at(block.kind.span)
                    .hint("The block that is known is lint."),
            ),
        }
    }
    problems.into_result(settings).map(|(settings, _)| settings)
}

fn wrong(span: Span, detail: impl Into<String>) -> Diagnostic {
    Diagnostic::error("Invalid lint setting", detail).at(span)
}

fn lint(block: &Block, settings: &mut Settings, problems: &mut Diagnostics) {
    for attribute in &block.body.attributes {
        if let Err(found) = argument(attribute, settings) {
            problems.extend(found);
        }
    }
    for inner in &block.body.blocks {
        match &*inner.kind.name {
            "naming" => naming(inner, settings, problems),
            "rule" => rule(inner, settings, problems),
            other => problems.push(unknown("block", other, BLOCKS, inner.kind.span)),
        }
    }
}

fn unknown(what: &str, name: &str, known: &[&str], span: Span) -> Diagnostic {
    let near = did_you_mean(name, known.iter().copied());
    let advice = near.map_or_else(|| format!("Known are {}.", known.join(", ")), |n| format!("Did you mean \"{n}\"?"));
    wrong(span, format!("lint has no {what} \"{name}\". {advice}"))
}

fn value(expr: &Expr) -> Result<Value, Diagnostics> {
    evaluate_constant(expr)
}

fn text(expr: &Expr) -> Result<String, Diagnostics> {
    let value = value(expr)?;
    value.as_str().map(str::to_owned).ok_or_else(|| wrong(expr.span, "A text is wanted here.").into())
}

fn texts(expr: &Expr) -> Result<Vec<(String, Span)>, Diagnostics> {
    let value = value(expr)?;
    let items = value
        .elements()
        .and_then(|items| items.iter().map(|i| i.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>());
    let items = items.ok_or_else(|| wrong(expr.span, "A list of texts is wanted here, such as [\"a\", \"b\"]."))?;
    let place = |i: usize| match &expr.kind {
        ExprKind::Tuple(exprs) => exprs.get(i).map_or(expr.span, |e| e.span),
        _ => expr.span,
    };
    Ok(items.into_iter().enumerate().map(|(i, item)| (item, place(i))).collect())
}

fn regex(pattern: &str, span: Span) -> Result<Regex, Diagnostics> {
    Regex::new(pattern).map_err(|e| wrong(span, format!("This is no regular expression: {e}.")).into())
}

fn argument(attribute: &Attribute, settings: &mut Settings) -> Result<(), Diagnostics> {
    let expr = &attribute.expr;
    match &*attribute.name.name {
        "fail_on" => {
            settings.fail_on = Some(text(expr)?.parse().map_err(|e: String| wrong(expr.span, format!("{e}.")))?);
        }
        "in_plan" => {
            settings.in_plan = text(expr)?.parse().map_err(|e: String| wrong(expr.span, format!("{e}.")))?;
        }
        "production_stages" => {
            let patterns = texts(expr)?.into_iter().map(|(pattern, span)| regex(&pattern, span));
            settings.production = patterns.collect::<Result<_, _>>()?;
        }
        "required_tags" => settings.required_tags = texts(expr)?.into_iter().map(|(tag, _)| tag).collect(),
        "minimum_artifact_age" => settings.minimum_artifact_days = days(expr)?,
        "baseline" => settings.baseline = Some(text(expr)?),
        "severity" => severities(expr, settings)?,
        other => return Err(unknown("argument", other, ARGUMENTS, attribute.name.span).into()),
    }
    Ok(())
}

/// A number of days, or a text such as `30d`.
fn days(expr: &Expr) -> Result<u64, Diagnostics> {
    let value = value(expr)?;
    let number = value.as_i64().or_else(|| value.as_str()?.trim().trim_end_matches(['d', 'D']).parse().ok());
    number
        .and_then(|n| u64::try_from(n).ok())
        .ok_or_else(|| wrong(expr.span, "A number of days is wanted here, such as 30 or \"30d\".").into())
}

fn setting(text: &str, span: Span) -> Result<Setting, Diagnostics> {
    if text == "off" {
        return Ok(Setting::Off);
    }
    text.parse::<Level>().map(Setting::At).map_err(|e| wrong(span, format!("{e}, or off.")).into())
}

fn severities(expr: &Expr, settings: &mut Settings) -> Result<(), Diagnostics> {
    let ExprKind::Object(items) = &expr.kind else {
        return Err(wrong(expr.span, "An object is wanted here, such as { PL007 = \"off\" }.").into());
    };
    for item in items {
        let (id, span) = match &item.key {
            ObjectKey::Name(name) => (name.name.to_string(), name.span),
            ObjectKey::Expr(key) => (text(key)?, key.span),
        };
        let known = known_rule(&id, span)?;
        settings.rules.insert(known.to_owned(), setting(&text(&item.value)?, item.value.span)?);
    }
    Ok(())
}

fn known_rule(id: &str, span: Span) -> Result<&'static str, Diagnostics> {
    registry::find(id).map(|rule| rule.id).ok_or_else(|| {
        let near = did_you_mean(&id.to_ascii_uppercase(), registry::rules().map(|r| r.id));
        let near = near.map(|n| format!(" Did you mean {n}?")).unwrap_or_default();
        wrong(span, format!("There is no rule \"{id}\".{near}")).into()
    })
}

fn rule(block: &Block, settings: &mut Settings, problems: &mut Diagnostics) {
    let Some(label) = block.labels.first() else {
        problems.push(wrong(block.header, "A rule block has the rule's id as its label: rule \"PL007\" { … }."));
        return;
    };
    let Some(id) = problems.absorb(known_rule(&label.name, label.span)) else { return };
    for attribute in &block.body.attributes {
        if &*attribute.name.name != "severity" {
            problems.push(unknown(
                "argument of rules called",
                &attribute.name.name,
                &["severity"],
                attribute.name.span,
            ));
            continue;
        }
        let found = text(&attribute.expr).and_then(|t| setting(&t, attribute.expr.span));
        if let Some(found) = problems.absorb(found) {
            settings.rules.insert(id.to_owned(), found);
        }
    }
}

fn naming(block: &Block, settings: &mut Settings, problems: &mut Diagnostics) {
    for attribute in &block.body.attributes {
        let kind = &*attribute.name.name;
        if !KINDS.contains(&kind) {
            problems.push(unknown("kind of names", kind, KINDS, attribute.name.span));
            continue;
        }
        let Some(pattern) = problems.absorb(text(&attribute.expr)) else { continue };
        let preset = PRESETS.iter().find(|(name, _)| *name == pattern);
        let (title, expression) = match preset {
            Some((name, expression)) => (format!("in {name}"), (*expression).to_owned()),
            None => (format!("of the form {pattern}"), pattern.clone()),
        };
        let whole = regex(&format!("^(?:{expression})$"), attribute.expr.span);
        if let Some(pattern) = problems.absorb(whole) {
            settings.names.insert(kind.to_owned(), Convention { pattern, title });
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::settings::InPlan;
    use super::*;

    fn read(text: &str) -> Result<Settings, Diagnostics> {
        parse(FILE, text, &Sources::new())
    }

    #[test]
    fn everything_can_be_set() {
        let settings = read(
            "lint {\n  fail_on = \"error\"\n  in_plan = \"warn\"\n  production_stages = [\"^Live$\"]\n  required_tags = [\"owner\"]\n  \
             minimum_artifact_age = \"30d\"\n  baseline = \"b.json\"\n  severity = { PL009 = \"info\" }\n  naming {\n    stage = \
             \"PascalCase\"\n    pipeline = \"shop-.*\"\n  }\n  rule \"pl007\" {\n    severity = \"off\"\n  }\n}\n",
        )
        .unwrap();
        assert_eq!(settings.fail_on, Some(Level::Error));
        assert_eq!(settings.in_plan, InPlan::Warn);
        assert!(settings.is_production("Live") && !settings.is_production("Prod"));
        assert_eq!(settings.minimum_artifact_days, 30);
        assert_eq!(settings.rules.get("PL007"), Some(&Setting::Off));
        assert_eq!(settings.rules.get("PL009"), Some(&Setting::At(Level::Info)));
        assert!(settings.names.get("pipeline").unwrap().pattern.is_match("shop-x"));
        assert!(!settings.names.get("stage").unwrap().pattern.is_match("deploy_it"));
    }

    #[test]
    fn all_mistakes_are_told_with_what_was_meant() {
        let errors = read(
            "lint {\n  fail_onn = \"error\"\n  naming {\n    stages = \"x\"\n    stage = \"(\"\n  }\n  rule \"PL07\" {}\n  severity = { PL009 \
             = \"bad\" }\n}\nformat {}\n",
        )
        .unwrap_err();
        let texts: Vec<&str> = errors.iter().map(|e| e.detail.as_str()).collect();
        assert_eq!(texts.len(), 6, "{texts:#?}");
        assert!(texts.iter().any(|t| t.contains("Did you mean \"fail_on\"?")));
        assert!(errors.iter().all(|e| e.span.is_some()));
    }
}
