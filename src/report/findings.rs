//! Sentences about the findings of the lint.

use super::styled::Report;
use super::{MAX_FINDINGS, attempts, ledger, with_gap};
use crate::check::{Finding, Found};
use crate::ledger::Try;
use crate::service::MAX_DETAIL_TYPE;
use crate::words::{shortened, table};

impl Finding {
    /// Returns what was found, in words.
    pub fn message(&self) -> String {
        match self.found() {
            Found::Unsigned => "the call is not signed".to_owned(),
            Found::TooLarge(excess) => attempts::excess(excess),
            Found::Equal(first, second) => format!("entries {first} and {second} are equal"),
            Found::ReservedSource { index, source } => {
                format!("entry {index} has the source {:?}, but \"aws.\" is reserved", shortened(source))
            }
            Found::LongDetailType { index, characters } => {
                format!(
                    "entry {index} has a detail-type of {characters} characters, but at most {MAX_DETAIL_TYPE} are allowed"
                )
            }
            Found::LateTime { index, time } => {
                format!("entry {index} has the Time {time}, after the year 2999: write seconds, not milliseconds")
            }
            Found::UnknownBus(message) | Found::Refused(message) => message.clone(),
            Found::OverAndOver { tries, failure } => {
                format!("an event was sent {tries} times without a pause, and got {failure} each time but the last")
            }
            Found::Resent(again) => {
                let index = again.tries.first().map(Try::index).unwrap_or_default();
                format!("entry {index} {}", ledger::resent(again))
            }
        }
    }
}

pub(super) fn lint(findings: &[Finding]) -> Report {
    let what = if findings.len() == 1 { "thing" } else { "things" };
    let title = format!("{} {what} that would go wrong on a real account", findings.len());
    let row = |finding: &Finding| [format!("#{}", finding.attempt()), finding.message()];
    let mut report = with_gap(Report::titled(title));
    let _ = table(&mut report, "", findings, row, 2 * MAX_FINDINGS);
    with_gap(report)
}
