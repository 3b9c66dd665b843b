//! What is made from the code is written anew.

use crate::gate::Gate;
use crate::process::{command, output, run};
use crate::tools::{PUBLIC_API, public_api};

/// Writes the gallery, the reports of searches, the tables of the golden cases, the types of the clients, and the public API.
/// `git diff` shows what changed.
pub fn bless(gate: &Gate) -> Result<(), String> {
    // The gallery is made whole before anything is written.
    let gallery = output(command("cargo run --quiet --all-features --example gallery").current_dir(gate.root()))?;
    gate.write("fixtures/gallery.txt", &gallery)?;
    let mut tests = command("cargo test --quiet --all-features --test it -- searches:: golden:: client_types::");
    run(tests.env("BLESS", "1").current_dir(gate.root()))?;
    let api = match public_api(gate) {
        Some(api) => {
            gate.write(PUBLIC_API, &api?)?;
            PUBLIC_API
        }
        None => "not the public API, for cargo-public-api is not installed",
    };
    println!(
        "Written: fixtures/gallery.txt, fixtures/search, fixtures/golden/README.md, clients/python/src/putevents_mock/plan.py, \
         clients/node/src/plan.ts, {api}. Read `git diff` before you commit."
    );
    Ok(())
}
