//! How much a search looks at.

use std::time::Duration;

use super::deviation::{Deviation, Lasts, Letter, Level};
use super::judge::Judge;
use super::schedule::Schedule;
use super::workload::Workload;

/// How much is searched.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    /// In this order, each workload with a number of deviations.
    pub(crate) steps: Vec<Step>,
    /// What can go wrong.
    pub(crate) alphabet: Vec<Deviation>,
    /// Whether the children of equal siblings are left out.
    pub(crate) merges: bool,
    pub(crate) max_schedules: usize,
    pub(crate) max_time: Duration,
    /// So many schedules at random, beyond the steps, from this seed.
    pub(crate) random: Option<(u64, usize)>,
    /// The part of all that is searched, of so many.
    pub(crate) shard: (usize, usize),
    /// The search ends with the step in which this rule was found broken.
    pub(crate) until: Option<Judge>,
    pub(crate) threads: usize,
    /// A run that holds its thread for longer in real time is left alone.
    pub(crate) guard: Duration,
    /// How a run is to be saved, where it takes its time.
    pub(crate) thrift: Thrift,
}

/// What a search does to have few runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thrift {
    /// Runs are cheap, and two runs of one schedule do not differ by themselves.
    Cheap,
    /// Runs are on real time: the most telling schedules come first, the alphabet in its order, findings are shown in few
    /// further runs, and what is about times must show again.
    Dear,
}

/// All schedules of a workload with so many deviations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) workload: Workload,
    pub(crate) deviations: usize,
    /// Whether only the most telling deviations are tried, for there would be too many.
    pub(crate) few: bool,
}

/// How much a search looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    /// The most telling tens of schedules.
    Smoke,
    Standard,
    Thorough,
    Random {
        seed: u64,
        schedules: usize,
    },
    /// Few schedules, and those that tell most first: for runs that take real time.
    Telling,
    /// All of one workload.
    Tree {
        events: usize,
        deviations: usize,
        merges: bool,
    },
}

/// What a search may cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) schedules: usize,
    pub(crate) time: Duration,
}

/// Numbers of events, each with a number of deviations: two events are the fewest of which a part can fail, and eleven no
/// longer fit into a request.
const TELLING_STEPS: [(usize, usize); 9] = [(2, 0), (11, 0), (2, 1), (2, 2), (11, 1), (3, 1), (1, 1), (3, 2), (1, 3)];
/// Beside what the steps need.
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

    /// `sizes` are the workloads there are: those of a publisher that chooses its events itself are one.
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

    /// What is most telling comes first.
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

/// What tells most comes first. Answers that come late are not there: a client without a time-out would wait for them in real
/// time.
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

/// The workloads that there are for a publisher.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Workloads {
    /// Whether it can be told how many events to publish.
    pub(crate) any_number: bool,
    /// Whether equal events are events on their own.
    pub(crate) equal: bool,
    /// Whether events of any size can be made.
    pub(crate) sized: bool,
}

impl Workloads {
    /// A schedule for what is published here: a publisher that chooses its events itself has one workload only.
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
