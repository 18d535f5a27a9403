//! The OAuth token of GitHub (version 1) source actions. CodePipeline answers `****` for it; sending that back breaks the
//! pipeline. So the token known from configuration or state is kept, sent with every update, and a masked one never is.

use crate::diagnostics::Diagnostic;
use crate::provider::aws::failure::Outcome;
use crate::provider::aws::object::Obj;
use aws_sdk_codepipeline::types as t;

/// The key in an action's `configuration`.
pub const KEY: &str = "OAuthToken";
/// The provider of the actions that have it.
pub const PROVIDER: &str = "GitHub";

/// The token an object holds for an action, found by name; empty when it has none.
pub fn of(object: &Obj<'_>, stage: &str, action: &str) -> String {
    let stages = object.blocks("stage");
    let stage = stages.iter().find(|s| s.str("name") == stage);
    let actions = stage.map(|s| s.blocks("action")).unwrap_or_default();
    let action = actions.iter().find(|a| a.str("name") == action);
    action.and_then(|a| a.string_map("configuration").remove(KEY)).unwrap_or_default()
}

/// Whether a text is what CodePipeline or an older provider shows in the token's place.
pub fn is_masked(token: &str) -> bool {
    token.starts_with("****") || token.strip_prefix("hash-").is_some_and(|h| h.len() == 64)
}

/// Refuses a declaration that would overwrite a token with its mask.
pub fn refuse_masked(declaration: &t::PipelineDeclaration) -> Outcome<()> {
    for stage in declaration.stages() {
        for action in stage.actions() {
            let token = action.configuration().and_then(|c| c.get(KEY));
            if token.is_some_and(|t| is_masked(t)) {
                return Err(Diagnostic::error(
                    "The OAuth token is not known",
                    format!(
                        "Action {:?} of stage {:?} has only the masked form of its OAuth token; sending it would break the source.",
                        action.name(),
                        stage.name()
                    ),
                )
                .hint("Set OAuthToken to the token itself, or better move to a connection (CodeStarSourceConnection).")
                .into());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_recognised() {
        assert!(is_masked("****"));
        assert!(is_masked(&format!("hash-{}", "0".repeat(64))));
        assert!(!is_masked("hash-browns"));
        assert!(!is_masked("ghp_x"));
    }
}
