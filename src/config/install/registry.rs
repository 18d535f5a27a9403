//! The module registry protocol: where a host's registry is, which versions a module has, and where one of them is downloaded.

use super::cli_config::CliConfig;
use super::credentials::{Credentials, variable};
use super::failure::Failure;
use super::http::{Answer, Http};
use super::once::Once;
use crate::config::source::{self, ModuleSource, RemoteSource, without_password};
use crate::config::version::{Constraints, Version};
use std::collections::BTreeMap;
use std::sync::Arc;
use url::Url;

/// Registries, and what was asked of them in this run.
pub(super) struct Registries {
    http: Arc<Http>,
    credentials: Credentials,
    /// `host` blocks of the CLI configuration.
    configured: BTreeMap<String, BTreeMap<String, String>>,
    services: Once<Url>,
    versions: Once<Vec<Version>>,
    locations: Once<RemoteSource>,
}

/// A version of a registry's module, and where it is.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub version: Version,
    pub source: RemoteSource,
}

impl Registries {
    /// Nothing is asked yet.
    pub fn new(http: Arc<Http>, environment: &[(String, String)], mut config: CliConfig) -> Self {
        Registries {
            http,
            credentials: Credentials::new(environment, &mut config),
            configured: config.services,
            services: Once::new(),
            versions: Once::new(),
            locations: Once::new(),
        }
    }

    /// The newest version of `HOST/NAMESPACE/NAME/SYSTEM` that a constraint allows.
    pub fn find(&self, package: &str, constraint: Option<&str>) -> Result<Found, Failure> {
        let version = self.select(package, constraint)?;
        let key = format!("{package} {version}");
        let source = self.locations.get(&key, || self.location(package, &version))?;
        Ok(Found { version, source })
    }

    fn select(&self, package: &str, constraint: Option<&str>) -> Result<Version, Failure> {
        let versions = self.versions.get(package, || self.list(package))?;
        let constraints = constraint.and_then(|c| c.parse::<Constraints>().ok());
        // A prerelease is only taken by who asks for exactly that one.
        let released = |v: &&Version| !v.is_prerelease() || constraints.as_ref().is_some_and(|c| c.name_exactly(v));
        let mut candidates: Vec<&Version> = versions.iter().filter(released).collect();
        candidates.sort();
        let allowed = |v: &&&Version| constraints.as_ref().is_none_or(|c| c.allow(v));
        match (candidates.iter().rev().find(allowed), candidates.as_slice()) {
            (Some(version), _) => Ok((*version).clone()),
            (None, []) => {
                let detail = format!("The registry lists no released version of {package}.");
                Err(Failure::registry(detail).titled("Module has no versions"))
            }
            (None, known) => {
                let detail = format!(
                    "No available version of {package} matches the constraint \"{}\". Available: {}.",
                    constraint.unwrap_or_default(),
                    listed(known)
                );
                Err(Failure::registry(detail)
                    .titled("Unresolvable module version constraint")
                    .hint("Change the version argument to allow one of these."))
            }
        }
    }

    fn list(&self, package: &str) -> Result<Vec<Version>, Failure> {
        let (host, module) = split(package);
        let url =
            self.service(host)?.join(&format!("{module}/versions")).map_err(|e| Failure::registry(e.to_string()))?;
        let answer = self.ask(host, &url, &format!("Looking up the versions of {package}"))?;
        match answer.status {
            200 => {}
            404 => {
                let detail = format!("The registry at {host} has no module {module}.");
                return Err(Failure::registry(detail).titled("Module not found").hint(self.not_found(host)));
            }
            _ => return Err(self.refused(host, &url, &answer)),
        }
        let invalid = |why: String| {
            let detail = format!("The registry at {host} did not list the versions of {module} as it should: {why}.");
            Failure::registry(detail).titled("Invalid response from remote module registry")
        };
        let document: serde_json::Value =
            serde_json::from_slice(&answer.bytes()?).map_err(|e| invalid(e.to_string()))?;
        let versions = document.pointer("/modules/0/versions").and_then(serde_json::Value::as_array);
        let versions = versions.ok_or_else(|| invalid("there is no list `modules[0].versions`".into()))?;
        // What is not a version is passed over.
        Ok(versions.iter().filter_map(|v| v.get("version")?.as_str()?.parse().ok()).collect())
    }

