//! The page: what is embedded into it, and what a browser makes of it.

#[cfg(feature = "cli")]
mod live;

use std::path::{Path, PathBuf};
use std::time::Duration;

use pretty_assertions::assert_eq;
use putevents_mock::{Engine, EntryError, Fault, Gate, Journal, RequestError, entry};
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

fn picture(html: &str) -> Value {
    let data = between(html, "<script type=\"application/json\" id=\"picture\">", "</script>");
    serde_json::from_str(data).unwrap()
}

#[test]
fn the_page_holds_the_journal_and_its_words() {
    let journal = eventful();
    let picture = picture(&journal.to_html());
    assert_eq!(picture["journal"], journal.to_json());
    assert_eq!(picture["became"]["2"], "[1] ThrottlingException (injected), 2 accepted");
    assert_eq!(picture["became"].as_object().unwrap().len(), journal.attempts().len());
    assert_eq!(picture["notes"], json!({ "3": "<- [0, 2] accepted in #2 already" }));
    let lint = journal.lint();
    assert_eq!(picture["lint"].as_array().unwrap().len(), lint.len());
    let rules: Vec<&Value> = picture["lint"].as_array().unwrap().iter().map(|finding| &finding["rule"]).collect();
    assert!(rules.contains(&&json!("acceptedEntryResent")), "{rules:?}");
    assert_eq!(picture["lint"][0]["message"], lint[0].message());
    assert_eq!(picture["lint"][0]["attempt"], lint[0].attempt());
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
    assert_eq!(picture(&html)["journal"], hostile().to_json());
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

#[test]
fn every_attempt_is_shown_with_its_entries_notes_pauses_and_faults() {
    let journal = eventful();
    let Some(page) = Opened::new(&journal) else { return };
    page.until("return [...document.querySelectorAll('.row')].every((row) => row.innerText !== '')");
    let rows =
        page.script("return [...document.querySelectorAll('.row')].map((row) => row.innerText.replace(/\\s+/g, ' '))");
    let rows: Vec<&str> = rows.as_array().unwrap().iter().map(|row| row.as_str().unwrap()).collect();
    assert_eq!(rows.len(), journal.attempts().len());
    for (row, part) in [
        (0, "#1 +0.000 s 500 InternalException (injected)"),
        (1, "#2 +0.053 s [1] ThrottlingException (injected), 2 accepted"),
        (1, "try 2 aws-sdk-rust/1.3.9 127.0.0.1:4711 \u{b7} AKIDEXAMPLE"),
        (2, "all accepted \u{2190} [0, 2] accepted in #2 already"),
        (3, "nothing accepted"),
        (5, "delivered nowhere"),
    ] {
        assert!(rows[row].contains(part), "{part:?} is not in {:?}", rows[row]);
    }
    let gaps = page.script("return [...document.querySelectorAll('.gap')].map((gap) => gap.innerText)");
    assert_eq!(gaps, json!(vec!["waited 52 ms"; 8]));
    let marks = page.script(
        "return [...document.querySelectorAll('.row')].map((row) =>
            [...row.querySelectorAll('.mark')].map((mark) => mark.dataset.outcome).join(' '))",
    );
    let eleven = ["refused"; 11].join(" ");
    assert_eq!(
        marks,
        json!([
            "refused-injected refused-injected refused-injected",
            "accepted failed-injected accepted",
            "accepted accepted accepted",
            "unseen",
            "lost",
            "undelivered failed",
            "refused",
            eleven,
            "waiting",
        ])
    );
    let looks = page.script(
        "const looks = {};
        for (const mark of document.querySelectorAll('.row .mark')) {
            const shape = mark.querySelector('use').getAttribute('href');
            const drawn = document.querySelector(shape).innerHTML;
            looks[mark.dataset.outcome] = [shape, drawn, getComputedStyle(mark).color, mark.getBoundingClientRect().width > 8];
        }
        return looks",
    );
    let looks = looks.as_object().unwrap();
    assert_eq!(looks.len(), 9);
    for (name, look) in looks {
        assert_eq!(look[3], true, "{name} is too small");
        for (other, unlike) in looks.iter().filter(|(other, _)| *other != name) {
            assert!(look[0] != unlike[0] && look[1] != unlike[1], "{name} has the shape of {other}");
        }
    }
    let colour = |name: &str| looks[name][2].as_str().unwrap();
    let mut colours = ["accepted", "failed", "failed-injected", "undelivered", "unseen"].map(colour).to_vec();
    colours.sort_unstable();
    colours.dedup();
    assert_eq!(colours.len(), 5, "{looks:?}");

    let faults = page.text("#faults");
    for part in [
        "6 in force, 1 lifted",
        "never fired",
        "detail has nothing at \"/orderid\", but at \"/orderId\"",
        "tests/it/page.rs",
    ] {
        assert!(faults.contains(part), "{part:?} is not in {faults}");
    }
    page.click("#faults .quiet");
    assert!(page.text("#faults").contains("fired once"));
    let findings = page.text("#findings");
    for part in ["[0, 2] accepted in #2 already", "problem", "\"ordres\""] {
        assert!(findings.contains(part), "{part:?} is not in {findings}");
    }
    let facts = page.text("#facts").replace('\n', " ");
    assert!(
        facts.contains("9 attempts") && facts.contains("events published") && facts.contains("3 problems"),
        "{facts}"
    );
    // The strip above them has a place for each attempt, and colours.
    assert_eq!(page.script("return strip.places.length"), 9);
    let colours = page.script(
        "const canvas = document.getElementById('strip');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size",
    );
    assert!(colours.as_u64() > Some(5), "{colours}");
    assert_eq!(page.script("return performance.getEntriesByType('resource').length"), 0);
    assert_eq!(page.console(), Vec::<String>::new());
}

