//! Expectations that are not met stand on top of the page.

use std::time::Duration;

use pretty_assertions::assert_eq;
use putevents_mock::{EntryError, Fault, Journal, Plan, entry};
use serde_json::{Value, json};

use super::browser::FAINT;
use super::{Opened, between, view};
use crate::support::webdriver::Browser;
use crate::support::{Bench, directory, order};

fn plan(expect: &Value) -> Plan {
    json!({ "expect": expect }).to_string().parse().unwrap()
}

/// Two of four expectations are not met, and one of the reports is long.
fn two_unmet() -> (Journal, Plan) {
    let mut bench = Bench::default().with_own_clock();
    bench.engine.inject(Fault::entry(EntryError::throttling()).matching(entry().detail_at("/orderId", 2)).times(2));
    for ids in [[1, 2, 7], [3, 4, 8], [5, 6, 9]] {
        let reply = bench.handle(crate::support::put_events(crate::support::entries(ids.map(order))));
        bench.wait(Duration::from_millis(40));
        bench.answered(&reply);
    }
    let plan = plan(&json!([
        { "noProblems": true },
        { "everyFaultFired": true },
        { "publishedCount": 9 },
        { "lintClean": true },
    ]));
    (bench.journal(), plan)
}

#[test]
fn each_expectation_that_is_not_met_comes_first_with_its_report() {
    let (journal, plan) = two_unmet();
    let mismatch = journal.check_meets(&plan).unwrap_err();
    let html = mismatch.to_html();
    let expected = &view(&html)["expected"];
    assert_eq!((&expected["words"], &expected["tone"]), (&json!("2 expectations are not met"), &json!("alarm")));
    let unmet = expected["unmet"].as_array().unwrap();
    let places: Vec<_> =
        unmet.iter().map(|one| (one["place"].as_str().unwrap(), one["expectation"].as_str().unwrap())).collect();
    assert_eq!(places, [("expect[1]", "{\"everyFaultFired\":true}"), ("expect[2]", "{\"publishedCount\":9}")]);
    let reports: Vec<&str> = unmet.iter().map(|one| one["report"].as_str().unwrap()).collect();
    assert!(reports[0].starts_with("1 fault did not apply as often as injected\n"), "{}", reports[0]);
    assert!(reports[1].starts_with("8 events were published, but 9 were expected\n"), "{}", reports[1]);
    // The page is the timeline.
    assert!(!reports.iter().any(|report| report.contains("attempts, ")), "{reports:?}");
    assert_eq!((&unmet[0]["attempts"], &unmet[1]["attempts"]), (&json!([]), &json!([1, 2, 3])));
    // The rest is the page of the journal.
    let mut alone = view(&journal.to_html());
    assert_eq!(alone["expected"], Value::Null);
    alone["expected"] = expected.clone();
    assert_eq!(view(&html), alone);
}

#[test]
fn an_assertion_that_failed_writes_its_page_too() {
    let (journal, _) = two_unmet();
    for mismatch in [
        journal.check_every_fault_fired().unwrap_err(),
        journal.published().check_count(17).unwrap_err(),
        journal.ledger().expecting([entry().source("nobody")]).check_at_least_once().unwrap_err(),
        Bench::default().journal().ledger().check_no_duplicates().unwrap_err(),
    ] {
        let html = mismatch.to_html();
        let expected = view(&html)["expected"].clone();
        assert_eq!((&expected["words"], &expected["tone"]), (&json!("an assertion failed"), &json!("alarm")));
        let [unmet] = &expected["unmet"].as_array().unwrap()[..] else { panic!("{expected}") };
        assert_eq!((&unmet["place"], &unmet["expectation"]), (&Value::Null, &Value::Null));
        let report = unmet["report"].as_str().unwrap();
        assert!(mismatch.to_string().starts_with(report), "{report}\n---\n{mismatch}");
        assert_eq!(unmet["attempts"], json!(mismatch.attempts()));
    }
}