    fn location(&self, package: &str, version: &Version) -> Result<RemoteSource, Failure> {
        let (host, module) = split(package);
        let path = format!("{module}/{version}/download");
        let url = self.service(host)?.join(&path).map_err(|e| Failure::registry(e.to_string()))?;
        let answer = self.ask(host, &url, &format!("Looking up where {package} {version} is"))?;
        match answer.status {
            200 | 204 => {}
            404 => {
                return Err(Failure::registry(format!(
                    "The registry at {host} lists {module} {version} but does not know where it is."
                )));
            }
            _ => return Err(self.refused(host, &url, &answer)),
        }
        let at = match answer.header("x-terraform-get") {
            Some(at) => at.to_owned(),
            // Newer registries say it in the body.
            None => serde_json::from_slice::<serde_json::Value>(&answer.bytes()?)
                .ok()
                .and_then(|body| Some(body.get("location")?.as_str()?.to_owned()))
                .unwrap_or_default(),
        };
        resolve(&at, &url).map_err(|why| {
            let detail = format!(
                "The registry at {host} says that {module} {version} is at \"{}\". {why}",
                without_password(&at)
            );
            Failure::registry(detail).titled("Invalid package location from module registry")
        })
    }

    /// The base URL of a host's module registry, ending with a slash.
    fn service(&self, host: &str) -> Result<Url, Failure> {
        self.services.get(host, || self.discover(host))
    }

    fn discover(&self, host: &str) -> Result<Url, Failure> {
        const SERVICE: &str = "modules.v1";
        let at = format!("https://{host}/.well-known/terraform.json");
        let asked = Url::parse(&at).map_err(|e| Failure::registry(format!("\"{host}\" is not a host: {e}.")))?;
        let offered = |text: &str, base: &Url| {
            let mut url = base.join(text).map_err(|e| {
                Failure::registry(format!(
                    "The host {host} has its module registry at \"{text}\", which is no URL: {e}."
                ))
            })?;
            if !url.path().ends_with('/') {
                let path = format!("{}/", url.path());
                url.set_path(&path);
            }
            Ok(url)
        };
        if let Some(services) = self.configured.get(host) {
            let none = || {
                Failure::registry(format!(
                    "The block host \"{host}\" of the CLI configuration has no service {SERVICE}."
                ))
                .hint(format!("Add \"{SERVICE}\" to its services, or remove the block."))
            };
            return offered(services.get(SERVICE).ok_or_else(none)?, &asked);
        }
        let answer = self.ask(host, &asked, &format!("Looking for the module registry of {host}"))?;
        let none = |detail: String| {
            Failure::registry(detail).titled("Module registry not found").hint(
                "Check the host in the source address; a git repository needs a source like git::https://HOST/PATH.git.",
            )
        };
        match answer.status {
            200 => {}
            404 => return Err(none(format!("The host {host} offers no services to Terraform: {at} does not exist."))),
            _ => return Err(self.refused(host, &asked, &answer)),
        }
        let base = answer.url.clone();
        let document: Option<serde_json::Value> = serde_json::from_slice(&answer.bytes()?).ok();
        let Some(document) = document.filter(serde_json::Value::is_object) else {
            return Err(none(format!("{at} is not the JSON document that tells where a host's services are.")));
        };
        match document.get(SERVICE).and_then(serde_json::Value::as_str) {
            Some(text) => offered(text, &base),
            None => Err(none(format!("The host {host} has no module registry (service {SERVICE})."))),
        }
    }

    fn ask(&self, host: &str, url: &Url, doing: &str) -> Result<Answer, Failure> {
        // The token is for the host that was named, and for where it says its services are.
        let token = self.credentials.token(host);
        self.http
            .ask(url, token.as_deref())
            .map_err(|failure| Failure { summary: Failure::registry("").summary, ..failure }.while_doing(doing))
    }

    fn not_found(&self, host: &str) -> String {
        let spelling = "Check namespace, name and system in the source address";
        match self.credentials.token(host) {
            Some(_) => format!("{spelling}, and that your token may read it."),
            None => format!("{spelling}; for a private module set {} to your token.", variable(host)),
        }
    }

