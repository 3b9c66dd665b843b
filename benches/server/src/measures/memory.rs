//! How much memory a server takes for a request that it keeps.

use std::io;

use super::check;
use crate::args::Args;
use crate::child::Process;
use crate::load::{Load, Until};
use crate::servers::{Bound, Server};
use crate::statistics::median;
use crate::table::{Table, number};
use crate::work::Work;

const CONNECTIONS: usize = 8;

/// Memory differs little from run to run.
const MOST_RUNS: usize = 3;

pub fn take(args: &Args) -> io::Result<String> {
    let columns = ["request", "server", "requests", "received B", "memory B", "memory ÷ received"];
    let mut table = Table::new(2, &columns);
    for work in args.works.iter().copied().filter(|work| *work != Work::Ten) {
        let requests = if work == Work::Large { 2_000 } else { 100_000 };
        for server in &args.servers {
            eprintln!("memory: {}, {}", work.name(), server.name());
            let runs = (0..args.runs.min(MOST_RUNS)).map(|_| growth(*server, work, requests));
            let memory = median(runs.collect::<io::Result<_>>()?) / requests as f64;
            let received = work.request().len() as f64;
            let numbers = [requests as f64, received, memory, memory / received].map(number);
            table.row([work.name().to_owned(), server.name().to_owned()].into_iter().chain(numbers));
        }
    }
    Ok(table.to_string())
}

/// By how many bytes a server grows with these requests.
fn growth(server: Server, work: Work, requests: u64) -> io::Result<f64> {
    let process = Process::serve(server, Bound::None)?;
    check(&process, server, work)?;
    let mut load = Load::connect(process.address, CONNECTIONS, work)?;
    let before = process.memory()?;
    load.run(Until::requests(requests))?;
    Ok(process.memory()?.saturating_sub(before) as f64)
}
