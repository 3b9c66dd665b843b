//! Who asked for a search, and what they can change in it: lines of a test, or flags of a command.

use crate::explore::{Schedule, Workloads};

/// Who asked for a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asker {
    /// A test, with `PublisherCheck`.
    Test,
    /// Somebody at a terminal, with `putevents-mock explore`.
    Command,
    /// A program in another language that publishes itself, with `putevents-mock explore --over-stdio`. It names flags as members of
    /// plans are named.
    Caller,
}

impl Asker {
    /// Whether each run takes real time, so that there are few.
    pub(super) fn has_few_runs(self) -> bool {
        self != Self::Test
    }

    /// `caller` is a place in a test, or a command.
    pub(super) fn publisher(self, caller: &str) -> String {
        match self {
            Self::Test => format!("the publisher at {caller}"),
            Self::Command => format!("the publisher `{caller}`"),
            Self::Caller => "the publisher".to_owned(),
        }
    }

    pub(super) fn nothing_published(self) -> &'static str {
        match self {
            Self::Test => {
                "no event was published in the run without faults. Does the publisher use the client that it was given, and does \
                 the closure await it?"
            }
            Self::Command => {
                "no event was published in the run without faults. Does the command use AWS_ENDPOINT_URL_EVENTBRIDGE, and does \
                 it wait for its publisher?"
            }
            Self::Caller => {
                "no event was published in the run without faults. Does the function make its client anew in each run, and does it \
                 wait for its publisher?"
            }
        }
    }

    /// Why the second run may have published nothing.
    pub(super) fn published_once(self) -> &'static str {
        match self {
            Self::Test => {
                "the second run without faults published nothing. Does the closure use the client that it is given in each run?"
            }
            Self::Command => {
                "the second run without faults published nothing. Does the command publish the same events in each run?"
            }
            Self::Caller => {
                "the second run without faults published nothing. Does the function make its client anew in each run, and does it \
                 publish the same events?"
            }
        }
    }

    /// What allows for more runs.
    pub(super) fn budget(self) -> &'static str {
        match self {
            Self::Test | Self::Command => "--runs and --time allow",
            Self::Caller => "runs and time allow",
        }
    }

    /// What names the id of the events.
    pub(super) fn identified_by(self) -> &'static str {
        match self {
            Self::Test => "identified_by(...)",
            Self::Command => "--identify-by /...",
            Self::Caller => "identifyBy",
        }
    }

    pub(super) fn run_it_again(self, schedule: &Schedule) -> String {
        match self {
            Self::Test => format!("PUTEVENTS_MOCK_SCHEDULE='{schedule}', or .replay(\"{schedule}\")"),
            Self::Command => format!("--replay '{schedule}'"),
            Self::Caller => format!("replay \"{schedule}\""),
        }
    }

    /// How to get batches of more than ten entries.
    pub(super) fn more_events(self, workloads: &Workloads) -> &'static str {
        match (self, workloads.any_number) {
            (Self::Test, true) => "",
            (Self::Test, false) => "; let the check choose how many events there are: PublisherCheck::of(events)",
            (Self::Command, true) => "; --events with eleven events or more, and more --runs, try that",
            (Self::Command, false) => {
                "; --events FILE.json lets the search choose how many events the command publishes"
            }
            (Self::Caller, true) => "; eleven events or more, and more runs, try that",
            (Self::Caller, false) => "; with events, the search chooses how many the function publishes",
        }
    }

    pub(super) fn larger_events(self) -> &'static str {
        match self {
            Self::Test => "; .sized(...) makes events of any size",
            Self::Command | Self::Caller => "",
        }
    }

    pub(super) fn reported_nothing(self) -> &'static str {
        match self {
            Self::Test => "the closure returns nothing; return its Result",
            Self::Command => "--ignore-status was given, and the command wrote nothing to PUTEVENTS_MOCK_REPORTED",
            Self::Caller => "the function reported nothing",
        }
    }

    /// Why late answers were not tried.
    pub(super) fn no_late_answers(self) -> &'static str {
        match self {
            Self::Test => "the publisher waits for them, because it has no timeout",
            Self::Command | Self::Caller => "they would take their real time",
        }
    }

    pub(super) fn promise_order(self) -> &'static str {
        match self {
            Self::Test => ".keeps_order() or .keeps_order_by(\"/...\") says so",
            Self::Command => "--keeps-order or --keeps-order-by /... says so",
            Self::Caller => "keepsOrder or keepsOrderBy says so",
        }
    }

    /// What to write if a publisher may take longer.
    pub(super) fn longer(self) -> &'static str {
        match self {
            Self::Test => "",
            Self::Command => "; where it may take longer, --run-time says so",
            Self::Caller => "; where it may take longer, runTime says so",
        }
    }

    pub(super) fn two_runs_differ(self) -> &'static str {
        match self {
            Self::Test => "nondeterministic publisher: two runs of",
            Self::Command | Self::Caller => "on real time the same schedule may lead to other requests: two runs of",
        }
    }
}
