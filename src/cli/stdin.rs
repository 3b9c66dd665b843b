//! Standard input, which a thread of its own reads: a read cannot be interrupted, and a signal ends the process beside it.

use std::io::StdinLock;
use std::thread;

/// Reads standard input in a thread.
pub(super) fn read(reading: impl FnOnce(StdinLock<'static>) + Send + 'static) -> Result<(), String> {
    let read = || reading(std::io::stdin().lock());
    let started = thread::Builder::new().name("stdin".into()).spawn(read);
    started.map(drop).map_err(|error| format!("cannot start a thread that reads standard input: {error}"))
}
