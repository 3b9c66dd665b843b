//! The page by events: which ones an attempt carries, what they are called, and what became of each.

use pretty_assertions::assert_eq;
use putevents_mock::{Engine, EntryError, Fault, Journal, RequestError};
use serde_json::{Value, json};

use super::{Opened, eventful, view};
use crate::support::{AUTHORIZATION, Bench, entries, order, put_events, with};

fn shown(journal: &Journal) -> Value {
    view(&journal.to_html())
}

/// The name of each event, as `by=value`.
fn names(view: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let events = view["events"].as_array().unwrap().iter();
    let name = |event: &Value| match text(&event["by"]) {
        Some(by) => format!("{by}={}", text(&event["value"]).unwrap()),
        None => text(&event["value"]).unwrap_or_default(),
    };
    events.map(name).collect()
}

fn sent(details: &[&str]) -> Journal {
    let mut bench = Bench::default();
    for detail in details {
        bench.put([with(order(0), "Detail", *detail)]);
    }
    bench.journal()
}

/// The tries of an event, in short.
fn tries(event: &Value) -> String {
    let one = |one: &Value| {
        let code = one["code"].as_str().unwrap_or_else(|| one["mark"].as_str().unwrap());
        let told = if one["isTold"] == true { "" } else { ", not told" };
        format!("#{}[{}] {code}{told}", one["attempt"], one["index"])
    };
    event["tries"]["first"].as_array().unwrap().iter().map(one).collect::<Vec<_>>().join("; ")
}

#[test]
fn each_event_has_one_row_with_its_tries_and_where_it_ended() {
    let view = shown(&eventful());
    let events = view["events"].as_array().unwrap();
    let row = |event: &Value| format!("{}: {} -> {}", event["value"].as_str().unwrap(), tries(event), event["mark"]);
    assert_eq!(
        events.iter().take(6).map(row).collect::<Vec<_>>(),
        [
            "1: #1[0] InternalException; #2[0] accepted; #3[0] accepted -> \"accepted\"",
            "2: #1[1] InternalException; #2[1] ThrottlingException; #3[1] accepted -> \"accepted\"",
            "3: #1[2] InternalException; #2[2] accepted; #3[2] accepted -> \"accepted\"",
            "4: #4[0] unseen, not told; #5[0] lost, not told -> \"lost\"",
            "5: #6[0] undelivered -> \"undelivered\"",
            "6: #6[1] InvalidArgument -> \"failed\"",
        ]
    );
    let of_each = |member: &str| events.iter().take(6).map(|event| event[member].clone()).collect::<Vec<_>>();
    assert_eq!(of_each("number"), [1, 2, 3, 4, 5, 6]);
    assert_eq!(of_each("isFailure"), [false, false, false, true, true, true]);
    assert_eq!(of_each("isFinding"), [true, false, true, false, false, false]);
    assert_eq!(of_each("isInjected"), [true, true, true, true, false, false]);
    assert_eq!(events[0]["fate"], "was accepted twice, in #2[0] and #3[0]");
    let note = "was sent again in #3[0], 0.052 s after #2[0] had said that it was accepted";
    assert_eq!((&events[0]["note"], &events[1]["note"]), (&json!(note), &Value::Null));
    assert_eq!(events[3]["fate"], "was accepted in #5[0], but no reply said so");
    assert_eq!(events[4]["fate"], "was accepted in #6[0], but delivered nowhere");
    assert_eq!(events.last().unwrap()["mark"], "waiting");
    assert_eq!(events.len(), eventful().ledger().lines().len());
}

#[test]
fn an_entry_knows_its_event_and_an_event_its_entries() {
    let journal = eventful();
    let view = shown(&journal);
    let mut places = 0;
    for event in view["events"].as_array().unwrap() {
        for one in event["tries"]["first"].as_array().unwrap() {
            let attempt = &view["attempts"][one["attempt"].as_u64().unwrap() as usize - 1];
            let entry = &attempt["entries"][one["index"].as_u64().unwrap() as usize];
            assert_eq!((&entry["event"], &entry["mark"]), (&event["number"], &one["mark"]));
            places += 1;
        }
    }
    assert_eq!(places, journal.attempts().iter().map(|attempt| attempt.entries().len()).sum::<usize>());
}

