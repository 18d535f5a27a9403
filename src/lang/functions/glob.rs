//! Patterns of paths as `fileset` takes them: `*` and `?` within a part, `**` for any folders, `[a-z]`, `[^a]`, `{a,b}`, `\` before a
//! character that stands for itself. Hidden files are like any other.

use std::path::Path;

/// Why a pattern is none.
pub const BAD_PATTERN: &str = "syntax error in pattern";

/// More nested folders are a loop of links.
const DEEPEST: usize = 255;

/// Paths of files and folders that match.
pub fn files(pattern: &str) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let (base, relative) = match pattern.strip_prefix('/') {
        Some(rest) => ("/", rest),
        None => (".", pattern),
    };
    let parts: Vec<&str> = relative.split('/').filter(|part| !part.is_empty()).collect();
    walk(base, &parts, 0, &mut found)?;
    Ok(found)
}

fn join(base: &str, name: &str) -> String {
    match base {
        "." => name.to_owned(),
        "/" => format!("/{name}"),
        base => format!("{base}/{name}"),
    }
}

fn walk(base: &str, parts: &[&str], depth: usize, found: &mut Vec<String>) -> Result<(), String> {
    if depth > DEEPEST {
        return Ok(());
    }
    let plain = parts.iter().take_while(|part| !part.contains(['*', '?', '[', '{', '\\'])).count();
    let (names, rest) = parts.split_at(plain);
    let base = names.iter().fold(base.to_owned(), |base, name| join(&base, name));
    let Some((part, after)) = rest.split_first() else {
        if Path::new(&base).symlink_metadata().is_ok() {
            found.push(base);
        }
        return Ok(());
    };
    let Ok(entries) = std::fs::read_dir(&base) else { return Ok(()) };
    let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    if *part == "**" {
        for name in &names {
            let path = join(&base, name);
            let Ok(metadata) = std::fs::metadata(&path) else { continue };
            if metadata.is_dir() {
                walk(&path, rest, depth + 1, found)?;
            }
            if after.is_empty() {
                found.push(path);
            }
        }
        let Some((next, after)) = after.split_first() else { return Ok(()) };
        return step(&base, next, after, &names, depth, found);
    }
    step(&base, part, after, &names, depth, found)
}

fn step(
    base: &str,
    part: &str,
    after: &[&str],
    names: &[String],
    depth: usize,
    found: &mut Vec<String>,
) -> Result<(), String> {
    let pattern: Vec<char> = part.chars().collect();
    for name in names {
        let name_chars: Vec<char> = name.chars().collect();
        if matches(&pattern, &name_chars)? {
            match after.is_empty() {
                true => found.push(join(base, name)),
                false => walk(&join(base, name), after, depth + 1, found)?,
            }
        }
    }
    Ok(())
}

/// Index of the first `wanted` that no backslash precedes.
fn find(text: &[char], wanted: char) -> Option<usize> {
    let mut escaped = false;
    text.iter().position(|&c| {
        let hit = c == wanted && !escaped;
        escaped = c == '\\' && !escaped;
        hit
    })
}

fn matches(pattern: &[char], name: &[char]) -> Result<bool, String> {
    let Some((&first, rest)) = pattern.split_first() else { return Ok(name.is_empty()) };
    let bad = || Err(BAD_PATTERN.to_owned());
    match first {
        '*' => {
            // Equal stars do nothing together that one does not.
            let stars = rest.iter().take_while(|c| **c == '*').count();
            let rest = rest.get(stars..).unwrap_or_default();
            if rest.is_empty() {
                return Ok(true);
            }
            for skipped in 0..=name.len() {
                if matches(rest, name.get(skipped..).unwrap_or_default())? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        '{' => {
            let Some(end) = find(rest, '}') else { return bad() };
            let (mut options, after) = rest.split_at(end);
            loop {
                let comma = find(options, ',');
                let option = options.get(..comma.unwrap_or(options.len())).unwrap_or_default();
                let whole: Vec<char> = option.iter().chain(after.iter().skip(1)).copied().collect();
                if matches(&whole, name)? {
                    return Ok(true);
                }
                match comma {
                    Some(at) => options = options.get(at + 1..).unwrap_or_default(),
                    None => return Ok(false),
                }
            }
        }
        _ => {
            let Some((&c, name)) = name.split_first() else { return Ok(false) };
            match first {
                '?' => matches(rest, name),
                '[' => {
                    let Some(end) = find(rest, ']') else { return bad() };
                    let (class, after) = rest.split_at(end);
                    if !in_class(class, c)? {
                        return Ok(false);
                    }
                    matches(after.get(1..).unwrap_or_default(), name)
                }
                '\\' => match rest.split_first() {
                    Some((&escaped, rest)) => Ok(escaped == c && matches(rest, name)?),
                    None => bad(),
                },
                literal => Ok(literal == c && matches(rest, name)?),
            }
        }
    }
}

fn in_class(class: &[char], c: char) -> Result<bool, String> {
    let (negated, class) = match class.split_first() {
        Some(('^', rest)) => (true, rest),
        Some(_) => (false, class),
        None => return Err(BAD_PATTERN.to_owned()),
    };
    let mut chars = class.iter().copied().peekable();
    let next = |chars: &mut std::iter::Peekable<std::iter::Copied<std::slice::Iter<'_, char>>>| match chars.next() {
        Some('\\') => chars.next().ok_or_else(|| BAD_PATTERN.to_owned()),
        Some('-') | None => Err(BAD_PATTERN.to_owned()),
        Some(c) => Ok(c),
    };
    let mut found = false;
    while chars.peek().is_some() {
        let low = next(&mut chars)?;
        let high = if chars.next_if_eq(&'-').is_some() { next(&mut chars)? } else { low };
        found |= (low..=high).contains(&c);
    }
    Ok(found != negated)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn fits(pattern: &str, name: &str) -> bool {
        matches(&pattern.chars().collect::<Vec<_>>(), &name.chars().collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn names_are_matched_by_pattern() {
        assert!(fits("*.txt", "a.txt") && !fits("*.txt", "a.txt.bak") && fits("*", ".hidden"));
        assert!(fits("a?c", "aéc") && fits("{a,b*}.{x,y}", "bcd.y") && !fits("{a,b}.x", "c.x"));
        assert!(fits("[a-c]1", "b1") && !fits("[^a-c]1", "b1") && fits(r"\*", "*") && fits(r"[\]]", "]"));
    }

    #[test]
    fn open_classes_are_errors() {
        assert!(matches(&['['], &['a']).is_err());
        assert!(matches(&['{', 'a'], &['a']).is_err());
    }
}
