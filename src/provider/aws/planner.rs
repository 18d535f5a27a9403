//! Predicts what comes of a change, from schema and rules alone, the way the original provider's SDK does; then the type's
//! [`super::resource::ResourceType::predict`] says what it knows better.
//!
//! What follows the SDK: an unset attribute takes its default; one that the provider may compute keeps what it was; the zero of a
//! type counts as unset where the prior object has nothing else; texts that mean the same (policies, JSON) keep the prior
//! one; elements of sets are matched by content. Computed attributes of a new object are unknown unless predicted.

use super::attrs::Absent;
use super::checks::Checks;
use super::equivalence;
use super::object::{Obj, is_zero};
use super::resource::ResourceType;
use super::schema::{Normalize, Rule, Rules};
use super::tags::Tags;
use crate::lang::value::{Fields, Kind, Path, PathStep, Type, Value};
use crate::provider::schema::{Attribute, Block, NestedBlock, Nesting};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A plan in the making, for a type to amend.
pub struct Change<'a> {
    /// The object as it is; null for a create.
    pub prior: Obj<'a>,
    /// The configuration; unset attributes null.
    pub config: Obj<'a>,
    planned: Value,
    replace: Vec<Path>,
    block: &'a Block,
    /// Whether unset and empty are one: so in types of the older SDK.
    lenient: bool,
    /// Errors and warnings.
    pub checks: Checks,
}

impl<'a> Change<'a> {
    /// Plans by schema and rules.
    pub fn new(ty: &dyn ResourceType, block: &'a Block, rules: &Rules, prior: &'a Value, config: &'a Value) -> Self {
        let mut planner = Planner { ty, config, replace: Vec::new(), path: Path::root() };
        let planned = planner.block(block, rules, prior, config, false);
        let (replace, lenient) = (planner.replace, ty.absent() == Absent::Zero);
        Change {
            prior: Obj::new(prior),
            config: Obj::new(config),
            planned,
            replace,
            block,
            lenient,
            checks: Checks::new(),
        }
    }

