//! What a browser makes of the page.

use pretty_assertions::assert_eq;
use serde_json::json;

use super::{HOSTILE, Opened, eventful, hostile};
use crate::support::{Bench, order};

#[test]
fn every_attempt_is_shown_with_its_entries_notes_pauses_and_faults_and_the_rest_at_a_click() {
    let journal = eventful();
    let Some(page) = Opened::new(&journal) else { return };
    page.until("return [...document.querySelectorAll('.row')].every((row) => row.innerText !== '')");
    let rows =
        page.script("return [...document.querySelectorAll('.row')].map((row) => row.innerText.replace(/\\s+/g, ' '))");
    let rows: Vec<&str> = rows.as_array().unwrap().iter().map(|row| row.as_str().unwrap()).collect();
    assert_eq!(rows.len(), journal.attempts().len());
    for (row, part) in [
        (0, "#1 +0.000 s shop.orders / OrderPlaced orderId 1, 2, 3 500 InternalException (injected)"),
        (1, "[1] ThrottlingException (injected), 2 accepted try 2"),
        (2, "all accepted \u{2190} [0, 2] accepted in #2 already"),
        (3, "nothing accepted"),
        (5, "shop.orders / OrderPlaced orderId 5 (no source) / OrderPlaced orderId 6"),
        (5, "delivered nowhere"),
        (7, "orderId 10, 11, 12, 13 +7 more"),
    ] {
        assert!(rows[row].contains(part), "{part:?} is not in {:?}", rows[row]);
    }
    // What is the same in all of them stands once.
    let common = page.text("#common").replace('\n', " ");
    let agent = "aws-sdk-rust/1.3.9 os/linux lang/rust/1.90.0";
    assert_eq!(
        common,
        format!("Same in all attempts user agent {agent} access key AKIDEXAMPLE region us-east-1 client 127.0.0.1")
    );
    for part in ["aws-sdk-rust", "AKIDEXAMPLE", "us-east-1", "127.0.0.1"] {
        assert!(!rows.iter().any(|row| row.contains(part)), "{part} is in a row: {rows:?}");
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
        "6 active, 1 lifted",
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
        facts.contains("9 attempts") && facts.contains("events published") && facts.contains("4 problems"),
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
        "delivered whole, without delay",
        "Faults that applied",
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
    page.click("#details .entry dd a");
    page.until("return document.getElementById('details').getAttribute('aria-label') === 'Attempt 1'");
    // From an attempt to its fault, and from a fault to its attempt.
    page.click("#decided button");
    page.until("return document.activeElement.id === 'fault-0'");
    page.click("#fault-1 .refs a");
    page.until("return document.getElementById('details').getAttribute('aria-label') === 'Attempt 2'");
    page.click("#row-2");
    page.until("return document.getElementById('details').hidden");
    assert_eq!(page.console(), Vec::<String>::new());
}

#[test]
fn an_attempt_is_found_with_the_keyboard_alone_and_the_filter_is_remembered() {
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
    page.press(&["\u{e00c}"]);
    page.press(&["/", "\u{e00c}"]);
    page.until("return document.querySelectorAll('.row').length === 9");

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
        ("fault:1", "#2"),
        ("-fault:1 injected", "#1 #4 #5"),
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
    page.reload();
    page.until("return document.getElementById('filter')?.value === 'ordres' && document.querySelectorAll('.row').length === 1");
    assert_eq!(page.script("return document.querySelectorAll('[data-only][aria-pressed=true]').length"), 2);
    assert_eq!(page.console(), Vec::<String>::new());
}

/// Texts that do not stand out enough from what is behind them.
pub(super) const FAINT: &str = "const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
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
        assert_eq!(page.script(FAINT), json!([]), "{scheme}");
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
fn ten_thousand_attempts_stay_usable() {
    let mut bench = Bench::default();
    for id in 0..10_000 {
        bench.put([order(id), order(id + 10_000)]);
    }
    let Some(page) = Opened::new(&bench.journal()) else { return };
    let shown = "return document.querySelectorAll('.row').length";
    let few = |place: &str| {
        let rows = page.script(shown).as_u64().unwrap();
        assert!((10..100).contains(&rows), "{place}: {rows} rows");
    };
    few("at the start");
    page.press(&["j", "\u{e010}"]);
    page.until("return document.activeElement.id === 'row-10000'");
    page.until("return isAtEnd()");
    few("at the end");
    // The last row stands at the end of the page, and in sight.
    let row = "const row = document.getElementById('row-10000').getBoundingClientRect();
        return row.top > 0 && row.bottom < innerHeight && row.bottom > innerHeight / 2";
    assert_eq!(page.script(row), true);
    page.press(&["k", "\u{e007}"]);
    page.until("return document.getElementById('details').getAttribute('aria-label') === 'Attempt 9999'");
    page.press(&["\u{e00c}"]);
    page.until("return document.activeElement.id === 'row-9999'");
    page.press(&["\u{e011}"]);
    page.until("return document.activeElement.id === 'row-1'");
    few("at the start again");

    // A row in the middle, from a link, and from the filter.
    page.script("location.hash = '#at=5000'");
    page.until("return document.getElementById('row-5000')?.getAttribute('aria-expanded') === 'true'");
    // The focus stays on its row, wherever the window is.
    page.script("document.getElementById('row-5000').focus(); scrollTo({ top: 0, behavior: 'instant' })");
    page.until("return document.getElementById('row-2') && document.activeElement.id === 'row-5000'");
    page.press(&["j"]);
    page.until("return document.activeElement.id === 'row-5001'");
    page.press(&["\u{e00c}"]);
    page.press(&["/", "#", "7", "7", "7", "7"]);
    page.until("return document.querySelectorAll('.row').length === 1 && document.getElementById('row-7777')");
    page.press(&["\u{e00c}", "j"]);
    // Whoever scrolls sees every row once, one below the other.
    let seen = page.script(
        "const seen = new Set();
        document.activeElement.blur();
        scrollTo({ top: 0, behavior: 'instant' });
        list.paint();
        for (let step = 0; step < 60; step += 1) {
            const items = [...document.querySelectorAll('#rows > li')].map((item) => item.getBoundingClientRect());
            items.slice(1).forEach((item, index) => {
                if (Math.abs(item.top - items[index].bottom) > 0.5) throw new Error(`a hole of ${item.top - items[index].bottom}`);
            });
            for (const row of document.querySelectorAll('.row')) seen.add(row.id);
            scrollBy({ top: innerHeight / 2, behavior: 'instant' });
            list.paint();
        }
        return [...seen].every((id, index) => id === `row-${index + 1}`) && seen.size",
    );
    assert!(seen.as_u64() > Some(300), "{seen}");
    let measured = page.script(
        "const view = JSON.parse(document.getElementById('view').textContent);
        const began = performance.now();
        render(view);
        const height = document.documentElement.scrollHeight;
        return { renderMs: Math.round(performance.now() - began), nodes: document.querySelectorAll('*').length, height }",
    );
    println!("10,000 attempts: {measured}");
    assert!(measured["nodes"].as_u64() < Some(5_000), "{measured}");
    assert_eq!(page.console(), Vec::<String>::new());
}
