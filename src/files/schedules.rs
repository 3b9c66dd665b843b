//! The file of schedules that failed once. They run first in each later check. The file is meant to be committed.
//!
//! The file holds schedules and no seeds, so it keeps its meaning when the publisher, the scope or this crate changes.

use std::fs;
use std::path::PathBuf;

use crate::explore::{Explored, Schedule, Workloads};
use crate::report;
use crate::whole_file;

const HEAD: &str = "# Schedules of faults that failed once. They run first. Commit this file.\n";

/// The schedules that a check has kept.
pub(crate) struct Kept {
    path: Option<PathBuf>,
    schedules: Vec<Schedule>,
    /// Lines that are no schedules.
    unreadable: Vec<String>,
}

/// What was done to the file.
#[derive(Debug, Default)]
pub(crate) struct Keeping {
    /// Sentences for the report.
    pub(crate) notes: Vec<String>,
}

impl Kept {
    pub(crate) fn nowhere() -> Self {
        Self { path: None, schedules: Vec::new(), unreadable: Vec::new() }
    }

    /// Reads the schedules of this file. A file that does not exist is made when there is a schedule to keep.
    pub(crate) fn at(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let (mut schedules, mut unreadable) = (Vec::new(), Vec::new());
        for line in text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()) {
            match line.parse() {
                _ if line.is_empty() => {}
                Ok(schedule) => schedules.push(schedule),
                Err(_) => unreadable.push(line.to_owned()),
            }
        }
        Self { path: Some(path), schedules, unreadable }
    }

    /// Adapts the schedules to these workloads.
    pub(crate) fn of(mut self, workloads: Workloads) -> Self {
        self.schedules = self.schedules.iter().map(|schedule| workloads.adapted(schedule)).collect();
        self
    }

    pub(crate) fn schedules(&self) -> impl Iterator<Item = Schedule> {
        self.schedules.clone().into_iter()
    }

    /// Writes the schedules that fail into the file, and removes those that pass.
    pub(crate) fn keep(self, explored: &Explored) -> Keeping {
        let mut keeping = Keeping::default();
        let Some(path) = &self.path else { return keeping };
        let fixed = explored.kept.iter().filter(|(_, is_blamed)| !is_blamed);
        keeping.notes.extend(
            fixed.map(|(schedule, _)| format!("{schedule} failed before and passes now: it is no longer kept")),
        );
        keeping.notes.extend(
            self.unreadable.iter().map(|line| format!("{line:?} is not a schedule: the line is kept unchanged")),
        );
        let lines = self.lines(explored);
        if lines.is_empty() && self.unreadable.is_empty() {
            if path.exists() && fs::remove_file(path).is_err() {
                keeping.notes.push(format!("{} could not be removed", path.display()));
            }
            return keeping;
        }
        let text: String = lines.iter().map(|(schedule, words)| format!("{schedule}  # {words}\n")).collect();
        let unreadable: String = self.unreadable.iter().map(|line| format!("{line}\n")).collect();
        let text = format!("{HEAD}{text}{unreadable}");
        if fs::read_to_string(path).is_ok_and(|there| there == text) {
            keeping.notes.push(format!("{} (they run first)", path.display()));
            return keeping;
        }
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| whole_file::write(path, text));
        keeping.notes.push(match written {
            Ok(()) => format!("{} (they run first from now on)", path.display()),
            Err(error) => format!("not kept, because {} cannot be written: {error}", path.display()),
        });
        keeping
    }

    /// The lines of the file: each schedule with its comment.
    fn lines(&self, explored: &Explored) -> Vec<(String, String)> {
        let mut lines: Vec<(String, String)> = Vec::new();
        for finding in &explored.findings {
            let known = explored.known_of(&finding.run.schedule);
            let words = format!(
                "{}: {}",
                finding.violation.judge.name(),
                report::schedule_in_words(&finding.run.schedule, known)
            );
            match lines.iter_mut().find(|(text, _)| *text == finding.run.schedule.to_string()) {
                Some((_, all)) => all.push_str(&format!("; {}", finding.violation.judge.name())),
                None => lines.push((finding.run.schedule.to_string(), words)),
            }
        }
        let blamed = explored.kept.iter().filter(|(_, is_blamed)| *is_blamed).map(|(schedule, _)| schedule.to_string());
        for schedule in blamed
            .filter(|text| explored.findings.iter().all(|it| it.run.schedule.to_string() != *text))
            .collect::<Vec<_>>()
        {
            lines.push((schedule, "still fails".to_owned()));
        }
        // A search can end before it has run all of them.
        let was_run = |schedule: &Schedule| explored.kept.iter().any(|(run, _)| run == schedule);
        let not_run = self.schedules.iter().filter(|schedule| !was_run(schedule)).map(ToString::to_string);
        for schedule in not_run.filter(|text| lines.iter().all(|(line, _)| line != text)).collect::<Vec<_>>() {
            lines.push((schedule, "was not run".to_owned()));
        }
        lines
    }
}
