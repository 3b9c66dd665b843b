//! Prints every report of every assertion, to be read by eye.

use std::fmt::Display;
use std::time::{Duration, SystemTime};

use putevents_mock::engine::{Ids, Now};
use putevents_mock::expect::{Alike, Backoff, Reported};
use putevents_mock::fault::Gate;
use putevents_mock::matcher::prefix;
use putevents_mock::{
    Engine, EntryError, EntryMatcher, Fault, Journal, Limits, MockEventBridge, Plan, RequestError, entry,
};
use serde_json::{Value, json};

fn main() {
    print!("{}", gallery());
}

/// All reports, with a heading each.
pub fn gallery() -> String {
    let rooms =
        [about_events(), about_fates(), about_order_and_time(), about_requests(), about_the_rest(), about_waits()];
    let reports = (1..).zip(rooms.into_iter().flatten());
    reports.map(|(number, (what, report))| format!("== {number}. {what} ==\n\n{}\n\n", report.trim_end())).collect()
}

type Report = (&'static str, String);

fn report(what: &'static str, result: Result<impl Sized, impl Display>) -> Report {
    match result {
        Ok(_) => panic!("{what} does not fail"),
        Err(error) => (what, error.to_string()),
    }
}

fn about_events() -> Vec<Report> {
    let journal = resent_as_a_whole();
    let published = journal.published();
    let typo = entry().detail_type("OrderPlaced").detail_at("/orderid", 1);
    let detail = entry().detail(json!({ "items": [{ "sku": "a" }, { "sku": "b" }], "orderId": 1, "total": 5 }));
    let rich = {
        let mut mock = Mock::new();
        let detail = json!({ "items": [{ "sku": "a" }, { "sku": "c" }], "orderId": 1, "paid": true });
        mock.put([json!({ "Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": detail.to_string() })]);
        mock.engine.journal()
    };
    vec![
        report("assert_exactly, one missing and one doubled", published.check_exactly([1, 2, 3, 4].map(is_order))),
        report("assert_exactly, the right event failed and was not sent again", {
            let mut mock = Mock::new();
            mock.engine.inject(Fault::entry(EntryError::throttling()).at_index(1));
            mock.put([1, 2].map(order));
            mock.engine.journal().published().check_exactly([1, 2].map(is_order))
        }),
        report("assert_exactly, one event for two expectations", {
            let mut mock = Mock::new();
            mock.put([order(1)]);
            mock.engine.journal().published().check_exactly([is_order(1), is_order(1)])
        }),
        report("assert_contain, with a typing error in the test", published.check_contain([typo])),
        report("assert_contain, with differences inside the detail", rich.published().check_contain([detail])),
        report("assert_in_order", {
            let mut mock = Mock::new();
            mock.put([2, 1, 3].map(order));
            mock.engine.journal().published().check_in_order([1, 2, 3].map(is_order))
        }),
        report("assert_count", published.check_count(3)),
        report("assert_none_match", published.check_none_match(entry().source(prefix("shop.")))),
    ]
}

fn about_fates() -> Vec<Report> {
    let journal = resent_as_a_whole();
    let all = || journal.ledger().expecting([1, 2, 3, 4].map(is_order));
    let given_up = {
        let mut mock = Mock::new();
        mock.engine.inject(Fault::entry(EntryError::throttling()).matching(is_order(1)));
        mock.engine.inject(Fault::entry(EntryError::malformed_detail()).matching(is_order(2)));
        mock.put([1, 2].map(order));
        mock.put([1, 2].map(order));
        mock.put([order(1)]);
        mock.engine.journal()
    };
    let lost_answer = {
        let mut mock = Mock::new();
        mock.engine.inject(Fault::lost_reply().times(1));
        mock.put([order(1)]);
        mock.put([order(1)]);
        mock.engine.journal()
    };
    let changing = {
        let mut mock = Mock::new();
        mock.engine.inject(Fault::entry(EntryError::throttling()).times(2));
        for number in 1..=3 {
            let detail = json!({ "attempt": number, "orderId": 1, "total": 100 / number });
            let order = json!({ "Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": detail.to_string() });
            mock.put([with_time(order, 1_767_323_045 + number)]);
        }
        mock.engine.journal()
    };
    vec![
        report("assert_at_least_once", all().check_at_least_once()),
        report("assert_exactly_once", all().check_exactly_once()),
        report("assert_none_lost", given_up.ledger().check_none_lost()),
        report("assert_none_lost, where each try has something new", changing.ledger().check_none_lost()),
        report("assert_no_duplicates, where the publisher could not know", lost_answer.ledger().check_no_duplicates()),
        report("assert_only_failed_entries_resent", journal.ledger().check_only_failed_entries_resent()),
        report("assert_permanent_errors_not_retried", given_up.ledger().check_permanent_errors_not_retried()),
        report("assert_tries_at_most", given_up.ledger().check_tries_at_most(2)),
        report(
            "assert_tries_alike",
            changing.ledger().identify_by("/orderId").check_tries_alike(Alike::new().except_detail_at("/attempt")),
        ),
        report(
            "assert_reported, event by event",
            given_up.ledger().check_reported(Reported::published([1, 7].map(is_order)).failed([is_order(2)])),
        ),
        report("assert_reported, counts", given_up.ledger().check_reported(Reported::counts(2, 0))),
        report("assert_reported, Ok(())", given_up.ledger().check_reported(Reported::all_published())),
    ]
}

fn about_order_and_time() -> Vec<Report> {
    let mut mock = Mock::new();
    mock.engine.inject(Fault::entry(EntryError::throttling()).matching(is_order(1)).times(3));
    for (at, orders) in [(0, vec![1, 2]), (100, vec![1]), (400, vec![1]), (500, vec![1])] {
        mock.at(Duration::from_millis(at)).put(orders.into_iter().map(order));
    }
    let journal = mock.engine.journal();
    let steady =
        Backoff::new().at_least(Duration::from_millis(150)).growing().in_all_at_most(Duration::from_millis(450));
    vec![
        report("assert_order_kept", journal.ledger().check_order_kept()),
        report("assert_backoff", journal.ledger().check_backoff(steady)),
        report(
            "assert_backoff, with nothing to judge",
            resent_as_a_whole().ledger().matching(is_order(9)).check_backoff(Backoff::new()),
        ),
        report("assert_backoff, jittered", {
            let mut mock = Mock::new();
            mock.engine.inject(Fault::entry(EntryError::throttling()).times(2));
            for (at, number) in [(0, 1), (200, 1), (300, 2), (500, 2)] {
                mock.at(Duration::from_millis(at)).put([order(number)]);
            }
            mock.engine.journal().ledger().check_backoff(Backoff::new().jittered())
        }),
    ]
}

fn about_requests() -> Vec<Report> {
    let mut mock = Mock { engine: Engine::new().limits(Limits::none()), ..Mock::new() };
    mock.put((1..=11).map(order));
    let long = json!({ "note": "ü".repeat(600_000), "orderId": 12 });
    mock.put([json!({ "Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": long.to_string() })]);
    mock.put([order(13)]);
    let time = 1_767_323_045_678_u64;
    mock.put([json!({ "Source": "aws.shop", "DetailType": "T".repeat(129), "Detail": "{}", "Time": time })]);
    mock.put([order(14), order(14)]);
    let journal = mock.engine.journal();
    let busy = {
        let mut mock = Mock::new();
        mock.engine.inject(Fault::latency(Duration::from_millis(150)));
        (1..=4).for_each(|number| mock.put([order(number)]));
        mock.engine.journal()
    };
    vec![
        report("assert_batches_within", journal.check_batches_within(Limits::current())),
        report("assert_batches_full", journal.check_batches_full(Limits::current())),
        report("assert_in_flight_at_most", busy.check_in_flight_at_most(1)),
        report("lint().assert_clean", journal.lint().check_clean()),
    ]
}

fn about_the_rest() -> Vec<Report> {
    let mut forgetful = Mock { engine: Engine::new().max_journal_attempts(2), ..Mock::new() };
    (1..=5).for_each(|number| forgetful.put([order(number)]));
    let mut unmet = Mock::new();
    unmet.engine.inject(Fault::request(RequestError::throttling()).on_attempt(7));
    unmet.engine.inject(Fault::entry(EntryError::throttling()).matching(is_order(9)).times(2));
    unmet.engine.inject(Fault::entry(EntryError::internal_failure()).matching(is_order(1)).on_try(3));
    unmet.put([order(1)]);
    vec![
        report("assert_every_fault_fired", unmet.engine.journal().check_every_fault_fired()),
        report("assert_no_problems", {
            let mut mock = Mock::new();
            mock.put((1..=11).map(order));
            mock.engine.journal().check_no_problems()
        }),
        report("assert_no_problems, with an operation that nobody answers", asks_first().check_no_problems()),
        report("assert_every_fault_fired, with a fault of that operation", asks_first().check_every_fault_fired()),
        report("assert_meets, with a scenario from a file", {
            let expect = json!([{ "exactlyOnce": true, "identifyBy": "/orderId" }, { "noDuplicates": true }]);
            let scenario: Plan = json!({ "expect": expect }).to_string().parse().expect("a scenario");
            resent_as_a_whole().check_meets(&scenario)
        }),
        report(
            "any assertion on a journal that has forgotten something",
            forgetful.engine.journal().published().check_count(5),
        ),
        #[cfg(feature = "json-schema")]
        report("assert_details_conform", {
            let schema = json!({ "properties": { "orderId": { "type": "string" } }, "required": ["total"] });
            unmet.engine.journal().published().check_details_conform("OrderPlaced", &schema)
        }),
    ]
}

/// On a paused clock, which jumps to the next timeout.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn about_waits() -> Vec<Report> {
    let eventbridge = MockEventBridge::start().await;
    let limit = Duration::from_secs(5);
    vec![
        report("wait_for_published", eventbridge.wait_for_published(3, limit).await),
        report("wait_until", eventbridge.wait_until(limit, |journal| !journal.problems().is_empty()).await),
        report("wait_until_idle", eventbridge.wait_until_idle(Duration::from_secs(9), limit).await),
        report("Gate::wait_until_reached", Gate::new().wait_until_reached(limit).await),
    ]
}

