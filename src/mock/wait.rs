//! Waits for a program that works in the background.

use std::time::Duration;

use super::MockEventBridge;
use crate::journal::Journal;
use crate::live::WaitTimeout;

impl MockEventBridge {
    /// Waits until a condition on the journal holds, and returns that journal. `limit` is on tokio's clock.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use std::time::Duration;
    ///
    /// use putevents_mock::MockEventBridge;
    ///
    /// let eventbridge = MockEventBridge::in_process();
    /// # let client = aws_sdk_eventbridge::Client::new(&eventbridge.sdk_config());
    /// # let entry = aws_sdk_eventbridge::types::PutEventsRequestEntry::builder().source("shop").detail("{}").build();
    /// # let publisher = client.put_events().entries(entry);
    /// tokio::spawn(async move { publisher.send().await }); // The publisher under test.
    /// let limit = Duration::from_secs(10);
    /// let journal = eventbridge.wait_until(limit, |journal| !journal.attempts().is_empty()).await.unwrap();
    /// assert_eq!(journal.attempts().len(), 1);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the condition does not hold within `limit`. The error prints the journal.
    pub async fn wait_until(
        &self,
        limit: Duration,
        wanted: impl FnMut(&Journal) -> bool,
    ) -> Result<Journal, WaitTimeout> {
        self.live.wait_until(limit, wanted).await
    }

    /// Waits until at least this many events were published since the start of the mock, or since the journal was
    /// [cleared](Self::clear_journal). `limit` is on tokio's clock.
    ///
    /// # Errors
    ///
    /// If fewer events are published within `limit`. The error prints the journal.
    pub async fn wait_for_published(&self, events: usize, limit: Duration) -> Result<Journal, WaitTimeout> {
        self.live.wait_for_published(events, limit).await
    }

    /// Waits until the mock has received no request, and had none in flight, for the time `quiet_for`. Both times are on tokio's
    /// clock.
    ///
    /// A publisher whose back-off is longer than `quiet_for` looks idle too.
    ///
    /// # Errors
    ///
    /// If the publisher is not idle within `limit`. The error prints the journal.
    pub async fn wait_until_idle(&self, quiet_for: Duration, limit: Duration) -> Result<Journal, WaitTimeout> {
        self.live.wait_until_idle(quiet_for, limit).await
    }
}
