//! The settings of a check, and its start.

use std::future::Future;
use std::marker::PhantomData;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::outcome::PublisherReport;
use super::progress;
use super::runner::{Publishes, Stage};
use crate::check::Reported;
use crate::explore::{Judge, Policy, Scale, Schedule, Search, Workload, Workloads};
use crate::files::Kept;
use crate::mock::{MockEventBridge, MockEventBridgeBuilder};
use crate::report::end_progress;
use crate::service::Limits;

/// A search for the smallest schedule of faults with which a publisher loses or doubles an event, or breaks another [rule](Judge).
///
/// ```
/// # #[derive(Clone)] struct Order { id: u64 }
/// # async fn publish(_: &putevents_mock::MockEventBridge, orders: Vec<Order>) -> Result<(), ()> { Err(()) }
/// use putevents_mock::PublisherCheck;
///
/// fn orders(count: usize) -> Vec<Order> {
///     (0..count as u64).map(|id| Order { id }).collect()
/// }
///
/// let report = PublisherCheck::of(orders) // The check chooses how many events.
///     .identified_by("/orderId")
/// #   .keeping_nothing()
///     .run(async |eventbridge, orders| publish(eventbridge, orders).await);
/// // report.assert_well_behaved();
/// assert!(report.check_well_behaved().is_err()); // This publisher publishes nothing.
/// ```
///
/// Call it in a plain `#[test]`. Each run has a new mock [in process](MockEventBridge::in_process), on a new runtime with a paused
/// clock. So a search of a thousand runs takes seconds. On virtual time each reply takes a millisecond. When the publisher is done,
/// the check watches it for five more minutes.
///
/// The faults of a run are deviations from the run without faults: an entry that is throttled at its second try, a reply that is
/// lost. The search makes all runs with one deviation first, then all runs with two, and so on, as far as the publisher reaches
/// them. So no failing schedule has fewer faults than the first one that it finds.
///
/// The closure gets the mock and the events to publish. It returns what the publisher [reported](Reported): `Ok`, `Err`, or a
/// [`Reported`] that names events. `()` reports nothing. The requests alone show about half of all bugs; with `Ok` or `Err` nearly
/// all show. When the closure returns, the publisher must be done: let the closure wait for its tasks, or flush its buffer.
///
/// The check keeps the schedules with which a rule was broken, in a file in `putevents-mock-schedules/` beside the `Cargo.toml` of
/// the crate under test. The next check runs them first. It removes a schedule that passes, and the report says so.
///
/// Each setting of the publisher and of the search has a method:
///
/// ```
/// # #[derive(Clone)] struct Order { id: u64, note: String }
/// # async fn publish(_: &putevents_mock::MockEventBridge, orders: Vec<Order>) -> Result<(), ()> { Err(()) }
/// # fn orders(count: usize) -> Vec<Order> {
/// #     (0..count as u64).map(|id| Order { id, note: String::new() }).collect()
/// # }
/// use std::time::Duration;
/// use putevents_mock::publisher_check::Judge;
/// use putevents_mock::{Limits, PublisherCheck};
///
/// let report = PublisherCheck::of(orders)
///     .sized(|order, bytes| Order { note: "x".repeat(bytes), ..order }) // Tries splitting by bytes too.
///     .identified_by("/orderId")
///     .may_give_up_after(2)
///     .calls_at_most(20)
///     .keeps_order_by("/customerId")
///     .may_change("/meta/attempt")
///     .limits(Limits::before_2026())
///     .without(Judge::Hasty, "a queue paces it")
///     .smoke()
///     .schedules_at_most(50)
///     .for_at_most(Duration::from_secs(5))
///     .threads(2)
///     .shard(1, 4)
///     .time_limit(Duration::from_secs(10 * 60))
///     .requests_at_most(100)
///     .on_mocks(|builder| builder.known_buses(["orders"]))
///     .named("orders")
/// #   .keeping_nothing()
///     .run(async |eventbridge, orders| publish(eventbridge, orders).await);
/// assert!(report.check_well_behaved().is_err()); // This publisher publishes nothing.
/// ```
///
/// # What it does not show
///
/// The check shows what a publisher does with the replies of PutEvents. It does not try crashes of the process, the order of
/// threads, or slow disks. It tries only the workloads that were run: the report names what no run had, such as a batch near the
/// limits. A search that passes says that no schedule within its bounds shows a bug, and names the bounds.
///
#[doc = include_str!("../../docs/schedules.md")]
#[must_use = "nothing is checked until it is run"]
pub struct PublisherCheck<E> {
    events: E,
    settings: Settings,
}

