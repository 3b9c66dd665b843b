//! What is expected of a publisher.

use std::time::Duration;

use super::judge::Judge;
use crate::check::Alike;
use crate::service::Limits;

/// What is expected of a publisher. Each member only makes a judge stricter or milder.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    /// The publisher does not give up an event after fewer tries than this.
    pub(crate) tries_at_least: usize,
    /// The publisher makes at most this many calls for one event.
    pub(crate) calls_at_most: usize,
    /// The order that is expected: of all events if the pointer is `None`, else of events with the same value at the pointer.
    pub(crate) order: Option<Option<String>>,
    /// How the tries of an event must be alike.
    pub(crate) alike: Alike,
    pub(crate) limits: Limits,
    /// The judges that are left out, each with the reason.
    pub(crate) without: Vec<(Judge, String)>,
    /// A shorter wait counts as none.
    pub(crate) shortest_wait: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            tries_at_least: 3,
            calls_at_most: 10,
            order: None,
            alike: Alike::new().except_time(),
            limits: Limits::current(),
            without: Vec::new(),
            shortest_wait: Duration::from_millis(5),
        }
    }
}

impl Policy {
    pub(crate) fn asks(&self, judge: Judge) -> bool {
        self.without.iter().all(|(without, _)| *without != judge)
    }
}
