//! The vocabulary everything speaks: addresses of modules, resources, instances and providers; how they print, parse and order.

use std::fmt;
use std::str::FromStr;

/// Key of an instance under `count` (number) or `for_each` (string). Numbers order before strings, as in state files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstanceKey {
    /// `[0]`
    Int(u64),
    /// `["a"]`
    Str(String),
}

impl fmt::Display for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InstanceKey::Int(n) => write!(f, "[{n}]"),
            InstanceKey::Str(s) => write!(f, "[{}]", quote(s)),
        }
    }
}

/// A string as a quoted HCL literal: `"`, `\`, line breaks, `${` and `%{` escaped.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if chars.peek() == Some(&'{') => {
                out.push(c);
                out.push(c);
            }
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Whether a resource is managed, read, or opened for the run only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// `data` blocks. Orders before managed, as the mode's name does in state files.
    Data,
    /// `ephemeral` blocks.
    Ephemeral,
    /// `resource` blocks.
    Managed,
}

impl Mode {
    /// `managed`, `data` or `ephemeral`, as in state files and JSON output.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Data => "data",
            Mode::Ephemeral => "ephemeral",
            Mode::Managed => "managed",
        }
    }
}

/// Path of module calls without instance keys: where a module stands in the configuration. Empty for the root module.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModulePath(pub Vec<String>);

impl ModulePath {
    /// The root module.
    pub fn root() -> Self {
        Self::default()
    }

    /// Whether this is the root module.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// A child of this module.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        let mut path = self.0.clone();
        path.push(name.to_owned());
        ModulePath(path)
    }

    /// The module that calls this one; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(ModulePath(rest.to_vec()))
    }
}

impl fmt::Display for ModulePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, name) in self.0.iter().enumerate() {
            let dot = if i == 0 { "" } else { "." };
            write!(f, "{dot}module.{name}")?;
        }
        Ok(())
    }
}

/// An instance of a module: the path of calls, each with its key. Empty for the root module.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleInstance(pub Vec<(String, Option<InstanceKey>)>);

impl ModuleInstance {
    /// The root module.
    pub fn root() -> Self {
        Self::default()
    }

    /// Whether this is the root module.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The same path without instance keys.
    pub fn path(&self) -> ModulePath {
        ModulePath(self.0.iter().map(|(name, _)| name.clone()).collect())
    }

    /// An instance of a call in this module.
    #[must_use]
    pub fn child(&self, name: &str, key: Option<InstanceKey>) -> Self {
        let mut path = self.0.clone();
        path.push((name.to_owned(), key));
        ModuleInstance(path)
    }

    /// The calling instance; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(ModuleInstance(rest.to_vec()))
    }
}

impl fmt::Display for ModuleInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (name, key)) in self.0.iter().enumerate() {
            let dot = if i == 0 { "" } else { "." };
            write!(f, "{dot}module.{name}")?;
            if let Some(key) = key {
                write!(f, "{key}")?;
            }
        }
        Ok(())
    }
}

/// A resource block within its module: mode, type and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resource {
    /// Managed or data.
    pub mode: Mode,
    /// Such as `aws_codepipeline`.
    pub type_name: String,
    /// The block's second label.
    pub name: String,
}

impl Resource {
    /// The address of a managed resource.
    pub fn managed(type_name: impl Into<String>, name: impl Into<String>) -> Self {
        Resource { mode: Mode::Managed, type_name: type_name.into(), name: name.into() }
    }

    /// The address of a data resource.
    pub fn data(type_name: impl Into<String>, name: impl Into<String>) -> Self {
        Resource { mode: Mode::Data, type_name: type_name.into(), name: name.into() }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mode {
            Mode::Managed => write!(f, "{}.{}", self.type_name, self.name),
            Mode::Data => write!(f, "data.{}.{}", self.type_name, self.name),
            Mode::Ephemeral => write!(f, "ephemeral.{}.{}", self.type_name, self.name),
        }
    }
}

/// A resource block in the configuration: `module.a.aws_iam_role.r`, no instance keys anywhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConfigResource {
    /// Where the block stands.
    pub module: ModulePath,
    /// The block.
    pub resource: Resource,
}

