//! The scope of a search: its steps, its alphabet and its bounds.

use std::time::Duration;

use super::deviation::{Deviation, Lasts, Letter, Level};
use super::judge::Judge;
use super::schedule::Schedule;
use super::workload::Workload;

/// The scope of a search.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    /// The steps in their order.
    pub(crate) steps: Vec<Step>,
    /// The deviations that are tried.
    pub(crate) alphabet: Vec<Deviation>,
    /// Whether only one of several siblings with the same effect has children.
    pub(crate) merges: bool,
    pub(crate) max_schedules: usize,
    pub(crate) max_time: Duration,
    /// The seed and the number of random schedules beyond the steps.
    pub(crate) random: Option<(u64, usize)>,
    /// The part of the search, counted from 0, and the number of parts.
    pub(crate) shard: (usize, usize),
    /// The search ends with the step that finds this rule broken.
    pub(crate) until: Option<Judge>,
    pub(crate) threads: usize,
    /// If no run ends for this real time, the search ends without the runs that still hold their threads.
    pub(crate) guard: Duration,
    /// Whether the search saves runs.
    pub(crate) thrift: Thrift,
}

/// Whether a search saves runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thrift {
    /// Runs are on virtual time. They are cheap, and times do not differ between two runs of one schedule.
    Cheap,
    /// Runs are on real time. The schedules that find the most bugs come first, findings are shrunk in few runs, and a finding
    /// about times must show in a second run.
    Dear,
}

/// A step of a search: the schedules of a workload with this many deviations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) workload: Workload,
    pub(crate) deviations: usize,
    /// Whether only the deviations that find the most bugs are tried, because there are too many schedules.
    pub(crate) few: bool,
}

/// The size of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    /// At most 60 schedules, those that find the most bugs.
    Smoke,
    Standard,
    Thorough,
    Random {
        seed: u64,
        schedules: usize,
    },
    /// Few schedules, those that find the most bugs first, for runs that take real time.
    Telling,
    /// All schedules of one workload.
    Tree {
        events: usize,
        deviations: usize,
        merges: bool,
    },
}

/// The bounds of a search.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) schedules: usize,
    pub(crate) time: Duration,
}

/// Numbers of events, each with a number of deviations. At least two events are needed for a request that fails in part, and eleven
/// are one too many for a request.
const TELLING_STEPS: [(usize, usize); 9] = [(2, 0), (11, 0), (2, 1), (2, 2), (11, 1), (3, 1), (1, 1), (3, 2), (1, 3)];
/// The default guard.
const GUARD: Duration = Duration::from_secs(60);

impl Scale {
    pub(crate) fn budget(self) -> Budget {
        let (schedules, seconds) = match self {
            Self::Smoke => (60, 10),
            Self::Telling => (40, 60),
            Self::Standard | Self::Random { .. } | Self::Tree { .. } => (5_000, 60),
            Self::Thorough => (200_000, 600),
        };
        Budget { schedules, time: Duration::from_secs(seconds) }
    }

    /// The scope of this size, for the workloads that the publisher has.
    pub(crate) fn scope(self, workloads: &Workloads) -> Scope {
        let Budget { schedules, time } = self.budget();
        let random = if let Self::Random { seed, schedules } = self { Some((seed, schedules)) } else { None };
        Scope {
            steps: self.steps(workloads),
            alphabet: self.alphabet(),
            merges: !matches!(self, Self::Thorough | Self::Tree { merges: false, .. }),
            max_schedules: schedules,
            max_time: time,
            random,
            shard: (0, 1),
            until: None,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            guard: GUARD,
            thrift: if self == Self::Telling { Thrift::Dear } else { Thrift::Cheap },
        }
    }

