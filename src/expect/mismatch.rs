//! The report of a failed assertion, as data and as text.

use std::fmt;
use std::thread;

use crate::check::{Untruth, Verdict};
use crate::journal::{Event, Journal, Since};
use crate::matcher::EntryMatcher;
use crate::report::{Report, report, shows_timeline, unfired_alone};
use crate::service::Entry;
use crate::words::debug_is_display;

/// The report of a failed assertion: how what happened differs from what was expected. It prints itself as the report, also with
/// `{:?}`, so that `unwrap` and `?` in a test show it. Its methods return the same as data.
///
/// ```
/// # let journal = putevents_mock::Engine::new().journal();
/// use putevents_mock::expect::MismatchKind;
/// use putevents_mock::entry;
///
/// let mismatch = journal.published().check_contain([entry().source("shop")]).unwrap_err();
/// assert_eq!(mismatch.kind(), MismatchKind::PublishedEvents);
/// assert_eq!(mismatch.missing().len(), 1);
/// assert!(mismatch.to_string().starts_with("the expected event was not published"));
/// ```
#[derive(Clone)]
pub struct Mismatch(Box<Judgement>);

#[derive(Clone)]
struct Judgement {
    verdict: Verdict,
    journal: Journal,
    /// What happened to the mock between the snapshot and the judgement.
    since: Since,
}

/// The kinds of [`Mismatch`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MismatchKind {
    /// The journal has forgotten attempts that the assertion needs, so nothing was judged.
    Forgotten,
    /// There was no event to judge, and the ledger was not told to expect none.
    NothingToJudge,
    /// The assertion itself is wrong: a JSON pointer that leads nowhere, a text that is no JSON Schema, or an undecided event
    /// pattern.
    BadQuestion,
    /// Other events were published than expected.
    PublishedEvents,
    /// The expected events were published, in another order.
    PublishedOrder,
    /// More or fewer events were published than expected.
    PublishedCount,
    /// Events were published that should not have been.
    UnwantedEvents,
    /// Details do not conform to a JSON Schema, or there was no detail to judge.
    Details,
    /// Events were lost, accepted twice, resent, changed, tried too often, or accepted out of order.
    Ledger,
    /// The waits before further tries are not as expected, or there was no wait to judge.
    Backoff,
    /// What the publisher reported is not what happened.
    Reported,
    /// Requests were larger than the limits.
    TooLarge,
    /// Requests were needlessly small.
    TooSmall,
    /// Too many requests were in flight at the same time.
    InFlight,
    /// There were problems in the traffic.
    Problems,
    /// The lint has findings.
    Lint,
    /// Faults did not apply as often as they should.
    UnfiredFaults,
    /// Expectations of a plan are not met. [`Mismatch::unmet`] returns them.
    Expectations,
}

impl Mismatch {
    pub(crate) fn new(verdict: Verdict, journal: &Journal) -> Self {
        Self(Box::new(Judgement { verdict, journal: journal.clone(), since: journal.since() }))
    }

    /// Returns the kind of the mismatch.
    pub fn kind(&self) -> MismatchKind {
        match &self.0.verdict {
            Verdict::Forgotten => MismatchKind::Forgotten,
            Verdict::NothingToJudge => MismatchKind::NothingToJudge,
            Verdict::BadQuestion(_) => MismatchKind::BadQuestion,
            Verdict::Events(_) => MismatchKind::PublishedEvents,
            Verdict::OtherOrder { .. } => MismatchKind::PublishedOrder,
            Verdict::OtherCount { .. } => MismatchKind::PublishedCount,
            Verdict::Unwanted { .. } => MismatchKind::UnwantedEvents,
            Verdict::Details(_) => MismatchKind::Details,
            Verdict::Lines { .. } => MismatchKind::Ledger,
            Verdict::Backoff { .. } => MismatchKind::Backoff,
            Verdict::Untrue(_) => MismatchKind::Reported,
            Verdict::TooLarge(_) => MismatchKind::TooLarge,
            Verdict::TooSmall(_) => MismatchKind::TooSmall,
            Verdict::InFlight { .. } => MismatchKind::InFlight,
            Verdict::Problems => MismatchKind::Problems,
            Verdict::Lint(_) => MismatchKind::Lint,
            Verdict::Unfired(_) => MismatchKind::UnfiredFaults,
            Verdict::Unmet(_) => MismatchKind::Expectations,
        }
    }

