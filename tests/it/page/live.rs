//! The page of the stand-alone server, which shows what comes as it comes.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::support::program::{Program, command};
use crate::support::webdriver::Browser;

fn page(server: &Program, path: &str) -> String {
    format!("http://{}/_mock/{path}", server.address)
}

/// What the API answers, which must do what it is asked.
async fn ask(server: &Program, method: &str, path: &str, body: Value) -> Value {
    let (status, answer) = server.api().call(method, path, body).await;
    assert!(status < 300, "{method} {path}: {status} {answer}");
    answer
}

async fn put(server: &Program, key: &str, orders: &[u64]) {
    assert_eq!(server.publish(key, orders).await, 200);
}

fn rows(browser: &Browser, count: usize) {
    browser.until(&format!("return document.querySelectorAll('.row').length === {count}"));
}

fn status(browser: &Browser, words: &str) {
    browser.until(&format!("return document.getElementById('status').innerText.includes({})", json!(words)));
}

#[tokio::test]
async fn the_page_shows_requests_as_they_come_follows_them_and_steers_the_mock() {
    let Some(browser) = Browser::start() else { return };
    let server = Program::serve(&[]);
    browser.open(&page(&server, ""));
    status(&browser, "live");
    assert!(browser.text("#nothing").contains(&format!("AWS_ENDPOINT_URL_EVENTBRIDGE=http://{}", server.address)));
    put(&server, "AKIDEXAMPLE", &[1, 2]).await;
    rows(&browser, 1);
    ask(&server, "POST", "faults", json!({ "entry": "ThrottlingException", "times": 1 })).await;
    put(&server, "AKIDEXAMPLE", &[3]).await;
    rows(&browser, 2);
    assert!(browser.text("#row-2").contains("ThrottlingException (injected)"));

    // What comes does not take the selection, the focus, the filter or the fold of a part.
    browser.click("#row-2");
    browser.click("#part-request summary");
    browser.press(&["k", "j"]);
    put(&server, "AKIDEXAMPLE", &[3, 4]).await;
    rows(&browser, 3);
    let kept = "return [document.getElementById('details').getAttribute('aria-label'), document.activeElement.id,
        document.getElementById('part-request').open]";
    assert_eq!(browser.script(kept), json!(["Attempt 2", "row-2", true]));
    assert!(browser.text("#details").contains("#3[0]"));

    browser.until("return document.getElementById('faults').innerText.includes('fired once')");
    browser.click("#faults button");
    browser.until("return document.getElementById('faults').innerText.includes('0 active, 1 lifted')");
    assert_eq!(ask(&server, "GET", "faults", Value::Null).await["faults"][0]["inForce"], false);
    assert_eq!(browser.console(), Vec::<String>::new());

    browser.click("#clear");
    assert_eq!(browser.text("#clear"), "Clear the journal?");
    rows(&browser, 3);
    browser.click("#clear");
    rows(&browser, 0);
    put(&server, "AKIDEXAMPLE", &[5]).await;
    rows(&browser, 1);
    browser.click("#reset");
    browser.click("#reset");
    rows(&browser, 0);
    browser.until("return document.getElementById('faults').hidden");

    // At the end the page follows; from elsewhere it says that something came, and stays where it is.
    for id in 0..80 {
        put(&server, "AKIDEXAMPLE", &[id]).await;
    }
    rows(&browser, 80);
    browser.until("return document.getElementById('row-80') && isAtEnd() && scrollY > 500");
    put(&server, "AKIDEXAMPLE", &[80, 81]).await;
    browser.until("return document.getElementById('row-81') && isAtEnd()");
    browser.script("scrollTo({ top: 700, behavior: 'instant' })");
    put(&server, "AKIDEXAMPLE", &[82]).await;
    browser.until("return !document.getElementById('newer').hidden");
    assert_eq!(browser.script("return scrollY"), 700);
    browser.click("#newer");
    browser.until("return document.getElementById('row-82') && isAtEnd() && document.getElementById('newer').hidden");
    assert_eq!(browser.console(), Vec::<String>::new());
}

