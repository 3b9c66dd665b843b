//! What is made from the code is written anew.

use crate::gate::Gate;
use crate::process::{command, output, run};

/// Writes the gallery and the reports of searches. `git diff` shows what changed.
pub fn bless(gate: &Gate) -> Result<(), String> {
    // The gallery is made whole before anything is written.
    let gallery = output(command("cargo run --quiet --all-features --example gallery").current_dir(gate.root()))?;
    let path = gate.root().join("fixtures/gallery.txt");
    std::fs::write(&path, gallery).map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    let mut searches = command("cargo test --quiet --all-features --test it searches::");
    run(searches.env("BLESS", "1").current_dir(gate.root()))?;
    println!("Written: fixtures/gallery.txt and fixtures/search. Read `git diff fixtures` before you commit.");
    Ok(())
}
