//! `variable`, `locals`, `output` and the conditions inside blocks.

use super::fields::{Fields, identifier, labels};
use crate::config::model::{Condition, Local, Module, Output, Variable};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::eval::{evaluate_constant, keyword, traversal, type_constraint};
use crate::lang::syntax::ast::{Block, Expr, ExprKind, Traversal};
use crate::lang::value::{Type, convert};

/// Names a module call gives a meaning of its own.
const RESERVED: &[&str] = &["source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"];

/// A `variable` block.
pub fn variable(block: &Block, problems: &mut Diagnostics) -> Option<Variable> {
    let [name] = labels(block, ["name"], problems)?;
    if !identifier(block, 0, "variable", problems) {
        return None;
    }
    if RESERVED.contains(&name) {
        let text = format!("The variable name \"{name}\" is reserved due to its special meaning inside module blocks.");
        problems
            .push(Diagnostic::error("Invalid variable name", text).at(block.labels.first()?.span).within(block.header));
        return None;
    }
    let mut fields = Fields::new(&block.body, block.header);
    let (ty, defaults) = match fields.expr("type") {
        None => (Type::Dynamic, None),
        Some(expr) => fields.problems.absorb(constraint(expr)).unwrap_or((Type::Dynamic, None)),
    };
    let nullable = fields.bool("nullable").unwrap_or(true);
    let default = fields.optional("default").and_then(|attribute| {
        let value = fields.problems.absorb(evaluate_constant(&attribute.expr))?;
        let value = match &defaults {
            Some(defaults) if !value.is_null() => defaults.apply(value),
            _ => value,
        };
        match convert(&value, &ty) {
            Ok(value) if value.is_null() && !nullable => {
                let text = "A null default value is not valid when nullable=false.";
                fields.problems.push(
                    Diagnostic::error("Invalid default value for variable", text)
                        .at(attribute.expr.span)
                        .within(block.header),
                );
                None
            }
            Ok(value) => Some(value),
            Err(e) => {
                let text = format!("This default value is not compatible with the variable's type constraint: {e}.");
                fields.problems.push(
                    Diagnostic::error("Invalid default value for variable", text)
                        .at(attribute.expr.span)
                        .within(block.header),
                );
                None
            }
        }
    });
    let variable = Variable {
        name: block.labels.first()?.clone(),
        ty,
        defaults,
        default,
        description: fields.string("description"),
        sensitive: fields.bool("sensitive").unwrap_or(false),
        ephemeral: fields.bool("ephemeral").unwrap_or(false),
        nullable,
        validations: fields.blocks("validation").into_iter().filter_map(|b| condition(b, problems)).collect(),
        span: block.header,
    };
    problems.extend(fields.finish());
    Some(variable)
}

/// A type constraint; the quoted forms of old (`"string"`) are accepted as Terraform accepts them.
fn constraint(expr: &Expr) -> Result<(Type, Option<crate::lang::value::Defaults>), Diagnostics> {
    if let ExprKind::Literal(value) = &expr.kind
        && let Some(text) = value.as_str()
    {
        return match text {
            "string" => Ok((Type::String, None)),
            "list" => Ok((Type::list(Type::String), None)),
            "map" => Ok((Type::map(Type::String), None)),
            _ => {
                let text = format!("Quotes are not written around types: use {text} instead of \"{text}\".");
                Err(Diagnostic::error("Invalid quoted type constraints", text).at(expr.span).into())
            }
        };
    }
    // `list` and `map` alone are the same as with `any`.
    match keyword(expr) {
        Some("list") => return Ok((Type::list(Type::Dynamic), None)),
        Some("map") => return Ok((Type::map(Type::Dynamic), None)),
        Some("set") => return Ok((Type::set(Type::Dynamic), None)),
        _ => {}
    }
    type_constraint(expr)
}

/// `validation`, `precondition`, `postcondition` and `assert` blocks.
pub fn condition(block: &Block, problems: &mut Diagnostics) -> Option<Condition> {
    labels(block, [], problems)?;
    let mut fields = Fields::new(&block.body, block.header);
    let condition = fields.required("condition").map(|a| a.expr.clone());
    let error_message = fields.required("error_message").map(|a| a.expr.clone());
    problems.extend(fields.finish());
    Some(Condition { condition: condition?, error_message: error_message?, span: block.header })
}

/// All entries of a `locals` block.
pub fn locals(block: &Block, module: &mut Module, problems: &mut Diagnostics) {
    if labels(block, [], problems).is_none() {
        return;
    }
    for nested in &block.body.blocks {
        let text = "Blocks are not allowed here: write local values as arguments, name = expression.";
        problems.push(Diagnostic::error("Unsupported block type", text).at(nested.kind.span).within(block.header));
    }
    for attribute in &block.body.attributes {
        let name = attribute.name.name.to_string();
        if let Some(first) = module.locals.get(&name) {
            let text = format!(
                "A local value named \"{name}\" was already defined. Local value names must be unique within a module."
            );
            let duplicate = Diagnostic::error("Duplicate local value definition", text).at(attribute.name.span);
            problems.push(duplicate.label(first.name.span, "first defined here"));
            continue;
        }
        module.locals.insert(name, Local { name: attribute.name.clone(), expr: attribute.expr.clone() });
    }
}

/// An `output` block.
pub fn output(block: &Block, problems: &mut Diagnostics) -> Option<Output> {
    labels(block, ["name"], problems)?;
    if !identifier(block, 0, "output", problems) {
        return None;
    }
    let mut fields = Fields::new(&block.body, block.header);
    let value = fields.required("value").map(|a| a.expr.clone());
    let description = fields.string("description");
    let sensitive = fields.bool("sensitive").unwrap_or(false);
    let ephemeral = fields.bool("ephemeral").unwrap_or(false);
    let depends_on = fields.expr("depends_on").map(|e| depends_on(e, &mut fields.problems)).unwrap_or_default();
    let preconditions = fields.blocks("precondition").into_iter().filter_map(|b| condition(b, problems)).collect();
    for wrong in fields.blocks("postcondition") {
        let text = "Postconditions are for resources; outputs have preconditions.";
        problems.push(Diagnostic::error("Postconditions are not allowed", text).at(wrong.header));
    }
    problems.extend(fields.finish());
    Some(Output {
        name: block.labels.first()?.clone(),
        value: value?,
        description,
        sensitive,
        ephemeral,
        depends_on,
        preconditions,
        span: block.header,
    })
}

/// A list of references.
pub fn depends_on(expr: &Expr, problems: &mut Diagnostics) -> Vec<Traversal> {
    let ExprKind::Tuple(items) = &expr.kind else {
        let text = "depends_on is a list of references, such as [aws_iam_role_policy.build].";
        problems.push(Diagnostic::error("Invalid expression", text).at(expr.span));
        return Vec::new();
    };
    items.iter().filter_map(|item| reference(item, problems)).collect()
}

/// A static reference; the quoted form of old is read with a warning.
pub fn reference(expr: &Expr, problems: &mut Diagnostics) -> Option<Traversal> {
    let found = traversal(expr);
    if found.is_none() {
        let text = "A single static reference is needed here: names joined by dots, with keys in brackets.";
        problems.push(Diagnostic::error("Invalid expression", text).at(expr.span));
    }
    found
}