    fn refused(&self, host: &str, url: &Url, answer: &Answer) -> Failure {
        let failure =
            Failure::registry(format!("{} answered {}.", without_password(url.as_str()), answer.status_text()));
        match (answer.status, self.credentials.token(host)) {
            (401 | 403, Some(_)) => failure.hint(format!(
                "The token for {host} is not accepted: renew {} or the credentials block of the CLI configuration.",
                variable(host)
            )),
            (401 | 403, None) => failure.hint(format!(
                "{host} wants a token: set {}, or write a credentials \"{host}\" block into ~/.terraformrc.",
                variable(host)
            )),
            (429 | 500..=599, _) => failure.hint("The registry has a problem; try again later."),
            _ => failure,
        }
    }
}

/// At most this many versions are named in a message.
const MOST_LISTED: usize = 10;

/// The newest first.
fn listed(versions: &[&Version]) -> String {
    let names: Vec<String> = versions.iter().rev().take(MOST_LISTED).map(ToString::to_string).collect();
    let rest = versions.len().saturating_sub(MOST_LISTED);
    let more = if rest > 0 { format!(" and {rest} older") } else { String::new() };
    format!("{}{more}", names.join(", "))
}

fn split(package: &str) -> (&str, &str) {
    package.split_once('/').unwrap_or((package, ""))
}

/// A location as `X-Terraform-Get` gives it: any source that is not itself a registry's or local; relative to where it was asked.
pub(super) fn resolve(at: &str, asked: &Url) -> Result<RemoteSource, String> {
    if at.is_empty() {
        return Err("That is no source address.".to_owned());
    }
    let relative = ["/", "./", "../"].iter().any(|prefix| at.starts_with(prefix));
    let text = if relative { join(asked, at)? } else { at.to_owned() };
    match source::parse(&text, false)? {
        ModuleSource::Remote(remote) => Ok(remote),
        _ => Err("It must be the address of a package.".to_owned()),
    }
}

/// Joins a relative address to a URL; the `//` before its folder stays.
fn join(asked: &Url, at: &str) -> Result<String, String> {
    let (path, query) = at.split_once('?').map_or((at, None), |(path, query)| (path, Some(query)));
    let (path, folder) = match path.split_once("//") {
        Some((path, folder)) => (path, Some(folder)),
        None => (path, None),
    };
    let mut text = asked.join(path).map_err(|e| format!("That is no URL: {e}."))?.to_string();
    if let Some(folder) = folder {
        text = format!("{text}//{folder}");
    }
    if let Some(query) = query {
        text = format!("{text}?{query}");
    }
    Ok(text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn locations_may_be_relative_to_where_they_were_asked() {
        let asked = Url::parse("https://r.example.com/v1/modules/a/b/aws/1.0.0/download").unwrap();
        for (at, found) in [
            ("./x.tar.gz", "https://r.example.com/v1/modules/a/b/aws/1.0.0/x.tar.gz"),
            ("../x.zip//sub?archive=zip", "https://r.example.com/v1/modules/a/b/aws/x.zip//sub?archive=zip"),
            ("/files/x.zip", "https://r.example.com/files/x.zip"),
            ("https://other.example.com/x.zip//*?archive=zip", "https://other.example.com/x.zip//*?archive=zip"),
            ("git::https://example.com/x.git?ref=v1", "git::https://example.com/x.git?ref=v1"),
            ("github.com/a/b?ref=v1", "git::https://github.com/a/b.git?ref=v1"),
        ] {
            assert_eq!(resolve(at, &asked).unwrap().to_string(), found, "{at}");
        }
        for at in ["", "a/b/aws", "nonsense"] {
            assert!(resolve(at, &asked).is_err(), "{at}");
        }
    }

    #[test]
    fn long_lists_of_versions_are_cut() {
        let versions: Vec<Version> = (0..30).map(|i| format!("1.{i}.0").parse().unwrap()).collect();
        let text = listed(&versions.iter().collect::<Vec<_>>());
        assert!(text.starts_with("1.29.0, 1.28.0") && text.ends_with("1.20.0 and 20 older"), "{text}");
    }
}
