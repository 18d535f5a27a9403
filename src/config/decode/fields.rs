//! Reads the arguments and blocks of one body and reports what does not belong there, with suggestions.

use crate::config::suggest::did_you_mean;
use crate::diagnostics::{Diagnostic, Diagnostics, Span};
use crate::lang::eval::evaluate_constant;
use crate::lang::syntax::ast::{Attribute, Block, Body, Expr};
use crate::lang::value::{Kind, Type, Value, convert};
use std::collections::BTreeSet;

/// A body being read: what was asked for is known, the rest is reported by [`Fields::finish`].
pub struct Fields<'a> {
    body: &'a Body,
    /// Header of the block.
    pub header: Span,
    known: BTreeSet<&'static str>,
    known_blocks: BTreeSet<&'static str>,
    /// What is wrong so far.
    pub problems: Diagnostics,
}

impl<'a> Fields<'a> {
    /// Starts reading a body.
    pub fn new(body: &'a Body, header: Span) -> Self {
        Fields { body, header, known: BTreeSet::new(), known_blocks: BTreeSet::new(), problems: Diagnostics::new() }
    }

    /// An argument, if set.
    pub fn optional(&mut self, name: &'static str) -> Option<&'a Attribute> {
        self.known.insert(name);
        self.body.attribute(name)
    }

    /// An argument that must be set.
    pub fn required(&mut self, name: &'static str) -> Option<&'a Attribute> {
        let found = self.optional(name);
        if found.is_none() {
            let text = format!("The argument \"{name}\" is required, but no definition was found.");
            self.problems.push(Diagnostic::error("Missing required argument", text).at(self.header));
        }
        found
    }

    /// The expression of an argument, if set.
    pub fn expr(&mut self, name: &'static str) -> Option<&'a Expr> {
        self.optional(name).map(|a| &a.expr)
    }

    /// A constant of a type; anything else is reported.
    pub fn constant(&mut self, name: &'static str, ty: &Type) -> Option<Value> {
        let attribute = self.optional(name)?;
        let value = self.problems.absorb(evaluate_constant(&attribute.expr))?;
        match convert(&value, ty) {
            Ok(value) if value.is_null() => None,
            Ok(value) => Some(value),
            Err(e) => {
                let text = format!("Unsuitable value for \"{name}\": {e}.");
                self.problems
                    .push(Diagnostic::error("Unsuitable value type", text).at(attribute.expr.span).within(self.header));
                None
            }
        }
    }

    /// A constant string.
    pub fn string(&mut self, name: &'static str) -> Option<String> {
        self.constant(name, &Type::String).and_then(|v| v.as_str().map(str::to_owned))
    }

    /// A constant bool.
    pub fn bool(&mut self, name: &'static str) -> Option<bool> {
        self.constant(name, &Type::Bool).and_then(|v| if let Kind::Bool(b) = v.kind() { Some(*b) } else { None })
    }

    /// Nested blocks of a type.
    pub fn blocks(&mut self, kind: &'static str) -> Vec<&'a Block> {
        self.known_blocks.insert(kind);
        self.body.blocks_of(kind).collect()
    }

    /// The only nested block of a type; a second is reported.
    pub fn block(&mut self, kind: &'static str) -> Option<&'a Block> {
        let blocks = self.blocks(kind);
        let first = blocks.first().copied();
        if let (Some(first), Some(second)) = (first, blocks.get(1)) {
            let text = format!("Only one {kind} block is allowed here.");
            self.problems.push(
                Diagnostic::error(format!("Duplicate {kind} block"), text)
                    .at(second.header)
                    .label(first.header, "the first one"),
            );
        }
        first
    }

    /// Reports every argument and block nobody asked for, and hands over what is wrong.
    pub fn finish(mut self) -> Diagnostics {
        for attribute in &self.body.attributes {
            let name = &*attribute.name.name;
            if self.known.contains(name) {
                continue;
            }
            let text = if self.known_blocks.contains(name) {
                format!(
                    "An argument named \"{name}\" is not expected here. Did you mean to define a block of type \"{name}\"?"
                )
            } else {
                let hint = did_you_mean(name, self.known.iter().copied());
                format!("An argument named \"{name}\" is not expected here.{hint}")
            };
            self.problems
                .push(Diagnostic::error("Unsupported argument", text).at(attribute.name.span).within(self.header));
        }
        for block in &self.body.blocks {
            let kind = &*block.kind.name;
            if self.known_blocks.contains(kind) {
                continue;
            }
            let text = if self.known.contains(kind) {
                format!(
                    "Blocks of type \"{kind}\" are not expected here. Did you mean to define argument \"{kind}\"? If so, use the equals sign to assign it a value."
                )
            } else {
                let hint = did_you_mean(kind, self.known_blocks.iter().copied());
                format!("Blocks of type \"{kind}\" are not expected here.{hint}")
            };
            self.problems
                .push(Diagnostic::error("Unsupported block type", text).at(block.kind.span).within(self.header));
        }
        self.problems
    }

    /// What is left when everything asked for is taken out: the part a provider's schema describes. Hands over what is wrong.
    pub fn remaining(self) -> (Body, Diagnostics) {
        let body = Body {
            attributes: self.body.attributes.iter().filter(|a| !self.known.contains(&*a.name.name)).cloned().collect(),
            blocks: self.body.blocks.iter().filter(|b| !self.known_blocks.contains(&*b.kind.name)).cloned().collect(),
            span: self.body.span,
        };
        (body, self.problems)
    }
}

/// Checks the number of labels; names what each is for.
pub fn labels<'a, const N: usize>(
    block: &'a Block,
    names: [&str; N],
    problems: &mut Diagnostics,
) -> Option<[&'a str; N]> {
    let kind = &block.kind.name;
    if block.labels.len() < N {
        let name = names.get(block.labels.len()).copied().unwrap_or("name");
        let all = names.join(", ");
        let text = format!("All {kind} blocks must have {N} label{} ({all}).", if N == 1 { "" } else { "s" });
        problems.push(Diagnostic::error(format!("Missing {name} for {kind}"), text).at(block.header));
        return None;
    }
    if let Some(extra) = block.labels.get(N) {
        let text = match N {
            0 => format!("No labels are expected for {kind} blocks."),
            1 => format!("Only 1 label ({}) is expected for {kind} blocks.", names.join(", ")),
            _ => format!("Only {N} labels ({}) are expected for {kind} blocks.", names.join(", ")),
        };
        problems
            .push(Diagnostic::error(format!("Extraneous label for {kind}"), text).at(extra.span).within(block.header));
        return None;
    }
    let mut out = [""; N];
    for (slot, label) in out.iter_mut().zip(&block.labels) {
        *slot = &label.name;
    }
    Some(out)
}

/// Reports a label that is no identifier.
pub fn identifier(block: &Block, label: usize, what: &str, problems: &mut Diagnostics) -> bool {
    let Some(label) = block.labels.get(label) else { return false };
    let first = label.name.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_');
    let valid = first && label.name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if !valid {
        let text = "A name must start with a letter or underscore and may contain only letters, digits, underscores, and dashes.";
        problems.push(Diagnostic::error(format!("Invalid {what} name"), text).at(label.span).within(block.header));
    }
    valid
}
