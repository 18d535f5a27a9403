//! Values of the root module's variables: from the environment, files, the command line and the person, in Terraform's order.

mod finish;
mod sources;

pub use sources::Option as VariableOption;

use super::model::{Parsing, Variable};
use crate::diagnostics::{Diagnostic, Diagnostics, Sources, Span};
use crate::lang::eval::evaluate_constant;
use crate::lang::syntax::ast::Expr;
use crate::lang::syntax::parse_expression;
use crate::lang::value::Value;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// Asks the person for a value; the answer is read like one of the command line.
pub type Ask<'a> = &'a dyn Fn(&Variable) -> io::Result<String>;

/// Where values may come from.
pub struct Given<'a> {
    /// The root module's folder: holds `terraform.tfvars` and `*.auto.tfvars`.
    pub dir: &'a Path,
    /// Name and value of environment variables; those called `TF_VAR_…` count.
    pub environment: &'a [(String, String)],
    /// `-var` and `-var-file`, in the order of the command line.
    pub options: &'a [VariableOption],
    /// For variables that are required and not set; `None` when there is nobody to ask (`-input=false`, no terminal).
    pub ask: Option<Ask<'a>>,
    /// Whether missing values are errors; `validate` and `console` do without.
    pub required: bool,
}

/// A value as found, not read yet.
#[derive(Debug, Clone)]
enum Raw {
    /// Text, read by the variable's parsing rule.
    Text { text: String, origin: Origin },
    /// An expression of a variables file.
    Expression(Expr),
}

/// Where a text was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Environment,
    CommandLine,
    Prompt,
}

/// Values of root variables. What was not given is absent.
#[derive(Debug, Clone, Default)]
pub struct Values {
    /// Converted to their types, with defaults of optional attributes, and marked.
    pub converted: BTreeMap<String, Value>,
    /// As they were read: a number on the command line is a string.
    pub raw: BTreeMap<String, Value>,
    /// Why values that could be read are none of their variable.
    pub rejected: BTreeMap<String, Diagnostic>,
}

impl Values {
    /// The converted values.
    ///
    /// # Errors
    /// What was rejected.
    pub fn accepted(self) -> Result<BTreeMap<String, Value>, Diagnostics> {
        match self.rejected.is_empty() {
            true => Ok(self.converted),
            false => Err(self.rejected.into_values().collect()),
        }
    }
}

/// The values of declared variables that were given (the engine takes the default of others). Validation rules are the engine's.
///
/// # Errors
/// Among the diagnostics: unreadable files, values that cannot be read, values on the command line for undeclared variables (in files a
/// warning), and required variables without value. Values of the wrong type are [`Values::rejected`].
pub fn collect(declared: &BTreeMap<String, Variable>, given: &Given<'_>, files: &Sources) -> (Values, Diagnostics) {
    let mut d = Diagnostics::new();
    let mut texts = sources::gather(given, files, &mut d);
    // What could not be read may have held the values that are missing.
    let given =
        &Given { required: given.required && !d.has_errors(), ask: given.ask.filter(|_| !d.has_errors()), ..*given };
    undeclared(declared, &texts, files, &mut d);
    let mut values = Values::default();
    for (name, variable) in declared {
        let found = match texts.remove(name) {
            Some(found) => found,
            None if !variable.is_required() => continue,
            None => match ask(variable, given, &mut d) {
                Some(answer) => answer,
                None => continue,
            },
        };
        let at = match &found {
            Raw::Expression(expr) => Some(expr.span),
            Raw::Text { .. } => None,
        };
        let Some(value) = d.absorb(read(variable, &found, files)) else { continue };
        values.raw.insert(name.clone(), value.clone());
        match finish::finish(variable, value, at, &found) {
            Ok(Some(value)) => drop(values.converted.insert(name.clone(), value)),
            Ok(None) => {}
            Err(error) => drop(values.rejected.insert(name.clone(), *error)),
        }
    }
    (values, d)
}

