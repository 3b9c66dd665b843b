//! The crate as the registry has it: packed, unpacked elsewhere, and built there.

use std::path::PathBuf;

use crate::gate::Gate;
use crate::manifest;
use crate::process::{command, run};
use crate::tools;

/// The package, unpacked in a folder outside of the repository. The folder is removed with this value.
struct Unpacked {
    folder: PathBuf,
    crate_folder: PathBuf,
}

impl Unpacked {
    fn new(gate: &Gate) -> Result<Self, String> {
        let manifest = gate.read("Cargo.toml")?;
        let named = format!("putevents-mock-{}", manifest::text(&manifest, "package", "version")?);
        let folder = std::env::temp_dir().join(format!("putevents-mock-package-{}", std::process::id()));
        let unpacked = Self { crate_folder: folder.join(&named), folder };
        let mut pack = command("cargo package --quiet --no-verify --allow-dirty --package putevents-mock --target-dir");
        run(pack.arg(&unpacked.folder).current_dir(gate.root()))?;
        // The files get the time of now (m). Those of a package are old, and cargo would take for this package what it built of
        // an earlier one.
        let archive = unpacked.folder.join("package").join(format!("{named}.crate"));
        run(command("tar -xmzf").arg(archive).arg("-C").arg(&unpacked.folder))?;
        Ok(unpacked)
    }
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Runs the tests that the package has.
pub fn test(gate: &mut Gate) -> Result<(), String> {
    let unpacked = Unpacked::new(gate)?;
    let mut test = command("cargo test --all-features --target-dir");
    run(test.arg(gate.root().join("target/package-tests")).current_dir(&unpacked.crate_folder))
}

/// Checks the library and the binary with the lowest version of each direct dependency, as a project may have them locked.
pub fn minimal_versions(gate: &mut Gate) -> Result<(), String> {
    if !tools::has_toolchain("nightly") {
        gate.skip(
            "a nightly toolchain is not installed and could not be fetched, so the lowest versions were not tried",
        );
        return Ok(());
    }
    let unpacked = Unpacked::new(gate)?;
    // What tests need has lowest versions of its own, which no user of the crate meets.
    let path = unpacked.crate_folder.join("Cargo.toml");
    gate.write(&path, &manifest::without_tables(&gate.read(&path)?, &["dev-dependencies"]))?;
    let mut update = command("cargo +nightly update --quiet -Z direct-minimal-versions");
    run(update.current_dir(&unpacked.crate_folder))?;
    for features in ["--all-features", "", "--no-default-features"] {
        let mut check = command(&format!("cargo check --locked --lib --bins {features} --target-dir"));
        run(check.arg(gate.root().join("target/minimal-versions")).current_dir(&unpacked.crate_folder))?;
    }
    Ok(())
}