    /// Returns the matchers of the expected events that are missing, and of the reported events that were never received.
    pub fn missing(&self) -> Vec<&EntryMatcher> {
        let mut missing = Vec::new();
        match &self.0.verdict {
            Verdict::Events(comparison) => missing.extend(comparison.missing()),
            Verdict::Lines { blames, .. } => {
                let unsent = blames.iter().filter(|blame| blame.line.entry().is_none());
                missing.extend(unsent.filter_map(|blame| Some(&blame.line.expected.as_ref()?.matcher)));
            }
            Verdict::Untrue(untruths) => missing.extend(untruths.iter().filter_map(|untruth| match untruth {
                Untruth::NeverReceived(matcher) => Some(matcher),
                Untruth::NotPublished(line, _) | Untruth::NotFailed(line) | Untruth::LeftOut(line) => {
                    line.expected.as_ref().filter(|_| line.entry().is_none()).map(|expected| &expected.matcher)
                }
                Untruth::NoneFailed | Untruth::Nothing | Untruth::Counts { .. } => None,
            })),
            Verdict::Forgotten
            | Verdict::NothingToJudge
            | Verdict::BadQuestion(_)
            | Verdict::OtherOrder { .. }
            | Verdict::OtherCount { .. }
            | Verdict::Unwanted { .. }
            | Verdict::Details(_)
            | Verdict::Backoff { .. }
            | Verdict::TooLarge(_)
            | Verdict::TooSmall(_)
            | Verdict::InFlight { .. }
            | Verdict::Problems
            | Verdict::Lint(_)
            | Verdict::Unfired(_)
            | Verdict::Unmet(_) => {}
        }
        missing
    }

    /// Returns the entries that broke the assertion, each as it was first received: of events that were surplus, unwanted, lost,
    /// accepted twice, resent or reported wrongly, or whose details do not conform.
    pub fn entries(&self) -> Vec<&Entry> {
        self.found().into_iter().filter_map(|(entry, _)| entry).collect()
    }

    /// Returns the numbers of the attempts that broke the assertion, in order: those with such [entries](Self::entries), those that
    /// were too large, too small, too early, too late or too many at once, and those with problems or findings of the lint.
    pub fn attempts(&self) -> Vec<usize> {
        let mut attempts: Vec<usize> = self.found().into_iter().flat_map(|(_, attempts)| attempts).collect();
        attempts.sort_unstable();
        attempts.dedup();
        attempts
    }