#[test]
fn a_click_opens_the_details_of_an_attempt() {
    let Some(page) = Opened::new(&eventful()) else { return };
    page.click("#row-2");
    let details = page.text("#details");
    for part in [
        "127.0.0.1:4711",
        "AKIDEXAMPLE",
        "try 2 of 4f0c2a52",
        "ThrottlingException (injected)",
        "Rate exceeded",
        "EventId",
        "\"orderId\": 2",
        "given whole and at once",
        "Faults that decided",
    ] {
        assert!(details.contains(part), "{part:?} is not in {details}");
    }
    assert!(!details.contains("undefined"), "{details}");
    assert_eq!(details.matches("also sent in").count(), 3);
    assert!(!details.contains("FailedEntryCount"));
    page.click("#part-reply summary");
    page.click("#part-request summary");
    page.until("return document.getElementById('details').innerText.includes('FailedEntryCount')");
    let details = page.text("#details");
    for part in ["x-amz-target: AWSEvents.PutEvents", "\"ErrorCode\":\"ThrottlingException\"", "{\"Entries\":[{"] {
        assert!(details.contains(part), "{part:?} is not in {details}");
    }
    assert_eq!(page.script("return location.hash"), page.until("return location.hash === '#at=2' && location.hash"));
    // An equal entry of another attempt is a click away.
    page.click("#details .entry a");
    page.until("return document.getElementById('details').getAttribute('aria-label') === 'Attempt 1'");
    page.click("#row-1");
    page.until("return document.getElementById('details').hidden");
    assert_eq!(page.console(), Vec::<String>::new());
}

#[test]
fn the_page_can_be_used_with_the_keyboard_alone() {
    let Some(page) = Opened::new(&eventful()) else { return };
    let focus = "return document.activeElement.id";
    page.press(&["j"]);
    assert_eq!(page.script(focus), "row-1");
    page.press(&["j", "\u{e015}", "k"]);
    assert_eq!(page.script(focus), "row-2");
    page.press(&["\u{e007}"]);
    page.until("return !document.getElementById('details').hidden");
    assert_eq!(page.script("return document.getElementById('row-2').getAttribute('aria-expanded')"), "true");
    page.press(&["j"]);
    page.until("return document.getElementById('details').getAttribute('aria-label') === 'Attempt 3'");
    page.press(&["\u{e00c}"]);
    page.until("return document.getElementById('details').hidden");
    assert_eq!(page.script(focus), "row-3");
    page.press(&["/", "t", "h", "r", "o", "t", "t"]);
    page.until("return document.querySelectorAll('.row').length === 1");
    page.press(&["\u{e007}"]);
    assert_eq!(page.script(focus), "row-2");
    let reachable = "return document.querySelectorAll('.row[tabindex=\"0\"]').length";
    assert_eq!(page.script(reachable), 1);
    let unnamed = page.script(
        "return [...document.querySelectorAll('button, input, summary')].filter((one) =>
            !(one.innerText.trim() || one.getAttribute('aria-label') || one.hidden || one.closest('[hidden]'))).length",
    );
    assert_eq!(unnamed, 0);
    assert_eq!(page.console(), Vec::<String>::new());
}

#[test]
fn the_filter_hides_attempts_and_is_remembered() {
    let Some(page) = Opened::new(&eventful()) else { return };
    let shown = "return [...document.querySelectorAll('.row .n')].map((number) => number.textContent).join(' ')";
    let filtered = |query: &str| {
        page.script(&format!(
            "document.getElementById('filter').value = {};
            document.getElementById('filter').dispatchEvent(new Event('input'))",
            json!(query)
        ));
        let settled = format!("return state.q === {}", json!(query));
        page.until(&settled);
        page.script(shown)
    };
    for (query, numbers) in [
        ("throttling", "#2"),
        ("\"orderId\":4", "#4 #5"),
        ("\"accepted in\"", "#3"),
        ("4f0c2a52 -orderplaced", "#7"),
        ("#3", "#3"),
        ("ordres delivered", "#6"),
        ("127.0.0.1:4711 attempt=2", "#2"),
        ("nothing of this", ""),
    ] {
        assert_eq!(filtered(query), numbers, "{query}");
    }
    assert!(page.script("return !document.getElementById('nothing').hidden").as_bool().unwrap());
    assert_eq!(filtered(""), "#1 #2 #3 #4 #5 #6 #7 #8 #9");
    page.click("[data-only=findings]");
    assert_eq!(page.script(shown), "#3 #6 #7 #8");
    assert!(page.text("#rows").contains("2 not shown"));
    page.click("[data-only=failures]");
    assert_eq!(page.script(shown), "#6 #7 #8");
    assert_eq!(filtered("ordres"), "#6");
    page.until("return location.hash.includes('q=ordres') && location.hash.includes('only=findings%2Cfailures')");
    page.script("location.reload()");
    page.until("return document.getElementById('filter')?.value === 'ordres' && document.querySelectorAll('.row').length === 1");
    assert_eq!(page.script("return document.querySelectorAll('[aria-pressed=true]').length"), 2);
    assert_eq!(page.console(), Vec::<String>::new());
}

