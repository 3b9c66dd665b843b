//! One run of a publisher under a schedule: its requests, its report, and the places where more faults could apply.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::deviation::{Letter, Level};
use super::schedule::{Place, Schedule};
use super::workload::Workload;
use crate::check::Reported;
use crate::fault::{End, FaultId};
use crate::journal::{Answer, Attempt, Journal, Refuser, Story};
use crate::ledger::{Ledger, Line};
use crate::matcher::{EntryMatcher, detail_at, entry};
use crate::service::{Entry, Outcome};

/// A run, as a runner returns it.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) journal: Journal,
    pub(crate) ending: Ending,
    /// The number of requests when the publisher was done.
    pub(crate) attempts: usize,
}

/// The end of a run.
#[derive(Debug, Clone)]
pub(crate) enum Ending {
    /// The publisher was done, and reported this.
    Said(Reported),
    /// The publisher or one of its tasks panicked, with this text.
    Panicked(String),
    /// The publisher was stopped after this many requests.
    TooManyRequests(usize),
    /// The publisher was stopped after this time, on the clock of the run.
    TooLong(Duration),
    /// The publisher held its thread for this real time, and the search went on without it.
    Blocked(Duration),
    /// The search was interrupted during the run, which is not judged.
    Abandoned,
}

/// The events of a workload, learned from the run without faults.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// One for each event, in the order in which they were first received.
    pub(crate) events: Vec<EntryMatcher>,
    /// The events that are expected in every run. An event that was given twice is here twice.
    expected: Vec<EntryMatcher>,
    pub(crate) names: Vec<String>,
    /// The entry of each event, as it was first received.
    pub(crate) entries: Vec<Entry>,
}

/// A run, prepared for the judges.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) schedule: Schedule,
    pub(crate) ledger: Ledger,
    pub(crate) ending: Ending,
    /// The number of requests when the publisher was done.
    pub(crate) attempts: usize,
    /// The event of each line of the ledger; `None` if the run without faults had no such event.
    pub(crate) events: Vec<Option<usize>>,
    /// The attempt and, for entries, the index at which each deviation first applied.
    pub(crate) fired: Vec<Option<At>>,
    lines: HashMap<(usize, usize), (usize, usize)>,
}

/// A place for a fault in a run: an attempt, and for an entry its index. A request comes before its entries.
pub(crate) type At = (usize, Option<usize>);

/// A place in a run where a further fault could apply.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decision {
    pub(crate) at: At,
    pub(crate) place: Place,
    pub(crate) level: Level,
}

impl Known {
    /// The events of the run without faults.
    pub(crate) fn of(ledger: &Ledger, identify_by: Option<&str>, workload: Workload) -> Self {
        let mut known = Self::default();
        let mut came: Vec<usize> = Vec::new();
        for line in ledger.lines() {
            let Some(one) = line.entry() else { continue };
            let matcher = matcher_of(one, identify_by);
            let place = known.events.iter().position(|event| *event == matcher).unwrap_or_else(|| {
                known.events.push(matcher);
                known.names.push(name_of(one, identify_by));
                known.entries.push(one.clone());
                came.push(0);
                known.events.len() - 1
            });
            if let Some(came) = came.get_mut(place) {
                *came += line.tries().len();
            }
        }
        known.expected.clone_from(&known.events);
        if workload == Workload::Equal {
            // The event that was given twice came twice, in one request or in two.
            let twice = came.iter().position(|came| *came > 1);
            known.expected.extend(twice.and_then(|place| known.events.get(place).cloned()));
            known.entries.extend(twice.and_then(|place| known.entries.get(place).cloned()));
        }
        known
    }

    pub(crate) fn name(&self, event: usize) -> String {
        self.names.get(event).cloned().unwrap_or_else(|| format!("event {event}"))
    }
}

/// The matcher that matches an event in every run.
fn matcher_of(one: &Entry, identify_by: Option<&str>) -> EntryMatcher {
    let mut matcher = entry();
    if let Some(source) = one.source() {
        matcher = matcher.source(source);
    }
    if let Some(detail_type) = one.detail_type() {
        matcher = matcher.detail_type(detail_type);
    }
    match (identify_by.and_then(|pointer| Some((pointer, detail_at(one, pointer)?))), one.detail_json()) {
        (Some((pointer, id)), _) => matcher.detail_at(pointer, id.clone()),
        (None, Some(detail)) => matcher.detail(detail.clone()),
        (None, None) => matcher,
    }
}

/// `OrderPlaced 17`, `OrderPlaced {"orderId":17}`.
fn name_of(one: &Entry, identify_by: Option<&str>) -> String {
    let detail_type = one.detail_type().unwrap_or("an event without detail-type");
    let id = identify_by.and_then(|pointer| detail_at(one, pointer)).map(ToString::to_string);
    let which = id.unwrap_or_else(|| one.detail().unwrap_or_default().to_owned());
    crate::words::shortened(&format!("{detail_type} {which}"))
}

impl Run {
    /// Prepares a run. The faults of its deviations were injected first, in their order.
    pub(crate) fn new(schedule: Schedule, done: Done, identify_by: Option<&str>, known: Option<&Known>) -> Self {
        let Done { journal, ending, attempts } = done;
        let mut ledger = journal.ledger();
        if let Some(pointer) = identify_by {
            ledger = ledger.identify_by(pointer);
        }
        let learned;
        let known = match known {
            Some(known) => {
                ledger = ledger.expecting_like(known.expected.clone(), &known.entries);
                known
            }
            None => {
                learned = Known::of(&ledger, identify_by, schedule.workload);
                &learned
            }
        };
        let event_of = |line: &Line| known.events.iter().position(|event| line.is_meant_by(event));
        let events: Vec<Option<usize>> = ledger.lines().iter().map(event_of).collect();
        let mut lines = HashMap::new();
        for (number, line) in ledger.lines().iter().enumerate() {
            for (try_index, one) in line.tries().iter().enumerate() {
                lines.insert((one.attempt().number(), one.index()), (number, try_index + 1));
            }
        }
        let mut run = Self { schedule, ledger, ending, attempts, events, fired: Vec::new(), lines };
        run.fired = run.find_fired();
        run
    }