#[tokio::test]
async fn each_session_has_its_page_which_says_when_the_server_is_gone_and_comes_back_with_it() {
    let Some(browser) = Browser::start() else { return };
    let server = Program::serve(&[]);
    ask(&server, "PUT", "sessions/AKIDCHECKOUT", Value::Null).await;
    put(&server, "AKIDCHECKOUT", &[1, 2]).await;
    put(&server, "AKIDCHECKOUT", &[3]).await;
    put(&server, "AKIDEXAMPLE", &[4]).await;
    browser.open(&page(&server, ""));
    rows(&browser, 1);
    browser.until("return !document.getElementById('sessions').hidden");
    browser.click("#sessions summary");
    browser.until("return document.getElementById('sessions').innerText.includes('2 attempts, 3 published')");
    browser.click("#sessions li:nth-child(2) a");
    browser.until("return location.pathname === '/_mock/sessions/AKIDCHECKOUT/' && document.querySelectorAll('.row').length === 2");
    assert_eq!(browser.text("h1"), "putevents-mock / AKIDCHECKOUT");
    put(&server, "AKIDCHECKOUT", &[5]).await;
    put(&server, "AKIDEXAMPLE", &[6]).await;
    rows(&browser, 3);
    browser.click("#sessions summary");
    browser.click("#sessions li:nth-child(1) a");
    rows(&browser, 2);
    assert_eq!(browser.console(), Vec::<String>::new());

    let address = server.address.to_string();
    // A page that waits does not keep it.
    let (ended, ..) = server.stop();
    assert_eq!(ended, 0);
    status(&browser, "the server cannot be reached, retrying");
    rows(&browser, 2);
    let server = Program::start(command(&["serve", "--listen", &address]));
    put(&server, "AKIDEXAMPLE", &[2]).await;
    put(&server, "AKIDEXAMPLE", &[3]).await;
    put(&server, "AKIDEXAMPLE", &[4]).await;
    status(&browser, "live");
    rows(&browser, 3);
}

