//! A run of the gate: what its steps share, what they skip, and the table at the end.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::process::{command, found, run, run_and_note_skips};

/// A step of the gate.
pub struct Step {
    /// How the step is named on the command line and in the workflows.
    pub name: &'static str,
    /// What the step checks.
    pub title: &'static str,
    pub work: Work,
    /// Whether the step only runs where it is named.
    pub on_demand: bool,
}

/// What a step does.
pub enum Work {
    /// It runs these commands, one after the other.
    Commands(&'static [&'static str]),
    /// It does what commands alone cannot do.
    Code(fn(&mut Gate) -> Result<(), String>),
}

/// What the steps share.
pub struct Gate {
    root: PathBuf,
    skips: Vec<String>,
}

/// What became of a step.
struct Done {
    name: &'static str,
    took: Duration,
    skips: Vec<String>,
    failure: Option<String>,
}

impl Gate {
    pub fn new(root: PathBuf) -> Self {
        Self { root, skips: Vec::new() }
    }

    /// The folder of the repository.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The text of a file of the repository.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<String, String> {
        let path = self.root.join(path);
        std::fs::read_to_string(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
    }

    /// Writes a file of the repository.
    pub fn write(&self, path: impl AsRef<Path>, text: &str) -> Result<(), String> {
        let path = self.root.join(path);
        std::fs::write(&path, text).map_err(|error| format!("{} cannot be written: {error}", path.display()))
    }

    /// Runs a command in the folder of the repository.
    pub fn run(&self, line: &str) -> Result<(), String> {
        run(command(line).current_dir(&self.root))
    }

    /// Runs a command in the folder of the repository, and notes what it skips: its lines that begin with `SKIPPED`.
    pub fn run_and_note_skips(&mut self, command: &mut Command) -> Result<(), String> {
        let skips = run_and_note_skips(command.current_dir(&self.root))?;
        self.skips.extend(skips);
        Ok(())
    }

    /// Notes that something was not checked, and prints it.
    pub fn skip(&mut self, reason: impl Into<String>) {
        let reason = reason.into();
        println!("SKIPPED: {reason}");
        self.skips.push(reason);
    }

    /// Notes that the tests of the page skip themselves, where that is so.
    pub fn note_missing_browser(&mut self) {
        if found(&["chromium", "chromium-browser", "google-chrome"]).is_none() || found(&["chromedriver"]).is_none() {
            self.skip("there is no chromium with chromedriver, so the page was not tried in a browser");
        }
    }

    /// Prints again what was skipped.
    pub fn print_skips(&self) {
        for skip in &self.skips {
            println!("SKIPPED: {skip}");
        }
    }

    fn take(&mut self, step: &Step) -> Done {
        println!("\n== {}: {}", step.name, step.title);
        let begun = Instant::now();
        let worked = match step.work {
            Work::Commands(lines) => lines.iter().try_for_each(|line| self.run(line)),
            Work::Code(code) => code(self),
        };
        Done { name: step.name, took: begun.elapsed(), skips: std::mem::take(&mut self.skips), failure: worked.err() }
    }

    /// Takes the steps in their order and stops at the first that fails. Prints a table of them. Returns whether the run passed:
    /// no step failed and, if `no_skips`, none skipped anything.
    pub fn pass(&mut self, steps: &[&Step], no_skips: bool) -> bool {
        let mut done = Vec::new();
        for step in steps {
            let one = self.take(step);
            let failed = one.failure.is_some();
            done.push(one);
            if failed {
                break;
            }
        }
        let left: Vec<&str> = steps[done.len()..].iter().map(|step| step.name).collect();
        println!("\n{}", summary(&done, &left));
        let skipped = done.iter().any(|step| !step.skips.is_empty());
        if no_skips && skipped {
            println!("--no-skips was given, so what was skipped counts as a failure.");
        }
        done.iter().all(|step| step.failure.is_none()) && !(no_skips && skipped)
    }
}

/// A table of the steps with their seconds, and below it whatever somebody must know who reads nothing else.
fn summary(done: &[Done], left: &[&str]) -> String {
    let mut lines = Vec::new();
    for step in done {
        let result = match (&step.failure, step.skips.is_empty()) {
            (Some(_), _) => "FAILED",
            (None, false) => "SKIPPED, or in part",
            (None, true) => "passed",
        };
        lines.push(format!("{:<16} {:>5} s  {result}", step.name, step.took.as_secs()));
    }
    lines.extend(left.iter().map(|name| format!("{name:<16}          not run")));
    for step in done {
        lines.extend(step.skips.iter().map(|skip| format!("SKIPPED in {}: {skip}", step.name)));
    }
    for step in done {
        let again = format!("Run the step alone: cargo xtask ci {}", step.name);
        lines.extend(step.failure.iter().map(|failure| format!("FAILED in {}: {failure}\n{again}", step.name)));
    }
    let failed = done.iter().filter(|step| step.failure.is_some()).count();
    let skipped = done.iter().filter(|step| step.failure.is_none() && !step.skips.is_empty()).count();
    lines.push(format!("steps: {} passed, {failed} failed, {skipped} skipped", done.len() - failed - skipped));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(name: &'static str, skips: &[&str], failure: Option<&str>) -> Done {
        let skips = skips.iter().map(|&skip| skip.to_owned()).collect();
        Done { name, took: Duration::from_millis(2900), skips, failure: failure.map(str::to_owned) }
    }

    #[test]
    fn the_end_repeats_what_was_skipped_and_what_failed() {
        let steps = [
            done("fmt", &[], None),
            done("fuzz", &["there is no C++"], None),
            done("tests", &[], Some("`cargo test` failed")),
        ];
        let expected = "\
fmt                  2 s  passed
fuzz                 2 s  SKIPPED, or in part
tests                2 s  FAILED
clippy                    not run
SKIPPED in fuzz: there is no C++
FAILED in tests: `cargo test` failed
Run the step alone: cargo xtask ci tests
steps: 1 passed, 1 failed, 1 skipped";
        assert_eq!(summary(&steps, &["clippy"]), expected);
    }

    #[test]
    fn a_run_stops_at_the_first_failure() {
        let failing = Step { name: "a", title: "", work: Work::Code(|_| Err("no".into())), on_demand: false };
        let never = Step { name: "b", title: "", work: Work::Code(|_| panic!("it is not reached")), on_demand: false };
        assert!(!Gate::new(PathBuf::new()).pass(&[&failing, &never], false));
    }

    #[test]
    fn a_skip_fails_a_run_without_skips() {
        let skipping = Step { name: "a", title: "", work: Work::Code(skips), on_demand: false };
        assert!(Gate::new(PathBuf::new()).pass(&[&skipping], false));
        assert!(!Gate::new(PathBuf::new()).pass(&[&skipping], true));
    }

    fn skips(gate: &mut Gate) -> Result<(), String> {
        gate.skip("there is none here");
        Ok(())
    }
}
