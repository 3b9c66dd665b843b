//! Compares the threads with a reference that looks at each event with a key.

use std::time::Duration;

use proptest::prelude::*;

use super::{Came, FEW, Known, Place, Thread, Threads};

/// All events with one key.
#[derive(Default)]
struct Reference(Vec<Thread>);

fn knows(thread: &Thread, at: Duration, what: fn(&Known) -> Option<Duration>) -> bool {
    let in_flight = thread.in_flight.iter().map(|(_, known)| known);
    in_flight.chain([&thread.known]).filter_map(what).any(|since| since <= at)
}

fn is_unaccepted(thread: &Thread, at: Duration) -> bool {
    !knows(thread, at, |known| known.accepted)
}

fn is_open(thread: &Thread, at: Duration) -> bool {
    is_unaccepted(thread, at) && !knows(thread, at, |known| known.hopeless)
}

impl Reference {
    /// Returns the number of the event and of its try.
    fn place(&mut self, used: &[usize], attempt: usize, at: Duration, expected: usize) -> (usize, usize) {
        let free = || self.0.iter().filter(|thread| !used.contains(&thread.number));
        let open_and_new = free().find(|thread| is_open(thread, at) && thread.last != attempt);
        let continued = open_and_new.or_else(|| {
            let first = free().next()?;
            (expected <= self.0.len()).then(|| {
                let open = free().find(|thread| is_open(thread, at));
                open.or_else(|| free().find(|thread| is_unaccepted(thread, at))).unwrap_or(first)
            })
        });
        let number = continued.map_or(self.0.len(), |thread| thread.number);
        if number == self.0.len() {
            self.0.push(Thread::new(number));
        }
        let thread = &mut self.0[number];
        thread.tries += 1;
        thread.last = attempt;
        (number, thread.tries)
    }
}

/// One attempt: its time, and for each entry when it is known to be accepted or hopeless, and whether it is in flight.
type Request = (u64, Vec<(Option<u64>, Option<u64>, bool)>);

fn request() -> impl Strategy<Value = Request> {
    let time = || prop::option::weighted(0.6, 0..30_u64);
    (0..30_u64, prop::collection::vec((time(), time(), any::<bool>()), 0..2 * FEW))
}

proptest! {
    #[test]
    fn an_entry_continues_the_event_that_a_look_at_each_would_find(
        attempts in prop::collection::vec(request(), 1..12),
        is_id: bool,
        expected in 0..3 * FEW,
    ) {
        let (mut threads, mut reference) = (Threads::new(), Reference::default());
        let mut in_flight = Vec::new();
        for (number, (at, entries)) in (1..).zip(&attempts) {
            let at = Duration::from_millis(*at);
            let mut used = Vec::new();
            for (accepted, hopeless, is_in_flight) in entries {
                let time = |millis: &Option<u64>| millis.map(Duration::from_millis);
                let known = Known { accepted: time(accepted), hopeless: time(hopeless) };
                let came = Came { is_id, attempt: number, at, known, is_in_flight: *is_in_flight };
                let Place { thread, number: tries, is_first } = threads.place("key", came, || expected);
                let used_here = if is_id { &[] } else { &used[..] };
                prop_assert_eq!((thread, tries), reference.place(used_here, number, at, expected));
                prop_assert_eq!(is_first, thread == 0 && tries == 1);
                used.push(thread);
                let of_reference = &mut reference.0[thread];
                if *is_in_flight {
                    of_reference.in_flight.push((number, known));
                    in_flight.push((thread, number));
                } else {
                    of_reference.known = of_reference.known.and(known);
                }
            }
            if number % 3 == 0 {
                for (thread, number) in in_flight.drain(..) {
                    threads.landed(&"key", thread, number, None);
                    let thread = &mut reference.0[thread];
                    let at = thread.in_flight.iter().position(|(of, _)| *of == number).unwrap();
                    let (_, known) = thread.in_flight.swap_remove(at);
                    thread.known = thread.known.and(known);
                }
            }
            if number % 5 == 0 {
                threads.know_nothing_in_flight();
                let of_reference = reference.0.iter_mut().flat_map(|thread| &mut thread.in_flight);
                of_reference.for_each(|(_, known)| *known = Known::default());
            }
        }
    }
}

#[test]
fn of_twenty_thousand_equal_events_those_are_continued_first_that_are_not_known_to_be_accepted() {
    const EVENTS: usize = 20_000;
    let mut threads = Threads::new();
    let mut send_all = |attempt: usize| -> Vec<usize> {
        let place = |index| {
            let known = Known { accepted: (index % 2 == 0).then_some(Duration::ZERO), hopeless: None };
            let came = Came { is_id: false, attempt, at: Duration::from_secs(1), known, is_in_flight: false };
            let place = threads.place("key", came, || 0);
            assert_eq!((place.number, place.is_first), (attempt, attempt == 1 && index == 0));
            place.thread
        };
        (0..EVENTS).map(place).collect()
    };
    assert!(send_all(1).into_iter().eq(0..EVENTS));
    let (accepted, open) = ((0..EVENTS).step_by(2), (1..EVENTS).step_by(2));
    assert!(send_all(2).into_iter().eq(open.chain(accepted)));
}
