//! Entries as bytes.

use super::Entry;
use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Permissions of what was no file, in archives that must have some.
const MODE: u32 = 0o644;

pub(super) fn zip(entries: &[Entry]) -> std::io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for entry in entries {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .unix_permissions(entry.mode.unwrap_or(MODE));
        zip.start_file(entry.name.replace('\\', "/"), options).map_err(std::io::Error::other)?;
        zip.write_all(&entry.content)?;
    }
    Ok(zip.finish().map_err(std::io::Error::other)?.into_inner())
}

pub(super) fn tar_gz(entries: &[Entry]) -> std::io::Result<Vec<u8>> {
    let gz = flate2::GzBuilder::new().mtime(0).write(Vec::new(), flate2::Compression::default());
    let mut tar = tar::Builder::new(gz);
    for entry in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(entry.content.len() as u64);
        header.set_mode(entry.mode.unwrap_or(MODE));
        header.set_mtime(0);
        header.set_cksum();
        tar.append_data(&mut header, &entry.name, entry.content.as_slice())?;
    }
    tar.into_inner()?.finish()
}
