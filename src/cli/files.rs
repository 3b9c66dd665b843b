//! `check`, `lint` and `report`: what can be said of a file.

use std::path::Path;

use super::conclusion::cannot_write;
use super::{Done, FOUND, say};
use crate::engine::Engine;
use crate::files::Plan;
use crate::journal::Journal;
use crate::words::count;

pub(super) fn check(path: &Path) -> Done {
    let plan = Plan::from_file(path).map_err(|error| error.to_string())?;
    let (faults, expectations) = (plan.faults(), plan.expectations());
    let mut engine = plan.setup().apply(Engine::new());
    for (index, fault) in faults.iter().enumerate() {
        let injected = engine.try_inject(fault.clone(), "");
        injected.map_err(|error| format!("{}: faults[{index}]: {}", path.display(), error.in_file))?;
    }
    let (faults_in_words, expectations_in_words) =
        (count(faults.len(), "fault"), count(expectations.len(), "expectation"));
    say(&format!("{}: {faults_in_words}, {expectations_in_words}\n", path.display()));
    plan.setup_in_words().for_each(|(name, words)| say(&format!("  {name}  {words}\n")));
    faults.iter().enumerate().for_each(|(index, fault)| say(&format!("  faults[{index}]  {fault}\n")));
    expectations.iter().enumerate().for_each(|(index, expected)| say(&format!("  expect[{index}]  {expected}\n")));
    Ok(0)
}

pub(super) fn lint(path: &Path) -> Done {
    let journal = read(path)?;
    match journal.lint().check_clean() {
        Ok(()) => {
            say(&format!("nothing found in {}\n", count(journal.attempts().len(), "attempt")));
            Ok(0)
        }
        Err(mismatch) => {
            say(&mismatch.to_string());
            Ok(FOUND)
        }
    }
}

pub(super) fn report(path: &Path, html: Option<&Path>) -> Done {
    let journal = read(path)?;
    match html {
        None => say(&journal.to_string()),
        Some(html) => {
            journal.write_html(html).map_err(|error| cannot_write(html, &error))?;
        }
    }
    Ok(0)
}

fn read(path: &Path) -> Result<Journal, String> {
    Journal::from_file(path).map_err(|error| error.to_string())
}