    /// Each finding: an entry, if it is about one, and the numbers of attempts.
    fn found(&self) -> Vec<(Option<&Entry>, Vec<usize>)> {
        fn events<'a>(events: impl IntoIterator<Item = &'a Event>) -> Vec<(Option<&'a Entry>, Vec<usize>)> {
            events.into_iter().map(|event| (Some(&**event), vec![event.attempt().number()])).collect()
        }
        fn attempts<'a>(numbers: impl IntoIterator<Item = usize>) -> Vec<(Option<&'a Entry>, Vec<usize>)> {
            vec![(None, numbers.into_iter().collect())]
        }
        match &self.0.verdict {
            Verdict::Events(comparison) => events(comparison.surplus()),
            Verdict::OtherOrder { published, first, .. } => events(published.iter().skip(*first)),
            Verdict::OtherCount { published, .. } => events(published.iter()),
            Verdict::Unwanted { events: unwanted, .. } => events(unwanted),
            Verdict::Details(details) => events(details.events.iter().map(|(event, _)| event)),
            Verdict::Lines { blames, .. } => {
                blames.iter().map(|blame| (blame.line.entry(), blame.attempts().collect())).collect()
            }
            Verdict::Untrue(untruths) => untruths.iter().map(|untruth| (untruth.entry(), Vec::new())).collect(),
            Verdict::Backoff { complaints, .. } => {
                attempts(complaints.iter().filter_map(|complaint| Some(complaint.wait.as_ref()?.to.number())))
            }
            Verdict::TooLarge(found) => attempts(found.iter().map(|(number, _)| *number)),
            Verdict::TooSmall(found) => attempts(found.iter().map(|small| small.batch.number())),
            Verdict::InFlight { busiest, .. } => attempts(busiest.iter().map(|attempt| attempt.number())),
            Verdict::Problems => attempts(self.0.journal.problems().iter().filter_map(|problem| problem.attempt())),
            Verdict::Lint(findings) => attempts(findings.iter().map(|finding| finding.attempt())),
            Verdict::Unmet(_) => attempts(self.unmet().iter().flat_map(|(_, mismatch)| mismatch.attempts())),
            Verdict::Forgotten | Verdict::NothingToJudge | Verdict::BadQuestion(_) | Verdict::Unfired(_) => Vec::new(),
        }
    }

    /// Returns the expectations of a plan that are not met, each with its index in the list and its mismatch. Empty for any
    /// assertion but `assert_meets`.
    pub fn unmet(&self) -> Vec<(usize, Self)> {
        let Verdict::Unmet(unmet) = &self.0.verdict else { return Vec::new() };
        unmet.iter().map(|unmet| (unmet.index, Self::new(unmet.verdict.clone(), &self.0.journal))).collect()
    }

    /// Returns the journal that was judged.
    pub fn journal(&self) -> &Journal {
        &self.0.journal
    }

    pub(crate) fn verdict(&self) -> &Verdict {
        &self.0.verdict
    }

    pub(crate) fn into_verdict(self) -> Verdict {
        self.0.verdict
    }

    fn report(&self) -> Report {
        report(&self.0.verdict, &self.0.journal, self.0.since)
    }

    /// Panics with the report.
    #[track_caller]
    pub(crate) fn panic(&self) -> ! {
        // The text is made first: a panic while the text of a panic is made aborts the process.
        let text = self.report().for_terminal();
        panic!("{}", Told { mismatch: self, text })
    }

    /// Whether the report names faults that did not apply.
    fn is_about_faults(&self) -> bool {
        match &self.0.verdict {
            Verdict::Unfired(_) => true,
            Verdict::Unmet(unmet) => unmet.iter().any(|unmet| matches!(unmet.verdict, Verdict::Unfired(_))),
            _ => false,
        }
    }

    /// The report on faults that did not apply, without the timeline.
    pub(crate) fn unfired_alone(&self) -> Option<String> {
        match &self.0.verdict {
            Verdict::Unfired(unfired) => Some(unfired_alone(unfired)),
            _ => None,
        }
    }
}

/// The text of a panic, which notes that it was printed.
struct Told<'a> {
    mismatch: &'a Mismatch,
    text: String,
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.mismatch.was_told();
        f.write_str(&self.text)
    }
}

impl Mismatch {
    /// Notes what stands in the text of a panic, so that a mock that is dropped during the panic does not print it again.
    fn was_told(&self) {
        if !thread::panicking() {
            return;
        }
        let Judgement { verdict, journal, .. } = &*self.0;
        if shows_timeline(verdict) {
            journal.was_shown();
        }
        if self.is_about_faults() {
            journal.faults_were_told();
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.was_told();
        self.report().fmt(f)
    }
}

debug_is_display!(Mismatch);

/// Two mismatches are equal if their reports are.
impl PartialEq for Mismatch {
    fn eq(&self, other: &Self) -> bool {
        self.kind() == other.kind() && self.to_string() == other.to_string()
    }
}
