//! Texts about times: durations, the wait before an attempt, and the delivery of a reply.

use std::time::Duration;

use crate::fault::{Cut, Delivery, End, Pace, write_malformed};
use crate::journal::Attempt;
use crate::words::count;

/// Shorter waits are not shown.
const WORTH_TELLING: Duration = Duration::from_millis(5);

/// The time between an attempt and the one before it.
#[derive(Debug, PartialEq)]
pub(super) struct Wait {
    pub(super) time: Duration,
    /// Whether the attempt before was still in flight.
    pub(super) overlaps: bool,
    pub(super) words: String,
}

impl Wait {
    /// The wait between two attempts, if it is long enough to show.
    pub(super) fn between(before: &Attempt, attempt: &Attempt) -> Option<Self> {
        let wait = |since: Duration, words: fn(String) -> String| {
            let time = attempt.at().saturating_sub(since);
            (time >= WORTH_TELLING).then(|| Self { time, overlaps: false, words: words(span(time)) })
        };
        match before.ended_at() {
            None => wait(before.at(), |span| format!("{span} later")),
            Some(ended) if ended > attempt.at() => Some(Self {
                time: Duration::ZERO,
                overlaps: true,
                words: format!("while #{} was not answered yet", before.number()),
            }),
            Some(ended) => wait(ended, |span| format!("waited {span}")),
        }
    }
}

/// `7.6 ms`, `52 ms`, `1.25 s`, `2 min 5 s`.
pub(super) fn span(time: Duration) -> String {
    let rounded = |number: f64, parts: f64| (number * parts).round() / parts;
    let (ms, seconds) = (time.as_secs_f64() * 1_000.0, time.as_secs_f64());
    if ms < 9.95 {
        format!("{} ms", rounded(ms, 10.0))
    } else if ms < 999.5 {
        format!("{} ms", ms.round())
    } else if seconds < 59.995 {
        format!("{} s", rounded(seconds, 100.0))
    } else {
        let whole = time.saturating_add(Duration::from_millis(500)).as_secs();
        match (whole / 60, whole % 60) {
            (minutes, 0) => format!("{minutes} min"),
            (minutes, rest) => format!("{minutes} min {rest} s"),
        }
    }
}

/// The delivery of a reply, step by step.
pub(super) fn on_its_way(attempt: &Attempt) -> Vec<String> {
    let delivery = attempt.delivery();
    if attempt.reply().is_none() && *delivery == Delivery::default() {
        return vec!["no reply was made".to_owned()];
    }
    let mut words = Vec::new();
    words.extend(delivery.hold.as_ref().map(|_| "held at a gate".to_owned()));
    words.extend((!delivery.delay.is_zero()).then(|| format!("delayed by {}", span(delivery.delay))));
    words.extend(
        delivery.pace.map(|Pace { bytes, every }| {
            format!("sent in pieces of {}, one every {}", count(bytes, "byte"), span(every))
        }),
    );
    words.extend(match &delivery.end {
        End::Whole => None,
        End::Closed(cut) => Some(format!("the connection was closed {}", place(*cut))),
        End::Reset(cut) => Some(format!("the connection was reset {}", place(*cut))),
        End::Stalled(cut) => Some(format!("nothing more came {}, and the connection stayed open", place(*cut))),
        End::Garbage(_) => Some("other bytes came instead of the reply".to_owned()),
    });
    match attempt.ended() {
        None => words.push("the delivery has not ended yet".to_owned()),
        Some(ended) if !ended.was_answered && delivery.end == End::Whole => {
            words.push("the client had left".to_owned())
        }
        Some(_) if words.is_empty() => words.push("delivered whole, without delay".to_owned()),
        Some(_) => {}
    }
    words.extend(attempt.story().malformed().map(|how| format!("malformed: {}", write_malformed(how))));
    words
}

fn place(cut: Cut) -> String {
    match cut {
        Cut::Start => "before its first byte".to_owned(),
        Cut::Head(bytes) => format!("after {} of its head", count(bytes, "byte")),
        Cut::Body(bytes) => format!("after {} of its body", count(bytes, "byte")),
        Cut::End => "after its last byte".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use pretty_assertions::assert_eq;

    use super::span;

    #[test]
    fn a_span_has_as_many_digits_as_somebody_reads() {
        for (micros, words) in [
            (0, "0 ms"),
            (7_640, "7.6 ms"),
            (9_960, "10 ms"),
            (52_400, "52 ms"),
            (999_600, "1 s"),
            (1_254_000, "1.25 s"),
            (59_999_000, "1 min"),
            (119_700_000, "2 min"),
            (125_000_000, "2 min 5 s"),
        ] {
            assert_eq!(span(Duration::from_micros(micros)), words);
        }
    }
}
