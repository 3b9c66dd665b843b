//! How long a mock takes to start, and what a thousand take that run at once.

use std::io;
use std::time::Instant;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::turned;
use crate::args::Args;
use crate::child::{Child, status};
use crate::load::ask;
use crate::servers::{Bound, Running, Server};
use crate::statistics::{median, percentile};
use crate::table::{Table, number};
use crate::work::Work;

/// How many are started one after the other.
const ONE_BY_ONE: usize = 200;

/// How many run at once.
const AT_ONCE: usize = 1_000;

/// The numbers of one server, from all runs.
struct Numbers {
    server: Server,
    each: Vec<Vec<f64>>,
    all: Vec<Vec<f64>>,
}

pub fn take(args: &Args) -> io::Result<String> {
    let servers: Vec<Server> = args.servers.iter().copied().filter(|server| server.is_started_by_tests()).collect();
    let mut numbers: Vec<Numbers> =
        servers.iter().map(|server| Numbers { server: *server, each: Vec::new(), all: Vec::new() }).collect();
    for run in 0..args.runs {
        for server in turned(&servers, run) {
            eprintln!("start: {}, run {}", server.name(), run + 1);
            if let Some(numbers) = numbers.iter_mut().find(|numbers| numbers.server == server) {
                numbers.each.push(Child::StartEach { server, mocks: ONE_BY_ONE }.numbers()?);
                numbers.all.push(Child::StartAll { server, mocks: AT_ONCE }.numbers()?);
            }
        }
    }
    let columns = ["server", "first µs", "next µs", "1,000 started ms", "answered ms", "threads", "memory of one KiB"];
    let mut table = Table::new(1, &columns);
    for Numbers { server, each, all } in &numbers {
        let of = |runs: &[Vec<f64>], column: usize, unit: f64| {
            number(median(runs.iter().filter_map(|run| run.get(column)).map(|value| value / unit).collect()))
        };
        let memory = of(all, 3, 1024.0 * AT_ONCE as f64);
        let cells = [of(each, 0, 1e3), of(each, 1, 1e3), of(all, 0, 1e6), of(all, 1, 1e6), of(all, 2, 1.0), memory];
        table.row([server.name().to_owned()].into_iter().chain(cells));
    }
    Ok(table.to_string())
}

/// The nanoseconds from a start to the first answer: of the first mock in this process, and the median of the others.
pub fn each(server: Server, mocks: usize) -> io::Result<[u64; 2]> {
    let mut request = Work::Small.request();
    let times = (0..=mocks).map(|number| {
        let started = Instant::now();
        let running = server.start(Bound::Default)?;
        ask(running.address, request.numbered(number as u64))?;
        Ok(nanoseconds(started))
    });
    let mut times: Vec<u64> = times.collect::<io::Result<_>>()?;
    let first = times.remove(0);
    times.sort_unstable();
    Ok([first, percentile(&times, 0.5)])
}

/// The nanoseconds until all of these mocks are started, and until each has answered once; then their threads, and the
/// bytes by which this process has grown.
pub fn all(server: Server, mocks: usize) -> io::Result<[u64; 4]> {
    let before = (status("self", "Threads")?, status("self", "VmRSS")?);
    allow_files()?;
    let mut request = Work::Small.request();
    let began = Instant::now();
    let running: Vec<Running> = (0..mocks).map(|_| server.start(Bound::Default)).collect::<io::Result<_>>()?;
    let started = nanoseconds(began);
    for (number, running) in running.iter().enumerate() {
        ask(running.address, request.numbered(number as u64))?;
    }
    let answered = nanoseconds(began);
    let after = (status("self", "Threads")?, status("self", "VmRSS")?);
    Ok([started, answered, after.0 - before.0, (after.1 - before.1) * 1024])
}

/// Lets this process have as many files as the system allows it: a shell often starts it with 1,024.
fn allow_files() -> io::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    Ok(setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })?)
}

fn nanoseconds(since: Instant) -> u64 {
    since.elapsed().as_nanos() as u64
}
