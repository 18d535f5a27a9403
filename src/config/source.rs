//! Module source addresses: what a `source` argument means, and its normal form, which `modules.json` holds.

use std::fmt;

/// Where a module comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModuleSource {
    /// `./x`, `../x`: a folder, relative to the caller's.
    Local(String),
    /// A module of a registry.
    Registry {
        /// `HOST/NAMESPACE/NAME/SYSTEM`; the host is always there.
        package: String,
        /// Folder inside the package, empty for its root.
        subdir: String,
    },
    /// A package fetched from elsewhere.
    Remote(RemoteSource),
}

/// A package and how it is fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteSource {
    /// `git`, `s3`, `hg`, `gcs`, or the URL's own scheme.
    pub getter: String,
    /// URL without getter prefix, folder and query.
    pub url: String,
    /// Folder inside the package, empty for its root.
    pub subdir: String,
    /// The query, in order: `ref`, `depth`, `checksum`, …
    pub query: Vec<(String, String)>,
}

impl RemoteSource {
    /// A parameter of the query.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The package alone: equal for modules that share one.
    pub fn package(&self) -> RemoteSource {
        RemoteSource { subdir: String::new(), ..self.clone() }
    }
}

impl fmt::Display for RemoteSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own_scheme = self.url.split_once("://").map(|(scheme, _)| scheme);
        if own_scheme != Some(&self.getter) && !(self.getter == "file" && own_scheme == Some("file")) {
            write!(f, "{}::", self.getter)?;
        }
        f.write_str(&self.url)?;
        if !self.subdir.is_empty() {
            write!(f, "//{}", self.subdir)?;
        }
        for (i, (name, value)) in self.query.iter().enumerate() {
            write!(f, "{}{name}={value}", if i == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}

impl fmt::Display for ModuleSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ModuleSource::Local(path) => f.write_str(path),
            ModuleSource::Registry { package, subdir } if subdir.is_empty() => f.write_str(package),
            ModuleSource::Registry { package, subdir } => write!(f, "{package}//{subdir}"),
            ModuleSource::Remote(remote) => remote.fmt(f),
        }
    }
}

/// The registry assumed when a source names none.
const DEFAULT_REGISTRY: &str = "registry.terraform.io";
/// Hosts whose addresses look like a registry's but mean a repository.
const REPOSITORY_HOSTS: [&str; 3] = ["github.com", "bitbucket.org", "gitlab.com"];

/// Reads a source; with a `version` beside it, it must be a registry's. The error is a sentence.
pub fn parse(text: &str, has_version: bool) -> Result<ModuleSource, String> {
    let text = text.trim();
    if is_local(text) {
        if has_version {
            return Err("A version constraint is for modules of a registry; this source is a local path.".into());
        }
        return Ok(ModuleSource::Local(normal_local(text)));
    }
    match registry(text) {
        Ok(source) => Ok(source),
        Err(why) if has_version => Err(format!(
            "{why} A registry address was assumed because the argument \"version\" is set, which applies only to registry modules."
        )),
        Err(_) => remote(text).map(ModuleSource::Remote),
    }
}

/// Whether a source is a folder beside the caller.
pub fn is_local(source: &str) -> bool {
    ["./", "../", ".\\", "..\\"].iter().any(|prefix| source.starts_with(prefix)) || source == "." || source == ".."
}

