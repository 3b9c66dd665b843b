//! Compares what the publisher reported with what happened.

use std::collections::HashSet;
use std::fmt;

use super::ledger::{Blame, MAX_LOST, What, with_near};
use super::near::{NearlyEqual, nearly_equal};
use crate::assignment::assignment;
use crate::ledger::{Fate, Ledger, Line};
use crate::matcher::{Candidate, EntryMatcher, IntoMatchers, Matchers};
use crate::service::Entry;
use crate::words::count as count_of;

/// What the publisher under test reported to its caller, for
/// [`Ledger::assert_reported`](crate::Ledger::assert_reported).
///
/// ```
/// # let journal = putevents_mock::Engine::new().journal();
/// use putevents_mock::expect::Reported;
/// use putevents_mock::entry;
///
/// let order = |id: u64| entry().detail_type("OrderPlaced").detail_at("/orderId", id);
/// // The mock received nothing. The publisher says that orders 1 and 3 were published, and that order 2 failed:
/// let reported = Reported::published([order(1), order(3)]).failed([order(2)]);
/// assert!(journal.ledger().check_reported(reported).is_err());
/// // It says how many events were published and failed:
/// journal.ledger().assert_reported(Reported::counts(0, 0));
/// // It returns `Ok(())`:
/// assert!(journal.ledger().check_reported(Reported::all_published()).is_err());
/// // It returns `Err(...)`, and does not say which events failed:
/// assert!(journal.ledger().check_reported(Reported::some_failed()).is_err());
/// ```
///
/// An event whose answer was lost may be reported as published or as failed, because the publisher cannot know.
#[derive(Debug, Clone)]
#[must_use]
pub struct Reported(Report);

#[derive(Debug, Clone)]
enum Report {
    Nothing,
    All,
    SomeFailed,
    Events { published: Vec<EntryMatcher>, failed: Vec<EntryMatcher>, unknown: Vec<EntryMatcher> },
    Counts { published: usize, failed: usize },
}

/// A part of the report that is not true.
#[derive(Debug, Clone)]
pub(crate) enum Untruth {
    /// An event was reported as published, and was not accepted. With the nearly equal event that came later, if there is one.
    NotPublished(Line, Option<Box<NearlyEqual>>),
    /// An event was reported as failed, and the publisher was told that it was accepted.
    NotFailed(Line),
    /// An event was received, and not reported.
    LeftOut(Line),
    /// Some events were reported as failed, and the publisher was told that all were accepted.
    NoneFailed,
    /// All events were reported as published, and no event was received.
    Nothing,
    /// An event was reported as published, and never received.
    NeverReceived(EntryMatcher),
    Counts {
        published: usize,
        failed: usize,
        accepted: usize,
        lost: usize,
        all: usize,
    },
}

impl Untruth {
    /// The entry that it is about, if there is one.
    pub(crate) fn entry(&self) -> Option<&Entry> {
        match self {
            Self::NotPublished(line, _) | Self::NotFailed(line) | Self::LeftOut(line) => line.entry(),
            Self::NoneFailed | Self::Nothing | Self::NeverReceived(_) | Self::Counts { .. } => None,
        }
    }
}

