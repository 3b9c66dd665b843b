//! The results of a server that has ended: files, reports and an exit status.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::args::Mock;
use super::case::{Case, Outcome};
use super::junit::Suite;
use super::{Done, FOUND, complain, github};
use crate::admin::{Origin, Session, Sessions, add_to};
use crate::expect::Mismatch;
use crate::files::{Expectation, Plan};
use crate::journal::Journal;
use crate::live::Live;
use crate::page;
use crate::service::Operation;
use crate::whole_file;
use crate::words::count;

/// The files that are written at the end.
pub(super) struct Outputs {
    journal: Option<PathBuf>,
    html: Option<PathBuf>,
    junit: Option<PathBuf>,
    /// The plan. Its name is the class of the report's cases.
    plan: Option<PathBuf>,
}

impl Outputs {
    /// Checks at the start that the files can be written at the end.
    pub(super) fn prepare(mock: &Mock) -> Result<Self, String> {
        for path in mock.journal_file.iter().chain(&mock.html_file).chain(&mock.junit) {
            check_writable(path)?;
        }
        Ok(Self {
            journal: mock.journal_file.clone(),
            html: mock.html_file.clone(),
            junit: mock.junit.clone(),
            plan: mock.plan.clone(),
        })
    }

    /// Writes the JUnit report.
    fn write_report(&self, cases: &[Case], mock: &Live, started: SystemTime) -> Result<(), String> {
        let Some(path) = &self.junit else { return Ok(()) };
        // A dot would start another package.
        let plan = self.plan.as_deref().and_then(Path::file_stem).map(|stem| stem.to_string_lossy().replace('.', "-"));
        let class = plan.map_or_else(|| "putevents-mock".to_owned(), |plan| format!("putevents-mock.{plan}"));
        let took = mock.date().duration_since(started).unwrap_or_default();
        let suite = Suite { class: &class, seed: mock.journal().seed(), started, took };
        whole_file::write(path, suite.of(cases)).map_err(|error| cannot_write(path, &error))
    }

    /// Writes the journal of one session.
    fn write_journal(&self, session: &Received) -> Result<(), String> {
        let Some(path) = self.journal.as_deref().map(|path| session.beside(path)) else { return Ok(()) };
        let Received { name, is_deleted, journal, .. } = session;
        let name = name.as_deref().map(|name| ("session", name.into()));
        let deleted = is_deleted.then(|| ("deleted", true.into()));
        let text = journal.to_file_text(name.into_iter().chain(deleted));
        whole_file::write(&path, text).map_err(|error| cannot_write(&path, &error))
    }

    /// Writes the page of one session.
    fn write_page(&self, session: &Received) -> Result<(), String> {
        let Some(path) = self.html.as_deref().map(|path| session.beside(path)) else { return Ok(()) };
        write_html(&path, &session.journal, &session.origin.plan)
    }
}

/// Checks that a file can be written, and leaves it unchanged.
pub(super) fn check_writable(path: &Path) -> Result<(), String> {
    whole_file::check(path).map_err(|error| cannot_write(path, &error))
}

