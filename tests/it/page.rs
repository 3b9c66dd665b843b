//! The page: what is embedded into it, and what a browser makes of it.

mod browser;
mod events;
mod expected;
#[cfg(feature = "cli")]
mod live;
mod view;

use std::path::{Path, PathBuf};
use std::time::Duration;

use pretty_assertions::assert_eq;
use putevents_mock::fault::Gate;
use putevents_mock::{Engine, EntryError, Fault, Journal, RequestError, entry};
use serde_json::{Value, json};

use crate::support::webdriver::Browser;
use crate::support::{Bench, directory, entries, order, put_events, with};

/// A conversation in which an entry meets every fate, with a resend, a retry of the SDK, a pause, and a fault in vain.
fn eventful() -> Journal {
    let mut bench = Bench::new(Engine::new().seed(7).known_buses(["orders"])).with_own_clock();
    for fault in [
        Fault::request(RequestError::internal_exception()).on_attempt(1),
        Fault::entry(EntryError::throttling()).at_index(1).on_attempt(2),
        Fault::reset().on_attempt(4),
        Fault::lost_reply().on_attempt(5),
        Fault::entry(EntryError::malformed_detail()).matching(entry().detail_at("/orderid", 9)).times(2),
        Fault::hold(&Gate::new()).on_attempt(9),
    ] {
        bench.engine.inject(fault);
    }
    let lifted = bench
        .engine
        .inject(Fault::entry(EntryError::internal_failure()).matching(entry().source("nobody")).times(0..=9));
    bench.engine.lift(lifted);
    let mut put = |items: Vec<Value>, sdk_try: usize| {
        let mut request = put_events(entries(items));
        let headers = request.headers_mut();
        headers.insert("user-agent", "aws-sdk-rust/1.3.9 os/linux lang/rust/1.90.0".parse().unwrap());
        headers.insert("amz-sdk-request", format!("attempt={sdk_try}; max=3").parse().unwrap());
        headers.insert("amz-sdk-invocation-id", "4f0c2a52-0f8b-4d7c-8f42-6a1f3f6a2d11".parse().unwrap());
        request.extensions_mut().insert(std::net::SocketAddr::from(([127, 0, 0, 1], 4711)));
        let reply = bench.handle(request);
        bench.wait(Duration::from_millis(1));
        if reply.delivery().hold.is_none() {
            bench.answered(&reply);
        }
        bench.wait(Duration::from_millis(52));
    };
    put([1, 2, 3].map(order).into(), 1);
    put([1, 2, 3].map(order).into(), 2);
    put([1, 2, 3].map(order).into(), 1); // The bug: 1 and 3 were accepted.
    put(vec![order(4)], 1);
    put(vec![order(4)], 1);
    put(vec![with(order(5), "EventBusName", "ordres"), with(order(6), "Source", Value::Null)], 1);
    put(vec![], 1);
    put((10..21).map(order).collect(), 1);
    put(vec![order(7)], 1);
    bench.journal()
}

fn file(directory: &Path, journal: &Journal) -> PathBuf {
    let path = directory.join("journal.html");
    journal.write_html(&path).unwrap();
    path
}

/// A journal opened in a browser.
struct Opened {
    browser: Browser,
    directory: PathBuf,
}

impl Opened {
    fn new(journal: &Journal) -> Option<Self> {
        let browser = Browser::start()?;
        let directory = directory("page");
        browser.open_file(&file(&directory, journal));
        assert_eq!(browser.console(), Vec::<String>::new());
        browser.until("return document.querySelector('.row') !== null");
        Some(Self { browser, directory })
    }
}

impl std::ops::Deref for Opened {
    type Target = Browser;

    fn deref(&self) -> &Browser {
        &self.browser
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// What stands between two texts.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap();
    rest.split_once(after).unwrap().0
}

fn view(html: &str) -> Value {
    let data = between(html, "<script type=\"application/json\" id=\"view\">", "</script>");
    serde_json::from_str(data).unwrap()
}

#[test]
fn where_no_script_may_run_the_page_shows_the_timeline_as_text() {
    let journal = eventful();
    let html = journal.to_html();
    let text = between(&html, "<noscript>", "</noscript>");
    let text = between(text, "<pre>", "</pre>").replace("&lt;", "<").replace("&amp;", "&");
    assert_eq!(text, journal.to_string());
}

#[test]
fn a_fault_says_whether_it_is_in_force_and_older_files_need_not() {
    let journal = eventful().to_json();
    let in_force = |journal: &Value| -> Vec<Value> {
        journal["faults"].as_array().unwrap().iter().map(|fault| fault["inForce"].clone()).collect()
    };
    let mut expected = vec![json!(true); 6];
    expected.push(json!(false));
    assert_eq!(in_force(&journal), expected);
    let again: Journal = journal.to_string().parse().unwrap();
    assert_eq!(in_force(&again.to_json()), expected);
    let mut older = journal.clone();
    for fault in older["faults"].as_array_mut().unwrap() {
        fault.as_object_mut().unwrap().remove("inForce");
    }
    let again: Journal = older.to_string().parse().unwrap();
    assert_eq!(in_force(&again.to_json()), vec![json!(true); 7]);
    older["faults"][0]["inForce"] = "yes".into();
    let error = older.to_string().parse::<Journal>().unwrap_err();
    assert_eq!(error.to_string(), "faults[0].inForce: \"yes\" is not true or false");
}

const HOSTILE: &str = "</script><script>window.broken = 1</script><img src=x onerror='window.broken = 2'><!--<script>";

/// Texts that want to be markup, to hide others, or to be endless, wherever a client can put a text.
fn hostile() -> Journal {
    let mut bench = Bench::default();
    bench.engine.inject(Fault::entry(EntryError::new(HOSTILE, HOSTILE)).at_index(3));
    let detail = |text: &str| json!({ text: text }).to_string();
    let mut request = put_events(entries([
        with(order(1), "Detail", detail(HOSTILE)),
        with(order(2), "Detail", detail("\u{202e}txet sdrawkcab \u{1f980}\u{1f468}\u{200d}\u{1f469} مرحبا")),
        with(order(3), "Detail", detail(&"long ".repeat(20_000))),
        with(with(order(4), "DetailType", HOSTILE), "Source", format!("&lt;{HOSTILE}")),
    ]));
    request.headers_mut().insert("user-agent", HOSTILE.parse().unwrap());
    bench.handle(request);
    bench.handle(put_events(HOSTILE));
    bench.journal()
}

#[test]
fn no_text_breaks_out_of_the_page() {
    let quiet = Bench::default().journal().to_html();
    let html = hostile().to_html();
    for tag in ["<script", "</script", "<img", "<!--", "<pre"] {
        assert_eq!(html.matches(tag).count(), quiet.matches(tag).count(), "{tag}");
    }
    let entry = &view(&html)["attempts"][0]["entries"][3];
    assert_eq!((&entry["detailType"], &entry["code"]), (&json!(HOSTILE), &json!(HOSTILE)));
}

#[test]
fn the_page_loads_nothing() {
    let page = Bench::default().journal().to_html().replace("http://www.w3.org/2000/svg", "");
    for outside in
        ["http:", "https:", "url(", "@import", " src=", "import(", "innerHTML", "insertAdjacentHTML", "document.write"]
    {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("default-src 'none'"));
}
