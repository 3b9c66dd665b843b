//! The connections of a server. At the bound, a client with an idle connection, with half a request, or that has left while its
//! reply was late makes room for a client with a request.

use std::collections::BTreeMap;
use std::future::Future;
use std::ops::Deref;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use super::Bounds;
use super::phase::{Phase, Spare};
use super::places::{For, Place, Places};
use super::stream::copy;

/// The number of connections beyond those that are answered. Their clients get an error.
const TOLD: usize = 64;

/// The connections of a server.
pub(super) struct Clients {
    max: usize,
    places: Arc<Places>,
    all: Mutex<BTreeMap<u64, Arc<Client>>>,
    /// Counts the events of the server. The count tells which came first.
    events: AtomicU64,
}

/// A connection.
pub(super) struct Client {
    pub(super) stream: TcpStream,
    pub(super) phase: Phase,
    clients: Arc<Clients>,
    name: u64,
    task: Mutex<Option<Waker>>,
    /// Set while another connection needs the room of this one, and waits for its decision.
    asked: Mutex<Option<Asked>>,
    /// Whether it must close.
    is_told_to_go: AtomicBool,
}

/// A connection with a task. The connection is removed when this is dropped, also if the task never ran.
pub(super) struct Present(Arc<Client>);

/// A request to a connection to close. Its drop says that the connection is closed.
pub(super) struct Asked(oneshot::Sender<Stays>);

#[derive(Debug)]
struct Stays;

impl Clients {
    pub(super) fn new(bounds: Bounds) -> Arc<Self> {
        let max = bounds.max_connections.saturating_add(bounds.max_of_host).saturating_add(TOLD);
        Arc::new(Self { max, places: Places::new(bounds), all: Mutex::default(), events: AtomicU64::new(0) })
    }

    /// The bound on the connections.
    pub(super) fn max(&self) -> usize {
        self.max
    }

    pub(super) fn are_all_connected(&self) -> bool {
        locked(&self.all).len() >= self.max
    }

    /// The number of the next event.
    pub(super) fn now(&self) -> u64 {
        self.events.fetch_add(1, Relaxed)
    }

    pub(super) fn admit(self: &Arc<Self>, stream: TcpStream) -> Present {
        let name = self.now();
        let client = Arc::new(Client {
            stream,
            phase: Phase::new(name),
            clients: Arc::clone(self),
            name,
            task: Mutex::default(),
            asked: Mutex::default(),
            is_told_to_go: false.into(),
        });
        locked(&self.all).insert(name, Arc::clone(&client));
        Present(client)
    }

    /// Closes the connection that can be spared the most. Returns whether one was closed.
    pub(super) async fn make_room(&self) -> bool {
        let most = locked(&self.all).len();
        for _ in 0..most {
            let Some((_, client)) = self.spared(|_| true) else { return false };
            let (asker, answer) = oneshot::channel();
            *locked(&client.asked) = Some(Asked(asker));
            client.wake();
            drop(client);
            if answer.await.is_err() {
                return true;
            }
        }
        false
    }

    /// The connection that can be spared the most.
    fn spared(&self, is_meant: impl Fn(&Client) -> bool) -> Option<(Spare, Arc<Client>)> {
        let clients = locked(&self.all);
        let spare = |client: &Arc<Client>| client.spare().map(|(spare, since)| (spare, since, Arc::clone(client)));
        let spared = clients.values().filter(|client| is_meant(client)).filter_map(spare);
        spared.min_by_key(|(spare, since, _)| (*spare, *since)).map(|(spare, _, client)| (spare, client))
    }

    /// A place for one more request: a free place, or that of a client that has left.
    pub(super) fn take(self: &Arc<Self>, of: For) -> Option<Place> {
        loop {
            if let Some(place) = self.places.take(of) {
                return Some(place);
            }
            let (spare, gone) = self.spared(|client| client.phase.has_place(of))?;
            if spare != Spare::HalfClosed {
                return None;
            }
            gone.tell_to_go();
        }
    }
}

impl Present {
    pub(super) fn shared(&self) -> Arc<Client> {
        Arc::clone(&self.0)
    }
}

impl Deref for Present {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.0
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.leave();
    }
}

impl Client {
    pub(super) fn now(&self) -> u64 {
        self.clients.now()
    }

