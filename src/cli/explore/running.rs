//! A publisher in one run, whatever it is.

use std::time::Duration;

use crate::explore::Ending;

/// A publisher in one run.
pub(super) trait Running {
    /// Waits until the publisher is done.
    async fn ended(&mut self) -> Result<Ended, String>;

    /// Its output so far; `None` if the user sees it anyway.
    fn printed(&self) -> Option<String>;

    /// Waits until the publisher has no more to send. Returns whether it may send something after it was done.
    async fn settled(&mut self) -> bool;

    /// Waits until the processes that the publisher left behind have ended.
    async fn gone(&mut self);

    /// Stops the publisher, if that is possible.
    async fn kill(&mut self);

    /// Waits for a publisher that could not be stopped, but not longer than `limit`. Its mock is gone.
    async fn let_go(&mut self, limit: Duration);
}

/// How a publisher has ended.
pub(super) struct Ended {
    pub(super) ending: Ending,
    /// How it failed, if it did.
    pub(super) failure: Option<String>,
}
