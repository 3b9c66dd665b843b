//! The binary `putevents-mock`: flags and files around the stand-alone server of `admin/`.

mod args;
mod case;
mod conclusion;
mod explore;
mod files;
mod finish;
mod github;
mod junit;
mod logging;
mod run;
mod serve;
mod server;
mod signals;

use std::io::Write;
use std::process::ExitCode;

use self::args::Command;

/// What was looked for was found: problems, unmet expectations, lint.
const FOUND: u8 = 1;
/// It could not be done: a flag, a file or a port is not as it must be.
const UNUSABLE: u8 = 2;

/// Runs the binary.
pub fn main() -> ExitCode {
    let done = match args::read().command {
        Command::Serve(arguments) => on_runtime(serve::serve(arguments)),
        Command::Run(arguments) => on_runtime(run::run(arguments)),
        Command::Explore(arguments) => on_runtime(explore::explore(arguments)),
        Command::Check { plans } => files::check(&plans),
        Command::Completions { shell } => {
            say(&args::completions(shell));
            Ok(0)
        }
        Command::Lint { journal } => files::lint(&journal),
        Command::Report { journal, html, plan } => files::report(&journal, html.as_deref(), plan.as_deref()),
    };
    match done {
        Ok(status) => ExitCode::from(status),
        Err(message) => {
            message.lines().for_each(complain);
            ExitCode::from(UNUSABLE)
        }
    }
}

/// An exit status, or a sentence that says why there is none.
type Done = Result<u8, String>;

/// One thread serves all: a mock has little to do, and should be ready at once and take little memory.
fn on_runtime(work: impl Future<Output = Done>) -> Done {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("there can be no runtime: {error}"))?;
    let done = runtime.block_on(work);
    // Threads that still work on a question would hold up the end for as long as they like.
    runtime.shutdown_background();
    done
}

/// Prints on standard output. Nobody may be reading it any more, which is their choice.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints on standard error.
fn complain(message: &str) {
    let _ = writeln!(std::io::stderr(), "putevents-mock: {message}");
}
