//! The backend in use: what the configuration asks for, what `init` remembered, and whether the two agree.
//!
//! `init` writes `.terraform/terraform.tfstate` as Terraform does: a version 3 file with the backend's type, its complete settings
//! (those of `-backend-config` included) and a checksum of the block alone. Other commands take the settings from there, and stop when
//! the block says something else. Terraform finds itself initialised after `init` of this program, and the other way round.

use super::arguments::{Argument, Arguments, Override};
use super::{atomic, known_backends, local, s3};
use crate::config::suggest::closest;
use crate::config::{bounded, model};
use crate::diagnostics::{Diagnostic, Diagnostics, Span};
use crate::lang::value::{Kind, Value, quote, to_json};
use crate::state::TERRAFORM_VERSION;
use crate::state::codec::json;
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Name of the file in the data folder.
pub const FILE: &str = "terraform.tfstate";

/// A backend with its complete settings.
#[derive(Debug, Clone)]
pub struct Selected {
    /// `local`, `s3`
    pub kind: String,
    /// Its settings.
    pub arguments: Arguments,
    /// Header of the block, when there is one.
    pub span: Option<Span>,
    /// Checksum of the block, without `-backend-config`.
    hash: u64,
}

/// The file.
#[derive(Serialize, Deserialize)]
struct Remembered {
    version: u64,
    #[serde(default)]
    terraform_version: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    backend: Option<RememberedBackend>,
}

#[derive(Serialize, Deserialize)]
struct RememberedBackend {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    config: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    hash: u64,
}

impl Selected {
    /// What a block and `-backend-config` ask for.
    ///
    /// # Errors
    /// Unknown and unsupported backends; wrong settings.
    pub fn of_block(block: &model::Backend, overrides: &[Override]) -> Result<Self, Diagnostics> {
        let known = arguments_of(&block.kind.name).ok_or_else(|| unavailable(block))?;
        let mut arguments = Arguments::of_block(known, block)?;
        let hash = checksum(&block.kind.name, &arguments.value);
        arguments.overlay(known, overrides)?;
        Ok(Selected { kind: block.kind.name.to_string(), arguments, span: Some(block.span), hash })
    }

    /// What a backend's name and an object of settings ask for, such as those of `terraform_remote_state`.
    ///
    /// # Errors
    /// As [`Selected::of_block`]; nothing has a place.
    pub fn of_values(kind: &str, settings: &Value) -> Result<Self, Diagnostics> {
        let known = arguments_of(kind).ok_or_else(|| Diagnostics::from(unknown(kind)))?;
        let mut arguments = Arguments::none(known);
        let hash = checksum(kind, &arguments.value);
        let given = settings.fields().into_iter().flatten().filter(|(_, value)| !value.is_null());
        let overrides: Vec<Override> = given.map(|(name, value)| Override::of_value(name, value.clone())).collect();
        arguments.overlay(known, &overrides)?;
        Ok(Selected { kind: kind.to_owned(), arguments, span: None, hash })
    }

    /// What the last `init` remembered.
    ///
    /// # Errors
    /// A file that cannot be read or understood.
    pub fn remembered(data_dir: &Path) -> Result<Option<Self>, Diagnostics> {
        let path = data_dir.join(FILE);
        let text = match bounded::read_text(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(unreadable(&path, &e.to_string()).into()),
        };
        let file: Remembered = serde_json::from_str(&text).map_err(|e| unreadable(&path, &e.to_string()))?;
        if file.version != 3 {
            return Err(unreadable(&path, &format!("its version is {}, not 3", file.version)).into());
        }
        let Some(RememberedBackend { kind, config, hash }) = file.backend.filter(|b| !b.kind.is_empty()) else {
            return Ok(None);
        };
        let Some(known) = arguments_of(&kind) else {
            let arguments = Arguments::none(&[]);
            return Ok(Some(Selected { kind, arguments, span: None, hash }));
        };
        let arguments = Arguments::of_json(known, &config).map_err(|e| unreadable(&path, &e))?;
        Ok(Some(Selected { kind, arguments, span: None, hash }))
    }

    /// Whether two mean the same place with the same settings.
    pub fn is_same(&self, other: &Selected) -> bool {
        self.kind == other.kind && self.arguments.value == other.arguments.value
    }

