//! Fetches packages into a staging folder, each once in a run, whoever asks first.

use super::archive::{self, Format, LIMITS};
use super::checksum::Checksum;
use super::cli_config;
use super::failure::{Failure, at_path};
use super::http::{self, Http};
use super::once::Once;
use super::registry::{Found, Registries};
use super::s3::{self, Objects};
use super::{git, glob, mercurial, page, place};
use crate::config::source::RemoteSource;
use crate::diagnostics::Diagnostics;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use url::Url;

/// What installing may use of the outside world.
#[derive(Clone, Default)]
pub struct Network {
    /// Variables of the environment: HOME, `TF_TOKEN_*`, `TF_CLI_CONFIG_FILE`, NETRC and so on.
    pub environment: Vec<(String, String)>,
    /// Reads packages in S3.
    pub objects: Option<Arc<dyn Objects>>,
    /// Whether the person wants to stop.
    pub cancelled: Option<Arc<dyn Fn() -> bool + Send + Sync>>,
}

impl Network {
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.as_ref().is_some_and(|cancelled| cancelled())
    }

    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.environment.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone())
    }

    /// What a program said, with passwords in URLs left out.
    pub(super) fn without_secrets(&self, said: &str) -> String {
        let words = said.split(' ').map(|word| {
            let quote = word.find("://").and_then(|at| word.get(..at)?.rfind(['\'', '"']));
            let (before, url) = word.split_at(quote.map_or(0, |q| q + 1));
            format!("{before}{}", crate::config::source::without_password(url))
        });
        words.collect::<Vec<_>>().join(" ")
    }
}

/// How many addresses an address may lead to, one after the other.
const MOST_STEPS: u32 = 10;

/// Packages, fetched once each. Shared by the threads of an installation.
pub(super) struct Fetcher {
    network: Network,
    http: Arc<Http>,
    registries: Registries,
    packages: Once<PathBuf>,
    staging: PathBuf,
    next: AtomicUsize,
}

impl Fetcher {
    /// Fetches into `staging`, an empty folder beside the final places. Also tells what is wrong with the CLI configuration.
    pub fn new(network: Network, staging: PathBuf) -> (Self, Diagnostics) {
        let (config, problems) = cli_config::read(&|name| network.variable(name));
        let http = Arc::new(Http::new(&|name| network.variable(name)));
        let registries = Registries::new(Arc::clone(&http), &network.environment, config);
        (Fetcher { network, http, registries, packages: Once::new(), staging, next: AtomicUsize::new(0) }, problems)
    }

    /// Which version of a registry's module is wanted, and where it is.
    pub fn find(&self, package: &str, constraint: Option<&str>) -> Result<Found, Failure> {
        self.registries.find(package, constraint)
    }

    /// The folder (or link to one) a package was fetched to. It may since have been moved away.
    pub fn package(&self, source: &RemoteSource) -> Result<PathBuf, Failure> {
        let package = source.package();
        self.packages.get(&package.to_string(), || {
            let into = self.place();
            self.fetch(&package, &into, 0)?;
            Ok(into)
        })
    }

    /// A name in the staging folder that nothing has yet.
    fn place(&self) -> PathBuf {
        self.staging.join(self.next.fetch_add(1, Ordering::Relaxed).to_string())
    }

    fn fetch(&self, source: &RemoteSource, into: &Path, steps: u32) -> Result<(), Failure> {
        if self.network.is_cancelled() {
            return Err(Failure::interrupted());
        }
        if steps > MOST_STEPS {
            let text = format!("{} leads from one address to another more than {MOST_STEPS} times.", source.shown());
            return Err(Failure::download(text));
        }
        let path = source.url.split(['?', '#']).next().unwrap_or_default();
        let format = match source.getter.as_str() {
            // A repository's address may end with anything.
            "git" | "hg" => None,
            _ => Format::of(source.decoded("archive").as_deref(), path),
        };
        if let Some(format) = format {
            return self.archive(source, format, into);
        }
        if source.decoded("checksum").is_some() && !matches!(source.getter.as_str(), "git" | "hg") {
            return Err(Failure::download("A checksum can only be given for an archive, not for a folder."));
        }
        match source.getter.as_str() {
            "git" => git::fetch(source, into, &self.network),
            "hg" => mercurial::fetch(source, into, &self.network),
            "http" | "https" => self.page(source, into, steps),
            "s3" => s3::folder(source, into, &self.network),
            "file" => link(source, into),
            "gcs" => {
                Err(Failure::download(format!("{}: packages in Google Cloud Storage cannot be read.", source.shown()))
                    .hint("Use the object's https address, a git repository, or a registry."))
            }
            other => Err(Failure::download(format!("\"{other}\" is no way to fetch a module."))
                .hint("Use git::, https://, s3::, a registry address, or a local path.")),
        }
    }

