//! Sentences about what became of events, and about the rules that they break.

use std::fmt::{self, Display, Formatter, Write};

use super::events::events_were;
use super::names::{described, name, place_of};
use super::styled::Report;
use super::with_gap;
use crate::check::{Backoff, Blame, Complaint, NearlyEqual, Rule, Untruth, What, Wrong};
use crate::ledger::{Again, Difference, Fate, Known, Ledger, Line, Try};
use crate::words::{and, count, elided, seconds, table, times};

/// The most events in a report.
const MAX_BLAMES: usize = 6;
/// The most differences between two tries that are shown.
const MAX_DIFFERENCES: usize = 3;
/// The most lines of a ledger that are printed.
const MAX_LINES: usize = 30;

/// What `assert_none_lost` does not know.
const WITHOUT_A_WORD: &str = "This assertion does not know what the publisher reported. If it reported these events as failed, \
                              they are not lost: write assert_none_silently_lost(result.into()) with the result of the \
                              publisher, or \"noneSilentlyLost\" in a plan.";

/// Prints one line for each event, with what became of it.
impl Display for Ledger {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", count(self.lines().len(), "event"))?;
        let row = |line: &Line| [name(line), format!("{}{}", fate(line), but_differs(line))];
        table(f, "", self.lines(), row, MAX_LINES)
    }
}

impl Display for Line {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", name(self), fate(self), but_differs(self))
    }
}

/// What became of an event, in words that follow its name.
pub(crate) fn fate(line: &Line) -> String {
    let accepted = || and(&line.tries().iter().filter(|one| one.is_accepted()).map(place_of).collect::<Vec<_>>());
    let (tries, last) = (line.tries().len(), line.tries().last().map(place_of).unwrap_or_default());
    match line.fate() {
        Fate::Accepted if line.times_accepted() > 1 => accepted_again(line),
        Fate::Accepted => format!("was accepted in {}", accepted()),
        Fate::AnswerLost => format!("was accepted in {}, but no reply said so", accepted()),
        Fate::Rejected(failure) => format!("got {failure} in {last}, a permanent error"),
        Fate::NeverRetried(failure) if tries == 1 => format!("got {failure} in {last} and was never sent again"),
        Fate::NeverRetried(failure) => {
            format!("was given up after {tries} tries; the last one got {failure} in {last}")
        }
        Fate::NeverSent => "was never sent".to_owned(),
    }
}

fn accepted_again(line: &Line) -> String {
    let accepted: Vec<&Try> = line.tries().iter().filter(|one| one.is_accepted()).collect();
    let places = and(&elided(accepted.iter().map(|one| place_of(one)).collect(), "more"));
    let told = accepted.iter().take(accepted.len().saturating_sub(1)).any(|one| one.attempt().is_told());
    let but = if told { "" } else { "; the publisher was not told before the last try" };
    format!("was accepted {}, in {places}{but}", times(accepted.len()))
}

fn tried(line: &Line) -> String {
    let ends = line.tries().first().zip(line.tries().last());
    let (from, to) = ends.map(|(first, last)| (place_of(first), place_of(last))).unwrap_or_default();
    let calls = line.calls().len();
    let by_sdk = match line.tries().len() - calls {
        0 => String::new(),
        more => format!(", and {} more by its SDK", times(more)),
    };
    format!("was tried {}{by_sdk}, from {from} to {to}", times(calls))
}

/// Says that an event was sent again, and after what, in words that follow its name.
pub(crate) fn resent(Again { earlier, known, tries }: &Again) -> String {
    let Some((first, more)) = tries.split_first() else { return String::new() };
    let since = earlier.attempt().ended_at().unwrap_or_else(|| earlier.attempt().at());
    let after = seconds(first.attempt().at().saturating_sub(since));
    let more = if more.is_empty() { String::new() } else { format!(", and {} more", times(more.len())) };
    let said = match known {
        Known::Accepted => "that it was accepted".to_owned(),
        Known::Permanent(failure) => failure.to_string(),
        Known::Batch(failure) => format!("{failure} to the same batch"),
    };
    format!("was sent again in {}, {after} after {} had said {said}{more}", place_of(first), place_of(earlier))
}

