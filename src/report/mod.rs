//! Turns verdicts, journals and ledgers into text. No other room has sentences about findings.

#![warn(clippy::indexing_slicing)]

mod asker;
mod attempts;
mod events;
mod explored;
mod findings;
mod ledger;
mod names;
mod progress;
mod styled;
mod timeline;
mod unfired;

use std::fmt::Write;

pub(crate) use self::asker::Asker;
pub(crate) use self::explored::{Searched, explored, schedule_in_words, violation_in_words, why_inconclusive};
pub(crate) use self::ledger::{fate, resent};
pub(crate) use self::progress::{end_progress, show_progress};
pub(crate) use self::styled::Report;
pub(crate) use self::timeline::{Timeline, became, notes, unsaid};
pub(crate) use self::unfired::why;
use crate::check::{Unfired, Unmet, Verdict};
use crate::journal::{Journal, Since};
use crate::words::{LOST_SERVER, NO_REQUEST, count, shortened};

/// The most lines of a timeline. A longer timeline shows its beginning and its end.
const MAX_LINES: usize = 16;
/// The most lines of a list of problems or findings.
const MAX_FINDINGS: usize = 6;
/// The most events that a report explains.
const MAX_EVENTS: usize = 5;

/// The report of an assertion about events, if there were none.
const NOTHING_TO_JUDGE: &str = "no event was received that this assertion is about, so there was nothing to judge. Is the \
                                publisher awaited, and does it use this endpoint? If no event is expected, write \
                                expecting_none(), or \"expecting\": [] in a plan";

/// The end of a report.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tail {
    Nothing,
    /// The report is about lint, or about requests as a whole.
    TimelineWithoutLint,
    Timeline,
}

/// The report of a verdict on a journal, with a hint about what happened to the mock since the snapshot.
pub(crate) fn report(verdict: &Verdict, journal: &Journal, since: Since) -> Report {
    let mut report = with_timeline(verdict, journal);
    let hint = match since.attempts {
        0 if since.has_lost_server => LOST_SERVER.to_owned(),
        0 if journal.history().0 > 0 || matches!(verdict, Verdict::NothingToJudge | Verdict::BadQuestion(_)) => {
            return report;
        }
        0 => NO_REQUEST.to_owned(),
        newer => format!(
            "since this snapshot of the journal was taken, the mock has received {}: call journal() again",
            count(newer, "more attempt")
        ),
    };
    let gap = if report.ends_line() { "\n" } else { "\n\n" };
    let _ = writeln!(report, "{gap}{hint}");
    report
}

/// Whether the report shows the timeline.
pub(crate) fn shows_timeline(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Forgotten | Verdict::BadQuestion(_) => false,
        Verdict::Unmet(unmet) => unmet.iter().any(|unmet| shows_timeline(&unmet.verdict)),
        _ => true,
    }
}

/// The report on faults that did not apply, without the timeline.
pub(crate) fn unfired_alone(unfired: &[Unfired]) -> String {
    unfired::report(unfired).to_string().trim_end().to_owned()
}

fn with_timeline(verdict: &Verdict, journal: &Journal) -> Report {
    let (mut report, tail) = body(verdict, journal);
    let timeline = match tail {
        Tail::Nothing => return report,
        Tail::TimelineWithoutLint => Timeline::without_lint(&journal.ledger()).to_string(),
        Tail::Timeline => journal.to_string(),
    };
    let is_list = matches!(verdict, Verdict::Unmet(_));
    let _ = if is_list { writeln!(report, "{}", timeline.trim_end()) } else { report.write_str(&timeline) };
    report
}

/// The report without the timeline, for a page that shows the timeline already.
pub(crate) fn without_timeline(verdict: &Verdict, journal: &Journal) -> String {
    body(verdict, journal).0.trimmed().to_string()
}

/// The report without the timeline, and whether one follows.
fn body(verdict: &Verdict, journal: &Journal) -> (Report, Tail) {
    match verdict {
        Verdict::Forgotten => (plain(forgotten(journal)), Tail::Nothing),
        Verdict::NothingToJudge => (with_gap(Report::titled(NOTHING_TO_JUDGE)), Tail::Timeline),
        Verdict::BadQuestion(why) => (plain(why.clone()), Tail::Nothing),
        Verdict::Events(comparison) => (events::different(comparison), Tail::Timeline),
        Verdict::OtherOrder { published, expected, first } => {
            (events::other_order(published, expected, *first), Tail::Timeline)
        }
        Verdict::OtherCount { published, expected } => (events::other_count(published, *expected), Tail::Timeline),
        Verdict::Unwanted { unwanted, events } => (events::unwanted(unwanted, events), Tail::Timeline),
        Verdict::Details(details) => (events::nonconforming(details), Tail::Timeline),
        Verdict::Lines { rule, blames } => (ledger::blamed(*rule, blames), Tail::Timeline),
        Verdict::Backoff { wanted, complaints } => (ledger::other_backoff(wanted, complaints), Tail::Timeline),
        Verdict::Untrue(untruths) => (ledger::untrue(untruths), Tail::Timeline),
        Verdict::TooLarge(found) => (attempts::too_large(found), Tail::TimelineWithoutLint),
        Verdict::TooSmall(found) => (attempts::too_small(found), Tail::TimelineWithoutLint),
        Verdict::InFlight { busiest, limit } => (attempts::too_many_in_flight(busiest, *limit), Tail::Timeline),
        // The timeline lists them.
        Verdict::Problems => {
            let title = format!("{} in the traffic", count(journal.problems().len(), "problem"));
            (with_gap(Report::titled(title)), Tail::Timeline)
        }
        Verdict::Lint(found) => (findings::lint(found), Tail::TimelineWithoutLint),
        Verdict::Unfired(unfired) => (unfired::report(unfired), Tail::Timeline),
        Verdict::Unmet(unmet) => self::unmet(unmet, journal),
    }
}

/// A report of one sentence, without a line break.
fn plain(sentence: String) -> Report {
    let mut report = Report::default();
    let _ = report.write_str(&sentence);
    report
}

fn with_gap(mut report: Report) -> Report {
    let _ = report.write_str("\n");
    report
}

/// The report if attempts were forgotten.
fn forgotten(journal: &Journal) -> String {
    let forgotten = count(journal.forgotten(), "attempt");
    format!(
        "the journal has forgotten its oldest {forgotten}, so this cannot be judged: let it hold more \
         (max_journal_size, max_journal_attempts, --journal-limit), or narrow it to a later time with between(...)"
    )
}

/// The expectations that are not met, each with its report. They share one timeline.
fn unmet(unmet: &[Unmet], journal: &Journal) -> (Report, Tail) {
    let were = if unmet.len() == 1 { "expectation is" } else { "expectations are" };
    let mut report = Report::titled(format!("{} {were} not met", unmet.len()));
    let mut longest = Tail::Nothing;
    for (number, Unmet { place, expectation, verdict, .. }) in unmet.iter().enumerate() {
        let (part, tail) = body(verdict, journal);
        longest = longest.max(tail);
        let is_last = number + 1 == unmet.len();
        let _ = write!(report, "\n{place}: {}\n", shortened(expectation));
        if is_last && longest != Tail::Nothing {
            report.append(&if tail == Tail::Nothing { with_gap(with_gap(part)) } else { part });
        } else {
            report.append(&with_gap(part.trimmed()));
        }
    }
    (report, longest)
}
