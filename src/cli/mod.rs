//! The command line: arguments, settings, one file per command.

mod args;
mod argv;
mod aws;
mod cache;
mod commands;
mod generated;
mod linting;
mod live;
mod objects;
mod output;
mod remote_state;
mod session;
mod settings;

use crate::parallel;
use crate::provider::approval::Decision;
use args::{
    AlertsCommand, CatalogCommand, Cli, Command, MetadataCommand, PipelineCommand, ProvidersCommand, StateCommand,
    WorkspaceCommand,
};
use clap::{CommandFactory, FromArgMatches};
use output::{Output, Style};
use std::ffi::OsString;
use std::process::ExitCode;

/// What a command ended with; the numbers are Terraform's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done; for `plan -detailed-exitcode`: no changes.
    Success,
    /// Not done, or only partly.
    Failure,
    /// `plan -detailed-exitcode`: there are changes; `lint`: there are findings.
    Changes,
    /// `fmt`: a file could not be read, parsed or written.
    Unformattable,
    /// `fmt -check`: the layout of a file differs.
    Unformatted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Success => 0,
            Exit::Failure => 1,
            Exit::Changes | Exit::Unformattable => 2,
            Exit::Unformatted => 3,
        })
    }
}

/// Runs the program with these arguments (without the program's name).
pub fn run(args: Vec<OsString>) -> ExitCode {
    let args = argv::normalized(args);
    let autocomplete = |a: &OsString| matches!(a.to_str(), Some("--install-autocomplete" | "--uninstall-autocomplete"));
    if args.first().is_some_and(autocomplete) {
        let text = "This program has no completion for shells, so it changes no shell's settings.";
        return Output::new(Style::default()).fail("There is no shell completion", text).into();
    }
    let name = OsString::from("pipewright");
    let matches = match Cli::command().try_get_matches_from(std::iter::once(name).chain(args)) {
        Ok(matches) => matches,
        Err(e) => {
            // Usage errors end with 1: 2 means "changes" to callers of plan.
            let _ = e.print();
            return if e.use_stderr() { ExitCode::from(1) } else { ExitCode::SUCCESS };
        }
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(e) => {
            let _ = e.print();
            return ExitCode::from(1);
        }
    };
    // Deeply nested configurations need a deep stack: everything runs on a thread that has one.
    let spawned = std::thread::Builder::new()
        .name("main".into())
        .stack_size(parallel::STACK)
        .spawn(move || dispatch(cli, &matches));
    match spawned.map(std::thread::JoinHandle::join) {
        Ok(Ok(exit)) => exit.into(),
        _ => ExitCode::from(1),
    }
}

fn dispatch(cli: Cli, matches: &clap::ArgMatches) -> Exit {
    if let Some(dir) = &cli.chdir
        && let Err(e) = std::env::set_current_dir(dir)
    {
        let output = Output::new(Style::default());
        return output.fail(format!("Cannot change to {}", dir.display()), e.to_string());
    }
    if cli.version {
        return commands::version::run(&Output::new(Style::default()));
    }
    let Some(command) = cli.command else {
        let _ = Cli::command().print_help();
        return Exit::Failure;
    };
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get).clamp(2, 4);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .thread_stack_size(parallel::STACK)
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(e) => return Output::new(Style::default()).fail("Cannot start", e.to_string()),
    };
    // Commands may be nested, as `pipeline policy`: their options are those of the innermost.
    let mut innermost = matches;
    while let Some((_, inner)) = innermost.subcommand() {
        innermost = inner;
    }
    let exit = runtime.block_on(perform(command, innermost));
    runtime.shutdown_background();
    exit
}

