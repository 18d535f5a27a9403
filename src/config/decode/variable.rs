//! `variable` blocks.

use super::condition;
use super::content::Shape;
use crate::config::constant::{self, Notation};
use crate::config::model::{Parsing, Variable};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::eval::{references, type_constraint};
use crate::lang::syntax::ast::{Attribute, Block, Expr, TraversalStep};
use crate::lang::value::{Defaults, Type, Value, convert};

const SHAPE: Shape = Shape {
    attributes: &[
        ("description", false),
        ("default", false),
        ("type", false),
        ("sensitive", false),
        ("ephemeral", false),
        ("nullable", false),
    ],
    blocks: &[("validation", &[])],
};

/// Names that mean something else inside `module` blocks.
const RESERVED: [&str; 8] =
    ["source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"];

pub(crate) fn decode(block: &Block, notation: &Notation, d: &mut Diagnostics) -> Option<Variable> {
    let name = block.labels.first()?.clone();
    let content = SHAPE.content(&block.body, block.header, d);
    constant::check_name(&name, "Invalid variable name", d);
    if RESERVED.contains(&&*name.name) {
        let detail =
            format!("The variable name \"{}\" is reserved due to its special meaning inside module blocks.", name.name);
        d.push(Diagnostic::error("Invalid variable name", detail).at(name.span));
    }
    let flag = |attribute: &str, default: bool, d: &mut Diagnostics| match content.attribute(attribute) {
        Some(a) => d.absorb(constant::boolean(&a.expr)).unwrap_or(default),
        None => default,
    };
    let (sensitive, ephemeral) = (flag("sensitive", false, d), flag("ephemeral", false, d));
    let nullable = flag("nullable", true, d);
    let description = content.attribute("description").and_then(|a| d.absorb(constant::string(&a.expr)).flatten());
    let (ty, defaults, parsing) = match content.attribute("type") {
        Some(a) => decode_type(&a.expr, notation, d),
        None => (Type::Dynamic, None, Parsing::Literal),
    };
    let default = content.attribute("default").and_then(|a| decode_default(a, &ty, defaults.as_ref(), nullable, d));
    let validations: Vec<_> = content.blocks_of("validation").filter_map(|b| condition::decode(b, d)).collect();
    for validation in &validations {
        let about_itself = references(&validation.condition).iter().any(|r| {
            &*r.root.name == "var"
                && matches!(r.steps.first(), Some(TraversalStep::Attr(step)) if step.name == name.name)
        });
        if !about_itself {
            d.push(
                Diagnostic::error(
                    "Invalid variable validation condition",
                    format!(
                        "The condition for variable \"{0}\" must refer to var.{0} in order to test incoming values.",
                        name.name
                    ),
                )
                .at(validation.condition.span)
                .within(validation.span),
            );
        }
    }
    Some(Variable {
        name,
        ty,
        parsing,
        defaults,
        default,
        description,
        sensitive,
        ephemeral,
        nullable,
        validations,
        span: block.header,
    })
}

fn decode_type(expr: &Expr, notation: &Notation, d: &mut Diagnostics) -> (Type, Option<Defaults>, Parsing) {
    let failed = (Type::Dynamic, None, Parsing::Expression);
    let unquoted;
    let expr = if constant::quoted(expr).is_some() {
        if !notation.is_json(expr.span) {
            let text = constant::quoted(expr).unwrap_or_default();
            let (summary, hint) = match text {
                "string" => ("Invalid quoted type constraints", "Write type = string.".to_owned()),
                "list" | "map" => ("Invalid quoted type constraints", format!("Write type = {text}(string).")),
                _ => ("Invalid legacy variable type hint", "Remove the quotes around the type.".to_owned()),
            };
            let detail = "Terraform 0.11 and earlier required type constraints to be given in quotes; that form is no \
                          longer accepted.";
            d.push(Diagnostic::error(summary, detail).at(expr.span).hint(hint));
            return failed;
        }
        unquoted = constant::unquoted(expr, notation, "types", d);
        &unquoted
    } else {
        expr
    };
    // Shorthand of old: any element type, as long as it is one.
    match constant::keyword(expr) {
        Some("list") => return (Type::list(Type::Dynamic), None, Parsing::Expression),
        Some("map") => return (Type::map(Type::Dynamic), None, Parsing::Expression),
        _ => {}
    }
    match d.absorb(type_constraint(expr)) {
        Some((ty, defaults)) => {
            let parsing = if ty.is_primitive() { Parsing::Literal } else { Parsing::Expression };
            (ty, defaults, parsing)
        }
        None => failed,
    }
}

fn decode_default(
    attribute: &Attribute,
    ty: &Type,
    defaults: Option<&Defaults>,
    nullable: bool,
    d: &mut Diagnostics,
) -> Option<Value> {
    let span = attribute.expr.span;
    let given = match constant::value(&attribute.expr) {
        Ok(value) => value,
        Err(errors) => {
            d.extend(errors);
            // There is a default, if a wrong one: the variable is not required.
            return Some(Value::unknown(Type::Dynamic));
        }
    };
    let given = match defaults {
        Some(defaults) if !given.is_null() => defaults.apply(given),
        _ => given,
    };
    let value = match convert(&given, ty) {
        Ok(value) => value,
        Err(e) => {
            let detail = format!("This default value is not compatible with the variable's type constraint: {e}.");
            d.push(Diagnostic::error("Invalid default value for variable", detail).at(span));
            return Some(Value::unknown(Type::Dynamic));
        }
    };
    if value.is_null() && !nullable {
        let detail = "A null default value is not valid when nullable=false.";
        d.push(Diagnostic::error("Invalid default value for variable", detail).at(span));
    }
    Some(value)
}
