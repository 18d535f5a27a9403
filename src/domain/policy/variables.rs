//! Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, and the escapes `${*}`, `${?}`, `${$}`.

use super::glob::{LITERAL_ANY, LITERAL_ONE};
use super::request::{Context, Fact};

/// A text with its variables replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expanded {
    /// These texts (a key with several values gives several); wildcards that came from values are marked as literal.
    Texts(Vec<String>),
    /// A variable has no value and no default: the text matches nothing.
    Nothing,
    /// A variable's value is not known.
    Unknown,
}

/// Replaces the variables of `text`. `active` is false in documents of version 2008-10-17, where `${…}` is plain text.
pub fn expand(text: &str, context: &Context, active: bool) -> Expanded {
    if !active || !text.contains("${") {
        return Expanded::Texts(vec![text.to_owned()]);
    }
    let mut done = vec![String::new()];
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        done.iter_mut().for_each(|d| d.push_str(before));
        let Some((inside, tail)) = after.split_once('}') else {
            done.iter_mut().for_each(|d| d.push_str("${"));
            rest = after;
            continue;
        };
        match one(inside, context) {
            Expanded::Texts(values) => {
                done = done.iter().flat_map(|d| values.iter().map(move |v| format!("{d}{v}"))).collect();
            }
            other => return other,
        }
        rest = tail;
    }
    done.iter_mut().for_each(|d| d.push_str(rest));
    Expanded::Texts(done)
}

fn one(inside: &str, context: &Context) -> Expanded {
    match inside {
        "*" => return Expanded::Texts(vec![LITERAL_ANY.to_string()]),
        "?" => return Expanded::Texts(vec![LITERAL_ONE.to_string()]),
        "$" => return Expanded::Texts(vec!["$".to_owned()]),
        _ => {}
    }
    let (key, default) = match inside.split_once(',') {
        Some((key, default)) => (key.trim(), default.trim().strip_prefix('\'').and_then(|d| d.strip_suffix('\''))),
        None => (inside.trim(), None),
    };
    let literal = |v: &str| v.replace('*', &LITERAL_ANY.to_string()).replace('?', &LITERAL_ONE.to_string());
    match (context.get(key), default) {
        (Fact::Values(values), _) => Expanded::Texts(values.iter().map(|v| literal(v)).collect()),
        (Fact::Absent, Some(default)) => Expanded::Texts(vec![literal(default)]),
        (Fact::Absent, None) => Expanded::Nothing,
        (Fact::Unknown, _) => Expanded::Unknown,
    }
}

/// The literal characters put back, for comparisons without wildcards and for texts that are matched against.
pub(super) fn plain(text: &str) -> String {
    text.replace(LITERAL_ANY, "*").replace(LITERAL_ONE, "?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_defaults_and_escapes() {
        let context = Context::complete().with("aws:username", &["ann*"]);
        let text = |t: &str| match expand(t, &context, true) {
            Expanded::Texts(texts) => texts.iter().map(|t| plain(t)).collect::<Vec<_>>().join(" "),
            other => format!("{other:?}"),
        };
        assert_eq!(text("home/${aws:UserName}/x"), "home/ann*/x");
        assert_eq!(text("${*}${?}${$}"), "*?$");
        assert_eq!(text("${aws:PrincipalTag/team, 'none'}"), "none");
        assert_eq!(text("${aws:PrincipalTag/team}"), "Nothing");
        assert_eq!(text("open ${ end"), "open ${ end");
        assert_eq!(expand("${aws:x}", &Context::partial(), true), Expanded::Unknown);
        assert_eq!(expand("${aws:x}", &context, false), Expanded::Texts(vec!["${aws:x}".into()]));
    }
}
