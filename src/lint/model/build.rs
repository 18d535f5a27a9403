//! Makes the model: from a survey alone, from a plan completed by a survey, or from live objects.

use super::links::names_of;
use super::{Model, Object, Origin};
use crate::address::{Mode, ProviderConfig};
use crate::config::model::Config;
use crate::diagnostics::Sources;
use crate::engine::plan::Plan;
use crate::engine::{Survey, Surveyed};
use crate::lang::value::symbol::{self, Piece, Symbol};
use crate::lang::value::{Kind, Type, Value, from_json_state};
use crate::maps::Map;
use crate::parallel;
use crate::provider::{Mirror, Registry};
use std::collections::{BTreeMap, HashMap};

impl<'c> Model<'c> {
    /// From the configuration alone.
    pub fn of_survey(config: &'c Config, survey: &Survey) -> Self {
        let objects = parallel::each(&survey.objects, PER_THREAD, |s| object(config, survey, s, s.value.clone()));
        Self::new(Origin::Configuration, objects, Some(config))
    }

    /// From a plan: its values, and where it does not know them yet what the survey of the same configuration says.
    pub fn of_plan(config: &'c Config, survey: &Survey, plan: &Plan, registry: &Registry) -> Self {
        let planned = planned(plan, registry);
        let mut providers = HashMap::new();
        let mut bound = Bindings::default();
        for surveyed in &survey.objects {
            if let Some(value) = planned.get(&surveyed.address.to_string()) {
                bound.learn(&surveyed.value, value);
                bound.learn_own(surveyed, value);
            }
        }
        let objects = survey.objects.iter().filter_map(|surveyed| {
            let known = bound.apply(&surveyed.value);
            let value = match planned.get(&surveyed.address.to_string()) {
                Some(value) => {
                    let source = &surveyed.provider.source;
                    let provider = providers
                        .entry(source.clone())
                        .or_insert_with(|| registry.get(source).map(|factory| factory.create()));
                    let type_name = &surveyed.address.resource.type_name;
                    let mirrors = provider.as_ref().map(|p| p.mirrors(type_name)).unwrap_or_default();
                    without_mirrored(complete(&without_empty(value), &known), surveyed, mirrors)
                }
                // The plan has all managed objects that will be there, unless the survey could not tell their number.
                None if surveyed.known_type && surveyed.address.resource.mode == Mode::Managed => return None,
                None => known,
            };
            Some(object(config, survey, surveyed, value))
        });
        let mut objects: Vec<Object<'c>> = objects.collect();
        // Instances the survey could not tell.
        let seen: std::collections::HashSet<String> = objects.iter().map(|o| o.address.clone()).collect();
        for change in plan.changes.iter().filter(|c| c.deposed.is_none() && c.after.fields().is_some()) {
            if !seen.contains(&change.address.to_string()) {
                let block = config
                    .module(&change.address.module.path())
                    .and_then(|m| m.resources.get(&change.address.resource));
                let region = region_of(survey, &change.provider);
                objects.push(Object::new(change.address.clone(), without_empty(&change.after), block, region));
            }
        }
        Self::new(Origin::Plan, objects, Some(config))
    }

    /// From objects as they are.
    pub fn of_live(objects: Vec<Object<'c>>) -> Self {
        Self::new(Origin::Live, objects, None)
    }

    fn new(origin: Origin, mut objects: Vec<Object<'c>>, config: Option<&'c Config>) -> Self {
        let sources = config.map_or_else(Sources::new, |c| c.sources.clone());
        objects.iter_mut().for_each(|o| o.sources = sources.clone());
        let mut model = Model {
            origin,
            objects,
            by_address: Map::default(),
            by_type: Map::default(),
            config,
            index: super::index::Index::default(),
            sources,
        };
        let names = parallel::each(&model.objects, PER_THREAD, |object| {
            names_of(object).map(str::to_owned).collect::<Vec<_>>()
        });
        for (number, (object, names)) in model.objects.iter().zip(names).enumerate() {
            model.by_address.insert(object.address.clone(), number);
            let kin = match model.by_type.get_mut(object.type_name()) {
                Some(kin) => kin,
                None => model.by_type.entry(object.type_name().to_owned()).or_default(),
            };
            kin.all.push(number);
            for name in names {
                let numbers = kin.by_identity.entry(name).or_default();
                if numbers.last() != Some(&number) {
                    numbers.push(number);
                }
            }
        }
        model
    }
}

/// A further thread is worth its start from this number of objects on.
const PER_THREAD: usize = 1_000;

/// The value without what its object only shows of others, unless the configuration sets it there.
fn without_mirrored(value: Value, surveyed: &Surveyed, mirrors: &[Mirror]) -> Value {
    let address = surveyed.address.to_string();
    let is_unset = |v: &Value| {
        !v.is_known()
            || v.is_null()
            || v.elements().is_some_and(<[Value]>::is_empty)
            || v.as_str().and_then(symbol::only_symbol).is_some_and(|symbol| symbol.address == address)
    };
    mirrors.iter().fold(value, |value, mirror| match surveyed.value.get(mirror.attribute) {
        Some(unset) if is_unset(unset) => value.with_field(mirror.attribute, unset.clone()),
        _ => value,
    })
}

/// The value of an object as it was read: empty texts in place of what is not set are null. Elements of maps are what somebody wrote.
pub fn without_empty(value: &Value) -> Value {
    let marks = value.marks();
    match value.kind() {
        Kind::String(text) if text.is_empty() => Value::null(Type::String),
        Kind::Object(fields) => {
            Value::object(fields.iter().map(|(name, v)| (name.clone(), without_empty(v))).collect()).with_marks(marks)
        }
        Kind::List(ty, items) if matches!(ty, Type::Object(_)) => {
            Value::list(ty.clone(), items.iter().map(without_empty).collect()).with_marks(marks)
        }
        Kind::Set(ty, items) if matches!(ty, Type::Object(_)) => {
            Value::set(ty.clone(), items.iter().map(without_empty).collect()).with_marks(marks)
        }
        _ => value.clone(),
    }
}

