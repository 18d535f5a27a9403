//! `ignore_changes`: the configuration with the prior value wherever changes are ignored.

use crate::config::model::IgnoreChanges;
use crate::engine::references::path_step;
use crate::lang::value::{Kind, PathStep, Value};

/// The configuration to plan with. Nothing is ignored when there is no object yet.
pub(in crate::engine) fn ignore_changes(ignore: &IgnoreChanges, prior: &Value, config: &Value) -> Value {
    if prior.is_null() {
        return config.clone();
    }
    match ignore {
        IgnoreChanges::None => config.clone(),
        IgnoreChanges::All => prior.clone(),
        IgnoreChanges::Paths(paths) => paths.iter().fold(config.clone(), |config, path| {
            let mut steps = vec![PathStep::Attr(path.root.name.clone())];
            steps.extend(path.steps.iter().map(path_step));
            keep(&steps, Some(prior), &config)
        }),
    }
}

/// `config` with what `prior` has at a path. A map key only one of them has is added or dropped.
fn keep(path: &[PathStep], prior: Option<&Value>, config: &Value) -> Value {
    let Some((first, rest)) = path.split_first() else {
        return prior.cloned().unwrap_or_else(|| config.clone());
    };
    let marks = config.marks();
    let name = match first {
        PathStep::Attr(name) => Some(name.clone()),
        PathStep::Index(key) => key.as_str().map(Into::into),
    };
    let before = |name: &str| prior.and_then(|p| p.get(name));
    match (config.kind(), name) {
        // An index into an object keeps all of it, as Terraform does.
        (Kind::Object(_), Some(_)) if matches!(first, PathStep::Index(_)) => {
            prior.cloned().unwrap_or_else(|| config.clone())
        }
        (Kind::Object(fields), Some(name)) => match fields.get(&name) {
            Some(inner) => {
                let kept = keep(rest, before(&name), inner);
                config.with_field(name, kept)
            }
            None => config.clone(),
        },
        (Kind::Map(ty, fields), Some(name)) => {
            let mut fields = fields.as_ref().clone();
            match (before(&name), rest.is_empty()) {
                (Some(value), true) => {
                    fields.insert(name, value.clone());
                }
                (None, true) => {
                    fields.remove(&name);
                }
                (before, false) => {
                    if let Some(inner) = fields.get(&name) {
                        let kept = keep(rest, before, inner);
                        fields.insert(name, kept);
                    }
                }
            }
            Value::map(ty.clone(), fields).with_marks(marks)
        }
        // A map that is not set takes the one key that is ignored from the object.
        (Kind::Null(crate::lang::value::Type::Map(ty)), Some(name)) if rest.is_empty() => match before(&name) {
            Some(value) => Value::map((**ty).clone(), [(name, value.clone())].into_iter().collect()).with_marks(marks),
            None => config.clone(),
        },
        (Kind::List(ty, items), None) => {
            let PathStep::Index(key) = first else { return config.clone() };
            let Some(index) = key.as_i64().and_then(|i| usize::try_from(i).ok()) else { return config.clone() };
            let mut items = items.as_ref().clone();
            if let Some(slot) = items.get_mut(index) {
                *slot = keep(rest, prior.and_then(|p| p.at(index)), slot);
            }
            Value::list(ty.clone(), items).with_marks(marks)
        }
        _ => config.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::value::{Fields, Type};

    fn tags(pairs: &[(&str, &str)]) -> Value {
        let fields: Fields = pairs.iter().map(|(k, v)| ((*k).into(), Value::string(*v))).collect();
        Value::object_of([("tags", Value::map(Type::String, fields))])
    }

    #[test]
    fn one_ignored_key_of_a_map_keeps_its_prior_value() {
        let path = [PathStep::Attr("tags".into()), PathStep::Index(Value::string("a"))];
        let kept = keep(&path, Some(&tags(&[("a", "old"), ("b", "old")])), &tags(&[("a", "new"), ("b", "new")]));
        assert_eq!(kept, tags(&[("a", "old"), ("b", "new")]));
        let dropped = keep(&path, Some(&tags(&[("b", "old")])), &tags(&[("a", "new"), ("b", "new")]));
        assert_eq!(dropped, tags(&[("b", "new")]));
    }
}