impl Reported {
    /// Says that the publisher reports nothing. This is true whatever became of the events. A closure of `PublisherCheck` that
    /// returns `()` reports this.
    ///
    /// ```
    /// # let journal = putevents_mock::Engine::new().journal();
    /// use putevents_mock::expect::Reported;
    ///
    /// journal.ledger().assert_reported(Reported::nothing());
    /// assert_eq!(Reported::from(()).to_string(), Reported::nothing().to_string());
    /// ```
    pub fn nothing() -> Self {
        Self(Report::Nothing)
    }

    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self.0, Report::Nothing)
    }

    /// Whether it names events.
    pub(crate) fn names_events(&self) -> bool {
        matches!(self.0, Report::Events { .. })
    }

    /// Whether it reports an event as unknown.
    pub(crate) fn is_unknown(&self, line: &Line) -> bool {
        match &self.0 {
            Report::Events { unknown, .. } => unknown.iter().any(|matcher| line.is_meant_by(matcher)),
            Report::Nothing | Report::All | Report::SomeFailed | Report::Counts { .. } => false,
        }
    }

    /// Whether it says that some events may not have been published.
    pub(crate) fn admits_failures(&self) -> bool {
        match &self.0 {
            Report::Nothing | Report::All => false,
            Report::SomeFailed => true,
            Report::Events { failed, unknown, .. } => !failed.is_empty() || !unknown.is_empty(),
            Report::Counts { failed, .. } => *failed > 0,
        }
    }

    /// Says that all events were published, as `Ok(())` does for most publishers. Tell the ledger which events to
    /// [expect](crate::Ledger::expecting): otherwise an event that was never sent goes unnoticed.
    pub fn all_published() -> Self {
        Self(Report::All)
    }

    /// Says that not all events were published, and not which ones, as `Err(...)` does for most publishers.
    pub fn some_failed() -> Self {
        Self(Report::SomeFailed)
    }

    /// Says that these events were published, and no others. Add failed ones with [`failed`](Self::failed).
    pub fn published<Form>(events: impl IntoMatchers<Form>) -> Self {
        let published = events.into_matchers();
        Self(Report::Events { published, failed: Vec::new(), unknown: Vec::new() })
    }

    /// Adds events that were reported as failed.
    ///
    /// # Panics
    ///
    /// If it was not made by [`published`](Self::published).
    #[track_caller]
    pub fn failed<Form>(mut self, events: impl IntoMatchers<Form>) -> Self {
        self.events("failed").1.extend(events.into_matchers());
        self
    }

    /// Adds events of which the publisher reported that it does not know what became of them.
    ///
    /// # Panics
    ///
    /// If it was not made by [`published`](Self::published).
    #[track_caller]
    pub fn unknown<Form>(mut self, events: impl IntoMatchers<Form>) -> Self {
        self.events("unknown").2.extend(events.into_matchers());
        self
    }

    /// The lists of events.
    #[track_caller]
    fn events(&mut self, what: &str) -> (&mut Vec<EntryMatcher>, &mut Vec<EntryMatcher>, &mut Vec<EntryMatcher>) {
        match &mut self.0 {
            Report::Events { published, failed, unknown } => (published, failed, unknown),
            Report::Nothing | Report::All | Report::SomeFailed | Report::Counts { .. } => {
                panic!(
                    "this report has no list of published events, so it cannot have {what} events: write \
                     Reported::published(...).{what}(...)"
                )
            }
        }
    }

    /// Says how many events were published, and how many failed.
    pub fn counts(published: usize, failed: usize) -> Self {
        Self(Report::Counts { published, failed })
    }

    /// Finds what is not true.
    pub(crate) fn untruths(&self, ledger: &Ledger) -> Vec<Untruth> {
        let mut untruths = self.found_untrue(ledger);
        let lost = untruths.iter_mut().filter_map(|untruth| match untruth {
            Untruth::NotPublished(line, near) => Some((line, near)),
            _ => None,
        });
        for (line, near) in lost.take(MAX_LOST) {
            *near = nearly_equal(ledger, line).map(Box::new);
        }
        untruths
    }

    fn found_untrue(&self, ledger: &Ledger) -> Vec<Untruth> {
        match &self.0 {
            Report::Nothing => Vec::new(),
            Report::All if ledger.lines().is_empty() && !ledger.knows_what_to_expect() => vec![Untruth::Nothing],
            Report::All => ledger.lines().iter().filter_map(not_published).collect(),
            Report::SomeFailed => {
                let all_accepted = ledger.lines().iter().all(|line| line.fate() == Fate::Accepted);
                if all_accepted { vec![Untruth::NoneFailed] } else { Vec::new() }
            }
            Report::Events { published, failed, unknown } => among([published, failed, unknown], ledger.lines()),
            Report::Counts { published, failed } => count(*published, *failed, ledger.lines()).into_iter().collect(),
        }
    }

    /// The events that were never accepted and not reported as failed, or as unknown.
    pub(crate) fn silently_lost(&self, ledger: &Ledger) -> Vec<Blame> {
        let lost: Vec<&Line> = ledger.lines().iter().filter(|line| line.times_accepted() == 0).collect();
        let lost: Vec<&Line> = match &self.0 {
            Report::All => lost,
            Report::Nothing | Report::SomeFailed => Vec::new(),
            Report::Events { failed, unknown, .. } => {
                let said_of = Matchers::of(failed.iter().chain(unknown)).assigned(&to_be_meant(&lost));
                let is_said: HashSet<usize> = said_of.into_iter().flatten().collect();
                lost.into_iter()
                    .enumerate()
                    .filter(|(index, _)| !is_said.contains(index))
                    .map(|(_, line)| line)
                    .collect()
            }
            // Counts do not say which events failed. Most likely the publisher forgot those that it never sent.
            Report::Counts { failed, .. } => {
                let (never_sent, tried): (Vec<&Line>, Vec<&Line>) =
                    lost.iter().partition(|line| line.tries().is_empty());
                let silent = lost.len().saturating_sub(*failed);
                never_sent.into_iter().chain(tried).take(silent).collect()
            }
        };
        with_near(ledger, lost.into_iter().map(|line| Blame::new(line, What::Fate)).collect())
    }
}

fn to_be_meant<'a>(lines: &[&'a Line]) -> Vec<Candidate<'a>> {
    lines.iter().map(|line| line.to_be_meant()).collect()
}

fn not_published(line: &Line) -> Option<Untruth> {
    (line.times_accepted() == 0).then(|| Untruth::NotPublished(line.clone(), None))
}

