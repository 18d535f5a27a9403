//! Type constraints, as variables declare them: `list(object({ a = string, b = optional(number, 5) }))`.

use super::{evaluate_constant, keyword};
use crate::diagnostics::{Diagnostic, Diagnostics, Span};
use crate::lang::deep;
use crate::lang::syntax::ast::{Call, Expr, ExprKind, ObjectItem, ObjectKey};
use crate::lang::value::{Defaults, ObjectType, Type, convert};
use std::collections::BTreeMap;
use std::sync::Arc;

const INVALID: &str = "Invalid type specification";

/// The type an expression stands for, and the defaults of the optional attributes inside, if there are any.
pub fn type_constraint(expr: &Expr) -> Result<(Type, Option<Defaults>), Diagnostics> {
    if let ExprKind::Literal(value) = &expr.kind
        && let Some(text) = value.as_str()
    {
        return Err(quoted(text, expr.span).into());
    }
    // Shorthands from before element types could be given.
    match keyword(expr) {
        Some("list") => return Ok((Type::list(Type::Dynamic), None)),
        Some("map") => return Ok((Type::map(Type::Dynamic), None)),
        _ => {}
    }
    let mut diagnostics = Diagnostics::new();
    let constraint = read(expr, &mut diagnostics);
    diagnostics.into_result(constraint).map(|(constraint, _)| constraint)
}

type Constraint = (Type, Option<Defaults>);

fn quoted(text: &str, span: Span) -> Diagnostic {
    const OLD: &str = "Terraform 0.11 and earlier required type constraints to be given in quotes, but that form is now deprecated and will be removed in a future version of Terraform.";
    let (summary, detail) = match text {
        "string" => ("Invalid quoted type constraints", format!("{OLD} Remove the quotes around \"string\".")),
        "list" | "map" => (
            "Invalid quoted type constraints",
            format!(
                "{OLD} Remove the quotes around \"{text}\" and write {text}(string) instead to explicitly indicate that the {text} elements are strings."
            ),
        ),
        _ => (
            "Invalid legacy variable type hint",
            "To provide a full type expression, remove the surrounding quotes and give the type expression directly."
                .into(),
        ),
    };
    Diagnostic::error(summary, detail).at(span)
}

fn read(expr: &Expr, out: &mut Diagnostics) -> Constraint {
    deep::deeper(|| {
        let mut inner = Diagnostics::new();
        let constraint = read_here(expr, &mut inner);
        (constraint, inner)
    })
    .map_or((Type::Dynamic, None), |(constraint, inner)| {
        out.extend(inner);
        constraint
    })
}

fn read_here(expr: &Expr, out: &mut Diagnostics) -> Constraint {
    let mut fail = |detail: String, span: Span| {
        out.push(Diagnostic::error(INVALID, detail).at(span));
        (Type::Dynamic, None)
    };
    if let Some(word) = keyword(expr) {
        return match word {
            "string" => (Type::String, None),
            "number" => (Type::Number, None),
            "bool" => (Type::Bool, None),
            "any" => (Type::Dynamic, None),
            "list" | "set" | "map" | "object" | "tuple" => fail(needs_argument(word), expr.span),
            _ => {
                let known = ["string", "number", "bool", "any", "list", "set", "map", "object", "tuple"];
                let (_, none) = fail(format!("The keyword \"{word}\" is not a valid type specification."), expr.span);
                if let (Some(near), Some(last)) = (super::did_you_mean(word, known), out.iter_mut().last()) {
                    last.hint = Some(format!("Did you mean \"{near}\"?"));
                }
                (Type::Dynamic, none)
            }
        };
    }
    let ExprKind::Call(call) = &expr.kind else {
        let detail = "A type specification is either a primitive type keyword (bool, number, string) or a complex type constructor call, like list(string).";
        return fail(detail.into(), expr.span);
    };
    let arguments = Span { start: call.name.span.end, ..expr.span };
    let name = &*call.name.name;
    match name {
        "bool" | "string" | "number" => {
            return fail(format!("Primitive type keyword \"{name}\" does not expect arguments."), arguments);
        }
        "any" => return fail("Type constraint keyword \"any\" does not expect arguments.".into(), arguments),
        "optional" => {
            return fail(
                "Keyword \"optional\" is valid only as a modifier for object type attributes.".into(),
                call.name.span,
            );
        }
        "list" | "set" | "map" | "object" | "tuple" => {}
        _ => return fail(format!("Keyword \"{name}\" is not a valid type constructor."), expr.span),
    }
    let [argument] = call.args.as_slice() else {
        let span = match call.args.as_slice() {
            [_, second, .., last] => second.span.to(last.span),
            [_, second] => second.span,
            _ => arguments,
        };
        return fail(needs_argument(name), span);
    };
    match (name, &argument.kind) {
        ("object", ExprKind::Object(items)) => object(items, out),
        ("object", _) => fail(
            "Object type constructor requires a map whose keys are attribute names and whose values are the corresponding attribute types.".into(),
            argument.span,
        ),
        ("tuple", ExprKind::Tuple(items)) => {
            let mut defaults = Defaults::default();
            let types: Vec<Type> = items
                .iter()
                .enumerate()
                .map(|(i, item)| {
                    let (ty, inner) = read(item, out);
                    defaults.children.extend(inner.map(|inner| (i.to_string().into(), inner)));
                    ty
                })
                .collect();
            (Type::Tuple(types.into()), if_any(defaults))
        }
        ("tuple", _) => fail("Tuple type constructor requires a list of element types.".into(), argument.span),
        _ => {
            let (element, inner) = read(argument, out);
            let ty = match name {
                "list" => Type::list(element),
                "set" => Type::set(element),
                _ => Type::map(element),
            };
            let defaults = inner.map(|inner| Defaults {
                children: BTreeMap::from([(Arc::from(""), inner)]),
                ..Defaults::default()
            });
            (ty, defaults)
        }
    }
}

