//! The `checksum` parameter of an archive's address.

use super::failure::Failure;
use md5::Md5;
use sha1::Sha1;
use sha2::digest::DynDigest;
use sha2::{Sha256, Sha512};
use std::io::Read;
use std::path::Path;

/// What an archive must hash to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Checksum {
    kind: Kind,
    value: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

impl Kind {
    const ALL: [(&str, usize, Kind); 4] =
        [("md5", 16, Kind::Md5), ("sha1", 20, Kind::Sha1), ("sha256", 32, Kind::Sha256), ("sha512", 64, Kind::Sha512)];

    fn name(self) -> &'static str {
        Kind::ALL.iter().find(|(_, _, kind)| *kind == self).map_or("", |(name, _, _)| name)
    }

    fn hasher(self) -> Box<dyn DynDigest> {
        match self {
            Kind::Md5 => Box::new(Md5::default()),
            Kind::Sha1 => Box::new(Sha1::default()),
            Kind::Sha256 => Box::new(Sha256::default()),
            Kind::Sha512 => Box::new(Sha512::default()),
        }
    }
}

impl Checksum {
    /// `sha256:HEX`, or `HEX` whose length tells the kind.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let (kind, hex) = match text.split_once(':') {
            Some((kind, hex)) => (Some(kind.to_ascii_lowercase()), hex),
            None => (None, text),
        };
        let bad = |why: &str| {
            Failure::download(format!("The checksum \"{text}\" cannot be used: {why}."))
                .hint("Write it as checksum=sha256:HEX; md5, sha1, sha512 and file:URL are possible too.")
        };
        let value = unhex(hex).ok_or_else(|| bad("it is not hexadecimal"))?;
        let known = Kind::ALL.iter().find(|(name, length, _)| match &kind {
            Some(kind) => kind == name,
            None => *length == value.len(),
        });
        match known {
            Some((_, length, kind)) if *length == value.len() => Ok(Checksum { kind: *kind, value }),
            Some((name, length, _)) => {
                Err(bad(&format!("a {name} has {} hexadecimal digits, this has {}", length * 2, hex.len())))
            }
            None => Err(bad("its kind is not known")),
        }
    }

    /// The checksum of a file in a list of them, in the form of `sha256sum` or of BSD's `sha256`.
    pub fn from_list(list: &str, file: &str) -> Option<Self> {
        list.lines().find_map(|line| {
            let parts: Vec<&str> = line.split_whitespace().collect();
            match parts.as_slice() {
                [kind, name, "=", hex] => {
                    let name = name.strip_prefix('(')?.strip_suffix(')')?;
                    (base(name) == file).then(|| Checksum::parse(&format!("{kind}:{hex}")).ok())?
                }
                [hex, name] => {
                    let name = name.trim_start_matches(['*', '?']);
                    (base(name) == file).then(|| Checksum::parse(hex).ok())?
                }
                // Nothing but the checksum: the list is about one file.
                [hex] => Checksum::parse(hex).ok(),
                _ => None,
            }
        })
    }

    /// Reads the file and compares.
    pub fn verify(&self, file: &Path) -> Result<(), Failure> {
        let mut hasher = self.kind.hasher();
        let mut reader = std::fs::File::open(file).map_err(super::failure::at_path(file))?;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = reader.read(&mut buffer).map_err(super::failure::at_path(file))?;
            let Some(chunk) = buffer.get(..read).filter(|c| !c.is_empty()) else { break };
            hasher.update(chunk);
        }
        let actual = hasher.finalize();
        if *actual == *self.value {
            return Ok(());
        }
        let detail = format!(
            "The {} checksum of what was downloaded is {}; the source address requires {}.",
            self.kind.name(),
            hex(&actual),
            hex(&self.value)
        );
        Err(Failure::download(detail).titled("Checksum mismatch").hint(
            "If the new content is what you want, put its checksum into the source address; otherwise find out who changed it.",
        ))
    }
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let digits = digits.filter(|d| !d.is_empty() && d.len() % 2 == 0)?;
    Some(digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn the_kind_is_named_or_follows_from_the_length() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for text in [
            EMPTY.to_owned(),
            format!("sha256:{EMPTY}"),
            format!("SHA256:{}", EMPTY.to_uppercase()),
            "md5:d41d8cd98f00b204e9800998ecf8427e".into(),
            "da39a3ee5e6b4b0d3255bfef95601890afd80709".into(),
        ] {
            Checksum::parse(&text).unwrap().verify(file.path()).unwrap();
        }
        let wrong = Checksum::parse("md5:00000000000000000000000000000000").unwrap().verify(file.path()).unwrap_err();
        assert_eq!(wrong.summary, "Checksum mismatch");
        assert!(wrong.detail.contains("d41d8cd98f00b204e9800998ecf8427e"));
    }

    #[test]
    fn what_is_no_checksum_is_told() {
        for text in ["", "xyz", "abc", "md5:abcd", "crc32:abcd", "sha256:d41d8cd98f00b204e9800998ecf8427e"] {
            assert!(Checksum::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn lists_of_checksums_are_searched_for_the_file() {
        let wanted = Checksum::parse(EMPTY).unwrap();
        let zeros = "0".repeat(64);
        for list in [
            format!("{zeros}  b.zip\n{EMPTY}  a.zip\n"),
            format!("{EMPTY} *dist/a.zip\n"),
            format!("SHA256 (b.zip) = {zeros}\nSHA256 (a.zip) = {EMPTY}\n"),
            format!("{EMPTY}\n"),
        ] {
            assert_eq!(Checksum::from_list(&list, "a.zip"), Some(wanted.clone()), "{list}");
        }
        assert_eq!(Checksum::from_list(&format!("{EMPTY}  other.zip\n"), "a.zip"), None);
    }
}
