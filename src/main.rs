//! The program: exit code from [`pipewright::cli::run`], and the allocator.

/// Plans and lint make and drop millions of small values: with the system's allocator half of their time goes into that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    pipewright::cli::run(std::env::args_os().skip(1).collect())
}
