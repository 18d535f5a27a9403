//! The command line as clap sees it. Only shapes: what they mean is resolved in [`super::settings`].

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Infrastructure as code for AWS delivery pipelines, in the Terraform language.
#[derive(Debug, Parser)]
#[command(
    name = "pipewright",
    version,
    disable_version_flag = true,
    propagate_version = false,
    args_override_self = true
)]
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
    /// Check pipelines and what belongs to them against best practice
    Lint(LintArgs),
    /// Explain a lint rule, with a wrong and a right example
    Explain(ExplainArgs),
    /// Who is told of what happens to pipelines
    #[command(subcommand)]
    Alerts(AlertsCommand),
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
    /// Bring configuration files into the standard layout
    Fmt(FmtArgs),
    /// Try expressions
    Console(ConsoleArgs),
    /// Draw what depends on what
    Graph(GraphArgs),
    /// Install or update modules
    Get(GetArgs),
    /// Show which providers the configuration needs
    Providers(ProvidersArgs),
    /// Show which modules the configuration calls
    Modules(ModulesArgs),
    /// What there is in the language
    #[command(subcommand)]
    Metadata(MetadataCommand),
    /// What a pipeline needs, and what it waits for
    #[command(subcommand)]
    Pipeline(PipelineCommand),
    /// The catalogue of IAM's actions that lint works with
    #[command(subcommand)]
    Catalog(CatalogCommand),
    /// Print the version
    Version(VersionArgs),
    /// Not supported: says what to use instead
    #[command(hide = true)]
    Test(AnyArgs),
    /// Not supported: says what to use instead
    #[command(hide = true)]
    Login(AnyArgs),
    /// Not supported: says what to use instead
    #[command(hide = true)]
    Logout(AnyArgs),
    /// Not supported: says what to use instead
    #[command(hide = true)]
    Stacks(AnyArgs),
}

/// Whatever a command of Terraform takes that Pipewright does not have.
#[derive(Debug, Clone, Args)]
pub struct AnyArgs {
    /// Not read
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    pub rest: Vec<String>,
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

mod approval;
mod state;
pub use approval::*;
pub use state::*;

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
    /// Accepted for compatibility: only Terraform's cloud backend compares versions
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, hide = true)]
    pub ignore_remote_version: Option<String>,
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
    /// Look over the plan with lint: off, warn or error (stop at findings); the default is in .pipewright.hcl
    #[arg(long, value_name = "MODE")]
    pub lint: Option<crate::lint::settings::InPlan>,
    /// Write blocks for imported resources that have none to this new file
    #[arg(long, value_name = "FILE")]
    pub generate_config_out: Option<PathBuf>,
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
    /// Look over the plan with lint: off, warn or error (stop at findings); the default is in .pipewright.hcl
    #[arg(long, value_name = "MODE")]
    pub lint: Option<crate::lint::settings::InPlan>,
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
    /// Begin with a copy of this module, in an empty folder
    #[arg(long, value_name = "SOURCE")]
    pub from_module: Option<String>,
    /// Backend setting KEY=VALUE, or a file of them (repeatable)
    #[arg(long, value_name = "SETTING", action = clap::ArgAction::Append)]
    pub backend_config: Vec<String>,
    /// Accepted for compatibility: providers are built in
    #[arg(long, value_name = "DIR", hide = true, action = clap::ArgAction::Append)]
    pub plugin_dir: Vec<PathBuf>,
    /// Accepted for compatibility: providers are built in
    #[arg(long, value_name = "MODE", hide = true)]
    pub lockfile: Option<String>,
    /// Accepted for compatibility
    #[arg(long, value_name = "DIR", hide = true)]
    pub test_directory: Option<PathBuf>,
    /// Accepted for compatibility: only Terraform's cloud backend compares versions
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, hide = true)]
    pub ignore_remote_version: Option<String>,
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
    /// Accepted for compatibility: files of tests are not looked at
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, hide = true)]
    pub no_tests: Option<String>,
}

switches! {
    /// How lint shows its findings.
    LintSwitches {
        /// The same as -format=json
        json = "false",
        /// No colours
        no_color = "false",
        /// Tell also what could not be decided, and why
        verbose = "false",
        /// Make the repairs that are safe, after showing them and asking
        fix = "false",
        /// With -fix: do not ask
        auto_approve = "false",
    }
}

