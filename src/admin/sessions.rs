//! The mocks of a stand-alone server: one for each access key id with a session, and one for all other requests.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::answer::Refused;
use super::guard::OwnNames;
use super::questions::Questions;
use crate::engine::{Engine, Setup};
use crate::fault::{Fault, FaultId, Step};
use crate::files::Plan;
use crate::journal::Journal;
use crate::json::{FormatError, Wrong};
use crate::live::{Listener, Live};
use crate::service::{CredentialScope, Ids, Operation, ProblemCause, shortened};
use crate::words::{and, count, elided};

/// The most characters of an access key id (IAM API reference, `AccessKey`).
const MAX_NAME: usize = 128;

/// The settings of the server and of its mocks.
#[derive(Debug)]
pub(crate) struct Settings {
    /// An engine without faults.
    pub(crate) engine: Engine,
    /// The settings of the flags. They win over those of a plan.
    pub(crate) setup: Setup,
    /// The seed of the flags. It wins over that of a plan.
    pub(crate) seed: Option<u64>,
    /// The seed if neither the flags nor a plan have one.
    pub(crate) other_seed: u64,
    pub(crate) origin: Arc<Origin>,
    /// Whether faults of connections may make the API unreachable, because nothing uses it.
    pub(crate) may_shut_out: bool,
    /// Whether each access key gets a session with its first request.
    pub(crate) session_per_key: bool,
    /// The bound on sessions beside the default session. Each may hold a whole journal.
    pub(crate) max_sessions: usize,
    /// The limit of a question about a journal, for the wait for its turn and for the work.
    pub(crate) question_timeout: Duration,
    /// The names of the server.
    pub(crate) own_names: OwnNames,
    /// The bound in bytes on the journals of deleted sessions, which are kept until the server ends.
    pub(crate) max_deleted: usize,
}

/// The plan of a mock, and its place: a file, or the request that made the session.
#[derive(Debug, Default)]
pub(crate) struct Origin {
    pub(crate) plan: Plan,
    pub(crate) place: String,
}

/// The mocks behind one port.
pub(crate) struct Sessions {
    settings: Settings,
    default: Arc<Session>,
    named: Mutex<BTreeMap<String, Arc<Session>>>,
    deleted: Mutex<Deleted>,
    made: AtomicU64,
    questions: Questions,
}

/// The deleted sessions, while there is room for them.
#[derive(Clone, Default)]
pub(crate) struct Deleted {
    /// The sessions with requests or problems, each with the size of its journal; the oldest first.
    kept: VecDeque<(Arc<Session>, usize)>,
    /// The number of sessions that were dropped for newer ones.
    pub(crate) forgotten: usize,
    /// The attempts and the events of all deleted sessions.
    pub(crate) attempts: usize,
    pub(crate) events: usize,
    /// The number of requests for each operation.
    pub(crate) asked: BTreeMap<Operation, usize>,
}

impl Deleted {
    fn add(&mut self, session: Arc<Session>, settings: &Settings) {
        let max_size = settings.max_deleted;
        let journal = session.journal();
        self.attempts += journal.attempts_in_all();
        self.events += journal.published_in_all();
        add_to(&mut self.asked, journal.asked());
        if max_size == 0 || journal.attempts_in_all() == 0 && journal.problems().is_empty() {
            return;
        }
        self.kept.push_back((session, journal.memory()));
        let mut size: usize = self.kept.iter().map(|(_, size)| size).sum();
        while size > max_size || self.kept.len() > settings.max_sessions {
            let Some((_, oldest)) = self.kept.pop_front() else { break };
            size -= oldest;
            self.forgotten += 1;
        }
    }

    pub(crate) fn sessions(&self) -> impl Iterator<Item = &Arc<Session>> {
        self.kept.iter().map(|(session, _)| session)
    }
}

/// Adds numbers of requests for each operation.
pub(crate) fn add_to(all: &mut BTreeMap<Operation, usize>, more: &BTreeMap<Operation, usize>) {
    for (operation, requests) in more {
        *all.entry(*operation).or_default() += requests;
    }
}

