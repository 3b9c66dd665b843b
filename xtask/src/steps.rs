//! The steps of the gate, in their order.

use crate::clients;
use crate::gate::{Gate, Step, Work};
use crate::manifest;
use crate::package;
use crate::process::{command, found, program, run, run_without_warnings};
use crate::tools;

use Work::{Code, Commands};

const STEPS: &[Step] = &[
    step(
        "fmt",
        "the format of all sources",
        Commands(&[
            "cargo fmt --all --check",
            "cargo fmt --manifest-path tests/clients/rust/Cargo.toml --check",
            "cargo fmt --manifest-path fuzz/Cargo.toml --check",
        ]),
    ),
    step("typos", "the spelling", Code(tools::typos)),
    step("quickstart", "the first command of the README", Commands(&["cargo run -p quickstart"])),
    step("tests", "the second command of the README: all tests", Code(tests)),
    step(
        "engine",
        "the tests of the engine alone, with numbers of arbitrary precision as another crate may switch them on",
        Commands(&[
            "cargo test --package putevents-mock --no-default-features --features serde_json/arbitrary_precision --test it",
        ]),
    ),
    step(
        "members",
        "the tests of the benchmark of the server, of the recipe with a database, and of these commands",
        Commands(&["cargo test --package server-bench --package outbox --package xtask"]),
    ),
    step(
        "clippy",
        "the lints",
        Commands(&[
            "cargo clippy --workspace --all-targets --all-features -- -D warnings",
            "cargo clippy --package putevents-mock --no-default-features --features serde_json/arbitrary_precision --test it -- -D warnings",
        ]),
    ),
    step("docs", "the documentation without a warning: default features, none, each alone, all", Code(docs)),
    step(
        "features",
        "the library and the binary with every feature alone, every two together, none and all",
        Code(features),
    ),
    step("msrv", "the oldest compiler that the library supports", Code(msrv)),
    step("deny", "licences, sources and known weaknesses of the dependencies", Code(tools::deny)),
    step("api", "the public API beside fixtures/public-api.txt", Code(tools::api)),
    step("semver", "the API beside the released version", Code(tools::semver)),
    step("package", "the crate's package, and its tests without the repository", Code(package::test)),
    step("page", "the types of the page's script, and its lints", Code(page)),
    step(
        "clients",
        "clients of other languages and crates against the stand-alone server",
        Code(|gate| clients(gate, &[])),
    ),
    step(
        "client-packages",
        "the packages for Python and Node.js, built, installed, and tried with real SDKs",
        Code(clients::check),
    ),
    step("fuzz", "the fuzz targets, a minute each", Code(|gate| fuzz(gate, &[]))),
    on_demand("browser", "the tests of the page, in a browser", Code(browser)),
    on_demand("image", "the image of the Dockerfile, in a container", Code(clients::check_image)),
    on_demand(
        "minimal-versions",
        "the library with the lowest versions that Cargo.toml allows",
        Code(package::minimal_versions),
    ),
];

const fn step(name: &'static str, title: &'static str, work: Work) -> Step {
    Step { name, title, work, on_demand: false }
}

const fn on_demand(name: &'static str, title: &'static str, work: Work) -> Step {
    Step { name, title, work, on_demand: true }
}

/// `cargo xtask ci` with these arguments. Whether it passed.
pub fn ci(gate: &mut Gate, words: &[&str]) -> Result<bool, String> {
    let asked = Asked::of(words)?;
    if asked.list {
        for step in STEPS {
            let when = if step.on_demand { " (only where it is named)" } else { "" };
            println!("{:<16}  {}{when}", step.name, step.title);
        }
        return Ok(true);
    }
    Ok(gate.pass(&asked.steps, asked.no_skips))
}

/// What the arguments ask for.
struct Asked {
    steps: Vec<&'static Step>,
    no_skips: bool,
    list: bool,
}

impl Asked {
    fn of(words: &[&str]) -> Result<Self, String> {
        let (mut named, mut without) = (Vec::new(), Vec::new());
        let (mut no_skips, mut list) = (false, false);
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--list" => list = true,
                "--no-skips" => no_skips = true,
                "--skip" => {
                    without.push(by_name(words.next().ok_or("`--skip` wants the name of a step after it")?)?.name)
                }
                flag if flag.starts_with('-') => {
                    return Err(format!(
                        "`{flag}` is no flag of `ci`. Its flags are --list, --no-skips and --skip STEP."
                    ));
                }
                name => named.push(by_name(name)?.name),
            }
        }
        let wanted = |step: &&Step| if named.is_empty() { !step.on_demand } else { named.contains(&step.name) };
        let steps: Vec<_> = STEPS.iter().filter(wanted).filter(|step| !without.contains(&step.name)).collect();
        if steps.is_empty() {
            return Err("no step is left: `--skip` names every step that would run".into());
        }
        Ok(Self { steps, no_skips, list })
    }
}

fn by_name(name: &str) -> Result<&'static Step, String> {
    STEPS.iter().find(|step| step.name == name).ok_or_else(|| {
        let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        format!("`{name}` is no step. The steps are: {}.", names.join(", "))
    })
}

fn tests(gate: &mut Gate) -> Result<(), String> {
    gate.note_missing_browser();
    gate.run("cargo test --all-features")
}

