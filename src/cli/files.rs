//! `check`, `lint` and `report`: what can be said of a file.

use std::path::Path;

use super::conclusion::write_html;
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

pub(super) fn report(path: &Path, html: Option<&Path>, plan: Option<&Path>) -> Done {
    let journal = read(path)?;
    let plan = plan.map(Plan::from_file).transpose().map_err(|error| error.to_string())?.unwrap_or_default();
    let unmet = journal.check_meets(&plan).err();
    match (html, &unmet) {
        (Some(html), _) => write_html(html, &journal, &plan)?,
        (None, Some(unmet)) => say(&unmet.to_string()),
        (None, None) => say(&journal.to_string()),
    }
    Ok(if unmet.is_some() { FOUND } else { 0 })
}

fn read(path: &Path) -> Result<Journal, String> {
    Journal::from_file(path).map_err(|error| error.to_string())
}