/// Writes the page of a journal, with the expectations that are not met at the top.
pub(super) fn write_html(path: &Path, journal: &Journal, plan: &Plan) -> Result<(), String> {
    let mismatch = journal.check_meets(plan).err();
    let judged = page::Judged { expectations: plan.expectations().len(), mismatch: mismatch.as_ref(), goes_on: false };
    whole_file::write(path, page::html(journal, judged)).map_err(|error| cannot_write(path, &error))
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

pub(super) struct Conclusion {
    pub(super) sessions: Arc<Sessions>,
    pub(super) received: Vec<Received>,
    pub(super) outputs: Outputs,
    pub(super) started: SystemTime,
    /// Whether the expectations of the plan must be met.
    pub(super) asks: bool,
    /// Whether to print that they are met, and to fail if no request for PutEvents came.
    pub(super) tells: bool,
    /// Whether a problem fails the command.
    pub(super) fails_on_problems: bool,
    /// Whether to annotate on GitHub.
    pub(super) annotates: bool,
}

/// A session at the end.
pub(super) struct Received {
    name: Option<String>,
    is_deleted: bool,
    /// The text before the extensions of its files.
    suffix: Option<String>,
    journal: Journal,
    origin: Arc<Origin>,
}

impl Received {
    /// All sessions, and the deleted sessions that were kept.
    pub(super) fn all(sessions: &Sessions) -> Vec<Self> {
        let mut suffixes = BTreeSet::new();
        let there: Vec<Self> = sessions
            .all()
            .iter()
            .map(|session| {
                let suffix = session.name().map(str::to_owned);
                suffixes.extend(suffix.clone());
                Self::of(session, false, suffix)
            })
            .collect();
        let deleted = sessions.deleted();
        let deleted = deleted.sessions().map(|session| {
            let suffix = suffix_of_deleted(session.name().unwrap_or_default(), &mut suffixes);
            Self::of(session, true, Some(suffix))
        });
        there.into_iter().chain(deleted).collect()
    }

    fn of(session: &Session, is_deleted: bool, suffix: Option<String>) -> Self {
        let name = session.name().map(str::to_owned);
        Self { name, is_deleted, suffix, journal: session.journal(), origin: session.origin() }
    }

    fn beside(&self, path: &Path) -> PathBuf {
        self.suffix.as_ref().map_or_else(|| path.to_owned(), |suffix| beside(path, suffix))
    }
}

/// `NAME.deleted`, or `NAME.deleted-2` and so on if another file has that name.
fn suffix_of_deleted(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut suffix = format!("{name}.deleted");
    for number in 2.. {
        if taken.insert(suffix.clone()) {
            break;
        }
        suffix = format!("{name}.deleted-{number}");
    }
    suffix
}

/// The results of all sessions.
#[derive(Default)]
struct Found {
    cases: Vec<Case>,
    /// The errors of files that could not be written.
    unwritten: Vec<String>,
    attempts: usize,
    events: usize,
    /// The number of requests for each operation.
    asked: BTreeMap<Operation, usize>,
    /// Expectations that are not met.
    unmet: usize,
    problems: usize,
    status: u8,
}

impl Conclusion {
    /// Writes the journals. Returns the errors of files that could not be written.
    pub(super) fn write_journals(&self) -> Vec<String> {
        self.received.iter().filter_map(|session| self.outputs.write_journal(session).err()).collect()
    }

    /// Judges, and writes all other files. A file that cannot be written does not stop the others.
    pub(super) fn judge(&self, unwritten: Vec<String>) -> Done {
        let mut found = Found { unwritten, ..Found::default() };
        let origin = self.sessions.default().origin();
        let expectations = origin.plan.expectations();
        let deleted = self.sessions.deleted();
        for judged in &self.received {
            found.unwritten.extend(self.outputs.write_page(judged).err());
            if !judged.is_deleted {
                found.attempts += judged.journal.attempts_in_all();
                found.events += judged.journal.published_in_all();
                add_to(&mut found.asked, judged.journal.asked());
            }
            if judged.name.is_none() {
                self.judge_expectations(&origin.plan, &judged.journal, &mut found);
            }
            self.judge_problems(judged, &mut found);
        }
        found.attempts += deleted.attempts;
        found.events += deleted.events;
        add_to(&mut found.asked, &deleted.asked);
        if deleted.forgotten > 0 {
            let sessions = count(deleted.forgotten, "deleted session");
            complain(&format!(
                "the journals of {sessions} were dropped for newer ones, to stay within --journal-limit"
            ));
        }
        if self.asks && found.unmet > 0 && self.is_all_in_other_sessions(&found) {
            complain(
                "all requests went to sessions, and the plan is checked for the default session only: leave --plan out, and check \
                 the expectations of each session with POST /_mock/sessions/NAME/assertions",
            );
        }
        if self.tells && found.status == 0 && !expectations.is_empty() {
            doubt(expectations, &mut found);
        }
        let line = closing_line(expectations.len(), &found);
        if self.tells && found.status == 0 && !expectations.is_empty() {
            complain(&line);
        }
        let has_judged = self.fails_on_problems || self.asks && !expectations.is_empty();
        if self.annotates && has_judged && github::is_here() {
            let _ = io::stderr().write_all(github::annotations(&found.cases).as_bytes());
            let written = github::summarize(&line, &found.cases);
            found.unwritten.extend(written.err().map(|error| format!("cannot write the summary of the step: {error}")));
        }
        found
            .unwritten
            .extend(self.outputs.write_report(&found.cases, self.sessions.default().mock(), self.started).err());
        if found.unwritten.is_empty() { Ok(found.status) } else { Err(found.unwritten.join("\n")) }
    }

    /// Returns whether sessions received requests and the default session received none.
    fn is_all_in_other_sessions(&self, found: &Found) -> bool {
        let in_default = |judged: &&Received| judged.name.is_none() && judged.journal.attempts_in_all() > 0;
        found.attempts > 0 && !self.received.iter().any(|judged| in_default(&judged))
    }

    /// Reports that there was no time to judge. The JUnit report says so too, so that no older report stays in its place.
    pub(super) fn cut_off(&self, unwritten: Vec<String>, message: String) -> Done {
        let outcome = Outcome::Fails { kind: "CutOff".to_owned(), report: message.clone() };
        let case = Case { name: "the traffic was judged in time".to_owned(), outcome };
        let written = self.outputs.write_report(&[case], self.sessions.default().mock(), self.started);
        Err(unwritten.into_iter().chain(written.err()).chain([message]).collect::<Vec<_>>().join("\n"))
    }

    /// Judges the expectations of the default session's plan.
    fn judge_expectations(&self, plan: &Plan, journal: &Journal, found: &mut Found) {
        if !self.asks && self.outputs.junit.is_none() {
            return;
        }
        let unmet = journal.check_meets(plan).err();
        let each = unmet.as_ref().map(Mismatch::unmet).unwrap_or_default();
        found.cases.extend(plan.expectations().iter().enumerate().map(|(index, expectation)| {
            let mismatch = each.iter().find(|(unmet, _)| *unmet == index).map(|(_, mismatch)| mismatch);
            Case::new(format!("{}: {expectation}", expectation.place()), mismatch)
        }));
        found.unmet = each.len();
        if let Some(mismatch) = unmet.filter(|_| self.asks) {
            complain(&mismatch.to_string());
            found.status = FOUND;
        }
    }

    fn judge_problems(&self, judged: &Received, found: &mut Found) {
        let Received { name, is_deleted, journal, .. } = judged;
        let deleted = if *is_deleted { " (deleted)" } else { "" };
        let session = name.as_ref().map(|name| format!("session {name}{deleted}: ")).unwrap_or_default();
        let problems = journal.check_no_problems().err();
        let mut case = Case::new(format!("{session}no problems in the traffic"), problems.as_ref());
        if let Some(mismatch) = problems {
            found.problems += journal.problems().len();
            if self.fails_on_problems {
                complain(&format!("{session}{mismatch}"));
                found.status = FOUND;
            } else {
                let report = mismatch.to_string();
                let first = report.lines().next().unwrap_or_default();
                case.outcome = Outcome::Excused(format!("{first}, and no --fail-on-problems"));
            }
        }
        found.cases.push(case);
    }
}

/// Adds a finding if no request for PutEvents came. Many expectations are met without a request, so this is a finding unless one of
/// them expects silence.
fn doubt(expectations: &[Expectation], found: &mut Found) {
    if found.asked.contains_key(&Operation::PUT_EVENTS) || expectations.iter().any(Expectation::asks_for_silence) {
        return;
    }
    let what = match others(found) {
        others if others.is_empty() => {
            "no request came. Does the command use AWS_ENDPOINT_URL_EVENTBRIDGE, and does it wait for its publisher?"
                .to_owned()
        }
        others => {
            format!(
                "no request for PutEvents came, only {}. Does the command wait for its publisher?",
                others.join(", ")
            )
        }
    };
    let report = format!("{what} If nothing is to be published, expect {{ \"publishedCount\": 0 }}");
    complain(&report);
    found.status = FOUND;
    let outcome = Outcome::Fails { kind: "NoRequest".to_owned(), report };
    found.cases.push(Case { name: "a request for PutEvents came".to_owned(), outcome });
}

/// The requests that are not for PutEvents: `2 for DescribeEventBus`.
fn others(found: &Found) -> Vec<String> {
    let named = found.asked.iter().filter(|(operation, _)| !operation.is_put_events());
    let mut others: Vec<String> = named.map(|(operation, requests)| format!("{requests} for {operation}")).collect();
    let unnamed = found.attempts.saturating_sub(found.asked.values().sum());
    others.extend((unnamed > 0).then(|| format!("{unnamed} for no operation of EventBridge")));
    others
}

/// The last line: the results, and the amount of traffic.
fn closing_line(expectations: usize, found: &Found) -> String {
    let expected = match (expectations, found.unmet) {
        (0, _) => None,
        (all, 0) => Some(format!("{} met", count(all, "expectation"))),
        (all, 1) => Some(format!("1 of {} is not met", count(all, "expectation"))),
        (all, unmet) => Some(format!("{unmet} of {all} expectations are not met")),
    };
    let problems = (found.problems > 0).then(|| format!("{} in the traffic", count(found.problems, "problem")));
    let traffic = format!("{} published in {}", count(found.events, "event"), count(found.attempts, "attempt"));
    expected.into_iter().chain(problems).chain([traffic]).collect::<Vec<_>>().join(", ")
}