/// The differences between two tries in words.
fn in_words(differences: &[Difference]) -> String {
    let mut told: Vec<String> = differences.iter().take(MAX_DIFFERENCES).map(ToString::to_string).collect();
    let hidden = differences.len().saturating_sub(MAX_DIFFERENCES);
    told.extend((hidden > 0).then(|| format!("and {hidden} more")));
    told.join("; ")
}

/// The differences between the tries of a line, in words that follow its name.
fn differs(differences: &[Difference]) -> String {
    let mut by_try = differences.chunk_by(|one, next| one.later().place() == next.later().place());
    let Some((first, of_first)) = by_try.next().and_then(|of_try| Some((of_try.first()?, of_try))) else {
        return String::new();
    };
    let more = match by_try.count() {
        0 => String::new(),
        1 => "; 1 more try differs".to_owned(),
        more => format!("; {more} more tries differ"),
    };
    format!("changed from {} to {}: {}{more}", place_of(first.earlier()), place_of(first.later()), in_words(of_first))
}

/// The differences as a further part of a sentence. Empty if all tries are alike.
fn but_differs(line: &Line) -> String {
    let differences = line.differences();
    if differences.is_empty() { String::new() } else { format!("; it {}", differs(&differences)) }
}

/// How a line breaks a rule, in words that follow its name.
pub(super) fn told(line: &Line, what: &What) -> String {
    match what {
        What::Fate => fate(line),
        What::Unexpected => format!("was not expected, but {}", fate(line)),
        What::AcceptedAgain => format!("{}{}", accepted_again(line), but_differs(line)),
        What::Resent(again) => format!("{}{}", resent(again), but_differs(line)),
        What::Differs(differences) => differs(differences),
        What::Doubled { first, second } => {
            format!("was twice in one request, as {} and {}", place_of(first), place_of(second))
        }
        What::TriedTooOften => tried(line),
        What::Overtook { accepted, before, at } => {
            format!("was accepted in {}, before {} in {}", place_of(accepted), name(before), place_of(at))
        }
    }
}

/// Adds lines about the nearly equal event that came later, if there is one.
fn with_near(what: String, near: Option<&NearlyEqual>) -> String {
    let Some(NearlyEqual { at, differences, pointer }) = near else { return what };
    let near = format!("a nearly equal event came in {}: {}", place_of(at), in_words(differences));
    let advice = pointer.as_ref().map(|pointer| {
        format!(
            "\n    if it is the same event, write identify_by({pointer:?}), or \"identifyBy\": {pointer:?} in a plan"
        )
    });
    format!("{what}\n    {near}{}", advice.unwrap_or_default())
}

/// What the title says about the lines that break a rule.
fn broken(rule: Rule) -> String {
    match rule {
        Rule::AtLeastOnce => "not accepted".to_owned(),
        Rule::ExactlyOnce => "not accepted exactly once".to_owned(),
        Rule::NoneLost => "lost or given up".to_owned(),
        Rule::NoneSilentlyLost => "lost without a report".to_owned(),
        Rule::NoDuplicates => "accepted more than once".to_owned(),
        Rule::OnlyFailedEntriesResent => "sent again though accepted".to_owned(),
        Rule::PermanentErrorsNotRetried => "sent again after a permanent error".to_owned(),
        Rule::TriesAtMost(tries) => format!("tried more than {}", times(tries)),
        Rule::OrderKept => "out of order".to_owned(),
        Rule::TriesAlike => "not the same in each try".to_owned(),
    }
}

