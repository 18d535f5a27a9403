//! Functions of files and paths. Relative paths start at the folder of the module.

use super::call::{Call, CallContext, FunctionError, Inside, Outcome, quote_unless_sensitive};
use super::encoding::to_base64;
use super::glob;
use crate::lang::value::{Marks, Type, Value};
use std::io::ErrorKind;

/// A path without `.`, `..` where it can be resolved by its text, double or trailing slashes.
pub fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    match (rooted, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

/// The two joined and cleaned; an empty one does not count.
pub fn join(base: &str, path: &str) -> String {
    match (base, path) {
        ("", "") => String::new(),
        ("", path) => clean(path),
        (base, "") => clean(base),
        (base, path) => clean(&format!("{base}/{path}")),
    }
}

/// `~` and `~/…` in the home folder.
fn expand_home(path: &str) -> Result<String, String> {
    let Some(rest) = path.strip_prefix('~') else { return Ok(path.to_owned()) };
    if !rest.is_empty() && !rest.starts_with(['/', '\\']) {
        return Err("cannot expand user-specific home dir".to_owned());
    }
    match std::env::var("HOME") {
        Ok(home) if !home.is_empty() => Ok(join(&home, rest)),
        _ => Err("cannot find the home folder: HOME is not set".to_owned()),
    }
}

fn resolve(context: &CallContext<'_>, path: &str) -> Result<String, String> {
    let path = expand_home(path).map_err(|e| format!("failed to expand ~: {e}"))?;
    let base = context.base_dir.to_string_lossy();
    Ok(if path.starts_with('/') { clean(&path) } else { join(&base, &path) })
}

/// A message about a file as the operating system words it.
fn system_error(action: &str, path: &str, error: &std::io::Error) -> String {
    let reason = match error.kind() {
        ErrorKind::NotFound => "no such file or directory".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        ErrorKind::IsADirectory => "is a directory".to_owned(),
        ErrorKind::NotADirectory => "not a directory".to_owned(),
        _ => error.to_string(),
    };
    format!("{action} {path}: {reason}")
}

fn forbidden(context: &CallContext<'_>, name: &str) -> Result<(), FunctionError> {
    if context.inside == Inside::TemplateString {
        return Err(format!(
            "cannot use filesystem access functions like {name} in templatestring templates; consider passing the function \
             result as a template variable instead"
        )
        .into());
    }
    Ok(())
}

/// The bytes of a file.
pub fn read(context: &CallContext<'_>, path: &str) -> Result<Vec<u8>, String> {
    let path = resolve(context, path)?;
    std::fs::read(&path).map_err(|e| match e.kind() {
        ErrorKind::IsADirectory => system_error("read", &path, &e),
        _ => system_error("open", &path, &e),
    })
}

/// The bytes of a file, with the messages of `file`.
fn read_source(context: &CallContext<'_>, path: &str, marks: Marks) -> Result<Vec<u8>, FunctionError> {
    let resolved = resolve(context, path).map_err(|e| FunctionError::argument(0, e))?;
    std::fs::read(&resolved).map_err(|e| {
        let message = match e.kind() {
            ErrorKind::NotFound => format!(
                "no file exists at {}; this function works only with files that are distributed as part of the configuration \
                 source code, so if this file will be created by a resource in this configuration you must instead obtain \
                 this result from an attribute of that resource",
                quote_unless_sensitive(path, marks)
            ),
            ErrorKind::IsADirectory => format!("failed to read file: {}", system_error("read", &resolved, &e)),
            _ => system_error("open", &resolved, &e),
        };
        FunctionError::argument(0, message)
    })
}

/// The text of a file.
pub fn read_text(context: &CallContext<'_>, path: &str, marks: Marks) -> Result<String, FunctionError> {
    let bytes = read_source(context, path, marks)?;
    String::from_utf8(bytes).map_err(|_| {
        format!(
            "contents of {} are not valid UTF-8; use the filebase64 function to obtain the Base64 encoded contents or the other \
             file functions (e.g. filemd5, filesha256) to obtain file hashing results instead",
            quote_unless_sensitive(path, marks)
        )
        .into()
    })
}

pub fn file(call: &Call<'_>) -> Outcome {
    forbidden(call.context, "file")?;
    let path = call.arg(0)?;
    if !path.is_known() {
        return Ok(Value::unknown(Type::String).with_marks(path.marks()));
    }
    let text = read_text(call.context, call.text(0)?, path.marks())?;
    Ok(Value::string_normalized(&text).with_marks(path.marks()))
}

pub fn filebase64(call: &Call<'_>) -> Outcome {
    forbidden(call.context, "filebase64")?;
    let path = call.arg(0)?;
    if !path.is_known() {
        return Ok(Value::unknown(Type::String).with_marks(path.marks()));
    }
    let bytes = read_source(call.context, call.text(0)?, path.marks())?;
    Ok(Value::string(to_base64(&bytes)).with_marks(path.marks()))
}

pub fn fileexists(call: &Call<'_>) -> Outcome {
    forbidden(call.context, "fileexists")?;
    let path = call.arg(0)?;
    let marks = path.marks();
    if !path.is_known() {
        return Ok(Value::unknown(Type::Bool).with_marks(marks));
    }
    let resolved = resolve(call.context, call.text(0)?)?;
    let shown = quote_unless_sensitive(&resolved, marks);
    match std::fs::metadata(&resolved) {
        Ok(found) if found.is_file() => Ok(Value::bool(true).with_marks(marks)),
        Ok(found) if found.is_dir() => Err(format!("{shown} is a directory, not a file").into()),
        Ok(_) => Err(format!("{shown} is not a regular file").into()),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(Value::bool(false).with_marks(marks)),
        Err(_) => Err(format!("failed to stat {shown}").into()),
    }
}

pub fn fileset(call: &Call<'_>) -> Outcome {
    forbidden(call.context, "fileset")?;
    let marks = call.arg(0)?.marks() | call.arg(1)?.marks();
    let ty = Type::set(Type::String);
    if !call.arg(0)?.is_known() || !call.arg(1)?.is_known() {
        return Ok(Value::unknown(ty).with_marks(marks));
    }
    let path = call.text(0)?;
    let base = call.context.base_dir.to_string_lossy();
    let path = if path.starts_with('/') { path.to_owned() } else { join(&base, path) };
    let pattern = join(&path, call.text(1)?);
    let found = glob::files(&pattern)
        .map_err(|e| format!("failed to glob pattern {}: {e}", quote_unless_sensitive(&pattern, marks)))?;
    let root = clean(&path);
    let mut files = Vec::new();
    for file in found {
        let Ok(metadata) = std::fs::metadata(&file) else {
            return Err(format!("failed to stat {}", quote_unless_sensitive(&file, marks)).into());
        };
        if metadata.is_file() {
            files.push(Value::string_normalized(&relative(&root, &file)));
        }
    }
    Ok(Value::set(Type::String, files).with_marks(marks))
}

/// The path from one cleaned path to another, both absolute or both relative.
fn relative(from: &str, to: &str) -> String {
    let parts = |path: &str| -> Vec<String> {
        path.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect()
    };
    let (from, to) = (parts(from), parts(&clean(to)));
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from.iter().skip(shared).map(|_| "..".to_owned());
    up.chain(to.iter().skip(shared).cloned()).collect::<Vec<_>>().join("/")
}

pub fn basename(call: &Call<'_>) -> Outcome {
    let path = call.text(0)?;
    let trimmed = path.trim_end_matches('/');
    Ok(Value::string(match (path, trimmed) {
        ("", _) => ".",
        (_, "") => "/",
        (_, trimmed) => trimmed.rsplit('/').next().unwrap_or(trimmed),
    }))
}

pub fn dirname(call: &Call<'_>) -> Outcome {
    let path = call.text(0)?;
    Ok(Value::string(match path.rsplit_once('/') {
        Some((folder, _)) => clean(&format!("{folder}/")),
        None => ".".to_owned(),
    }))
}

pub fn abspath(call: &Call<'_>) -> Outcome {
    let path = call.text(0)?;
    if path.starts_with('/') {
        return Ok(Value::string(clean(path)));
    }
    let current = std::env::current_dir().map_err(|e| format!("cannot find the current folder: {e}"))?;
    Ok(Value::string(join(&current.to_string_lossy(), path)))
}

pub fn pathexpand(call: &Call<'_>) -> Outcome {
    Ok(Value::string(expand_home(call.text(0)?)?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::call::testing::*;
    use super::super::{CallContext, NoTemplates, call, lookup};
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("sub/deep")).unwrap();
        for (name, text) in [("hello.txt", "hello\n"), (".hidden", ""), ("sub/a.txt", "x"), ("sub/deep/b.json", "{}")] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        std::fs::write(folder.path().join("bin.dat"), [0xff, 0xfe]).unwrap();
        folder
    }

    fn at(folder: &tempfile::TempDir, name: &str, args: &[Value]) -> Outcome {
        call(lookup(name).unwrap(), &CallContext::new(folder.path(), &NoTemplates), args)
    }

    fn set(items: &[&str]) -> Value {
        Value::set(Type::String, items.iter().map(|i| s(i)).collect())
    }

    #[test]
    fn paths_are_cleaned_by_their_text() {
        for (path, cleaned) in
            [("", "."), ("a//b/./c/..", "a/b"), ("../a", "../a"), ("/..", "/"), ("a/..", "."), ("/a/b/", "/a/b")]
        {
            assert_eq!(clean(path), cleaned);
        }
        assert_eq!(relative("a/b", "a/c/d"), "../c/d");
    }

    #[test]
    fn parts_of_paths() {
        for (path, base, dir) in
            [("/", "/", "/"), ("..", "..", "."), ("a/b.txt", "b.txt", "a"), ("a/", "a", "a"), ("", ".", ".")]
        {
            assert_eq!(run("basename", &[s(path)]).unwrap(), s(base));
            assert_eq!(run("dirname", &[s(path)]).unwrap(), s(dir));
        }
        assert_eq!(run("abspath", &[s("/a//b/../c")]).unwrap(), s("/a/c"));
        assert_eq!(error("pathexpand", &[s("~user")]), "cannot expand user-specific home dir");
        assert_eq!(run("pathexpand", &[s("a/~/b")]).unwrap(), s("a/~/b"));
    }

    #[test]
    fn files_are_read_below_the_module() {
        let folder = folder();
        assert_eq!(at(&folder, "file", &[s("./sub/../hello.txt")]).unwrap(), s("hello\n"));
        assert_eq!(at(&folder, "filebase64", &[s("bin.dat")]).unwrap(), s("//4="));
        assert!(at(&folder, "file", &[s("bin.dat")]).unwrap_err().message.contains("not valid UTF-8"));
        assert!(at(&folder, "file", &[s("nope")]).unwrap_err().message.starts_with("no file exists at \"nope\"; "));
        assert!(at(&folder, "file", &[s("sub")]).unwrap_err().message.ends_with("is a directory"));
        assert!(
            at(&folder, "filesha1", &[s("nope")]).unwrap_err().message.ends_with("/nope: no such file or directory")
        );
        assert_eq!(at(&folder, "filemd5", &[s("hello.txt")]).unwrap(), s("b1946ac92492d2347c6235b4d2611184"));
    }

    #[test]
    fn only_files_exist() {
        let folder = folder();
        assert_eq!(at(&folder, "fileexists", &[s("hello.txt")]).unwrap(), Value::bool(true));
        assert_eq!(at(&folder, "fileexists", &[s("nope")]).unwrap(), Value::bool(false));
        assert!(at(&folder, "fileexists", &[s("sub")]).unwrap_err().message.ends_with("is a directory, not a file"));
    }

    #[test]
    fn sets_of_files_are_found_by_pattern() {
        let folder = folder();
        let files = |path: &str, pattern: &str| at(&folder, "fileset", &[s(path), s(pattern)]).unwrap();
        assert_eq!(files(".", "*.txt"), set(&["hello.txt"]));
        assert_eq!(files(".", "**"), set(&[".hidden", "bin.dat", "hello.txt", "sub/a.txt", "sub/deep/b.json"]));
        assert_eq!(files(".", "**/*.{txt,json}"), set(&["hello.txt", "sub/a.txt", "sub/deep/b.json"]));
        assert_eq!(files("sub", "../*.dat"), set(&["../bin.dat"]));
        assert_eq!(files("nope", "*"), set(&[]));
        assert_eq!(files("sub", "[!x].txt"), set(&[]));
        assert_eq!(files("sub", "[^x].txt"), set(&["a.txt"]));
    }
}
