//! The configuration as a tree of modules. Expressions are kept as syntax; evaluating them is the engine's work.

use crate::address::{ModulePath, ProviderSource, Resource};
use crate::diagnostics::{Sources, Span};
use crate::lang::syntax::ast::{Body, Expr, Ident, Traversal};
use crate::lang::value::Type;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A whole configuration: the root module and, by call name, its children.
#[derive(Debug, Clone)]
pub struct Config {
    /// The root module.
    pub root: Module,
    /// All texts read.
    pub sources: Sources,
}

impl Config {
    /// The module at a path.
    pub fn module(&self, path: &ModulePath) -> Option<&Module> {
        path.0.iter().try_fold(&self.root, |module, name| module.children.get(name))
    }
}

/// One module.
#[derive(Debug, Clone, Default)]
pub struct Module {
    /// Where it stands.
    pub path: ModulePath,
    /// Its folder, as `path.module` gives it: `.` for the root, relative to the working directory for others.
    pub dir: PathBuf,
    /// `variable` blocks by name.
    pub variables: BTreeMap<String, Variable>,
    /// Entries of `locals` blocks by name.
    pub locals: BTreeMap<String, Local>,
    /// `output` blocks by name.
    pub outputs: BTreeMap<String, Output>,
    /// `resource` and `data` blocks.
    pub resources: BTreeMap<Resource, ResourceBlock>,
    /// `module` blocks by name.
    pub calls: BTreeMap<String, ModuleCall>,
    /// Modules called, loaded, by call name.
    pub children: BTreeMap<String, Module>,
    /// `provider` blocks by local name and alias.
    pub providers: BTreeMap<(String, Option<String>), ProviderBlock>,
    /// `required_providers` by local name.
    pub required_providers: BTreeMap<String, RequiredProvider>,
    /// `required_version` constraints with their places.
    pub required_versions: Vec<(String, Span)>,
    /// `backend` block (root module only counts).
    pub backend: Option<Backend>,
    /// `moved` blocks.
    pub moved: Vec<Moved>,
    /// `removed` blocks.
    pub removed: Vec<Removed>,
    /// `import` blocks (root module only).
    pub imports: Vec<Import>,
    /// `check` blocks by name.
    pub checks: BTreeMap<String, Check>,
}

impl Module {
    /// The provider a local name stands for in this module.
    pub fn provider_source(&self, local_name: &str) -> ProviderSource {
        match self.required_providers.get(local_name) {
            Some(required) => required.source.clone(),
            None if local_name == "terraform" => ProviderSource::builtin(),
            None => ProviderSource::hashicorp(local_name),
        }
    }
}

/// A `variable` block.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Its name.
    pub name: Ident,
    /// Type constraint; `Dynamic` when none or `any`.
    pub ty: Type,
    /// How a value given as text (command line, environment, prompt) is read.
    pub parsing: Parsing,
    /// Defaults of optional attributes inside the type.
    pub defaults: Option<crate::lang::value::Defaults>,
    /// Default value, already converted to the type; `None` when the variable is required.
    pub default: Option<crate::lang::value::Value>,
    /// For people.
    pub description: Option<String>,
    /// Never printed.
    pub sensitive: bool,
    /// Never stored.
    pub ephemeral: bool,
    /// Whether null is a value (else null means the default).
    pub nullable: bool,
    /// `validation` blocks.
    pub validations: Vec<Condition>,
    /// The block's header.
    pub span: Span,
}

/// How the text of a variable's value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Parsing {
    /// As a string, which then converts to the type: variables without type or of a primitive one.
    #[default]
    Literal,
    /// As an expression of the language.
    Expression,
}

impl Variable {
    /// Whether a value must be given.
    pub fn is_required(&self) -> bool {
        self.default.is_none()
    }
}

/// A condition with its message: of variables, resources, outputs and checks.
#[derive(Debug, Clone)]
pub struct Condition {
    /// Must be true.
    pub condition: Expr,
    /// Shown when it is not.
    pub error_message: Expr,
    /// The block's header.
    pub span: Span,
}

/// An entry of a `locals` block.
#[derive(Debug, Clone)]
pub struct Local {
    /// Its name.
    pub name: Ident,
    /// Its value.
    pub expr: Expr,
}

/// An `output` block.
#[derive(Debug, Clone)]
pub struct Output {
    /// Its name.
    pub name: Ident,
    /// Its value.
    pub value: Expr,
    /// For people.
    pub description: Option<String>,
    /// Never printed.
    pub sensitive: bool,
    /// Never stored.
    pub ephemeral: bool,
    /// Explicit dependencies.
    pub depends_on: Vec<Traversal>,
    /// `precondition` blocks.
    pub preconditions: Vec<Condition>,
    /// The block's header.
    pub span: Span,
}

/// How many instances a block has.
#[derive(Debug, Clone, Default)]
pub enum Repetition {
    /// One, without key.
    #[default]
    Single,
    /// `count`
    Count(Expr),
    /// `for_each`
    ForEach(Expr),
}

impl Repetition {
    /// The expression, if any.
    pub fn expr(&self) -> Option<&Expr> {
        match self {
            Repetition::Single => None,
            Repetition::Count(e) | Repetition::ForEach(e) => Some(e),
        }
    }
}

/// A reference to a provider configuration: `aws` or `aws.east`.
#[derive(Debug, Clone, PartialEq)]
pub struct ProviderRef {
    /// Local name.
    pub local_name: String,
    /// Alias.
    pub alias: Option<String>,
    /// Where.
    pub span: Span,
}

