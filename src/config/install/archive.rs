//! Opens downloaded archives without trusting them: nothing is written outside the target folder, and not more than a bound.

use super::failure::{Failure, at_path};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Component, Path, PathBuf};

/// The archives a package can be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Zip,
    TarGz,
    TarBz2,
    TarXz,
    /// A single compressed file, which cannot be a module.
    Single,
}

/// Names of formats, as in `archive=` and at the end of paths.
const NAMES: &[(&str, Format)] = &[
    ("zip", Format::Zip),
    ("tar.gz", Format::TarGz),
    ("tgz", Format::TarGz),
    ("tar.bz2", Format::TarBz2),
    ("tbz2", Format::TarBz2),
    ("tar.tbz2", Format::TarBz2),
    ("tar.xz", Format::TarXz),
    ("txz", Format::TarXz),
    ("gz", Format::Single),
    ("bz2", Format::Single),
    ("xz", Format::Single),
];

impl Format {
    /// The format a source names with `archive=`, else the one its path ends with. `archive=false` and unknown names mean none.
    pub fn of(parameter: Option<&str>, path: &str) -> Option<Self> {
        let found = match parameter.filter(|p| !p.is_empty()) {
            Some(name) => NAMES.iter().find(|(n, _)| *n == name),
            None => NAMES
                .iter()
                .filter(|(n, _)| path.strip_suffix(n).is_some_and(|rest| rest.ends_with('.')))
                .max_by_key(|(n, _)| n.len()),
        };
        found.map(|(_, format)| *format)
    }
}

/// How much an archive may hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Bytes of all files together.
    pub bytes: u64,
    /// Files, folders and links.
    pub entries: u64,
}

/// More than any module needs, and less than what fills a disk.
pub(super) const LIMITS: Limits = Limits { bytes: 2 << 30, entries: 200_000 };

/// Unpacks an archive to a folder, which is made.
pub(super) fn unpack(archive: &Path, format: Format, into: &Path, limits: Limits) -> Result<(), Failure> {
    std::fs::create_dir_all(into).map_err(at_path(into))?;
    let mut target = Target { into, limits, links: Vec::new(), written: 0, entries: 0 };
    let file = File::open(archive).map_err(at_path(archive))?;
    match format {
        Format::Zip => zipped(file, &mut target)?,
        // A server may have unpacked the outer layer already (`Content-Encoding: gzip`).
        Format::TarGz if !starts_with(archive, &[0x1f, 0x8b])? => tarred(BufReader::new(file), &mut target)?,
        Format::TarGz => tarred(flate2::read::MultiGzDecoder::new(BufReader::new(file)), &mut target)?,
        Format::TarBz2 => tarred(bzip2::read::MultiBzDecoder::new(BufReader::new(file)), &mut target)?,
        Format::TarXz => tarred(lzma_rust2::XzReader::new(BufReader::new(file), true), &mut target)?,
        Format::Single => {
            return Err(Failure::download("A single compressed file is no module package.")
                .hint("Pack the module's folder as .zip or .tar.gz."));
        }
    }
    if target.entries == 0 {
        return Err(Failure::download("The archive is empty."));
    }
    target.link()
}

fn starts_with(path: &Path, magic: &[u8]) -> Result<bool, Failure> {
    let mut start = Vec::new();
    let file = File::open(path).map_err(at_path(path))?;
    file.take(magic.len() as u64).read_to_end(&mut start).map_err(at_path(path))?;
    Ok(start == magic)
}

fn broken(e: impl std::fmt::Display) -> Failure {
    Failure::download(format!("The archive cannot be read: {e}."))
}

fn refused(name: &str, why: &str) -> Failure {
    Failure::download(format!("The archive's entry \"{}\" {why}.", name.escape_debug()))
        .titled("Unsafe module archive")
        .hint("Do not use this archive before you know who made it, and why so.")
}

fn zipped(file: File, target: &mut Target) -> Result<(), Failure> {
    let mut zip = zip::ZipArchive::new(BufReader::new(file)).map_err(broken)?;
    for i in 0..zip.len() {
        let mut entry = zip.by_index(i).map_err(broken)?;
        let name = entry.name().map_err(broken)?.into_owned();
        if entry.is_dir() {
            target.folder(&name)?;
        } else if entry.is_symlink() {
            let mut link = String::new();
            entry.by_ref().take(4096).read_to_string(&mut link).map_err(broken)?;
            target.later(&name, Path::new(&link))?;
        } else {
            let executable = entry.unix_mode().is_some_and(|mode| mode & 0o100 != 0);
            target.file(&name, &mut entry, executable)?;
        }
    }
    Ok(())
}

