//! The expectations, as they stand at the top of the page.

use crate::check::{Unmet, Verdict};
use crate::expect::Mismatch;
use crate::journal::Journal;
use crate::report::without_timeline;
use crate::words::count;

/// The expectations of a journal, and their results.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Judged<'a> {
    /// The number of expectations; 0 for the mismatch of an assertion.
    pub(crate) expectations: usize,
    pub(crate) mismatch: Option<&'a Mismatch>,
    /// Whether more requests may come.
    pub(crate) goes_on: bool,
}

pub(super) struct Expected {
    pub(super) words: String,
    pub(super) tone: Tone,
    pub(super) unmet: Vec<UnmetView>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// There was nothing to judge.
    Neutral,
    Good,
    Alarm,
}

/// An expectation that is not met, or an assertion that failed.
pub(super) struct UnmetView {
    /// Its place in the plan, such as `expect[0]`.
    pub(super) place: Option<String>,
    pub(super) expectation: Option<String>,
    /// The report without the timeline; the page shows the timeline itself.
    pub(super) report: String,
    pub(super) attempts: Vec<usize>,
}

impl Expected {
    /// `None` if there are no expectations.
    pub(super) fn of(judged: Judged<'_>, journal: &Journal) -> Option<Self> {
        let Judged { expectations, mismatch, goes_on } = judged;
        let is_silent = journal.attempts_in_all() == 0;
        if is_silent && goes_on && expectations > 0 {
            let words = format!("{}, checked after the first request", count(expectations, "expectation"));
            return Some(Self { words, tone: Tone::Neutral, unmet: Vec::new() });
        }
        let Some(mismatch) = mismatch else {
            let met = format!("{} met", expectations_are(expectations));
            let (words, tone) = match is_silent {
                true => (format!("{met}, but no request came"), Tone::Neutral),
                false => (met, Tone::Good),
            };
            return (expectations > 0).then_some(Self { words, tone, unmet: Vec::new() });
        };
        let unmet = unmet(mismatch);
        let words = match mismatch.verdict() {
            Verdict::Unmet(_) if expectations > 1 => {
                let are = if unmet.len() == 1 { "is" } else { "are" };
                format!("{} of {expectations} expectations {are} not met", unmet.len())
            }
            Verdict::Unmet(_) => format!("{} not met", expectations_are(unmet.len())),
            _ => "an assertion failed".to_owned(),
        };
        Some(Self { words, tone: Tone::Alarm, unmet })
    }
}

/// `1 expectation is`, `2 expectations are`.
fn expectations_are(number: usize) -> String {
    format!("{} {}", count(number, "expectation"), if number == 1 { "is" } else { "are" })
}

impl Tone {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Good => "good",
            Self::Alarm => "alarm",
        }
    }
}

fn unmet(mismatch: &Mismatch) -> Vec<UnmetView> {
    let Verdict::Unmet(all) = mismatch.verdict() else {
        return vec![view(None, mismatch)];
    };
    let parts = mismatch.unmet();
    all.iter().zip(&parts).map(|(one, (_, part))| view(Some(one), part)).collect()
}

fn view(expectation: Option<&Unmet>, mismatch: &Mismatch) -> UnmetView {
    UnmetView {
        place: expectation.map(|unmet| unmet.place.clone()),
        expectation: expectation.map(|unmet| unmet.expectation.clone()),
        report: without_timeline(mismatch.verdict(), mismatch.journal()),
        attempts: mismatch.attempts(),
    }
}