pub(super) fn blamed(rule: Rule, blames: &[Blame]) -> Report {
    let items =
        blames.iter().map(|Blame { line, what, near }| (name(line), with_near(told(line, what), near.as_ref())));
    let mut report = listed(format!("{} {}", events_were(blames.len()), broken(rule)), items);
    if rule == Rule::NoneLost {
        let _ = writeln!(report, "  {WITHOUT_A_WORD}\n");
    }
    report
}

pub(super) fn untrue(untruths: &[Untruth]) -> Report {
    listed("what the publisher reported is not what happened".into(), untruths.iter().map(untruth_in_words))
}

/// The subject of an untruth, and what is not true of it.
pub(super) fn untruth_in_words(untruth: &Untruth) -> (String, String) {
    match untruth {
        Untruth::NotPublished(line, near) => {
            let what = format!("was reported as published, but {}", fate(line));
            (name(line), with_near(what, near.as_deref()))
        }
        Untruth::NotFailed(line) => (name(line), format!("was reported as failed, but {}", fate(line))),
        Untruth::LeftOut(line) => (name(line), format!("was not reported, but {}", fate(line))),
        Untruth::NoneFailed => {
            ("it reported that some events failed, but all were accepted, and it was told so".into(), String::new())
        }
        Untruth::Nothing => {
            ("it reported that all events were published, but no event was received".into(), String::new())
        }
        Untruth::NeverReceived(matcher) => {
            (described(matcher), "was reported as published, but was never received".into())
        }
        Untruth::Counts { published, failed, accepted, lost, all } => {
            let lost = match lost {
                0 => String::new(),
                some => format!(", and {some} more without a reply to the publisher"),
            };
            let were = if *accepted == 1 { "was" } else { "were" };
            let happened = format!("{accepted} of {} {were} accepted{lost}", count(*all, "event"));
            (format!("it reported {published} published and {failed} failed, but {happened}"), String::new())
        }
    }
}

fn listed(title: String, items: impl ExactSizeIterator<Item = (String, String)>) -> Report {
    let hidden = items.len().saturating_sub(MAX_BLAMES);
    let mut report = with_gap(Report::titled(title));
    for (name, what) in items.take(MAX_BLAMES) {
        let _ = writeln!(report, "  {name}");
        if !what.is_empty() {
            let _ = writeln!(report, "    {what}");
        }
    }
    if hidden > 0 {
        let _ = writeln!(report, "  ... {hidden} more ...");
    }
    with_gap(report)
}

pub(super) fn other_backoff(wanted: &Backoff, complaints: &[Complaint]) -> Report {
    let row = |Complaint { wait, wrong }: &Complaint| match wait {
        Some(wait) => {
            let pair = format!("#{} -> #{}", wait.from.number(), wait.to.number());
            [pair, seconds(wait.length), wrong_in_words(wrong)]
        }
        None => [wrong_in_words(wrong), String::new(), String::new()],
    };
    let mut report =
        with_gap(Report::titled(format!("the publisher should have waited before it tried again: {wanted}")));
    let _ = table(&mut report, "", complaints, row, 2 * MAX_BLAMES);
    with_gap(report)
}

fn wrong_in_words(wrong: &Wrong) -> String {
    match wrong {
        Wrong::InAll { took, since: (attempt, index) } => {
            format!("too long in all: {} since #{attempt}[{index}]", seconds(*took))
        }
        Wrong::LikeAllOthers(waits) => format!("not jittered: all {waits} waits before the same try are alike"),
        Wrong::NothingTriedAgain { by_sdk: 0 } => "nothing was tried again, so there was no wait to judge".to_owned(),
        Wrong::NothingTriedAgain { by_sdk } => {
            format!("only the SDK itself tried again ({}), so there was no wait to judge", times(*by_sdk))
        }
        Wrong::ShorterThanBefore(before) => format!("shorter than the wait before, {}", seconds(*before)),
        Wrong::TooFewToTellJitter => {
            "only one request was tried again: two are needed to see whether waits are jittered".to_owned()
        }
        Wrong::TooLong => "too long".to_owned(),
        Wrong::TooShort => "too short".to_owned(),
    }
}
