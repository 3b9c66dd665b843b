//! What is checked, and how.

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

/// Searches the small schedules of faults for one with which a publisher loses or doubles an event, or breaks another
/// [rule](Judge), and hands back the smallest one.
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
/// let report = PublisherCheck::of(orders) // It chooses how many.
///     .identified_by("/orderId")
/// #   .keeping_nothing()
///     .run(async |eventbridge, orders| publish(eventbridge, orders).await);
/// // report.assert_well_behaved();
/// assert!(report.check_well_behaved().is_err()); // This one publishes nothing.
/// ```
///
/// Each run has a mock of its own [in process](MockEventBridge::in_process), on a runtime of its own with a paused clock, so
/// a search of a thousand runs takes seconds; the test is a plain `#[test]`. What goes wrong in a run is a set of deviations
/// from the good one: an entry that is throttled at its second try, an answer that is lost. All runs with one deviation come
/// first, then all with two, and so on, as far as the publisher reaches them. So the first failure has as few faults as any.
/// On virtual time answers take a millisecond, and when the publisher is done it is watched for five more minutes.
///
/// The closure gets the mock and the events to publish, and says what the publisher [reported](Reported): `Ok` and `Err`
/// are understood, `()` says nothing, and [`Reported`] can name events. From what was sent alone about half of all bugs
/// show, with `Ok` or `Err` nearly all. When the closure is done the publisher is taken to be done as well: it waits for its
/// tasks, or flushes its buffer.
///
/// Schedules with which a rule was broken are kept, in a file in `putevents-mock-schedules/` beside the `Cargo.toml` of the crate
/// under test. They run first the next time. A schedule that passes is taken out, and the report says so.
///
/// All that can be said of a publisher and of the search has a method:
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
///     .sized(|order, bytes| Order { note: "x".repeat(bytes), ..order }) // Splitting by bytes is tried as well.
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
/// assert!(report.check_well_behaved().is_err()); // This one publishes nothing.
/// ```
///
/// # What it does not show
///
/// Only what a publisher does with the answers of PutEvents: not crashes of its process between two runs, not the order of
/// threads, not slow disks. Only workloads that were run: the report names what no run had, such as a batch near the limits.
/// A passing search says that no schedule within its bounds shows a bug, and says the bounds.
///
#[doc = include_str!("../../docs/schedules.md")]
#[must_use = "nothing is checked until it is run"]
pub struct PublisherCheck<E> {
    events: E,
    settings: Settings,
}

/// All of a check but its events.
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

/// The events of a check that chooses how many there are: those of [`PublisherCheck::of`].
pub struct AnyNumber<T> {
    make: Box<dyn Fn(usize) -> Vec<T> + Send + Sync>,
    sized: Option<Box<dyn Fn(T, usize) -> T + Send + Sync>>,
}

/// The events of a publisher that chooses them itself: those of [`PublisherCheck::of_own_events`].
pub struct OwnEvents(());

/// More of them are no small schedule's any more.
const MAX_REQUESTS: usize = 300;
const TIME_LIMIT: Duration = Duration::from_secs(60 * 60);
/// How long a publisher is watched when it is done.
const AFTERWARDS: Duration = Duration::from_secs(5 * 60);
const SCHEDULE_VARIABLE: &str = "PUTEVENTS_MOCK_SCHEDULE";

impl<T: Clone + Send + Sync + 'static> PublisherCheck<AnyNumber<T>> {
    /// Checks a publisher of these events. The check asks for one to 21 of them. Each must be unlike the others.
    pub fn of(events: impl Fn(usize) -> Vec<T> + Send + Sync + 'static) -> Self {
        Self::new(AnyNumber { make: Box::new(events), sized: None })
    }

    /// How to make an event whose entry has about this many bytes, so that splitting by size can be tried as well, with entries
    /// of two fifths of a request's limit and one that is larger than the limit:
    /// `sized(|mut order, bytes| { order.note = "x".repeat(bytes); order })`.
    pub fn sized(mut self, make: impl Fn(T, usize) -> T + Send + Sync + 'static) -> Self {
        self.events.sized = Some(Box::new(make));
        self
    }

    /// Runs the publisher with all schedules of the scope.
    ///
    /// # Panics
    ///
    /// If the schedule to be [replayed](Self::replay) is none.
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
    /// Checks a publisher that always publishes the same events, which it chooses itself. Fewer things can be tried with it
    /// than where [the check chooses](PublisherCheck::of) how many events there are.
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

    /// Runs the publisher with all schedules of the scope.
    ///
    /// # Panics
    ///
    /// If the schedule to be [replayed](Self::replay) is none.
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