fn ask(variable: &Variable, given: &Given<'_>, d: &mut Diagnostics) -> std::option::Option<Raw> {
    let name = &variable.name.name;
    if let Some(ask) = given.ask {
        match ask(variable) {
            Ok(text) => return Some(Raw::Text { text, origin: Origin::Prompt }),
            Err(e) => {
                let detail = format!("The value of \"{name}\" could not be asked for: {e}.");
                d.push(Diagnostic::error("Failed to request interactive input", detail).at(variable.span));
                return None;
            }
        }
    }
    if given.required {
        d.push(
            Diagnostic::error(
                "No value for required variable",
                format!(
                    "The root module input variable \"{name}\" is not set, and has no default value. Use a -var or -var-file \
                     command line argument to provide a value for this variable."
                ),
            )
            .at(variable.span)
            .within(variable.span)
            .hint(format!("For example -var '{name}=…', TF_VAR_{name}=…, or a line `{name} = …` in terraform.tfvars.")),
        );
    }
    None
}

/// Reads a value as found.
fn read(variable: &Variable, raw: &Raw, files: &Sources) -> Result<Value, Diagnostics> {
    match raw {
        Raw::Expression(expr) => evaluate_constant(expr),
        Raw::Text { text, .. } if variable.parsing == Parsing::Literal => Ok(Value::string_normalized(text)),
        Raw::Text { text, .. } => {
            let file = files.add(format!("<value for var.{}>", variable.name.name), text.as_str());
            parse_expression(file, text, 0).and_then(|expr| evaluate_constant(&expr)).map_err(|errors| {
                let hinted = errors.into_iter().map(|e| match e.summary.as_str() {
                    "Variables not allowed" => {
                        e.hint("A value of this type is an expression; a string inside of it needs quotes: '[\"a\"]'.")
                    }
                    _ => e,
                });
                hinted.collect()
            })
        }
    }
}

/// At most this many warnings about values in files; the rest is counted.
const UNDECLARED_SHOWN: usize = 2;

fn undeclared(
    declared: &BTreeMap<String, Variable>,
    raw: &BTreeMap<String, Raw>,
    files: &Sources,
    d: &mut Diagnostics,
) {
    let mut in_files = 0;
    for (name, raw) in raw.iter().filter(|(name, _)| !declared.contains_key(*name)) {
        let close = crate::lang::eval::did_you_mean(name, declared.keys().map(String::as_str));
        let hinted = |diagnostic: Diagnostic| match close {
            Some(close) => diagnostic.hint(format!("Did you mean \"{close}\"?")),
            None => diagnostic.hint(format!("To use the value, add a block `variable \"{name}\" {{}}`.")),
        };
        match raw {
            Raw::Text { origin: Origin::CommandLine, .. } => d.push(hinted(Diagnostic::error(
                "Value for undeclared variable",
                format!(
                    "A variable named \"{name}\" was assigned on the command line, but the root module does not declare a \
                     variable of that name."
                ),
            ))),
            // Set for many configurations at once, of which not all declare them.
            Raw::Text { .. } => {}
            Raw::Expression(expr) => {
                in_files += 1;
                if in_files <= UNDECLARED_SHOWN {
                    let file = files.get(expr.span.file).map(|f| f.name.clone()).unwrap_or_default();
                    d.push(
                        hinted(Diagnostic::warning(
                            "Value for undeclared variable",
                            format!(
                                "The root module does not declare a variable named \"{name}\" but a value was found in file \
                                 \"{file}\"."
                            ),
                        ))
                        .at(expr.span),
                    );
                }
            }
        }
    }
    if in_files > UNDECLARED_SHOWN {
        let rest = in_files - UNDECLARED_SHOWN;
        d.push(Diagnostic::warning(
            "Values for undeclared variables",
            format!(
                "In addition to the other similar warnings shown, {rest} other variable(s) are given a value without being \
                 declared."
            ),
        ));
    }
}

/// Place of a value in a file.
type At = std::option::Option<Span>;

#[cfg(test)]
mod tests;
