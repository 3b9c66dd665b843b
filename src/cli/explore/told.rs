//! The results of a search, for people and for programs.

use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::super::args::Explore;
use super::super::case::{Case, Outcome};
use super::super::conclusion::{cannot_write, check_writable};
use super::super::junit::Suite;
use super::super::{FOUND, say};
use super::caller;
use crate::explore::{Explored, Finding, Judge, Known, Run};
use crate::files::Plan;
use crate::report::{self, Asker, Searched};
use crate::whole_file;

/// The exit status if nothing could be judged.
const INCONCLUSIVE: u8 = 3;

/// The results of a search.
pub(super) struct Told {
    pub(super) explored: Explored,
    pub(super) searched: Searched,
    pub(super) replayed: Option<Run>,
    /// Sentences about kept schedules.
    pub(super) notes: Vec<String>,
    /// How the command failed in a run without faults.
    pub(super) failed: Option<String>,
    pub(super) is_interrupted: bool,
    pub(super) took: Duration,
}

/// Checks at the start that all files can be written at the end.
pub(super) fn prepare(flags: &Explore) -> Result<(), String> {
    let mut files = flags.json.iter().filter(|path| !is_standard(path)).chain(&flags.junit).chain(&flags.schedules);
    files.try_for_each(|path| check_writable(path))?;
    let folder = flags.html_dir.as_deref();
    folder.map_or(Ok(()), |folder| std::fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error)))
}

fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}

impl Told {
    /// Prints the report, writes all files, and returns the exit status. A file that cannot be written does not stop the others.
    pub(super) fn tell(&self, flags: &Explore) -> Result<u8, String> {
        let command: Vec<String> = flags.command.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let findings: Vec<&Finding> = self.explored.findings.iter().collect();
        let mut report = self.report(&findings, &command.join(" "));
        let publisher = if self.searched.asker == Asker::Caller { "publisher" } else { "command" };
        report.extend(self.failed.iter().map(|failed| format!("{publisher:<12}{failed}\n")));
        let status = self.status();
        let mut unwritten = Vec::new();
        match flags.json.as_deref() {
            Some(path) if is_standard(path) => {
                eprint_quietly(&report);
                say(&format!("{:#}\n", self.json(&command)));
            }
            Some(path) => {
                self.say(&report, status);
                unwritten.extend(write(path, &format!("{:#}\n", self.json(&command))).err());
            }
            None => self.say(&report, status),
        }
        if let Some(path) = &flags.junit {
            let suite = Suite { class: "putevents-mock.explore", seed: None, started: self.started(), took: self.took };
            unwritten.extend(write(path, &suite.of(&self.cases(&command.join(" ")))).err());
        }
        if let Some(folder) = &flags.html_dir {
            for (number, finding) in findings.iter().enumerate() {
                let path = folder.join(format!("{}-{}.html", number + 1, finding.violation.judge.name()));
                unwritten.extend(write(&path, &finding.run.journal().to_html()).err());
            }
        }
        if !unwritten.is_empty() {
            return Err(unwritten.join("\n"));
        }
        Ok(status)
    }

    fn status(&self) -> u8 {
        match (self.explored.findings.is_empty(), self.why_inconclusive()) {
            (false, _) => FOUND,
            (true, Some(_)) => INCONCLUSIVE,
            (true, None) => 0,
        }
    }

    /// Prints the report, for a program as the last line.
    fn say(&self, report: &str, status: u8) {
        match self.searched.asker {
            Asker::Caller => caller::write(&json!({ "status": status, "report": report })),
            Asker::Test | Asker::Command => say(report),
        }
    }

    fn report(&self, findings: &[&Finding], command: &str) -> String {
        report::explored(&self.explored, findings, &self.searched, &self.notes, self.replayed.as_ref(), command)
    }

    fn why_inconclusive(&self) -> Option<String> {
        report::why_inconclusive(&self.explored, self.replayed.as_ref(), self.searched.asker)
    }

    #[expect(clippy::disallowed_methods, reason = "a report says when it was made")]
    fn started(&self) -> SystemTime {
        SystemTime::now() - self.took
    }

    fn json(&self, command: &[String]) -> Value {
        let why = self.why_inconclusive();
        let verdict = match (self.explored.findings.is_empty(), &why) {
            (false, _) => "broken",
            (true, _) if self.is_interrupted => "interrupted",
            (true, Some(_)) => "inconclusive",
            (true, None) => "held",
        };
        let mut json = json!({
            "command": command,
            "verdict": verdict,
            "runs": self.explored.schedules,
            "unreached": self.explored.inconclusive,
            "findings": self.explored.findings.iter().map(|finding| self.finding(finding)).collect::<Vec<_>>(),
            "notes": self.notes.iter().chain(&self.failed).collect::<Vec<_>>(),
        });
        if let (Some(members), Some(why)) = (json.as_object_mut(), why) {
            members.insert("why".to_owned(), why.into());
        }
        json
    }

    fn finding(&self, finding: &Finding) -> Value {
        let Finding { violation, run, is_unsteady, .. } = finding;
        let known = self.known(run);
        let faults = self.explored.faults_of(&run.schedule, self.searched.identify_by.as_deref());
        json!({
            "judge": violation.judge.name(),
            "rule": violation.judge.rule(),
            "schedule": run.schedule.to_string(),
            "words": report::schedule_in_words(&run.schedule, known),
            "what": report::violation_in_words(violation, known, self.searched.asker),
            "event": violation.event.zip(known).map(|(event, known)| known.name(event)),
            "attempts": violation.what.attempts(),
            "steady": !is_unsteady,
            "plan": Plan::new(faults).to_json().ok(),
            "journal": run.journal().to_json(),
        })
    }

    fn known(&self, run: &Run) -> Option<&Known> {
        self.explored.known_of(&run.schedule)
    }

    /// The cases, one for each rule.
    fn cases(&self, command: &str) -> Vec<Case> {
        let why = self.why_inconclusive();
        let case = |judge: &Judge| Case {
            name: format!("{}: {}", judge.name(), judge.rule()),
            outcome: self.outcome(*judge, why.as_deref(), command),
        };
        Judge::ALL.iter().map(case).collect()
    }

    fn outcome(&self, judge: Judge, why: Option<&str>, command: &str) -> Outcome {
        let policy = &self.searched.policy;
        if let Some(finding) = self.explored.findings.iter().find(|finding| finding.violation.judge == judge) {
            let what = report::violation_in_words(&finding.violation, self.known(&finding.run), self.searched.asker);
            let report = format!("{what}\n\n{}", self.report(&[finding], command));
            return Outcome::Fails { kind: judge.name().to_owned(), report };
        }
        let excused = policy.without.iter().find(|(without, _)| *without == judge).map(|(_, reason)| reason.as_str());
        let no_order = (judge == Judge::OutOfOrder && policy.order.is_none()).then_some("no order is promised");
        let stopped = self.is_interrupted.then_some("the search was ended before");
        excused.or(no_order).or(why).or(stopped).map_or(Outcome::Holds, |reason| Outcome::Excused(reason.to_owned()))
    }
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    whole_file::write(path, text).map_err(|error| cannot_write(path, &error))
}

/// Prints on standard error, and ignores a closed pipe.
fn eprint_quietly(text: &str) {
    let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
}
