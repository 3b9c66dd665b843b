//! What is measured.

mod bound;
mod memory;
mod reader;
mod sdk;
pub mod start;
mod throughput;

use std::io;

use clap::ValueEnum;

use crate::args::Args;
use crate::child::Process;
use crate::load::ask;
use crate::servers::Server;
use crate::work::Work;

/// A measure, with a section of its own among the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Measure {
    /// Requests a second, processor time and latency.
    Throughput,
    /// Latency while the oldest requests are forgotten.
    Bound,
    /// Memory for a request that is kept.
    Memory,
    /// The time to start one mock, and a thousand.
    Start,
    /// A call of the AWS SDK in process.
    Sdk,
    /// A journal that is read while requests come.
    Reader,
}

impl Measure {
    pub const ALL: [Self; 6] = [Self::Throughput, Self::Bound, Self::Memory, Self::Start, Self::Sdk, Self::Reader];

    pub fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Measures, and returns the section.
    pub fn take(self, args: &Args) -> io::Result<String> {
        match self {
            Self::Throughput => throughput::take(args),
            Self::Bound => bound::take(args),
            Self::Memory => memory::take(args),
            Self::Start => start::take(args),
            Self::Sdk => sdk::take(args),
            Self::Reader => reader::take(args),
        }
    }
}

/// The items in an order that turns with each run, so that none of them always comes first or after the same one.
fn turned<T: Copy>(items: &[T], run: usize) -> Vec<T> {
    let mut turned = items.to_vec();
    turned.rotate_left(run % items.len().max(1));
    if run % 2 == 1 {
        turned.reverse();
    }
    turned
}

/// A server that does less than it should would be fast.
pub fn check(process: &Process, server: Server, work: Work) -> io::Result<()> {
    let answer = ask(process.address, work.request().numbered(0))?;
    let has_results = answer.matches("EventId").count() == work.entries() && answer.contains(r#""FailedEntryCount":0"#);
    let has_headers = ["x-amzn-requestid: ", "content-type: ", "date: "].iter().all(|name| answer.contains(name));
    match server.answers_entries() && !(has_results && has_headers) {
        true => Err(io::Error::other(format!("{} answered {answer}", server.name()))),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_turns_from_run_to_run() {
        let orders: Vec<_> = (0..4).map(|run| turned(&[1, 2, 3], run)).collect();
        assert_eq!(orders, [[1, 2, 3], [1, 3, 2], [3, 1, 2], [3, 2, 1]]);
    }
}
