//! Functions of text.

use super::call::{Call, FunctionError, Outcome};
use crate::lang::value::{Refinement, Type, Value};
use unicode_segmentation::UnicodeSegmentation;

fn text(text: &str) -> Outcome {
    Ok(Value::string_normalized(text))
}

pub fn upper(call: &Call<'_>) -> Outcome {
    text(&call.text(0)?.chars().map(|c| single(c, c.to_uppercase())).collect::<String>())
}

pub fn lower(call: &Call<'_>) -> Outcome {
    text(&call.text(0)?.chars().map(|c| single(c, c.to_lowercase())).collect::<String>())
}

/// Case mappings to several characters are not applied: `ß` stays.
fn single(c: char, mapped: impl Iterator<Item = char> + Clone) -> char {
    let mut mapped = mapped;
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        // `İ` is the one letter whose simple lower case differs from its full one.
        _ if c == 'İ' => 'i',
        _ => c,
    }
}

/// A letter after anything but letters, digits, underscores (and marks between) becomes its title case.
pub fn title(call: &Call<'_>) -> Outcome {
    let separates = |c: char| {
        if c.is_ascii() { !(c.is_ascii_alphanumeric() || c == '_') } else { !c.is_alphanumeric() && c.is_whitespace() }
    };
    let mut previous = ' ';
    let titled: String = call
        .text(0)?
        .chars()
        .map(|c| {
            let starts = separates(previous);
            previous = c;
            if starts { title_case(c) } else { c }
        })
        .collect();
    text(&titled)
}

fn title_case(c: char) -> char {
    match c {
        'Ǆ' | 'ǅ' | 'ǆ' => 'ǅ',
        'Ǉ' | 'ǈ' | 'ǉ' => 'ǈ',
        'Ǌ' | 'ǋ' | 'ǌ' => 'ǋ',
        'Ǳ' | 'ǲ' | 'ǳ' => 'ǲ',
        c => single(c, c.to_uppercase()),
    }
}

pub fn chomp(call: &Call<'_>) -> Outcome {
    text(call.text(0)?.trim_end_matches(['\r', '\n']))
}

pub fn indent(call: &Call<'_>) -> Outcome {
    let spaces = call.whole(0)?;
    let spaces = usize::try_from(spaces).map_err(|_| FunctionError::argument(0, "must not be negative"))?;
    if spaces > 1 << 16 {
        return Err(FunctionError::argument(0, "is too large"));
    }
    text(&call.text(1)?.replace('\n', &format!("\n{}", " ".repeat(spaces))))
}

pub fn trimspace(call: &Call<'_>) -> Outcome {
    text(call.text(0)?.trim())
}

pub fn trim(call: &Call<'_>) -> Outcome {
    let cutset = call.text(1)?;
    text(call.text(0)?.trim_matches(|c| cutset.contains(c)))
}

pub fn trimprefix(call: &Call<'_>) -> Outcome {
    let whole = call.text(0)?;
    text(whole.strip_prefix(call.text(1)?).unwrap_or(whole))
}

pub fn trimsuffix(call: &Call<'_>) -> Outcome {
    let whole = call.text(0)?;
    text(whole.strip_suffix(call.text(1)?).unwrap_or(whole))
}

pub fn startswith(call: &Call<'_>) -> Outcome {
    let prefix = call.text(1)?;
    if let Some(whole) = call.arg(0)?.as_str() {
        return Ok(Value::bool(whole.starts_with(prefix)));
    }
    let known = call.arg(0)?.range().prefix;
    if prefix.is_empty() || !known.is_empty() && known.starts_with(prefix) {
        return Ok(Value::bool(true));
    }
    if !known.is_empty() && known.len() >= prefix.len() {
        return Ok(Value::bool(false));
    }
    Ok(Value::unknown(Type::Bool))
}

pub fn endswith(call: &Call<'_>) -> Outcome {
    Ok(Value::bool(call.text(0)?.ends_with(call.text(1)?)))
}

pub fn strcontains(call: &Call<'_>) -> Outcome {
    Ok(Value::bool(call.text(0)?.contains(call.text(1)?)))
}

pub fn strrev(call: &Call<'_>) -> Outcome {
    text(&call.text(0)?.graphemes(true).rev().collect::<String>())
}

pub fn substr(call: &Call<'_>) -> Outcome {
    let whole = call.text(0)?;
    let (mut offset, length) = (call.whole(1)?, call.whole(2)?);
    if offset < 0 {
        offset = offset.saturating_add(whole.graphemes(true).count() as i64);
    } else if length == 0 {
        return text("");
    }
    let skipped = usize::try_from(offset.max(0)).unwrap_or(usize::MAX);
    let rest = match whole.grapheme_indices(true).nth(skipped) {
        Some((at, _)) => whole.get(at..).unwrap_or_default(),
        None => "",
    };
    // With a negative offset a length of zero has always meant the whole rest.
    if length <= 0 {
        return text(rest);
    }
    let end = rest.grapheme_indices(true).nth(usize::try_from(length).unwrap_or(usize::MAX)).map(|(at, _)| at);
    text(end.and_then(|end| rest.get(..end)).unwrap_or(rest))
}

