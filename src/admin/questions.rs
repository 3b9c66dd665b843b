//! Questions about journals, which must not hold up the requests of publishers. Few run at once, each with a time limit, and few
//! large answers are in memory.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::answer::{Answer, Refused};

/// The number of threads that work on questions at once, including questions that have timed out.
const THREADS: usize = 4;
/// The number of large answers in memory at once: being made, or being read by their clients.
const LARGE_ANSWERS: usize = 2;
/// The size up to which an answer is small, in bytes. About as much is in flight on any connection.
const SMALL: usize = 64 * 1024;

/// The bounds of all questions to a server.
pub(super) struct Questions {
    limit: Duration,
    threads: Arc<Semaphore>,
    large_answers: Arc<Semaphore>,
}

impl Questions {
    /// `limit` bounds three times: the wait for a turn, the work on the question, and the reading of the answer.
    pub(super) fn new(limit: Duration) -> Self {
        Self {
            limit,
            threads: Arc::new(Semaphore::new(THREADS)),
            large_answers: Arc::new(Semaphore::new(LARGE_ANSWERS)),
        }
    }

    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    /// Answers a question in a thread.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refused> {
        let thread = self.turn(Arc::clone(&self.threads).acquire_owned()).await?;
        self.work(thread, question).await
    }

    /// Makes an answer that may be as large as a journal. It keeps its place until it is written, or its client has left.
    pub(super) async fn ask_for_much(&self, make: impl FnOnce() -> Answer + Send + 'static) -> Result<Answer, Refused> {
        let both = async {
            let place = Arc::clone(&self.large_answers).acquire_owned().await?;
            Ok((place, Arc::clone(&self.threads).acquire_owned().await?))
        };
        let (place, thread) = self.turn(both).await?;
        self.work(thread, move || {
            let answer = make();
            if answer.body().len() <= SMALL {
                return answer;
            }
            answer.map(|bytes| Bytes::from_owner(Held { bytes, _place: place }))
        })
        .await
    }

    async fn turn<T>(&self, turn: impl Future<Output = Result<T, tokio::sync::AcquireError>>) -> Result<T, Refused> {
        match timeout(self.limit, turn).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(Refused::busy(self.at_its_bounds())),
        }
    }

    /// Works in a thread. The thread keeps its place until it is done, also after the time limit.
    async fn work<T: Send + 'static>(
        &self,
        thread: OwnedSemaphorePermit,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refused> {
        let working = spawn_blocking(move || {
            let done = work();
            drop(thread);
            done
        });
        match timeout(self.limit, working).await {
            Ok(done) => done.map_err(|error| Refused::panicked(&error)),
            Err(_) => Err(Refused::unanswered(self.limit)),
        }
    }

    fn at_its_bounds(&self) -> String {
        let questions = THREADS - self.threads.available_permits();
        let answers = LARGE_ANSWERS - self.large_answers.available_permits();
        format!(
            "this question did not get its turn within {} s (--question-timeout): {questions} of {THREADS} questions are being \
             worked on, and {answers} of {LARGE_ANSWERS} large answers are being made or read. Read answers to their end, \
             and ask again",
            self.limit.as_secs_f64()
        )
    }
}

/// The bytes of a large answer.
struct Held {
    bytes: Bytes,
    _place: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}
