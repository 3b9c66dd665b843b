//! What is measured.

mod throughput;

use std::io;

use clap::ValueEnum;

use crate::args::Args;

/// A measure, with a section of its own among the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Measure {
    /// Requests a second, processor time and latency.
    Throughput,
}

impl Measure {
    pub const ALL: [Self; 1] = [Self::Throughput];

    pub fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Measures, and returns the section.
    pub fn take(self, args: &Args) -> io::Result<String> {
        match self {
            Self::Throughput => throughput::take(args),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_turns_from_run_to_run() {
        let orders: Vec<_> = (0..4).map(|run| turned(&[1, 2, 3], run)).collect();
        assert_eq!(orders, [[1, 2, 3], [1, 3, 2], [3, 1, 2], [3, 2, 1]]);
    }
}
