//! The page of the stand-alone server, which shows what comes as it comes.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::support::webdriver::{Browser, exchange};
use crate::support::{AUTHORIZATION, entries, order};

/// The binary, serving until this value is dropped.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    /// On this port; 0 for a free one.
    fn start(port: u16) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_putevents-mock"))
            .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().rsplit(':').next().and_then(|port| port.parse().ok());
        let mut server = Self { process, port: 0 };
        server.port = port.unwrap_or_else(|| panic!("{line:?} tells no port"));
        server
    }

    fn ask(&self, request: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (status, answer) = exchange(self.port, request, &[], &body).unwrap();
        assert!(status < 300, "{request}: {status} {answer}");
        answer
    }

    fn put(&self, access_key: &str, ids: impl IntoIterator<Item = u64>) {
        let authorization = format!("Authorization: {}", AUTHORIZATION.replace("AKIDEXAMPLE", access_key));
        let headers = [
            "Content-Type: application/x-amz-json-1.1",
            "X-Amz-Target: AWSEvents.PutEvents",
            "X-Amz-Date: 20261123T000000Z",
            &authorization,
        ];
        let (status, answer) = exchange(self.port, "POST /", &headers, &entries(ids.into_iter().map(order))).unwrap();
        assert_eq!(status, 200, "{answer}");
    }

    fn page(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn rows(browser: &Browser, count: usize) {
    browser.until(&format!("return document.querySelectorAll('.row').length === {count}"));
}

fn status(browser: &Browser, words: &str) {
    browser.until(&format!("return document.getElementById('status').innerText.includes({})", json!(words)));
}

#[test]
fn the_page_shows_requests_as_they_come_and_steers_the_mock() {
    let Some(browser) = Browser::start() else { return };
    let server = Server::start(0);
    browser.open(&server.page("/_mock/"));
    status(&browser, "live");
    assert!(browser.text("#nothing").contains(&format!("AWS_ENDPOINT_URL=http://127.0.0.1:{}", server.port)));
    server.put("AKIDEXAMPLE", [1, 2]);
    rows(&browser, 1);
    server.ask("POST /_mock/faults", &json!({ "entry": "ThrottlingException", "times": 1 }));
    server.put("AKIDEXAMPLE", [3]);
    rows(&browser, 2);
    assert!(browser.text("#row-2").contains("ThrottlingException (injected)"));

    // What comes does not take the selection, the focus, the filter or the fold of a part.
    browser.click("#row-2");
    browser.click("#part-request summary");
    browser.press(&["k", "j"]);
    server.put("AKIDEXAMPLE", [3, 4]);
    rows(&browser, 3);
    let kept = "return [document.getElementById('details').getAttribute('aria-label'), document.activeElement.id,
        document.getElementById('part-request').open]";
    assert_eq!(browser.script(kept), json!(["Attempt 2", "row-2", true]));
    assert!(browser.text("#details").contains("#3[0]"));

    browser.until("return document.getElementById('faults').innerText.includes('fired once')");
    browser.click("#faults button");
    browser.until("return document.getElementById('faults').innerText.includes('0 in force, 1 lifted')");
    assert_eq!(server.ask("GET /_mock/faults", &Value::Null)["faults"][0]["inForce"], false);
    assert_eq!(browser.console(), Vec::<String>::new());

    browser.click("#clear");
    assert_eq!(browser.text("#clear"), "Really clear?");
    rows(&browser, 3);
    browser.click("#clear");
    rows(&browser, 0);
    server.put("AKIDEXAMPLE", [5]);
    rows(&browser, 1);
    browser.click("#reset");
    browser.click("#reset");
    rows(&browser, 0);
    browser.until("return document.getElementById('faults').hidden");
    assert_eq!(browser.console(), Vec::<String>::new());
}

#[test]
fn each_session_has_its_page_and_links_to_the_others() {
    let Some(browser) = Browser::start() else { return };
    let server = Server::start(0);
    server.ask("PUT /_mock/sessions/AKIDCHECKOUT", &Value::Null);
    server.put("AKIDCHECKOUT", [1, 2]);
    server.put("AKIDCHECKOUT", [3]);
    server.put("AKIDEXAMPLE", [4]);
    browser.open(&server.page("/_mock/"));
    rows(&browser, 1);
    browser.until("return !document.getElementById('sessions').hidden");
    browser.click("#sessions summary");
    browser.until("return document.getElementById('sessions').innerText.includes('2 attempts, 3 published')");
    browser.click("#sessions li:nth-child(2) a");
    browser.until("return location.pathname === '/_mock/sessions/AKIDCHECKOUT/' && document.querySelectorAll('.row').length === 2");
    assert_eq!(browser.text("h1"), "putevents-mock / AKIDCHECKOUT");
    server.put("AKIDCHECKOUT", [5]);
    server.put("AKIDEXAMPLE", [6]);
    rows(&browser, 3);
    browser.click("#sessions summary");
    browser.click("#sessions li:nth-child(1) a");
    rows(&browser, 2);
    assert_eq!(browser.console(), Vec::<String>::new());
}

#[test]
fn the_page_says_when_the_server_is_gone_and_comes_back_with_it() {
    let Some(browser) = Browser::start() else { return };
    let server = Server::start(0);
    server.put("AKIDEXAMPLE", [1]);
    browser.open(&server.page("/_mock/"));
    status(&browser, "live");
    rows(&browser, 1);
    let port = server.port;
    drop(server);
    status(&browser, "the server is gone, trying again");
    rows(&browser, 1);
    let server = Server::start(port);
    server.put("AKIDEXAMPLE", [2]);
    server.put("AKIDEXAMPLE", [3]);
    status(&browser, "live");
    rows(&browser, 2);
}

#[test]
fn the_picture_can_be_asked_for_its_newest_attempts_alone() {
    let server = Server::start(0);
    server.ask("POST /_mock/faults", &json!({ "entry": "InternalFailure", "matching": { "source": "shop.order" } }));
    for ids in [[1, 2], [3, 4], [1, 3]] {
        server.put("AKIDEXAMPLE", ids);
    }
    let whole = server.ask("GET /_mock/picture", &Value::Null);
    assert_eq!(whole["journal"], server.ask("GET /_mock/journal", &Value::Null));
    assert_eq!(whole["became"].as_object().unwrap().len(), 3);
    let newest = server.ask("GET /_mock/picture?last=1", &Value::Null);
    assert_eq!(newest["journal"]["attempts"], json!([whole["journal"]["attempts"][2]]));
    assert_eq!(newest["became"], json!({ "3": "all accepted" }));
    // What came before is taken into account.
    assert_eq!(newest["notes"], json!({ "3": "<- [0] accepted in #1 already, [1] accepted in #2 already" }));
    assert_eq!(newest["journal"]["faults"], whole["journal"]["faults"]);
    assert_eq!(server.ask("GET /_mock/picture?last=0", &Value::Null)["journal"]["attempts"], json!([]));
}
