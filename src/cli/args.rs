//! The command line as clap sees it. Only shapes: what they mean is resolved in [`super::settings`].

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Infrastructure as code for AWS delivery pipelines, in the Terraform language.
#[derive(Debug, Parser)]
#[command(name = "pipewright", version, disable_version_flag = true, propagate_version = false)]
#[command(
    after_help = "Options may be written with one dash or two. Commands, options, exit codes and JSON output are Terraform's."
)]
pub struct Cli {
    /// Switch to this folder before doing anything.
    #[arg(long, value_name = "DIR", global = false)]
    pub chdir: Option<PathBuf>,
    /// Print the version.
    #[arg(long, short = 'v')]
    pub version: bool,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Prepare this folder: install modules, set up the backend
    Init(InitArgs),
    /// Check the configuration without credentials or state
    Validate(ValidateArgs),
    /// Show what would change
    Plan(PlanArgs),
    /// Make the changes
    Apply(ApplyArgs),
    /// Destroy everything managed here
    Destroy(ApplyArgs),
    /// Take what changed outside into the state
    Refresh(ApplyArgs),
    /// Show the state, or a saved plan
    Show(ShowArgs),
    /// Show outputs from the state
    Output(OutputArgs),
    /// Inspect and edit the state
    #[command(subcommand)]
    State(StateCommand),
    /// Associate an existing object with a resource
    Import(ImportArgs),
    /// Mark an object to be replaced
    Taint(TaintArgs),
    /// Remove the mark of `taint`
    Untaint(TaintArgs),
    /// Release a lock that another run left behind
    #[command(name = "force-unlock")]
    ForceUnlock(ForceUnlockArgs),
    /// Manage workspaces
    #[command(subcommand, alias = "env")]
    Workspace(WorkspaceCommand),
    /// Install or update modules
    Get(GetArgs),
    /// Show which providers the configuration needs
    Providers(ProvidersArgs),
    /// Print the version
    Version(VersionArgs),
}

/// Switches may be written `-x`, `-x=true` and `-x=false`.
fn switch(text: &str) -> Result<bool, String> {
    match text {
        "" | "true" | "TRUE" | "True" | "t" | "T" | "1" => Ok(true),
        "false" | "FALSE" | "False" | "f" | "F" | "0" => Ok(false),
        other => Err(format!("\"{other}\" is neither true nor false")),
    }
}

macro_rules! switches {
    ($(#[$outer:meta])* $name:ident { $($(#[$doc:meta])* $field:ident = $default:literal),* $(,)? }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Args)]
        pub struct $name {
            $(
                $(#[$doc])*
                #[arg(long, value_parser = switch, num_args = 0..=1, require_equals = true, default_value = $default,
                      default_missing_value = "true", hide_default_value = true, hide_possible_values = true, value_name = "BOOL",
                      action = clap::ArgAction::Set, overrides_with = stringify!($field))]
                pub $field: bool,
            )*
        }
    };
}

switches! {
    /// How results are shown.
    ViewArgs {
        /// One JSON object per line
        json = "false",
        /// No colours
        no_color = "false",
        /// Warnings as one line each
        compact_warnings = "false",
        /// Ask when something is missing (default true)
        input = "true",
    }
}

switches! {
    /// Locking.
    LockSwitch {
        /// Hold a lock while working (default true)
        lock = "true",
    }
}

/// Where the state is and how it is locked.
#[derive(Debug, Clone, Args)]
pub struct StateArgs {
    #[command(flatten)]
    pub lock: LockSwitch,
    /// How long to try for the lock, such as 30s or 5m
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = super::settings::duration)]
    pub lock_timeout: std::time::Duration,
    /// State file to read (local backend)
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// State file to write (local backend)
    #[arg(long, value_name = "FILE")]
    pub state_out: Option<PathBuf>,
    /// Where to keep the former state; "-" for nowhere (local backend)
    #[arg(long, value_name = "FILE")]
    pub backup: Option<PathBuf>,
}

/// Values of input variables; their order on the command line counts.
#[derive(Debug, Clone, Args)]
pub struct VarArgs {
    /// Set an input variable: NAME=VALUE
    #[arg(long, value_name = "NAME=VALUE", action = clap::ArgAction::Append)]
    pub var: Vec<String>,
    /// Read input variables from a file
    #[arg(long, value_name = "FILE", action = clap::ArgAction::Append)]
    pub var_file: Vec<PathBuf>,
}

switches! {
    /// What kind of plan.
    PlanSwitches {
        /// Plan to destroy everything
        destroy = "false",
        /// Only take what changed outside into the state
        refresh_only = "false",
        /// Read live objects before planning (default true)
        refresh = "true",
    }
}

