//! The cost of reading the journal in a loop while requests arrive, and the time of one read.

use std::hint::black_box;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use putevents_mock::MockEventBridge;

use super::turned;
use crate::args::Args;
use crate::load::{Load, Until};
use crate::statistics::{median, percentile};
use crate::table::{Table, number, ratio};
use crate::work::Work;

const REQUESTS: u64 = 100_000;
const CONNECTIONS: usize = 8;

/// What the second thread reads in a loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    Nobody,
    /// Counts the attempts.
    Attempts,
    /// Counts the events, which it has to collect.
    Published,
}

impl Reader {
    const ALL: [Self; 3] = [Self::Nobody, Self::Attempts, Self::Published];

    fn name(self) -> &'static str {
        match self {
            Self::Nobody => "none",
            Self::Attempts => "`journal().attempts().len()`",
            Self::Published => "`journal().published().len()`",
        }
    }

    fn look(self, eventbridge: &MockEventBridge) -> usize {
        match self {
            Self::Nobody => 0,
            Self::Attempts => eventbridge.journal().attempts().len(),
            Self::Published => eventbridge.journal().published().len(),
        }
    }
}

/// The values of one reader, one for each run.
#[derive(Default)]
struct Values {
    per_second: Vec<f64>,
    looks: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
}

pub fn take(args: &Args) -> io::Result<String> {
    let mut all = Reader::ALL.map(|reader| (reader, Values::default()));
    for run in 0..args.runs {
        for reader in turned(&Reader::ALL, run) {
            eprintln!("reader: {}, run {}", reader.name(), run + 1);
            if let Some((_, values)) = all.iter_mut().find(|(of, _)| *of == reader) {
                once(reader, values)?;
            }
        }
    }
    let mut table = Table::new(1, &["reader", "requests/s", "÷ none", "reads", "p50 of a read µs", "p99 of a read µs"]);
    let nobody = all[0].1.per_second.clone();
    for (reader, values) in all {
        let numbers = [values.looks, values.p50, values.p99].map(|values| number(median(values)));
        let relative = ratio(&values.per_second, &nobody);
        let texts = [reader.name().to_owned(), number(median(values.per_second)), relative];
        table.row(texts.into_iter().chain(numbers));
    }
    Ok(table.to_string())
}

fn once(reader: Reader, values: &mut Values) -> io::Result<()> {
    let eventbridge = MockEventBridge::start_blocking();
    let mut load = Load::connect(eventbridge.address(), CONNECTIONS, Work::Small)?;
    let is_over = AtomicBool::new(reader == Reader::Nobody);
    let (taken, mut looks) = thread::scope(|scope| {
        let reading = scope.spawn(|| looks(reader, &eventbridge, &is_over));
        let taken = load.run(Until::requests(REQUESTS));
        is_over.store(true, Ordering::Relaxed);
        (taken, reading.join().unwrap_or_default())
    });
    looks.sort_unstable();
    values.per_second.push(taken?.per_second());
    if reader != Reader::Nobody {
        values.looks.push(looks.len() as f64);
        values.p50.push(percentile(&looks, 0.5) as f64 / 1_000.0);
        values.p99.push(percentile(&looks, 0.99) as f64 / 1_000.0);
    }
    Ok(())
}

/// The nanoseconds of each read.
fn looks(reader: Reader, eventbridge: &MockEventBridge, is_over: &AtomicBool) -> Vec<u64> {
    let mut times = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        let began = Instant::now();
        black_box(reader.look(eventbridge));
        times.push(began.elapsed().as_nanos() as u64);
    }
    times
}
