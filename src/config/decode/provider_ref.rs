//! References to provider configurations: `aws`, `aws.east`, and maps of them.

use crate::config::constant::{self, Notation};
use crate::config::model::ProviderRef;
use crate::diagnostics::{Diagnostic, Diagnostics, Span};
use crate::lang::eval::traversal;
use crate::lang::syntax::ast::{Expr, TraversalStep};

/// Reads the value of `provider`, or one side of an entry of `providers`.
pub(crate) fn decode(expr: &Expr, argument: &str, notation: &Notation, d: &mut Diagnostics) -> Option<ProviderRef> {
    let reference = constant::unquoted(expr, notation, "references", d);
    let invalid = |detail: String| Diagnostic::error("Invalid provider configuration reference", detail).at(expr.span);
    let Some(traversal) = traversal(&reference).filter(|t| t.steps.len() < 2) else {
        d.push(invalid(format!(
            "The {argument} argument requires a provider type name, optionally followed by a period and then a \
             configuration alias."
        )));
        return None;
    };
    if !check_local_name(&traversal.root.name, traversal.root.span, d) {
        return None;
    }
    let alias = match traversal.steps.first() {
        None => None,
        Some(TraversalStep::Attr(name)) => Some(name.name.to_string()),
        Some(TraversalStep::Index(..)) => {
            d.push(invalid(
                "Provider name must either stand alone or be followed by a period and then a configuration alias."
                    .into(),
            ));
            return None;
        }
    };
    Some(ProviderRef { local_name: traversal.root.name.to_string(), alias, span: expr.span })
}

/// Reads the `providers` argument of a module call: name in the child, and in the caller.
pub(crate) fn decode_map(expr: &Expr, notation: &Notation, d: &mut Diagnostics) -> Vec<(ProviderRef, ProviderRef)> {
    let mut pairs: Vec<(ProviderRef, ProviderRef)> = Vec::new();
    for item in d.absorb(constant::object(expr)).unwrap_or_default() {
        let child = decode(&constant::key_expr(&item.key), "providers", notation, d);
        let parent = decode(&item.value, "providers", notation, d);
        let (Some(child), Some(parent)) = (child, parent) else { continue };
        let earlier = pairs.iter().find(|(c, _)| c.local_name == child.local_name && c.alias == child.alias);
        if let Some((first, _)) = earlier {
            let detail = "Each child provider configuration can be assigned only once.";
            d.push(
                Diagnostic::error("Duplicate provider address", detail)
                    .at(child.span)
                    .label(first.span, "already assigned here"),
            );
            continue;
        }
        pairs.push((child, parent));
    }
    pairs
}

/// Local names of providers are lower case: letters, digits and dashes.
pub(crate) fn check_local_name(name: &str, span: Span, d: &mut Diagnostics) -> bool {
    let lower = name.to_lowercase();
    let wrong = |c: char| !(c.is_alphanumeric() || c == '-');
    let problem = if name.is_empty() || name.starts_with('-') || name.ends_with('-') || name.contains(wrong) {
        "A provider local name consists of letters, digits and dashes, and neither begins nor ends with a dash."
            .to_owned()
    } else if name.contains("--") {
        "A provider local name cannot contain two dashes in a row.".to_owned()
    } else if lower != name {
        format!("Provider names must be normalized. Replace \"{name}\" with \"{lower}\" to fix this error.")
    } else {
        return true;
    };
    d.push(Diagnostic::error("Invalid provider local name", problem).at(span));
    false
}
