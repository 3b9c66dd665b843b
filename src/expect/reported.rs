//! What the publisher says that it did.

use super::assignment;
use crate::entry::Entry;
use crate::ledger::{Fate, Ledger, Line};
use crate::matcher::EntryMatcher;
use crate::report;

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
pub(crate) enum Untruth<'a> {
    Line(&'a Line, String),
    Unknown(EntryMatcher),
    Counts(String),
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

    pub(super) fn untruths<'a>(&self, ledger: &'a Ledger) -> Vec<Untruth<'a>> {
        match &self.0 {
            Report::All => ledger.lines().iter().filter_map(not_published).collect(),
            Report::Events { published, failed } => among(published, failed, ledger.lines()),
            Report::Counts { published, failed } => count(*published, *failed, ledger.lines()).into_iter().collect(),
        }
    }
}

fn not_published(line: &Line) -> Option<Untruth<'_>> {
    (line.times_accepted() == 0)
        .then(|| Untruth::Line(line, format!("was reported as published, but {}", report::fate(line))))
}

fn not_failed(line: &Line) -> Option<Untruth<'_>> {
    let is_known = line.fate() == Fate::Accepted;
    is_known.then(|| Untruth::Line(line, format!("was reported as failed, but {}", report::fate(line))))
}

fn among<'a>(published: &[EntryMatcher], failed: &[EntryMatcher], lines: &'a [Line]) -> Vec<Untruth<'a>> {
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
            None if said_to_be_published => untruths.push(Untruth::Unknown((*matcher).clone())),
            None => {} // It was never sent, which is a way to fail.
        }
    }
    let is_left_out = |index: &usize| !lines_of.contains(&Some(*index));
    let left_out = lines.iter().enumerate().filter(|(index, line)| is_left_out(index) && line.entry().is_some());
    untruths
        .extend(left_out.map(|(_, line)| Untruth::Line(line, format!("was not reported, and {}", report::fate(line)))));
    untruths
}

fn count<'a>(published: usize, failed: usize, lines: &[Line]) -> Option<Untruth<'a>> {
    let with = |fate: fn(&Fate) -> bool| lines.iter().filter(|line| fate(&line.fate())).count();
    let accepted = with(|fate| *fate == Fate::Accepted);
    let lost = with(|fate| *fate == Fate::AnswerLost);
    let is_true = (accepted..=accepted + lost).contains(&published) && published + failed == lines.len();
    (!is_true).then(|| Untruth::Counts(report::other_counts((published, failed), (accepted, lost, lines.len()))))
}