/// The settings of a check, without its events.
struct Settings {
    identify_by: Option<String>,
    scale: Scale,
    policy: Policy,
    schedules: Option<usize>,
    time: Option<Duration>,
    shard: (usize, usize),
    until: Option<Judge>,
    threads: Option<usize>,
    over_socket: bool,
    max_requests: usize,
    time_limit: Duration,
    replay: Option<String>,
    name: Option<String>,
    folder: Option<PathBuf>,
    keeps: bool,
    configure: Box<dyn Fn(MockEventBridgeBuilder) -> MockEventBridgeBuilder + Send + Sync>,
}

/// The events of a [`PublisherCheck::of`]: the check chooses how many there are.
pub struct AnyNumber<T> {
    make: Box<dyn Fn(usize) -> Vec<T> + Send + Sync>,
    sized: Option<Box<dyn Fn(T, usize) -> T + Send + Sync>>,
}

/// The events of a [`PublisherCheck::of_own_events`]: the publisher chooses them itself.
pub struct OwnEvents(());

/// The default bound on the requests of a run. No small schedule needs more.
const MAX_REQUESTS: usize = 300;
const TIME_LIMIT: Duration = Duration::from_secs(60 * 60);
/// The time for which a publisher is watched after it is done.
const AFTERWARDS: Duration = Duration::from_secs(5 * 60);
const SCHEDULE_VARIABLE: &str = "PUTEVENTS_MOCK_SCHEDULE";

impl<T: Clone + Send + Sync + 'static> PublisherCheck<AnyNumber<T>> {
    /// Makes a check of a publisher of these events. The check asks for 1 to 21 events. Each must differ from the others.
    pub fn of(events: impl Fn(usize) -> Vec<T> + Send + Sync + 'static) -> Self {
        Self::new(AnyNumber { make: Box::new(events), sized: None })
    }

    /// Tries splitting by size too. `make` returns the event with a detail so long that its entry has about this many bytes:
    /// `sized(|mut order, bytes| { order.note = "x".repeat(bytes); order })`. The check asks for entries of two fifths of a
    /// request's limit, and for one entry that is larger than the limit.
    pub fn sized(mut self, make: impl Fn(T, usize) -> T + Send + Sync + 'static) -> Self {
        self.events.sized = Some(Box::new(make));
        self
    }

    /// Runs the publisher with all schedules of the search, and returns the report. A panic of the publisher is a finding, and does
    /// not leave this method.
    ///
    /// # Panics
    ///
    /// If the schedule to [replay](Self::replay) cannot be parsed.
    #[track_caller]
    pub fn run<R, P>(self, publish: P) -> PublisherReport
    where
        R: Into<Reported> + 'static,
        P: AsyncFn(&MockEventBridge, Vec<T>) -> R + Send + Sync + 'static,
    {
        let workloads = Workloads {
            any_number: true,
            equal: self.settings.identify_by.is_none(),
            sized: self.events.sized.is_some(),
        };
        let publisher = WithEvents { events: self.events, publish, says: PhantomData };
        self.settings.explore(publisher, workloads, Location::caller())
    }
}

impl PublisherCheck<OwnEvents> {
    /// Makes a check of a publisher that chooses its events itself. It must publish the same events in each run. The check tries
    /// less than if [it chooses](PublisherCheck::of) how many events there are.
    ///
    /// ```
    /// # async fn publish_the_outbox(_: &putevents_mock::MockEventBridge) {}
    /// use putevents_mock::PublisherCheck;
    ///
    /// let report = PublisherCheck::of_own_events()
    ///     .identified_by("/orderId")
    /// #   .keeping_nothing()
    ///     .run(async |eventbridge| publish_the_outbox(eventbridge).await);
    /// assert!(report.check_at_least_once().is_err()); // Nothing was published, so nothing could be judged.
    /// ```
    pub fn of_own_events() -> Self {
        Self::new(OwnEvents(()))
    }

