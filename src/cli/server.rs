//! The server that the flags describe.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::args::{Listen, Mock};
use crate::admin::{Origin, OwnNames, Sessions, Settings};
use crate::engine::{Engine, Setup};
use crate::files::Plan;
use crate::live::{Listener, Live};
use crate::mock::fresh_seed;
use crate::service::{Limits, ProblemCause};
use crate::transport::{self, Bounds, PortListener, Running};

/// The number of requests to the API that are answered or wait at once.
const API_PLACES: usize = 256;

pub(super) struct Server {
    sessions: Arc<Sessions>,
    running: Running,
    address: SocketAddr,
    started: SystemTime,
    region: Option<String>,
}

impl Server {
    /// Starts a server, or returns why it cannot start. `may_shut_out` says whether faults may make the API unreachable.
    pub(super) fn open(listen: &Listen, mock: &Mock, may_shut_out: bool) -> Result<Self, String> {
        let max_connections = usize::try_from(mock.network.max_connections).unwrap_or(usize::MAX);
        let bounds = Bounds { max_connections, ..bounds() }.received_within(mock.network.receive_timeout);
        let settings = settings(mock, listen.name.as_ref(), may_shut_out)?;
        let server = Self::with(settings, listen.address, bounds)?;
        server.mock().receiving().set_limit(mock.network.receive_limit.saturating_mul(1024 * 1024));
        Ok(server)
    }

    /// Starts a server on a free port, for one command, with a plan.
    pub(super) fn for_command(plan: Plan, limits: Limits) -> Result<Self, String> {
        let settings = Settings {
            engine: Engine::new(),
            setup: Setup { limits: Some(limits), ..Setup::default() },
            seed: None,
            other_seed: fresh_seed(),
            origin: Arc::new(Origin { plan, place: "the schedule".to_owned() }),
            may_shut_out: true,
            session_per_key: false,
            max_sessions: 0,
            question_timeout: Duration::from_secs(30),
            own_names: OwnNames::default(),
            max_deleted: 0,
        };
        Self::with(settings, SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0), bounds())
    }

    fn with(settings: Settings, listen: SocketAddr, bounds: Bounds) -> Result<Self, String> {
        let region = settings.setup.clone().or(settings.origin.plan.setup()).region;
        let taken = |error| format!("cannot listen on {listen}: {error}; --listen 127.0.0.1:0 takes a free port");
        let listener = Arc::new(PortListener::bind(listen).map_err(taken)?);
        let address = listener.address();
        let sessions = Sessions::new(settings, Arc::clone(&listener) as _).map_err(|error| error.to_string())?;
        let sessions = Arc::new(sessions);
        let host: Arc<Sessions> = Arc::clone(&sessions);
        let started = sessions.default().mock().date();
        Ok(Self { running: transport::start(host, listener, bounds), sessions, address, started, region })
    }

    pub(super) fn started(&self) -> SystemTime {
        self.started
    }

    /// The mock of the default session.
    pub(super) fn mock(&self) -> Arc<Live> {
        Arc::clone(self.sessions.default().mock())
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL for clients on this machine. For a server on all addresses it has the loopback address.
    pub(super) fn url(&self) -> String {
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            });
        }
        format!("http://{address}")
    }

    /// The region of the events, if a flag or the plan sets it.
    pub(super) fn region(&self) -> Option<String> {
        self.region.clone()
    }

    /// Stops the server, and does not wait for it longer than `limit`. Returns the sessions with their journals.
    pub(super) async fn stop(self, limit: Duration) -> Arc<Sessions> {
        if let Ok(Err(panic)) = tokio::time::timeout(limit, self.running.stop()).await {
            let mock = self.sessions.default().mock();
            mock.report(ProblemCause::server_failed(&panic));
        }
        self.sessions
    }
}

/// The default bounds, with places for the API.
fn bounds() -> Bounds {
    Bounds { max_of_host: API_PLACES, ..Bounds::default() }
}

fn settings(mock: &Mock, listen: Option<&String>, may_shut_out: bool) -> Result<Settings, String> {
    let origin = match &mock.plan {
        None => Origin::default(),
        Some(path) => {
            let plan = Plan::from_file(path).map_err(|error| error.to_string())?;
            Origin { plan, place: path.display().to_string() }
        }
    };
    let max_journal_size = mock.journal_limit.saturating_mul(1024 * 1024);
    if mock.shorten_keys && mock.session_per_key {
        return Err(
            "--shorten-keys and --session-per-key exclude each other, because sessions are named after whole keys: leave one of \
             them out"
                .to_owned()
        );
    }
    let engine = Engine::new().max_journal_size(max_journal_size);
    let engine = if mock.shorten_keys { engine.shorten_keys() } else { engine };
    let setup = Setup {
        limits: mock.limits,
        known_buses: (!mock.known_bus.is_empty()).then(|| mock.known_bus.clone()),
        strict_auth: mock.strict_auth,
        account: mock.account.clone(),
        region: mock.region.clone(),
        ..Setup::default()
    };
    Ok(Settings {
        engine,
        setup,
        seed: mock.seed,
        other_seed: fresh_seed(),
        origin: Arc::new(origin),
        may_shut_out,
        session_per_key: mock.session_per_key,
        max_sessions: mock.max_sessions,
        question_timeout: mock.question_timeout,
        own_names: OwnNames::new(listen.into_iter().chain(&mock.network.allow_host).cloned()),
        max_deleted: if mock.looks_at_journals() { max_journal_size } else { 0 },
    })
}