    /// Names of the settings that differ from another's of the same kind. Values may be secret, names are not.
    pub fn differing(&self, other: &Selected) -> Vec<String> {
        let Some(fields) = self.arguments.value.fields() else { return Vec::new() };
        let differs = |name: &str, value: &Value| other.arguments.value.get(name) != Some(value);
        fields.iter().filter(|(name, value)| differs(name, value)).map(|(name, _)| format!("`{name}`")).collect()
    }
}

/// Remembers what `init` settled on; `None` for no block.
///
/// # Errors
/// When the file cannot be written.
pub fn remember(data_dir: &Path, selected: Option<&Selected>) -> Result<(), Diagnostics> {
    let path = data_dir.join(FILE);
    if selected.is_none() && !path.exists() {
        return Ok(());
    }
    let backend = selected.map(|s| RememberedBackend {
        kind: s.kind.clone(),
        config: match to_json(&s.arguments.value) {
            Some(serde_json::Value::Object(fields)) => fields,
            _ => serde_json::Map::new(),
        },
        hash: s.hash,
    });
    let file = Remembered { version: 3, terraform_version: TERRAFORM_VERSION.to_owned(), backend };
    let text = json::pretty(&file);
    std::fs::create_dir_all(data_dir)
        .and_then(|()| atomic::write(&path, text.trim_end().as_bytes()))
        .map_err(|e| Diagnostic::error("Cannot remember the backend", format!("{}: {e}.", path.display())).into())
}

/// What `init` has to deal with.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What was in use; `None` for no block.
    pub previous: Option<Selected>,
    /// What the configuration asks for now; `None` for no block.
    pub wanted: Option<Selected>,
    /// Whether the two differ.
    pub changed: bool,
}

/// Compares what the configuration asks for with what was remembered.
///
/// # Errors
/// Wrong settings; an unreadable file.
pub fn choose(block: Option<&model::Backend>, overrides: &[Override], data_dir: &Path) -> Result<Choice, Diagnostics> {
    let previous = Selected::remembered(data_dir)?;
    let wanted = block.map(|block| Selected::of_block(block, overrides)).transpose()?;
    let (wanted, changed) = match (wanted, &previous) {
        (None, None) => (None, false),
        (Some(wanted), Some(previous)) => {
            // An unchanged block without new settings means what was settled on before, `-backend-config` of then included.
            let unchanged = overrides.is_empty() && wanted.kind == previous.kind && wanted.hash == previous.hash;
            let settled = if unchanged { Selected { span: wanted.span, ..previous.clone() } } else { wanted };
            let changed = !settled.is_same(previous);
            (Some(settled), changed)
        }
        (wanted, _) => (wanted, true),
    };
    Ok(Choice { previous, wanted, changed })
}

/// What commands other than `init` use; `None` for no block.
///
/// # Errors
/// When `init` has to be run first.
pub fn current(block: Option<&model::Backend>, data_dir: &Path) -> Result<Option<Selected>, Diagnostics> {
    let previous = Selected::remembered(data_dir)?;
    match (block, previous) {
        (None, None) => Ok(None),
        (Some(block), None) => {
            // Wrong settings are told now, not after an `init` in vain.
            Selected::of_block(block, &[])?;
            let reason = format!("Initial configuration of the requested backend \"{}\"", block.kind.name);
            Err(uninitialized(&reason, Some(block), "Run `pipewright init`."))
        }
        (None, Some(previous)) => {
            let reason = format!("Unsetting the previously set backend \"{}\"", previous.kind);
            Err(uninitialized(&reason, None, CHANGED))
        }
        (Some(block), Some(previous)) => {
            let wanted = Selected::of_block(block, &[])?;
            if wanted.kind != previous.kind {
                let reason = format!("Backend type changed from \"{}\" to \"{}\"", previous.kind, wanted.kind);
                return Err(uninitialized(&reason, Some(block), CHANGED));
            }
            if wanted.hash != previous.hash && !wanted.is_same(&previous) {
                let reason =
                    format!("Backend configuration block has changed ({})", wanted.differing(&previous).join(", "));
                return Err(uninitialized(&reason, Some(block), CHANGED));
            }
            Ok(Some(Selected { span: wanted.span, ..previous }))
        }
    }
}

