//! Publishers with one classic bug each, and the assertion that catches it; a correct publisher passes all of them.

use std::time::Duration;

use pretty_assertions::assert_eq;
use putevents_mock::engine::{Delivery, End};
use putevents_mock::expect::{Backoff, Reported};
use putevents_mock::journal::Outcome;
use putevents_mock::{Engine, EntryError, EntryMatcher, Fault, Journal, Limits, Mismatch, RequestError, entry};
use serde_json::{Value, json};

use crate::support::{Bench, entries, put_events};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Bug {
    IgnoresFailedEntryCount,
    ResendsAll,
    ResendsTheWrongIndex,
    RetriesPermanentCodes,
    NeverGivesUp,
    GivesUpSilently,
    CountsAttemptedAsSent,
    SendsEleven,
    SplitsByCharacters,
    DoublesAfterALostReply,
    Reorders,
    DropsTheTail,
    HotLoops,
    StopsAtTheFirstFailedChunk,
    SendsOneByOne,
}

const TRIES: u32 = 5;
const WAIT: Duration = Duration::from_millis(100);
/// The size of an entry without its note.
const FRAME: usize = 60;

/// A publisher that sends an order at most once more than it knows, in order, and reports how many it got through. It has
/// a bug, or none.
struct Publisher {
    bench: Bench,
    bug: Option<Bug>,
}

/// What an answer says of each order, by code; `None` where there was no answer.
enum Answer {
    Results(Vec<Option<String>>),
    Refused(RequestError),
    Lost,
}

#[derive(Debug, PartialEq)]
struct Report {
    published: usize,
    failed: usize,
}

impl Publisher {
    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn publish(&mut self, orders: &[Value]) -> Report {
        let mut report = Report { published: 0, failed: 0 };
        let mut batches = self.batches(orders);
        if self.has(Bug::DropsTheTail) {
            batches.pop();
        }
        let mut later = Vec::new();
        for batch in batches {
            let failed = report.failed;
            self.publish_batch(batch, &mut report, &mut later);
            if self.has(Bug::StopsAtTheFirstFailedChunk) && report.failed > failed {
                break;
            }
        }
        for batch in later {
            self.publish_batch(batch, &mut report, &mut Vec::new());
        }
        if self.has(Bug::CountsAttemptedAsSent) || self.has(Bug::GivesUpSilently) {
            report = Report { published: orders.len(), failed: 0 };
        }
        report
    }

    fn batches(&self, orders: &[Value]) -> Vec<Vec<Value>> {
        let most = match self.bug {
            Some(Bug::SendsEleven) => 11,
            Some(Bug::SendsOneByOne) => 1,
            _ => 10,
        };
        let size = |order: &Value| {
            let detail = order["Detail"].as_str().unwrap();
            FRAME + if self.has(Bug::SplitsByCharacters) { detail.chars().count() } else { detail.len() }
        };
        let mut batches: Vec<Vec<Value>> = Vec::new();
        for order in orders {
            let room = batches
                .last()
                .filter(|batch| batch.len() < most && batch.iter().map(size).sum::<usize>() + size(order) <= 1_048_576);
            if room.is_none() {
                batches.push(Vec::new());
            }
            batches.last_mut().unwrap().push(order.clone());
        }
        batches
    }

    fn publish_batch(&mut self, batch: Vec<Value>, report: &mut Report, later: &mut Vec<Vec<Value>>) {
        let (mut unsent, mut tries, mut wait) = (batch, 0, WAIT);
        loop {
            let answer = self.put(&unsent);
            tries += 1;
            let mut again = Vec::new();
            match answer {
                Answer::Lost if self.has(Bug::DoublesAfterALostReply) => again = unsent,
                Answer::Lost => report.failed += unsent.len(), // It may be there, and must not be there twice.
                Answer::Refused(error) if error.is_retryable() && self.has(Bug::Reorders) => {
                    return later.push(unsent);
                }
                Answer::Refused(error) if error.is_retryable() || self.has(Bug::RetriesPermanentCodes) => {
                    again = unsent
                }
                Answer::Refused(_) => report.failed += unsent.len(),
                Answer::Results(codes) => {
                    for (index, code) in codes.iter().enumerate() {
                        let is_worth_it = |code: &str| ["InternalFailure", "ThrottlingException"].contains(&code);
                        match code.as_deref() {
                            None => report.published += 1,
                            Some(_) if self.has(Bug::IgnoresFailedEntryCount) => report.published += 1,
                            Some(code) if is_worth_it(code) || self.has(Bug::RetriesPermanentCodes) => {
                                let shift = usize::from(self.has(Bug::ResendsTheWrongIndex));
                                again.push(unsent[(index + shift) % unsent.len()].clone());
                            }
                            Some(_) => report.failed += 1,
                        }
                    }
                    if !again.is_empty() && self.has(Bug::ResendsAll) {
                        again = unsent;
                    }
                }
            }
            if again.is_empty() {
                return;
            }
            if tries == TRIES && !self.has(Bug::NeverGivesUp) {
                report.failed += again.len();
                return;
            }
            if !self.has(Bug::HotLoops) {
                self.bench.wait(wait);
                wait *= 2;
            }
            unsent = again;
        }
    }

