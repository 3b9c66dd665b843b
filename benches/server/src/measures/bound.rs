//! Latency, processor time and memory once the oldest requests are forgotten for each new one.

use std::io;

use super::{check, turned};
use crate::args::Args;
use crate::child::Process;
use crate::load::{Load, Taken, Until};
use crate::servers::{Bound, Server};
use crate::statistics::{median, percentile};
use crate::table::{Table, number};
use crate::work::Work;

/// How many bytes the servers keep, all of them or of bodies alone.
const BOUND: usize = 256 * 1024 * 1024;

/// What both works are measured with.
const CONNECTIONS: usize = 8;

/// More runs take long and tell little: a pause comes in each of them.
const MOST_RUNS: usize = 3;

/// What was measured of one server below the bound or at it, a value for each run.
#[derive(Default)]
struct Values {
    processor: Vec<f64>,
    percentiles: [Vec<f64>; 3],
    max: f64,
    memory: Vec<f64>,
}

const SHARES: [f64; 3] = [0.5, 0.99, 0.999];

impl Values {
    fn push(&mut self, taken: &Taken, processor: f64, memory: u64) {
        self.processor.push(processor * 1_000_000.0 / taken.requests());
        for (values, share) in self.percentiles.iter_mut().zip(SHARES) {
            values.push(percentile(&taken.latencies, share) as f64 / 1_000.0);
        }
        self.max = self.max.max(percentile(&taken.latencies, 1.0) as f64 / 1_000_000.0);
        self.memory.push(memory as f64 / (1024.0 * 1024.0));
    }
}

pub fn take(args: &Args) -> io::Result<String> {
    let columns = ["request", "server", "journal", "CPU µs", "p50 µs", "p99 µs", "p99.9 µs", "max ms", "memory MiB"];
    let mut table = Table::new(3, &columns);
    let servers: Vec<Server> = args.servers.iter().copied().filter(|server| server.has_bound()).collect();
    for work in args.works.iter().copied().filter(|work| *work != Work::Ten) {
        let mut all: Vec<_> = servers.iter().map(|server| (*server, [Values::default(), Values::default()])).collect();
        for run in 0..args.runs.min(MOST_RUNS) {
            for server in turned(&servers, run) {
                eprintln!("bound: {}, {}, run {}", work.name(), server.name(), run + 1);
                if let Some((_, values)) = all.iter_mut().find(|(of, _)| *of == server) {
                    once(server, work, values)?;
                }
            }
        }
        for (server, phases) in &all {
            for (phase, values) in ["below the bound", "at the bound"].into_iter().zip(phases) {
                table.row(cells([work.name(), server.name(), phase], values));
            }
        }
    }
    Ok(table.to_string())
}

/// The first requests, which no server has to forget another one for, and the last, for each of which every server has.
fn once(server: Server, work: Work, phases: &mut [Values; 2]) -> io::Result<()> {
    let process = Process::serve(server, Bound::Default)?;
    check(&process, server, work)?;
    let mut load = Load::connect(process.address, CONNECTIONS, work)?;
    let fill = (BOUND / work.request().length_of_body()) as u64;
    let (below, at) = (fill / 20, fill / 3);
    let [values_below, values_at] = phases;
    measure(&process, &mut load, below, values_below)?;
    load.run(Until::requests(fill - below))?;
    measure(&process, &mut load, at, values_at)
}

fn measure(process: &Process, load: &mut Load, requests: u64, values: &mut Values) -> io::Result<()> {
    let before = process.processor_time()?;
    let taken = load.run(Until::requests(requests))?;
    let processor = process.processor_time()? - before;
    values.push(&taken, processor.as_secs_f64(), process.memory()?);
    Ok(())
}

fn cells(texts: [&str; 3], values: &Values) -> Vec<String> {
    let mut cells: Vec<String> = texts.map(str::to_owned).into();
    cells.push(number(median(values.processor.clone())));
    cells.extend(values.percentiles.iter().map(|values| number(median(values.clone()))));
    cells.push(number(values.max));
    cells.push(number(median(values.memory.clone())));
    cells
}