/// One mock, and the plan with which it began.
pub(crate) struct Session {
    name: Option<String>,
    /// Tells it from earlier sessions with the same name.
    number: u64,
    mock: Arc<Live>,
    origin: Mutex<Arc<Origin>>,
}

impl Sessions {
    /// Makes the mocks of a new server: the default session.
    pub(crate) fn new(settings: Settings, listener: Arc<dyn Listener>) -> Result<Self, FormatError> {
        let origin = Arc::clone(&settings.origin);
        let engine = settings.engine(&origin, None)?;
        let default = Session::new(None, 0, Live::new(engine, Ids::random(), Some(listener)), origin);
        Ok(Self {
            questions: Questions::new(settings.question_timeout),
            settings,
            default: Arc::new(default),
            named: Mutex::default(),
            deleted: Mutex::default(),
            made: AtomicU64::new(1),
        })
    }

    pub(super) fn own_names(&self) -> &OwnNames {
        &self.settings.own_names
    }

    pub(crate) fn default(&self) -> &Arc<Session> {
        &self.default
    }

    pub(super) fn questions(&self) -> &Questions {
        &self.questions
    }

    /// All sessions, the default session first.
    pub(crate) fn all(&self) -> Vec<Arc<Session>> {
        std::iter::once(&self.default).chain(self.sessions().values()).cloned().collect()
    }

    /// The session for the requests with an access key.
    pub(super) fn for_key(&self, key: Option<&str>) -> Arc<Session> {
        let Some(key) = key else { return Arc::clone(&self.default) };
        if let Some(session) = self.sessions().get(key) {
            return Arc::clone(session);
        }
        let begun = if self.settings.session_per_key { self.begin_by_itself(key).ok() } else { None };
        begun.map_or_else(|| Arc::clone(&self.default), |(session, _)| session)
    }

    /// Reports an attempt whose access key got no session, if each key should get one. The problem belongs to the default session,
    /// which received the attempt.
    pub(super) fn tell_where_it_went(&self, by: &Live, attempt: usize) {
        if !self.settings.session_per_key || !std::ptr::eq(by, Arc::as_ptr(self.default.mock())) {
            return;
        }
        let Some(attempt) = by.ask(|engine| engine.record().attempt(attempt).cloned()) else { return };
        let Some(key) = attempt.credential_scope().map(CredentialScope::access_key) else { return };
        let why = match check_name(key) {
            Err(refused) => refused.message().to_owned(),
            Ok(()) if self.sessions().contains_key(key) => return, // Another request has just made it.
            Ok(()) => self.settings.no_more_sessions(),
        };
        by.report_of(attempt.number(), ProblemCause::no_session(key, &why).shortened());
    }

    fn begin_by_itself(&self, key: &str) -> Result<(Arc<Session>, bool), Refused> {
        check_name(key)?;
        self.begin_with(key, Arc::clone(&self.settings.origin))
    }

    pub(super) fn named(&self, name: &str) -> Result<Arc<Session>, Refused> {
        let found = self.sessions().get(name).cloned();
        found.ok_or_else(|| Refused::unknown(self.missing(name)))
    }

    /// The error for a session that does not exist. It says which session has received the requests instead.
    fn missing(&self, name: &str) -> String {
        let journal = self.default.mock.journal();
        let elsewhere = journal.attempts().iter().filter_map(|attempt| attempt.credential_scope());
        match elsewhere.filter(|scope| [name, &shortened(name)].contains(&scope.access_key())).count() {
            0 => format!("there is no session {name:?}: make it with PUT /_mock/sessions/{name}"),
            some => format!(
                "there is no session {name:?}, and {some} of the default session's attempts were signed with that access \
                 key id: make the session with PUT /_mock/sessions/{name} before the client begins"
            ),
        }
    }