    /// An archive: downloaded, compared with its checksum, unpacked.
    fn archive(&self, source: &RemoteSource, format: Format, into: &Path) -> Result<(), Failure> {
        let text = source.url_without(&["archive", "checksum"]);
        let url = Url::parse(&text).map_err(|e| Failure::download(format!("{} is not a URL: {e}.", source.shown())))?;
        let checksum = source.decoded("checksum").map(|text| self.checksum(&text, &url)).transpose()?;
        let file = self.place();
        let stop = || self.network.is_cancelled();
        match source.getter.as_str() {
            "http" | "https" => self.http.download(&url, &file, &stop)?,
            "s3" => s3::object(source, &file, &self.network)?,
            "file" => drop(std::fs::copy(local(&url)?, &file).map_err(at_path(&local(&url)?))?),
            other => return Err(Failure::download(format!("\"{other}\" cannot fetch an archive."))),
        }
        if let Some(checksum) = checksum {
            checksum.verify(&file)?;
        }
        let told = format!("Could not unpack {}", source.shown());
        archive::unpack(&file, format, into, LIMITS).map_err(|failure| failure.while_doing(&told))?;
        let _ = std::fs::remove_file(&file);
        Ok(())
    }

    fn checksum(&self, text: &str, archive: &Url) -> Result<Checksum, Failure> {
        let Some(list) = text.strip_prefix("file:") else { return Checksum::parse(text) };
        let invalid = |e| Failure::download(format!("The list of checksums \"{list}\" has no valid address: {e}."));
        let url = if list.starts_with('/') { Url::parse(&format!("file://{list}")) } else { Url::parse(list) }
            .map_err(invalid)?;
        let bytes = if url.scheme() == "file" {
            let path = local(&url)?;
            std::fs::read(&path).map_err(at_path(&path))?
        } else {
            let answer = self.http.get(&url)?;
            if answer.status != 200 {
                return Err(http::refused(&url, &answer));
            }
            answer.bytes()?
        };
        let name = archive.path().rsplit('/').next().unwrap_or_default();
        Checksum::from_list(&String::from_utf8_lossy(&bytes), name)
            .ok_or_else(|| Failure::download(format!("The list of checksums \"{list}\" has none for {name}.")))
    }

    /// A web page that tells where the package is; a folder in that address becomes the package.
    fn page(&self, source: &RemoteSource, into: &Path, steps: u32) -> Result<(), Failure> {
        let found = page::follow(source, &self.http)?;
        if found.subdir.is_empty() {
            return self.fetch(&found, into, steps + 1);
        }
        let whole = self.place();
        self.fetch(&found.package(), &whole, steps + 1)?;
        let inside = glob::folder(&whole, &found.subdir)?;
        if whole.is_symlink() {
            // What stands elsewhere on this machine stays there.
            return place::copy(&inside, into).map_err(at_path(into));
        }
        std::fs::rename(&inside, into).map_err(at_path(&inside))
    }
}

/// The path of a `file:` URL.
fn local(url: &Url) -> Result<PathBuf, Failure> {
    url.to_file_path().map_err(|()| Failure::download(format!("{url} is not the address of a local file.")))
}

/// A folder elsewhere on this machine, named by its absolute path: a link to it, as Terraform makes one.
fn link(source: &RemoteSource, into: &Path) -> Result<(), Failure> {
    let path = PathBuf::from(source.url.strip_prefix("file://").unwrap_or(&source.url));
    if !path.is_dir() {
        return Err(Failure::download(format!("There is no folder {}.", path.display())));
    }
    std::os::unix::fs::symlink(&path, into).map_err(at_path(into))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_in_what_git_says_are_hidden() {
        let network = Network::default();
        let said = "fatal: unable to access 'https://u:secret@example.com/x.git/': Could not resolve host";
        let shown = network.without_secrets(said);
        assert_eq!(shown, "fatal: unable to access 'https://u:REDACTED@example.com/x.git/': Could not resolve host");
        assert!(network.without_secrets("plain words").contains("plain words"));
    }
}