/// # What an event is, and what is expected
impl<E> PublisherCheck<E> {
    /// Two entries are the same event where their details hold the same at this JSON pointer, as with
    /// [`Ledger::identify_by`](crate::Ledger::identify_by). Without it their content says so, which does not work for a
    /// publisher that writes something new into each try or each run.
    ///
    /// # Panics
    ///
    /// If `pointer` is neither empty nor begins with `/`.
    #[track_caller]
    pub fn identified_by(mut self, pointer: impl Into<String>) -> Self {
        self.settings.identify_by = Some(crate::matcher::checked(pointer.into()));
        self
    }

    /// A publisher may give an event up after this many tries, those of its SDK included, if it reports it as failed. Who gives up
    /// after fewer tries breaks the rule [`GivenUpEarly`](Judge::GivenUpEarly). The default is 3.
    pub fn may_give_up_after(mut self, tries: usize) -> Self {
        self.settings.policy.tries_at_least = tries;
        self
    }

    /// A publisher may make this many calls for one event; the tries that its SDK makes within a call are not counted. Who makes
    /// more breaks the rule [`Unbounded`](Judge::Unbounded). The default is 10.
    pub fn calls_at_most(mut self, calls: usize) -> Self {
        self.settings.policy.calls_at_most = calls;
        self
    }

    /// The publisher promises to keep the order of all events.
    pub fn keeps_order(mut self) -> Self {
        self.settings.policy.order = Some(None);
        self
    }

    /// The publisher promises to keep the order of those events whose details hold the same at this JSON pointer.
    ///
    /// # Panics
    ///
    /// If `pointer` is neither empty nor begins with `/`.
    #[track_caller]
    pub fn keeps_order_by(mut self, pointer: impl Into<String>) -> Self {
        self.settings.policy.order = Some(Some(crate::matcher::checked(pointer.into())));
        self
    }

    /// What stands at this JSON pointer in the details may differ from try to try, such as the number of the try.
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

    /// The limits of the service, for the mocks and for the rule [`Oversized`](Judge::Oversized). The default is
    /// [today's](Limits::current).
    pub fn limits(mut self, limits: Limits) -> Self {
        self.settings.policy.limits = limits;
        self
    }

    /// Does not hold the publisher to a rule. The report says so, with the reason.
    pub fn without(mut self, judge: Judge, reason: impl Into<String>) -> Self {
        self.settings.policy.without.push((judge, reason.into()));
        self
    }
}

/// # How much is searched
impl<E> PublisherCheck<E> {
    /// At most 60 schedules: those with one deviation of two and three events, with the most telling letters.
    pub fn smoke(mut self) -> Self {
        self.settings.scale = Scale::Smoke;
        self
    }

    /// What `putevents-mock explore` searches, for a measurement of how much it finds.
    #[doc(hidden)]
    pub fn telling(mut self) -> Self {
        self.settings.scale = Scale::Telling;
        self
    }

    /// All schedules of so many events with at most so many deviations, for the benchmark.
    #[doc(hidden)]
    pub fn tree(mut self, events: usize, deviations: usize, merges: bool) -> Self {
        self.settings.scale = Scale::Tree { events, deviations, merges };
        self
    }

    /// Also four events, three deviations of two events, malformed answers, and what the default leaves out because a sibling
    /// stands for it. It takes minutes.
    pub fn thorough(mut self) -> Self {
        self.settings.scale = Scale::Thorough;
        self
    }

    /// This many schedules at random, with up to four deviations each and up to three events. The seed gives the same ones again.
    pub fn random(mut self, seed: u64, schedules: usize) -> Self {
        self.settings.scale = Scale::Random { seed, schedules };
        self
    }

    /// Runs no more schedules than this, beside those that look at a finding again. The default is 5,000; it is 60 for
    /// [`smoke`](Self::smoke), and 200,000 for [`thorough`](Self::thorough).
    pub fn schedules_at_most(mut self, schedules: usize) -> Self {
        self.settings.schedules = Some(schedules);
        self
    }