    /// The answer as it would have come over the wire.
    fn put(&mut self, orders: &[Value]) -> Answer {
        let reply = self.bench.handle(put_events(entries(orders.iter().cloned())));
        self.bench.answered(&reply);
        if reply.delivery() != &Delivery::default() || reply.body().is_empty() {
            assert!(matches!(reply.delivery().end, End::Reset(_)), "no other fault is injected here");
            return Answer::Lost;
        }
        let journal = self.bench.journal();
        let attempt = journal.attempts().last().unwrap();
        match attempt.error() {
            Some(error) => Answer::Refused(error.clone()),
            None => {
                let code = |outcome: &Outcome| outcome.error().map(|error| error.code().to_owned());
                Answer::Results(attempt.outcomes().iter().map(code).collect())
            }
        }
    }
}

fn order(id: u64) -> Value {
    large_order(id, "")
}

fn large_order(id: u64, note: &str) -> Value {
    let detail = json!({ "note": note, "orderId": id });
    json!({ "Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": detail.to_string() })
}

fn is_order(id: u64) -> EntryMatcher {
    entry().source("shop.orders").detail_type("OrderPlaced").detail_at("/orderId", id)
}

/// A run that shows a bug, if there is one.
struct Scenario {
    bug: Bug,
    orders: Vec<Value>,
    faults: Vec<Fault>,
    /// The assertion that is meant for the bug.
    check: fn(&Run) -> Result<(), Mismatch>,
    /// The first lines of its report.
    verdict: &'static str,
}

struct Run {
    journal: Journal,
    report: Report,
    orders: u64,
}

impl Run {
    fn of(scenario: &Scenario, bug: Option<Bug>) -> Self {
        let mut engine = Engine::new();
        if scenario.bug == Bug::SendsEleven || scenario.bug == Bug::SplitsByCharacters {
            engine = engine.limits(Limits::none()); // The mock's own limits would make it too easy.
        }
        for fault in &scenario.faults {
            engine.inject(fault.clone());
        }
        let mut publisher = Publisher { bench: Bench::new(engine).with_own_clock(), bug };
        let report = publisher.publish(&scenario.orders);
        Self { journal: publisher.bench.journal(), report, orders: scenario.orders.len() as u64 }
    }

    fn ledger(&self) -> putevents_mock::Ledger {
        self.journal.ledger().expecting((1..=self.orders).map(is_order))
    }

    fn reported(&self) -> Reported {
        Reported::counts(self.report.published, self.report.failed)
    }
}