fn tarred(reader: impl Read, target: &mut Target) -> Result<(), Failure> {
    use tar::EntryType;
    let mut archive = tar::Archive::new(reader);
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let path = entry.path().map_err(broken)?.into_owned();
        let name = path.to_string_lossy().into_owned();
        let link = entry.link_name().map_err(broken)?.map(|l| l.into_owned()).unwrap_or_default();
        match entry.header().entry_type() {
            EntryType::Directory => target.folder(&name)?,
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                let executable = entry.header().mode().is_ok_and(|mode| mode & 0o100 != 0);
                target.file(&name, &mut entry, executable)?;
            }
            EntryType::Symlink => target.later(&name, &link)?,
            EntryType::Link => target.again(&name, &link)?,
            EntryType::XGlobalHeader | EntryType::XHeader | EntryType::GNULongName | EntryType::GNULongLink => {}
            _ => return Err(refused(&name, "is neither a file nor a folder nor a link")),
        }
    }
    Ok(())
}

/// The folder being filled.
struct Target<'a> {
    into: &'a Path,
    limits: Limits,
    /// Made last, so that nothing is ever written through one.
    links: Vec<(String, PathBuf, PathBuf)>,
    written: u64,
    entries: u64,
}

impl Target<'_> {
    /// Where an entry goes; refuses names that lead out of the folder.
    fn path(&mut self, name: &str) -> Result<PathBuf, Failure> {
        self.entries += 1;
        if self.entries > self.limits.entries {
            return Err(self.too_large());
        }
        let mut path = self.into.to_path_buf();
        for part in Path::new(name).components() {
            match part {
                Component::Normal(part) => path.push(part),
                Component::CurDir => {}
                Component::ParentDir => return Err(refused(name, "leads out of the folder (..)")),
                Component::RootDir | Component::Prefix(_) => return Err(refused(name, "has an absolute path")),
            }
        }
        Ok(path)
    }

    fn too_large(&self) -> Failure {
        Failure::download(format!(
            "The archive holds more than is allowed for a module: {} MiB and {} entries.",
            self.limits.bytes >> 20,
            self.limits.entries
        ))
        .titled("Module archive too large")
        .hint("Publish an archive of the module alone, or use a git source.")
    }

    fn folder(&mut self, name: &str) -> Result<(), Failure> {
        let path = self.path(name)?;
        std::fs::create_dir_all(&path).map_err(at_path(&path))
    }

    fn file(&mut self, name: &str, content: &mut dyn Read, executable: bool) -> Result<(), Failure> {
        let path = self.path(name)?;
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(at_path(parent))?;
        }
        let mut file = File::create(&path).map_err(at_path(&path))?;
        // What is said about the size is not believed.
        let rest = self.limits.bytes.saturating_sub(self.written);
        let copied = std::io::copy(&mut content.take(rest.saturating_add(1)), &mut file).map_err(broken)?;
        self.written = self.written.saturating_add(copied);
        if copied > rest {
            return Err(self.too_large());
        }
        if executable {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            file.set_permissions(mode).map_err(at_path(&path))?;
        }
        Ok(())
    }

    /// A second name of a file that came before.
    fn again(&mut self, name: &str, first: &Path) -> Result<(), Failure> {
        let path = self.path(name)?;
        let from = self.path(&first.to_string_lossy())?;
        if !from.is_file() {
            return Err(refused(name, "is a second name of a file that is not in the archive"));
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(at_path(parent))?;
        }
        let copied = std::fs::copy(&from, &path).map_err(at_path(&path))?;
        self.written = self.written.saturating_add(copied);
        if self.written > self.limits.bytes { Err(self.too_large()) } else { Ok(()) }
    }

    fn later(&mut self, name: &str, to: &Path) -> Result<(), Failure> {
        let path = self.path(name)?;
        if to.is_absolute() {
            return Err(refused(name, "links to an absolute path"));
        }
        // As text first: what leads out to nothing today may lead to something tomorrow.
        let inside = path.strip_prefix(self.into).map_or(0, |inside| inside.components().count().saturating_sub(1));
        let leads_out = to.components().try_fold(inside, |depth, part| match part {
            Component::ParentDir => depth.checked_sub(1),
            Component::Normal(_) => Some(depth + 1),
            _ => Some(depth),
        });
        if leads_out.is_none() {
            return Err(refused(name, "links to something outside of the archive"));
        }
        self.links.push((name.to_owned(), path, to.to_path_buf()));
        Ok(())
    }

    /// Makes the links, and looks where each really leads before the next is made. Links to nothing are left out.
    fn link(&self) -> Result<(), Failure> {
        let root = std::fs::canonicalize(self.into).map_err(at_path(self.into))?;
        let inside = |path: &Path| std::fs::canonicalize(path).map(|real| real.starts_with(&root));
        for (name, path, to) in &self.links {
            let outside = || refused(name, "links to something outside of the archive");
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent).map_err(at_path(parent))?;
                if !inside(parent).map_err(at_path(parent))? {
                    return Err(outside());
                }
            }
            if std::fs::symlink_metadata(path).is_err() {
                std::os::unix::fs::symlink(to, path).map_err(at_path(path))?;
            }
            if inside(path).is_ok_and(|inside| !inside) {
                return Err(outside());
            }
        }
        for (name, path, _) in &self.links {
            match inside(path) {
                Ok(true) => {}
                Ok(false) => return Err(refused(name, "links to something outside of the archive")),
                Err(_) => {
                    let _ = std::fs::remove_file(path);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use std::io::Write;

    enum Entry<'a> {
        File(&'a str, &'a [u8]),
        Link(&'a str, &'a str),
        Hard(&'a str, &'a str),
        Fifo(&'a str),
    }
    use Entry::{Fifo, Hard, Link};

    fn tar(entries: &[Entry<'_>]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for entry in entries {
            let mut header = tar::Header::new_ustar();
            header.set_mode(0o6755);
            let (name, kind, link, content): (&str, _, &str, &[u8]) = match entry {
                Entry::File(name, content) => (name, tar::EntryType::Regular, "", content),
                Link(name, to) => (name, tar::EntryType::Symlink, to, b""),
                Hard(name, to) => (name, tar::EntryType::Link, to, b""),
                Fifo(name) => (name, tar::EntryType::Fifo, "", b""),
            };
            header.set_entry_type(kind);
            // Written by hand: the builder itself refuses names like `../x`.
            let raw = header.as_mut_bytes();
            raw.get_mut(..name.len()).unwrap().copy_from_slice(name.as_bytes());
            raw.get_mut(157..157 + link.len()).unwrap().copy_from_slice(link.as_bytes());
            header.set_size(content.len() as u64);
            header.set_cksum();
            builder.append(&header, content).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, content) in entries {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    /// The place that archives are unpacked in, in a folder that must not get anything else.
    struct Place(tempfile::TempDir);

    impl Place {
        fn new() -> Self {
            Place(tempfile::tempdir().unwrap())
        }

        fn out(&self) -> PathBuf {
            self.0.path().join("out")
        }

        fn unpack(&self, bytes: &[u8], format: Format, limits: Limits) -> Result<(), Failure> {
            let archive = self.0.path().join("archive");
            std::fs::write(&archive, bytes).unwrap();
            unpack(&archive, format, &self.out(), limits)
        }

        /// Names outside of the target.
        fn strays(&self) -> Vec<String> {
            let names =
                std::fs::read_dir(self.0.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
            names.filter(|n| n != "out" && n != "archive").collect()
        }
    }

    #[test]
    fn the_parameter_counts_before_the_ending() {
        for (parameter, path, format) in [
            (None, "/a/x.zip", Some(Format::Zip)),
            (None, "/a/x.tar.gz", Some(Format::TarGz)),
            (None, "/a/x.tgz", Some(Format::TarGz)),
            (None, "/a/x.gz", Some(Format::Single)),
            (None, "/a/x.tar.bz2", Some(Format::TarBz2)),
            (None, "/a/x.txz", Some(Format::TarXz)),
            (None, "/a/x", None),
            (None, "/a/zip", None),
            (Some("tar.gz"), "/a/x.zip", Some(Format::TarGz)),
            (Some("false"), "/a/x.zip", None),
            (Some("zip"), "/a/x", Some(Format::Zip)),
        ] {
            assert_eq!(Format::of(parameter, path), format, "{parameter:?} {path}");
        }
    }

    #[test]
    fn every_format_is_unpacked() {
        let tar =
            tar(&[Entry::File("m/main.tf", b"# x"), Link("m/other.tf", "main.tf"), Hard("m/third.tf", "m/main.tf")]);
        let mut bz = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        bz.write_all(&tar).unwrap();
        for (format, bytes) in [
            (Format::TarGz, gz(&tar)),
            (Format::TarGz, tar.clone()),
            (Format::TarBz2, bz.finish().unwrap()),
            (Format::TarXz, include_bytes!("testdata/m.tar.xz").to_vec()),
            (Format::Zip, zip(&[("m/main.tf", b"# x")])),
        ] {
            let place = Place::new();
            place.unpack(&bytes, format, LIMITS).unwrap();
            assert_eq!(std::fs::read(place.out().join("m/main.tf")).unwrap(), b"# x", "{format:?}");
            if format == Format::TarGz {
                assert_eq!(std::fs::read(place.out().join("m/other.tf")).unwrap(), b"# x");
                assert_eq!(std::fs::read(place.out().join("m/third.tf")).unwrap(), b"# x");
            }
        }
    }

    #[test]
    fn nothing_is_written_outside_of_the_target() {
        for (name, entries) in [
            ("parent", vec![Entry::File("../evil", b"x")]),
            ("inner parent", vec![Entry::File("a/../../evil", b"x")]),
            ("absolute", vec![Entry::File("/tmp/pipewright-evil", b"x")]),
            ("link up", vec![Link("a", "../evil")]),
            ("absolute link", vec![Link("a", "/etc/passwd")]),
            ("through a link", vec![Link("a", ".."), Entry::File("a/evil", b"x")]),
            (
                "link in link",
                vec![Entry::File("x/f", b"x"), Link("x/a", ".."), Link("b", "x/a/.."), Link("b/evil", "f")],
            ),
            ("late link", vec![Entry::File("x/f", b"x"), Link("b", "x/a/.."), Link("x/a", ".."), Link("b/evil", "f")]),
            ("hard link", vec![Hard("a", "../archive")]),
            ("device", vec![Fifo("a")]),
        ] {
            let place = Place::new();
            let failure = place.unpack(&tar(&entries), Format::TarGz, LIMITS).expect_err(name);
            assert!(!failure.detail.is_empty());
            assert_eq!(place.strays(), Vec::<String>::new(), "{name}");
        }
        let place = Place::new();
        assert_eq!(
            place.unpack(&zip(&[("../evil", b"x")]), Format::Zip, LIMITS).unwrap_err().summary,
            "Unsafe module archive"
        );
        assert!(place.strays().is_empty());
        assert!(!Path::new("/tmp/pipewright-evil").exists());
    }

    #[test]
    fn links_that_stay_inside_work_and_those_to_nothing_are_left_out() {
        let place = Place::new();
        let entries =
            [Entry::File("m/main.tf", b"x"), Link("l/m", "../m"), Link("dangling", "nothing"), Link("loop", "loop")];
        place.unpack(&tar(&entries), Format::TarGz, LIMITS).unwrap();
        assert_eq!(std::fs::read(place.out().join("l/m/main.tf")).unwrap(), b"x");
        assert!(std::fs::symlink_metadata(place.out().join("dangling")).is_err());
        assert!(std::fs::symlink_metadata(place.out().join("loop")).is_err());
    }

    #[test]
    fn what_is_executable_stays_so_without_further_rights() {
        use std::os::unix::fs::PermissionsExt;
        let place = Place::new();
        place.unpack(&tar(&[Entry::File("run.sh", b"x")]), Format::TarGz, LIMITS).unwrap();
        assert_eq!(std::fs::metadata(place.out().join("run.sh")).unwrap().permissions().mode() & 0o7777, 0o755);
    }

    #[test]
    fn an_archive_cannot_fill_the_disk() {
        let zeros = vec![0; 1 << 20];
        let limits = Limits { bytes: 1 << 19, entries: 10 };
        for (bytes, format) in [
            (gz(&tar(&[Entry::File("a", &zeros)])), Format::TarGz),
            (zip(&[("a", &zeros)]), Format::Zip),
            (zip(&[("a", zeros.get(..1 << 18).unwrap()), ("b", zeros.get(..(1 << 18) + 1).unwrap())]), Format::Zip),
        ] {
            let place = Place::new();
            assert_eq!(place.unpack(&bytes, format, limits).unwrap_err().summary, "Module archive too large");
        }
        let many: Vec<String> = (0..11).map(|i| i.to_string()).collect();
        let entries: Vec<(&str, &[u8])> = many.iter().map(|n| (n.as_str(), b"".as_slice())).collect();
        assert_eq!(
            Place::new().unpack(&zip(&entries), Format::Zip, limits).unwrap_err().summary,
            "Module archive too large"
        );
    }

    #[test]
    fn what_is_no_archive_is_told() {
        for (bytes, format) in [
            (b"<html>".to_vec(), Format::Zip),
            (b"<html>".to_vec(), Format::TarGz),
            (b"\x1f\x8b<html>".to_vec(), Format::TarGz),
            (b"<html>".to_vec(), Format::TarBz2),
            (b"<html>".to_vec(), Format::TarXz),
            (Vec::new(), Format::TarGz),
            (zip(&[]), Format::Zip),
            (gz(b"x"), Format::Single),
            (gz(&tar(&[Entry::File("a", &[1; 5000])])).into_iter().take(60).collect(), Format::TarGz),
        ] {
            assert_eq!(
                Place::new().unpack(&bytes, format, LIMITS).unwrap_err().summary,
                "Failed to download module",
                "{format:?}"
            );
        }
    }
}