    /// Begins no further runs after this real time, which is looked at after every 512 of them. The default is one minute; it is
    /// ten seconds for [`smoke`](Self::smoke), and ten minutes for [`thorough`](Self::thorough). The report says how much was left out.
    pub fn for_at_most(mut self, time: Duration) -> Self {
        self.settings.time = Some(time);
        self
    }

    /// Searches one part of so many, counted from 1: `shard(2, 4)`. The parts share only the runs without faults, and together
    /// they are the whole.
    ///
    /// # Panics
    ///
    /// If there is no such part.
    #[track_caller]
    pub fn shard(mut self, part: usize, of: usize) -> Self {
        assert!((1..=of).contains(&part), "there is no part {part} of {of}: write shard(1, {of}) to shard({of}, {of})");
        self.settings.shard = (part - 1, of);
        self
    }

    /// Ends once it has found this rule broken, with the smallest schedule that shows it.
    pub fn until(mut self, judge: Judge) -> Self {
        self.settings.until = Some(judge);
        self
    }

    /// Runs on so many threads, at least one. The default is as many as the machine can run at once. The report does not depend
    /// on it.
    pub fn threads(mut self, threads: usize) -> Self {
        self.settings.threads = Some(threads);
        self
    }

    /// Runs this one schedule, such as `"R,A"`, and no other, but for the runs without faults. So does the environment variable
    /// `PUTEVENTS_MOCK_SCHEDULE`, where this was not called. Nothing is kept then.
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

/// # How the publisher is run
impl<E> PublisherCheck<E> {
    /// Runs against mocks with a socket, on real time, for a publisher that has an HTTP client of its own or blocks. Every
    /// wait then takes as long as it takes, the SDK's back-off among them, so searches become a hundred or a thousand times
    /// slower: bound them with [`for_at_most`](Self::for_at_most).
    pub fn over_socket(mut self) -> Self {
        self.settings.over_socket = true;
        self
    }

    /// Stops a publisher that is not done after this time, and takes it for one that does not [end](Judge::Endless). The default is
    /// an hour, of virtual time but for [`over_socket`](Self::over_socket). Where a run on virtual time holds its thread
    /// for 20 seconds of real time, the search ends.
    pub fn time_limit(mut self, time: Duration) -> Self {
        self.settings.time_limit = time;
        self
    }

    /// Stops a publisher that has made so many requests in one run, and takes it for one that does not [end](Judge::Endless). The
    /// default is 300.
    pub fn requests_at_most(mut self, requests: usize) -> Self {
        self.settings.max_requests = requests;
        self
    }

    /// How the mocks differ from the default: their buses, their account, their answers to other operations.
    pub fn on_mocks(
        mut self,
        configure: impl Fn(MockEventBridgeBuilder) -> MockEventBridgeBuilder + Send + Sync + 'static,
    ) -> Self {
        self.settings.configure = Box::new(configure);
        self
    }

    /// The name under which schedules that failed are kept. The default is the name of the test. On the main thread, which has
    /// no name of its own, nothing is kept without one.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.settings.name = Some(name.into());
        self
    }

    /// The folder in which schedules that failed are kept. The default is `putevents-mock-schedules` beside the manifest of the
    /// crate under test.
    pub fn kept_in(mut self, folder: impl Into<PathBuf>) -> Self {
        self.settings.folder = Some(folder.into());
        self
    }

    /// Keeps no schedules that failed, and runs none of those that were kept.
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
                Err(error) => panic!("there is no schedule to replay: {error}"),
            };
            let (explored, run) = search.replay(workloads.adapted(&schedule));
            return PublisherReport::of_replay(explored, run, self.policy, self.identify_by, caller);
        }
        // A test runs on a thread of its name. What runs on the main thread has none.
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
            // Nobody prints the report of a check that passes.
            kept.notes.iter().for_each(|note| eprintln!("schedules that failed: {note}"));
        }
        PublisherReport::new(explored, workloads, self.policy, self.identify_by, kept, caller)
    }
}

/// The folder for schedules that failed, beside the manifest of the crate under test.
const FOLDER: &str = "putevents-mock-schedules";

/// The schedules that a check of this name has kept. `CARGO_MANIFEST_DIR` is where cargo runs a test.
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
            // Two of them fit into a request, and three do not.
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