async fn perform(command: Command, matches: &clap::ArgMatches) -> Exit {
    let vars = |vars: &args::VarArgs| settings::variable_arguments(vars, matches);
    match command {
        Command::Init(args) => commands::init::run(&args).await,
        Command::Fmt(args) => commands::fmt::run(&args),
        Command::Console(args) => commands::console::run(&args, vars(&args.vars)).await,
        Command::Graph(args) => commands::graph::run(&args).await,
        Command::Get(args) => commands::init::get(&args).await,
        Command::Validate(args) => commands::validate::run(&args),
        Command::Lint(args) => commands::lint::run(&args, vars(&args.vars)).await,
        Command::Explain(args) => commands::explain::run(&args),
        Command::Alerts(AlertsCommand::Test(args)) => commands::alerts::test(&args, vars(&args.vars)),
        Command::Plan(args) => commands::plan::run(&args, vars(&args.vars)).await,
        Command::Apply(args) => commands::apply::run(&args, vars(&args.vars), commands::apply::Kind::Apply).await,
        Command::Destroy(args) => commands::apply::run(&args, vars(&args.vars), commands::apply::Kind::Destroy).await,
        Command::Refresh(args) => commands::apply::run(&args, vars(&args.vars), commands::apply::Kind::Refresh).await,
        Command::Show(args) => commands::show::run(&args).await,
        Command::Output(args) => commands::output::run(&args).await,
        Command::State(command) => match command {
            StateCommand::List(args) => commands::state::list(&args).await,
            StateCommand::Show(args) => commands::state::show(&args).await,
            StateCommand::Mv(args) => commands::state::mv(&args).await,
            StateCommand::Rm(args) => commands::state::rm(&args).await,
            StateCommand::Pull(_) => commands::state::pull().await,
            StateCommand::Push(args) => commands::state::push(&args).await,
            StateCommand::ReplaceProvider(args) => commands::state::replace_provider(&args).await,
        },
        Command::Import(args) if args.address == "pipeline" => {
            commands::import_pipeline::run(&args, vars(&args.vars)).await
        }
        Command::Import(args) => commands::import::run(&args, vars(&args.vars)).await,
        Command::Taint(args) => commands::taint::run(&args, true).await,
        Command::Untaint(args) => commands::taint::run(&args, false).await,
        Command::ForceUnlock(args) => commands::force_unlock::run(&args).await,
        Command::Workspace(command) => match command {
            WorkspaceCommand::List => commands::workspace::list().await,
            WorkspaceCommand::Show => commands::workspace::show().await,
            WorkspaceCommand::New(args) => commands::workspace::new(&args).await,
            WorkspaceCommand::Select(args) => commands::workspace::select(&args.name, args.or_create.or_create).await,
            WorkspaceCommand::Delete(args) => commands::workspace::delete(&args).await,
        },
        Command::Providers(args) => match args.command {
            None => commands::providers::run().await,
            Some(ProvidersCommand::Schema(args)) => commands::providers::schema(&args).await,
            Some(ProvidersCommand::Lock(_)) => commands::providers::lock(),
            Some(ProvidersCommand::Mirror(_)) => commands::providers::mirror(),
        },
        Command::Modules(args) => commands::modules::run(&args),
        Command::Metadata(MetadataCommand::Functions(args)) => commands::metadata::functions(&args),
        Command::Pipeline(PipelineCommand::Policy(args)) => commands::pipeline_policy::run(&args, vars(&args.vars)),
        Command::Pipeline(PipelineCommand::Approvals(args)) => commands::approvals::list(&args, vars(&args.vars)).await,
        Command::Pipeline(PipelineCommand::Approve(args)) => {
            commands::approvals::decide(&args, Decision::Approve, vars(&args.vars)).await
        }
        Command::Pipeline(PipelineCommand::Reject(args)) => {
            commands::approvals::decide(&args, Decision::Reject, vars(&args.vars)).await
        }
        Command::Catalog(CatalogCommand::Refresh(args)) => commands::catalog::refresh(&args).await,
        Command::Test(_) => commands::unsupported::test(),
        Command::Login(_) => commands::unsupported::login(),
        Command::Logout(_) => commands::unsupported::logout(),
        Command::Stacks(_) => commands::unsupported::stacks(),
        Command::Version(args) => commands::version::run(&Output::new(Style::of(&args.view))),
    }
}