/// What is planned.
#[derive(Debug, Clone, Args)]
pub struct OperationArgs {
    #[command(flatten)]
    pub switches: PlanSwitches,
    /// Only this resource or module and what it needs (repeatable)
    #[arg(long, value_name = "ADDRESS", action = clap::ArgAction::Append)]
    pub target: Vec<String>,
    /// All but this resource or module and what needs it (repeatable)
    #[arg(long, value_name = "ADDRESS", action = clap::ArgAction::Append)]
    pub exclude: Vec<String>,
    /// Replace this object even if nothing requires it (repeatable)
    #[arg(long, value_name = "ADDRESS", action = clap::ArgAction::Append)]
    pub replace: Vec<String>,
    /// How many operations run at once
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub parallelism: usize,
}

switches! {
    /// Exit code of plan.
    ExitSwitch {
        /// Exit with 2 when there are changes, 0 when there are none
        detailed_exitcode = "false",
    }
}

#[derive(Debug, Clone, Args)]
pub struct PlanArgs {
    #[command(flatten)]
    pub view: ViewArgs,
    #[command(flatten)]
    pub state: StateArgs,
    #[command(flatten)]
    pub vars: VarArgs,
    #[command(flatten)]
    pub operation: OperationArgs,
    #[command(flatten)]
    pub exit: ExitSwitch,
    /// Save the plan for `apply`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

switches! {
    /// Approval.
    ApprovalSwitch {
        /// Do not ask before making changes
        auto_approve = "false",
    }
}

#[derive(Debug, Clone, Args)]
pub struct ApplyArgs {
    #[command(flatten)]
    pub view: ViewArgs,
    #[command(flatten)]
    pub state: StateArgs,
    #[command(flatten)]
    pub vars: VarArgs,
    #[command(flatten)]
    pub operation: OperationArgs,
    #[command(flatten)]
    pub approval: ApprovalSwitch,
    /// A saved plan to apply
    #[arg(value_name = "PLAN")]
    pub plan: Option<PathBuf>,
}

switches! {
    /// What init does.
    InitSwitches {
        /// Set up the backend (default true)
        backend = "true",
        /// Install modules (default true)
        get = "true",
        /// Update installed modules
        upgrade = "false",
        /// Set up the backend anew, leaving the former state where it is
        reconfigure = "false",
        /// Move the state to a changed backend
        migrate_state = "false",
        /// Answer yes when moving state
        force_copy = "false",
        /// Hold a lock while moving state (default true)
        lock = "true",
    }
}

#[derive(Debug, Clone, Args)]
pub struct InitArgs {
    #[command(flatten)]
    pub view: ViewArgs,
    #[command(flatten)]
    pub switches: InitSwitches,
    /// Backend setting KEY=VALUE, or a file of them (repeatable)
    #[arg(long, value_name = "SETTING", action = clap::ArgAction::Append)]
    pub backend_config: Vec<String>,
    /// Accepted for compatibility: providers are built in
    #[arg(long, value_name = "DIR", hide = true, action = clap::ArgAction::Append)]
    pub plugin_dir: Vec<PathBuf>,
    /// Accepted for compatibility: providers are built in
    #[arg(long, value_name = "MODE", hide = true)]
    pub lockfile: Option<String>,
    /// How long to try for the lock
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = super::settings::duration)]
    pub lock_timeout: std::time::Duration,
    #[command(flatten)]
    pub vars: VarArgs,
}

#[derive(Debug, Clone, Args)]
pub struct ValidateArgs {
    #[command(flatten)]
    pub view: ViewArgs,
    /// Accepted for compatibility
    #[arg(long, value_name = "DIR", hide = true)]
    pub test_directory: Option<PathBuf>,
}

#[derive(Debug, Clone, Args)]
pub struct ShowArgs {
    #[command(flatten)]
    pub view: ViewArgs,
    /// A saved plan or a state file; the current state when left out
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

switches! {
    /// How one output is shown.
    RawSwitch {
        /// The text of a string, number or bool without quotes
        raw = "false",
    }
}

#[derive(Debug, Clone, Args)]
pub struct OutputArgs {
    #[command(flatten)]
    pub view: ViewArgs,
    #[command(flatten)]
    pub raw: RawSwitch,
    /// State file to read (local backend)
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Which output; all when left out
    pub name: Option<String>,
}

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
    /// Where the object goes
    pub address: String,
    /// The object's import id
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

#[derive(Debug, Clone, Args)]
pub struct WorkspaceNameArgs {
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
    pub force: ForceSwitch,
    /// Its name
    pub name: String,
}

switches! {
    /// What get does.
    UpdateSwitch {
        /// Update modules that are installed
        update = "false",
    }
}

#[derive(Debug, Clone, Args)]
pub struct GetArgs {
    #[command(flatten)]
    pub update: UpdateSwitch,
}

#[derive(Debug, Clone, Args)]
pub struct ProvidersArgs {}

#[derive(Debug, Clone, Args)]
pub struct VersionArgs {
    #[command(flatten)]
    pub view: ViewArgs,
}
