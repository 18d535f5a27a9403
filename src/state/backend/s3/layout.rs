//! Where things are in the bucket: the state of each workspace, its lock, and which workspace a key belongs to.

/// The keys of one backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// `key`: the state of the default workspace.
    pub(super) key: String,
    /// `workspace_key_prefix`: the folder of the other workspaces; may be empty.
    pub(super) prefix: String,
}

/// The prefix when none is set.
pub(super) const DEFAULT_PREFIX: &str = "env:";

impl Layout {
    /// The key of a workspace's state.
    pub(super) fn state(&self, workspace: &str) -> String {
        if workspace == crate::state::backend::workspace::DEFAULT {
            return self.key.clone();
        }
        format!("{}{workspace}/{}", self.folder(), self.key)
    }

    /// What all keys of workspaces but the default one begin with.
    pub(super) fn folder(&self) -> String {
        if self.prefix.is_empty() { String::new() } else { format!("{}/", self.prefix) }
    }

    /// The workspace whose state has this key, unless it is the default one's or none's.
    pub(super) fn workspace<'a>(&self, key: &'a str) -> Option<&'a str> {
        let (workspace, rest) = key.strip_prefix(&self.folder())?.split_once('/')?;
        (rest == self.key && !workspace.is_empty()).then_some(workspace)
    }
}

/// The key of a state's lock.
pub(super) fn lock(state: &str) -> String {
    format!("{state}.tflock")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(prefix: &str) -> Layout {
        Layout { key: "net/a.tfstate".into(), prefix: prefix.into() }
    }

    #[test]
    fn the_default_workspace_has_the_plain_key() {
        assert_eq!(layout("env:").state("default"), "net/a.tfstate");
        assert_eq!(layout("env:").state("blue"), "env:/blue/net/a.tfstate");
        assert_eq!(layout("teams/x").state("blue"), "teams/x/blue/net/a.tfstate");
        assert_eq!(layout("").state("blue"), "blue/net/a.tfstate");
        assert_eq!(lock("net/a.tfstate"), "net/a.tfstate.tflock");
    }

    #[test]
    fn only_keys_of_this_state_name_workspaces() {
        let l = layout("env:");
        assert_eq!(l.workspace("env:/blue/net/a.tfstate"), Some("blue"));
        assert_eq!(l.workspace("env:/blue/net/b.tfstate"), None);
        assert_eq!(l.workspace("env:/blue/net/a.tfstate.tflock"), None);
        assert_eq!(l.workspace("net/a.tfstate"), None);
        assert_eq!(layout("").workspace("blue/net/a.tfstate"), Some("blue"));
        assert_eq!(layout("").workspace("net/a.tfstate"), None);
    }
}