/// Prints the report as a part of a sentence: `that all events were published`.
impl fmt::Display for Reported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Report::Nothing => f.write_str("nothing"),
            Report::All => f.write_str("that all events were published"),
            Report::SomeFailed => f.write_str("that not all events were published"),
            Report::Events { published, failed, unknown } => {
                write!(f, "that {} published", events_were(published.len()))?;
                write!(f, ", {} not", failed.len())?;
                if !unknown.is_empty() {
                    write!(f, ", and {} unknown", unknown.len())?;
                }
                Ok(())
            }
            Report::Counts { published, failed } => {
                write!(f, "that {} published, {failed} not", events_were(*published))
            }
        }
    }
}

fn events_were(events: usize) -> String {
    format!("{} {}", count_of(events, "event"), if events == 1 { "was" } else { "were" })
}

/// `()` is [`Reported::nothing`].
impl From<()> for Reported {
    fn from((): ()) -> Self {
        Self::nothing()
    }
}

/// `Ok` is [`Reported::all_published`], and `Err` is [`Reported::some_failed`].
impl<T, E> From<Result<T, E>> for Reported {
    fn from(result: Result<T, E>) -> Self {
        if result.is_ok() { Self::all_published() } else { Self::some_failed() }
    }
}

/// What was said of an event.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Published,
    Failed,
    Unknown,
}

impl Said {
    /// Whether it is true of a line.
    fn is_true_of(self, line: &Line) -> bool {
        match self {
            Self::Published => line.times_accepted() > 0,
            Self::Failed | Self::Unknown => line.fate() != Fate::Accepted,
        }
    }
}

/// Compares lists of reported events with the lines. Equal events are assigned so that the most statements are true.
fn among([published, failed, unknown]: [&[EntryMatcher]; 3], lines: &[Line]) -> Vec<Untruth> {
    let reported = [(Said::Published, published), (Said::Failed, failed), (Said::Unknown, unknown)];
    let truths = truths(reported, lines);
    let matchers = reported.iter().flat_map(|(said, matchers)| matchers.iter().map(|matcher| (*said, matcher)));
    let said: Vec<(Said, &EntryMatcher)> =
        matchers.zip(&truths).filter(|(_, line)| line.is_none()).map(|(said, _)| said).collect();
    let is_said: HashSet<usize> = truths.into_iter().flatten().collect();
    let unsaid: Vec<&Line> =
        lines.iter().enumerate().filter(|(index, _)| !is_said.contains(index)).map(|(_, line)| line).collect();
    let others = Matchers::of(said.iter().map(|(_, matcher)| *matcher)).assigned(&to_be_meant(&unsaid));
    let mut untruths = Vec::new();
    for ((said, matcher), line) in said.iter().zip(&others) {
        match (said, line.and_then(|line| unsaid.get(line))) {
            (Said::Published, Some(line)) => untruths.push(Untruth::NotPublished((*line).clone(), None)),
            (Said::Published, None) => untruths.push(Untruth::NeverReceived((*matcher).clone())),
            (Said::Failed, Some(line)) => untruths.push(Untruth::NotFailed((*line).clone())),
            // An event that was never sent has failed. "Unknown" is never untrue.
            (Said::Failed, None) | (Said::Unknown, _) => {}
        }
    }
    let is_said: HashSet<usize> = others.into_iter().flatten().collect();
    let left_out = unsaid.iter().enumerate().filter(|(index, _)| !is_said.contains(index));
    let received = left_out.filter(|(_, line)| line.entry().is_some());
    untruths.extend(received.map(|(_, line)| Untruth::LeftOut((*line).clone())));
    untruths
}

/// For each matcher of the lists, the index of a line for which its statement is true. Each line is used once.
fn truths(reported: [(Said, &[EntryMatcher]); 3], lines: &[Line]) -> Vec<Option<usize>> {
    let (mut kinds, mut fitting) = (Vec::new(), Vec::new());
    for (said, matchers) in reported {
        let (places, true_of): (Vec<usize>, Vec<&Line>) =
            lines.iter().enumerate().filter(|(_, line)| said.is_true_of(line)).unzip();
        let matchers = Matchers::of(matchers);
        kinds.extend(matchers.kinds().iter().map(|kind| fitting.len() + kind));
        let in_lines = |meant: Vec<usize>| meant.into_iter().filter_map(|index| places.get(index).copied()).collect();
        fitting.extend(matchers.meant(&to_be_meant(&true_of)).into_iter().map(in_lines));
    }
    assignment(&kinds, &fitting, lines.len())
}

fn count(published: usize, failed: usize, lines: &[Line]) -> Option<Untruth> {
    let with = |fate: fn(&Fate) -> bool| lines.iter().filter(|line| fate(&line.fate())).count();
    let accepted = with(|fate| *fate == Fate::Accepted);
    let lost = with(|fate| *fate == Fate::AnswerLost);
    let all = lines.len();
    let is_true = (accepted..=accepted + lost).contains(&published) && published + failed == all;
    (!is_true).then_some(Untruth::Counts { published, failed, accepted, lost, all })
}