/// `./a/../b/` is `./b`; `../x` stays.
fn normal_local(text: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in text.split(['/', '\\']).filter(|p| !p.is_empty() && *p != ".") {
        match (part, parts.last()) {
            ("..", Some(last)) if *last != ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match parts.first() {
        None => "./".to_owned(),
        Some(&"..") => joined,
        Some(_) => format!("./{joined}"),
    }
}

/// Splits `a//b?q` into `a?q` and `b`; the `//` of a scheme does not count.
fn split_subdir(text: &str) -> (String, String) {
    let (base, query) = text.split_once('?').map_or((text, ""), |(b, q)| (b, q));
    let start = base.find("://").map_or(0, |i| i + 3);
    let (head, tail) = base.split_at(start);
    let (package, subdir) = tail.split_once("//").unwrap_or((tail, ""));
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    (format!("{head}{package}{query}"), subdir.trim_matches('/').to_owned())
}

fn registry(text: &str) -> Result<ModuleSource, String> {
    let (package, subdir) = split_subdir(text);
    let parts: Vec<&str> = package.split('/').collect();
    let (host, rest) = match parts.as_slice() {
        [host, rest @ ..] if rest.len() == 3 => (*host, rest),
        rest if rest.len() == 3 => (DEFAULT_REGISTRY, rest),
        _ => return Err("A registry module is addressed as [HOST/]NAMESPACE/NAME/SYSTEM.".into()),
    };
    if REPOSITORY_HOSTS.contains(&host) || REPOSITORY_HOSTS.contains(&rest.first().copied().unwrap_or_default()) {
        return Err(format!("{host} is no module registry."));
    }
    if parts.len() == 4 && !host.contains('.') && !host.starts_with("localhost") {
        return Err(format!("\"{host}\" is no host name of a module registry."));
    }
    let name_ok = |p: &str| {
        !p.is_empty()
            && !p.starts_with(['-', '_'])
            && !p.ends_with(['-', '_'])
            && p.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    let system_ok = |p: &str| !p.is_empty() && p.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    match rest {
        [namespace, name, system] if name_ok(namespace) && name_ok(name) && system_ok(system) => {
            Ok(ModuleSource::Registry { package: format!("{host}/{}", rest.join("/")), subdir })
        }
        _ => Err("A registry module is addressed as [HOST/]NAMESPACE/NAME/SYSTEM.".into()),
    }
}

fn remote(text: &str) -> Result<RemoteSource, String> {
    let (forced, rest) = match text.split_once("::") {
        Some((getter, rest)) if !getter.is_empty() && getter.chars().all(|c| c.is_ascii_alphanumeric()) => {
            (Some(getter.to_owned()), rest)
        }
        _ => (None, text),
    };
    let (package, mut subdir) = split_subdir(rest);
    let (base, query) = package.split_once('?').map_or((package.as_str(), ""), |(b, q)| (b, q));
    let (mut getter, url, inner) = detect(base, forced.as_deref())?;
    if !inner.is_empty() {
        subdir = if subdir.is_empty() { inner } else { format!("{inner}/{subdir}") };
    }
    if subdir.split('/').any(|part| part == "..") {
        return Err(format!("The folder \"{subdir}\" inside the package leads out of it."));
    }
    if let Some(forced) = forced {
        getter = forced;
    }
    let query = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            pair.split_once('=').map_or((pair.to_owned(), String::new()), |(n, v)| (n.to_owned(), v.to_owned()))
        })
        .collect();
    Ok(RemoteSource { getter, url, subdir, query })
}

/// Getter, URL and folder of an address that may be a shorthand.
fn detect(base: &str, forced: Option<&str>) -> Result<(String, String, String), String> {
    if let Some((scheme, _)) = base.split_once("://") {
        return Ok((scheme.to_owned(), base.to_owned(), String::new()));
    }
    for host in ["github.com", "bitbucket.org"] {
        let Some(path) = base.strip_prefix(host).and_then(|p| p.strip_prefix('/')) else { continue };
        let mut parts = path.splitn(3, '/');
        let (Some(user), Some(repository)) = (parts.next().filter(|p| !p.is_empty()), parts.next()) else {
            return Err(format!("Repositories of {host} are addressed as {host}/USER/REPOSITORY."));
        };
        let repository = repository.strip_suffix(".git").unwrap_or(repository);
        let url = format!("https://{host}/{user}/{repository}.git");
        return Ok(("git".into(), url, parts.next().unwrap_or_default().trim_matches('/').to_owned()));
    }
    // `git@host:path` as git itself writes it.
    if let Some((user_host, path)) = base.split_once(':')
        && (user_host.contains('@') || forced == Some("git"))
        && !user_host.contains('/')
    {
        return Ok(("git".into(), format!("ssh://{user_host}/{path}"), String::new()));
    }
    if base.starts_with('/') {
        return Ok(("file".into(), format!("file://{base}"), String::new()));
    }
    if let Some((host, path)) = base.split_once('/')
        && host.ends_with(".amazonaws.com")
    {
        return Ok(("s3".into(), format!("https://{host}/{path}"), String::new()));
    }
    Err(format!(
        "It is not clear how \"{base}\" is to be fetched. If it is a path relative to the current module, write \"./{base}\"."
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn sources_have_terraforms_normal_form() {
        for (text, normal) in [
            ("./m", "./m"),
            ("./a/../b/", "./b"),
            ("../x", "../x"),
            ("./", "./"),
            ("hashicorp/consul/aws", "registry.terraform.io/hashicorp/consul/aws"),
            (
                "terraform-aws-modules/vpc/aws//modules/x",
                "registry.terraform.io/terraform-aws-modules/vpc/aws//modules/x",
            ),
            ("app.example.com/a/b/aws", "app.example.com/a/b/aws"),
            ("github.com/hashicorp/example", "git::https://github.com/hashicorp/example.git"),
            ("github.com/hashicorp/example//sub?ref=v1", "git::https://github.com/hashicorp/example.git//sub?ref=v1"),
            ("github.com/hashicorp/example.git", "git::https://github.com/hashicorp/example.git"),
            ("git@github.com:hashicorp/example.git", "git::ssh://git@github.com/hashicorp/example.git"),
            (
                "git::https://example.com/x.git//a/b?ref=main&depth=1",
                "git::https://example.com/x.git//a/b?ref=main&depth=1",
            ),
            ("git::ssh://git@example.com/x.git", "git::ssh://git@example.com/x.git"),
            ("git::file:///srv/x.git", "git::file:///srv/x.git"),
            ("https://example.com/x.zip", "https://example.com/x.zip"),
            ("/srv/modules/x", "file:///srv/modules/x"),
            ("s3::https://s3.amazonaws.com/b/x.zip", "s3::https://s3.amazonaws.com/b/x.zip"),
        ] {
            assert_eq!(parse(text, false).unwrap().to_string(), normal, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_a_source_is_told() {
        assert!(parse("modules/x", false).unwrap_err().contains("./modules/x"));
        assert!(parse("./m", true).unwrap_err().contains("registry"));
        assert!(parse("github.com/a/b/c", true).is_err());
        assert!(parse("github.com/a", false).is_err());
        assert!(parse("git::https://example.com/x.git//../y", false).is_err());
    }
}