/// Pipelines as they run, and what they need.
#[derive(Debug, Subcommand)]
pub enum PipelineCommand {
    /// Print the least policy for each role of a pipeline
    Policy(PipelinePolicyArgs),
    /// List manual approvals that wait, with how long
    Approvals(ApprovalsArgs),
    /// Approve what waits in a pipeline
    Approve(DecideArgs),
    /// Reject what waits in a pipeline
    Reject(DecideArgs),
}

#[derive(Debug, Clone, Args)]
pub struct PipelinePolicyArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    /// Output: hcl with references to what the configuration has, or json
    #[arg(long, value_name = "FORMAT", default_value = "hcl", value_parser = ["hcl", "json"])]
    pub format: String,
    #[command(flatten)]
    pub vars: VarArgs,
    /// Address of the pipeline; may be left out where there is one only
    #[arg(value_name = "ADDRESS")]
    pub address: Option<String>,
}

switches! {
    /// Colours.
    ColorArgs {
        /// No colours
        no_color = "false",
    }
}

/// The catalogue of IAM's actions.
#[derive(Debug, Subcommand)]
pub enum CatalogCommand {
    /// Read AWS's service reference and keep it for later runs
    Refresh(CatalogRefreshArgs),
}

#[derive(Debug, Clone, Args)]
pub struct CatalogRefreshArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    /// Where the service reference is
    #[arg(long, value_name = "URL", default_value = "https://servicereference.us-east-1.amazonaws.com/")]
    pub source: String,
    /// Only these services, by prefix (repeatable); all when left out
    #[arg(long, value_name = "PREFIX", action = clap::ArgAction::Append)]
    pub service: Vec<String>,
}

#[derive(Debug, Clone, Args)]
pub struct LintArgs {
    #[command(flatten)]
    pub switches: LintSwitches,
    /// Output: human, json, sarif, junit, github or markdown
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = ["human", "json", "sarif", "junit", "github", "markdown"], hide_possible_values = true)]
    pub format: String,
    /// Exit with 2 when there is a finding of this severity or a worse one: error, warning (the default), info
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<crate::lint::Level>,
    /// Leave out findings that this file knows
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write all findings to this file, as known ones
    #[arg(long, value_name = "FILE")]
    pub write_baseline: Option<PathBuf>,
    /// Run only this rule, or the rules whose ids begin so (repeatable, or several with commas)
    #[arg(long, value_name = "RULE", action = clap::ArgAction::Append, value_delimiter = ',')]
    pub only: Vec<String>,
    /// Look at the live pipeline with this name, and what belongs to it, instead of the configuration
    #[arg(long, value_name = "NAME")]
    pub live: Option<String>,
    #[command(flatten)]
    pub vars: VarArgs,
    /// A saved plan; the configuration in the current folder when left out
    #[arg(value_name = "PLAN")]
    pub plan: Option<PathBuf>,
}

