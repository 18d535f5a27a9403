//! Packages in S3: what an address means, and what the installer needs of a client, which it is given.

use super::archive::Format;
use super::failure::{Failure, at_path};
use super::fetcher::Network;
use crate::config::source::RemoteSource;
use std::io::Write;
use std::path::{Component, Path};
use url::Url;

/// Where objects are, and who asks for them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct S3Place {
    /// `eu-central-1`
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// The object, or the prefix of several.
    pub key: String,
    /// A version of the object.
    pub version: Option<String>,
    /// Of a store that is not AWS: `https://minio.example.com`.
    pub endpoint: Option<String>,
    /// `aws_profile`
    pub profile: Option<String>,
    /// `aws_access_key_id`, `aws_access_key_secret`, `aws_access_token`
    pub keys: Option<(String, String, String)>,
}

/// Reads objects. This room does not know how credentials are found; whoever installs modules brings one.
pub trait Objects: Send + Sync {
    /// Keys with the place's key as prefix.
    ///
    /// # Errors
    /// What S3 answered, as a sentence.
    fn list(&self, place: &S3Place) -> Result<Vec<String>, String>;

    /// Writes one object's content.
    ///
    /// # Errors
    /// What S3 answered, as a sentence; an error of the writer.
    fn read(&self, place: &S3Place, key: &str, into: &mut dyn Write) -> Result<(), String>;
}

/// Domains of AWS's own endpoints.
const DOMAINS: [&str; 5] = ["amazonaws.com", "amazonaws.com.cn", "c2s.ic.gov", "sc2s.sgov.gov", "api.aws"];

impl S3Place {
    /// Reads the address of an object: path style, virtual-hosted style with a dot or dash before the region, or another store's.
    pub fn parse(source: &RemoteSource) -> Result<Self, String> {
        let invalid = |why: &str| {
            format!(
                "{} is not the address of an S3 object: {why}. Write s3::https://s3.REGION.amazonaws.com/BUCKET/KEY.",
                source.shown()
            )
        };
        let url = Url::parse(&source.url).map_err(|e| invalid(&e.to_string()))?;
        let host = url.host_str().unwrap_or_default();
        let path = percent_decoded(url.path().trim_start_matches('/'));
        let in_path = |path: &str| path.split_once('/').map(|(bucket, key)| (bucket.to_owned(), key.to_owned()));
        let domain = DOMAINS.iter().find(|domain| host.strip_suffix(*domain).is_some_and(|h| h.ends_with('.')));
        let (region, bucket_and_key, endpoint) = match domain {
            Some(domain) => {
                let place = host.strip_suffix(domain).unwrap_or_default().trim_end_matches('.');
                let parts: Vec<&str> = place.split('.').collect();
                let dashed = |part: &str| part.strip_prefix("s3-").map(str::to_owned);
                match parts.as_slice() {
                    ["s3"] => ("us-east-1".to_owned(), in_path(&path), None),
                    [one] => (dashed(one).ok_or_else(|| invalid("its host is not S3's"))?, in_path(&path), None),
                    ["s3", region] => ((*region).to_owned(), in_path(&path), None),
                    [bucket @ .., "s3", region] => ((*region).to_owned(), Some((bucket.join("."), path)), None),
                    [bucket @ .., "s3"] => ("us-east-1".to_owned(), Some((bucket.join("."), path)), None),
                    [bucket @ .., last] => {
                        let region = dashed(last).ok_or_else(|| invalid("its host is not S3's"))?;
                        (region, Some((bucket.join("."), path)), None)
                    }
                    [] => return Err(invalid("it has no host")),
                }
            }
            None => {
                let region = source.decoded("region").unwrap_or_else(|| "us-east-1".to_owned());
                let port = url.port().map(|p| format!(":{p}")).unwrap_or_default();
                (region, in_path(&path), Some(format!("{}://{host}{port}", url.scheme())))
            }
        };
        let (bucket, key) = bucket_and_key.filter(|(b, _)| !b.is_empty()).ok_or_else(|| invalid("it has no key"))?;
        let keys = ["aws_access_key_id", "aws_access_key_secret", "aws_access_token"].map(|n| source.decoded(n));
        let keys = match keys {
            [None, None, None] => None,
            [id, secret, token] => {
                Some((id.unwrap_or_default(), secret.unwrap_or_default(), token.unwrap_or_default()))
            }
        };
        Ok(S3Place {
            region,
            bucket,
            key,
            version: source.decoded("version"),
            endpoint,
            profile: source.decoded("aws_profile"),
            keys,
        })
    }

    fn shown(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }
}

fn percent_decoded(text: &str) -> String {
    let pair = format!("v={}", text.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, v)| v.into_owned()).unwrap_or_default()
}

