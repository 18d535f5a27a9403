//! How many instances a block has: `count` and `for_each` evaluated, with Terraform's rules and wording.

use super::scope::{Extent, Repeated, repeated_for};
use crate::address::InstanceKey;
use crate::config::model::Repetition;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::eval::{Scope, evaluate};
use crate::lang::syntax::ast::Expr;
use crate::lang::value::{Kind, Marks, Type, Value, convert, symbol};

/// The instances of a block.
#[derive(Debug, Clone)]
pub(super) struct Expansion {
    /// The shape of the whole.
    pub extent: Extent,
    /// Keys in order, with what `each` and `count` are for each.
    pub instances: Vec<(Option<InstanceKey>, Repeated)>,
}

/// What an unknown number of instances means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WhenUnknown {
    /// An error.
    Refuse,
    /// One instance stands for all; its key is not known.
    Placeholder,
}

impl Expansion {
    /// One instance that stands for all, whatever their number: for validation.
    pub(super) fn placeholder(repetition: &Repetition) -> Self {
        let (key, repeated) = match repetition {
            Repetition::Single => {
                return Expansion { extent: Extent::Single, instances: vec![(None, Repeated::default())] };
            }
            Repetition::Count(_) => {
                let index = Value::unknown_not_null(Type::Number);
                (InstanceKey::Int(0), Repeated { count_index: Some(index), each: None })
            }
            Repetition::ForEach(_) => {
                let each = (Value::unknown_not_null(Type::String), Value::unknown(Type::Dynamic));
                (InstanceKey::Str(String::new()), Repeated { count_index: None, each: Some(each) })
            }
        };
        Expansion { extent: Extent::Unknown, instances: vec![(Some(key), repeated)] }
    }

    /// As a survey takes it: where the number is not known there is one, which references to the first find; keys that are not known
    /// are no keys.
    pub(super) fn surveyed(self, repetition: &Repetition) -> Self {
        let vague = |key: &Option<InstanceKey>| matches!(key, Some(InstanceKey::Str(text)) if symbol::has_symbol(text));
        match repetition {
            Repetition::Count(_) if self.extent == Extent::Unknown => {
                let key = Some(InstanceKey::Int(0));
                let repeated = repeated_for(&key, None);
                Expansion { extent: Extent::Count, instances: vec![(key, repeated)] }
            }
            Repetition::ForEach(_) if self.instances.iter().any(|(key, _)| vague(key)) => {
                Expansion::placeholder(repetition)
            }
            _ => self,
        }
    }
}

/// Evaluates a repetition. `what` is `resource` or `module`, for messages.
pub(super) fn expand(
    repetition: &Repetition,
    scope: &dyn Scope,
    when_unknown: WhenUnknown,
) -> Result<Expansion, Diagnostics> {
    match repetition {
        Repetition::Single => Ok(Expansion { extent: Extent::Single, instances: vec![(None, Repeated::default())] }),
        Repetition::Count(expr) => count(expr, scope, when_unknown),
        Repetition::ForEach(expr) => for_each(expr, scope, when_unknown),
    }
}

fn count(expr: &Expr, scope: &dyn Scope, when_unknown: WhenUnknown) -> Result<Expansion, Diagnostics> {
    let bad = |detail: String| Diagnostics::from(Diagnostic::error("Invalid count argument", detail).at(expr.span));
    let (value, marks) = evaluate(expr, scope)?.unmark();
    if marks.contains(Marks::EPHEMERAL) {
        return Err(bad(
            "The given \"count\" value is derived from an ephemeral value, which means that it cannot be used to decide how many \
             instances exist: it may be another one when the plan is applied."
                .into(),
        ));
    }
    if value.is_null() {
        return Err(bad("The given \"count\" argument value is null. An integer is required.".into()));
    }
    let value = convert(&value, &Type::Number).map_err(|_| {
        Diagnostic::error("Incorrect value type", "Invalid expression value: a number is required.").at(expr.span)
    })?;
    if !value.is_known() {
        if when_unknown == WhenUnknown::Placeholder {
            return Ok(Expansion::placeholder(&Repetition::Count(expr.clone())));
        }
        return Err(bad(
            "The \"count\" value depends on resource attributes that cannot be determined until apply, so it cannot be predicted \
             how many instances will be created. To work around this, use the -target argument to first apply only the resources \
             that the count depends on."
                .into(),
        ));
    }
    let Some(number) = value.as_i64() else {
        return Err(bad(
            "The given \"count\" argument value is unsuitable: value must be a whole number, between -9223372036854775808 and \
             9223372036854775807 inclusive."
                .into(),
        ));
    };
    let Ok(number) = u64::try_from(number) else {
        return Err(bad(
            "The given \"count\" argument value is unsuitable: must be greater than or equal to zero.".into()
        ));
    };
    let instances = (0..number)
        .map(|i| {
            let key = Some(InstanceKey::Int(i));
            let repeated = repeated_for(&key, None);
            (key, repeated)
        })
        .collect();
    Ok(Expansion { extent: Extent::Count, instances })
}