    /// Says how requests reach a session that has received none, and where others went. `url` is that of the server.
    pub(super) fn how_to_reach(&self, session: &Session, url: &str) -> Option<String> {
        let name = session.name()?;
        if session.mock.journal().history().0 > 0 {
            return None;
        }
        let journal = self.default.mock.journal();
        let scopes = journal.attempts().iter().filter_map(|attempt| attempt.credential_scope());
        let keys: BTreeSet<&str> = scopes.map(CredentialScope::access_key).collect();
        let keys = and(&elided(keys.into_iter().map(str::to_owned).collect(), "more"));
        let others = match journal.history().0 {
            0 => "The default session has received no request either: was the client made before this session, or with an endpoint \
                  of its own?"
                .to_owned(),
            some => format!(
                "The default session has received {}, signed by {}: was the client made before this session, or with credentials of \
                 its own?",
                count(some, "request"),
                if keys.is_empty() { "nobody" } else { &keys }
            ),
        };
        Some(format!("Requests reach this session at {url} with the access key id {name}. {others}"))
    }

    /// Makes a session, or restarts it. `plan` is its plan as JSON, or empty for the plan of the server.
    pub(super) async fn begin(&self, name: &str, plan: &str) -> Result<(Arc<Session>, bool), Refused> {
        check_name(name)?;
        if plan.trim().is_empty() {
            return self.begin_with(name, Arc::clone(&self.settings.origin));
        }
        let (name, plan) = (name.to_owned(), plan.to_owned());
        let place = format!("session {name}");
        let read = self.questions.ask(move || plan.parse::<Plan>()).await?;
        let plan = read.map_err(|error| Refused::bad(error.to_string()))?;
        self.begin_with(&name, Arc::new(Origin { plan, place }))
    }

    fn begin_with(&self, name: &str, origin: Arc<Origin>) -> Result<(Arc<Session>, bool), Refused> {
        let engine = self.settings.engine(&origin, Some(name)).map_err(|error| Refused::bad(error.to_string()))?;
        let mut sessions = self.sessions();
        if let Some(session) = sessions.get(name) {
            session.mock.restart(engine);
            *session.locked_origin() = origin;
            return Ok((Arc::clone(session), false));
        }
        if sessions.len() >= self.settings.max_sessions {
            return Err(Refused::conflict(self.settings.no_more_sessions()));
        }
        let number = self.made.fetch_add(1, Relaxed);
        let session = Session::new(Some(name.to_owned()), number, Live::new(engine, Ids::random(), None), origin);
        let session = Arc::new(session);
        sessions.insert(name.to_owned(), Arc::clone(&session));
        Ok((session, true))
    }

    pub(super) fn remove(&self, name: &str) -> Result<(), Refused> {
        let removed = self.sessions().remove(name);
        let session = removed.ok_or_else(|| Refused::unknown(self.missing(name)))?;
        session.mock.close();
        self.locked_deleted().add(session, &self.settings);
        Ok(())
    }

    /// The deleted sessions.
    pub(crate) fn deleted(&self) -> Deleted {
        self.locked_deleted().clone()
    }

    fn locked_deleted(&self) -> MutexGuard<'_, Deleted> {
        self.deleted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Restarts a session with the plan that it began with.
    pub(super) fn reset(&self, session: &Session) -> Result<(), Refused> {
        let origin = session.origin();
        let engine = self.settings.engine(&origin, session.name.as_deref());
        session.mock.restart(engine.map_err(|error| Refused::bad(error.to_string()))?);
        Ok(())
    }

    /// Injects these faults: all of them, or none if one of them is refused.
    pub(super) fn inject(&self, session: &Session, faults: Vec<Fault>, at: &str) -> Result<Vec<FaultId>, Refused> {
        for fault in &faults {
            self.settings.check(fault, session.name.as_deref()).map_err(Refused::bad)?;
        }
        let mut engine = session.mock.faults();
        // On a copy, so that a refused fault leaves the engine unchanged.
        let mut changed = engine.clone();
        let ids = faults.into_iter().map(|fault| changed.try_inject(fault, at)).collect::<Result<Vec<_>, _>>();
        let ids = ids.map_err(|error| Refused::bad(error.in_file))?;
        *engine = changed;
        Ok(ids)
    }

