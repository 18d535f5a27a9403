//! Override files: what their blocks say replaces what the blocks of ordinary files say, argument by argument.
//!
//! It happens before blocks are decoded, so that the result is checked as if it had been written so. Terraform's rules: nested
//! blocks of a type replace all of that type; `lifecycle` merges by argument; `depends_on` and conditions cannot be overridden; a
//! `backend` replaces any backend; `required_providers` merges by provider; `required_version` replaces all.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::eval::evaluate_constant;
use crate::lang::syntax::ast::{Attribute, Block, Body};

/// Merges the blocks of one override file into those of the module.
pub(super) fn apply(base: &mut Vec<Block>, overrides: Vec<Block>, d: &mut Diagnostics) {
    let mut required_version_set = false;
    for block in overrides {
        match &*block.kind.name {
            "terraform" => terraform(base, block, &mut required_version_set, d),
            "locals" => locals(base, block, d),
            "provider" | "variable" | "output" | "module" | "resource" | "data" | "ephemeral" => {
                labelled(base, block, d)
            }
            "check" => d.push(
                Diagnostic::error("Can't override check blocks", "Override files cannot override check blocks.")
                    .at(block.header),
            ),
            "moved" => {
                forbidden(&block, "Records of moved objects can appear only in normal files, not in override files.", d)
            }
            "import" => forbidden(&block, "Import blocks can appear only in normal files, not in override files.", d),
            "removed" => forbidden(&block, "Removed blocks can appear only in normal files, not in override files.", d),
            // Misplaced; decoding reports it.
            _ => base.push(block),
        }
    }
}

fn forbidden(block: &Block, detail: &str, d: &mut Diagnostics) {
    let kind = &block.kind.name;
    d.push(Diagnostic::error(format!("Cannot override '{kind}' blocks"), detail).at(block.header));
}

/// Whether two blocks declare the same thing.
fn same(a: &Block, b: &Block) -> bool {
    a.kind.name == b.kind.name
        && a.labels.len() == b.labels.len()
        && a.labels.iter().zip(&b.labels).all(|(a, b)| a.name == b.name)
        && (&*a.kind.name != "provider" || alias(a) == alias(b))
}

fn alias(provider: &Block) -> Option<String> {
    let value = evaluate_constant(&provider.body.attribute("alias")?.expr).ok()?;
    value.as_str().map(str::to_owned)
}

fn labelled(base: &mut Vec<Block>, block: Block, d: &mut Diagnostics) {
    let Some(target) = base.iter_mut().find(|b| same(b, &block)) else {
        // A missing default configuration counts as an empty one, which can be overridden.
        if &*block.kind.name == "provider" && alias(&block).is_none() {
            base.push(block);
        } else {
            missing(&block, d);
        }
        return;
    };
    if let Some(depends_on) = block.body.attribute("depends_on")
        && !matches!(&*block.kind.name, "provider" | "variable")
    {
        d.push(
            Diagnostic::error("Unsupported override", "The depends_on argument may not be overridden.")
                .at(depends_on.span)
                .within(block.header),
        );
    }
    body(&mut target.body, block.body, d);
}

fn missing(block: &Block, d: &mut Diagnostics) {
    let label = |i: usize| block.labels.get(i).map(|l| l.name.to_string()).unwrap_or_default();
    let (summary, what) = match &*block.kind.name {
        "variable" => ("Missing base variable declaration to override", format!("a variable named \"{}\"", label(0))),
        "output" => ("Missing base output definition to override", format!("an output named \"{}\"", label(0))),
        "module" => ("Missing module call to override", format!("a module call named \"{}\"", label(0))),
        "provider" => {
            let alias = alias(block).unwrap_or_default();
            let what = format!("a \"{}\" provider configuration with the alias \"{alias}\"", label(0));
            ("Missing base provider configuration for override", what)
        }
        "data" => ("Missing data resource to override", format!("a {} data resource named \"{}\"", label(0), label(1))),
        _ => ("Missing resource to override", format!("a {} resource named \"{}\"", label(0), label(1))),
    };
    let detail = format!("There is not {what}. An override file can only override what an ordinary file declares.");
    let detail = detail.replace("There is not a", "There is no").replace("no n ", "no ");
    d.push(Diagnostic::error(summary, detail).at(block.header));
}

/// Conditions, which nobody expects to change from another file.
const CONDITIONS: [&str; 4] = ["validation", "precondition", "postcondition", "assert"];