    /// The object as planned so far.
    pub fn planned(&self) -> Obj<'_> {
        Obj::new(&self.planned)
    }

    /// Whether there is no object yet.
    pub fn is_create(&self) -> bool {
        self.prior.is_null()
    }

    /// Whether the planned value of an attribute differs from the prior one (always true for a create of a set attribute).
    pub fn changed(&self, name: &str) -> bool {
        self.planned().differs(&self.prior, name)
    }

    /// Whether any of these changes.
    pub fn changed_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.changed(name))
    }

    /// Whether anything at all changes.
    pub fn changed_at_all(&self) -> bool {
        self.prior.as_value() != &self.planned
    }

    /// Plans a value. Null and the zero of its type are the same: where the prior object has one, it keeps it.
    pub fn set(&mut self, name: &str, value: Value) {
        let same = |before: &Value| is_zero(before) && is_zero(&value);
        let value = self.prior.value(name).filter(|before| same(before)).cloned().unwrap_or(value);
        self.planned.set_field(name, value);
    }

    /// Plans a text.
    pub fn set_str(&mut self, name: &str, text: impl AsRef<str>) {
        self.set(name, Value::string_normalized(text.as_ref()));
    }

    /// Plans a text if there is one; leaves the attribute as it is otherwise.
    pub fn set_some(&mut self, name: &str, text: Option<impl AsRef<str>>) {
        if let Some(text) = text {
            self.set_str(name, text);
        }
    }

    /// The value will be known after apply.
    pub fn unknown(&mut self, name: &str) {
        if let Some(ty) = self.type_of(name) {
            self.set(name, Value::unknown(ty));
        }
    }

    /// Keeps what the prior object has.
    pub fn keep(&mut self, name: &str) {
        if let Some(value) = self.prior.value(name) {
            let value = value.clone();
            self.set(name, value);
        }
    }

    /// A change of this attribute needs a new object.
    pub fn force_new(&mut self, name: &str) {
        if !self.is_create() {
            self.replace.push(Path::attrs([name]));
        }
    }

    /// Predicts `name` and `name_prefix` of a new object: a given name has no prefix; a generated one is known only after apply.
    pub fn name_or_prefix(&mut self) {
        if self.is_create() && self.config.opt("name").is_some() {
            self.set_str("name_prefix", "");
        }
    }

    /// Plans `tags_all`: the default tags with the object's own over them.
    pub fn plan_tags(&mut self, default: &Tags) {
        if self.type_of("tags_all").is_none() {
            return;
        }
        let none = Value::null(Type::map(Type::String));
        let own = self.planned().value("tags").cloned().unwrap_or(none);
        if !own.is_known() {
            self.unknown("tags_all");
            return;
        }
        let mut all: Fields =
            default.iter().map(|(k, v)| (Arc::from(k.as_str()), Value::string_normalized(v))).collect();
        if let Some(fields) = own.fields() {
            all.extend(fields.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.clone(), v.clone())));
        }
        self.set("tags_all", Value::map(Type::String, all));
    }

    fn type_of(&self, name: &str) -> Option<Type> {
        let attribute = self.block.attributes.get(name).map(|a| a.ty.clone());
        attribute.or_else(|| self.block.blocks.get(name).map(NestedBlock::implied_type))
    }

    /// The planned object, the paths that need a new one, and what was found wrong.
    ///
    /// Where nothing differs but unset against empty, the object stays as it was: the SDK computes differences over texts in
    /// which the two are the same. So it does where only `timeouts` differs: they are no part of the object.
    pub fn finish(mut self) -> (Value, Vec<Path>, Checks) {
        let prior = self.prior.as_value();
        if self.lenient && !prior.is_null() {
            let planned = match prior.get("timeouts") {
                Some(timeouts) => self.planned.with_field("timeouts", timeouts.clone()),
                None => self.planned.clone(),
            };
            if same_but_empty(prior, &planned) {
                self.planned = prior.clone();
            }
        }
        let mut replace: Vec<Path> = Vec::new();
        let reasons = if self.prior.is_null() { Vec::new() } else { self.replace };
        for path in reasons {
            if path.find(&self.planned) != path.find(self.prior.as_value()) && !replace.contains(&path) {
                replace.push(path);
            }
        }
        (self.planned, replace, self.checks)
    }
}

/// Whether two values are equal when null, the empty text and empty collections count as one.
fn same_but_empty(a: &Value, b: &Value) -> bool {
    let nothing = |v: &Value| {
        v.is_null()
            || v.as_str().is_some_and(str::is_empty)
            || v.elements().is_some_and(<[Value]>::is_empty)
            || (matches!(v.kind(), Kind::Map(..)) && v.fields().is_some_and(|f| f.is_empty()))
    };
    if a == b || (nothing(a) && nothing(b)) {
        return true;
    }
    match (a.fields(), b.fields(), a.elements(), b.elements()) {
        (Some(x), Some(y), ..) => {
            x.len() == y.len() && x.iter().zip(y).all(|((j, v), (k, w))| j == k && same_but_empty(v, w))
        }
        (.., Some(x), Some(y)) => x.len() == y.len() && x.iter().zip(y).all(|(v, w)| same_but_empty(v, w)),
        _ => false,
    }
}

struct Planner<'a> {
    ty: &'a dyn ResourceType,
    config: &'a Value,
    replace: Vec<Path>,
    path: Path,
}

