//! The binary `putevents-mock`: flags and files around the stand-alone server of `admin/`.

mod args;
mod case;
mod conclusion;
mod env;
mod explore;
mod files;
mod finish;
mod github;
mod health;
mod junit;
mod logging;
mod run;
mod serve;
mod server;
mod signals;
mod stdin;

use std::io::Write;
use std::process::ExitCode;

use self::args::Command;

/// The exit status of findings: problems, unmet expectations, lint.
const FOUND: u8 = 1;
/// The exit status of a wrong flag, or of a file or a port that cannot be used.
const UNUSABLE: u8 = 2;

/// Runs the binary.
pub fn main() -> ExitCode {
    let done = match args::read().command {
        Command::Serve(arguments) => on_runtime(serve::serve(arguments)),
        Command::Run(arguments) => on_runtime(run::run(arguments)),
        Command::Explore(arguments) => on_runtime(explore::explore(arguments)),
        Command::Env { url, access_key_id } => {
            say(&format!("{:#}\n", env::variables(&url, &access_key_id)));
            Ok(0)
        }
        Command::Health { url } => health::health(&url),
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

/// An exit status, or an error in a sentence.
type Done = Result<u8, String>;

/// Runs a command on a runtime with one thread: a mock has little to do, and should start fast and need little memory.
fn on_runtime(work: impl Future<Output = Done>) -> Done {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("cannot start a tokio runtime: {error}"))?;
    let done = runtime.block_on(work);
    // Does not wait for threads that still work on a question.
    runtime.shutdown_background();
    done
}

/// Prints on standard output, and ignores a closed pipe.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints on standard error.
fn complain(message: &str) {
    let _ = writeln!(std::io::stderr(), "putevents-mock: {message}");
}