const CHANGED: &str = "Run `pipewright init -migrate-state` to copy the state to the new place, or `pipewright init -reconfigure` to use \
                       the new place as it is.";

fn uninitialized(reason: &str, block: Option<&model::Backend>, hint: &str) -> Diagnostics {
    let detail = format!(
        "Reason: {reason}. The backend is where the state is kept; a change of it has to be settled by init, which can copy the \
         state. Nothing was changed so far."
    );
    let error = Diagnostic::error("Backend initialization required, please run \"pipewright init\"", detail);
    error.at_opt(block.map(|b| b.span)).hint(hint).into()
}

fn unreadable(path: &Path, problem: &str) -> Diagnostic {
    Diagnostic::error(
        "Cannot tell the backend in use",
        format!("{} should say which backend was initialised, but cannot be understood: {problem}.", path.display()),
    )
    .hint("Remove the file and run `pipewright init -reconfigure`; the state itself is not in it.")
}

/// The arguments of a backend this program has.
fn arguments_of(kind: &str) -> Option<&'static [Argument]> {
    match kind {
        "local" => Some(local::ARGUMENTS),
        "s3" => Some(s3::ARGUMENTS),
        _ => None,
    }
}

fn unavailable(block: &model::Backend) -> Diagnostics {
    unknown(&block.kind.name).at(block.kind.span).within(block.span).into()
}

/// The error for a backend this program does not have.
fn unknown(kind: &str) -> Diagnostic {
    if known_backends().contains(&kind) {
        Diagnostic::error(
            "Backend not supported",
            format!("The backend \"{kind}\" is not supported; this program keeps state in \"local\" and \"s3\"."),
        )
    } else {
        let error =
            Diagnostic::error("Unsupported backend type", format!("There is no backend type named \"{kind}\"."));
        match closest(kind, known_backends().iter().copied()) {
            Some(close) => error.hint(format!("Did you mean \"{close}\"?")),
            None => error,
        }
    }
}

/// Terraform's checksum of a backend block: CRC-32 over its type and value in the notation its value library orders sets by.
fn checksum(kind: &str, value: &Value) -> u64 {
    let mut text = String::from("<");
    text.push_str(&quote(kind));
    text.push(';');
    notation(value, &mut text);
    text.push_str(";>");
    let mut crc = flate2::Crc::new();
    crc.update(text.as_bytes());
    u64::from(crc.sum())
}

fn notation(value: &Value, out: &mut String) {
    let mut all = |open: char, items: &mut dyn Iterator<Item = &Value>, close: char| {
        out.push(open);
        for item in items {
            notation(item, out);
            out.push(';');
        }
        out.push(close);
    };
    match value.kind() {
        Kind::Null(_) => out.push('~'),
        Kind::Unknown(..) => out.push('?'),
        Kind::Bool(true) => out.push('T'),
        Kind::Bool(false) => out.push('F'),
        Kind::Number(n) => out.push_str(&n.to_string()),
        Kind::String(s) => out.push_str(&quote(s)),
        Kind::List(_, items) | Kind::Set(_, items) => all('[', &mut items.iter(), ']'),
        Kind::Tuple(items) => all('<', &mut items.iter(), '>'),
        Kind::Object(fields) => all('<', &mut fields.values(), '>'),
        Kind::Map(_, fields) => {
            out.push('{');
            for (key, value) in fields.iter() {
                out.push_str(&quote(key));
                out.push(':');
                notation(value, out);
                out.push(';');
            }
            out.push('}');
        }
    }
}

