//! What the command line says.

use clap::Parser;

use crate::child::Child;
use crate::measures::Measure;
use crate::servers::Server;
use crate::work::Work;

/// Measures the mock's server beside other servers.
#[derive(Debug, Parser)]
pub struct Args {
    /// What to measure, with commas between several.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Measure::ALL)]
    pub measures: Vec<Measure>,
    /// The servers, with commas between several.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Server::ALL)]
    pub servers: Vec<Server>,
    /// What a request holds, with commas between several.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Work::ALL)]
    pub works: Vec<Work>,
    /// How many connections send requests at once, with commas between several.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 64])]
    pub connections: Vec<usize>,
    /// How long one server is measured in one run.
    #[arg(long, default_value_t = 2.0)]
    pub seconds: f64,
    /// How often each server is measured.
    #[arg(long, default_value_t = 5)]
    pub runs: usize,
    /// Writes what was measured into `benches/README.md`.
    #[arg(long)]
    pub write: bool,
    #[command(subcommand)]
    pub child: Option<Child>,
}