    /// Takes a place for the reply to its request. Returns false if there is none.
    pub(super) fn occupy(&self, of: For) -> bool {
        self.phase.give_up_place();
        match self.clients.take(of) {
            Some(place) => {
                self.phase.occupy(place);
                true
            }
            None => false,
        }
    }

    /// Sets the waker of its task.
    pub(super) fn task_is(&self, task: &Waker) {
        let mut known = locked(&self.task);
        match &mut *known {
            Some(known) => known.clone_from(task),
            unknown => *unknown = Some(task.clone()),
        }
    }

    fn wake(&self) {
        let task = locked(&self.task).clone();
        if let Some(task) = task {
            task.wake();
        }
    }

    /// Why it can be closed, and since when.
    fn spare(&self) -> Option<(Spare, u64)> {
        self.phase.spare(|| self.is_half_closed())
    }

    /// Whether its client has closed its side, also behind unread bytes.
    fn is_half_closed(&self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        let ready = pin!(self.stream.ready(Interest::READABLE)).poll(&mut context);
        matches!(ready, Poll::Ready(Ok(ready)) if ready.is_read_closed())
    }

    /// Tells it to close, and frees its place.
    fn tell_to_go(&self) {
        self.is_told_to_go.store(true, Relaxed);
        self.phase.half_close();
        self.phase.give_up_place();
        self.wake();
    }

    /// Whether it must close for another connection. If that connection waits, its request is returned.
    pub(super) fn must_go(&self) -> Option<Option<Asked>> {
        if self.is_told_to_go.load(Relaxed) {
            return Some(None);
        }
        let asked = locked(&self.asked).take()?;
        // A connection with a new request is not closed.
        let can_go = self.spare().is_some_and(|(spare, _)| match spare {
            Spare::Idle | Spare::HalfSent => !self.has_sent_more(),
            Spare::HalfClosed | Spare::Unread => true,
        });
        if can_go {
            return Some(Some(asked));
        }
        let _ = asked.0.send(Stays);
        None
    }

    /// Whether the system has bytes to read now. tokio learns it a little later.
    fn has_sent_more(&self) -> bool {
        copy(&self.stream).is_ok_and(|copy| copy.peek(&mut [0]).is_ok_and(|bytes| bytes > 0))
    }

    /// Removes it from the connections of the server.
    fn leave(&self) {
        locked(&self.clients.all).remove(&self.name);
        self.phase.half_close();
        self.phase.give_up_place();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn who_is_missed_the_least_goes_first_and_of_those_the_one_that_is_so_the_longest() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (all, mut clients) = (Clients::new(Bounds::default()), Vec::new());
        for _ in 0..7 {
            let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            clients.push((all.admit(stream), listener.accept().await.unwrap()));
        }
        let order = [6, 5, 4, 3, 2, 1];
        for at in [3, 4, 2, 1, 5, 6, 0] {
            let phase = &clients[at].0.phase;
            if at != 4 {
                assert!(phase.request_comes(all.now()));
            }
            if !matches!(at, 3 | 4) {
                phase.request_is_complete(all.now());
            }
            match at {
                2 => phase.half_close(),
                1 => phase.set_blocked(true),
                5 | 6 => {
                    phase.give(false);
                    phase.request_is_awaited(all.now());
                }
                _ => {}
            }
        }
        // The connection that was idle before has sent another request, and is idle again.
        let again = &clients[5].0.phase;
        assert!(again.request_comes(all.now()));
        again.request_is_complete(all.now());
        again.give(false);
        again.request_is_awaited(all.now());
        let mut went = Vec::new();
        while let Some((_, client)) = all.spared(|_| true) {
            went.push(clients.iter().position(|(one, _)| Arc::ptr_eq(&one.0, &client)).unwrap());
            client.leave();
        }
        // Number 0 is being answered.
        assert_eq!(went, order);
    }

    #[tokio::test]
    async fn a_connection_whose_task_never_ran_is_closed_with_it() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let all = Clients::new(Bounds::default());
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (other_side, _) = listener.accept().await.unwrap();
        drop(all.admit(stream));
        other_side.readable().await.unwrap();
        assert_eq!(other_side.try_read(&mut [0]).unwrap(), 0);
        assert!(locked(&all.all).is_empty());
    }
}