#[test]
fn where_no_script_may_run_the_reports_come_before_the_timeline() {
    let (journal, plan) = two_unmet();
    let mismatch = journal.check_meets(&plan).unwrap_err();
    let html = mismatch.to_html();
    let text = between(between(&html, "<noscript>", "</noscript>"), "<pre>", "</pre>")
        .replace("&lt;", "<")
        .replace("&amp;", "&");
    assert!(text.starts_with("2 expectations are not met\n\nexpect[1]: {\"everyFaultFired\":true}\n"), "{text}");
    assert!(text.ends_with(&format!("\n\n{journal}")), "{text}");
}

#[test]
fn the_page_of_a_mismatch_is_written_into_a_file() {
    let (journal, plan) = two_unmet();
    let mismatch = journal.check_meets(&plan).unwrap_err();
    let directory = directory("expected");
    let path = directory.join("unmet.html");
    mismatch.write_html(&path).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), mismatch.to_html());
    assert!(mismatch.write_html(directory.join("no such folder/unmet.html")).is_err());
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn a_report_is_cut_after_its_first_lines_and_its_places_are_links() {
    let (journal, plan) = two_unmet();
    let Some(browser) = Browser::start() else { return };
    let directory = directory("expected");
    let path = directory.join("unmet.html");
    journal.check_meets(&plan).unwrap_err().write_html(&path).unwrap();
    browser.open_file(&path);
    browser.until("return document.querySelector('.row') !== null");
    assert_eq!(browser.text("#expected-title"), "2 expectations are not met");
    // It is the first thing on the page.
    assert_eq!(browser.script("return document.querySelector('#left').firstElementChild.id"), "expected");
    let text = browser.text("#expected");
    for part in [
        "expect[1]",
        "everyFaultFired",
        "1 fault did not apply",
        "expect[2]",
        "8 events were published, but 9 were expected",
    ] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
    for scheme in ["light", "dark"] {
        browser.prefer_color_scheme(scheme);
        for by in ["events", "attempts"] {
            browser.script(&format!("goTo('{by}', 1, 0)"));
            assert_eq!(browser.script(FAINT), json!([]), "{scheme} {by}");
        }
    }
    browser.script("close()");
    let lines = "return document.querySelectorAll('#expected .unmet:nth-child(2) .report > div').length";
    assert_eq!(browser.script(lines), 4);
    let toggle = "#expected .unmet:nth-child(2) button";
    assert_eq!(browser.text(toggle), "show 2 more lines");
    browser.click(toggle);
    assert_eq!((browser.script(lines), browser.text(toggle)), (json!(6), "show less".to_owned()));
    browser.click(toggle);
    assert_eq!(browser.script(lines), 4);
    // A short one is there as a whole.
    assert_eq!(browser.script("return document.querySelector('#expected .unmet:nth-child(1) button')"), Value::Null);
    browser.click("#expected .unmet:nth-child(2) .report a");
    browser.until("return document.querySelector('.entry.chosen') !== null");
    let wide = "return document.documentElement.scrollWidth <= innerWidth";
    browser.resize(390, 800);
    assert_eq!(browser.script(wide), true);
    assert_eq!(browser.console(), Vec::<String>::new());
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn hostile_reports_and_events_are_shown_and_do_nothing() {
    let journal = super::hostile();
    let Some(page) = Opened::new(&journal) else { return };
    page.press(&["e"]);
    page.until("return document.querySelectorAll('.row.event').length === 4");
    assert!(page.text("#event-4").contains("<script>"), "{}", page.text("#event-4"));
    page.click("#event-4 .name");
    page.until("return document.getElementById('details').getAttribute('aria-label') === 'Event 4'");
    let mismatch = journal.published().check_count(0).unwrap_err();
    let path = page.directory.join("unmet.html");
    mismatch.write_html(&path).unwrap();
    page.open_file(&path);
    page.until("return document.querySelector('#expected .report') !== null");
    assert_eq!(
        page.script("return [window.broken ?? null, document.images.length, document.scripts.length]"),
        json!([null, 0, 2])
    );
    assert_eq!(page.script("return document.documentElement.scrollWidth <= innerWidth"), true);
    assert_eq!(page.console(), Vec::<String>::new());
}