fn scenarios() -> Vec<Scenario> {
    let three = || (1..=3).map(order).collect::<Vec<_>>();
    let throttled = |id| Fault::entry(EntryError::throttling()).matching(is_order(id));
    let note = "ü".repeat(100_000);
    vec![
        Scenario {
            bug: Bug::IgnoresFailedEntryCount,
            orders: three(),
            faults: vec![throttled(2).times(1)],
            check: |run| run.ledger().check_none_lost(),
            verdict: "1 event was lost or given up\n\n  shop.orders / OrderPlaced {\"note\":\"\",\"orderId\":2}\n    got \
                      ThrottlingException in #1[1] and was never sent again\n",
        },
        Scenario {
            bug: Bug::ResendsAll,
            orders: three(),
            faults: vec![throttled(2).times(1)],
            check: |run| run.ledger().check_only_failed_entries_resent(),
            verdict: "2 events were sent again though accepted\n\n  shop.orders / OrderPlaced {\"note\":\"\",\"orderId\":1}\n    \
                      was sent again in #2[0], 0.100 s after #1[0] had said that it was accepted\n",
        },
        Scenario {
            bug: Bug::ResendsTheWrongIndex,
            orders: three(),
            faults: vec![throttled(2).times(1)],
            check: |run| run.ledger().check_exactly_once(),
            verdict: "2 events were not accepted exactly once\n\n  shop.orders / OrderPlaced {\"note\":\"\",\"orderId\":2}\n    \
                      got ThrottlingException in #1[1] and was never sent again\n  shop.orders / OrderPlaced \
                      {\"note\":\"\",\"orderId\":3}\n    was accepted twice, in #1[2] and #2[0]\n",
        },
        Scenario {
            bug: Bug::RetriesPermanentCodes,
            orders: three(),
            faults: vec![Fault::entry(EntryError::malformed_detail()).matching(is_order(2))],
            check: |run| run.ledger().check_permanent_errors_not_retried(),
            verdict: "1 event was sent again after a permanent error\n\n  shop.orders / OrderPlaced \
                      {\"note\":\"\",\"orderId\":2}\n    was sent again in #2[0], 0.100 s after #1[1] had said \
                      MalformedDetail, and 3 times more\n",
        },
        Scenario {
            bug: Bug::NeverGivesUp,
            orders: three(),
            faults: vec![throttled(2).times(9..=9)],
            check: |run| run.ledger().check_tries_at_most(5),
            verdict: "1 event was tried more than 5 times\n\n  shop.orders / OrderPlaced {\"note\":\"\",\"orderId\":2}\n    was \
                      tried 10 times, from #1[1] to #10[0]\n",
        },
        Scenario {
            bug: Bug::GivesUpSilently,
            orders: three(),
            faults: vec![throttled(2)],
            check: |run| match run.report.failed {
                0 => run.ledger().check_reported(Reported::all_published()),
                _ => run.ledger().check_reported(Reported::published([1, 3].map(is_order)).failed([is_order(2)])),
            },
            verdict: "what the publisher reported is not what happened\n\n  shop.orders / OrderPlaced \
                      {\"note\":\"\",\"orderId\":2}\n    was reported as published, but was given up after 5 tries; the last \
                      one got ThrottlingException in #5[0]\n",
        },
        Scenario {
            bug: Bug::CountsAttemptedAsSent,
            orders: three(),
            faults: vec![throttled(2)],
            check: |run| run.ledger().check_reported(run.reported()),
            verdict: "what the publisher reported is not what happened\n\n  it reported 3 published and 0 failed, but \
                      2 of 3 events were accepted\n",
        },
        Scenario {
            bug: Bug::SendsEleven,
            orders: (1..=11).map(order).collect(),
            faults: vec![],
            check: |run| run.journal.check_batches_within(Limits::current()),
            verdict: "1 request was too large\n\n  #1  11 entries, but a request takes at most 10\n",
        },
        Scenario {
            bug: Bug::SplitsByCharacters,
            orders: (1..=8).map(|id| large_order(id, &note)).collect(),
            faults: vec![],
            check: |run| run.journal.check_batches_within(Limits::current()),
            verdict: "1 request was too large\n\n  #1  1600360 bytes in 800360 characters, but a request takes at most 1048576 \
                      bytes\n",
        },
        Scenario {
            bug: Bug::DoublesAfterALostReply,
            orders: three(),
            faults: vec![Fault::lost_reply().times(1)],
            check: |run| run.ledger().check_exactly_once(),
            verdict: "3 events were not accepted exactly once\n\n  shop.orders / OrderPlaced {\"note\":\"\",\"orderId\":1}\n    \
                      was accepted twice, in #1[0] and #2[0]; the publisher was not told before the last try\n",
        },
        Scenario {
            bug: Bug::Reorders,
            orders: (1..=12).map(order).collect(),
            faults: vec![Fault::request(RequestError::throttling()).on_attempt(1)],
            check: |run| run.ledger().check_order_kept(),
            verdict: "2 events were out of order\n\n  shop.orders / OrderPlaced {\"note\":\"\",\"orderId\":11}\n    was accepted \
                      in #2[0], before shop.orders / OrderPlaced {\"note\":\"\",\"orderId\":10} in #3[9]\n",
        },
        Scenario {
            bug: Bug::DropsTheTail,
            orders: (1..=12).map(order).collect(),
            faults: vec![],
            check: |run| run.ledger().check_at_least_once(),
            verdict: "2 events were not accepted\n\n  source \"shop.orders\", detail-type \"OrderPlaced\", detail /orderId = \
                      11\n    was never sent\n",
        },
        Scenario {
            bug: Bug::HotLoops,
            orders: three(),
            faults: vec![Fault::request(RequestError::internal_exception()).times(2)],
            check: |run| run.ledger().check_backoff(Backoff::new().at_least(WAIT).growing()),
            verdict: "the publisher should have waited before it tried again: at least 100ms, growing\n\n  #1 -> #2  0.000 s  too \
                      short\n  #2 -> #3  0.000 s  too short\n",
        },
        Scenario {
            bug: Bug::StopsAtTheFirstFailedChunk,
            orders: (1..=12).map(order).collect(),
            faults: vec![Fault::request(RequestError::access_denied()).on_attempt(1)],
            check: |run| run.ledger().check_none_silently_lost(run.reported()),
            verdict: "2 events were lost without a report\n\n  source \"shop.orders\", detail-type \"OrderPlaced\", detail /orderId = 11\n    \
                      was never sent\n",
        },
        Scenario {
            bug: Bug::SendsOneByOne,
            orders: three(),
            faults: vec![],
            check: |run| run.journal.check_batches_full(Limits::current()),
            verdict: "2 requests were needlessly small\n\n  #1  1 entry of at most 10, 45 bytes; the first entry of #2 \
                      (45 bytes) would have fitted\n",
        },
    ]
}

