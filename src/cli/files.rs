//! `check`, `lint` and `report`: commands that read a file.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::conclusion::write_html;
use super::{Done, FOUND, say};
use crate::engine::Engine;
use crate::files::Plan;
use crate::journal::Journal;
use crate::json::{FormatError, Wrong};
use crate::words::count;

/// Checks all plans, also after one that is wrong.
pub(super) fn check(paths: &[PathBuf]) -> Done {
    let unusable: Vec<String> = paths.iter().filter_map(|path| check_one(path).err()).collect();
    if unusable.is_empty() { Ok(0) } else { Err(unusable.join("\n")) }
}

/// Checks one plan. The error has a line for each mistake.
fn check_one(path: &Path) -> Result<(), String> {
    let (name, bytes) = if path == Path::new("-") {
        let mut bytes = Vec::new();
        ("standard input".to_owned(), io::stdin().read_to_end(&mut bytes).map(|_| bytes))
    } else {
        (path.display().to_string(), std::fs::read(path))
    };
    let plan = Plan::from_bytes(&name, bytes).map_err(|error| error.to_string())?;
    let (faults, expectations) = (plan.faults(), plan.expectations());
    let mut engine = plan.setup().apply(Engine::new());
    let mut wrong = Wrong::default();
    for (index, fault) in faults.iter().enumerate() {
        let injected = engine.try_inject(fault.clone(), "");
        let place = format!("faults[{index}]");
        wrong.note(injected.map_err(|error| FormatError::new(place, error.in_file).in_file(&name)));
    }
    wrong.unless(()).map_err(|error| error.to_string())?;
    let (faults_in_words, expectations_in_words) =
        (count(faults.len(), "fault"), count(expectations.len(), "expectation"));
    say(&format!("{name}: {faults_in_words}, {expectations_in_words}\n"));
    plan.setup_in_words().for_each(|(name, words)| say(&format!("  {name}  {words}\n")));
    faults.iter().enumerate().for_each(|(index, fault)| say(&format!("  faults[{index}]  {fault}\n")));
    expectations.iter().for_each(|expected| say(&format!("  {}  {expected}\n", expected.place())));
    Ok(())
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
