//! Event patterns over events that double: each row should take twice the time of the row before.
//!
//! `cargo bench --bench pattern`

use std::time::{Duration, Instant};

use putevents_mock::EventPattern;
use serde_json::{Value, json};

const SIZES: [usize; 5] = [1_000, 2_000, 4_000, 8_000, 16_000];
const ROUNDS: usize = 3;

fn main() {
    for (name, pattern, event) in shapes() {
        println!("{name}");
        for size in SIZES {
            let event = event(size);
            let took = fastest(|| drop(std::hint::black_box(pattern.decide(&event))));
            let kilobytes = event.to_string().len() as f64 / 1_000.0;
            println!("  {kilobytes:8.0} kB {took:12.1?} {:9.0} ns/kB", took.as_nanos() as f64 / kilobytes);
        }
    }
    println!("reading patterns that are too long");
    for values in [1_000, 10_000, 100_000, 1_000_000] {
        let text = json!({ "a": (0..values).collect::<Vec<_>>() }).to_string();
        let took = fastest(|| drop(std::hint::black_box(EventPattern::parse(&text))));
        println!("  {values:8} values {took:12.1?} {:9.0} ns/value", took.as_nanos() as f64 / values as f64);
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark looks at the clock")]
fn fastest(run: impl Fn()) -> Duration {
    let took = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..ROUNDS).map(took).min().unwrap_or_default()
}

/// Names of which each path stands between those of the one before: `a`, `a!`, `a!.x`, `a.x`.
fn names() -> impl Iterator<Item = String> {
    (0..8).map(|index| format!("a{}", "!".repeat(index)))
}

/// A pattern that asks for two scalars beside each other in each of eight arrays, and for no third one where `absent` is given.
fn turns(absent: Option<Value>) -> EventPattern {
    let tests = names().flat_map(|name| {
        let third = absent.clone().map(|absent| (format!("{name}.y"), json!([absent])));
        [(name.clone(), json!([1])), (format!("{name}.x"), json!([{ "exists": true }]))].into_iter().chain(third)
    });
    EventPattern::try_from(Value::from_iter(tests)).unwrap()
}

type Shape = (&'static str, EventPattern, fn(usize) -> Value);

fn shapes() -> [Shape; 4] {
    let arrays = |size: usize| {
        let item = |index: usize| json!([1, { "x": index, "y": index }]);
        Value::from_iter(names().map(|name| (name, (0..size / 8).map(item).collect::<Value>())))
    };
    let flat = |size: usize| json!({ "items": (0..size).map(|x| json!({ "x": x, "y": 1 })).collect::<Vec<_>>() });
    [
        ("one array", EventPattern::parse(r#"{"items": {"x": [-1, {"prefix": "a"}], "y": [1]}}"#).unwrap(), flat),
        ("arrays that take turns", turns(Some(json!(-1))), arrays),
        ("arrays that take turns, with absence", turns(Some(json!({ "exists": false }))), arrays),
        ("arrays that take turns, with a thousand alternatives", thousand(), arrays),
    ]
}

fn thousand() -> EventPattern {
    let or = |name: &str| (0..10).map(|index| json!({ name: [index, { "exists": false }] })).collect::<Value>();
    let any = json!([{ "exists": true }]);
    let fields = json!({ "p": { "$or": or("o") }, "q": { "$or": or("o") }, "r": { "$or": or("o") }, "a": { "x": any }, "a!": [2] });
    EventPattern::try_from(fields).unwrap()
}
