//! Workloads: the events that a publisher publishes in a run.

use std::fmt;
use std::str::FromStr;

/// The events that a publisher publishes in a run. The smallest workload comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Workload {
    /// The events that the publisher chooses itself.
    Own,
    /// This many different events.
    Plain(usize),
    /// Two equal events and a different one.
    Equal,
    /// Three events that together have a few bytes too many for one request.
    Near,
    /// A small event, an event that is too large for any request, and another small event.
    Large,
}

impl Workload {
    pub(crate) fn plain(events: usize) -> Self {
        Self::Plain(events)
    }

    /// The number of events, or the largest number if it is not known.
    pub(crate) fn events(self) -> usize {
        match self {
            Self::Own => usize::MAX,
            Self::Plain(events) => events,
            Self::Equal | Self::Near | Self::Large => 3,
        }
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own => f.write_str("own"),
            Self::Plain(events) => events.fmt(f),
            Self::Equal => f.write_str("equal"),
            Self::Near => f.write_str("near"),
            Self::Large => f.write_str("large"),
        }
    }
}

impl FromStr for Workload {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = [Self::Own, Self::Equal, Self::Near, Self::Large];
        let named = named.into_iter().find(|workload| workload.to_string() == text);
        let counted = || text.parse().ok().filter(|events| (1..=1_000).contains(events)).map(Self::Plain);
        named.or_else(counted).ok_or_else(|| {
            format!(
                "{text:?} is not a workload: write a number of events from 1 to 1000, or one of own, equal, near, large"
            )
        })
    }
}
