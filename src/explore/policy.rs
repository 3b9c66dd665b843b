//! What is expected of a publisher, and what is not.

use std::time::Duration;

use super::judge::Judge;
use crate::check::Alike;
use crate::service::Limits;

/// What is expected of a publisher. Each member only makes a judge stricter or milder.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    /// After fewer tries than this nobody should give up.
    pub(crate) tries_at_least: usize,
    /// Nobody should call more often than this for one event.
    pub(crate) calls_at_most: usize,
    /// Whose order is kept: all events' where the pointer is `None`, else that of events with the same value there.
    pub(crate) order: Option<Option<String>>,
    /// In what the tries of an event are alike.
    pub(crate) alike: Alike,
    pub(crate) limits: Limits,
    /// Judges that do not judge, each with the reason.
    pub(crate) without: Vec<(Judge, String)>,
    /// Waits below this are none.
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
