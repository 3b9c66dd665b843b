//! What is wrong with whole requests.

use std::fmt::Write;

use super::timeline::WithoutLint;
use super::{MAX_FINDINGS, count, count_entries, table};
use crate::entry::Entry;
use crate::journal::{Attempt, Journal};
use crate::limits::Limits;
use crate::lint::Finding;

/// What makes a request too large, in words.
pub(crate) fn excess(attempt: &Attempt, limits: &Limits) -> Option<String> {
    let (entries, size) = (attempt.entries().len(), size(attempt));
    if entries > limits.max_entries() {
        return Some(format!("{}, and a request takes {}", count_entries(entries), limits.max_entries()));
    }
    let limit = limits.max_request_size();
    let characters = characters(attempt);
    let of = if characters > limit { String::new() } else { format!(" in {characters} characters") };
    (size > limit).then(|| format!("{size} bytes{of}, and a request takes {limit} bytes"))
}

fn size(attempt: &Attempt) -> usize {
    attempt.entries().iter().map(Entry::size).sum()
}

/// What somebody gets who counts characters where bytes are wanted.
pub(crate) fn characters(attempt: &Attempt) -> usize {
    attempt.entries().iter().map(Entry::size_in_characters).sum()
}

pub(crate) fn too_small(batch: &Attempt, next: &Attempt, limits: &Limits) -> String {
    let (entries, bytes) = (count_entries(batch.entries().len()), size(batch));
    let first = next.entries().first().map_or(0, Entry::size);
    let of = if limits.max_entries() == usize::MAX { String::new() } else { format!(" of {}", limits.max_entries()) };
    format!("{entries}{of}, {bytes} bytes; the first of #{}, {first} bytes, would have fitted in", next.number())
}

/// The report of an assertion about requests.
pub(crate) fn about_attempts(title: &str, found: &[(usize, String)], journal: &Journal) -> String {
    let were = if found.len() == 1 { "was" } else { "were" };
    let mut report = format!("{} {were} {title}\n\n", count(found.len(), "request"));
    let rows: Vec<[String; 2]> = found.iter().map(|(number, what)| [format!("#{number}"), what.clone()]).collect();
    let _ = table(&mut report, "", &rows, MAX_FINDINGS);
    let _ = write!(report, "\n{}", WithoutLint(journal));
    report
}

pub(crate) fn too_many_in_flight(busiest: &[&Attempt], limit: usize, journal: &Journal) -> String {
    let mut report = format!(
        "{} were in flight at the same time, and at most {limit} should be\n\n",
        count(busiest.len(), "request")
    );
    let row = |attempt: &&Attempt| {
        let until = attempt
            .ended_at()
            .map_or_else(|| "in flight still".to_owned(), |ended| format!("until {}", super::seconds(ended)));
        [format!("#{}", attempt.number()), format!("from {}", super::seconds(attempt.at())), until]
    };
    let rows: Vec<[String; 3]> = busiest.iter().map(row).collect();
    let _ = table(&mut report, "", &rows, MAX_FINDINGS);
    let _ = write!(report, "\n{journal}");
    report
}

/// The timeline lists them.
pub(crate) fn problems(journal: &Journal) -> String {
    format!("{} in the traffic\n\n{journal}", count(journal.problems().len(), "problem"))
}

pub(crate) fn lint(findings: &[Finding], journal: &Journal) -> String {
    let what = if findings.len() == 1 { "thing" } else { "things" };
    let mut report = format!("{} {what} that a real account would punish or silently drop\n\n", findings.len());
    let row = |finding: &Finding| [format!("#{}", finding.attempt()), finding.message().to_owned()];
    let rows: Vec<[String; 2]> = findings.iter().map(row).collect();
    let _ = table(&mut report, "", &rows, 2 * MAX_FINDINGS);
    let _ = write!(report, "\n{}", WithoutLint(journal));
    report
}
