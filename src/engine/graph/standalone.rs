//! References of an expression that stands in no block.

use super::check::{Checker, Place};
use crate::address::ModulePath;
use crate::config::model::Config;
use crate::diagnostics::Diagnostics;
use crate::engine::references::Reference;
use crate::engine::schemas::Schemas;
use crate::lang::eval::references;
use crate::lang::syntax::ast::Expr;
use crate::provider::Registry;

/// What is wrong with the references of an expression in the root module.
pub(in crate::engine) fn check_references(
    config: &Config,
    registry: &Registry,
    schemas: &Schemas,
    expr: &Expr,
) -> Diagnostics {
    let checker = Checker { config, registry, schemas };
    let wrong = |traversal| match Reference::parse(&traversal) {
        Ok(reference) => {
            checker.check(&ModulePath::root(), &config.root, &reference, &Place::default()).err().map(|error| *error)
        }
        Err(error) => Some(error),
    };
    references(expr).into_iter().filter_map(wrong).collect()
}