#[derive(Debug, Clone, Args)]
pub struct ExplainArgs {
    #[command(flatten)]
    pub view: ViewArgs,
    /// The rule, such as CP005; all are listed when left out
    #[arg(value_name = "RULE")]
    pub rule: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum AlertsCommand {
    /// Prove offline which event rule fires for what can happen, and what its targets are told
    Test(AlertsTestArgs),
}

switches! {
    /// How results are shown.
    AlertsSwitches {
        /// One JSON document
        json = "false",
        /// No colours
        no_color = "false",
    }
}

#[derive(Debug, Clone, Args)]
pub struct AlertsTestArgs {
    #[command(flatten)]
    pub switches: AlertsSwitches,
    /// Test this event instead: a JSON file as EventBridge sends it
    #[arg(long, value_name = "FILE")]
    pub event: Option<PathBuf>,
    #[command(flatten)]
    pub vars: VarArgs,
    /// A pipeline, such as aws_codepipeline.shop; all when left out
    #[arg(value_name = "ADDRESS")]
    pub address: Option<String>,
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

switches! {
    /// What fmt does.
    FmtSwitches {
        /// List files whose layout differs (default true)
        list = "true",
        /// Write them (default true; never with -check or standard input)
        write = "true",
        /// Show the differences
        diff = "false",
        /// Only check: exit with 3 when a file's layout differs
        check = "false",
        /// Sub-folders too
        recursive = "false",
        /// No colours
        no_color = "false",
    }
}

#[derive(Debug, Clone, Args)]
pub struct FmtArgs {
    #[command(flatten)]
    pub switches: FmtSwitches,
    /// Files and folders; "-" for standard input; the current folder when left out
    #[arg(value_name = "TARGET")]
    pub targets: Vec<PathBuf>,
}

switches! {
    /// What the console shows.
    ConsoleSwitches {
        /// Values as a new plan has them, not as the state has
        plan = "false",
        /// No colours
        no_color = "false",
    }
}

#[derive(Debug, Clone, Args)]
pub struct ConsoleArgs {
    #[command(flatten)]
    pub switches: ConsoleSwitches,
    #[command(flatten)]
    pub vars: VarArgs,
    /// State file to read (local backend)
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
}

switches! {
    /// How the graph is drawn.
    GraphSwitches {
        /// Draw edges of cycles in red (with -type)
        draw_cycles = "false",
        /// No colours
        no_color = "false",
    }
}

#[derive(Debug, Clone, Args)]
pub struct GraphArgs {
    #[command(flatten)]
    pub switches: GraphSwitches,
    /// Everything that is evaluated, not resources only: plan, plan-refresh-only, plan-destroy or apply
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Option<String>,
    /// How it is written: dot or mermaid
    #[arg(long, value_name = "FORMAT", default_value = "dot", value_parser = ["dot", "mermaid"])]
    pub format: String,
    /// A saved plan to draw; implies -type=apply
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Accepted for compatibility
    #[arg(long, value_name = "N", hide = true, allow_hyphen_values = true)]
    pub module_depth: Option<i64>,
    /// Accepted for compatibility
    #[arg(long, hide = true, action = clap::ArgAction::SetTrue)]
    pub verbose: bool,
}

#[derive(Debug, Subcommand)]
pub enum MetadataCommand {
    /// Signatures of all functions, as JSON
    Functions(JsonArgs),
}

switches! {
    /// The form of what is for programs.
    JsonSwitch {
        /// As JSON (required: there is no other form)
        json = "false",
        /// No colours
        no_color = "false",
    }
}

#[derive(Debug, Clone, Args)]
pub struct JsonArgs {
    #[command(flatten)]
    pub switch: JsonSwitch,
}

switches! {
    /// What get does.
    UpdateSwitch {
        /// Update modules that are installed
        update = "false",
        /// No colours
        no_color = "false",
    }
}

#[derive(Debug, Clone, Args)]
pub struct GetArgs {
    #[command(flatten)]
    pub update: UpdateSwitch,
    /// Accepted for compatibility
    #[arg(long, value_name = "DIR", hide = true)]
    pub test_directory: Option<PathBuf>,
}

switches! {
    /// How modules are listed.
    ModulesSwitches {
        /// As JSON
        json = "false",
        /// No colours
        no_color = "false",
    }
}

#[derive(Debug, Clone, Args)]
pub struct ModulesArgs {
    #[command(flatten)]
    pub switches: ModulesSwitches,
}

#[derive(Debug, Args)]
pub struct ProvidersArgs {
    /// Accepted for compatibility
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, hide = true)]
    pub no_color: Option<String>,
    /// Accepted for compatibility
    #[arg(long, value_name = "DIR", hide = true)]
    pub test_directory: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Option<ProvidersCommand>,
}

#[derive(Debug, Subcommand)]
pub enum ProvidersCommand {
    /// Schemas of the providers that are used, as JSON
    Schema(JsonArgs),
    /// Nothing to do: providers are built in
    Lock(ProviderPackageArgs),
    /// Not possible: providers are built in
    Mirror(ProviderPackageArgs),
}

#[derive(Debug, Clone, Args)]
pub struct ProviderPackageArgs {
    /// Whatever Terraform's command takes
    #[arg(value_name = "ARGUMENT", allow_hyphen_values = true, trailing_var_arg = true)]
    pub arguments: Vec<String>,
}

#[derive(Debug, Clone, Args)]
pub struct VersionArgs {
    #[command(flatten)]
    pub view: ViewArgs,
}
