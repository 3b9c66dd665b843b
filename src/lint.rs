//! What a real account would punish or silently drop, looked for in all that was received.

use std::ops::Deref;

use crate::entry::Entry;
use crate::expect::{Mismatch, twins};
use crate::journal::{Attempt, Journal, ProblemKind};
use crate::ledger::{Ledger, Told, Try};
use crate::limits::{Limits, MAX_DETAIL_TYPE};
use crate::report;

/// Seconds since 1970 at the end of the year 2999. A later `Time` was meant to be milliseconds.
const YEAR_3000: f64 = 32_503_680_000.0;

/// What a real account would punish or silently drop in the requests of a [journal](Journal::lint), whether or not the
/// mock was told to refuse it. It dereferences to a slice of [`Finding`], and a journal prints it as well.
#[derive(Debug, Clone)]
pub struct Lint {
    findings: Vec<Finding>,
    journal: Journal,
}

/// One thing that [`Lint`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    rule: LintRule,
    attempt: usize,
    message: String,
}

/// What [`Lint`] looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum LintRule {
    /// A call without a signature, which a real account refuses.
    Unsigned,
    /// More entries or bytes than a request takes today.
    TooLarge,
    /// As many bytes as are too many, in characters that are not: somebody counted characters.
    CountedCharacters,
    /// The same entry twice in one request: both are published.
    DuplicateInBatch,
    /// A `Source` that begins with `aws.`, which is reserved.
    ReservedSource,
    /// A `DetailType` of more than 128 characters.
    LongDetailType,
    /// A `Time` after the year 3000: milliseconds where seconds were wanted.
    TimeInMilliseconds,
    /// An entry for a bus that is not among the known ones: accepted, and delivered nowhere.
    UnknownBus,
    /// An entry sent again after an error that will come again however often one tries.
    PermanentErrorRetried,
    /// An entry sent again after it was accepted, and the publisher had been told.
    AcceptedEntryResent,
}

impl LintRule {
    pub(crate) const ALL: [Self; 10] = [
        Self::Unsigned,
        Self::TooLarge,
        Self::CountedCharacters,
        Self::DuplicateInBatch,
        Self::ReservedSource,
        Self::LongDetailType,
        Self::TimeInMilliseconds,
        Self::UnknownBus,
        Self::PermanentErrorRetried,
        Self::AcceptedEntryResent,
    ];

    /// As files name it: `acceptedEntryResent`.
    pub(crate) fn name(self) -> String {
        let mut name = format!("{self:?}");
        name.get_mut(..1).into_iter().for_each(str::make_ascii_lowercase);
        name
    }
}

impl Finding {
    /// What was looked for.
    pub fn rule(&self) -> LintRule {
        self.rule
    }

    /// The number of the attempt in which it was found.
    pub fn attempt(&self) -> usize {
        self.attempt
    }

    /// What was found, in words.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl Lint {
    /// The same without the findings of one rule, where a test means it.
    #[must_use]
    pub fn without(mut self, rule: LintRule) -> Self {
        self.findings.retain(|finding| finding.rule != rule);
        self
    }

    twins! {
        /// Fails where anything was found.
        fn assert_clean / check_clean(&self) {
            self.journal.needs_all()?;
            if self.findings.is_empty() {
                return Ok(());
            }
            Err(Mismatch(report::lint(&self.findings, &self.journal)))
        }
    }
}

impl Deref for Lint {
    type Target = [Finding];

    fn deref(&self) -> &[Finding] {
        &self.findings
    }
}

impl Journal {
    /// Looks through all requests for what a real account would punish or silently drop.
    pub fn lint(&self) -> Lint {
        Lint { findings: findings(&self.ledger()), journal: self.clone() }
    }
}

/// In the order of the attempts.
pub(crate) fn findings(ledger: &Ledger) -> Vec<Finding> {
    let journal = &ledger.journal;
    let mut findings: Vec<Finding> = journal.attempts().iter().flat_map(of_attempt).collect();
    let unknown = journal.problems().iter().filter(|problem| problem.kind() == ProblemKind::UnknownBus);
    findings.extend(unknown.filter_map(|problem| {
        Some(Finding { rule: LintRule::UnknownBus, attempt: problem.attempt()?, message: problem.message().to_owned() })
    }));
    findings.extend(of_ledger(ledger));
    findings.sort_by_key(|finding| (finding.attempt, finding.rule));
    findings
}

fn of_attempt(attempt: &Attempt) -> Vec<Finding> {
    if attempt.entries().is_empty() {
        return Vec::new(); // Whatever it was, it is among the problems.
    }
    let mut found = Vec::new();
    if attempt.header("authorization").is_none() && !attempt.is_presigned() {
        found.push((LintRule::Unsigned, "the call is not signed".to_owned()));
    }
    let limits = Limits::current();
    if let Some(excess) = report::excess(attempt, &limits) {
        let is_small = report::characters(attempt) <= limits.max_request_size();
        let counted = is_small && attempt.entries().len() <= limits.max_entries();
        found.push((if counted { LintRule::CountedCharacters } else { LintRule::TooLarge }, excess));
    }
    for (index, entry) in attempt.entries().iter().enumerate() {
        if let Some(first) = attempt.entries().iter().take(index).position(|other| other == entry) {
            found.push((LintRule::DuplicateInBatch, format!("entries {first} and {index} are equal")));
        }
        found.extend(of_entry(index, entry));
    }
    found.into_iter().map(|(rule, message)| Finding { rule, attempt: attempt.number(), message }).collect()
}

fn of_entry(index: usize, entry: &Entry) -> Vec<(LintRule, String)> {
    let mut found = Vec::new();
    if let Some(source) = entry.source().filter(|source| source.starts_with("aws.")) {
        let source = report::shortened(source.to_owned());
        found
            .push((LintRule::ReservedSource, format!("entry {index} has the source {source:?}, and aws. is reserved")));
    }
    let length = entry.detail_type().unwrap_or_default().chars().count();
    if length > MAX_DETAIL_TYPE {
        let message =
            format!("entry {index} has a detail-type of {length} characters, and {MAX_DETAIL_TYPE} are allowed");
        found.push((LintRule::LongDetailType, message));
    }
    let time = entry.time_as_sent().filter(|time| time.parse().is_ok_and(|time: f64| time > YEAR_3000));
    if let Some(time) = time {
        let message =
            format!("entry {index} has the time {time}, after the year 3000: seconds are wanted, not milliseconds");
        found.push((LintRule::TimeInMilliseconds, message));
    }
    found
}

fn of_ledger(ledger: &Ledger) -> Vec<Finding> {
    let rules: [(LintRule, Told); 2] = [
        (LintRule::AcceptedEntryResent, Try::known_to_be_accepted),
        (LintRule::PermanentErrorRetried, Try::known_to_be_hopeless),
    ];
    let found = rules.iter().flat_map(|(rule, told)| {
        ledger.lines().iter().filter_map(|line| {
            let again = line.resent_after(*told)?;
            let attempt = again.tries.first()?.attempt().number();
            Some(Finding { rule: *rule, attempt, message: report::resent(&again) })
        })
    });
    found.collect()
}