fn needs_argument(name: &str) -> String {
    match name {
        "object" => {
            "The object type constructor requires one argument specifying the attribute types and values as a map."
                .into()
        }
        "tuple" => "The tuple type constructor requires one argument specifying the element types as a list.".into(),
        _ => format!("The {name} type constructor requires one argument specifying the element type."),
    }
}

fn if_any(defaults: Defaults) -> Option<Defaults> {
    (defaults != Defaults::default()).then_some(defaults)
}

fn object(items: &[ObjectItem], out: &mut Diagnostics) -> Constraint {
    let mut ty = ObjectType::default();
    let mut defaults = Defaults::default();
    for item in items {
        let name = match &item.key {
            ObjectKey::Name(name) => name,
            ObjectKey::Expr(key) => {
                out.push(
                    Diagnostic::error(INVALID, "Object constructor map keys must be attribute names.").at(key.span),
                );
                continue;
            }
        };
        if ty.attributes.contains_key(&name.name) {
            out.push(Diagnostic::error(INVALID, "Object constructor map keys must be unique.").at(name.span));
            continue;
        }
        let (expr, default) = match &item.value.kind {
            ExprKind::Call(call) if &*call.name.name == "optional" => match optional(call, item.value.span, out) {
                Some((expr, default)) => {
                    ty.optional.insert(name.name.clone());
                    (expr, default)
                }
                None => continue,
            },
            _ => (&item.value, None),
        };
        let (attribute, inner) = read(expr, out);
        defaults.children.extend(inner.map(|inner| (name.name.clone(), inner)));
        if let Some(default) = default
            && let Some(value) = out.absorb(evaluate_constant(default))
        {
            match convert(&value, &attribute) {
                Ok(value) => {
                    defaults.values.insert(name.name.clone(), value);
                }
                Err(error) => {
                    let detail =
                        format!("This default value is not compatible with the attribute's type constraint: {error}.");
                    let diagnostic = Diagnostic::error("Invalid default value for optional attribute", detail);
                    out.push(diagnostic.at(default.span));
                }
            }
        }
        ty.attributes.insert(name.name.clone(), attribute);
    }
    (Type::Object(Arc::new(ty)), if_any(defaults))
}

/// The type and the default of `optional(type, default)`.
fn optional<'e>(call: &'e Call, span: Span, out: &mut Diagnostics) -> Option<(&'e Expr, Option<&'e Expr>)> {
    let detail = match call.args.as_slice() {
        [ty] => return Some((ty, None)),
        [ty, default] => return Some((ty, Some(default))),
        [] => "Optional attribute modifier requires the attribute type as its argument.",
        _ => "Optional attribute modifier expects at most two arguments: the attribute type, and a default value.",
    };
    let arguments = Span { start: call.name.span.end, ..span };
    out.push(Diagnostic::error(INVALID, detail).at(arguments));
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::diagnostics::Sources;
    use crate::lang::syntax::parse_expression;
    use crate::lang::value::Value;

    fn read(text: &str) -> Result<(Type, Option<Defaults>), Diagnostics> {
        type_constraint(&parse_expression(Sources::new().add("t", text), text, 0).unwrap())
    }

    #[test]
    fn constraints_nest_and_keep_their_defaults() {
        let (ty, defaults) =
            read("map(object({ a = string, b = optional(list(number), [1]), c = optional(object({ d = optional(bool, true) }), {}) }))")
                .unwrap();
        assert_eq!(
            ty.constraint_text(),
            "map(object({ a = string, b = optional(list(number)), c = optional(object({ d = optional(bool) })) }))"
        );
        let inner = &defaults.unwrap().children[""];
        assert_eq!(inner.values["b"], Value::list(Type::Number, vec![Value::number(1)]));
        assert_eq!(inner.children["c"].values["d"], Value::bool(true));
    }

    #[test]
    fn shorthands_stand_for_any_element() {
        assert_eq!(read("list").unwrap().0, Type::list(Type::Dynamic));
        assert_eq!(read("any").unwrap().0, Type::Dynamic);
    }

    #[test]
    fn wrong_constraints_say_what_is_wanted() {
        for (text, detail) in [
            ("strin", "The keyword \"strin\" is not a valid type specification."),
            ("\"string\"", "Remove the quotes around \"string\"."),
            ("set", "The set type constructor requires one argument specifying the element type."),
            ("list(string, number)", "The list type constructor requires one argument specifying the element type."),
            ("object([string])", "Object type constructor requires a map"),
            ("object({ a = optional(number, \"x\") })", "a number is required"),
            ("optional(string)", "valid only as a modifier for object type attributes"),
            ("tuple(string)", "Tuple type constructor requires a list of element types."),
            ("lists(string)", "Keyword \"lists\" is not a valid type constructor."),
            ("object({ a = nope, b = [] })", "The keyword \"nope\""),
            ("1 + 2", "A type specification is either a primitive type keyword"),
        ] {
            let diagnostics = read(text).unwrap_err();
            assert!(diagnostics.iter().next().unwrap().detail.contains(detail), "{text}: {diagnostics:?}");
        }
        assert_eq!(read("object({ a = nope, b = [] })").unwrap_err().len(), 2);
    }
}