fn body(base: &mut Body, over: Body, d: &mut Diagnostics) {
    for attribute in over.attributes {
        // One way of repeating replaces the other.
        let rival = match &*attribute.name.name {
            "count" => Some("for_each"),
            "for_each" => Some("count"),
            _ => None,
        };
        base.attributes.retain(|a| Some(&*a.name.name) != rival);
        set(&mut base.attributes, attribute);
    }
    let (lifecycles, blocks): (Vec<Block>, Vec<Block>) =
        over.blocks.into_iter().partition(|b| &*b.kind.name == "lifecycle");
    let (conditions, blocks): (Vec<Block>, Vec<Block>) =
        blocks.into_iter().partition(|b| CONDITIONS.contains(&&*b.kind.name));
    for condition in conditions {
        no_condition(&condition, d);
    }
    for lifecycle in lifecycles {
        for condition in lifecycle.body.blocks.iter().filter(|b| CONDITIONS.contains(&&*b.kind.name)) {
            no_condition(condition, d);
        }
        match base.blocks.iter_mut().find(|b| &*b.kind.name == "lifecycle") {
            Some(target) => {
                for attribute in lifecycle.body.attributes {
                    set(&mut target.body.attributes, attribute);
                }
            }
            None => base.blocks.push(lifecycle),
        }
    }
    let replaced: Vec<_> = blocks.iter().map(|b| b.produces().name.clone()).collect();
    base.blocks.retain(|b| !replaced.contains(&b.produces().name));
    base.blocks.extend(blocks);
}

fn no_condition(block: &Block, d: &mut Diagnostics) {
    let kind = &block.kind.name;
    let detail = format!("Override files cannot override \"{kind}\" blocks.");
    d.push(Diagnostic::error(format!("Can't override {kind} blocks"), detail).at(block.header));
}

fn set(attributes: &mut Vec<Attribute>, attribute: Attribute) {
    match attributes.iter_mut().find(|a| a.name.name == attribute.name.name) {
        Some(old) => *old = attribute,
        None => attributes.push(attribute),
    }
}

fn locals(base: &mut [Block], block: Block, d: &mut Diagnostics) {
    for attribute in block.body.attributes {
        let name = &attribute.name.name;
        let old = base
            .iter_mut()
            .filter(|b| &*b.kind.name == "locals")
            .find_map(|b| b.body.attributes.iter_mut().find(|a| a.name.name == *name));
        match old {
            Some(old) => *old = attribute,
            None => {
                let detail = format!(
                    "There is no local value named \"{name}\". An override file can only override a local value that was \
                     already defined in a primary configuration file."
                );
                let summary = "Missing base local value definition to override";
                d.push(Diagnostic::error(summary, detail).at(attribute.name.span));
            }
        }
    }
}

fn terraform(base: &mut Vec<Block>, mut block: Block, required_version_set: &mut bool, d: &mut Diagnostics) {
    if block.body.attribute("required_version").is_some() && !*required_version_set {
        *required_version_set = true;
        for b in base.iter_mut().filter(|b| &*b.kind.name == "terraform") {
            b.body.attributes.retain(|a| &*a.name.name != "required_version");
        }
    }
    let storage = |b: &Block| matches!(&*b.kind.name, "backend" | "cloud");
    if block.body.blocks.iter().filter(|b| storage(b)).count() > 1 {
        let detail = "Each override file may have only one backend configuration.";
        d.push(Diagnostic::error("Duplicate backend configuration", detail).at(block.header));
    }
    if block.body.blocks.iter().any(storage) {
        for b in base.iter_mut().filter(|b| &*b.kind.name == "terraform") {
            b.body.blocks.retain(|b| !storage(b));
        }
    }
    let has_required = base
        .iter()
        .filter(|b| &*b.kind.name == "terraform")
        .any(|b| b.body.blocks_of("required_providers").next().is_some());
    if has_required {
        let (required, rest): (Vec<Block>, Vec<Block>) =
            block.body.blocks.into_iter().partition(|b| &*b.kind.name == "required_providers");
        block.body.blocks = rest;
        let target = base
            .iter_mut()
            .filter(|b| &*b.kind.name == "terraform")
            .find_map(|b| b.body.blocks.iter_mut().find(|b| &*b.kind.name == "required_providers"));
        if let Some(target) = target {
            for attribute in required.into_iter().flat_map(|b| b.body.attributes) {
                set(&mut target.body.attributes, attribute);
            }
        }
    }
    base.push(block);
}