#[tokio::test]
async fn the_view_can_be_asked_for_its_newest_attempts_alone() {
    let server = Program::serve(&[]);
    ask(&server, "POST", "faults", json!({ "entry": "InternalFailure", "matching": { "source": "shop.order" } })).await;
    for ids in [[1, 2], [3, 4], [1, 3]] {
        put(&server, "AKIDEXAMPLE", &ids).await;
    }
    let whole = ask(&server, "GET", "view", Value::Null).await;
    assert_eq!(whole["attempts"].as_array().unwrap().len(), 3);
    let newest = ask(&server, "GET", "view?last=1", Value::Null).await;
    let [third] = &newest["attempts"].as_array().unwrap()[..] else { panic!("{newest}") };
    assert_eq!(third, &whole["attempts"][2]);
    // What came before is taken into account.
    assert_eq!(third["note"], "[0] accepted in #1 already, [1] accepted in #2 already");
    assert_eq!(third["entries"][0]["alsoIn"]["first"][0]["attempt"], 1);
    assert_eq!(third["wait"].is_null(), whole["attempts"][2]["wait"].is_null());
    assert_eq!(newest["findings"], whole["findings"]);
    assert_eq!((&newest["faults"], &newest["facts"]), (&whole["faults"], &whole["facts"]));
    let none = ask(&server, "GET", "view?last=0", Value::Null).await;
    assert_eq!((&none["attempts"], &none["findings"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn a_server_with_a_plan_shows_what_is_not_met_as_soon_as_there_is_anything_to_judge() {
    let directory = crate::support::directory("plan");
    let file = directory.join("plan.json");
    let plan = json!({
        "faults": [{ "entry": "ThrottlingException", "atIndex": 0, "times": 1 }],
        "expect": [{ "everyFaultFired": true }, { "exactlyOnce": true }, { "publishedCount": 2 }],
    });
    std::fs::write(&file, plan.to_string()).unwrap();
    let server = Program::serve(&["--faults", file.to_str().unwrap()]);
    let early = ask(&server, "GET", "view", Value::Null).await;
    let neutral = json!({ "words": "3 expectations, checked after the first request", "tone": "neutral", "unmet": [] });
    assert_eq!(early["expected"], neutral);
    let fault = &early["faults"][0];
    assert_eq!(
        (&fault["isAlarm"], &fault["fired"], &fault["why"]),
        (&json!(false), &json!("did not fire yet"), &Value::Null)
    );
    put(&server, "AKIDEXAMPLE", &[1, 2]).await;
    let unmet = ask(&server, "GET", "view", Value::Null).await["expected"].clone();
    assert_eq!((&unmet["words"], &unmet["tone"]), (&json!("2 of 3 expectations are not met"), &json!("alarm")));
    let report = ask(&server, "GET", "view?last=0", Value::Null).await["expected"]["unmet"][1]["report"].clone();
    assert_eq!(report.as_str().unwrap().lines().next(), Some("1 event was published, but 2 were expected"));
    put(&server, "AKIDEXAMPLE", &[1]).await;
    let met = json!({ "words": "3 expectations are met", "tone": "good", "unmet": [] });
    assert_eq!(ask(&server, "GET", "view", Value::Null).await["expected"], met);
    // A session that was made without a plan has that of the server; one with a plan of its own has its own.
    ask(&server, "PUT", "sessions/AKIDONE", Value::Null).await;
    ask(&server, "PUT", "sessions/AKIDTWO", json!({ "expect": [{ "publishedCount": 0 }] })).await;
    assert_eq!(ask(&server, "GET", "sessions/AKIDONE/view", Value::Null).await["expected"], neutral);
    put(&server, "AKIDTWO", &[1]).await;
    let other = ask(&server, "GET", "sessions/AKIDTWO/view", Value::Null).await["expected"].clone();
    assert_eq!(other["words"], "1 expectation is not met");
    ask(&server, "PUT", "sessions/AKIDNONE", json!({ "faults": [] })).await;
    assert_eq!(ask(&server, "GET", "sessions/AKIDNONE/view", Value::Null).await["expected"], Value::Null);

    let Some(browser) = Browser::start() else { return };
    // Nothing is green before there was anything to judge.
    browser.open(&page(&server, "sessions/AKIDONE/"));
    status(&browser, "live");
    browser.until("return !document.getElementById('expected').hidden");
    let green = "const probe = document.createElement('span'); probe.className = 'is-accepted'; document.body.append(probe);
        const green = getComputedStyle(probe).color; probe.remove();
        return [...document.querySelectorAll('#page *')].filter((node) => node.checkVisibility() && [null, '::before'].some((part) => {
            const style = getComputedStyle(node, part);
            return [style.color, style.backgroundColor, style.borderLeftColor].includes(green);
        })).length";
    assert_eq!(browser.script(green), 0);
    assert_eq!(browser.script("return document.querySelectorAll('#page .alarm').length"), 0);
    put(&server, "AKIDONE", &[1, 2]).await;
    browser.until("return document.getElementById('expected').innerText.includes('2 of 3 expectations are not met')");
    put(&server, "AKIDONE", &[1]).await;
    browser.until("return document.getElementById('expected').innerText === '3 expectations are met'");
    assert!(browser.script(green).as_u64() > Some(0));
    assert_eq!(browser.console(), Vec::<String>::new());
    std::fs::remove_dir_all(directory).unwrap();
}

#[tokio::test]
async fn the_html_file_of_a_plan_and_its_report_show_what_is_not_met() {
    let directory = crate::support::directory("plan");
    let path = |name: &str| directory.join(name).to_str().unwrap().to_owned();
    let plan = json!({ "expect": [{ "publishedCount": 3 }, { "noDuplicates": true }] });
    std::fs::write(path("plan.json"), plan.to_string()).unwrap();
    let (html_file, journal_file) = (path("page.html"), path("journal.json"));
    let server =
        Program::serve(&["--faults", &path("plan.json"), "--html-file", &html_file, "--journal-file", &journal_file]);
    put(&server, "AKIDEXAMPLE", &[1, 2]).await;
    assert_eq!(server.stop().0, 0);
    let shown = |path: &str| super::view(&std::fs::read_to_string(path).unwrap())["expected"].clone();
    let unmet = shown(&html_file);
    assert_eq!(
        (&unmet["words"], &unmet["unmet"][0]["place"]),
        (&json!("1 of 2 expectations is not met"), &json!("expect[0]"))
    );

    let report = |arguments: &[&str]| {
        let all: Vec<&str> = ["report", &journal_file].into_iter().chain(arguments.iter().copied()).collect();
        crate::support::program::output(&all)
    };
    let again = path("again.html");
    assert_eq!(report(&["--html", &again, "--plan", &path("plan.json")]), (1, String::new(), String::new()));
    assert_eq!(shown(&again), unmet);
    let (status, said, _) = report(&["--plan", &path("plan.json")]);
    assert_eq!(status, 1);
    assert!(said.starts_with("1 expectation is not met\n\nexpect[0]: {\"publishedCount\":3}\n"), "{said}");
    // Without a plan it is the journal alone.
    assert_eq!(report(&["--html", &again]).0, 0);
    assert_eq!(shown(&again), Value::Null);
    std::fs::write(path("met.json"), json!({ "expect": [{ "publishedCount": 2 }] }).to_string()).unwrap();
    assert_eq!(report(&["--html", &again, "--plan", &path("met.json")]).0, 0);
    assert_eq!(shown(&again), json!({ "words": "1 expectation is met", "tone": "good", "unmet": [] }));
    let (status, _, error) = report(&["--plan", &path("no such plan.json")]);
    assert_eq!(status, 2);
    assert!(error.contains("no such plan.json"), "{error}");
    std::fs::remove_dir_all(directory).unwrap();
}
