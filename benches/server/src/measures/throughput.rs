//! Requests a second, processor time of the server, and latency.

use std::io;
use std::time::Duration;

use super::{check, turned};
use crate::args::Args;
use crate::child::Process;
use crate::load::{Load, Taken, Until};
use crate::servers::{Bound, Server};
use crate::statistics::{median, percentile};
use crate::table::{Table, number, ratio};
use crate::work::Work;

/// Connections and caches are warm after this.
const WARM_UP: Duration = Duration::from_millis(300);

/// A server without a bound keeps all of it.
const MOST_BYTES: u64 = 1024 * 1024 * 1024;

/// Everything that was measured of one server in one case, a value for each run.
#[derive(Default)]
struct Values {
    per_second: Vec<f64>,
    processor: Vec<f64>,
    busy: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    max: Vec<f64>,
}

impl Values {
    fn push(&mut self, taken: &Taken, processor: Duration) {
        let micros = |share| percentile(&taken.latencies, share) as f64 / 1_000.0;
        self.per_second.push(taken.per_second());
        self.processor.push(processor.as_secs_f64() * 1_000_000.0 / taken.requests());
        self.busy.push(processor.as_secs_f64() / taken.elapsed.as_secs_f64() * 100.0);
        self.p50.push(micros(0.5));
        self.p99.push(micros(0.99));
        self.max.push(micros(1.0));
    }
}

pub fn take(args: &Args) -> io::Result<String> {
    let columns = ["request", "connections", "server", "requests/s", "CPU µs", "p50 µs", "p99 µs", "max ms", "busy %"];
    let mut figures = Table::new(3, &columns);
    let columns = ["request", "connections", "ours to", "requests/s", "CPU", "p50", "p99"];
    let mut ratios = Table::new(3, &columns);
    for work in &args.works {
        for connections in &args.connections {
            eprintln!("throughput: {}, {connections} connections", work.name());
            let values = case(args, *work, *connections)?;
            let case = [work.name().to_owned(), connections.to_string()];
            for (server, values) in &values {
                figures.row(case.iter().cloned().chain([server.name().to_owned()]).chain(cells(values)));
            }
            add_ratios(&mut ratios, &case, &values);
        }
    }
    Ok(format!("{ratios}\n{figures}"))
}

/// The values of all servers, one run after the other.
fn case(args: &Args, work: Work, connections: usize) -> io::Result<Vec<(Server, Values)>> {
    let mut all: Vec<_> = args.servers.iter().map(|server| (*server, Values::default())).collect();
    for run in 0..args.runs {
        for server in turned(&args.servers, run) {
            let (taken, processor) = once(args, server, work, connections)?;
            let values = all.iter_mut().find(|(of, _)| *of == server);
            if let Some((_, values)) = values {
                values.push(&taken, processor);
            }
        }
    }
    Ok(all)
}

fn once(args: &Args, server: Server, work: Work, connections: usize) -> io::Result<(Taken, Duration)> {
    let process = Process::serve(server, Bound::Default)?;
    check(&process, server, work)?;
    let mut load = Load::connect(process.address, connections, work)?;
    let requests = MOST_BYTES / work.request().len() as u64;
    load.run(Until { time: WARM_UP, requests })?;
    let before = process.processor_time()?;
    let taken = load.run(Until { time: Duration::from_secs_f64(args.seconds), requests })?;
    Ok((taken, process.processor_time()? - before))
}

fn cells(values: &Values) -> Vec<String> {
    let all = [&values.per_second, &values.processor, &values.p50, &values.p99];
    let mut cells: Vec<String> = all.map(|values| number(median(values.clone()))).into();
    cells.push(number(values.max.iter().copied().fold(0.0, f64::max) / 1_000.0));
    cells.push(number(median(values.busy.clone())));
    cells
}

fn add_ratios(table: &mut Table, case: &[String], values: &[(Server, Values)]) {
    let of = |server: Server| values.iter().find(|(of, _)| *of == server).map(|(_, values)| values);
    let Some(ours) = of(Server::Ours) else { return };
    for server in [Server::Limit, Server::Peer] {
        let Some(other) = of(server) else { continue };
        let pairs = [
            (&ours.per_second, &other.per_second),
            (&ours.processor, &other.processor),
            (&ours.p50, &other.p50),
            (&ours.p99, &other.p99),
        ];
        let cells = pairs.map(|(ours, other)| ratio(ours, other));
        table.row(case.iter().cloned().chain([server.name().to_owned()]).chain(cells));
    }
}
