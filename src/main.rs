//! The program: exit code from [`pipewright::cli::run`], nothing else.

fn main() -> std::process::ExitCode {
    pipewright::cli::run(std::env::args_os().skip(1).collect())
}
