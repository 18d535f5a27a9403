//! Values by name: what `var.x`, `module.a["k"].out` or `aws_iam_role.r[0].arn` are in one instance of a module.
//!
//! Values are put here as the walk works them out, so a look-up never evaluates anything. A reference to one instance of many takes that
//! instance only; the tuple or object of all is made once, on first need.

use super::references::{Reference, Subject, key_value};
use crate::address::{InstanceKey, ModuleInstance, Resource};
use crate::config::model::Module;
use crate::diagnostics::Diagnostics;
use crate::lang::eval::{NoFunction, Resolved, Scope};
use crate::lang::functions::{CallContext, Function};
use crate::lang::syntax::ast::Traversal;
use crate::lang::value::{Fields, Marks, Type, Value};
use crate::maps::Map;
use crate::provider::schema::Block;
use crate::provider::{Provider, Registry};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// How many instances something has, as far as its value's shape goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// One without key.
    Single,
    /// A tuple.
    Count,
    /// An object.
    ForEach,
    /// Not known: any value.
    Unknown,
}

/// What `each` and `count` are in one instance.
#[derive(Debug, Clone, Default)]
pub(super) struct Repeated {
    /// `count.index`
    pub count_index: Option<Value>,
    /// `each.key` and `each.value`
    pub each: Option<(Value, Value)>,
}

/// One instance of a module with all its values so far.
pub(super) struct ModuleScope<'c> {
    /// Which instance.
    pub address: ModuleInstance,
    /// Its configuration.
    pub config: &'c Module,
    /// `each` and `count` of the call, in the calling module's expressions.
    pub repeated: Repeated,
    /// The calling module; `None` for the root.
    pub parent: Option<Arc<ModuleScope<'c>>>,
    values: RwLock<Values<'c>>,
}

#[derive(Default)]
struct Values<'c> {
    variables: Map<Arc<str>, Value>,
    locals: Map<Arc<str>, Value>,
    outputs: BTreeMap<Arc<str>, Value>,
    resources: Map<Resource, Instances>,
    calls: Map<Arc<str>, Calls<'c>>,
}

struct Instances {
    extent: Extent,
    values: BTreeMap<Option<InstanceKey>, Value>,
    /// Attributes that no value has but that can be asked for, of the instances that have such.
    implied: BTreeMap<Option<InstanceKey>, Fields>,
    whole: Option<Value>,
    /// Instances that `-target` or `-exclude` leaves out and that do not exist: no part of the whole, and unknown by themselves.
    left_out: HashSet<Option<InstanceKey>>,
}

/// An object as expressions see it.
pub(super) struct Referred {
    pub value: Value,
    /// Attributes that are no part of the value but can be asked for by name.
    pub implied: Fields,
}

impl Referred {
    /// Of an object: without extensions that are not set, but with what each amounts to.
    pub(super) fn of(block: &Block, provider: Option<&dyn Provider>, type_name: &str, value: &Value) -> Self {
        let unset = block.extensions.iter().filter(|name| value.get(name).is_some_and(Value::is_null));
        let meant = |name: &Arc<str>| provider.and_then(|p| p.meant(type_name, name, value));
        let implied = unset.map(|name| (name.clone(), meant(name).unwrap_or_else(|| Value::unknown(Type::String))));
        Referred { implied: implied.collect(), value: block.without_unset_extensions(value) }
    }

    /// The object as its own conditions and provisioners see it: one value with all of it.
    pub(super) fn whole(self) -> Value {
        self.implied.into_iter().fold(self.value, |object, (name, meant)| object.with_field(name, meant))
    }
}

impl From<Value> for Referred {
    fn from(value: Value) -> Self {
        Referred { value, implied: Fields::new() }
    }
}

struct Calls<'c> {
    extent: Extent,
    scopes: BTreeMap<Option<InstanceKey>, Arc<ModuleScope<'c>>>,
}