    /// The name of a mock, for the log.
    pub(super) fn name_of(&self, mock: &Live) -> Option<String> {
        let is_it = |session: &&Arc<Session>| std::ptr::eq(Arc::as_ptr(&session.mock), mock);
        self.sessions().values().find(is_it).and_then(|session| session.name.clone())
    }

    fn sessions(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Session>>> {
        self.named.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Checks that a session can have this name.
fn check_name(name: &str) -> Result<(), Refused> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    if name.is_empty() || name.len() > MAX_NAME || !name.chars().all(is_plain) {
        return Err(Refused::bad(format!(
            "{name:?} cannot name a session: write an access key id, of 1 to {MAX_NAME} letters, digits, _, - and ."
        )));
    }
    Ok(())
}

impl Settings {
    /// The error if there are too many sessions.
    fn no_more_sessions(&self) -> String {
        let sessions = count(self.max_sessions, "session");
        format!("the server has {sessions} already: DELETE the sessions that are done, or raise --max-sessions")
    }

    /// Makes the engine of a session with the faults of its plan.
    fn engine(&self, origin: &Arc<Origin>, name: Option<&str>) -> Result<Engine, FormatError> {
        let (plan, file) = (&origin.plan, &origin.place);
        let is_inherited = name.is_some() && Arc::ptr_eq(origin, &self.origin);
        let engine = self.setup.clone().or(plan.setup()).apply(self.engine.clone());
        let mut engine = engine.seed(self.seed.or(plan.seed()).unwrap_or(self.other_seed));
        let mut wrong = Wrong::default();
        for (index, fault) in plan.faults().iter().enumerate() {
            if is_inherited && is_about_connections(fault) {
                continue; // The default session has this fault, for all sessions.
            }
            let place = format!("faults[{index}]");
            let injected = self.check(fault, name).and_then(|()| {
                let injected = engine.try_inject(fault.clone(), &format!("{file}: {place}"));
                injected.map_err(|error| error.in_file)
            });
            wrong.note(injected.map_err(|message| FormatError::new(place, message).in_file(file)));
        }
        wrong.unless(engine)
    }

    /// Checks that a session can have this fault.
    fn check(&self, fault: &Fault, name: Option<&str>) -> Result<(), String> {
        let step = fault.effect.step();
        if name.is_some() && is_about_connections(fault) {
            return Err(format!(
                "{fault}: a connection has no access key id before its first request, so only the default session can have \
                 this"
            ));
        }
        if self.may_shut_out {
            return Ok(());
        }
        match step {
            Step::Listen => Err(format!(
                "{fault}: this would make the API unreachable too, so that the fault could not be lifted: stop the server instead, \
                 or use putevents-mock run"
            )),
            Step::Connect if fault.when.times.is_none() => Err(format!(
                "{fault}: this would make the API unreachable too, so that the fault could not be lifted: add \"times\""
            )),
            _ => Ok(()),
        }
    }
}

fn is_about_connections(fault: &Fault) -> bool {
    matches!(fault.effect.step(), Step::Listen | Step::Connect)
}

impl Session {
    fn new(name: Option<String>, number: u64, mock: Live, origin: Arc<Origin>) -> Self {
        Self { name, number, mock: Arc::new(mock), origin: Mutex::new(origin) }
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub(crate) fn mock(&self) -> &Arc<Live> {
        &self.mock
    }

    pub(crate) fn journal(&self) -> Journal {
        self.mock.journal()
    }

    /// The plan with which it began.
    pub(crate) fn origin(&self) -> Arc<Origin> {
        Arc::clone(&self.locked_origin())
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn summary(&self) -> Value {
        let journal = self.journal();
        json!({
            "name": self.name,
            "attempts": journal.attempts_in_all(),
            "published": journal.published_in_all(),
        })
    }

    fn locked_origin(&self) -> MutexGuard<'_, Arc<Origin>> {
        self.origin.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