pub fn join(call: &Call<'_>) -> Outcome {
    let separator = call.text(0)?;
    let lists = call.args.get(1..).unwrap_or_default();
    if lists.is_empty() {
        return Err("at least one list is required".into());
    }
    if lists.iter().any(Value::contains_unknown) {
        return Ok(Value::unknown(Type::String));
    }
    let mut items = Vec::new();
    for (i, list) in lists.iter().enumerate() {
        for (j, item) in list.elements().unwrap_or_default().iter().enumerate() {
            let Some(item) = item.as_str() else {
                let of = if lists.len() > 1 { format!(" of list {}", i + 1) } else { String::new() };
                let message = format!("element {j}{of} is null; cannot concatenate null values");
                return Err(FunctionError::argument(i + 1, message));
            };
            items.push(item);
        }
    }
    text(&items.join(separator))
}

pub fn split(call: &Call<'_>) -> Outcome {
    let (separator, whole) = (call.text(0)?, call.text(1)?);
    let strings = |items: &mut dyn Iterator<Item = &str>| {
        Value::list(Type::String, items.map(Value::string_normalized).collect())
    };
    Ok(if separator.is_empty() {
        strings(&mut whole.split("").filter(|c| !c.is_empty()))
    } else {
        strings(&mut whole.split(separator))
    })
}

pub fn sort(call: &Call<'_>) -> Outcome {
    let list = call.arg(0)?;
    if list.contains_unknown() {
        let range = list.range();
        let length = Refinement {
            not_null: true,
            min_length: Some(range.min_length),
            max_length: (range.max_length != u64::MAX).then_some(range.max_length),
            ..Refinement::default()
        };
        return Ok(Value::unknown_refined(Type::list(Type::String), length));
    }
    let mut items = Vec::new();
    for (i, item) in list.elements().unwrap_or_default().iter().enumerate() {
        if item.is_null() {
            return Err(format!("given list element {i} is null; a null string cannot be sorted").into());
        }
        items.push(item.clone());
    }
    items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    Ok(Value::list(Type::String, items))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::call::testing::*;
    use crate::lang::value::{Refinement, Type, Value};

    #[test]
    fn case_changes_one_character_to_one() {
        assert_eq!(run("upper", &[s("ßé")]).unwrap(), s("ßÉ"));
        assert_eq!(run("lower", &[s("ẞÉ")]).unwrap(), s("ßé"));
        assert_eq!(run("title", &[s("hello wörld it's a_b 1x")]).unwrap(), s("Hello Wörld It'S A_b 1x"));
    }

    #[test]
    fn text_is_counted_in_grapheme_clusters() {
        assert_eq!(run("substr", &[s("👨‍👩‍👧ab"), n(0), n(1)]).unwrap(), s("👨‍👩‍👧"));
        assert_eq!(run("substr", &[s("hello"), n(-3), n(2)]).unwrap(), s("ll"));
        assert_eq!(run("substr", &[s("hello"), n(1), n(100)]).unwrap(), s("ello"));
        assert_eq!(run("substr", &[s("hello"), n(9), n(1)]).unwrap(), s(""));
        assert_eq!(run("strrev", &[s("👨‍👩‍👧a")]).unwrap(), s("a👨‍👩‍👧"));
    }

    #[test]
    fn trimming() {
        assert_eq!(run("trim", &[s("éaé"), s("é")]).unwrap(), s("a"));
        assert_eq!(run("trimspace", &[s("\t a b \r")]).unwrap(), s("a b"));
        assert_eq!(run("chomp", &[s("a\nb\r\n\n")]).unwrap(), s("a\nb"));
    }

    #[test]
    fn splitting_by_nothing_gives_characters() {
        assert_eq!(json("split", &[s(""), s("é日")]), "[\"é\",\"日\"]");
        assert_eq!(json("split", &[s("ab"), s("xabyabz")]), "[\"x\",\"y\",\"z\"]");
        assert_eq!(json("split", &[s(","), s("")]), "[\"\"]");
    }

    #[test]
    fn nulls_cannot_be_joined() {
        assert_eq!(json("join", &[s("-"), t([s("a")]), t([s("b"), n(3)])]), "\"a-b-3\"");
        let null = Value::null(Type::String);
        assert_eq!(
            error("join", &[s("-"), t([s("a"), null.clone()])]),
            "element 1 is null; cannot concatenate null values"
        );
        assert_eq!(error("sort", &[t([null])]), "given list element 0 is null; a null string cannot be sorted");
    }

    #[test]
    fn a_known_prefix_can_decide_startswith() {
        let arn = Value::unknown_refined(
            Type::String,
            Refinement { not_null: true, prefix: Some("arn:aws:".into()), ..Refinement::default() },
        );
        assert_eq!(run("startswith", &[arn.clone(), s("arn:")]).unwrap(), Value::bool(true));
        assert_eq!(run("startswith", &[arn.clone(), s("https")]).unwrap(), Value::bool(false));
        assert!(!run("startswith", &[arn, s("arn:aws:s3:")]).unwrap().is_known());
    }
}
