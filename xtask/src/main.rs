//! The commands of this repository. `cargo xtask` lists them, and CONTRIBUTING.md says when to use which.

#![allow(clippy::disallowed_methods, reason = "a tool looks at the clock, and writes files that git keeps")]

mod bench;
mod bless;
mod changelog;
mod clients;
mod gate;
mod manifest;
mod package;
mod process;
mod release;
mod steps;
mod tools;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::gate::Gate;

const USAGE: &str = "\
cargo xtask COMMAND

  ci [--list] [--no-skips] [--skip STEP]... [STEP]...
                      runs the gate: all steps, or those that are named
  bless               writes the fixtures anew that are made from the code
  features            checks every feature alone, every two together, none and all
  minimal-versions    checks the library with the lowest versions that Cargo.toml allows
  page                checks the script of the page, and tries the page in a browser
  clients [ARGUMENT]...
                      runs real clients against the server; the arguments go to tests/clients/run
  fuzz [SECONDS [TARGET]...]
                      runs the fuzz targets; 60 seconds and all targets by default
  bench NAME [ARGUMENT]...
                      runs a benchmark; without a name it lists them
  release-check TAG   checks that the tag, Cargo.toml and CHANGELOG.md name the same version
  dist TARGET [--profile NAME]
                      builds the binary for a target triple and packs it into target/dist
  pack-clients        packs the binaries in target/dist into wheels and npm packages, in target/dist/packages";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match dispatch(&words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the command passed.
fn dispatch(words: &[&str]) -> Result<bool, String> {
    let mut gate = Gate::new(root());
    match words {
        [] | ["help" | "--help" | "-h"] => println!("{USAGE}"),
        ["ci", rest @ ..] => return steps::ci(&mut gate, rest),
        ["bless"] => bless::bless(&gate)?,
        ["bench", rest @ ..] => bench::bench(&gate, rest)?,
        ["features"] => return steps::ci(&mut gate, &["features"]),
        ["minimal-versions"] => return steps::ci(&mut gate, &["minimal-versions"]),
        ["page"] => return steps::ci(&mut gate, &["page", "browser"]),
        ["clients", rest @ ..] => {
            steps::clients(&mut gate, rest)?;
            gate.print_skips();
        }
        ["fuzz", rest @ ..] => {
            steps::fuzz(&mut gate, rest)?;
            gate.print_skips();
        }
        ["release-check", tag] => release::check(&gate, tag)?,
        ["dist", target] => drop(release::dist(&gate, target, "release")?),
        ["dist", target, "--profile", profile] => drop(release::dist(&gate, target, profile)?),
        ["pack-clients"] => clients::pack(&gate)?,
        [other, ..] => {
            return Err(format!("`{}` is no command.\n\n{USAGE}", [&[*other], &words[1..]].concat().join(" ")));
        }
    }
    Ok(true)
}

/// The folder of the repository.
fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}
