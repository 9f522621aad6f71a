//! Parses, starts tracing, calls the library, turns its answer into an exit code.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Parser;
use zhanbo::cli::{Cli, Command};
use zhanbo::command;
use zhanbo::{ui, worker};

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Command::Worker { forks } = cli.command {
        let served = if forks {
            worker::fork_server::serve()
        } else {
            worker::child::serve()
        };
        return match served {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                ui::remark(&format!("zhanbo worker: {error}"));
                ExitCode::from(2)
            }
        };
    }
    start_tracing(cli.global.verbose);
    let cancelled = match catch_signals() {
        Ok(cancelled) => cancelled,
        Err(error) => {
            ui::remark(&format!("zhanbo: cannot watch for Ctrl-C: {error}"));
            return ExitCode::from(2);
        }
    };
    ExitCode::from(command::execute(&cli, &cancelled).code())
}

fn start_tracing(verbose: u8) {
    let level = ["warn", "info", "debug"][usize::from(verbose.min(2))];
    let filter = tracing_subscriber::EnvFilter::new(format!("zhanbo={level}"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .without_time()
        .init();
}

/// Once: stop and keep what is done. Twice: at once; workers die with their parent.
fn catch_signals() -> io::Result<Arc<AtomicBool>> {
    let cancelled = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&cancelled))?;
        signal_hook::flag::register(signal, Arc::clone(&cancelled))?;
    }
    Ok(cancelled)
}