impl fmt::Display for ConfigResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        self.resource.fmt(f)
    }
}

/// A resource in a module instance, before its own keys: `module.a[0].aws_iam_role.r`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AbsResource {
    /// The module instance.
    pub module: ModuleInstance,
    /// The block.
    pub resource: Resource,
}

impl AbsResource {
    /// One instance of it.
    pub fn instance(&self, key: Option<InstanceKey>) -> ResourceInstance {
        ResourceInstance { module: self.module.clone(), resource: self.resource.clone(), key }
    }

    /// The block it comes from.
    pub fn config(&self) -> ConfigResource {
        ConfigResource { module: self.module.path(), resource: self.resource.clone() }
    }
}

impl fmt::Display for AbsResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        self.resource.fmt(f)
    }
}

/// One object of the configuration: `module.a["x"].aws_iam_role.r[0]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceInstance {
    /// The module instance.
    pub module: ModuleInstance,
    /// The block.
    pub resource: Resource,
    /// Its own key, if `count` or `for_each` is set.
    pub key: Option<InstanceKey>,
}

impl ResourceInstance {
    /// The resource it is an instance of.
    pub fn abs_resource(&self) -> AbsResource {
        AbsResource { module: self.module.clone(), resource: self.resource.clone() }
    }

    /// The block it comes from.
    pub fn config(&self) -> ConfigResource {
        ConfigResource { module: self.module.path(), resource: self.resource.clone() }
    }
}

impl fmt::Display for ResourceInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        self.resource.fmt(f)?;
        if let Some(key) = &self.key {
            write!(f, "{key}")?;
        }
        Ok(())
    }
}

/// What `-target`, `-exclude`, `state mv` and friends accept: a module (with or without keys) or a resource (with or without key).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// `module.a`, `module.a["x"]`: everything inside. A step without key covers all instances.
    Module(ModuleInstance),
    /// `aws_iam_role.r` covers all its instances.
    Resource(AbsResource),
    /// `aws_iam_role.r[0]`
    Instance(ResourceInstance),
}

impl Target {
    /// Whether an instance is covered.
    pub fn covers(&self, instance: &ResourceInstance) -> bool {
        let within = |module: &ModuleInstance, prefix: bool| {
            (if prefix { module.0.len() <= instance.module.0.len() } else { module.0.len() == instance.module.0.len() })
                && module
                    .0
                    .iter()
                    .zip(&instance.module.0)
                    .all(|((a, ka), (b, kb))| a == b && (ka.is_none() || ka == kb))
        };
        match self {
            Target::Module(module) => within(module, true),
            Target::Resource(r) => within(&r.module, false) && r.resource == instance.resource,
            Target::Instance(i) => within(&i.module, false) && i.resource == instance.resource && i.key == instance.key,
        }
    }

    /// Whether a whole block may hold covered instances.
    pub fn touches(&self, config: &ConfigResource) -> bool {
        let path = |module: &ModuleInstance, prefix: bool| {
            (if prefix { module.0.len() <= config.module.0.len() } else { module.0.len() == config.module.0.len() })
                && module.0.iter().zip(&config.module.0).all(|((a, _), b)| a == b)
        };
        match self {
            Target::Module(module) => path(module, true),
            Target::Resource(r) => path(&r.module, false) && r.resource == config.resource,
            Target::Instance(i) => path(&i.module, false) && i.resource == config.resource,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Module(m) => m.fmt(f),
            Target::Resource(r) => r.fmt(f),
            Target::Instance(i) => i.fmt(f),
        }
    }
}

/// Why a text is no address; one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct AddressError(pub String);

