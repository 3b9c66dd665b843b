//! The publishers, by name.

use std::future::Future;
use std::pin::Pin;

use aws_sdk_eventbridge::Client;

use putevents_mock::publisher_check::Judge;

use crate::order::{Order, Said};

type Publish = fn(Client, Vec<Order>) -> Pin<Box<dyn Future<Output = Said>>>;

/// A publisher.
pub struct Resident {
    pub name: &'static str,
    pub publish: Publish,
    /// The judge that is meant for its bug. A correct one has none.
    pub judge: Option<Judge>,
    /// The smallest schedule that shows its bug.
    pub schedule: &'static str,
    /// Whether it promises to keep the order of each customer's orders.
    pub keeps_order: bool,
    /// Whether it says that it asks again before an answer came.
    pub hedges: bool,
}

impl Resident {
    const fn new(name: &'static str, publish: Publish, judge: Option<Judge>, schedule: &'static str) -> Self {
        Self { name, publish, judge, schedule, keeps_order: false, hedges: false }
    }

    const fn keeping_order(mut self) -> Self {
        self.keeps_order = true;
        self
    }

    const fn hedging(mut self) -> Self {
        self.hedges = true;
        self
    }
}

macro_rules! correct {
    ($name:ident) => {
        Resident::new(
            stringify!($name),
            |client, orders| Box::pin(crate::correct::$name::publish(client, orders)),
            None,
            "",
        )
    };
}

macro_rules! wrong {
    ($name:ident, $judge:ident, $schedule:literal) => {
        Resident::new(
            stringify!($name),
            |client, orders| Box::pin(crate::wrong::$name::publish(client, orders)),
            Some(Judge::$judge),
            $schedule,
        )
    };
}

pub const CORRECT: &[Resident] = &[
    correct!(bisects),
    correct!(by_bytes),
    correct!(checks_sizes),
    correct!(concurrent_chunks),
    correct!(credentials),
    correct!(full_jitter),
    correct!(honest),
    correct!(in_order).keeping_order(),
    correct!(linger),
    correct!(never_in_doubt),
    correct!(one_by_one),
    correct!(outbox),
    correct!(pipeline),
    correct!(races).hedging(),
    correct!(sequential),
    correct!(splitter),
    correct!(stops_a_customer).keeping_order(),
    correct!(worker),
];

pub const WRONG: &[Resident] = &[
    wrong!(cancels_siblings, Dependent, "P,A,A"),
    wrong!(counter_never_reset, Dependent, "R*,A"),
    wrong!(counts_by_chunk, Lost, "P"),
    wrong!(counts_characters, Oversized, "near:A"),
    wrong!(doubles_for_ever, Endless, "R*"),
    wrong!(drops_refused_orders, Lost, "P"),
    wrong!(eleven, Oversized, "11:A"),
    wrong!(encodes_again, Changed, "R"),
    wrong!(fails_whole_chunks, Untruthful, "P,A"),
    wrong!(first_error_decides, Dependent, "P,R"),
    wrong!(flushes_on_drop, Late, "A"),
    wrong!(forgets_the_last_answer, Lost, "R*"),
    wrong!(gives_up_when_throttled, GivenUpEarly, "R"),
    wrong!(goes_on_after_its_deadline, Late, "5"),
    wrong!(hedges, TwiceAtOnce, "W"),
    wrong!(hopes_for_permission, Endless, "E*"),
    wrong!(ignores_failed_count, Lost, "R"),
    wrong!(indexes_results, Endless, "S"),
    wrong!(internal_failure_is_permanent, GivenUpEarly, "I"),
    wrong!(inverted_check, Resent, "A"),
    wrong!(joins_results_of_chunks, Lost, "11:5+"),
    wrong!(keeps_old_failures, Untruthful, "R"),
    wrong!(last_result_wins, Lost, "P,A"),
    wrong!(list_never_emptied, Resent, "R,R*"),
    wrong!(loses_partial_batch, Lost, "A"),
    wrong!(loses_returned_orders, Lost, "R"),
    wrong!(nested_retries, Unbounded, "R*"),
    wrong!(new_id_each_try, Changed, "R"),
    wrong!(no_backoff, Hasty, "R*"),
    wrong!(no_cap, Unbounded, "R*"),
    wrong!(overlapping_chunks, TwiceAtOnce, "10:A"),
    wrong!(overtakes, OutOfOrder, "R,A,A").keeping_order(),
    wrong!(queues_twice, TwiceAtOnce, "R"),
    wrong!(removes_while_iterating, Lost, "A,A,R"),
    wrong!(resends_batch, Resent, "R,A"),
    wrong!(resends_first_k, Lost, "A,R"),
    wrong!(retries_behind_the_back, Late, "R"),
    wrong!(retries_permanent, PermanentRetried, "P"),
    wrong!(retries_permanent_for_ever, PermanentRetried, "P"),
    wrong!(retries_when_all_failed, Lost, "R,A"),
    wrong!(shared_budget, Dependent, "R*,R"),
    wrong!(sorts_by_size, Resent, "R,A"),
    wrong!(stops_at_first_failure, Dependent, "P,A"),
    wrong!(swallows_errors, Lost, "B"),
    wrong!(timer_flushes_again, TwiceAtOnce, "W"),
    wrong!(unwraps_error_code, Endless, "N"),
    wrong!(unwraps_the_call, Endless, "B"),
    wrong!(worker_panics_unseen, Endless, "P"),
    wrong!(zips_after_filtering, Lost, "A,R"),
];

/// What correct publishers do that a judge once took for a mistake: the publisher, and the schedule that shows it.
pub const MISJUDGED: &[(&str, &str)] = &[
    // Orders that were never sent, and reported as failed.
    ("stops_a_customer", "P,A,A"),
    // A batch that is split twice without a pause.
    ("bisects", "BB,A,A,A"),
    // Calls that overlap, so that their tries alternate.
    ("races", "5*"),
    // No answer, no other try, and a report that says so.
    ("never_in_doubt", "X"),
    // An event that is too large for any request, and is therefore not sent.
    ("checks_sizes", "large:A"),
];
