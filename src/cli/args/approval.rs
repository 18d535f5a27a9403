//! Arguments of the commands about manual approvals.

use super::{AlertsSwitches, ColorArgs, VarArgs};
use clap::Args;

#[derive(Debug, Clone, Args)]
pub struct ApprovalsArgs {
    #[command(flatten)]
    pub switches: AlertsSwitches,
    #[command(flatten)]
    pub vars: VarArgs,
    /// A pipeline's name; all of the region when left out
    #[arg(value_name = "PIPELINE")]
    pub pipeline: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub struct DecideArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    /// The stage, where several wait
    #[arg(long, value_name = "NAME")]
    pub stage: Option<String>,
    /// The action, where several wait
    #[arg(long, value_name = "NAME")]
    pub action: Option<String>,
    /// Why, for the pipeline's history: up to 512 characters
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub summary: String,
    /// Answer only the request that `approvals -json` lists with this token
    #[arg(long, value_name = "TOKEN")]
    pub token: Option<String>,
    #[command(flatten)]
    pub vars: VarArgs,
    /// The pipeline's name
    #[arg(value_name = "PIPELINE")]
    pub pipeline: String,
}
