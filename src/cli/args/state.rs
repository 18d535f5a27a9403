//! Commands that work on the state: `state`, `import`, `taint`, `force-unlock` and `workspace`.

use super::{ApprovalSwitch, LockSwitch, StateArgs, VarArgs, ViewArgs, switch};
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum StateCommand {
    /// List addresses in the state
    List(StateListArgs),
    /// Show one object
    Show(StateShowArgs),
    /// Move an object to another address
    Mv(StateMvArgs),
    /// Forget objects without destroying them
    Rm(StateRmArgs),
    /// Print the state file
    Pull(StatePullArgs),
    /// Replace the state by a file ("-" for standard input)
    Push(StatePushArgs),
    /// Change the provider of resources
    #[command(name = "replace-provider")]
    ReplaceProvider(StateReplaceProviderArgs),
}

#[derive(Debug, Clone, Args)]
pub struct StateListArgs {
    /// State file to read (local backend)
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Only objects with this id
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// Only these modules or resources
    pub addresses: Vec<String>,
}

#[derive(Debug, Clone, Args)]
pub struct StateShowArgs {
    #[command(flatten)]
    pub view: ViewArgs,
    /// State file to read (local backend)
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Address of the object
    pub address: String,
}

switches! {
    /// Try only.
    DryRunSwitch {
        /// Show what would be done without doing it
        dry_run = "false",
    }
}

#[derive(Debug, Clone, Args)]
pub struct StateMvArgs {
    #[command(flatten)]
    pub state: StateArgs,
    #[command(flatten)]
    pub dry_run: DryRunSwitch,
    /// Old address
    pub from: String,
    /// New address
    pub to: String,
}

#[derive(Debug, Clone, Args)]
pub struct StateRmArgs {
    #[command(flatten)]
    pub state: StateArgs,
    #[command(flatten)]
    pub dry_run: DryRunSwitch,
    /// Addresses to forget
    #[arg(required = true)]
    pub addresses: Vec<String>,
}

#[derive(Debug, Clone, Args)]
pub struct StatePullArgs {}

switches! {
    /// Insist.
    ForceSwitch {
        /// Do it even if it looks wrong
        force = "false",
    }
}

#[derive(Debug, Clone, Args)]
pub struct StatePushArgs {
    #[command(flatten)]
    pub state: StateArgs,
    #[command(flatten)]
    pub force: ForceSwitch,
    /// State file, "-" for standard input
    pub file: PathBuf,
}

#[derive(Debug, Clone, Args)]
pub struct StateReplaceProviderArgs {
    #[command(flatten)]
    pub state: StateArgs,
    #[command(flatten)]
    pub approval: ApprovalSwitch,
    /// Source address now in the state
    pub from: String,
    /// New source address
    pub to: String,
}

#[derive(Debug, Clone, Args)]
pub struct ImportArgs {
    #[command(flatten)]
    pub view: ViewArgs,
    #[command(flatten)]
    pub state: StateArgs,
    #[command(flatten)]
    pub vars: VarArgs,
    /// Folder of the configuration
    #[arg(long, value_name = "DIR")]
    pub config: Option<PathBuf>,
    /// How many operations run at once
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub parallelism: usize,
    /// Folder for the configuration of a pipeline; the current one when left out
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Where the object goes; or "pipeline", to write the configuration of a whole live pipeline
    pub address: String,
    /// The object's import id; or the pipeline's name
    pub id: String,
}

switches! {
    /// Tolerance.
    AllowMissingSwitch {
        /// Succeed even if there is no such object
        allow_missing = "false",
    }
}

#[derive(Debug, Clone, Args)]
pub struct TaintArgs {
    #[command(flatten)]
    pub state: StateArgs,
    #[command(flatten)]
    pub missing: AllowMissingSwitch,
    /// Address of the object
    pub address: String,
}

#[derive(Debug, Clone, Args)]
pub struct ForceUnlockArgs {
    #[command(flatten)]
    pub force: ForceSwitch,
    /// Id of the lock, as the error message shows it
    pub lock_id: String,
}

#[derive(Debug, Subcommand)]
pub enum WorkspaceCommand {
    /// List workspaces
    List,
    /// Show the current workspace
    Show,
    /// Create a workspace and switch to it
    New(WorkspaceNameArgs),
    /// Switch to a workspace
    Select(WorkspaceSelectArgs),
    /// Delete a workspace
    Delete(WorkspaceDeleteArgs),
}

/// Locking of a workspace's state.
#[derive(Debug, Clone, Args)]
pub struct WorkspaceLockArgs {
    #[command(flatten)]
    pub lock: LockSwitch,
    /// How long to try for the lock, such as 30s or 5m
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = crate::cli::settings::duration)]
    pub lock_timeout: std::time::Duration,
}

#[derive(Debug, Clone, Args)]
pub struct WorkspaceNameArgs {
    #[command(flatten)]
    pub lock: WorkspaceLockArgs,
    /// State file to begin with
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Its name
    pub name: String,
}

switches! {
    /// Select or make.
    OrCreateSwitch {
        /// Create it if there is none
        or_create = "false",
    }
}

#[derive(Debug, Clone, Args)]
pub struct WorkspaceSelectArgs {
    #[command(flatten)]
    pub or_create: OrCreateSwitch,
    /// Its name
    pub name: String,
}

#[derive(Debug, Clone, Args)]
pub struct WorkspaceDeleteArgs {
    #[command(flatten)]
    pub lock: WorkspaceLockArgs,
    #[command(flatten)]
    pub force: ForceSwitch,
    /// Its name
    pub name: String,
}