fn for_each(expr: &Expr, scope: &dyn Scope, when_unknown: WhenUnknown) -> Result<Expansion, Diagnostics> {
    let bad = |detail: String| Diagnostics::from(Diagnostic::error("Invalid for_each argument", detail).at(expr.span));
    let bad_set =
        |detail: String| Diagnostics::from(Diagnostic::error("Invalid for_each set argument", detail).at(expr.span));
    let (value, marks) = evaluate(expr, scope)?.unmark();
    if marks.contains(Marks::SENSITIVE) {
        return Err(bad(
            "Sensitive values, or values derived from sensitive values, cannot be used as for_each arguments. If used, the \
             sensitive value could be exposed as a resource instance key."
                .into(),
        ));
    }
    if marks.contains(Marks::EPHEMERAL) {
        return Err(bad(
            "The given \"for_each\" value is derived from an ephemeral value, which means that it cannot be used to decide which \
             instances exist."
                .into(),
        ));
    }
    if value.is_null() {
        return Err(bad("The given \"for_each\" argument value is null. A map, or set of strings is allowed.".into()));
    }
    let placeholder = || Expansion::placeholder(&Repetition::ForEach(expr.clone()));
    let unknown = |what: &str| {
        bad(format!(
            "The \"for_each\" {what} derived from resource attributes that cannot be determined until apply, and so the full set \
             of keys that will identify the instances of this resource cannot be determined.\n\nWhen working with unknown values \
             in for_each, it's better to define the map keys statically in your configuration and place apply-time results only \
             in the map values.\n\nAlternatively, you could use the -target planning option to first apply only the resources \
             that the for_each value depends on, and then apply a second time to fully converge."
        ))
    };
    let pairs: Vec<(String, Value)> = match value.kind() {
        Kind::Unknown(ty, _) => match ty {
            Type::Dynamic | Type::Map(_) | Type::Object(_) | Type::Set(_) => {
                if when_unknown == WhenUnknown::Placeholder {
                    return Ok(placeholder());
                }
                return Err(unknown(match ty {
                    Type::Set(_) => "set includes values",
                    _ => "map includes keys",
                }));
            }
            other => return Err(bad(wrong_type(other))),
        },
        Kind::Map(_, fields) | Kind::Object(fields) => fields.iter().map(|(k, v)| (k.to_string(), v.clone())).collect(),
        Kind::Set(element, items) => {
            if items.iter().any(|i| !i.is_known()) {
                if when_unknown == WhenUnknown::Placeholder {
                    return Ok(placeholder());
                }
                return Err(unknown("set includes values"));
            }
            if !items.is_empty() && *element != Type::String {
                return Err(bad_set(format!(
                    "The given \"for_each\" argument value is unsuitable: \"for_each\" supports maps and sets of strings, but you \
                     have provided a set containing type {}.",
                    element.friendly_name()
                )));
            }
            let mut pairs = Vec::with_capacity(items.len());
            for item in items.iter() {
                let Some(text) = item.as_str() else {
                    return Err(bad_set(
                        "The given \"for_each\" argument value is unsuitable: \"for_each\" sets must not contain null values."
                            .into(),
                    ));
                };
                pairs.push((text.to_owned(), item.clone()));
            }
            pairs
        }
        _ => return Err(bad(wrong_type(&value.ty()))),
    };
    let instances = pairs
        .into_iter()
        .map(|(key, value)| {
            let key = Some(InstanceKey::Str(key));
            let repeated = repeated_for(&key, Some(value));
            (key, repeated)
        })
        .collect();
    Ok(Expansion { extent: Extent::ForEach, instances })
}

fn wrong_type(ty: &Type) -> String {
    format!(
        "The given \"for_each\" argument value is unsuitable: the \"for_each\" argument must be a map, or set of strings, and you \
         have provided a value of type {}.",
        ty.friendly_name()
    )
}