fn objects(network: &Network) -> Result<&dyn Objects, Failure> {
    network.objects.as_deref().ok_or_else(|| Failure::download("Packages in S3 cannot be read here."))
}

fn failed(place: &S3Place, why: String) -> Failure {
    Failure::download(format!("Could not download module from {}: {why}", place.shown()))
        .hint("Credentials are taken from where the AWS SDKs take them: AWS_PROFILE, AWS_ACCESS_KEY_ID, a role.")
}

/// Downloads one object to a file.
pub(super) fn object(source: &RemoteSource, into: &Path, network: &Network) -> Result<(), Failure> {
    let place = S3Place::parse(source).map_err(Failure::download)?;
    let mut file = std::fs::File::create(into).map_err(at_path(into))?;
    objects(network)?.read(&place, &place.key, &mut file).map_err(|why| failed(&place, why))
}

/// Downloads all objects under a prefix to a folder.
pub(super) fn folder(source: &RemoteSource, into: &Path, network: &Network) -> Result<(), Failure> {
    let mut place = S3Place::parse(source).map_err(Failure::download)?;
    if !place.key.is_empty() && !place.key.ends_with('/') {
        place.key.push('/');
    }
    let objects = objects(network)?;
    let keys = objects.list(&place).map_err(|why| failed(&place, why))?;
    let mut any = false;
    for key in keys.iter().filter(|key| !key.ends_with('/')) {
        if network.is_cancelled() {
            return Err(Failure::interrupted());
        }
        let Some(inside) = key.strip_prefix(&place.key) else { continue };
        let plain = Path::new(inside).components().all(|c| matches!(c, Component::Normal(_)));
        if !plain {
            return Err(failed(&place, format!("The key \"{}\" does not fit into a folder.", key.escape_debug())));
        }
        let path = into.join(inside);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(at_path(parent))?;
        }
        let mut file = std::fs::File::create(&path).map_err(at_path(&path))?;
        objects.read(&place, key, &mut file).map_err(|why| failed(&place, why))?;
        any = true;
    }
    if any {
        return Ok(());
    }
    let why = "There are no objects under this prefix.";
    let archive = Format::of(None, &place.key).is_some();
    Err(if archive {
        failed(&place, why.to_owned())
    } else {
        failed(&place, format!("{why} For an archive with another ending, add ?archive=zip."))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::config::source::{ModuleSource, parse};

    fn place(text: &str) -> Result<S3Place, String> {
        match parse(text, false).unwrap() {
            ModuleSource::Remote(remote) => S3Place::parse(&remote),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn every_style_of_address_is_read() {
        for (text, region, bucket, key) in [
            ("s3::https://s3.amazonaws.com/b/x.zip", "us-east-1", "b", "x.zip"),
            ("s3::https://s3-eu-west-1.amazonaws.com/b/d/x.zip", "eu-west-1", "b", "d/x.zip"),
            ("s3::https://s3.eu-central-1.amazonaws.com/b/d/x.zip", "eu-central-1", "b", "d/x.zip"),
            ("s3::https://b.s3.eu-central-1.amazonaws.com/d/x.zip", "eu-central-1", "b", "d/x.zip"),
            ("s3::https://b.s3-eu-west-1.amazonaws.com/x.zip", "eu-west-1", "b", "x.zip"),
            ("s3::https://b.c.s3.eu-west-1.amazonaws.com/x.zip", "eu-west-1", "b.c", "x.zip"),
            ("s3::https://s3.cn-north-1.amazonaws.com.cn/b/x%20y.zip", "cn-north-1", "b", "x y.zip"),
            ("s3::https://minio.example.com:9000/b/x.zip?region=r", "r", "b", "x.zip"),
            ("s3::http://127.0.0.1:9000/b/x.zip", "us-east-1", "b", "x.zip"),
        ] {
            let found = place(text).unwrap();
            assert_eq!((&*found.region, &*found.bucket, &*found.key), (region, bucket, key), "{text}");
        }
        assert_eq!(
            place("s3::https://minio.example.com:9000/b/x.zip").unwrap().endpoint.unwrap(),
            "https://minio.example.com:9000"
        );
        assert!(place("s3::https://s3.amazonaws.com/b").is_err());
        assert!(place("s3::https://ec2.amazonaws.com/b/x").is_err());
    }

    #[test]
    fn who_asks_may_stand_in_the_address() {
        let found = place(
            "s3::https://s3.amazonaws.com/b/x.zip?aws_profile=p&version=v&aws_access_key_id=a&aws_access_key_secret=b%2B",
        );
        let found = found.unwrap();
        assert_eq!(found.profile.as_deref(), Some("p"));
        assert_eq!(found.version.as_deref(), Some("v"));
        assert_eq!(found.keys, Some(("a".into(), "b+".into(), String::new())));
    }
}