    /// Runs the publisher with all schedules of the search, and returns the report. A panic of the publisher is a finding, and does
    /// not leave this method.
    ///
    /// # Panics
    ///
    /// If the schedule to [replay](Self::replay) cannot be parsed.
    #[track_caller]
    pub fn run<R, P>(self, publish: P) -> PublisherReport
    where
        R: Into<Reported> + 'static,
        P: AsyncFn(&MockEventBridge) -> R + Send + Sync + 'static,
    {
        let workloads = Workloads { any_number: false, equal: false, sized: false };
        let publisher = WithoutEvents { publish, says: PhantomData };
        self.settings.explore(publisher, workloads, Location::caller())
    }
}

impl<E> PublisherCheck<E> {
    fn new(events: E) -> Self {
        let settings = Settings {
            identify_by: None,
            scale: Scale::Standard,
            policy: Policy::default(),
            schedules: None,
            time: None,
            shard: (0, 1),
            until: None,
            threads: None,
            over_socket: false,
            max_requests: MAX_REQUESTS,
            time_limit: TIME_LIMIT,
            replay: None,
            name: None,
            folder: None,
            keeps: true,
            configure: Box::new(|builder| builder),
        };
        Self { events, settings }
    }
}

/// # Identify events, and say what is expected
impl<E> PublisherCheck<E> {
    /// Identifies events by the value at this JSON pointer in their details, as [`Ledger::identify_by`](crate::Ledger::identify_by)
    /// does. Without this call, two entries with the same content are the same event. That does not work for a publisher that
    /// writes something new into each try or each run.
    ///
    /// # Panics
    ///
    /// If `pointer` is neither empty nor begins with `/`.
    #[track_caller]
    pub fn identified_by(mut self, pointer: impl Into<String>) -> Self {
        self.settings.identify_by = Some(crate::matcher::checked(pointer.into()));
        self
    }

    /// Lets the publisher give up an event after this many tries, if it reports the event as failed. Tries of its SDK count. The
    /// default is 3. With fewer tries the publisher breaks the rule [`GivenUpEarly`](Judge::GivenUpEarly).
    pub fn may_give_up_after(mut self, tries: usize) -> Self {
        self.settings.policy.tries_at_least = tries;
        self
    }

    /// Lets the publisher make this many calls for one event. Tries of its SDK within a call do not count. The default is 10. With
    /// more calls the publisher breaks the rule [`Unbounded`](Judge::Unbounded).
    pub fn calls_at_most(mut self, calls: usize) -> Self {
        self.settings.policy.calls_at_most = calls;
        self
    }

    /// Expects the publisher to keep the order of all events: see [`OutOfOrder`](Judge::OutOfOrder). By default no order is
    /// expected.
    pub fn keeps_order(mut self) -> Self {
        self.settings.policy.order = Some(None);
        self
    }

    /// Expects the publisher to keep the order of events with the same value at this JSON pointer in their details: see
    /// [`OutOfOrder`](Judge::OutOfOrder).
    ///
    /// # Panics
    ///
    /// If `pointer` is neither empty nor begins with `/`.
    #[track_caller]
    pub fn keeps_order_by(mut self, pointer: impl Into<String>) -> Self {
        self.settings.policy.order = Some(Some(crate::matcher::checked(pointer.into())));
        self
    }

    /// Allows the value at this JSON pointer in the details to differ between the tries of an event, such as the number of the try:
    /// see [`Changed`](Judge::Changed).
    ///
    /// # Panics
    ///
    /// If `pointer` is neither empty nor begins with `/`.
    #[track_caller]
    pub fn may_change(mut self, pointer: impl Into<String>) -> Self {
        let Policy { alike, .. } = &mut self.settings.policy;
        *alike = std::mem::take(alike).except_detail_at(pointer);
        self
    }