#[test]
fn an_event_that_was_tried_often_names_its_first_tries() {
    let mut bench = Bench::default();
    bench.engine.inject(Fault::request(RequestError::service_unavailable()));
    for _ in 0..20 {
        bench.put([order(1)]);
    }
    let view = shown(&bench.journal());
    let event = &view["events"][0];
    assert_eq!((event["tries"]["first"].as_array().unwrap().len(), &event["tries"]["more"]), (8, &json!(12)));
    assert!(event["fate"].as_str().unwrap().starts_with("was given up after 20 tries"), "{event}");
    assert_eq!(event["mark"], "refused-injected");
}

#[test]
fn an_event_that_was_given_up_or_rejected_ends_with_what_it_met() {
    let mut bench = Bench::default();
    bench.engine.inject(Fault::entry(EntryError::throttling()).at_index(0).times(1));
    bench.engine.inject(Fault::entry(EntryError::malformed_detail()).at_index(1).times(2));
    bench.put([order(1), order(2)]);
    bench.put([order(3), order(2)]);
    let view = shown(&bench.journal());
    let events = view["events"].as_array().unwrap();
    let fates: Vec<&str> = events.iter().map(|event| event["fate"].as_str().unwrap()).collect();
    assert_eq!(fates[0], "got ThrottlingException in #1[0] and was never sent again");
    assert_eq!(fates[1], "got MalformedDetail in #2[1], a permanent error");
    assert_eq!(fates[2], "was accepted in #2[0]");
    assert_eq!(events[1]["isFinding"], true);
    assert!(events[1]["note"].as_str().unwrap().starts_with("was sent again in #2[1]"), "{}", events[1]);
}

