//! The flags.

mod explore;
mod network;
mod values;

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(super) use self::explore::Explore;
pub(super) use self::network::Listen;
use self::network::Network;
use self::values::{limits, time, url};
use crate::json::Unfit;
use crate::mock::ACCESS_KEY;
use crate::service::{Limits, checked_account, checked_region};

/// The variable for the plan, and its older name.
const PLAN: &str = "PUTEVENTS_MOCK_PLAN";
const OLD_PLAN: &str = "PUTEVENTS_MOCK_FAULTS";

/// A mock of Amazon EventBridge's PutEvents that makes the bugs of event publishers fail a test
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Exit status: 0 if all is well; 1 if problems, unmet expectations or lint were found; 2 if a flag, a file or a port cannot be \
used. `run` ends with the status of its command. It ends with 1 only if that status was 0."
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Serve until SIGTERM, SIGHUP or Ctrl-C
    Serve(Serve),
    /// Run a command whose AWS SDK publishes to the mock, then check the expectations of the plan
    Run(Run),
    /// Search for the smallest schedule of faults with which a command loses or duplicates an event
    Explore(Explore),
    /// Print the environment variables with which AWS SDKs find a server, as JSON
    ///
    /// Each member is a variable that changes: a text is its new value, and null removes it. The values depend on the environment of
    /// this command. `run` makes the same changes
    Env {
        /// The URL of the server
        #[arg(long, env = "PUTEVENTS_MOCK_URL", value_name = "URL", value_parser = url)]
        url: String,
        /// The access key id, which is the name of a session
        #[arg(long, value_name = "KEY", default_value = ACCESS_KEY)]
        access_key_id: String,
    },
    /// Check that a server is ready: status 0 if it is, and 1 if not
    Health {
        /// The URL of the server
        #[arg(long, env = "PUTEVENTS_MOCK_URL", value_name = "URL", default_value = "http://127.0.0.1:4010", value_parser = url)]
        url: String,
    },
    /// Validate plans of faults and expectations, and print all their errors
    Check {
        /// Plans, JSON files; - is standard input
        #[arg(required = true, value_name = "PLAN.json")]
        plans: Vec<PathBuf>,
    },
    /// Print the completions of commands and flags for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Look in a journal for what a real account would punish or silently drop
    Lint {
        /// A journal that was written with --journal-file
        journal: PathBuf,
    },
    /// Print a journal as a timeline
    Report {
        /// A journal that was written with --journal-file
        journal: PathBuf,
        /// Write the journal as a self-contained HTML page instead
        #[arg(long, value_name = "PATH")]
        html: Option<PathBuf>,
        /// Check the expectations of this plan; those that are not met come first
        #[arg(long, value_name = "PLAN.json")]
        plan: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The address to listen on. Port 0 means a free port
    #[arg(long, env = "PUTEVENTS_MOCK_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:4010", value_parser = Listen::read)]
    pub(super) listen: Listen,
    /// Write the port into this file as soon as the server listens
    #[arg(long, env = "PUTEVENTS_MOCK_PORT_FILE", value_name = "PATH")]
    pub(super) port_file: Option<PathBuf>,
    /// Stop also when standard input ends: a server whose standard input is a pipe stops when the program that holds the other end is
    /// gone, however it ended
    #[arg(long)]
    pub(super) until_stdin_ends: bool,
    #[command(flatten)]
    pub(super) mock: Mock,
}

