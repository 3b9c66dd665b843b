//! What is left when the server has ended: files, reports and an exit status.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};

use super::args::Mock;
use super::{Done, FOUND, complain};
use crate::admin::Sessions;
use crate::files::{Expectation, Plan};
use crate::journal::Journal;
use crate::page::{self, Judged};
use crate::words::count;

/// The files that are written in the end.
pub(super) struct Outputs {
    journal: Option<PathBuf>,
    html: Option<PathBuf>,
}

impl Outputs {
    /// Sees to it now that they can be written then.
    pub(super) fn prepare(mock: &Mock) -> Result<Self, String> {
        for path in mock.journal_file.iter().chain(&mock.html_file) {
            let was_there = path.exists();
            let opened = OpenOptions::new().append(true).create(true).open(path).map(drop);
            let undone = opened.and_then(|()| if was_there { Ok(()) } else { std::fs::remove_file(path) });
            undone.map_err(|error| cannot_write(path, &error))?;
        }
        Ok(Self { journal: mock.journal_file.clone(), html: mock.html_file.clone() })
    }

    fn write(&self, name: Option<&str>, journal: &Journal, plan: &Plan) -> Result<(), String> {
        let of_session = |path: &Path| name.map_or_else(|| path.to_owned(), |name| beside(path, name));
        if let Some(path) = self.journal.as_deref().map(of_session) {
            journal.save(&path).map_err(|error| cannot_write(&path, &error))?;
        }
        if let Some(path) = self.html.as_deref().map(of_session) {
            write_html(&path, journal, plan)?;
        }
        Ok(())
    }
}

/// Writes the page of a journal, with what is expected and not met on top.
pub(super) fn write_html(path: &Path, journal: &Journal, plan: &Plan) -> Result<(), String> {
    let mismatch = journal.check_meets(plan).err();
    let judged = Judged { expectations: plan.expectations().len(), mismatch: mismatch.as_ref(), goes_on: false };
    std::fs::write(path, page::html(journal, judged)).map_err(|error| cannot_write(path, &error))
}

pub(super) fn cannot_write(path: &Path, error: &io::Error) -> String {
    format!("cannot write {}: {error}", path.display())
}

/// `journal.json` becomes `journal.NAME.json`.
fn beside(path: &Path, name: &str) -> PathBuf {
    match path.extension() {
        None => path.with_extension(name),
        Some(extension) => path.with_extension(format!("{name}.{}", extension.to_string_lossy())),
    }
}

pub(super) struct Conclusion<'a> {
    pub(super) sessions: &'a Sessions,
    pub(super) outputs: Outputs,
    /// Whether the expectations of the plan must be met.
    pub(super) asks: bool,
    /// Whether to say that they are met, and to doubt it where no request came.
    pub(super) tells: bool,
    /// Whether there must be no problems.
    pub(super) fails_on_problems: bool,
}

impl Conclusion<'_> {
    /// Writes all files, whatever one of them meets, and says what was found.
    pub(super) fn draw(&self) -> Done {
        let mut status = 0;
        let mut failures = Vec::new();
        let (mut attempts, mut events) = (0, 0);
        for session in self.sessions.all() {
            let journal = session.journal();
            failures.extend(self.outputs.write(session.name(), &journal, &session.origin().plan).err());
            attempts += journal.attempts_in_all();
            events += journal.published_in_all();
            let unmet = if self.asks && session.name().is_none() {
                journal.check_meets(&session.origin().plan).err()
            } else {
                None
            };
            let problems = if self.fails_on_problems { journal.check_no_problems().err() } else { None };
            for mismatch in unmet.into_iter().chain(problems) {
                let session = session.name().map(|name| format!("session {name}: ")).unwrap_or_default();
                complain(&format!("{session}{mismatch}"));
                status = FOUND;
            }
        }
        if self.tells && status == 0 {
            status = self.tell(attempts, events);
        }
        if failures.is_empty() { Ok(status) } else { Err(failures.join("; ")) }
    }
    /// Says in one line that all expectations are met. They hold of nothing, too, where nobody came; unless one of them
    /// asks for that, it is a finding.
    fn tell(&self, attempts: usize, events: usize) -> u8 {
        let plan = &self.sessions.default().origin().plan;
        let expectations = plan.expectations();
        if expectations.is_empty() {
            return 0;
        }
        if attempts == 0 && !expectations.iter().any(Expectation::asks_for_silence) {
            complain(
                "no request came. Does the command use AWS_ENDPOINT_URL, and does it wait for its publisher? Where nothing \
                 is to be published, expect { \"publishedCount\": 0 }",
            );
            return FOUND;
        }
        complain(&format!(
            "{} met, {} published in {}",
            count(expectations.len(), "expectation"),
            count(events, "event"),
            count(attempts, "attempt")
        ));
        0
    }
}