#[test]
fn each_classic_bug_is_caught_by_the_assertion_meant_for_it() {
    for scenario in scenarios() {
        let run = Run::of(&scenario, Some(scenario.bug));
        let mismatch = (scenario.check)(&run).expect_err(&format!("{:?} is not caught", scenario.bug));
        let text = mismatch.to_string();
        let verdict = text.get(..scenario.verdict.len()).unwrap_or(&text);
        assert_eq!(verdict, scenario.verdict, "{:?}\n{mismatch}", scenario.bug);
        run.journal.assert_every_fault_fired();
    }
}

#[test]
fn a_correct_publisher_passes_all_assertions() -> Result<(), Mismatch> {
    for scenario in scenarios() {
        let run = Run::of(&scenario, None);
        (scenario.check)(&run)?;
        let ledger = run.ledger();
        // It gives some events up in the end, and says so. Those are lost, but not silently.
        let gives_up =
            [Bug::NeverGivesUp, Bug::GivesUpSilently, Bug::CountsAttemptedAsSent, Bug::StopsAtTheFirstFailedChunk];
        assert_eq!(ledger.check_none_lost().is_err(), gives_up.contains(&scenario.bug));
        ledger.check_none_silently_lost(run.reported())?;
        ledger.check_no_duplicates()?;
        ledger.check_only_failed_entries_resent()?;
        ledger.check_permanent_errors_not_retried()?;
        ledger.check_tries_at_most(TRIES as usize)?;
        ledger.check_reported(run.reported())?;
        run.journal.check_batches_within(Limits::current())?;
        run.journal.check_batches_full(Limits::current())?;
        run.journal.check_in_flight_at_most(1)?;
        run.journal.lint().check_clean()?;
    }
    Ok(())
}

#[test]
fn a_correct_publisher_passes_those_that_want_everything_published() -> Result<(), Mismatch> {
    let faults = vec![
        Fault::requests([Some(RequestError::internal_exception()), Some(RequestError::throttling())]),
        Fault::entry(EntryError::throttling()).matching(is_order(12)).times(1),
    ];
    let orders = (1..=12).map(order).collect();
    let scenario = Scenario { orders, faults, ..scenarios().remove(0) };
    let run = Run::of(&scenario, None);
    let ledger = run.ledger();
    ledger.check_at_least_once()?;
    ledger.check_exactly_once()?;
    ledger.check_order_kept()?;
    ledger.check_reported(Reported::all_published())?;
    let backoff = Backoff::new().at_least(WAIT).at_most(2 * WAIT).growing().in_all_at_most(Duration::from_secs(1));
    ledger.check_backoff(backoff)?;
    run.journal.published().check_in_order((1..=12).map(is_order))?;
    run.journal.check_every_fault_fired()
}