#[derive(Debug, Args)]
pub(super) struct Run {
    #[command(flatten)]
    pub(super) mock: Mock,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(super) command: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(super) struct Mock {
    /// A plan of faults and expectations, a JSON file
    #[arg(long, alias = "faults", env = PLAN, value_name = "PLAN.json")]
    pub(super) plan: Option<PathBuf>,
    /// The seed of all random draws, instead of the plan's seed
    #[arg(long, env = "PUTEVENTS_MOCK_SEED", value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Which requests the service refuses by itself, instead of the plan's limits. The default is current
    #[arg(long, env = "PUTEVENTS_MOCK_LIMITS", value_name = "LIMITS", value_parser = limits())]
    pub(super) limits: Option<Limits>,
    /// An event bus that exists, besides the default bus. May be repeated. By default every event bus exists
    #[arg(long, env = "PUTEVENTS_MOCK_KNOWN_BUS", value_name = "NAME", value_delimiter = ',')]
    pub(super) known_bus: Vec<String>,
    /// Refuse requests without a complete signature
    #[arg(long, env = "PUTEVENTS_MOCK_STRICT_AUTH", value_parser = BoolishValueParser::new(), num_args = 0, default_missing_value = "true")]
    pub(super) strict_auth: Option<bool>,
    /// Keep only the first and the last four characters of access key ids in everything that is written. Not together with
    /// --session-per-key, whose sessions have the names of the keys
    #[arg(long, env = "PUTEVENTS_MOCK_SHORTEN_KEYS", value_parser = BoolishValueParser::new())]
    pub(super) shorten_keys: bool,
    /// The account of the events. The default is 123456789012
    #[arg(long, env = "PUTEVENTS_MOCK_ACCOUNT", value_name = "ACCOUNT", value_parser = |text: &str| fit(text, checked_account))]
    pub(super) account: Option<String>,
    /// The region of the events. The default is the region of the bus's ARN, or else of the signature
    #[arg(long, env = "PUTEVENTS_MOCK_REGION", value_name = "REGION", value_parser = |text: &str| fit(text, checked_region))]
    pub(super) region: Option<String>,
    /// Create a session for each access key id with its first request
    #[arg(long, env = "PUTEVENTS_MOCK_SESSION_PER_KEY", value_parser = BoolishValueParser::new())]
    pub(super) session_per_key: bool,
    /// At the end, write the journal into this file. The journal of the session NAME goes beside it, as PATH with .NAME before the
    /// extension, or .NAME.deleted if the session was deleted
    #[arg(long, env = "PUTEVENTS_MOCK_JOURNAL_FILE", value_name = "PATH")]
    pub(super) journal_file: Option<PathBuf>,
    /// At the end, write the journal as a self-contained HTML page into this file
    #[arg(long, env = "PUTEVENTS_MOCK_HTML_FILE", value_name = "PATH")]
    pub(super) html_file: Option<PathBuf>,
    /// At the end, write a JUnit report into this file: a case for each expectation of the plan, and one for
    /// problems
    #[arg(long, env = "PUTEVENTS_MOCK_JUNIT", value_name = "PATH")]
    pub(super) junit: Option<PathBuf>,
    /// Write no annotations and no summary under GitHub Actions
    #[arg(long, env = "PUTEVENTS_MOCK_NO_ANNOTATIONS", value_parser = BoolishValueParser::new())]
    pub(super) no_annotations: bool,
    /// The size of a journal, in MiB. Above it the journal forgets its oldest attempts
    #[arg(long, env = "PUTEVENTS_MOCK_JOURNAL_LIMIT", value_name = "MIB", default_value_t = 32)]
    pub(super) journal_limit: usize,
    /// The maximum number of sessions besides the default session. Each has its own journal
    #[arg(long, env = "PUTEVENTS_MOCK_MAX_SESSIONS", value_name = "N", default_value_t = 1_000)]
    pub(super) max_sessions: usize,
    /// How long a question about a journal (the API, expectations, pages) may wait for its turn, how long it may then take,
    /// and how long its client may take to read the reply
    #[arg(long, env = "PUTEVENTS_MOCK_QUESTION_TIMEOUT", value_name = "TIME", default_value = "30s", value_parser = time)]
    pub(super) question_timeout: Duration,
    /// How long the server may take to stop after a signal, after it has written the journals. What it did not judge is printed
    #[arg(long, env = "PUTEVENTS_MOCK_STOP_TIMEOUT", value_name = "TIME", default_value = "5s", value_parser = time)]
    pub(super) stop_timeout: Duration,
    /// End with status 1 if the traffic of a session had problems, or an expectation of the plan is not met
    #[arg(long, env = "PUTEVENTS_MOCK_FAIL_ON_PROBLEMS", value_parser = BoolishValueParser::new())]
    pub(super) fail_on_problems: bool,
    #[command(flatten)]
    pub(super) network: Network,
    /// The format of the log on standard error. RUST_LOG sets its level
    #[arg(long, env = "PUTEVENTS_MOCK_LOG_FORMAT", value_name = "FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub(super) log_format: LogFormat,
}

impl Mock {
    /// Whether the journals are used at the end.
    pub(super) fn looks_at_journals(&self) -> bool {
        self.journal_file.is_some() || self.html_file.is_some() || self.junit.is_some() || self.fail_on_problems
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    Text,
    Json,
}

/// Returns the flags, or prints the error and ends the process.
///
/// CI sets variables without a value to an empty text, so an empty variable counts as not set.
pub(super) fn read() -> Cli {
    let from_variable = |arg: Arg| match arg.get_env() {
        Some(name) if name == PLAN && variable(PLAN).is_none() && variable(OLD_PLAN).is_some() => arg.env(OLD_PLAN),
        Some(name) if std::env::var_os(name).is_some_and(|value| value.is_empty()) => arg.env(None::<&'static str>),
        _ => arg,
    };
    let mut command = Cli::command();
    let names: Vec<String> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    for name in names {
        command = command.mut_subcommand(name, |command| command.mut_args(from_variable));
    }
    command.build();
    let read = command.try_get_matches_from_mut(std::env::args_os()).and_then(|matches| {
        one_plan(&matches).map_err(|message| command.error(ErrorKind::ArgumentConflict, message))?;
        Cli::from_arg_matches(&matches)
    });
    match read {
        Ok(cli) => cli,
        Err(error) => named(error, &command).exit(),
    }
}

/// The script that a shell reads to complete commands and flags.
pub(super) fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), env!("CARGO_PKG_NAME"), &mut script);
    // clap_complete 4.6 writes the hyphen of a command's name in two ways for bash, so that no flag would ever be completed.
    String::from_utf8_lossy(&script).replace("putevents__subcmd__mock", "putevents__mock")
}