    /// The steps. Those that find the most bugs come first.
    fn steps(self, workloads: &Workloads) -> Vec<Step> {
        let step = |workload: Workload, deviations: usize| Step { workload, deviations, few: false };
        let of = |sizes: &[usize], deviations: usize| -> Vec<Step> {
            let sizes = workloads.plain(sizes).into_iter();
            sizes.map(|workload| step(workload, deviations)).collect()
        };
        let special = |deviations| workloads.special().into_iter().map(move |workload| step(workload, deviations));
        let mut steps = match self {
            Self::Telling | Self::Tree { .. } => Vec::new(),
            _ => of(&[1, 2, 3], 0),
        };
        match self {
            Self::Tree { events, deviations, .. } => {
                for number in 0..=deviations {
                    steps.extend(of(&[events], number));
                }
            }
            Self::Telling => {
                for (size, deviations) in TELLING_STEPS {
                    steps.extend(of(&[size], deviations));
                }
            }
            Self::Smoke => steps.extend(of(&[2, 3], 1)),
            Self::Random { .. } => {}
            Self::Standard | Self::Thorough => {
                steps.extend(of(&[1, 2, 3], 1));
                steps.extend(of(&[11, 21], 0));
                steps.extend(special(0));
                steps.extend(of(&[1, 2], 2));
                steps.extend(of(&[11], 1));
                steps.extend(of(&[3], 2));
                steps.extend(of(&[1], 3));
                if workloads.any_number {
                    steps.push(Step { few: true, ..step(Workload::Plain(11), 2) });
                }
                steps.extend(special(1));
            }
        }
        if self == Self::Thorough {
            steps.extend(of(&[4], 0));
            steps.extend(of(&[4], 1));
            steps.extend(of(&[4], 2));
            steps.extend(of(&[21], 1));
            steps.extend(of(&[2], 3));
        }
        let mut seen = Vec::new();
        steps.retain(|step| {
            let is_new = !seen.contains(step);
            seen.push(*step);
            is_new
        });
        steps
    }

    fn alphabet(self) -> Vec<Deviation> {
        use Lasts::{Call, Ever, Once};
        use Letter::{
            Denied, Empty, Expired, Internal, Late, Lost, NoIds, Permanent, RequestThrottled, Reset, ServerError,
            Short, Throttled, TooLarge,
        };
        if self == Self::Telling {
            return telling_alphabet();
        }
        let mut alphabet = vec![
            (Throttled, Once),
            (Permanent, Once),
            (Lost, Once),
            (ServerError, Call),
            (Throttled, Ever),
            (ServerError, Ever),
            (Lost, Call),
        ];
        if self != Self::Smoke {
            alphabet.extend([
                (Internal, Once),
                (ServerError, Once),
                (RequestThrottled, Once),
                (RequestThrottled, Call),
                (Reset, Once),
                (Reset, Call),
                (Reset, Ever),
                (Lost, Ever),
                (Late, Once),
                (TooLarge, Once),
                (Expired, Once),
                (Denied, Ever),
            ]);
        }
        if self == Self::Thorough {
            alphabet.extend([
                (RequestThrottled, Ever),
                (Internal, Ever),
                (Late, Call),
                (Short, Once),
                (NoIds, Once),
                (Empty, Once),
            ]);
        }
        let alphabet = alphabet.into_iter().map(|(letter, lasts)| Deviation::new(letter, lasts));
        alphabet
            .filter(|deviation| deviation.letter.level() == Level::Request || deviation.may_last(deviation.lasts))
            .collect()
    }
}

/// The deviations that find the most bugs come first. Late replies are left out: a client without a timeout would wait for them in
/// real time.
fn telling_alphabet() -> Vec<Deviation> {
    use Lasts::{Call, Ever, Once};
    use Letter::{
        Denied, Expired, Internal, Lost, Permanent, RequestThrottled, Reset, ServerError, Throttled, TooLarge,
    };
    let alphabet = [
        (Throttled, Once),
        (Permanent, Once),
        (Lost, Once),
        (ServerError, Call),
        (Throttled, Ever),
        (ServerError, Ever),
        (Internal, Once),
        (RequestThrottled, Call),
        (Expired, Ever),
        (Reset, Call),
        (TooLarge, Once),
        (Denied, Ever),
        (Lost, Call),
        (ServerError, Once),
        (Reset, Ever),
        (Lost, Ever),
        (Reset, Once),
        (RequestThrottled, Once),
    ];
    alphabet.into_iter().map(|(letter, lasts)| Deviation::new(letter, lasts)).collect()
}

/// The workloads of a publisher.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Workloads {
    /// Whether the check chooses the number of events.
    pub(crate) any_number: bool,
    /// Whether two equal events count as two.
    pub(crate) equal: bool,
    /// Whether the check can make events of any size.
    pub(crate) sized: bool,
}

impl Workloads {
    /// The schedule for this publisher. A publisher that chooses its events itself has one workload only.
    pub(crate) fn adapted(self, schedule: &Schedule) -> Schedule {
        if self.any_number { schedule.clone() } else { schedule.for_workload(Workload::Own) }
    }

    fn plain(self, sizes: &[usize]) -> Vec<Workload> {
        if self.any_number { sizes.iter().map(|size| Workload::Plain(*size)).collect() } else { vec![Workload::Own] }
    }

    fn special(self) -> Vec<Workload> {
        let mut special = Vec::new();
        special.extend((self.any_number && self.equal).then_some(Workload::Equal));
        special.extend(if self.sized { [Workload::Near, Workload::Large].as_slice() } else { &[] });
        special
    }
}
