//! Input transformers: the text a target gets.

use serde_json::Value as Json;
use std::collections::BTreeMap;

/// The steps of a path such as `$.detail.pipeline` or `$.resources[0]`; `None` when it is none.
pub fn steps(path: &str) -> Option<Vec<String>> {
    let rest = path.strip_prefix('$')?;
    let mut steps = Vec::new();
    let mut rest = rest;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let name = after.get(..end)?;
            if name.is_empty() {
                return None;
            }
            steps.push(name.to_owned());
            rest = after.get(end..)?;
        } else {
            let inner = rest.strip_prefix('[')?;
            let (index, after) = inner.split_once(']')?;
            steps.push(index.trim_matches(['\'', '"']).to_owned());
            rest = after;
        }
    }
    Some(steps)
}

/// The value at the end of these steps.
pub fn find<'e>(event: &'e Json, steps: &[String]) -> Option<&'e Json> {
    steps.iter().try_fold(event, |at, step| match at {
        Json::Array(items) if step == "*" => items.first(),
        Json::Array(items) => items.get(step.parse::<usize>().ok()?),
        other => other.get(step.as_str()),
    })
}

/// The names in angle brackets, in order, each once.
pub fn placeholders(template: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (_, name, _) in parts(template) {
        if let Some(name) = name
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

/// Text, the placeholder after it, and whether that stands inside a quoted text.
fn parts(template: &str) -> Vec<(String, Option<String>, bool)> {
    let mut out = Vec::new();
    let (mut text, mut quoted, mut escaped) = (String::new(), false, false);
    let mut rest = template;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        if c == '<'
            && let Some((name, tail)) = after.split_once('>')
            && !name.is_empty()
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
        {
            out.push((std::mem::take(&mut text), Some(name.to_owned()), quoted));
            rest = tail;
            continue;
        }
        match c {
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        text.push(c);
        rest = after;
    }
    out.push((text, None, quoted));
    out
}

/// Whether a placeholder stands inside a quoted text anywhere.
pub fn is_inside_text(template: &str, name: &str) -> bool {
    parts(template).iter().any(|(_, n, quoted)| *quoted && n.as_deref() == Some(name))
}

/// Fills a template in. A template that begins as JSON must give JSON; another is a plain text.
///
/// # Errors
/// What is wrong with the JSON that came out.
pub fn render(template: &str, values: &BTreeMap<String, Json>) -> Result<String, String> {
    let mut out = String::new();
    let is_json = template.trim_start().starts_with(['{', '[', '"']);
    for (text, name, quoted) in parts(template) {
        out.push_str(&text);
        let Some(name) = name else { continue };
        match values.get(&name) {
            Some(Json::String(value)) if quoted || !is_json => out.push_str(value),
            Some(value) => out.push_str(&value.to_string()),
            // A path that is not in the event leaves the variable out.
            None if quoted || !is_json => {}
            None => out.push_str("\"\""),
        }
    }
    if is_json {
        // Several texts one after another are lines of a message.
        let stream = serde_json::Deserializer::from_str(&out).into_iter::<Json>();
        for value in stream {
            value.map_err(|e| e.to_string())?;
        }
    }
    Ok(out)
}

/// The values a transformer takes from an event: `input_paths` and what EventBridge predefines.
pub fn values(paths: &[(String, String)], event: &Json, rule: &str) -> BTreeMap<String, Json> {
    let mut out = BTreeMap::new();
    for (name, path) in paths {
        if let Some(value) = steps(path).and_then(|steps| find(event, &steps).cloned()) {
            out.insert(name.clone(), value);
        }
    }
    out.insert("aws.events.rule-name".into(), Json::from(rule));
    out.insert("aws.events.rule-arn".into(), Json::from(format!("arn:aws:events:rule/{rule}")));
    out.insert("aws.events.event.json".into(), event.clone());
    out.insert("aws.events.event".into(), event.clone());
    if let Some(time) = event.get("time") {
        out.insert("aws.events.event.ingestion-time".into(), time.clone());
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_lead_into_the_event() {
        let event = json!({"detail": {"a-b": {"c": 1}}, "resources": ["x"]});
        let at = |path: &str| steps(path).and_then(|s| find(&event, &s).cloned());
        assert_eq!(at("$.detail.a-b.c"), Some(json!(1)));
        assert_eq!(at("$.resources[0]"), Some(json!("x")));
        assert_eq!(at("$.detail.nope"), None);
        assert_eq!(steps("detail.x"), None);
        assert_eq!(steps("$..x"), None);
    }

    #[test]
    fn texts_are_filled_in_as_eventbridge_does() {
        let values = BTreeMap::from([("p".to_owned(), json!("shop")), ("o".to_owned(), json!({"a": 1}))]);
        assert_eq!(render("\"<p> failed\"", &values).unwrap(), "\"shop failed\"");
        assert_eq!(render("{\"p\": <p>, \"o\": <o>}", &values).unwrap(), "{\"p\": \"shop\", \"o\": {\"a\":1}}");
        assert_eq!(render("<p> failed", &values).unwrap(), "shop failed");
        assert_eq!(render("\"one <p>\"\n\"two\"", &values).unwrap(), "\"one shop\"\n\"two\"");
        assert!(render("{\"p\": \"<o>\"}", &values).is_err());
        assert_eq!(placeholders("<p> <q-r> < x> <p>"), ["p", "q-r"]);
    }
}