    /// Sets the limits of the service, for the mocks and for the rule [`Oversized`](Judge::Oversized). The default is
    /// [`Limits::current`]: those of AWS today.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.settings.policy.limits = limits;
        self
    }

    /// Excludes a rule from the check. The report names the rule and the reason.
    pub fn without(mut self, judge: Judge, reason: impl Into<String>) -> Self {
        self.settings.policy.without.push((judge, reason.into()));
        self
    }
}

/// # Set how much is searched
impl<E> PublisherCheck<E> {
    /// Searches at most 60 schedules: one deviation of two or three events, with the letters that find the most bugs.
    pub fn smoke(mut self) -> Self {
        self.settings.scale = Scale::Smoke;
        self
    }

    /// Searches what `putevents-mock explore` searches, to measure how much it finds.
    #[doc(hidden)]
    pub fn telling(mut self) -> Self {
        self.settings.scale = Scale::Telling;
        self
    }

    /// Searches all schedules of `events` events with at most `deviations` deviations, for the benchmark.
    #[doc(hidden)]
    pub fn tree(mut self, events: usize, deviations: usize, merges: bool) -> Self {
        self.settings.scale = Scale::Tree { events, deviations, merges };
        self
    }

    /// Searches more, for minutes: also four events, three deviations of two events, malformed replies, and the schedules that the
    /// default leaves out because a similar one had the same effect.
    pub fn thorough(mut self) -> Self {
        self.settings.scale = Scale::Thorough;
        self
    }

    /// Searches this many random schedules, with up to four deviations and up to three events each. The same seed draws the same
    /// schedules.
    pub fn random(mut self, seed: u64, schedules: usize) -> Self {
        self.settings.scale = Scale::Random { seed, schedules };
        self
    }

    /// Runs at most this many schedules. Runs that repeat or shrink a finding do not count. The default is 5,000; with
    /// [`smoke`](Self::smoke) it is 60, and with [`thorough`](Self::thorough) it is 200,000.
    pub fn schedules_at_most(mut self, schedules: usize) -> Self {
        self.settings.schedules = Some(schedules);
        self
    }

    /// Searches for at most this real time. The default is one minute; with [`smoke`](Self::smoke) it is ten seconds, and with
    /// [`thorough`](Self::thorough) it is ten minutes. The check reads the clock after every 512 runs. The report says how much was
    /// left out.
    pub fn for_at_most(mut self, time: Duration) -> Self {
        self.settings.time = Some(time);
        self
    }

    /// Searches one part of a search that is split into `of` parts. `part` counts from 1: `shard(2, 4)` is the second of four.
    /// Together the parts are the whole search. They share only the runs without faults.
    ///
    /// # Panics
    ///
    /// If `part` is 0, or larger than `of`.
    #[track_caller]
    pub fn shard(mut self, part: usize, of: usize) -> Self {
        assert!((1..=of).contains(&part), "there is no part {part} of {of}: write shard(1, {of}) to shard({of}, {of})");
        self.settings.shard = (part - 1, of);
        self
    }

    /// Ends the search when it has found the smallest schedule that breaks this rule.
    pub fn until(mut self, judge: Judge) -> Self {
        self.settings.until = Some(judge);
        self
    }

    /// Runs on this many threads; 0 counts as 1. The default is the number that the machine can run at once. The report does not
    /// depend on it.
    pub fn threads(mut self, threads: usize) -> Self {
        self.settings.threads = Some(threads);
        self
    }

    /// Runs this one schedule, such as `"R,A"`, and the runs without faults. Without this call, the environment variable
    /// `PUTEVENTS_MOCK_SCHEDULE` does the same. A replay keeps no schedules.
    ///
    /// ```
    /// # async fn publish(_: &putevents_mock::MockEventBridge, orders: Vec<u64>) -> Result<(), ()> { Err(()) }
    /// # use putevents_mock::PublisherCheck;
    /// let report = PublisherCheck::of(|count| (0..count as u64).collect())
    ///     .identified_by("/orderId")
    ///     .replay("R,A")
    ///     .run(async |eventbridge, orders| publish(eventbridge, orders).await);
    /// ```
    pub fn replay(mut self, schedule: impl Into<String>) -> Self {
        self.settings.replay = Some(schedule.into());
        self
    }
}