#[test]
fn light_and_dark_differ_and_both_can_be_read() {
    let Some(page) = Opened::new(&eventful()) else { return };
    let colours = "const style = getComputedStyle(document.body); return [style.backgroundColor, style.color]";
    page.prefer_color_scheme("light");
    let light = page.script(colours);
    page.prefer_color_scheme("dark");
    let dark = page.script(colours);
    assert!(light[0] != dark[0] && light[1] != dark[1], "{light} {dark}");
    page.click("#theme");
    assert_eq!(page.script(colours), light, "{}", page.text("#theme"));
    page.click("#theme");
    page.prefer_color_scheme("light");
    assert_eq!(page.script(colours), dark, "{}", page.text("#theme"));
    // As the guidelines for accessible pages have it, small text stands out from what is behind it by 4.5 to 1.
    for scheme in ["light", "dark"] {
        page.click("#theme");
        page.prefer_color_scheme(scheme);
        while page.text("#theme") != "Theme: auto" {
            page.click("#theme");
        }
        let faint = "const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
            const light = (colours) => {
                for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
                const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((part) =>
                    part <= 10 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            const behind = (node) => node ? [...behind(node.parentElement), getComputedStyle(node).backgroundColor] : [];
            const contrast = (node) => {
                const [one, other] = [light([...behind(node), getComputedStyle(node).color]), light(behind(node))];
                return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
            };
            document.getAnimations().forEach((animation) => animation.finish());
            return [...document.querySelectorAll('#page *')].filter((node) => node.checkVisibility() &&
                [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()) && contrast(node) < 4.5)
                .map((node) => `${node.className} ${node.textContent.slice(0, 40)} ${contrast(node)}`)";
        assert_eq!(page.script(faint), json!([]), "{scheme}");
    }
    page.resize(390, 800);
    assert_eq!(page.script("return document.documentElement.scrollWidth <= innerWidth"), true);
    page.click("#row-2");
    page.until("return !document.getElementById('details').hidden");
    assert_eq!(page.script("return document.documentElement.scrollWidth <= innerWidth"), true);
    assert_eq!(page.console(), Vec::<String>::new());
}

#[test]
fn hostile_texts_are_shown_and_do_nothing() {
    let Some(page) = Opened::new(&hostile()) else { return };
    page.click("#row-1");
    page.until("return !document.getElementById('details').hidden");
    for part in ["request", "reply"] {
        page.click(&format!("#part-{part} summary"));
    }
    let details = page.text("#details");
    assert!(details.contains(HOSTILE), "{details}");
    assert!(details.contains('\u{1f980}') && details.contains("show all"), "{details}");
    assert!(details.contains("U+202E"), "{details}");
    let before = details.len();
    page.click(".entry[data-outcome=accepted]:nth-of-type(3) .code .quiet");
    page.until(&format!("return document.getElementById('details').innerText.length > {before} + 90000"));
    // The row and the pane keep to their places.
    assert_eq!(page.script("return document.documentElement.scrollWidth <= innerWidth"), true);
    assert!(page.text("#row-1").len() < 2000);
    page.click("#row-2");
    page.until("return document.getElementById('details').getAttribute('aria-label') === 'Attempt 2'");
    assert_eq!(
        page.script("return [window.broken ?? null, document.images.length, document.scripts.length]"),
        json!([null, 0, 2])
    );
    assert_eq!(page.console(), Vec::<String>::new());
}

#[test]
fn thousands_of_attempts_stay_usable() {
    let mut bench = Bench::default();
    for id in 0..2500 {
        bench.put([order(id), order(id + 10_000)]);
    }
    let Some(page) = Opened::new(&bench.journal()) else { return };
    let rows = "return [document.querySelectorAll('.row').length, document.querySelector('.row').id]";
    assert_eq!(page.script(rows), json!([1000, "row-1501"]));
    page.click("#older");
    assert_eq!(page.script(rows), json!([2000, "row-501"]));
    page.click("#older");
    assert_eq!(page.script(rows), json!([2500, "row-1"]));
    assert!(page.script("return document.getElementById('older').hidden").as_bool().unwrap());
    assert_eq!(page.console(), Vec::<String>::new());
}
