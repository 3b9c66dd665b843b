//! The program that started the search as the publisher: each run is a line on standard output, and its report a line on standard
//! input.

use std::io::BufRead as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc};
use tokio::time::{sleep, timeout};

use super::super::{env, say, stdin};
use super::running::{Ended, Running};
use super::said;
use crate::check::Reported;
use crate::explore::Ending;
use crate::json::{Cursor, cursor};
use crate::mock::ACCESS_KEY;

/// The time for which a publisher is watched after it is done.
const AFTERWARDS: Duration = Duration::from_millis(50);

pub(super) struct Caller {
    identify_by: Option<String>,
    lines: Mutex<mpsc::UnboundedReceiver<String>>,
    runs: AtomicUsize,
    is_stuck: AtomicBool,
}

/// The publisher in one run.
pub(super) struct Call<'a> {
    of: &'a Caller,
    number: usize,
    is_done: bool,
}

impl Caller {
    /// Reads standard input from now on.
    pub(super) fn new(identify_by: Option<String>) -> Result<Self, String> {
        let (sender, lines) = mpsc::unbounded_channel();
        stdin::read(move |input| {
            for line in input.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        })?;
        Ok(Self { identify_by, lines: Mutex::new(lines), runs: AtomicUsize::new(0), is_stuck: AtomicBool::new(false) })
    }

    /// Whether a run did not end. Then there is no further one, because two runs at a time would share an environment.
    pub(super) fn is_stuck(&self) -> bool {
        self.is_stuck.load(Relaxed)
    }

    pub(super) fn start(&self, url: &str, events: Option<Vec<Value>>) -> Call<'_> {
        let number = self.runs.fetch_add(1, Relaxed) + 1;
        let mut line = json!({ "run": number, "url": url, "environment": env::variables(url, ACCESS_KEY) });
        if let (Some(events), Some(members)) = (events, line.as_object_mut()) {
            members.insert("events".to_owned(), events.into());
        }
        write(&line);
        Call { of: self, number, is_done: false }
    }

    /// Waits for the line of a run.
    async fn line_of(&self, number: usize) -> Result<Ended, String> {
        let line = self.lines.lock().await.recv().await;
        let line = line.ok_or("standard input has ended: the program that publishes is gone")?;
        self.read(&line, number).map_err(|error| format!("the line {line} cannot be used: {error}"))
    }

    fn read(&self, line: &str, number: usize) -> Result<Ended, String> {
        let mut json = cursor::parse(line).map_err(|error| error.to_string())?;
        let at = Cursor::root(&json);
        let form =
            "a report: write {\"run\": 1, \"reported\": \"allPublished\"}, or \"raised\" with the text of an error";
        at.object_or(form)
            .and_then(|()| at.allow(&["run", "reported", "raised"]))
            .map_err(|error| error.to_string())?;
        if json["run"] != number {
            return Err(format!("it is about run {}, and run {number} is on", json["run"]));
        }
        match (json["reported"].take(), json["raised"].take()) {
            (reported, Value::Null) if !reported.is_null() => {
                let said = said::reported(reported, self.identify_by.as_deref())?;
                Ok(Ended { ending: Ending::Said(said), failure: None })
            }
            (Value::Null, Value::String(error)) => {
                let failure = Some(format!("failed with {error}"));
                Ok(Ended { ending: Ending::Said(Reported::some_failed()), failure })
            }
            _ => Err("it needs one of \"reported\" and \"raised\"".to_owned()),
        }
    }
}

/// Writes a line for the program that started the search.
pub(super) fn write(line: &Value) {
    say(&format!("{line}\n"));
}

impl Running for Call<'_> {
    async fn ended(&mut self) -> Result<Ended, String> {
        let ended = self.of.line_of(self.number).await;
        self.is_done = true;
        ended
    }

    fn printed(&self) -> Option<String> {
        None
    }

    /// A function may leave work in the background.
    async fn settled(&mut self) -> bool {
        true
    }

    async fn gone(&mut self) {
        sleep(AFTERWARDS).await;
    }

    /// Only its caller may be able to stop a function. Its requests fail as soon as its mock is gone.
    async fn kill(&mut self) {}

    async fn let_go(&mut self, limit: Duration) {
        if self.is_done {
            return;
        }
        write(&json!({ "stop": self.number }));
        if timeout(limit, self.ended()).await.is_err() {
            self.of.is_stuck.store(true, Relaxed);
        }
    }
}