/// # Set how the publisher runs
impl<E> PublisherCheck<E> {
    /// Runs against mocks with a socket, in real time, for a publisher that blocks or has another HTTP client. Every wait takes
    /// real time, also the back-off of the SDK. So a search is a hundred to a thousand times slower: bound it with
    /// [`for_at_most`](Self::for_at_most).
    pub fn over_socket(mut self) -> Self {
        self.settings.over_socket = true;
        self
    }

    /// Stops a publisher that is not done after this time: it breaks the rule [`Endless`](Judge::Endless). The default is an hour.
    /// The time is virtual, or real with [`over_socket`](Self::over_socket). If a run on virtual time holds its thread for 20
    /// seconds of real time, the search ends.
    pub fn time_limit(mut self, time: Duration) -> Self {
        self.settings.time_limit = time;
        self
    }

    /// Stops a publisher that makes this many requests in one run: it breaks the rule [`Endless`](Judge::Endless). The default is
    /// 300.
    pub fn requests_at_most(mut self, requests: usize) -> Self {
        self.settings.max_requests = requests;
        self
    }

    /// Changes the settings of the mocks: their event buses, their account, their answers to other operations.
    pub fn on_mocks(
        mut self,
        configure: impl Fn(MockEventBridgeBuilder) -> MockEventBridgeBuilder + Send + Sync + 'static,
    ) -> Self {
        self.settings.configure = Box::new(configure);
        self
    }

    /// Sets the name under which schedules that failed are kept. The default is the name of the test's thread, which is the name of
    /// the test. On the main thread there is no default, and nothing is kept without this call.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.settings.name = Some(name.into());
        self
    }

    /// Sets the folder in which schedules that failed are kept. The default is `putevents-mock-schedules` beside the `Cargo.toml`
    /// of the crate under test.
    pub fn kept_in(mut self, folder: impl Into<PathBuf>) -> Self {
        self.settings.folder = Some(folder.into());
        self
    }

    /// Keeps no schedules that failed, and does not run the schedules that were kept before.
    pub fn keeping_nothing(mut self) -> Self {
        self.settings.keeps = false;
        self
    }
}

impl Settings {
    fn explore<P: Publishes>(
        self,
        publisher: P,
        workloads: Workloads,
        caller: &'static Location<'static>,
    ) -> PublisherReport {
        let mut scope = self.scale.scope(&workloads);
        scope.max_schedules = self.schedules.unwrap_or(scope.max_schedules);
        scope.max_time = self.time.unwrap_or(scope.max_time);
        scope.shard = self.shard;
        scope.until = self.until;
        scope.threads = self.threads.unwrap_or(scope.threads);
        let configure = self.configure;
        let limits = self.policy.limits;
        let stage = Stage {
            publisher,
            configure: Box::new(move |builder| configure(builder.limits(limits))),
            over_socket: self.over_socket,
            max_requests: self.max_requests,
            time_limit: self.time_limit,
            afterwards: if self.over_socket { Duration::from_millis(100) } else { AFTERWARDS },
            began: progress::now(),
        };
        if self.over_socket {
            scope.guard = scope.guard.max(self.time_limit.min(Duration::from_secs(60)) + Duration::from_secs(10));
        }
        let search = Search::new(Arc::new(stage), scope, self.policy.clone(), self.identify_by.clone());
        let replay = self.replay.or_else(|| std::env::var(SCHEDULE_VARIABLE).ok().filter(|text| !text.is_empty()));
        if let Some(text) = replay {
            let schedule = match text.parse::<Schedule>() {
                Ok(schedule) => schedule,
                Err(error) => panic!("the schedule to replay cannot be parsed: {error}"),
            };
            let (explored, run) = search.replay(workloads.adapted(&schedule));
            return PublisherReport::of_replay(explored, run, self.policy, self.identify_by, caller);
        }
        // The thread of a test has the name of the test. The main thread has no such name.
        let of_thread = || std::thread::current().name().filter(|name| *name != "main").map(str::to_owned);
        let kept = match self.name.or_else(of_thread) {
            Some(name) if self.keeps => kept_for(&name, self.folder),
            _ => Kept::nowhere(),
        };
        let kept = kept.of(workloads);
        let first = kept.schedules().collect();
        let explored = search.telling(progress::line()).explore(first);
        end_progress();
        let kept = kept.keep(&explored);
        if explored.findings.is_empty() {
            // The report of a check that passes is not printed.
            kept.notes.iter().for_each(|note| eprintln!("schedules that failed: {note}"));
        }
        PublisherReport::new(explored, workloads, self.policy, self.identify_by, kept, caller)
    }
}

