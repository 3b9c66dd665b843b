//! The flags of `explore`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::values::{limits, time};
use crate::check::Alike;
use crate::explore::{Judge, Policy, Schedule};
use crate::json::did_you_mean;
use crate::matcher::pointer_error;
use crate::service::Limits;

#[derive(Debug, Args)]
#[command(after_help = "\
The command runs once for each schedule, with the environment of `run` and a new mock. Exit status 0 of the command means that all \
events were published. The command may write {\"published\": [ids], \"failed\": [ids], \"unknown\": [ids]} into the file that \
PUTEVENTS_MOCK_REPORTED names.\n\n\
Exit status: 0 if no schedule broke a rule; 1 if a schedule broke a rule; 2 if a flag or the command cannot be used; 3 if \
nothing could be judged; 130 after Ctrl-C, unless a broken rule was found before.")]
pub(in super::super) struct Explore {
    /// The JSON pointer to the member of the detail that identifies an event, such as /orderId. By default, entries with the same
    /// content are the same event
    #[arg(long, value_name = "POINTER", value_parser = pointer)]
    pub(in crate::cli) identify_by: Option<String>,
    /// Events for the command, a JSON array. The command finds the first n of them in the file that PUTEVENTS_MOCK_EVENTS names. By
    /// default the command chooses its events
    #[arg(long, value_name = "FILE.json")]
    pub(in crate::cli) events: Option<PathBuf>,
    /// The maximum number of runs, without the runs that confirm a finding
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..))]
    pub(in crate::cli) runs: u32,
    /// The time after which no further run begins
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = time)]
    pub(in crate::cli) time: Duration,
    /// The number of runs at a time. They share everything that the command keeps outside the mock
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(in crate::cli) jobs: u16,
    /// The time after which a run is killed, with all processes that the command has started
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = time)]
    pub(in crate::cli) run_time: Duration,
    /// The number of requests after which a run is killed
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    pub(in crate::cli) requests: u32,
    /// The file with the command's report, for a command that does not read PUTEVENTS_MOCK_REPORTED. The file is
    /// deleted before each run
    #[arg(long, value_name = "FILE.json")]
    pub(in crate::cli) reported: Option<PathBuf>,
    /// Ignore the exit status of the command
    #[arg(long)]
    pub(in crate::cli) ignore_status: bool,
    /// Run only this schedule, such as R,A, and print what happens, with the output of the command
    #[arg(long, value_name = "SCHEDULE")]
    pub(in crate::cli) replay: Option<Schedule>,
    /// Run the schedules of this file first, and keep the schedules that break a rule in it
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) schedules: Option<PathBuf>,
    /// Write the run of each finding into this folder, as an HTML page
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) html_dir: Option<PathBuf>,
    /// Write the findings into this file as JSON. - is standard output; the report then goes to standard error
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) json: Option<PathBuf>,
    /// Write a JUnit report into this file, with a case for each rule
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) junit: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) rules: Rules,
    /// Instead of a command, the program that started this search publishes. Each run is one line of JSON on standard output, with the
    /// "url" of its mock, its "environment" and its "events". The program answers it with one line on standard input: {"run": 1,
    /// "reported": "allPublished"}, with the report in place of "allPublished", or {"run": 1, "raised": "the error"}. The last line has the
    /// "status" and the "report"
    #[arg(long, conflicts_with_all = ["command", "reported", "ignore_status"])]
    pub(in crate::cli) over_stdio: bool,
    /// The command and its arguments
    #[arg(last = true, required_unless_present = "over_stdio", value_name = "COMMAND")]
    pub(in crate::cli) command: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Rules {
    /// The number of tries, those of the SDK included, after which an event may be given up. The default is 3
    #[arg(long, value_name = "N")]
    may_give_up_after: Option<usize>,
    /// The maximum number of calls for one event. The tries of the SDK within a call do not count. The default is 10
    #[arg(long, value_name = "N")]
    calls_at_most: Option<usize>,
    /// The publisher promises to keep the order of all events
    #[arg(long, conflicts_with = "keeps_order_by")]
    keeps_order: bool,
    /// The publisher promises to keep the order of events with the same value at this JSON pointer
    #[arg(long, value_name = "POINTER", value_parser = pointer)]
    keeps_order_by: Option<String>,
    /// The member of the detail at this JSON pointer may differ from try to try. May be repeated
    #[arg(long, value_name = "POINTER", value_parser = pointer)]
    may_change: Vec<String>,
    /// Do not apply this rule, by its name in the report, for this reason: Hasty=it has no time. May be repeated
    #[arg(long, value_name = "RULE=REASON", value_parser = without)]
    without: Vec<(Judge, String)>,
    /// Which requests the service refuses by itself
    #[arg(long, value_name = "LIMITS", value_parser = limits())]
    limits: Option<Limits>,
}

impl Rules {
    pub(in crate::cli) fn policy(&self) -> Policy {
        let usual = Policy::default();
        Policy {
            tries_at_least: self.may_give_up_after.unwrap_or(usual.tries_at_least),
            calls_at_most: self.calls_at_most.unwrap_or(usual.calls_at_most),
            order: self.keeps_order_by.clone().map(Some).or(self.keeps_order.then_some(None)),
            alike: self.may_change.iter().fold(usual.alike.clone(), Alike::except_detail_at),
            limits: self.limits.unwrap_or(usual.limits),
            without: self.without.clone(),
            ..usual
        }
    }
}

fn pointer(text: &str) -> Result<String, String> {
    pointer_error(text).map_or_else(|| Ok(text.to_owned()), Err)
}

fn without(text: &str) -> Result<(Judge, String), String> {
    let (name, reason) = text.split_once('=').map_or((text, ""), |(name, reason)| (name.trim(), reason.trim()));
    let judge = Judge::ALL.iter().copied().find(|judge| judge.name() == name);
    let reason = if reason.is_empty() { "as --without says" } else { reason };
    judge.map(|judge| (judge, reason.to_owned())).ok_or_else(|| {
        let names: Vec<&str> = Judge::ALL.iter().map(|judge| judge.name()).collect();
        let near = did_you_mean(name, names.iter().copied());
        let near = if near.is_empty() { ".".to_owned() } else { near };
        format!("there is no rule {name:?}{near} They are {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_left_out_by_its_name() {
        assert_eq!(without("Hasty=no time"), Ok((Judge::Hasty, "no time".to_owned())));
        assert_eq!(without("Lost"), Ok((Judge::Lost, "as --without says".to_owned())));
        assert!(without("Hsty").unwrap_err().starts_with("there is no rule \"Hsty\""));
    }
}