/// A `resource` or `data` block.
#[derive(Debug, Clone)]
pub struct ResourceBlock {
    /// Mode, type and name.
    pub address: Resource,
    /// What is left for the provider's schema: meta-arguments and `lifecycle`, `connection`, `provisioner` blocks are taken out.
    pub body: Body,
    /// `count` or `for_each`.
    pub repetition: Repetition,
    /// Explicit dependencies.
    pub depends_on: Vec<Traversal>,
    /// `provider`, if set; else the default configuration of the provider the type's prefix names.
    pub provider: Option<ProviderRef>,
    /// `lifecycle`
    pub lifecycle: Lifecycle,
    /// `provisioner` blocks, in order, with an optional resource-level `connection`.
    pub provisioners: Vec<Provisioner>,
    /// Resource-level `connection` block.
    pub connection: Option<Body>,
    /// The block's header.
    pub span: Span,
    /// Place of the type label.
    pub type_span: Span,
}

impl ResourceBlock {
    /// Local name of the provider: from `provider`, or the type's prefix.
    pub fn provider_local_name(&self) -> &str {
        match &self.provider {
            Some(p) => &p.local_name,
            None => self.address.type_name.split('_').next().unwrap_or_default(),
        }
    }

    /// That name with the alias that `provider` asks for.
    pub fn provider_names(&self) -> (&str, Option<&str>) {
        (self.provider_local_name(), self.provider.as_ref().and_then(|p| p.alias.as_deref()))
    }
}

/// A `lifecycle` block.
#[derive(Debug, Clone, Default)]
pub struct Lifecycle {
    /// Replacement is created first. `None` when not set.
    pub create_before_destroy: Option<bool>,
    /// Destroying is an error.
    pub prevent_destroy: bool,
    /// Place of `prevent_destroy`.
    pub prevent_destroy_span: Option<Span>,
    /// Attributes whose change is ignored.
    pub ignore_changes: IgnoreChanges,
    /// References whose change forces a replacement.
    pub replace_triggered_by: Vec<Expr>,
    /// `precondition` blocks.
    pub preconditions: Vec<Condition>,
    /// `postcondition` blocks.
    pub postconditions: Vec<Condition>,
}

/// `ignore_changes`
#[derive(Debug, Clone, Default)]
pub enum IgnoreChanges {
    /// Not set.
    #[default]
    None,
    /// `all`
    All,
    /// Relative references: the root identifier is the first attribute.
    Paths(Vec<Traversal>),
}

/// A `provisioner` block.
#[derive(Debug, Clone)]
pub struct Provisioner {
    /// `local-exec`, `remote-exec`, `file`.
    pub kind: Ident,
    /// What is left for the provisioner.
    pub body: Body,
    /// `when = destroy`
    pub on_destroy: bool,
    /// `on_failure = continue`
    pub continue_on_failure: bool,
    /// Its own `connection` block.
    pub connection: Option<Body>,
    /// The block's header.
    pub span: Span,
}

/// A `module` block.
#[derive(Debug, Clone)]
pub struct ModuleCall {
    /// Its name.
    pub name: Ident,
    /// `source`
    pub source: String,
    /// Place of `source`.
    pub source_span: Span,
    /// `version` constraint.
    pub version: Option<String>,
    /// Arguments for the module's variables.
    pub body: Body,
    /// `count` or `for_each`.
    pub repetition: Repetition,
    /// Explicit dependencies.
    pub depends_on: Vec<Traversal>,
    /// `providers`: name in the child, and in the caller.
    pub providers: Vec<(ProviderRef, ProviderRef)>,
    /// The block's header.
    pub span: Span,
}

/// A `provider` block.
#[derive(Debug, Clone)]
pub struct ProviderBlock {
    /// Local name.
    pub local_name: Ident,
    /// `alias`
    pub alias: Option<String>,
    /// What is left for the provider's schema.
    pub body: Body,
    /// The block's header.
    pub span: Span,
}

/// An entry of `required_providers`.
#[derive(Debug, Clone)]
pub struct RequiredProvider {
    /// Which provider.
    pub source: ProviderSource,
    /// Version constraint as written.
    pub version: Option<String>,
    /// `configuration_aliases`
    pub aliases: Vec<ProviderRef>,
    /// Where.
    pub span: Span,
}

/// A `backend` block.
#[derive(Debug, Clone)]
pub struct Backend {
    /// `local`, `s3`, …
    pub kind: Ident,
    /// Its settings.
    pub body: Body,
    /// The block's header.
    pub span: Span,
}

/// A `moved` block.
#[derive(Debug, Clone)]
pub struct Moved {
    /// Old address, relative to the module.
    pub from: Expr,
    /// New address, relative to the module.
    pub to: Expr,
    /// The block's header.
    pub span: Span,
}

/// A `removed` block.
#[derive(Debug, Clone)]
pub struct Removed {
    /// What is removed, relative to the module.
    pub from: Expr,
    /// `lifecycle { destroy }`; true unless set to false.
    pub destroy: bool,
    /// Destroy-time `provisioner` blocks.
    pub provisioners: Vec<Provisioner>,
    /// `connection` block for them.
    pub connection: Option<Body>,
    /// The block's header.
    pub span: Span,
}

/// An `import` block.
#[derive(Debug, Clone)]
pub struct Import {
    /// Where it goes.
    pub to: Expr,
    /// The block that `to` names, whatever the keys.
    pub target: (ModulePath, Resource),
    /// Its import id.
    pub id: Expr,
    /// Several at once.
    pub for_each: Option<Expr>,
    /// `provider`
    pub provider: Option<ProviderRef>,
    /// The block's header.
    pub span: Span,
}

/// A `check` block.
#[derive(Debug, Clone)]
pub struct Check {
    /// Its name.
    pub name: Ident,
    /// Its scoped data block, if any.
    pub data: Option<ResourceBlock>,
    /// `assert` blocks.
    pub asserts: Vec<Condition>,
    /// The block's header.
    pub span: Span,
}
