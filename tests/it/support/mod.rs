//! Requests for the engine, and a client for sockets that can also send nonsense.

#[cfg(feature = "server")]
pub mod child;
#[cfg(all(feature = "aws-sdk", feature = "check"))]
pub mod numbered;
#[cfg(feature = "cli")]
pub mod program;
#[cfg(feature = "server")]
pub mod socket;
pub mod webdriver;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use putevents_mock::engine::{End, Ids, Now, Reply};
use putevents_mock::{Engine, Fault, Journal};
use serde_json::{Value, json};

pub const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/us-east-1/events/aws4_request, \
                                 SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=00";

/// A new directory for the files of one test, where cargo has those of all tests.
pub fn directory(name: &str) -> PathBuf {
    static COUNTER: AtomicUsize = AtomicUsize::new(0);
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// All sources in a folder and below it, in order.
pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Whether this process may open this many files, besides those of the tests that run at the same time. If it may
/// not, says so.
#[cfg(feature = "server")]
pub fn may_open(files: usize) -> bool {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let soft = limits.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().next());
    let wanted = files + 200;
    // "unlimited" is no number.
    let is_enough = soft.and_then(|soft| soft.parse::<usize>().ok()).is_none_or(|soft| soft >= wanted);
    if !is_enough {
        println!("SKIPPED: this opens {files} files: ulimit -n {wanted}");
    }
    is_enough
}

/// A good request with this body.
pub fn put_events(body: impl Into<Bytes>) -> http::Request<Bytes> {
    http::Request::post("/")
        .header("Content-Type", "application/x-amz-json-1.1")
        .header("X-Amz-Target", "AWSEvents.PutEvents")
        .header("Authorization", AUTHORIZATION)
        .header("X-Amz-Date", "20261123T000000Z")
        .body(body.into())
        .unwrap()
}

/// How long after the attempt before it each attempt came.
#[cfg(feature = "server")]
pub fn waits(journal: &Journal) -> impl Iterator<Item = Duration> {
    let attempts = journal.attempts().iter();
    attempts.clone().zip(attempts.skip(1)).map(|(one, next)| next.at() - one.at())
}

/// The body of a request with these entries.
pub fn entries(entries: impl IntoIterator<Item = Value>) -> String {
    json!({ "Entries": entries.into_iter().collect::<Vec<_>>() }).to_string()
}

/// An entry that is accepted.
pub fn order(id: u64) -> Value {
    json!({ "Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": json!({ "orderId": id }).to_string() })
}

/// The entry with another value for one member; `null` takes the member out.
pub fn with(mut entry: Value, member: &str, value: impl Into<Value>) -> Value {
    entry[member] = value.into();
    entry
}

/// An engine with a clock that moves by one second after each request, and ids that count.
pub struct Bench {
    pub engine: Engine,
    ids: Ids,
    time: Duration,
    step: Duration,
}

impl Bench {
    pub fn new(engine: Engine) -> Self {
        Self { engine, ids: Ids::counting(), time: Duration::ZERO, step: Duration::from_secs(1) }
    }

    /// The clock only moves when somebody [waits](Self::wait).
    pub fn with_own_clock(self) -> Self {
        Self { step: Duration::ZERO, ..self }
    }

    pub fn wait(&mut self, time: Duration) {
        self.time += time;
    }

    pub fn now(&self) -> Now {
        Now::new(self.time, SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045) + self.time)
    }

    /// Delivers the reply, or records that the client has left.
    pub fn answered(&mut self, reply: &Reply) {
        let now = self.now();
        match reply.delivery().end {
            End::Whole => self.engine.answered(reply.attempt(), now),
            _ => self.engine.abandoned(reply.attempt(), now),
        }
    }

    pub fn with_ids(self, ids: Ids) -> Self {
        Self { ids, ..self }
    }

    pub fn handle(&mut self, request: http::Request<Bytes>) -> Reply {
        let reply = self.engine.handle(request, self.now(), &mut self.ids);
        self.time += self.step;
        reply
    }

    /// Puts these entries and returns the body of the answer.
    pub fn put(&mut self, items: impl IntoIterator<Item = Value>) -> Value {
        body(&self.handle(put_events(entries(items))))
    }

    pub fn journal(&self) -> Journal {
        self.engine.journal()
    }
}

/// A bench with these faults.
pub fn bench(faults: impl IntoIterator<Item = Fault>) -> Bench {
    let mut bench = Bench::default();
    for fault in faults {
        bench.engine.inject(fault);
    }
    bench
}

impl Default for Bench {
    fn default() -> Self {
        Self::new(Engine::new())
    }
}

/// The body as JSON, or as a string where it is not.
pub fn body(reply: &Reply) -> Value {
    let text = std::str::from_utf8(reply.body()).unwrap();
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

/// Status and body of the answer of a new engine.
pub fn answer(request: http::Request<Bytes>) -> (u16, Value) {
    let reply = Bench::default().handle(request);
    (reply.status(), body(&reply))
}

/// The code of each result, `"ok"` where it was accepted.
pub fn codes(body: &Value) -> Vec<&str> {
    let results = body["Entries"].as_array().unwrap_or_else(|| panic!("no results in {body}"));
    results.iter().map(|result| result["ErrorCode"].as_str().unwrap_or("ok")).collect()
}