fn docs(gate: &mut Gate) -> Result<(), String> {
    let manifest = gate.read("Cargo.toml")?;
    let alone =
        manifest::features(&manifest).into_iter().map(|feature| format!("--no-default-features --features {feature}"));
    let mut sets = vec![String::new(), "--no-default-features".to_owned()];
    sets.extend(alone);
    // The last one stays in target/doc.
    sets.push("--all-features".to_owned());
    for set in sets {
        let mut doc = command(&format!("cargo doc --quiet --package putevents-mock --no-deps --lib {set}"));
        run(doc.env("RUSTDOCFLAGS", "-D warnings").current_dir(gate.root()))?;
    }
    Ok(())
}

fn features(gate: &mut Gate) -> Result<(), String> {
    let manifest = gate.read("Cargo.toml")?;
    let features = manifest::features(&manifest);
    let sets = manifest::feature_sets(&features);
    for set in &sets {
        // RUSTFLAGS that deny warnings would have the dependencies built again.
        let mut check =
            command("cargo check --quiet --package putevents-mock --lib --bins --no-default-features --features");
        run_without_warnings(check.arg(set).current_dir(gate.root()))?;
    }
    println!("{} sets of {} features: {}", sets.len(), features.len(), features.join(", "));
    Ok(())
}

fn msrv(gate: &mut Gate) -> Result<(), String> {
    let manifest = gate.read("Cargo.toml")?;
    let version = manifest::text(&manifest, "package", "rust-version")?;
    if !tools::has_toolchain(version) {
        gate.skip(format!(
            "Rust {version} is not installed and could not be fetched, so the rust-version was not checked"
        ));
        return Ok(());
    }
    for features in ["--bins --features cli,check", "--no-default-features"] {
        gate.run(&format!(
            "cargo +{version} check --package putevents-mock --lib --target-dir target/msrv {features}"
        ))?;
    }
    Ok(())
}

fn page(gate: &mut Gate) -> Result<(), String> {
    gate.run_and_note_skips(&mut command("bash tests/page/check"))
}

/// The tests of the page say that they pass where there is no browser, so that is noted here.
fn browser(gate: &mut Gate) -> Result<(), String> {
    gate.note_missing_browser();
    gate.run("cargo test --all-features --test it page::")
}

/// Runs the clients.
pub fn clients(gate: &mut Gate, arguments: &[&str]) -> Result<(), String> {
    let Some(python) = found(&["python3", "python"]) else {
        gate.skip("there is no python3, so no client of another language was tried");
        return Ok(());
    };
    gate.run_and_note_skips(program(python).arg("tests/clients/run").args(arguments))
}

pub fn fuzz(gate: &mut Gate, arguments: &[&str]) -> Result<(), String> {
    gate.run_and_note_skips(command("bash fuzz/run").args(arguments))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(words: &[&str]) -> Vec<&'static str> {
        Asked::of(words).unwrap().steps.iter().map(|step| step.name).collect()
    }

    #[test]
    fn without_a_name_every_step_runs_but_those_on_demand() {
        let names = names(&[]);
        assert!(names.contains(&"tests"));
        assert!(!names.contains(&"minimal-versions"));
    }

    #[test]
    fn named_steps_run_once_in_the_order_of_the_table() {
        assert_eq!(names(&["minimal-versions", "clippy", "fmt", "clippy"]), ["fmt", "clippy", "minimal-versions"]);
    }

    #[test]
    fn a_step_can_be_left_out() {
        assert!(!names(&["--skip", "fuzz", "--skip", "clients"]).contains(&"fuzz"));
        assert_eq!(names(&["fmt", "fuzz", "--skip", "fuzz"]), ["fmt"]);
        assert_eq!(
            Asked::of(&["fuzz", "--skip", "fuzz"]).err().unwrap(),
            "no step is left: `--skip` names every step that would run"
        );
        assert_eq!(Asked::of(&["--skip"]).err().unwrap(), "`--skip` wants the name of a step after it");
    }

    #[test]
    fn an_unknown_name_is_answered_with_all_names() {
        let error = Asked::of(&["fnt"]).err().unwrap();
        assert!(error.starts_with("`fnt` is no step. The steps are: fmt, typos, "), "{error}");
        let error = Asked::of(&["--lists"]).err().unwrap();
        assert_eq!(error, "`--lists` is no flag of `ci`. Its flags are --list, --no-skips and --skip STEP.");
    }

    #[test]
    fn every_name_is_there_once() {
        let mut names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STEPS.len());
    }

    #[test]
    fn the_first_commands_of_the_readme_are_run_as_they_stand_there() {
        let readme = include_str!("../../README.md");
        let shown = readme.split_once("```sh\n").unwrap().1.split_once("```").unwrap().0;
        let steps = include_str!("steps.rs").split_once("#[cfg(test)]").unwrap().0;
        assert!(shown.lines().count() > 1, "{shown}");
        for line in shown.lines() {
            assert!(steps.contains(&format!("\"{line}\"")), "no step runs: {line}");
        }
    }

    /// The words after `cargo xtask ci` in the workflows.
    fn words_of_workflows() -> Vec<&'static str> {
        let workflows =
            [include_str!("../../.github/workflows/ci.yml"), include_str!("../../.github/workflows/nightly.yml")];
        let calls =
            workflows.iter().flat_map(|text| text.lines()).filter_map(|line| line.split_once("cargo xtask ci "));
        calls.flat_map(|(_, words)| words.split_whitespace()).collect()
    }

    #[test]
    fn the_workflows_run_every_step_and_no_other() {
        let words = words_of_workflows();
        let missing: Vec<_> = STEPS.iter().map(|step| step.name).filter(|name| !words.contains(name)).collect();
        assert!(
            missing.is_empty(),
            "add to .github/workflows/ci.yml or nightly.yml: cargo xtask ci {}",
            missing.join(" ")
        );
        Asked::of(&words).map(|_| ()).unwrap();
    }
}
