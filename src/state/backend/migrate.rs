//! Moves states from one backend to another, when `init -migrate-state` settles a change.
//!
//! States keep lineage and serial. The old place keeps its state; nothing in the new place is overwritten without a yes.

use super::workspace::DEFAULT;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::state::codec;
use crate::state::store::{Backend, StateStore};
use std::time::Duration;

/// What the person is asked. `from` and `to` are kinds of backends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Several workspaces are about to be copied.
    AllWorkspaces {
        /// The old backend's kind.
        from: &'static str,
        /// The new backend's kind.
        to: &'static str,
        /// Which.
        workspaces: Vec<String>,
    },
    /// There is a state in the old place and none in the new one.
    Copy {
        /// The old backend's kind.
        from: &'static str,
        /// The new backend's kind.
        to: &'static str,
    },
    /// There is a state in both places, and they differ.
    Overwrite {
        /// The workspace.
        workspace: String,
        /// Where the state comes from.
        from: String,
        /// Where it would replace another.
        to: String,
    },
}

/// Answers a question; an error ends the migration.
pub type Ask<'a> = &'a (dyn Fn(&Question) -> Result<bool, Diagnostics> + Send + Sync);

/// Copies all states of `from` to `to`; tells the workspaces copied. `lock` is how long locks are tried for; `None` takes none.
///
/// # Errors
/// Failures to read, lock or write; states that an interrupted run left unfinished. What was copied before stays copied.
pub async fn migrate(
    from: &dyn Backend,
    to: &dyn Backend,
    lock: Option<Duration>,
    ask: Ask<'_>,
) -> Result<Vec<String>, Diagnostics> {
    let workspaces = from.workspaces().await?;
    let several = workspaces.len() > 1;
    if several {
        let question = Question::AllWorkspaces { from: from.kind(), to: to.kind(), workspaces: workspaces.clone() };
        if !ask(&question)? {
            let detail = "Migration was declined; the backend in use is still the previous one.";
            return Err(Diagnostic::error("Migration aborted", detail).into());
        }
    }
    let mut copied = Vec::new();
    for workspace in workspaces {
        let (source, target) = (from.open(&workspace).await?, to.open(&workspace).await?);
        let kinds = (!several).then(|| (from.kind(), to.kind()));
        if locked(&*source, &*target, &workspace, kinds, lock, ask).await? {
            copied.push(workspace);
        } else if workspace != DEFAULT && !to.workspaces().await?.contains(&workspace) {
            to.create_workspace(&workspace).await?;
        }
    }
    Ok(copied)
}

async fn locked(
    source: &dyn StateStore,
    target: &dyn StateStore,
    workspace: &str,
    kinds: Option<(&'static str, &'static str)>,
    lock: Option<Duration>,
    ask: Ask<'_>,
) -> Result<bool, Diagnostics> {
    if let Some(timeout) = lock {
        source.lock("migration source state", timeout, &|_| {}).await?;
        if let Err(held) = target.lock("migration destination state", timeout, &|_| {}).await {
            source.unlock().await?;
            return Err(held);
        }
    }
    let result = copy(source, target, workspace, kinds, ask).await;
    let released = target.unlock().await.and(source.unlock().await);
    let copied = result?;
    released?;
    Ok(copied)
}

async fn copy(
    source: &dyn StateStore,
    target: &dyn StateStore,
    workspace: &str,
    kinds: Option<(&'static str, &'static str)>,
    ask: Ask<'_>,
) -> Result<bool, Diagnostics> {
    let state = source.read().await?;
    let present = target.read().await?;
    let pending = source.journal().pending().len();
    if pending > 0 {
        return Err(Diagnostic::error(
            "An interrupted run is not completed yet",
            format!(
                "The journal of {} has {pending} unfinished changes. They would be lost track of.",
                source.location()
            ),
        )
        .hint("Go back to the previous backend block, run `pipewright apply` to complete them, then migrate.")
        .into());
    }
    if state.is_empty() {
        return Ok(false);
    }
    let there = !present.is_empty();
    let same = present.lineage == state.lineage && present.serial == state.serial;
    if there && same && codec::digest(&present) == codec::digest(&state) {
        return Ok(false);
    }
    let question = match kinds {
        _ if there => Some(Question::Overwrite {
            workspace: workspace.to_owned(),
            from: source.location(),
            to: target.location(),
        }),
        Some((from, to)) => Some(Question::Copy { from, to }),
        None => None,
    };
    if let Some(question) = question
        && !ask(&question)?
    {
        return Ok(false);
    }
    target.replace(&state, true).await?;
    Ok(true)
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
    use super::super::local::{LocalBackend, LocalPaths};
    use super::*;
    use crate::state::model::{OutputValue, State};
    use std::path::Path;
    use std::sync::Mutex;

    fn state(value: &str) -> State {
        let mut state = State::default();
        let output = OutputValue {
            value: crate::lang::value::Value::string(value),
            ty: crate::lang::value::Type::String,
            sensitive: false,
        };
        state.outputs.insert("o".into(), output);
        state
    }

    fn backend(dir: &Path) -> LocalBackend {
        std::fs::create_dir_all(dir).unwrap();
        LocalBackend::new(dir, LocalPaths::default())
    }

    async fn write(backend: &LocalBackend, workspace: &str, value: &str) {
        backend.create_workspace(workspace).await.unwrap();
        backend.open(workspace).await.unwrap().persist(&state(value)).await.unwrap();
    }

    async fn read(backend: &LocalBackend, workspace: &str) -> State {
        backend.open(workspace).await.unwrap().read().await.unwrap()
    }

    #[tokio::test]
    async fn serial_and_lineage_go_along_with_every_workspace() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (backend(&dir.path().join("a")), backend(&dir.path().join("b")));
        write(&a, "default", "1").await;
        write(&a, "blue", "2").await;
        let asked = Mutex::new(Vec::new());
        let ask = |q: &Question| {
            asked.lock().unwrap().push(q.clone());
            Ok(true)
        };
        let copied = migrate(&a, &b, Some(Duration::ZERO), &ask).await.unwrap();
        assert_eq!(copied, ["default", "blue"]);
        assert_eq!(read(&a, "blue").await, read(&b, "blue").await);
        assert!(matches!(asked.lock().unwrap().as_slice(), [Question::AllWorkspaces { .. }]));
    }

    #[tokio::test]
    async fn another_state_is_overwritten_only_after_a_yes() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (backend(&dir.path().join("a")), backend(&dir.path().join("b")));
        write(&a, "default", "1").await;
        write(&b, "default", "2").await;
        let before = read(&b, "default").await;
        let no = |q: &Question| {
            assert!(matches!(q, Question::Overwrite { .. }));
            Ok(false)
        };
        assert!(migrate(&a, &b, None, &no).await.unwrap().is_empty());
        assert_eq!(read(&b, "default").await, before);
        migrate(&a, &b, None, &|_| Ok(true)).await.unwrap();
        assert_eq!(read(&b, "default").await, read(&a, "default").await);
    }

    #[tokio::test]
    async fn nothing_is_asked_when_there_is_nothing_to_copy() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (backend(&dir.path().join("a")), backend(&dir.path().join("b")));
        write(&b, "default", "2").await;
        let asked = migrate(&a, &b, None, &|_| panic!("asked")).await.unwrap();
        assert!(asked.is_empty());
    }
}
