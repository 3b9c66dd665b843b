//! The checks of the lint: what a real account would refuse, throttle or silently drop.

use std::collections::HashMap;
use std::time::Duration;

use super::batches::{Excess, excess};
use super::ledger::{Rule, What, judge};
use crate::journal::Attempt;
use crate::ledger::{Again, Failure, Ledger, Line};
use crate::service::{Entry, ErrorClass, Limits, MAX_DETAIL_TYPE, Outcome, ProblemCause, ProblemKind};
use crate::words::named_enum;

/// The end of the year 2999, in seconds since 1970. A later `Time` was meant to be milliseconds.
const YEAR_3000: f64 = 32_503_680_000.0;

/// One thing in the traffic that [`Lint`](crate::expect::Lint) found. See the example of `Lint`.
#[derive(Debug, Clone)]
pub struct Finding {
    rule: LintRule,
    attempt: usize,
    found: Found,
}

named_enum! {
    /// What [`Lint`](crate::expect::Lint) looks for.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[non_exhaustive]
    pub enum LintRule {
        /// A request without a signature. A real account refuses it.
        Unsigned = "unsigned",
        /// A request with more entries or bytes than [`Limits::current`](crate::Limits::current) allows.
        TooLarge = "tooLarge",
        /// A request with too many bytes, but not too many characters: the publisher probably counts characters.
        CountedCharacters = "countedCharacters",
        /// The same entry twice in one request. Both are published.
        DuplicateInBatch = "duplicateInBatch",
        /// A `Source` that begins with `aws.`, which is reserved.
        ReservedSource = "reservedSource",
        /// A `DetailType` of more than 128 characters.
        LongDetailType = "longDetailType",
        /// A `Time` after the year 2999: the publisher probably sends milliseconds instead of seconds.
        TimeInMilliseconds = "timeInMilliseconds",
        /// An entry for an unknown event bus. It is accepted, and delivered nowhere.
        UnknownBus = "unknownBus",
        /// An entry that was sent again after the publisher had been told of a permanent error.
        PermanentErrorRetried = "permanentErrorRetried",
        /// An entry that the service refuses without a fault: a member is missing or too long, or the detail is malformed.
        RefusedEntry = "refusedEntry",
        /// An entry that was sent at least ten times, each within 100 ms after an error that the caller must repair first, such as
        /// missing permissions.
        RefusedOverAndOver = "refusedOverAndOver",
        /// An entry that was sent again after the publisher had been told that it was accepted.
        AcceptedEntryResent = "acceptedEntryResent",
    }
}

/// What was found.
#[derive(Debug, Clone)]
pub(crate) enum Found {
    Unsigned,
    TooLarge(Excess),
    /// The indices of two equal entries.
    Equal(usize, usize),
    ReservedSource {
        index: usize,
        source: String,
    },
    LongDetailType {
        index: usize,
        characters: usize,
    },
    LateTime {
        index: usize,
        time: String,
    },
    /// The message of the problem.
    UnknownBus(String),
    /// Why the service refuses an entry.
    Refused(String),
    /// This number of tries met this error.
    OverAndOver {
        tries: usize,
        failure: Failure,
    },
    Resent(Again),
}

impl Finding {
    /// Returns the rule that was broken.
    pub fn rule(&self) -> LintRule {
        self.rule
    }

    /// Returns the number of the attempt that broke it.
    pub fn attempt(&self) -> usize {
        self.attempt
    }

    pub(crate) fn found(&self) -> &Found {
        &self.found
    }
}

/// All checks.
const CHECKS: [fn(&Ledger) -> Vec<Finding>; 9] = [
    unsigned,
    too_large,
    duplicates,
    entries,
    unknown_buses,
    refused_entries,
    refused_over_and_over,
    accepted_entries_resent,
    permanent_errors_retried,
];

/// All findings, in the order of the attempts.
pub(crate) fn findings(ledger: &Ledger) -> Vec<Finding> {
    let mut findings: Vec<Finding> = CHECKS.iter().flat_map(|check| check(ledger)).collect();
    findings.sort_by_key(|finding| (finding.attempt, finding.rule));
    findings
}

/// Applies a check to each attempt with entries. Attempts without entries are problems already.
fn in_attempts<I>(ledger: &Ledger, check: impl Fn(&Attempt) -> I) -> Vec<Finding>
where
    I: IntoIterator<Item = (LintRule, Found)>,
{
    let attempts = ledger.journal().attempts().iter().filter(|attempt| !attempt.entries().is_empty());
    let found = attempts.flat_map(|attempt| check(attempt).into_iter().map(|found| (attempt.number(), found)));
    found.map(|(attempt, (rule, found))| Finding { rule, attempt, found }).collect()
}

fn unsigned(ledger: &Ledger) -> Vec<Finding> {
    in_attempts(ledger, |attempt| {
        let is_signed = attempt.header("authorization").is_some() || attempt.is_presigned();
        (!is_signed).then_some((LintRule::Unsigned, Found::Unsigned))
    })
}

fn too_large(ledger: &Ledger) -> Vec<Finding> {
    in_attempts(ledger, |attempt| {
        let excess = excess(attempt, &Limits::current())?;
        let counted = excess.is_within_in_characters();
        Some((if counted { LintRule::CountedCharacters } else { LintRule::TooLarge }, Found::TooLarge(excess)))
    })
}