/// Order 2 fails, and the publisher resends the whole batch.
fn resent_as_a_whole() -> Journal {
    let mut mock = Mock::new();
    mock.engine.inject(Fault::entry(EntryError::throttling()).matching(is_order(2)).times(1));
    mock.put([1, 2, 3].map(order));
    mock.put([1, 2, 3].map(order));
    mock.engine.journal()
}

/// A publisher that asks for its bus and for rules before it publishes.
fn asks_first() -> Journal {
    let mut mock = Mock::new();
    mock.engine.inject(Fault::answer_with("{}").on_operation("ListRules"));
    mock.ask("DescribeEventBus", &json!({ "Name": "orders" }));
    mock.ask("ListRules", &json!({}));
    mock.put([order(1)]);
    mock.engine.journal()
}

fn order(id: u64) -> Value {
    json!({ "Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": json!({ "orderId": id }).to_string() })
}

fn with_time(mut order: Value, time: u64) -> Value {
    order["Time"] = time.into();
    order
}

fn is_order(id: u64) -> EntryMatcher {
    entry().source("shop.orders").detail_type("OrderPlaced").detail_at("/orderId", id)
}

/// An engine with its own ids and clock.
struct Mock {
    engine: Engine,
    ids: Ids,
    time: Duration,
}

impl Mock {
    fn new() -> Self {
        Self { engine: Engine::new(), ids: Ids::counting(), time: Duration::ZERO }
    }

    fn at(&mut self, time: Duration) -> &mut Self {
        self.time = time;
        self
    }

    fn put(&mut self, entries: impl IntoIterator<Item = Value>) {
        self.ask("PutEvents", &json!({ "Entries": entries.into_iter().collect::<Vec<_>>() }));
    }

    fn ask(&mut self, operation: &str, body: &Value) {
        let request = http::Request::post("/")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("AWSEvents.{operation}"))
            .header("authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/us-east-1/events/aws4_request")
            .body(body.to_string().into())
            .expect("a request");
        let now = Now::new(self.time, SystemTime::UNIX_EPOCH);
        let reply = self.engine.handle(request, now, &mut self.ids);
        let answered = Now::new(self.time + reply.delivery().delay, now.date);
        self.engine.answered(reply.attempt(), answered);
        self.time += Duration::from_millis(100);
    }
}
