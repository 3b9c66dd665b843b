//! Reports a runtime that is blocked, or that no thread drives. The mock on such a runtime cannot answer, and cannot report it
//! itself.
//!
//! One thread watches all servers of the process, in real time. It sleeps until the system reports that a connection or bytes have
//! come, so a mock without clients costs nothing. It then looks at that server twice a second until nothing waits there. If
//! something waits to be accepted or read, it wakes the task of the server. A runtime that is alive runs that task before the next
//! look, also if a fault holds, delays or stalls a reply, and also if the clock of the runtime is paused.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::panic::Location;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::task::Waker;
use std::thread;
use std::time::{Duration, Instant};

use super::readiness::{Arrivals, Bell, Look, Number, Numbered, number_of};

/// The time between two looks at a server.
const PAUSE: Duration = Duration::from_millis(500);
/// A look that comes later than this proves nothing: the process was stopped, or the machine is too busy.
const LATE: Duration = Duration::from_millis(1_000);
/// The number of looks without a run of the task that are reported.
const LOOKS: u32 = 4;
/// The number of looks at nothing after which a server is not watched until something comes.
const QUIET_LOOKS: u32 = 4;

/// A server that is watched.
pub(super) struct Post {
    name: usize,
    /// The place at which its mock was started.
    place: &'static Location<'static>,
    /// The sockets of its listener and its connections, while they are open.
    sockets: Mutex<BTreeSet<Number>>,
    /// The number of times that its task has run.
    turns: AtomicU64,
    task: Mutex<Option<Waker>>,
}

/// A socket that the lookout may look at. It must be dropped before the socket is closed: another socket may get the number then.
pub(super) struct Mark {
    post: Arc<Post>,
    socket: Number,
}

impl Post {
    pub(super) fn new(place: &'static Location<'static>) -> Arc<Self> {
        static NAMES: AtomicUsize = AtomicUsize::new(0);
        let post = Arc::new(Self {
            name: NAMES.fetch_add(1, Relaxed),
            place,
            sockets: Mutex::default(),
            turns: AtomicU64::new(0),
            task: Mutex::default(),
        });
        if let Some(lookout) = lookout() {
            locked(&lookout.posts).insert(post.name, Arc::downgrade(&post));
        }
        post
    }

    /// Watches this socket from now on.
    pub(super) fn mark(self: &Arc<Self>, socket: &impl Numbered) -> Mark {
        let socket = number_of(socket);
        locked(&self.sockets).insert(socket);
        if let Some(lookout) = lookout() {
            lookout.bell.at(socket, self.name);
        }
        Mark { post: Arc::clone(self), socket }
    }

    /// Records that the task of the server runs.
    pub(super) fn turn(&self, task: &Waker) {
        self.turns.fetch_add(1, Relaxed);
        let mut known = locked(&self.task);
        match &mut *known {
            Some(known) => known.clone_from(task),
            unknown => *unknown = Some(task.clone()),
        }
    }

    fn wake_task(&self) {
        let task = locked(&self.task).clone();
        if let Some(task) = task {
            task.wake();
        }
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        if let Some(lookout) = lookout() {
            locked(&lookout.posts).remove(&self.name);
        }
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        locked(&self.post.sockets).remove(&self.socket);
    }
}

struct Lookout {
    posts: Mutex<BTreeMap<usize, Weak<Post>>>,
    bell: Bell,
}

/// The lookout of the process, which starts with the first server; `None` if it cannot start.
fn lookout() -> Option<&'static Lookout> {
    static LOOKOUT: OnceLock<Option<Arc<Lookout>>> = OnceLock::new();
    let start = || {
        let (arrivals, bell) = Arrivals::new().ok()?;
        let look = Look::new().ok()?;
        let lookout = Arc::new(Lookout { posts: Mutex::default(), bell });
        let on_thread = Arc::clone(&lookout);
        let run = move || drop(on_thread.run(arrivals, look));
        thread::Builder::new().name("putevents-lookout".into()).spawn(run).ok()?;
        Some(lookout)
    };
    LOOKOUT.get_or_init(start).as_deref()
}

impl Lookout {
    #[expect(clippy::disallowed_methods, reason = "this is a module of real time")]
    fn run(&self, mut arrivals: Arrivals, mut look: Look) -> io::Result<()> {
        let mut awake: BTreeMap<usize, Suspicion> = BTreeMap::new();
        loop {
            let last_look = Instant::now();
            let arrived = if awake.is_empty() {
                arrivals.wait(None)?
            } else {
                thread::sleep(PAUSE);
                arrivals.wait(Some(Duration::ZERO))?
            };
            let is_late = !awake.is_empty() && last_look.elapsed() > LATE;
            for name in arrived {
                awake.entry(name).or_default();
            }
            awake.retain(|name, suspicion| self.look_at(*name, suspicion, is_late, &mut look));
        }
    }