#[test]
fn an_event_is_called_by_the_member_that_tells_it_from_others() {
    for (details, expected) in [
        // What is the same in all of them tells nothing, though it is an id.
        (
            &[r#"{"tenantId":"acme","orderId":1}"#, r#"{"tenantId":"acme","orderId":2}"#][..],
            &["orderId=1", "orderId=2"][..],
        ),
        // An id tells more than another value that differs.
        (
            &[r#"{"total":1.5,"order":{"id":"A"}}"#, r#"{"total":2.5,"order":{"id":"B"}}"#],
            &["order.id=A", "order.id=B"],
        ),
        // Of two that tell as much, the shorter.
        (
            &[r#"{"requestId":"0c8a2d5e-11","orderId":7}"#, r#"{"requestId":"7f1b9c3d-22","orderId":8}"#],
            &["orderId=7", "orderId=8"],
        ),
        // Where there is no id, whatever differs.
        (&[r#"{"kind":"x","city":"Bonn"}"#, r#"{"kind":"x","city":"Kiel"}"#], &["city=Bonn", "city=Kiel"]),
        // A single one is called by its id.
        (&[r#"{"when":"today","sku":"X-1"}"#], &["sku=X-1"]),
        (&[r#"{"when":"today","count":3}"#], &["count=3"]),
        // Digits are those that were sent, and texts those that were meant.
        (&[r#"{"id":12345678901234567890123}"#], &["id=12345678901234567890123"]),
        (&[r#"{ "\u0069d" : "\u00fc\n1" }"#], &["id=\u{fc}\n1"]),
        // What stands in a list, is true, or says nothing, is no name.
        (&[r#"{"items":[{"id":1},2],"ok":true,"empty":"","name":"n"}"#], &["name=n"]),
        (&[r#"{"items":[]}"#], &[r#"{"items":[]}"#]),
        (&["[1,2]"], &["[1,2]"]),
        (&["{not json"], &["{not json"]),
        (&["{}"], &["{}"]),
        (&[r#"{"a":{"b":{"c":{"d":{"deepId":1}}}},"z":2}"#], &["z=2"]),
    ] {
        assert_eq!(names(&shown(&sent(details))), expected, "{details:?}");
    }
    let long = "x".repeat(100);
    let [name] = &names(&shown(&sent(&[&json!({ "id": long }).to_string()])))[..] else { panic!() };
    assert_eq!(name, &format!("id={}\u{2026}", &long[..32]));
}

#[test]
fn each_kind_of_events_has_its_own_name_and_one_without_the_member_shows_its_beginning() {
    let mut bench = Bench::default();
    let other = |detail: &str| with(with(order(0), "DetailType", "Shipped"), "Detail", detail);
    bench.put([order(1), order(2), other(r#"{"parcel":"P1"}"#), other(r#"{"parcel":"P2"}"#), other(r#"{"x":[1]}"#)]);
    let view = shown(&bench.journal());
    assert_eq!(names(&view), ["orderId=1", "orderId=2", "parcel=P1", "parcel=P2", r#"{"x":[1]}"#]);
    let carries = &view["attempts"][0]["carries"];
    assert_eq!(
        carries,
        &json!({
            "first": [
                { "source": "shop.orders", "detailType": "OrderPlaced", "by": "orderId", "values": ["1", "2"], "more": 0 },
                { "source": "shop.orders", "detailType": "Shipped", "by": "parcel", "values": ["P1", "P2"], "more": 0 },
            ],
            "more": 1,
        })
    );
}

#[test]
fn an_attempt_names_its_first_events_and_how_many_more_there_are() {
    let mut bench = Bench::default();
    bench.put((1..=10).map(order));
    bench.put([order(7)]);
    bench.handle(put_events("nonsense"));
    let mut unlike = with(order(3), "Source", Value::Null);
    unlike = with(with(unlike, "DetailType", Value::Null), "Detail", Value::Null);
    bench.put([unlike]);
    let view = shown(&bench.journal());
    let carries = |attempt: usize| &view["attempts"][attempt - 1]["carries"];
    let orders = |values: Value, more: usize| {
        let kind = json!({ "source": "shop.orders", "detailType": "OrderPlaced", "by": "orderId", "values": values, "more": more });
        json!({ "first": [kind], "more": 0 })
    };
    assert_eq!(carries(1), &orders(json!(["1", "2", "3", "4"]), 6));
    assert_eq!(carries(2), &orders(json!(["7"]), 0));
    assert_eq!(carries(3), &Value::Null);
    assert_eq!(carries(4), &json!({ "first": [{ "values": [""], "more": 0 }], "more": 0 }));
}

#[test]
fn what_is_the_same_in_all_attempts_stands_once() {
    let put = |bench: &mut Bench, agent: &str, key: &str, region: &str, port: u16, source: &str| {
        let mut request = put_events(entries([with(order(1), "Source", source)]));
        let signed = AUTHORIZATION.replace("AKIDEXAMPLE", key).replace("us-east-1", region);
        request.headers_mut().insert("authorization", signed.parse().unwrap());
        request.headers_mut().insert("user-agent", agent.parse().unwrap());
        request.headers_mut().insert("host", "127.0.0.1:4010".parse().unwrap());
        request.extensions_mut().insert(std::net::SocketAddr::from(([127, 0, 0, 1], port)));
        bench.handle(request);
    };
    let mut bench = Bench::default();
    assert_eq!(shown(&bench.journal())["common"], json!({}));
    let mut all = json!({
        "source": "shop", "userAgent": "sdk/1", "accessKey": "AKIDONE", "region": "us-east-1", "host": "127.0.0.1:4010",
        "client": "127.0.0.1",
    });
    for port in [1, 2] {
        put(&mut bench, "sdk/1", "AKIDONE", "us-east-1", port, "shop");
        assert_eq!(shown(&bench.journal())["common"], all);
    }
    put(&mut bench, "sdk/1", "AKIDONE", "us-east-1", 3, "other");
    all.as_object_mut().unwrap().remove("source");
    assert_eq!(shown(&bench.journal())["common"], all);
    put(&mut bench, "sdk/2", "AKIDONE", "eu-west-1", 3, "other");
    assert_eq!(
        shown(&bench.journal())["common"],
        json!({ "accessKey": "AKIDONE", "host": "127.0.0.1:4010", "client": "127.0.0.1" })
    );
    // One that has none of it has it not in common with the others.
    bench.handle(http::Request::get("/").body(bytes::Bytes::new()).unwrap());
    assert_eq!(shown(&bench.journal())["common"], json!({}));
}

#[test]
fn where_is_order_17() {
    let mut bench = Bench::new(Engine::new()).with_own_clock();
    bench.engine.inject(Fault::entry(EntryError::throttling()).at_index(6).times(1));
    let first = bench.handle(put_events(entries((11..21).map(order))));
    bench.answered(&first);
    bench.put([order(17), order(170)]);
    let Some(page) = Opened::new(&bench.journal()) else { return };
    page.click("[data-by=events]");
    page.until("return document.querySelectorAll('.row.event').length === 11");
    assert!(page.text("[data-by=events]").contains("11"));
    page.press(&["/"]);
    page.script("filterInput.value = '\"orderid 17\"'; setFilter('\"orderid\":17}')");
    assert_eq!(page.script("return document.querySelectorAll('.row.event').length"), 1);
    page.script("setFilter('17')");
    // The times, numbers and ids of attempts are not looked through.
    let names = "return [...document.querySelectorAll('.row.event .value')].map((value) => value.textContent)";
    assert_eq!(page.script(names), json!(["17", "170"]));
    assert_eq!(page.text("#shown"), "2 of 11 events");
    let row = page.text("#event-7").replace('\n', " ");
    for part in ["OrderPlaced", "orderId", "17", "#1", "#2", "was accepted in #2[0]"] {
        assert!(row.contains(part), "{part:?} is not in {row:?}");
    }
    page.click("#event-7 .words");
    page.until("return document.getElementById('details').getAttribute('aria-label') === 'Event 7'");
    let details = page.text("#details");
    for part in
        ["2 tries", "#1[6]", "ThrottlingException", "(injected)", "#2[0]", "accepted", "\"orderId\": 17", "EventId"]
    {
        assert!(details.contains(part), "{part:?} is not in {details}");
    }
    page.until("return location.hash === '#by=events&q=17&at=7'");

    // From a try to its entry, from the entry to its event, and back again.
    page.click(".one-try a");
    let chosen = |attempt: usize, entry: usize| {
        page.until(&format!(
            "return document.getElementById('details').getAttribute('aria-label') === 'Attempt {attempt}' &&
                document.querySelectorAll('.entry.chosen').length === 1 && document.querySelector('.entry.chosen').id === 'entry-{entry}'"
        ));
    };
    chosen(1, 6);
    let in_sight = "const [entry, pane] = ['.entry.chosen', '#details'].map((one) => document.querySelector(one).getBoundingClientRect());
        return entry.top >= pane.top && entry.top < pane.bottom";
    assert_eq!(page.script(in_sight), true);
    page.until("return location.hash === '#q=17&at=1.6'");
    page.click("#entry-6 .to-event");
    page.until("return document.getElementById('details').getAttribute('aria-label') === 'Event 7'");
    page.script("history.back()");
    chosen(1, 6);
    page.script("history.back()");
    page.until("return document.getElementById('details').getAttribute('aria-label') === 'Event 7'");
    // A try in the row leads to its entry as well.
    page.click("#event-7 .try:nth-child(2)");
    chosen(2, 0);
    page.until("return location.hash === '#q=17&at=2.0'");
    page.reload();
    chosen(2, 0);
    assert_eq!(page.console(), Vec::<String>::new());
}

#[test]
fn nothing_is_written_where_a_step_has_written_all_for_it_could_undo_a_step_back_that_is_under_way() {
    let Some(page) = Opened::new(&eventful()) else { return };
    let writes = |action: &str| {
        // A timer that is set later and waits longer comes later, however busy the machine is.
        page.script(&format!(
            "const write = history.replaceState.bind(history);
            let writes = 0;
            history.replaceState = (...all) => {{ writes += 1; write(...all); }};
            {action};
            const atOnce = writes;
            return new Promise((resolve) => {{ setTimeout(resolve, 200); }}).then(() => {{
                history.replaceState = write;
                return [atOnce, writes - atOnce, location.hash];
            }})"
        ))
    };
    assert_eq!(writes("goTo('events', 3)"), json!([1, 0, "#by=events&at=3"]));
    assert_eq!(writes("goTo('attempts', 2, 1)"), json!([1, 0, "#at=2.1"]));
    assert_eq!(writes("select(2, { entry: 1 })"), json!([0, 0, "#at=2.1"]));
    assert_eq!(writes("setFilter('a \"b\"')"), json!([0, 1, "#q=a+%22b%22&at=2.1"]));
    assert_eq!(writes("setFilter('a \"b\"')"), json!([0, 0, "#q=a+%22b%22&at=2.1"]));
    assert_eq!(writes("setFilter(''); close()"), json!([0, 1, ""]));
    assert_eq!(writes("setFilter('')"), json!([0, 0, ""]));
    assert_eq!(page.console(), Vec::<String>::new());
}

#[test]
fn a_mark_and_a_finding_open_their_own_entry() {
    let Some(page) = Opened::new(&eventful()) else { return };
    let chosen = |attempt: usize, entry: usize| {
        page.until(&format!(
            "return document.getElementById('details').getAttribute('aria-label') === 'Attempt {attempt}' &&
                [...document.querySelectorAll('.entry.chosen')].map((one) => one.id).join() === 'entry-{entry}'"
        ));
    };
    page.click("#row-2 .mark:nth-child(2)");
    chosen(2, 1);
    // Another mark of the row that is open does not close it.
    page.click("#row-2 .mark:nth-child(3)");
    chosen(2, 2);
    page.click("#row-8 .mark:nth-child(11)");
    chosen(8, 10);
    // The problem about entry 1 of attempt 6, where it is listed, and in its row.
    page.script("[...document.querySelectorAll('#findings li')].find((item) => item.innerText.includes('entry 1 was refused')).querySelector('a').click()");
    chosen(6, 1);
    page.click("#row-3 .note");
    chosen(3, 0);
    page.script("[...document.querySelectorAll('#findings li')].find((item) => item.innerText.includes('entry 0 went')).click()");
    chosen(6, 0);
    // The rest of the row opens the attempt.
    page.click("#row-2 .time");
    page.until("return document.getElementById('details').getAttribute('aria-label') === 'Attempt 2' && !document.querySelector('.entry.chosen')");
    assert_eq!(page.console(), Vec::<String>::new());
}

#[test]
fn the_buttons_count_what_they_let_through_and_keys_do_all_that_a_mouse_does() {
    let Some(page) = Opened::new(&eventful()) else { return };
    let counts =
        "return [...document.querySelectorAll('#bar .button')].map((button) => button.innerText.replace(/\\s+/g, ' '))";
    assert_eq!(page.script(counts), json!(["Attempts 9", "Events 18", "Failures 8", "Findings 4", "Injected 5"]));
    page.press(&["e"]);
    assert_eq!(
        page.script("return [...document.querySelectorAll('.row')].every((row) => row.classList.contains('event'))"),
        true
    );
    assert_eq!(page.script("return document.querySelector('[data-by=events]').getAttribute('aria-pressed')"), "true");
    assert_eq!(page.script(counts), json!(["Attempts 9", "Events 18", "Failures 15", "Findings 2", "Injected 5"]));
    page.click("[data-only=findings]");
    assert_eq!(
        page.script("return [...document.querySelectorAll('.row')].map((row) => row.id)"),
        json!(["event-1", "event-3"])
    );
    page.script("document.activeElement.blur()");
    page.press(&["j", "j", "\u{e007}"]);
    page.until("return document.getElementById('details').getAttribute('aria-label') === 'Event 3'");
    page.press(&["k"]);
    page.until("return document.getElementById('details').getAttribute('aria-label') === 'Event 1'");
    page.press(&["\u{e00c}"]);
    page.until("return document.getElementById('details').hidden && document.activeElement.id === 'event-1'");
    page.press(&["e"]);
    assert_eq!(
        page.script("return [...document.querySelectorAll('.row')].map((row) => row.id)"),
        json!(["row-3", "row-6", "row-7", "row-8"])
    );
    page.click("[data-only=findings]");
    for query in ["#6", "fault:1", "-#1 -#8"] {
        page.press(&["e"]);
        let found = page.script(&format!("setFilter('{query}'); return list.visible.length"));
        assert!(found.as_u64() > Some(0), "{query}");
        page.press(&["e"]);
        page.script("setFilter('')");
    }
    assert_eq!(page.console(), Vec::<String>::new());
}

#[test]
fn many_events_stay_usable_on_a_narrow_screen_too() {
    let mut bench = Bench::default();
    for id in 0..5_000 {
        bench.put([order(id), order(id + 10_000)]);
    }
    let Some(page) = Opened::new(&bench.journal()) else { return };
    page.press(&["e"]);
    page.until("return list.visible.length === 10000");
    let few = "return document.querySelectorAll('.row').length";
    assert!(page.script(few).as_u64() < Some(120), "{}", page.script(few));
    page.press(&["j", "\u{e010}"]);
    page.until("return document.activeElement.id === 'event-10000' && isAtEnd()");
    page.script("setFilter('\"orderid\":14999}')");
    assert_eq!(page.script("return list.visible.length"), 1);
    page.resize(390, 800);
    for look in ["setFilter('')", "select(9999, { jump: true })", "goTo('attempts', 5000, 1)"] {
        page.script(look);
        assert_eq!(page.script("return document.documentElement.scrollWidth <= innerWidth"), true, "{look}");
    }
    assert_eq!(page.console(), Vec::<String>::new());
}
