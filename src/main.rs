//! `rmt-verify`: arguments in, library call, rendering out.

mod cli;

fn main() -> std::process::ExitCode {
    cli::run(std::env::args_os())
}
