//! `count` and `for_each`.

use super::content::Content;
use crate::config::model::Repetition;
use crate::diagnostics::{Diagnostic, Diagnostics};

pub(crate) fn decode(content: &Content<'_>, d: &mut Diagnostics) -> Repetition {
    match (content.attribute("count"), content.attribute("for_each")) {
        (Some(count), Some(for_each)) => {
            d.push(
                Diagnostic::error(
                    "Invalid combination of \"count\" and \"for_each\"",
                    "The \"count\" and \"for_each\" meta-arguments are mutually-exclusive, only one should be used to be \
                     explicit about the number of resources to be created.",
                )
                .at(for_each.name.span)
                .label(count.name.span, "count is set here"),
            );
            Repetition::ForEach(for_each.expr.clone())
        }
        (Some(count), None) => Repetition::Count(count.expr.clone()),
        (None, Some(for_each)) => Repetition::ForEach(for_each.expr.clone()),
        (None, None) => Repetition::Single,
    }
}
