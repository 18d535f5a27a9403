//! Terraform's way of writing options to the parser's: `-option` means `--option`, and `TF_CLI_ARGS` adds arguments.

use std::env;
use std::ffi::OsString;

/// Options whose value may stand in the next argument.
const TAKES_VALUE: &[&str] = &[
    "var",
    "var-file",
    "target",
    "exclude",
    "replace",
    "out",
    "state",
    "state-out",
    "backup",
    "backup-out",
    "parallelism",
    "lock-timeout",
    "chdir",
    "backend-config",
    "plugin-dir",
    "generate-config-out",
    "type",
    "format",
    "from-module",
    "id",
    "config",
    "test-directory",
    "write-only",
];

/// Arguments with single-dash long options rewritten, and those of `TF_CLI_ARGS` and `TF_CLI_ARGS_<command>` put after the
/// command's name. `args` excludes the program's name.
pub fn normalized(args: Vec<OsString>) -> Vec<OsString> {
    let at = args.iter().position(|a| !a.to_string_lossy().starts_with('-'));
    let mut all = Vec::new();
    for (i, arg) in args.iter().enumerate() {
        all.push(arg.clone());
        if Some(i) == at {
            all.extend(from_environment("TF_CLI_ARGS"));
            all.extend(from_environment(&format!("TF_CLI_ARGS_{}", command_name(&args, i))));
        }
    }
    let mut out = Vec::with_capacity(all.len());
    let mut args = all.into_iter();
    while let Some(arg) = args.next() {
        let text = arg.to_string_lossy().into_owned();
        if text == "--" {
            out.push(arg);
            out.extend(args);
            break;
        }
        let name = text.trim_start_matches('-');
        let dashes = text.len() - name.len();
        let long = dashes > 0 && name.chars().count() > 1 && name.starts_with(|c: char| c.is_ascii_alphabetic());
        if !long {
            out.push(arg);
            continue;
        }
        let has_value = name.contains('=');
        if !has_value && TAKES_VALUE.contains(&name) {
            match args.next() {
                Some(value) => {
                    let mut joined = OsString::from(format!("--{name}="));
                    joined.push(value);
                    out.push(joined);
                }
                None => out.push(OsString::from(format!("--{name}"))),
            }
            continue;
        }
        let mut rewritten = OsString::from("--");
        rewritten.push(name);
        out.push(rewritten);
    }
    out
}

/// `plan`, or `state_list` for `state list`.
fn command_name(args: &[OsString], at: usize) -> String {
    let word = |i: usize| args.get(i).map(|a| a.to_string_lossy().into_owned()).unwrap_or_default();
    match word(at).as_str() {
        group @ ("state" | "workspace" | "providers") if !word(at + 1).starts_with('-') && !word(at + 1).is_empty() => {
            format!("{group}_{}", word(at + 1))
        }
        command => command.replace('-', "_"),
    }
}

/// The words of an environment variable, split as a shell does with quotes and backslashes.
fn from_environment(name: &str) -> Vec<OsString> {
    let Ok(text) = env::var(name) else { return Vec::new() };
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some('\''), c) => word.get_or_insert_default().push(c),
            (_, '\\') => word.get_or_insert_default().extend(chars.next()),
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words.into_iter().map(OsString::from).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn run(args: &[&str]) -> Vec<String> {
        normalized(args.iter().map(OsString::from).collect()).into_iter().map(|a| a.into_string().unwrap()).collect()
    }

    #[test]
    fn single_dash_options_become_double_dash() {
        assert_eq!(
            run(&["plan", "-no-color", "-out=x", "--json", "-h"]),
            ["plan", "--no-color", "--out=x", "--json", "-h"]
        );
    }

    #[test]
    fn a_separate_value_is_joined_even_when_it_looks_like_an_option() {
        assert_eq!(run(&["plan", "-var", "-x=1", "-target", "a.b"]), ["plan", "--var=-x=1", "--target=a.b"]);
    }

    #[test]
    fn what_follows_a_double_dash_is_left_alone() {
        assert_eq!(run(&["show", "--", "-json"]), ["show", "--", "-json"]);
    }
}