impl Planner<'_> {
    fn zeros(&self) -> bool {
        self.ty.absent() == Absent::Zero
    }

    fn name(&self) -> String {
        let names = self.path.0.iter().filter_map(|s| if let PathStep::Attr(n) = s { Some(n.as_ref()) } else { None });
        names.collect::<Vec<_>>().join(".")
    }

    fn block(&mut self, block: &Block, rules: &Rules, prior: &Value, config: &Value, in_set: bool) -> Value {
        // As a list first: a tree made of one that is nearly in order is half as large as one that grew.
        let mut out = Vec::with_capacity(block.attributes.len() + block.blocks.len());
        for (name, attribute) in &block.attributes {
            let set = config.get(name).cloned().unwrap_or_else(|| Value::null(attribute.ty.clone()));
            self.path.0.push(PathStep::Attr(name.clone()));
            let extension = block.extensions.contains(name);
            let rule = rules.attribute(name);
            let planned = self.attribute(attribute, extension, rule, prior.get(name), &set, in_set);
            if rule.is_some_and(|r| r.force_new) && !in_set {
                self.note_replace(prior.get(name), &planned);
            }
            self.path.0.pop();
            out.push((name.clone(), planned));
        }
        let no_rules = Rules::default();
        for (name, nested) in &block.blocks {
            let empty = nested.empty_value();
            let set = config.get(name).unwrap_or(&empty);
            let rule = rules.block(name);
            let inner = rule.map_or(&no_rules, |r| &r.inner);
            let computed = rule.is_some_and(|r| r.computed);
            self.path.0.push(PathStep::Attr(name.clone()));
            let planned = self.nested(nested, inner, prior.get(name), set, computed, in_set);
            if rule.is_some_and(|r| r.force_new) && !in_set {
                self.note_replace(prior.get(name), &planned);
            }
            self.path.0.pop();
            out.push((name.clone(), planned));
        }
        Value::object(out.into_iter().collect())
    }

    /// Notes that the attribute at the current path needs a new object when it changes.
    fn note_replace(&mut self, prior: Option<&Value>, planned: &Value) {
        let same = match prior {
            Some(prior) => prior == planned || (is_zero(prior) && is_zero(planned)),
            None => is_zero(planned),
        };
        if !same {
            self.replace.push(self.path.clone());
        }
    }

    fn attribute(
        &self,
        a: &Attribute,
        extension: bool,
        rule: Option<&Rule>,
        prior: Option<&Value>,
        set: &Value,
        in_set: bool,
    ) -> Value {
        let unknown = || Value::unknown(a.ty.clone());
        if a.write_only {
            return Value::null(a.ty.clone());
        }
        // One that is computed too stays as it was while nothing is said.
        if extension && a.computed {
            return if set.is_null() { prior.unwrap_or(set).clone() } else { set.clone() };
        }
        if !a.optional && !a.required {
            return prior.cloned().unwrap_or_else(unknown);
        }
        if !set.is_known() {
            return set.clone();
        }
        let defaulted = match rule.and_then(|r| r.default.clone()) {
            Some(default) if set.is_null() => default,
            _ => set.clone(),
        };
        let set = normalized(rule, defaulted);
        if a.computed {
            let unset = set.is_null() || (self.zeros() && set.as_str() == Some(""));
            let empty = self.zeros() && is_empty_collection(&set);
            match prior {
                None if unset || empty => return unknown(),
                Some(prior) if unset => return prior.clone(),
                _ => {}
            }
        }
        if set.is_null() {
            return match prior {
                Some(prior) if self.zeros() && is_zero(prior) => prior.clone(),
                // What AWS chose where nothing is asked for may stay: the type knows.
                Some(prior) if self.zeros() && self.means_the_same(rule, prior, &set) => prior.clone(),
                None if in_set && self.zeros() && a.ty == Type::String => Value::string(""),
                _ => set,
            };
        }
        match prior {
            Some(prior) if self.means_the_same(rule, prior, &set) => prior.clone(),
            _ => set,
        }
    }

    fn means_the_same(&self, rule: Option<&Rule>, prior: &Value, set: &Value) -> bool {
        if prior == set {
            return true;
        }
        if !set.is_wholly_known() {
            return false;
        }
        rule.is_some_and(|rule| equivalence::same(rule, prior, set))
            || self.ty.same(&self.name(), prior, set, &Obj::new(self.config))
    }

    fn nested(
        &mut self,
        nested: &NestedBlock,
        rules: &Rules,
        prior: Option<&Value>,
        set: &Value,
        computed: bool,
        in_set: bool,
    ) -> Value {
        if !set.is_known() {
            return set.clone();
        }
        let none = Value::null(nested.block.implied_type());
        match nested.nesting {
            Nesting::Single | Nesting::Group if set.is_null() => set.clone(),
            Nesting::Single | Nesting::Group if self.name() == "timeouts" => set.clone(),
            Nesting::Single | Nesting::Group => self.block(&nested.block, rules, prior.unwrap_or(&none), set, in_set),
            Nesting::Map => set.clone(),
            Nesting::List | Nesting::Set => {
                let items = set.elements().unwrap_or_default();
                if items.is_empty() && computed {
                    return prior.cloned().unwrap_or_else(|| Value::unknown(nested.implied_type()));
                }
                if nested.nesting == Nesting::List {
                    self.list(nested, rules, prior, items, in_set)
                } else {
                    self.set(nested, rules, prior, items)
                }
            }
        }
    }

    fn list(
        &mut self,
        nested: &NestedBlock,
        rules: &Rules,
        prior: Option<&Value>,
        items: &[Value],
        in_set: bool,
    ) -> Value {
        let none = Value::null(nested.block.implied_type());
        let mut out = Vec::with_capacity(items.len());
        for (i, item) in items.iter().enumerate() {
            if !item.is_known() {
                out.push(item.clone());
                continue;
            }
            self.path.0.push(PathStep::index(i));
            let before = prior.and_then(|p| p.at(i)).unwrap_or(&none);
            out.push(self.block(&nested.block, rules, before, item, in_set));
            self.path.0.pop();
        }
        Value::list(nested.block.implied_type(), out)
    }

    fn set(&mut self, nested: &NestedBlock, rules: &Rules, prior: Option<&Value>, items: &[Value]) -> Value {
        let none = Value::null(nested.block.implied_type());
        let mut left: Vec<&Value> = prior.and_then(Value::elements).unwrap_or_default().iter().collect();
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            if !item.is_known() {
                out.push(item.clone());
                continue;
            }
            let planned = self.block(&nested.block, rules, &none, item, true);
            let found = left.iter().position(|p| self.same_element(&nested.block, rules, p, &planned));
            out.push(found.map_or(planned, |i| left.remove(i).clone()));
        }
        if rules.attributes.values().any(|r| r.force_new)
            && (!left.is_empty() || prior.is_some_and(|p| *p != Value::set(nested.block.implied_type(), out.clone())))
        {
            self.replace.push(self.path.clone());
        }
        Value::set(nested.block.implied_type(), out)
    }

    /// Whether an element of the prior set is the planned one: the same but for null and zero, texts that mean the same, and
    /// what only apply will tell.
    fn same_element(&self, block: &Block, rules: &Rules, prior: &Value, planned: &Value) -> bool {
        block.attributes.iter().all(|(name, a)| {
            let (Some(p), Some(n)) = (prior.get(name), planned.get(name)) else { return true };
            if !n.is_known() {
                return a.computed;
            }
            p == n || (is_zero(p) && is_zero(n)) || self.means_the_same(rules.attribute(name), p, n)
        }) && block.blocks.iter().all(|(name, nested)| {
            let (Some(p), Some(n)) = (prior.get(name), planned.get(name)) else { return true };
            let no_rules = Rules::default();
            let inner = rules.block(name).map_or(&no_rules, |r| &r.inner);
            let (Some(p), Some(n)) = (p.elements(), n.elements()) else { return p == n };
            p.len() == n.len()
                && match nested.nesting {
                    Nesting::Set => n.iter().all(|n| p.iter().any(|p| self.same_element(&nested.block, inner, p, n))),
                    _ => p.iter().zip(n).all(|(p, n)| self.same_element(&nested.block, inner, p, n)),
                }
        })
    }
}

fn is_empty_collection(value: &Value) -> bool {
    matches!(value.kind(), Kind::List(..) | Kind::Set(..) | Kind::Map(..)) && is_zero(value)
}

fn normalized(rule: Option<&Rule>, value: Value) -> Value {
    let (Some(how), Some(text)) = (rule.and_then(|r| r.normalize), value.as_str()) else { return value };
    let rewritten = match how {
        Normalize::Json => equivalence::normal_json(text),
        Normalize::Policy => equivalence::normal_policy(text),
    };
    rewritten.map_or_else(|| value.clone(), |text| Value::string_normalized(&text))
}

/// Attributes with their defaults, for objects that were not planned (imports).
pub fn defaults(rules: &Rules) -> BTreeMap<Arc<str>, Value> {
    rules.attributes.iter().filter_map(|(name, rule)| Some((name.clone(), rule.default.clone()?))).collect()
}
