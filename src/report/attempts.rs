//! Sentences about whole requests.

use super::styled::Report;
use super::{MAX_FINDINGS, with_gap};
use crate::check::{Excess, TooSmall};
use crate::journal::Attempt;
use crate::service::Entry;
use crate::words::{count, count_entries, since_start, table};

/// Why a request is too large.
pub(super) fn excess(excess: &Excess) -> String {
    match excess {
        Excess::Entries { entries, limit } => {
            format!("{}, but a request takes at most {limit}", count_entries(*entries))
        }
        Excess::Bytes { bytes, limit, .. } if !excess.is_within_in_characters() => {
            format!("{bytes} bytes, but a request takes at most {limit} bytes")
        }
        Excess::Bytes { bytes, characters, limit } => {
            format!("{bytes} bytes in {characters} characters, but a request takes at most {limit} bytes")
        }
    }
}

pub(super) fn too_large(found: &[(usize, Excess)]) -> Report {
    listed("too large", found, |(number, found)| (*number, excess(found)))
}

pub(super) fn too_small(found: &[TooSmall]) -> Report {
    let told = |TooSmall { batch, next, limits }: &TooSmall| {
        let (entries, bytes) =
            (count_entries(batch.entries().len()), batch.entries().iter().map(Entry::size).sum::<usize>());
        let first = next.entries().first().map_or(0, Entry::size);
        let of = match limits.max_entries() {
            usize::MAX => String::new(),
            limit => format!(" of at most {limit}"),
        };
        format!("{entries}{of}, {bytes} bytes; the first entry of #{} ({first} bytes) would have fitted", next.number())
    };
    listed("needlessly small", found, |small| (small.batch.number(), told(small)))
}

fn listed<T>(what: &str, found: &[T], told: impl Fn(&T) -> (usize, String)) -> Report {
    let were = if found.len() == 1 { "was" } else { "were" };
    let mut report = with_gap(Report::titled(format!("{} {were} {what}", count(found.len(), "request"))));
    let row = |found: &T| {
        let (number, what) = told(found);
        [format!("#{number}"), what]
    };
    let _ = table(&mut report, "", found, row, MAX_FINDINGS);
    with_gap(report)
}

pub(super) fn too_many_in_flight(busiest: &[Attempt], limit: usize) -> Report {
    let title =
        format!("{} were in flight at the same time, but at most {limit} should be", count(busiest.len(), "request"));
    let row = |attempt: &Attempt| {
        let ended = attempt.ended_at().map(|ended| format!("until {}", since_start(ended)));
        let until = ended.unwrap_or_else(|| "still in flight".to_owned());
        [format!("#{}", attempt.number()), format!("from {}", since_start(attempt.at())), until]
    };
    let mut report = with_gap(Report::titled(title));
    let _ = table(&mut report, "", busiest, row, MAX_FINDINGS);
    with_gap(report)
}