impl FromStr for Target {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let mut steps = steps(text)?.into_iter().peekable();
        let mut module = ModuleInstance::root();
        while steps.peek().is_some_and(|(name, _)| name == "module") {
            steps.next();
            let (name, key) =
                steps.next().ok_or_else(|| AddressError("\"module.\" must be followed by a module name.".into()))?;
            module = module.child(&name, key);
        }
        let Some((first, first_key)) = steps.next() else {
            return if module.is_root() {
                Err(AddressError("An address cannot be empty.".into()))
            } else {
                Ok(Target::Module(module))
            };
        };
        let (mode, type_name) = match first.as_str() {
            "data" | "ephemeral" if first_key.is_none() => {
                let mode = if first == "data" { Mode::Data } else { Mode::Ephemeral };
                let (name, _) = steps
                    .next()
                    .ok_or_else(|| AddressError(format!("\"{first}.\" must be followed by a resource type.")))?;
                (mode, name)
            }
            _ => (Mode::Managed, first),
        };
        let (name, key) = steps.next().ok_or_else(|| {
            AddressError(format!("Resource type \"{type_name}\" must be followed by a resource name."))
        })?;
        if let Some((extra, _)) = steps.next() {
            return Err(AddressError(format!("Unexpected \"{extra}\" after the resource name.")));
        }
        let resource = AbsResource { module, resource: Resource { mode, type_name, name } };
        Ok(match key {
            Some(key) => Target::Instance(resource.instance(Some(key))),
            None => Target::Resource(resource),
        })
    }
}

impl FromStr for ResourceInstance {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        match text.parse()? {
            Target::Instance(i) => Ok(i),
            Target::Resource(r) => Ok(r.instance(None)),
            Target::Module(_) => {
                Err(AddressError(format!("\"{text}\" is a module; a resource address is needed here.")))
            }
        }
    }
}

impl FromStr for ModuleInstance {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        if text.is_empty() {
            return Ok(ModuleInstance::root());
        }
        match text.parse()? {
            Target::Module(m) => Ok(m),
            _ => Err(AddressError(format!("\"{text}\" is not a module address."))),
        }
    }
}

type Step = (String, Option<InstanceKey>);

/// Splits `a.b["c"].d[0]` into names with their keys.
fn steps(text: &str) -> Result<Vec<Step>, AddressError> {
    let mut out = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, tail) = rest.split_at(end);
        let valid = name.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
        if !valid {
            return Err(AddressError(format!("\"{name}\" in \"{text}\" is not a valid name.")));
        }
        rest = tail;
        let mut key = None;
        if let Some(inner) = rest.strip_prefix('[') {
            let (found, tail) = instance_key(inner).ok_or_else(|| {
                AddressError(format!(
                    "The key after \"{name}\" must be a number or a quoted string, such as [0] or [\"a\"]."
                ))
            })?;
            key = Some(found);
            rest = tail;
        }
        out.push((name.to_owned(), key));
        match rest.strip_prefix('.') {
            Some(tail) => rest = tail,
            None if rest.is_empty() => return Ok(out),
            None => return Err(AddressError(format!("Unexpected \"{rest}\" in \"{text}\"."))),
        }
    }
}

/// Parses the inside of `[…]` up to and including the bracket; returns the rest.
fn instance_key(text: &str) -> Option<(InstanceKey, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (number, rest) = text.split_once(']')?;
        return Some((InstanceKey::Int(number.parse().ok()?), rest));
    };
    let mut key = String::new();
    let mut chars = quoted.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        match c {
            '"' => return Some((InstanceKey::Str(key), quoted.get(i + 1..)?.strip_prefix(']')?)),
            '\\' => match chars.next()?.1 {
                'n' => key.push('\n'),
                'r' => key.push('\r'),
                't' => key.push('\t'),
                'u' => {
                    let code: String = chars.by_ref().take(4).map(|(_, c)| c).collect();
                    key.push(char::from_u32(u32::from_str_radix(&code, 16).ok()?)?);
                }
                other => key.push(other),
            },
            '$' | '%' if quoted.get(i + 1..).is_some_and(|r| r.starts_with(&format!("{c}{{"))) => {
                key.push(c);
                chars.next();
            }
            c => key.push(c),
        }
    }
    None
}

/// Where a provider comes from: `registry.terraform.io/hashicorp/aws`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderSource {
    /// Registry host name, or `terraform.io` for builtins.
    pub host: String,
    /// Such as `hashicorp`, or `builtin`.
    pub namespace: String,
    /// Such as `aws`.
    pub name: String,
}

impl ProviderSource {
    /// The registry assumed when a source names none.
    pub const DEFAULT_HOST: &'static str = "registry.terraform.io";