    pub(crate) fn journal(&self) -> &Journal {
        self.ledger.journal()
    }

    /// The report of the publisher, if it was done.
    pub(crate) fn said(&self) -> Option<&Reported> {
        if let Ending::Said(said) = &self.ending { Some(said) } else { None }
    }

    /// The lines with their events.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (Option<usize>, &Line)> {
        self.events.iter().copied().zip(self.ledger.lines())
    }

    /// Whether each deviation applied.
    pub(crate) fn is_conclusive(&self) -> bool {
        self.fired.iter().all(Option::is_some)
    }

    fn find_fired(&self) -> Vec<Option<At>> {
        let deviations = self.schedule.deviations().enumerate();
        deviations
            .map(|(number, (place, deviation))| {
                let attempt = self.journal().attempts_of(FaultId(number)).next()?;
                let index = (deviation.letter.level() == Level::Entry).then(|| {
                    let of_event = |index: &usize| {
                        self.place_of(attempt.number(), *index).is_some_and(|at| at.event == place.event)
                    };
                    (0..attempt.entries().len()).find(of_event).unwrap_or_default()
                });
                Some((attempt.number(), index))
            })
            .collect()
    }

    /// The event and the try of an entry.
    fn place_of(&self, attempt: usize, index: usize) -> Option<Place> {
        let (line, try_number) = *self.lines.get(&(attempt, index))?;
        Some(Place { event: (*self.events.get(line)?)?, try_number })
    }

    /// The places after all faults of this run where a further fault could apply.
    pub(crate) fn decisions(&self) -> Vec<Decision> {
        let last = self.fired.iter().flatten().max().copied();
        let mut decisions = Vec::new();
        for attempt in self.journal().attempts().iter().filter(|attempt| attempt.is_put_events()) {
            let at = |index| (attempt.number(), index);
            if !is_decided(attempt) {
                // A request is named by its first known event.
                let lead = (0..attempt.entries().len()).find_map(|index| self.place_of(attempt.number(), index));
                decisions.extend(lead.map(|place| Decision { at: at(None), place, level: Level::Request }));
            }
            for (index, _) in attempt.outcomes().iter().enumerate().filter(|(_, it)| it.is_accepted()) {
                let place = self.place_of(attempt.number(), index);
                decisions.extend(place.map(|place| Decision { at: at(Some(index)), place, level: Level::Entry }));
            }
        }
        decisions.retain(|decision| last.is_none_or(|last| decision.at > last));
        let mut seen = HashSet::new(); // Equal events share their places.
        decisions.retain(|decision| seen.insert((decision.place, decision.level)));
        decisions
    }

    /// The requests and the report of the publisher, without times.
    pub(crate) fn shape(&self) -> Shape {
        let request = |attempt: &Attempt| {
            let place = |index| self.place_of(attempt.number(), index).map(|place| place.event);
            (0..attempt.entries().len()).map(place).collect()
        };
        let said = match &self.ending {
            Ending::Said(said) => format!("said {said:?}"),
            Ending::Panicked(_) => "panicked".to_owned(),
            Ending::TooManyRequests(_) => "too many requests".to_owned(),
            Ending::TooLong(_) => "too long".to_owned(),
            Ending::Blocked(_) => "blocked".to_owned(),
            Ending::Abandoned => "abandoned".to_owned(),
        };
        Shape { requests: self.journal().attempts().iter().map(request).collect(), said }
    }

    /// Whether a fault applied to a try of the line.
    pub(crate) fn is_touched(&self, line: &Line) -> bool {
        line.tries().iter().any(|one| {
            is_decided(one.attempt()) || matches!(one.outcome(), Some(Outcome::Failed { injected: true, .. }))
        })
    }

    /// Whether the faults that applied to the requests of the line are all deviations of its own event.
    pub(crate) fn is_touched_by_itself_alone(&self, event: usize, line: &Line) -> bool {
        line.tries().iter().all(|one| {
            let attempt = one.attempt();
            !is_decided(attempt)
                || self.schedule.deviations().zip(&self.fired).any(|((place, deviation), fired)| {
                    place.event == event
                        && deviation.letter.level() == Level::Request
                        && fired.is_some_and(|(number, _)| number == attempt.number())
                })
        })
    }
}

/// The requests and the report of a publisher, to compare two runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Shape {
    pub(crate) requests: Vec<Vec<Option<usize>>>,
    pub(crate) said: String,
}

/// Whether a fault of whole requests decided about an attempt.
fn is_decided(attempt: &Attempt) -> bool {
    let delivery = attempt.delivery();
    match attempt.story() {
        Story::Unseen | Story::Refused { by: Refuser::Fault, .. } => true,
        Story::Refused { by: Refuser::Service, .. } => delivery.end != End::Whole,
        Story::Other { .. } => false,
        Story::Answered { answer, .. } => {
            *answer != Answer::Truth || delivery.end != End::Whole || !delivery.delay.is_zero()
        }
    }
}

/// The letters that applied in a run.
pub(crate) fn letters_fired(run: &Run) -> impl Iterator<Item = Letter> {
    run.schedule
        .deviations()
        .zip(&run.fired)
        .filter(|(_, fired)| fired.is_some())
        .map(|((_, deviation), _)| deviation.letter)
}
