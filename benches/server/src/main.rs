//! Measures the mock's server beside other servers. `benches/README.md` says what is measured and how to read it.

#![allow(clippy::disallowed_methods, reason = "a benchmark looks at the clock, and writes a file that git keeps")]

mod args;
mod child;
mod load;
mod measures;
mod readme;
mod servers;
mod statistics;
mod table;
mod work;

use std::io;

use clap::Parser as _;

use crate::args::Args;

fn main() -> io::Result<()> {
    let args = Args::parse();
    if let Some(child) = args.child {
        return child.run();
    }
    if cfg!(debug_assertions) {
        eprintln!("These are figures of a debug build: use cargo run --release.");
    }
    for measure in &args.measures {
        let origin = readme::origin();
        let section = format!("{origin}\n\n{}", measure.take(&args)?);
        println!("\n## {}\n\n{section}", measure.name());
        if args.write {
            readme::write(&measure.name(), &section)?;
        }
    }
    Ok(())
}