fn variable(name: impl AsRef<OsStr>) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Refuses two variables that name different plans, unless a flag names the plan.
fn one_plan(matches: &ArgMatches) -> Result<(), String> {
    let is_from_variable = matches.subcommand().is_some_and(|(_, matches)| {
        matches!(matches.try_contains_id("plan"), Ok(true))
            && matches.value_source("plan") == Some(ValueSource::EnvVariable)
    });
    match (variable(PLAN), variable(OLD_PLAN)) {
        (Some(new), Some(old)) if is_from_variable && new != old => {
            Err(format!("{PLAN} is {new:?}, and {OLD_PLAN}, its older name, is {old:?}: leave one of them out"))
        }
        _ => Ok(()),
    }
}

/// An error about a flag that was given as a variable names the variable.
fn named(mut error: clap::Error, command: &clap::Command) -> clap::Error {
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else { return error };
    let arg = command.get_subcommands().flat_map(clap::Command::get_arguments).find(|arg| arg.to_string() == *flag);
    let Some((long, variable)) = arg.and_then(|arg| Some((arg.get_long()?, arg.get_env()?))) else { return error };
    let ours = std::env::args_os().take_while(|given| given != "--");
    let mut given = ours.map(|given| given.to_string_lossy().into_owned());
    if !given.any(|given| given.split('=').next() == Some(&format!("--{long}"))) {
        let name = format!("{} ({flag})", variable.to_string_lossy());
        error.insert(ContextKind::InvalidArg, ContextValue::String(name));
    }
    error
}

fn fit(text: &str, check: fn(String) -> Result<String, Unfit>) -> Result<String, String> {
    check(text.to_owned()).map_err(|error| error.in_file)
}