    /// `hashicorp/NAME` on the default registry: what a local name means when nothing else is declared.
    pub fn hashicorp(name: impl Into<String>) -> Self {
        ProviderSource { host: Self::DEFAULT_HOST.into(), namespace: "hashicorp".into(), name: name.into() }
    }

    /// The provider built into the program: `terraform.io/builtin/terraform`.
    pub fn builtin() -> Self {
        ProviderSource { host: "terraform.io".into(), namespace: "builtin".into(), name: "terraform".into() }
    }

    /// Whether this is a builtin.
    pub fn is_builtin(&self) -> bool {
        self.host == "terraform.io" && self.namespace == "builtin"
    }
}

impl fmt::Display for ProviderSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.host, self.namespace, self.name)
    }
}

impl FromStr for ProviderSource {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let parts: Vec<&str> = text.split('/').collect();
        let (host, namespace, name) = match parts.as_slice() {
            [name] => (Self::DEFAULT_HOST, "hashicorp", *name),
            [namespace, name] => (Self::DEFAULT_HOST, *namespace, *name),
            [host, namespace, name] => (*host, *namespace, *name),
            _ => {
                return Err(AddressError(format!(
                    "\"{text}\" is not a provider source address: write [HOST/]NAMESPACE/NAME."
                )));
            }
        };
        let part_ok =
            |p: &str| !p.is_empty() && p.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':'));
        if [host, namespace, name].into_iter().all(part_ok) {
            Ok(ProviderSource { host: host.into(), namespace: namespace.into(), name: name.to_lowercase() })
        } else {
            Err(AddressError(format!("\"{text}\" is not a provider source address: write [HOST/]NAMESPACE/NAME.")))
        }
    }
}

/// A provider configuration: `module.m.provider["registry.terraform.io/hashicorp/aws"].alias`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderConfig {
    /// Module the block stands in.
    pub module: ModulePath,
    /// Which provider.
    pub source: ProviderSource,
    /// Its alias, if any.
    pub alias: Option<String>,
}

impl fmt::Display for ProviderConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        write!(f, "provider[\"{}\"]", self.source)?;
        if let Some(alias) = &self.alias {
            write!(f, ".{alias}")?;
        }
        Ok(())
    }
}

impl FromStr for ProviderConfig {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let bad = || AddressError(format!("\"{text}\" is not a provider configuration address."));
        let at = text.find("provider[\"").ok_or_else(bad)?;
        let (module, rest) = text.split_at(at);
        let module: ModuleInstance = module.trim_end_matches('.').parse()?;
        let rest = rest.strip_prefix("provider[\"").ok_or_else(bad)?;
        let (source, tail) = rest.split_once("\"]").ok_or_else(bad)?;
        let alias = match tail {
            "" => None,
            tail => Some(tail.strip_prefix('.').ok_or_else(bad)?.to_owned()),
        };
        Ok(ProviderConfig { module: module.path(), source: source.parse()?, alias })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn addresses_print_as_they_parse() {
        for text in [
            "aws_iam_role.r",
            "aws_iam_role.r[0]",
            "data.aws_region.here",
            "module.a",
            "module.a[\"x.y[0]\"].module.b[3].aws_iam_role.r[\"q\\\"$${z}\"]",
        ] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn bad_addresses_are_refused_with_a_sentence() {
        for text in ["", "aws_iam_role", "module", "aws_iam_role.r[x]", "a.b.c", "aws_iam_role.r[\"x]", "9a.b", "a..b"]
        {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }

    #[test]
    fn provider_configuration_addresses_round_trip() {
        for text in [
            "provider[\"registry.terraform.io/hashicorp/aws\"]",
            "provider[\"registry.terraform.io/hashicorp/aws\"].east",
            "module.m.provider[\"terraform.io/builtin/terraform\"]",
        ] {
            assert_eq!(text.parse::<ProviderConfig>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_module_target_covers_all_instances_below() {
        let target: Target = "module.a".parse().unwrap();
        assert!(target.covers(&"module.a[\"x\"].module.b.aws_iam_role.r".parse().unwrap()));
        assert!(!target.covers(&"module.b.aws_iam_role.r".parse().unwrap()));
    }
}
