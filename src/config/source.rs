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

    /// A parameter of the query with its escapes resolved; `None` when it is missing or empty.
    pub fn decoded(&self, name: &str) -> Option<String> {
        let raw = self.parameter(name).filter(|v| !v.is_empty())?;
        let pair = format!("v={raw}");
        url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned())
    }

    /// The URL with what is left of the query, without the parameters that tell how to fetch.
    pub fn url_without(&self, parameters: &[&str]) -> String {
        let kept = self.query.iter().filter(|(name, _)| !parameters.contains(&name.as_str()));
        join_query(self.url.clone(), kept)
    }

    /// As it may be shown: passwords and keys inside the address are left out.
    pub fn shown(&self) -> String {
        let hidden = |(name, value): &(String, String)| {
            let secret = SECRET_PARAMETERS.contains(&name.as_str()) && !value.is_empty();
            (name.clone(), if secret { "REDACTED".to_owned() } else { value.clone() })
        };
        let query = self.query.iter().map(hidden).collect();
        RemoteSource { url: without_password(&self.url), query, ..self.clone() }.to_string()
    }
}

/// Parameters that hold secrets.
const SECRET_PARAMETERS: [&str; 4] = ["sshkey", "aws_access_key_secret", "aws_access_token", "token"];

/// `https://user:secret@host/` as `https://user:REDACTED@host/`.
pub(super) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let Some((user, host)) = authority.rsplit_once('@') else { return url.to_owned() };
    let Some((name, _)) = user.split_once(':') else { return url.to_owned() };
    let path = rest.get(authority.len()..).unwrap_or_default();
    format!("{scheme}://{name}:REDACTED@{host}{path}")
}

fn join_query<'a>(mut url: String, query: impl Iterator<Item = &'a (String, String)>) -> String {
    for (i, (name, value)) in query.enumerate() {
        url.push(if i == 0 { '?' } else { '&' });
        url.push_str(name);
        // `?raw` has no value, and gets none.
        if !value.is_empty() {
            url.push('=');
            url.push_str(value);
        }
    }
    url
}

impl fmt::Display for RemoteSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own_scheme = self.url.split_once("://").map(|(scheme, _)| scheme);
        if own_scheme != Some(&self.getter) && !(self.getter == "file" && own_scheme == Some("file")) {
            write!(f, "{}::", self.getter)?;
        }
        let mut url = self.url.clone();
        if !self.subdir.is_empty() {
            url.push_str("//");
            url.push_str(&self.subdir);
        }
        f.write_str(&join_query(url, self.query.iter()))
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
    let subdir: Vec<&str> = subdir.split('/').filter(|p| !p.is_empty() && *p != ".").collect();
    (format!("{head}{package}{query}"), subdir.join("/"))
}

fn registry(text: &str) -> Result<ModuleSource, String> {
    let (package, subdir) = split_subdir(text);
    let parts: Vec<&str> = package.split('/').collect();
    let (host, rest) = match parts.as_slice() {
        [host, rest @ ..] if rest.len() == 3 => (host.to_lowercase(), rest),
        rest if rest.len() == 3 => (DEFAULT_REGISTRY.to_owned(), rest),
        _ => return Err("A registry module is addressed as [HOST/]NAMESPACE/NAME/SYSTEM.".into()),
    };
    let host = host.strip_suffix(":443").unwrap_or(&host);
    if REPOSITORY_HOSTS.contains(&host) || REPOSITORY_HOSTS.contains(&rest.first().copied().unwrap_or_default()) {
        return Err(format!("{host} is no module registry."));
    }
    if subdir.split('/').any(|part| part == "..") {
        return Err(format!("The folder \"{subdir}\" leads out of the package."));
    }
    let host_ok = |h: &str| h.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | ':'));
    if parts.len() == 4 && (!host_ok(host) || !host.contains('.') && !host.starts_with("localhost")) {
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
    let mut query: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            pair.split_once('=').map_or((pair.to_owned(), String::new()), |(n, v)| (n.to_owned(), v.to_owned()))
        })
        .collect();
    if !base.contains("://") && url.starts_with("ssh://") {
        // Terraform takes the query of `git@host:path` apart and puts it together in order of names.
        query.sort_by(|a, b| a.0.cmp(&b.0));
    }
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
        let path = path.strip_prefix('/').unwrap_or(path);
        return Ok(("git".into(), format!("ssh://{user_host}/{path}"), String::new()));
    }
    if base.starts_with('/') {
        return Ok(("file".into(), format!("file://{base}"), String::new()));
    }
    if let Some((host, path)) = base.split_once('/')
        && let Some(place) = host.strip_suffix(".amazonaws.com")
    {
        let parts: Vec<&str> = place.split('.').collect();
        let url = match parts.as_slice() {
            [region] => format!("https://{region}.amazonaws.com/{path}"),
            [bucket, "s3", region] => format!("https://s3.{region}.amazonaws.com/{bucket}/{path}"),
            [bucket, region] => format!("https://{region}.amazonaws.com/{bucket}/{path}"),
            _ => return Err(format!("{base} is no address of an S3 object.")),
        };
        return Ok(("s3".into(), url, String::new()));
    }
    if let Some((_, path)) = base.split_once("googleapis.com/storage/") {
        return Ok(("gcs".into(), format!("https://www.googleapis.com/storage/{path}"), String::new()));
    }
    Err(format!(
        "It is not clear how \"{base}\" is to be fetched. If it is a path relative to the current module, write \"./{base}\"."
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
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
            ("s3-eu-west-1.amazonaws.com/b/x.zip", "s3::https://s3-eu-west-1.amazonaws.com/b/x.zip"),
            ("b.s3.eu-west-1.amazonaws.com/d/x.zip", "s3::https://s3.eu-west-1.amazonaws.com/b/d/x.zip"),
            ("b.s3-eu-west-1.amazonaws.com/x.zip", "s3::https://s3-eu-west-1.amazonaws.com/b/x.zip"),
            ("git@example.com:a/x.git//m?ref=v1&depth=1", "git::ssh://git@example.com/a/x.git//m?depth=1&ref=v1"),
            ("https://example.com/x?archive=zip&raw", "https://example.com/x?archive=zip&raw"),
            ("https://example.com/x.zip//./a//b/", "https://example.com/x.zip//a/b"),
            ("App.Example.com:443/a/b/aws", "app.example.com/a/b/aws"),
        ] {
            assert_eq!(parse(text, false).unwrap().to_string(), normal, "{text}");
        }
    }

    #[test]
    fn secrets_in_an_address_are_not_shown() {
        for (text, shown) in [
            ("git::https://u:secret@example.com/x.git?ref=v1", "git::https://u:REDACTED@example.com/x.git?ref=v1"),
            ("git::ssh://git@example.com/x.git?sshkey=c2VjcmV0", "git::ssh://git@example.com/x.git?sshkey=REDACTED"),
            (
                "s3::https://s3.amazonaws.com/b/x.zip?aws_access_key_secret=secret",
                "s3::https://s3.amazonaws.com/b/x.zip?aws_access_key_secret=REDACTED",
            ),
        ] {
            let Ok(ModuleSource::Remote(remote)) = parse(text, false) else { unreachable!("{text}") };
            assert_eq!(remote.shown(), shown);
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
