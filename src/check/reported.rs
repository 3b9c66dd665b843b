//! What the publisher says that it did, held against what happened.

use crate::assignment::assignment;
use crate::ledger::{Fate, Ledger, Line};
use crate::matcher::EntryMatcher;
use crate::service::Entry;

/// What the publisher under test reported to its caller, for
/// [`Ledger::assert_reported`](crate::Ledger::assert_reported).
///
/// ```
/// # let journal = putevents_mock::Engine::new().journal();
/// use putevents_mock::{Reported, entry};
///
/// let order = |id: u64| entry().detail_type("OrderPlaced").detail_at("/orderId", id);
/// // It said that orders 1 and 3 were published, and that order 2 was not:
/// let reported = Reported::published([order(1), order(3)]).failed([order(2)]);
/// assert!(journal.ledger().check_reported(reported).is_err());
/// // It only said how many:
/// journal.ledger().assert_reported(Reported::counts(0, 0));
/// // It said `Ok(())`:
/// journal.ledger().assert_reported(Reported::all_published());
/// ```
///
/// An event whose answer was lost may be reported either way, for its publisher cannot know.
#[derive(Debug, Clone)]
#[must_use]
pub struct Reported(Report);

#[derive(Debug, Clone)]
enum Report {
    All,
    Events { published: Vec<EntryMatcher>, failed: Vec<EntryMatcher> },
    Counts { published: usize, failed: usize },
}

/// Something that was reported and is not so.
#[derive(Debug, Clone)]
pub(crate) enum Untruth {
    /// It was reported as published, and was not accepted.
    NotPublished(Line),
    /// It was reported as failed, and the publisher was told that it was accepted.
    NotFailed(Line),
    /// It was received, and not reported.
    LeftOut(Line),
    /// It was reported as published, and never received.
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
    /// The entry that it is about, where there is one.
    pub(crate) fn entry(&self) -> Option<&Entry> {
        match self {
            Self::NotPublished(line) | Self::NotFailed(line) | Self::LeftOut(line) => line.entry(),
            Self::NeverReceived(_) | Self::Counts { .. } => None,
        }
    }
}

impl Reported {
    /// That all events were published, as `Ok(())` means for most publishers. The ledger should have been told which these
    /// [are](crate::Ledger::expecting).
    pub fn all_published() -> Self {
        Self(Report::All)
    }

    /// That these events were published, and no others.
    pub fn published<M: Into<EntryMatcher>>(events: impl IntoIterator<Item = M>) -> Self {
        Self(Report::Events { published: events.into_iter().map(Into::into).collect(), failed: Vec::new() })
    }

    /// And that these were not.
    ///
    /// # Panics
    ///
    /// After anything but [`published`](Self::published): there they would contradict what was said.
    #[track_caller]
    pub fn failed<M: Into<EntryMatcher>>(mut self, events: impl IntoIterator<Item = M>) -> Self {
        match &mut self.0 {
            Report::Events { failed, .. } => failed.extend(events.into_iter().map(Into::into)),
            Report::All | Report::Counts { .. } => {
                panic!(
                    "events that failed go with events that were published: write Reported::published(...).failed(...)"
                )
            }
        }
        self
    }

    /// That so many events were published, and so many not.
    pub fn counts(published: usize, failed: usize) -> Self {
        Self(Report::Counts { published, failed })
    }

    /// What of it is not so.
    pub(crate) fn untruths(&self, ledger: &Ledger) -> Vec<Untruth> {
        match &self.0 {
            Report::All => ledger.lines().iter().filter_map(not_published).collect(),
            Report::Events { published, failed } => among(published, failed, ledger.lines()),
            Report::Counts { published, failed } => count(*published, *failed, ledger.lines()).into_iter().collect(),
        }
    }
}

fn not_published(line: &Line) -> Option<Untruth> {
    (line.times_accepted() == 0).then(|| Untruth::NotPublished(line.clone()))
}

fn not_failed(line: &Line) -> Option<Untruth> {
    (line.fate() == Fate::Accepted).then(|| Untruth::NotFailed(line.clone()))
}

fn among(published: &[EntryMatcher], failed: &[EntryMatcher], lines: &[Line]) -> Vec<Untruth> {
    let reported: Vec<&EntryMatcher> = published.iter().chain(failed).collect();
    let entries: Vec<Option<&Entry>> = lines.iter().map(Line::entry).collect();
    let is = |matcher: &&EntryMatcher, entry: &Option<&Entry>| entry.is_some_and(|entry| matcher.matches(entry));
    let lines_of = assignment(&reported, &entries, is);
    let mut untruths = Vec::new();
    for (index, (matcher, line)) in reported.iter().zip(&lines_of).enumerate() {
        let said_to_be_published = index < published.len();
        match line.and_then(|line| lines.get(line)) {
            Some(line) if said_to_be_published => untruths.extend(not_published(line)),
            Some(line) => untruths.extend(not_failed(line)),
            None if said_to_be_published => untruths.push(Untruth::NeverReceived((*matcher).clone())),
            None => {} // It was never sent, which is a way to fail.
        }
    }
    let is_left_out = |index: &usize| !lines_of.contains(&Some(*index));
    let left_out = lines.iter().enumerate().filter(|(index, line)| is_left_out(index) && line.entry().is_some());
    untruths.extend(left_out.map(|(_, line)| Untruth::LeftOut(line.clone())));
    untruths
}

fn count(published: usize, failed: usize, lines: &[Line]) -> Option<Untruth> {
    let with = |fate: fn(&Fate) -> bool| lines.iter().filter(|line| fate(&line.fate())).count();
    let accepted = with(|fate| *fate == Fate::Accepted);
    let lost = with(|fate| *fate == Fate::AnswerLost);
    let all = lines.len();
    let is_true = (accepted..=accepted + lost).contains(&published) && published + failed == all;
    (!is_true).then_some(Untruth::Counts { published, failed, accepted, lost, all })
}