/// The default folder for schedules that failed, beside the manifest of the crate under test.
const FOLDER: &str = "putevents-mock-schedules";

/// The schedules that a check of this name has kept. Cargo sets `CARGO_MANIFEST_DIR` when it runs a test.
fn kept_for(name: &str, folder: Option<PathBuf>) -> Kept {
    let beside = || std::env::var_os("CARGO_MANIFEST_DIR").map(|manifest| Path::new(&manifest).join(FOLDER));
    let Some(folder) = folder.or_else(beside) else { return Kept::nowhere() };
    let name: String = name.chars().map(|c| if c.is_alphanumeric() || "-_".contains(c) { c } else { '.' }).collect();
    Kept::at(folder.join(format!("{}.txt", name.replace("..", "."))))
}

struct WithEvents<T, R, P> {
    events: AnyNumber<T>,
    publish: P,
    says: PhantomData<fn() -> R>,
}

impl<T: Clone + Send + Sync + 'static> AnyNumber<T> {
    fn events(&self, workload: Workload) -> Vec<T> {
        let limits = Limits::current();
        let sized =
            |event: &T, bytes: usize| self.sized.as_ref().map_or(event.clone(), |make| make(event.clone(), bytes));
        let three = || (self.make)(3);
        match workload {
            Workload::Own => Vec::new(),
            Workload::Plain(events) => (self.make)(events),
            Workload::Equal => match &(self.make)(2)[..] {
                [one, other, ..] => vec![one.clone(), one.clone(), other.clone()],
                other => other.to_vec(),
            },
            // Two events fit into a request, and three do not.
            Workload::Near => three().iter().map(|event| sized(event, limits.max_request_size() * 2 / 5)).collect(),
            Workload::Large => {
                let large = |(place, event)| {
                    if place == 1 { sized(event, limits.max_request_size() + 1_000) } else { event.clone() }
                };
                three().iter().enumerate().map(large).collect()
            }
        }
    }
}

impl<T, R, P> Publishes for WithEvents<T, R, P>
where
    T: Clone + Send + Sync + 'static,
    R: Into<Reported> + 'static,
    P: AsyncFn(&MockEventBridge, Vec<T>) -> R + Send + Sync + 'static,
{
    fn publish<'a>(
        &'a self,
        eventbridge: &'a MockEventBridge,
        workload: Workload,
    ) -> Pin<Box<dyn Future<Output = Reported> + 'a>> {
        let events = self.events.events(workload);
        Box::pin(async move { (self.publish)(eventbridge, events).await.into() })
    }

    fn given(&self, workload: Workload) -> Option<usize> {
        Some(self.events.events(workload).len())
    }
}

struct WithoutEvents<R, P> {
    publish: P,
    says: PhantomData<fn() -> R>,
}

impl<R, P> Publishes for WithoutEvents<R, P>
where
    R: Into<Reported> + 'static,
    P: AsyncFn(&MockEventBridge) -> R + Send + Sync + 'static,
{
    fn publish<'a>(
        &'a self,
        eventbridge: &'a MockEventBridge,
        _: Workload,
    ) -> Pin<Box<dyn Future<Output = Reported> + 'a>> {
        Box::pin(async move { (self.publish)(eventbridge).await.into() })
    }

    fn given(&self, _: Workload) -> Option<usize> {
        None
    }
}
