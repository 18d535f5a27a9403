//! Takes a block's content apart by what may stand in it, and reports everything else: unsupported, missing, doubled.

use crate::config::suggest::did_you_mean;
use crate::diagnostics::{Diagnostic, Diagnostics, Span};
use crate::lang::syntax::ast::{Attribute, Block, Body};

/// What may stand in a body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// Names of arguments, and whether they must be there.
    pub(crate) attributes: &'static [(&'static str, bool)],
    /// Types of nested blocks with the names of their labels.
    pub(crate) blocks: &'static [(&'static str, &'static [&'static str])],
}

/// What stood there.
#[derive(Debug, Default)]
pub(crate) struct Content<'a> {
    attributes: Vec<&'a Attribute>,
    /// Nested blocks with the right number of labels, in order.
    pub(crate) blocks: Vec<&'a Block>,
}

impl<'a> Content<'a> {
    /// An argument.
    pub(crate) fn attribute(&self, name: &str) -> Option<&'a Attribute> {
        self.attributes.iter().copied().find(|a| &*a.name.name == name)
    }

    /// All arguments.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = &'a Attribute> + '_ {
        self.attributes.iter().copied()
    }

    /// Blocks of one type.
    pub(crate) fn blocks_of<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = &'a Block> + 's {
        self.blocks.iter().copied().filter(move |b| &*b.kind.name == kind)
    }
}

impl Shape {
    /// Takes a body apart; what the shape does not name is an error. `header` is the block's, for missing arguments.
    pub(crate) fn content<'a>(&self, body: &'a Body, header: Span, diagnostics: &mut Diagnostics) -> Content<'a> {
        let mut content = Content::default();
        for (name, required) in self.attributes {
            if *required && body.attribute(name).is_none() {
                let detail = format!("The argument \"{name}\" is required, but no definition was found.");
                diagnostics.push(Diagnostic::error("Missing required argument", detail).at(header).within(header));
            }
        }
        for attribute in &body.attributes {
            let given = &*attribute.name.name;
            if self.has_attribute(given) {
                content.attributes.push(attribute);
                continue;
            }
            let hint = if self.has_block(given) {
                format!(" Did you mean to define a block of type \"{given}\"?")
            } else {
                did_you_mean(given, self.attributes.iter().map(|(name, _)| *name))
            };
            let detail = format!("An argument named \"{given}\" is not expected here.{hint}");
            diagnostics.push(Diagnostic::error("Unsupported argument", detail).at(attribute.name.span).within(header));
        }
        for block in &body.blocks {
            let given = &*block.kind.name;
            if let Some((_, labels)) = self.blocks.iter().find(|(kind, _)| *kind == given) {
                if check_labels(block, labels, diagnostics) {
                    content.blocks.push(block);
                }
                continue;
            }
            let hint = if self.has_attribute(given) {
                format!(
                    " Did you mean to define argument \"{given}\"? If so, use the equals sign to assign it a value."
                )
            } else {
                did_you_mean(given, self.blocks.iter().map(|(kind, _)| *kind))
            };
            let detail = format!("Blocks of type \"{given}\" are not expected here.{hint}");
            diagnostics.push(Diagnostic::error("Unsupported block type", detail).at(block.kind.span).within(header));
        }
        content
    }

    /// What the shape names, and the rest, which is for someone who knows more.
    pub(crate) fn split(&self, body: Body) -> (Body, Body) {
        let span = body.span;
        let (attributes, more_attributes) = body.attributes.into_iter().partition(|a| self.has_attribute(&a.name.name));
        let (blocks, more_blocks) = body.blocks.into_iter().partition(|b| self.has_block(&b.kind.name));
        (Body { attributes, blocks, span }, Body { attributes: more_attributes, blocks: more_blocks, span })
    }

    fn has_attribute(&self, name: &str) -> bool {
        self.attributes.iter().any(|(n, _)| *n == name)
    }

    fn has_block(&self, kind: &str) -> bool {
        self.blocks.iter().any(|(k, _)| *k == kind)
    }
}

/// Whether a block has the labels its type wants.
pub(crate) fn check_labels(block: &Block, labels: &[&str], diagnostics: &mut Diagnostics) -> bool {
    let kind = &block.kind.name;
    let names = labels.join(", ");
    if let Some(extra) = block.labels.get(labels.len()) {
        let detail = if labels.is_empty() {
            format!("No labels are expected for {kind} blocks.")
        } else {
            format!("Only {} labels ({names}) are expected for {kind} blocks.", labels.len())
        };
        diagnostics.push(
            Diagnostic::error(format!("Extraneous label for {kind}"), detail).at(extra.span).within(block.header),
        );
        return false;
    }
    if let Some(missing) = labels.get(block.labels.len()) {
        let detail = format!("All {kind} blocks must have {} labels ({names}).", labels.len());
        diagnostics.push(
            Diagnostic::error(format!("Missing {missing} for {kind}"), detail).at(block.header).within(block.header),
        );
        return false;
    }
    true
}

/// Reports blocks where only arguments may stand.
pub(crate) fn no_blocks(body: &Body, header: Span, diagnostics: &mut Diagnostics) {
    for block in &body.blocks {
        let summary = format!("Unexpected \"{}\" block", block.kind.name);
        diagnostics.push(Diagnostic::error(summary, "Blocks are not allowed here.").at(block.kind.span).within(header));
    }
}

/// Reports a second block where one is enough; says where the first stands. `seen` is its header.
pub(crate) fn once(
    seen: &mut Option<Span>,
    block: &Block,
    summary: &str,
    detail: &str,
    diagnostics: &mut Diagnostics,
) -> bool {
    if let Some(first) = seen {
        diagnostics
            .push(Diagnostic::error(summary, detail).at(block.header).label(*first, "the first one stands here"));
        return false;
    }
    *seen = Some(block.header);
    true
}

/// The special block `_` holds arguments that would otherwise be taken for meta-arguments.
pub(crate) const ESCAPE: &str = "_";

/// Adds the content of an escaping block to what is left for the schema.
pub(crate) fn escape(rest: &mut Body, seen: &mut Option<Span>, block: &Block, diagnostics: &mut Diagnostics) {
    let detail = "A block can have only one escaping block \"_\".";
    if once(seen, block, "Duplicate escaping block", detail, diagnostics) {
        rest.attributes.extend(block.body.attributes.iter().cloned());
        rest.blocks.extend(block.body.blocks.iter().cloned());
    }
}

/// A block type kept free for later.
pub(crate) fn reserved(block: &Block, place: &str, diagnostics: &mut Diagnostics) {
    let detail =
        format!("The block type name \"{}\" is reserved for use by Terraform in a future version.", block.kind.name);
    diagnostics
        .push(Diagnostic::error(format!("Reserved block type name in {place} block"), detail).at(block.kind.span));
}