fn object<'c>(config: &'c Config, survey: &Survey, surveyed: &Surveyed, value: Value) -> Object<'c> {
    let address = &surveyed.address;
    let block = config.module(&address.module.path()).and_then(|m| m.resources.get(&address.resource));
    Object::new(address.clone(), value, block, region_of(survey, &surveyed.provider))
}

fn region_of(survey: &Survey, provider: &ProviderConfig) -> Option<String> {
    let region = survey.providers.get(provider)?.get("region")?.as_str()?;
    (!symbol::has_symbol(region) && !region.is_empty()).then(|| region.to_owned())
}

/// Values after the plan's changes, and of data read while planning.
fn planned(plan: &Plan, registry: &Registry) -> HashMap<String, Value> {
    let mut values = HashMap::new();
    for (address, resource, instance) in plan.prior_state.instances() {
        if address.resource.mode != Mode::Data {
            continue;
        }
        let schema = registry.resource_schema(&resource.provider.source, Mode::Data, &address.resource.type_name);
        let (Some(schema), Some(object)) = (schema, &instance.current) else { continue };
        if let Ok(value) = from_json_state(&object.attributes, &schema.block.implied_type()) {
            values.insert(address.to_string(), schema.block.mark_sensitive(&value));
        }
    }
    for change in plan.changes.iter().filter(|c| c.deposed.is_none() && c.after.fields().is_some()) {
        values.insert(change.address.to_string(), change.after.clone());
    }
    values
}

/// The planned value, with what the survey knows in place of unknowns.
fn complete(planned: &Value, surveyed: &Value) -> Value {
    let marks = planned.marks();
    match (planned.kind(), surveyed.kind()) {
        (Kind::Unknown(..), Kind::Unknown(..)) => planned.clone(),
        (Kind::Unknown(..), _) => surveyed.clone().with_marks(marks),
        (Kind::Object(a), Kind::Object(b)) => {
            let each =
                a.iter().map(|(name, v)| (name.clone(), b.get(name).map_or_else(|| v.clone(), |s| complete(v, s))));
            Value::object(each.collect()).with_marks(marks)
        }
        (Kind::Map(ty, a), Kind::Map(_, b)) => {
            let each =
                a.iter().map(|(name, v)| (name.clone(), b.get(name).map_or_else(|| v.clone(), |s| complete(v, s))));
            Value::map(ty.clone(), each.collect()).with_marks(marks)
        }
        (Kind::List(ty, a), Kind::List(_, b)) if a.len() == b.len() => {
            Value::list(ty.clone(), a.iter().zip(b.iter()).map(|(a, b)| complete(a, b)).collect()).with_marks(marks)
        }
        // Which element of a set is which cannot be told: where one is unknown, the survey's set is the better one.
        (Kind::Set(..), Kind::Set(..)) if planned.contains_unknown() => surveyed.clone().with_marks(marks),
        _ => planned.clone(),
    }
}

/// What symbols turned out to be.
#[derive(Default)]
struct Bindings(BTreeMap<Symbol, String>);

impl Bindings {
    /// The attributes of an object that is known now.
    fn learn_own(&mut self, surveyed: &Surveyed, known: &Value) {
        for (name, value) in known.fields().into_iter().flatten() {
            if let Some(text) = value.as_str() {
                self.0.insert(Symbol::new(surveyed.address.to_string(), &**name), text.to_owned());
            }
        }
    }

    /// From a text with one symbol and the same text known.
    fn learn(&mut self, surveyed: &Value, known: &Value) {
        match (surveyed.kind(), known.kind()) {
            (Kind::String(vague), Kind::String(text)) => {
                let pieces = symbol::pieces(vague);
                let (before, symbol, after) = match pieces.as_slice() {
                    [Piece::Symbol(s)] => ("", s, ""),
                    [Piece::Text(a), Piece::Symbol(s)] => (*a, s, ""),
                    [Piece::Symbol(s), Piece::Text(b)] => ("", s, *b),
                    [Piece::Text(a), Piece::Symbol(s), Piece::Text(b)] => (*a, s, *b),
                    _ => return,
                };
                if let Some(found) = text.strip_prefix(before).and_then(|t| t.strip_suffix(after)) {
                    self.0.entry(symbol.clone()).or_insert_with(|| found.to_owned());
                }
            }
            (Kind::Object(a) | Kind::Map(_, a), Kind::Object(b) | Kind::Map(_, b)) => {
                for (name, vague) in a.iter() {
                    if let Some(known) = b.get(name) {
                        self.learn(vague, known);
                    }
                }
            }
            (Kind::List(_, a), Kind::List(_, b)) if a.len() == b.len() => {
                a.iter().zip(b.iter()).for_each(|(a, b)| self.learn(a, b));
            }
            _ => {}
        }
    }

    fn apply(&self, value: &Value) -> Value {
        let replaced = value.transform(&mut |_, v| {
            Ok::<_, std::convert::Infallible>(match v.as_str() {
                Some(text) if symbol::has_symbol(text) => Value::string(self.text(text)).with_marks(v.marks()),
                _ => v,
            })
        });
        match replaced {
            Ok(value) => value,
            Err(never) => match never {},
        }
    }

    fn text(&self, text: &str) -> String {
        let part = |piece: Piece<'_>| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Symbol(symbol) => self.0.get(&symbol).cloned().unwrap_or_else(|| symbol.text()),
        };
        symbol::pieces(text).into_iter().map(part).collect()
    }
}