fn duplicates(ledger: &Ledger) -> Vec<Finding> {
    in_attempts(ledger, |attempt| {
        // The indices of different entries, by detail and time.
        let mut firsts: HashMap<(Option<&str>, Option<&str>), Vec<usize>> = HashMap::new();
        let mut found = Vec::new();
        for (index, entry) in attempt.entries().iter().enumerate() {
            let alike = firsts.entry((entry.detail(), entry.time_as_sent())).or_default();
            match alike.iter().find(|first| attempt.entries().get(**first) == Some(entry)) {
                Some(first) => found.push((LintRule::DuplicateInBatch, Found::Equal(*first, index))),
                None => alike.push(index),
            }
        }
        found
    })
}

fn reserved_source(entry: &Entry) -> Option<&str> {
    entry.source().filter(|source| source.starts_with("aws."))
}

/// The number of characters of a detail-type that is too long.
fn too_long_detail_type(entry: &Entry) -> Option<usize> {
    let characters = entry.detail_type().unwrap_or_default().chars().count();
    (characters > MAX_DETAIL_TYPE).then_some(characters)
}

/// The findings about single entries.
fn entries(ledger: &Ledger) -> Vec<Finding> {
    in_attempts(ledger, |attempt| {
        let mut found = Vec::new();
        for (index, entry) in attempt.entries().iter().enumerate() {
            if let Some(source) = reserved_source(entry) {
                found.push((LintRule::ReservedSource, Found::ReservedSource { index, source: source.to_owned() }));
            }
            if let Some(characters) = too_long_detail_type(entry) {
                found.push((LintRule::LongDetailType, Found::LongDetailType { index, characters }));
            }
            let late = |time: &&str| time.parse().is_ok_and(|time: f64| time > YEAR_3000);
            if let Some(time) = entry.time_as_sent().filter(late) {
                found.push((LintRule::TimeInMilliseconds, Found::LateTime { index, time: time.to_owned() }));
            }
        }
        found
    })
}

fn unknown_buses(ledger: &Ledger) -> Vec<Finding> {
    let unknown = ledger.journal().problems().iter().filter(|problem| problem.kind() == ProblemKind::UnknownBus);
    let finding = |attempt, message: &str| Finding {
        rule: LintRule::UnknownBus,
        attempt,
        found: Found::UnknownBus(message.to_owned()),
    };
    unknown.filter_map(|problem| Some(finding(problem.attempt()?, problem.message()))).collect()
}

/// Entries that `entries` reports are left out.
fn refused_entries(ledger: &Ledger) -> Vec<Finding> {
    in_attempts(ledger, |attempt| {
        let mut found = Vec::new();
        for (index, (entry, outcome)) in attempt.entries().iter().zip(attempt.outcomes()).enumerate() {
            let is_said = reserved_source(entry).is_some() || too_long_detail_type(entry).is_some();
            if let Outcome::Failed { error, injected: false } = outcome {
                if !is_said {
                    let message = ProblemCause::refused_entry(index, entry, error).message;
                    found.push((LintRule::RefusedEntry, Found::Refused(message)));
                }
            }
        }
        found
    })
}

/// The number of tries in a row without a pause that is too many.
const OVER_AND_OVER: usize = 10;
/// A shorter pause counts as none.
const AT_ONCE: Duration = Duration::from_millis(100);

fn refused_over_and_over(ledger: &Ledger) -> Vec<Finding> {
    let of_line = |line: &Line| {
        let mut tries = 1;
        let mut worst = None;
        for pair in line.tries().windows(2) {
            let [one, next] = pair else { continue };
            let failure = one.failure_about(ErrorClass::Caller).zip(one.attempt().told_at());
            match failure {
                Some((failure, told)) if next.attempt().at().saturating_sub(told) < AT_ONCE => {
                    tries += 1;
                    if tries >= OVER_AND_OVER {
                        worst = Some((next.attempt().number(), Found::OverAndOver { tries, failure }));
                    }
                }
                Some(_) | None => tries = 1,
            }
        }
        worst
    };
    let found = ledger.lines().iter().filter_map(of_line);
    found.map(|(attempt, found)| Finding { rule: LintRule::RefusedOverAndOver, attempt, found }).collect()
}

fn accepted_entries_resent(ledger: &Ledger) -> Vec<Finding> {
    resent(ledger, LintRule::AcceptedEntryResent, Rule::OnlyFailedEntriesResent)
}

fn permanent_errors_retried(ledger: &Ledger) -> Vec<Finding> {
    resent(ledger, LintRule::PermanentErrorRetried, Rule::PermanentErrorsNotRetried)
}

fn resent(ledger: &Ledger, rule: LintRule, judged_by: Rule) -> Vec<Finding> {
    let blames = judge(ledger, judged_by).into_iter();
    let found = blames.filter_map(|blame| if let What::Resent(again) = blame.what { Some(again) } else { None });
    let at_first = found.filter_map(|again| Some((again.tries.first()?.attempt().number(), again)));
    at_first.map(|(attempt, again)| Finding { rule, attempt, found: Found::Resent(again) }).collect()
}