impl<'c> ModuleScope<'c> {
    /// An instance without values yet.
    pub(super) fn new(
        address: ModuleInstance,
        config: &'c Module,
        repeated: Repeated,
        parent: Option<Arc<ModuleScope<'c>>>,
    ) -> Self {
        ModuleScope { address, config, repeated, parent, values: RwLock::default() }
    }

    fn read(&self) -> RwLockReadGuard<'_, Values<'c>> {
        self.values.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Values<'c>> {
        self.values.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_variable(&self, name: &str, value: Value) {
        self.write().variables.insert(name.into(), value);
    }

    pub(super) fn set_local(&self, name: &str, value: Value) {
        self.write().locals.insert(name.into(), value);
    }

    pub(super) fn set_output(&self, name: &str, value: Value) {
        self.write().outputs.insert(name.into(), value);
    }

    /// The value of an output, if it has been worked out.
    pub(super) fn output(&self, name: &str) -> Option<Value> {
        self.read().outputs.get(name).cloned()
    }

    /// The value of a variable, if it has been worked out.
    pub(super) fn variable(&self, name: &str) -> Option<Value> {
        self.read().variables.get(name).cloned()
    }

    /// Says how many instances a resource has; their values follow.
    pub(super) fn set_extent(&self, resource: &Resource, extent: Extent) {
        let fresh = Instances {
            extent,
            values: BTreeMap::new(),
            implied: BTreeMap::new(),
            whole: None,
            left_out: HashSet::new(),
        };
        self.write().resources.insert(resource.clone(), fresh);
    }

    /// Sets the value of one instance; null or unknown values are values too.
    pub(super) fn set_instance(&self, resource: &Resource, key: Option<InstanceKey>, object: impl Into<Referred>) {
        let Referred { value, implied } = object.into();
        if let Some(instances) = self.write().resources.get_mut(resource) {
            instances.whole = None;
            if !implied.is_empty() {
                instances.implied.insert(key.clone(), implied);
            }
            instances.values.insert(key, value);
        }
    }

    /// Says that an instance does not exist and will not be made in this run.
    pub(super) fn leave_out(&self, resource: &Resource, key: Option<InstanceKey>) {
        if let Some(instances) = self.write().resources.get_mut(resource) {
            instances.left_out.insert(key);
        }
    }

    /// An attribute that the value of an instance does not have but that can be asked for, and how many steps after the subject name it.
    fn implied(&self, resource: &Resource, reference: &Reference<'_>) -> Option<(Value, usize)> {
        let name = &reference.first_attribute()?.name;
        let values = self.read();
        let instances = values.resources.get(resource)?;
        let keyed = matches!(instances.extent, Extent::Count | Extent::ForEach);
        if keyed != reference.key.is_some() {
            return None;
        }
        let value = instances.implied.get(&reference.key)?.get(name)?.clone();
        Some((value, 1 + usize::from(keyed)))
    }

    pub(super) fn set_calls(
        &self,
        name: &str,
        extent: Extent,
        scopes: BTreeMap<Option<InstanceKey>, Arc<ModuleScope<'c>>>,
    ) {
        self.write().calls.insert(name.into(), Calls { extent, scopes });
    }

    fn resource_value(&self, resource: &Resource, key: Option<&InstanceKey>) -> (Value, bool) {
        {
            let values = self.read();
            let Some(instances) = values.resources.get(resource) else { return (Value::unknown(Type::Dynamic), false) };
            match (instances.extent, key) {
                (Extent::Unknown, _) => return (Value::unknown(Type::Dynamic), false),
                (Extent::Single, _) => {
                    let value = instances.values.get(&None).cloned();
                    return (value.unwrap_or_else(|| Value::unknown(Type::Dynamic)), false);
                }
                (_, Some(key)) => {
                    if let Some(value) = instances.values.get(&Some(key.clone())) {
                        return (value.clone(), true);
                    }
                    if instances.left_out.contains(&Some(key.clone())) {
                        return (Value::unknown(Type::Dynamic), true);
                    }
                }
                (_, None) => {}
            }
            if let Some(whole) = &instances.whole {
                return (whole.clone(), false);
            }
        }
        let mut values = self.write();
        let Some(instances) = values.resources.get_mut(resource) else { return (Value::unknown(Type::Dynamic), false) };
        let whole = together(instances.extent, &instances.values);
        instances.whole = Some(whole.clone());
        (whole, false)
    }

    fn outputs_object(&self) -> Value {
        let values = self.read();
        let known = |name: &String| {
            let value = values.outputs.get(name.as_str()).cloned();
            (Arc::from(name.as_str()), value.unwrap_or_else(|| Value::unknown(Type::Dynamic)))
        };
        Value::object(self.config.outputs.keys().map(known).collect())
    }

    /// The value of a call and how many steps after key and subject it takes.
    fn call_value(&self, name: &str, reference: &Reference<'_>) -> (Value, usize) {
        let values = self.read();
        let Some(calls) = values.calls.get(name) else { return (Value::unknown(Type::Dynamic), 0) };
        let (scope, key_steps) = match (calls.extent, &reference.key) {
            (Extent::Unknown, _) => return (Value::unknown(Type::Dynamic), 0),
            (Extent::Single, _) => (calls.scopes.get(&None), 0),
            (_, Some(key)) => (calls.scopes.get(&Some(key.clone())), 1),
            (_, None) => (None, 0),
        };
        if let Some(scope) = scope {
            if let Some(output) = reference.first_attribute()
                && let Some(value) = scope.output(&output.name)
            {
                return (value, key_steps + 1);
            }
            return (scope.outputs_object(), key_steps);
        }
        let all = calls.scopes.iter().map(|(key, scope)| (key.clone(), scope.outputs_object())).collect();
        (together(calls.extent, &all), 0)
    }
}

/// The value of all instances: a tuple or an object.
fn together(extent: Extent, values: &BTreeMap<Option<InstanceKey>, Value>) -> Value {
    match extent {
        Extent::Count => {
            let mut items: Vec<Value> = Vec::with_capacity(values.len());
            for (key, value) in values {
                // Before an instance that exists may be some that are left out.
                while let Some(InstanceKey::Int(at)) = key
                    && (items.len() as u64) < *at
                {
                    items.push(Value::unknown(Type::Dynamic));
                }
                items.push(value.clone());
            }
            Value::tuple(items)
        }
        Extent::ForEach => {
            let fields: Fields = values
                .iter()
                .filter_map(|(key, value)| match key {
                    Some(InstanceKey::Str(name)) => Some((Arc::from(name.as_str()), value.clone())),
                    _ => None,
                })
                .collect();
            Value::object(fields)
        }
        Extent::Single => values.get(&None).cloned().unwrap_or_else(|| Value::unknown(Type::Dynamic)),
        Extent::Unknown => Value::unknown(Type::Dynamic),
    }
}

/// What is the same everywhere in a run.
pub(super) struct Globals {
    pub workspace: String,
    pub cwd: String,
    pub root: String,
    /// Whether a plan is being applied: `terraform.applying`.
    pub applying: bool,
    /// How functions are called.
    pub calls: CallContext<'static>,
    /// Where providers' own functions are found.
    pub registry: Registry,
}

/// A [`Scope`]: one module instance, possibly inside one instance of a block.
pub(super) struct Evaluation<'r, 'c> {
    pub globals: &'r Globals,
    pub module: &'r ModuleScope<'c>,
    pub repeated: Option<&'r Repeated>,
    pub self_value: Option<&'r Value>,
    /// A data object only known here: that of a `check` block.
    pub scoped: Option<(&'r Resource, &'r Value)>,
}

impl<'r, 'c> Evaluation<'r, 'c> {
    /// Outside any repeated block.
    pub(super) fn plain(globals: &'r Globals, module: &'r ModuleScope<'c>) -> Self {
        Evaluation { globals, module, repeated: None, self_value: None, scoped: None }
    }