/// Where a data folder keeps the file.
pub fn path(data_dir: &Path) -> PathBuf {
    data_dir.join(FILE)
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::super::arguments::tests::block;
    use super::*;
    use crate::diagnostics::Sources;

    const WHOLE: &str = "backend \"s3\" {\n bucket = \"tfstate\"\n key = \"a/b.tfstate\"\n region = \"us-east-1\"\n use_lockfile = true\n \
        use_path_style = true\n endpoints = { s3 = \"http://127.0.0.1:5923\" }\n assume_role = { role_arn = \
        \"arn:aws:iam::123456789012:role/x\", tags = { a = \"b\" } }\n max_retries = 3\n}";

    fn overrides(items: &[&str]) -> Vec<Override> {
        let items: Vec<String> = items.iter().map(|s| (*s).to_owned()).collect();
        Override::parse(&items, Path::new("."), &Sources::new()).unwrap()
    }

    fn reason(result: Result<Option<Selected>, Diagnostics>) -> String {
        result.unwrap_err().iter().next().unwrap().detail.clone()
    }

    #[test]
    fn the_checksum_is_terraforms() {
        // Both numbers were written by Terraform 1.11.4 for these blocks.
        assert_eq!(Selected::of_block(&block(WHOLE), &[]).unwrap().hash, 2_836_079_195);
        let given = overrides(&["bucket=tfstate", "key=a/d.tfstate"]);
        assert_eq!(Selected::of_block(&block("backend \"s3\" {}"), &given).unwrap().hash, 1_410_938_009);
    }

    #[test]
    fn what_is_remembered_is_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let selected = Selected::of_block(&block(WHOLE), &[]).unwrap();
        remember(dir.path(), Some(&selected)).unwrap();
        let again = Selected::remembered(dir.path()).unwrap().unwrap();
        assert!(again.is_same(&selected));
        assert!(current(Some(&block(WHOLE)), dir.path()).unwrap().is_some());
        remember(dir.path(), None).unwrap();
        assert!(Selected::remembered(dir.path()).unwrap().is_none());
    }

    #[test]
    fn settings_of_the_command_line_are_kept_until_they_change() {
        let dir = tempfile::tempdir().unwrap();
        let partial = block("backend \"s3\" {\n key = \"k\"\n}");
        let first = choose(Some(&partial), &overrides(&["bucket=b"]), dir.path()).unwrap();
        assert!(first.changed && first.previous.is_none());
        remember(dir.path(), first.wanted.as_ref()).unwrap();
        let used = current(Some(&partial), dir.path()).unwrap().unwrap();
        assert_eq!(used.arguments.text("bucket"), Some("b"));
        assert!(!choose(Some(&partial), &[], dir.path()).unwrap().changed);
        assert!(!choose(Some(&partial), &overrides(&["bucket=b"]), dir.path()).unwrap().changed);
        assert!(choose(Some(&partial), &overrides(&["bucket=c"]), dir.path()).unwrap().changed);
        // The same settings, now written in the block, are no change.
        let full = block("backend \"s3\" {\n bucket = \"b\"\n key = \"k\"\n}");
        assert!(!choose(Some(&full), &[], dir.path()).unwrap().changed);
        assert!(current(Some(&full), dir.path()).is_ok());
    }

    #[test]
    fn commands_stop_until_a_change_is_settled() {
        let dir = tempfile::tempdir().unwrap();
        let one = block("backend \"s3\" {\n bucket = \"b\"\n key = \"k\"\n}");
        assert!(
            reason(current(Some(&one), dir.path())).contains("Initial configuration of the requested backend \"s3\"")
        );
        remember(dir.path(), Some(&Selected::of_block(&one, &[]).unwrap())).unwrap();
        let two = block("backend \"s3\" {\n bucket = \"b\"\n key = \"other\"\n}");
        assert!(reason(current(Some(&two), dir.path())).contains("block has changed (`key`)"));
        assert!(reason(current(Some(&block("backend \"local\" {}")), dir.path())).contains("from \"s3\" to \"local\""));
        assert!(reason(current(None, dir.path())).contains("Unsetting the previously set backend \"s3\""));
        assert!(current(None, &dir.path().join("else")).unwrap().is_none());
    }

    #[test]
    fn backends_this_program_lacks_are_named_and_mistyped_ones_corrected() {
        let error = |text: &str| Selected::of_block(&block(text), &[]).unwrap_err().into_iter().next().unwrap();
        assert_eq!(error("backend \"gcs\" {}").summary, "Backend not supported");
        assert_eq!(error("backend \"locl\" {}").hint.as_deref(), Some("Did you mean \"local\"?"));
    }

    #[test]
    fn an_unreadable_file_is_reported_with_the_way_out() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(path(dir.path()), "{").unwrap();
        let error = Selected::remembered(dir.path()).unwrap_err();
        assert!(error.iter().next().unwrap().hint.as_ref().unwrap().contains("-reconfigure"));
    }
}
