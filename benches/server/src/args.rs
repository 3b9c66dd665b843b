//! The command line.

use clap::Parser;

use crate::child::Child;
use crate::measures::Measure;
use crate::servers::Server;
use crate::work::Work;

/// Measures the mock's server beside other servers.
#[derive(Debug, Parser)]
pub struct Args {
    /// The measures to take, separated by commas.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Measure::ALL)]
    pub measures: Vec<Measure>,
    /// The servers to measure, separated by commas.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Server::ALL)]
    pub servers: Vec<Server>,
    /// The sizes of requests, separated by commas.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Work::ALL)]
    pub works: Vec<Work>,
    /// The numbers of connections that send requests at once, separated by commas.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 64])]
    pub connections: Vec<usize>,
    /// How many seconds to measure one server in one run.
    #[arg(long, default_value_t = 2.0)]
    pub seconds: f64,
    /// The number of runs of each server.
    #[arg(long, default_value_t = 5)]
    pub runs: usize,
    /// Writes the results into `benches/README.md`.
    #[arg(long)]
    pub write: bool,
    #[command(subcommand)]
    pub child: Option<Child>,
}