    /// Inside an instance.
    pub(super) fn repeated(globals: &'r Globals, module: &'r ModuleScope<'c>, repeated: &'r Repeated) -> Self {
        Evaluation { repeated: Some(repeated), ..Self::plain(globals, module) }
    }

    fn find(&self, reference: &Reference<'_>) -> (Value, usize) {
        let any = || Value::unknown(Type::Dynamic);
        let values = || self.module.read();
        match &reference.subject {
            Subject::Variable(name) => (values().variables.get(name).cloned().unwrap_or_else(any), 1),
            Subject::Local(name) => (values().locals.get(name).cloned().unwrap_or_else(any), 1),
            Subject::Resource(resource) => {
                if let Some((scoped, value)) = self.scoped
                    && scoped == resource
                {
                    return (value.clone(), reference.subject_steps);
                }
                if let Some((value, steps)) = self.module.implied(resource, reference) {
                    return (value, reference.subject_steps + steps);
                }
                let (value, took_key) = self.module.resource_value(resource, reference.key.as_ref());
                (value, reference.subject_steps + usize::from(took_key))
            }
            Subject::Call(name) => {
                let (value, steps) = self.module.call_value(name, reference);
                (value, 1 + steps)
            }
            Subject::Each(name) => {
                let each = self.repeated.and_then(|r| r.each.as_ref());
                let value = each.map(|(key, value)| if &**name == "key" { key.clone() } else { value.clone() });
                (value.unwrap_or_else(any), 1)
            }
            Subject::Count(_) => {
                (self.repeated.and_then(|r| r.count_index.clone()).unwrap_or_else(|| Value::unknown(Type::Number)), 1)
            }
            Subject::Path(name) => {
                let text = match &**name {
                    "module" => path_text(&self.module.config.dir),
                    "root" => self.globals.root.clone(),
                    _ => self.globals.cwd.clone(),
                };
                (Value::string(text), 1)
            }
            Subject::Terraform(name) if &**name == "applying" => {
                (Value::bool(self.globals.applying).with_marks(Marks::EPHEMERAL), 1)
            }
            Subject::Terraform(_) => (Value::string(self.globals.workspace.as_str()), 1),
            Subject::SelfObject => (self.self_value.cloned().unwrap_or_else(any), 0),
        }
    }
}

impl Scope for Evaluation<'_, '_> {
    fn resolve(&self, traversal: &Traversal) -> Result<Resolved, Diagnostics> {
        let reference = Reference::parse(traversal)?;
        let (value, consumed) = self.find(&reference);
        Ok(Resolved { value, consumed })
    }

    fn call_context(&self) -> Option<&CallContext<'_>> {
        Some(&self.globals.calls)
    }

    /// Only providers that the module itself requires by name count, as in Terraform.
    fn provider_function(&self, provider: &str, function: &str) -> Result<&'static Function, NoFunction> {
        let required = self.module.config.required_providers.get(provider).ok_or(NoFunction::Provider)?;
        let factory = self.globals.registry.get(&required.source).ok_or(NoFunction::Provider)?;
        let functions = factory.functions();
        functions
            .iter()
            .find(|f| f.name == function)
            .ok_or_else(|| NoFunction::Function(functions.iter().map(|f| f.name).collect()))
    }
}

/// A path with forward slashes, `.` when empty.
pub(super) fn path_text(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    if text.is_empty() { ".".to_owned() } else { text }
}

/// `each` and `count` for one key of a known repetition.
pub(super) fn repeated_for(key: &Option<InstanceKey>, each_value: Option<Value>) -> Repeated {
    match (key, each_value) {
        (Some(key @ InstanceKey::Int(_)), None) => Repeated { count_index: Some(key_value(key)), each: None },
        (Some(key), Some(value)) => Repeated { count_index: None, each: Some((key_value(key), value)) },
        _ => Repeated::default(),
    }
}
