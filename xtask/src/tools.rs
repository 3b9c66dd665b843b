//! Tools that are not part of Rust: each is used where it is there, and otherwise skipped with the command that installs it.

use std::path::PathBuf;
use std::time::Duration;

use crate::changelog;
use crate::gate::Gate;
use crate::process::{command, found, output, program, run, succeeds_within};

/// The version of typos that is installed where there is none.
const TYPOS: &str = "1.52.0";

/// Where the public API stands as text.
pub const PUBLIC_API: &str = "fixtures/public-api.txt";

/// Long enough to fetch something, where that works at all.
const PATIENCE: Duration = Duration::from_secs(120);

/// Whether rustup has a toolchain, or could install it.
pub fn has_toolchain(name: &str) -> bool {
    let listed = output(&mut command("rustup toolchain list")).unwrap_or_default();
    listed.lines().any(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with('-')))
        || succeeds_within(PATIENCE * 2, &mut command(&format!("rustup toolchain install {name} --profile minimal")))
}

pub fn typos(gate: &mut Gate) -> Result<(), String> {
    let Some(typos) = found(&["typos"]).or_else(|| installed_typos(gate)) else {
        gate.skip("typos is not installed and could not be: pip install typos, or cargo install typos-cli");
        return Ok(());
    };
    run(program(typos).current_dir(gate.root()))
}

/// A typos of its own below `target/`, from a package of Python.
fn installed_typos(gate: &Gate) -> Option<PathBuf> {
    let folder = gate.root().join("target/typos").join(TYPOS);
    let binaries = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let typos = binaries.join(format!("typos{}", std::env::consts::EXE_SUFFIX));
    if !typos.is_file() {
        let python = found(&["python3", "python"])?;
        let mut venv = program(python);
        let mut pip = program(binaries.join("pip"));
        pip.args(["install", "--quiet", "--disable-pip-version-check", &format!("typos=={TYPOS}")]);
        let there =
            succeeds_within(PATIENCE, venv.args(["-m", "venv"]).arg(&folder)) && succeeds_within(PATIENCE, &mut pip);
        if !there {
            return None;
        }
    }
    typos.is_file().then_some(typos)
}

pub fn deny(gate: &mut Gate) -> Result<(), String> {
    if found(&["cargo-deny"]).is_none() {
        gate.skip("cargo-deny is not installed, so deny.toml was not held against the dependencies: cargo install --locked cargo-deny");
        return Ok(());
    }
    if succeeds_within(PATIENCE / 2, command("cargo deny --all-features fetch db").current_dir(gate.root())) {
        return gate.run("cargo deny --all-features --log-level error check");
    }
    gate.run("cargo deny --all-features --log-level error check licenses bans sources")?;
    gate.skip("the list of known weaknesses could not be fetched, so the dependencies were not held against it");
    Ok(())
}

/// The public API as text, or nothing where there is no tool that prints it.
pub fn public_api(gate: &Gate) -> Option<Result<String, String>> {
    found(&["cargo-public-api"])?;
    Some(output(command("cargo public-api --package putevents-mock --all-features -sss").current_dir(gate.root())))
}

pub fn api(gate: &mut Gate) -> Result<(), String> {
    let Some(printed) = public_api(gate) else {
        gate.skip(
            "cargo-public-api is not installed, so fixtures/public-api.txt was not compared with the code: cargo install --locked \
             cargo-public-api, and rustup toolchain install nightly",
        );
        return Ok(());
    };
    if printed? == gate.read(PUBLIC_API)? {
        return Ok(());
    }
    Err(format!(
        "the public API is not the one in {PUBLIC_API}: `cargo xtask bless` writes it anew, and `git diff` shows what changed"
    ))
}

pub fn semver(gate: &mut Gate) -> Result<(), String> {
    let changelog = gate.read("CHANGELOG.md")?;
    let Some(released) = changelog::released_before(&changelog) else {
        gate.skip("CHANGELOG.md names no released version, so there is no API to compare with");
        return Ok(());
    };
    if found(&["cargo-semver-checks"]).is_none() {
        let install = "cargo install --locked cargo-semver-checks";
        gate.skip(format!(
            "cargo-semver-checks is not installed, so the API was not compared with {released}: {install}"
        ));
        return Ok(());
    }
    gate.run(&format!("cargo semver-checks --package putevents-mock --all-features --baseline-version {released}"))
}
