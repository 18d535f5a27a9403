//! hashicorp/archive: the data source `archive_file`. Archives depend on names, contents and modes alone, never on time or owner.

mod collect;
mod write;

use super::attribute::{Attr, Kind, computed, optional, required};
use super::hashes::Checksums;
use super::{Data, Spec, at_least_one, conflicts, text};
use crate::address::ResourceInstance;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::{Type, Value};
use crate::provider::Progress;
use crate::provider::schema::{Attribute, Block, NestedBlock, Nesting};
use async_trait::async_trait;
use std::path::Path;
use std::sync::Arc;

pub(super) static SPEC: Spec = Spec { name: "archive", version: "2.8.0", resources: &[], data: &[&ArchiveFile] };

struct ArchiveFile;

/// One entry of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    /// With `/` between folders.
    name: String,
    content: Vec<u8>,
    /// Permissions; `None` for contents that were no file.
    mode: Option<u32>,
}

fn error(summary: &str, detail: impl Into<String>) -> Diagnostics {
    Diagnostic::error(summary, detail).into()
}

#[async_trait(?Send)]
impl Data for ArchiveFile {
    fn name(&self) -> &'static str {
        "archive_file"
    }

    fn attributes(&self) -> &'static [Attr] {
        const {
            &[
                optional("exclude_symlink_directories", Kind::Bool),
                optional("excludes", Kind::TextSet),
                computed("id", Kind::Text),
                computed("output_base64sha256", Kind::Text),
                computed("output_base64sha512", Kind::Text),
                optional("output_file_mode", Kind::Text),
                computed("output_md5", Kind::Text),
                required("output_path", Kind::Text),
                computed("output_sha", Kind::Text),
                computed("output_sha256", Kind::Text),
                computed("output_sha512", Kind::Text),
                computed("output_size", Kind::Int),
                optional("source_content", Kind::Text),
                optional("source_content_filename", Kind::Text),
                optional("source_dir", Kind::Text),
                optional("source_file", Kind::Text),
                required("type", Kind::Text),
            ]
        }
    }

    fn blocks(&self) -> Vec<(&'static str, NestedBlock)> {
        let must = || Attribute {
            ty: Type::String,
            required: true,
            optional: false,
            computed: false,
            sensitive: false,
            write_only: false,
            deprecated: false,
        };
        let attributes = ["content", "filename"].into_iter().map(|name| (Arc::from(name), must())).collect();
        let block = Block { attributes, ..Block::default() };
        vec![("source", NestedBlock { nesting: Nesting::Set, block, min_items: 0, max_items: 0 })]
    }

    fn check(&self, config: &Value, found: &mut Diagnostics) {
        let blocks = config.get("source").is_some_and(|s| !s.is_known() || s.elements().is_some_and(|e| !e.is_empty()));
        let others = ["source_content_filename", "source_file", "source_dir"];
        if !blocks {
            let mut known = Diagnostics::new();
            at_least_one(config, &others, &mut known);
            if !known.is_empty() {
                let text = "At least one of these attributes must be configured: [source,source_content_filename,source_file,source_dir]";
                found.push(Diagnostic::error("Missing Attribute Configuration", text));
            }
        }
        conflicts(config, "source_file", &["source_dir", "source_content", "source_content_filename"], found);
        conflicts(config, "source_dir", &["source_content", "source_content_filename"], found);
        conflicts(config, "excludes", &["source_file", "source_content", "source_content_filename"], found);
        if blocks {
            for other in ["source_file", "source_dir", "source_content", "source_content_filename"] {
                if config.get(other).is_some_and(|v| !v.is_null()) {
                    let text = format!("Attribute \"{other}\" cannot be specified when \"source\" is specified");
                    found.push(super::wrong(other, "Invalid Attribute Combination", text));
                }
            }
        }
    }

    async fn read(
        &self,
        _: &ResourceInstance,
        config: &Value,
        _: &dyn Progress,
    ) -> Result<(Vec<(&'static str, Value)>, Diagnostics), Diagnostics> {
        let creation = |why: String| error("Archive creation error", format!("error creating archive: {why}"));
        let mut entries = collect::entries(config).map_err(creation)?;
        let mode = text(config, "output_file_mode");
        if !mode.is_empty() {
            let mode =
                parsed_mode(mode).ok_or_else(|| creation(format!("error parsing output_file_mode value: {mode}")))?;
            entries.iter_mut().filter(|e| e.mode.is_some()).for_each(|e| e.mode = Some(mode));
        }
        let bytes = match text(config, "type") {
            "zip" => write::zip(&entries),
            "tar.gz" => write::tar_gz(&entries),
            other => return Err(creation(format!("archive type not supported: {other}"))),
        };
        let bytes = bytes.map_err(|e| creation(e.to_string()))?;
        let path = Path::new(text(config, "output_path"));
        save(path, &bytes)?;
        let mut computed = Checksums::of(&bytes).of_output();
        computed.push(("output_size", Value::number(bytes.len() as i64)));
        Ok((computed, Diagnostics::new()))
    }
}

/// `0666` and `0o666` are octal, `438` is not.
fn parsed_mode(text: &str) -> Option<u32> {
    match text.strip_prefix("0o").or_else(|| text.strip_prefix('0').filter(|rest| !rest.is_empty())) {
        Some(octal) => u32::from_str_radix(octal, 8).ok(),
        None => text.parse().ok(),
    }
}

/// An archive that is the same already is left as it is.
fn save(path: &Path, bytes: &[u8]) -> Result<(), Diagnostics> {
    if std::fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent)
            .map_err(|e| error("Output path error", format!("error creating output path: {e}")))?;
    }
    std::fs::write(path, bytes)
        .map_err(|e| error("Archive creation error", format!("error creating archive: {}: {e}", path.display())))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn modes_are_numbers_as_go_reads_them() {
        assert_eq!(parsed_mode("0666"), Some(0o666));
        assert_eq!(parsed_mode("0o644"), Some(0o644));
        assert_eq!(parsed_mode("438"), Some(438));
        assert_eq!(parsed_mode("0"), Some(0));
        assert_eq!(parsed_mode("rw"), None);
    }

    #[test]
    fn an_archive_depends_on_its_entries_alone() {
        let entries = [Entry { name: "a/b.txt".into(), content: b"hello hello hello".to_vec(), mode: Some(0o644) }];
        assert_eq!(write::zip(&entries).unwrap(), write::zip(&entries).unwrap());
        assert_eq!(write::tar_gz(&entries).unwrap(), write::tar_gz(&entries).unwrap());
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(write::zip(&entries).unwrap())).unwrap();
        assert_eq!(zip.by_index(0).unwrap().name().unwrap(), "a/b.txt");
    }
}
