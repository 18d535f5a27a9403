//! `lint -fix`: makes the repairs that findings carry, after showing them.

use crate::cli::session::Session;
use crate::diagnostics::{Diagnostic, Diagnostics, Sources};
use crate::lang::syntax;
use crate::lint::repair::{Repaired, repaired};
use crate::lint::{Hidden, Report};
use crate::view::style::Role;
use similar::TextDiff;
use std::io::Write as _;
use std::path::{Component, Path};

/// What came of it.
pub enum Repair {
    /// Files were changed: look again.
    Made,
    /// There was nothing to repair.
    Nothing,
    /// The person said no.
    Declined,
}

/// Shows the repairs as a diff, asks, and writes.
pub fn repair(session: &Session, report: &Report, approved: bool) -> Result<Repair, Diagnostics> {
    let data_dir = session.data_dir.to_string_lossy().into_owned();
    // What modules are installed from is not ours to change, nor anything outside of the folder.
    let may_change = |name: &str| {
        let path = Path::new(name);
        name.ends_with(".tf")
            && !path.starts_with(&data_dir)
            && path.components().all(|c| matches!(c, Component::Normal(_)))
    };
    let files = repaired(&report.findings, &session.output.sources, &may_change);
    if files.is_empty() {
        return Ok(Repair::Nothing);
    }
    for file in &files {
        check(file)?;
        show(session, file, &report.hidden);
    }
    if !approved && !ask(session, files.len())? {
        return Ok(Repair::Declined);
    }
    for file in &files {
        write(file).map_err(|e| Diagnostic::error("The repair was not written", format!("{}: {e}.", file.name)))?;
    }
    let names: Vec<&str> = files.iter().map(|f| f.name.as_str()).collect();
    session.output.good(&format!("Repaired {}.\n", names.join(", ")));
    Ok(Repair::Made)
}

/// A repair that does not parse is a fault of the rule: nothing is written.
fn check(file: &Repaired) -> Result<(), Diagnostics> {
    let sources = Sources::new();
    let id = sources.add(file.name.clone(), file.after.clone());
    let (_, problems) = syntax::parse_body(id, &file.after);
    if problems.has_errors() {
        let text = format!("The repaired {} would not be valid. Nothing was changed.", file.name);
        return Err(Diagnostic::error("A repair went wrong", text).into());
    }
    Ok(())
}

/// The diff, without what must not be shown.
fn show(session: &Session, file: &Repaired, hidden: &Hidden) {
    let palette = session.output.terminal.palette;
    for repair in &file.repairs {
        session.output.text(&format!("{}\n", palette.paint(Role::Strong, repair)));
    }
    let diff = TextDiff::from_lines(&file.before, &file.after);
    let text = hidden.mask(&diff.unified_diff().header(&file.name, &file.name).to_string());
    for line in text.split_inclusive('\n') {
        let role = match line.chars().next() {
            Some('+') => Some(Role::Add),
            Some('-') => Some(Role::Remove),
            _ => None,
        };
        match role {
            Some(role) => session.output.text(&format!("{}\n", palette.paint(role, line.trim_end_matches('\n')))),
            None => session.output.text(line),
        }
    }
    session.output.text("\n");
}

fn ask(session: &Session, files: usize) -> Result<bool, Diagnostics> {
    if !session.output.can_ask() {
        return Err(Diagnostic::error(
            "Cannot ask for approval",
            "The repairs above were not made: nobody can be asked here.",
        )
        .hint("Give -auto-approve to make them.")
        .into());
    }
    let what = if files == 1 { "this file".to_owned() } else { format!("these {files} files") };
    let question =
        format!("Do you want to change {what}?\n  Only 'yes' will be accepted to approve.\n\n  Enter a value: ");
    match session.output.terminal.ask(&question) {
        Ok(answer) => Ok(answer.is_some_and(|a| a.trim() == "yes")),
        Err(e) => Err(Diagnostic::error("Cannot ask for approval", e.to_string()).into()),
    }
}

/// In one step: whoever reads sees the old text or the new one. Refuses a file that changed since it was read.
fn write(file: &Repaired) -> std::io::Result<()> {
    let path = Path::new(&file.name);
    if std::fs::read_to_string(path)? != file.before {
        return Err(std::io::Error::other("the file changed in the meantime; run again"));
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    new.write_all(file.after.as_bytes())?;
    new.as_file().set_permissions(std::fs::metadata(path)?.permissions())?;
    new.persist(path).map_err(|e| e.error)?;
    Ok(())
}