    /// Looks at a server. Returns whether to look again.
    fn look_at(&self, name: usize, suspicion: &mut Suspicion, is_late: bool, look: &mut Look) -> bool {
        let Some(post) = locked(&self.posts).get(&name).and_then(Weak::upgrade) else { return false };
        match suspicion.judge(&post.seen(is_late, look)) {
            Next::LeaveAlone => return false,
            Next::LookAgain => {}
            Next::Wake => post.wake_task(),
            Next::Tell => {
                locked(&self.posts).remove(&name);
                // The test harness captures `eprintln!` for the test that started this thread.
                let _ = io::stderr().write_all(words(post.place).as_bytes());
                return false;
            }
        }
        true
    }
}

impl Post {
    fn seen(&self, is_late: bool, look: &mut Look) -> Seen {
        let turns = self.turns.load(Relaxed);
        // No socket is closed under the lock.
        let is_waiting = look.is_anything_waiting(&*locked(&self.sockets));
        Seen { is_waiting, turns, is_late }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn words(place: &Location<'_>) -> String {
    format!(
        "putevents-mock: a client has waited for 2 s, and the runtime of the mock that was started at {place} does nothing. \
         Either a blocking call inside the async test holds that runtime (a blocking client, a joined thread), or it is the \
         runtime of another test, and no thread drives it now. Start the mock with MockEventBridge::start_blocking(), which serves on another \
         thread.\n"
    )
}

/// One look at a server.
struct Seen {
    is_waiting: bool,
    turns: u64,
    is_late: bool,
}

enum Next {
    LeaveAlone,
    LookAgain,
    /// Wake the task of the server, so that it shows that it is alive.
    Wake,
    Tell,
}

/// The result of the looks at a server so far.
#[derive(Default)]
struct Suspicion {
    /// The number of runs of its task when something was first seen waiting.
    turns: Option<u64>,
    /// The looks after that without a run of the task.
    looks: u32,
    quiet_looks: u32,
}

impl Suspicion {
    fn judge(&mut self, seen: &Seen) -> Next {
        if !seen.is_waiting {
            self.quiet_looks += 1;
            (self.turns, self.looks) = (None, 0);
            return if self.quiet_looks < QUIET_LOOKS { Next::LookAgain } else { Next::LeaveAlone };
        }
        self.quiet_looks = 0;
        if seen.is_late || self.turns != Some(seen.turns) {
            (self.turns, self.looks) = (Some(seen.turns), 0);
            return Next::Wake;
        }
        self.looks += 1;
        if self.looks < LOOKS { Next::Wake } else { Next::Tell }
    }
}

#[cfg(test)]
mod tests {
    use super::{LOOKS, Next, QUIET_LOOKS, Seen, Suspicion};

    const WAITING: Seen = Seen { is_waiting: true, turns: 7, is_late: false };

    /// The number of looks after which it is reported.
    fn told_after(looks: impl IntoIterator<Item = Seen>) -> Option<usize> {
        let mut suspicion = Suspicion::default();
        looks.into_iter().position(|seen| matches!(suspicion.judge(&seen), Next::Tell))
    }

    fn always(seen: impl Fn(u64) -> Seen) -> impl Iterator<Item = Seen> {
        (0..100).map(seen)
    }

    #[test]
    fn a_client_that_waits_without_a_turn_of_the_task_is_told_of() {
        assert_eq!(told_after(always(|_| WAITING)), Some(LOOKS as usize));
        assert_eq!(told_after(always(|_| Seen { turns: 0, ..WAITING })), Some(LOOKS as usize), "it never had one");
    }

    #[test]
    fn a_runtime_that_is_alive_is_never_told_of_however_long_a_client_waits() {
        assert_eq!(told_after(always(|look| Seen { turns: look, ..WAITING })), None);
        assert_eq!(told_after(always(|look| Seen { turns: look / u64::from(LOOKS), ..WAITING })), None, "slow");
    }

    #[test]
    fn nothing_that_waits_is_nothing_to_tell_of_and_begins_anew() {
        assert_eq!(told_after(always(|_| Seen { is_waiting: false, ..WAITING })), None);
        assert_eq!(told_after(always(|look| Seen { is_waiting: look != 2, ..WAITING })), Some(3 + LOOKS as usize));
        assert_eq!(told_after(always(|look| Seen { is_waiting: look % 4 != 3, ..WAITING })), None);
    }

    #[test]
    fn looks_that_come_late_prove_nothing() {
        assert_eq!(told_after(always(|_| Seen { is_late: true, ..WAITING })), None);
        assert_eq!(told_after(always(|look| Seen { is_late: look % 4 == 3, ..WAITING })), None);
        assert_eq!(told_after(always(|look| Seen { is_late: look == 2, ..WAITING })), Some(2 + LOOKS as usize), "once");
    }

    #[test]
    fn a_server_at_which_nothing_waits_is_left_alone() {
        let mut suspicion = Suspicion::default();
        let quiet = Seen { is_waiting: false, ..WAITING };
        let looks = (0..100).position(|_| matches!(suspicion.judge(&quiet), Next::LeaveAlone));
        assert_eq!(looks, Some(QUIET_LOOKS as usize - 1));
    }
}
