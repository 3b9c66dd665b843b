//! The API is for programs and for its own page: no other web page reads a journal or injects a fault.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::support::program::{Program, command};
use crate::support::socket::Socket;
use crate::support::webdriver::Browser;

const FAULT: &str = r#"{ "request": "InternalException" }"#;

/// The status and the message of the answer to a request with these headers.
async fn ask(server: &Program, request: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
    let mut socket = Socket::connect(server.address).await;
    let mut text = format!("{request}\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    socket.send(format!("{text}\r\n{body}")).await.unwrap();
    let answer = socket.answer().await.unwrap();
    assert!(answer.headers.iter().all(|(name, _)| !name.starts_with("access-control-")), "{answer:?}");
    let message = if answer.body.is_empty() { Value::Null } else { answer.json()["message"].clone() };
    (answer.status, message.as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn the_api_answers_for_hosts_of_its_own_and_no_others() {
    let server = Program::serve(&["--allow-host", "eventbridge", "--allow-host", "Mock.Example.com"]);
    let port = server.address.port();
    for host in [
        "localhost",
        "LOCALHOST:4010",
        "localhost.",
        "shop.localhost:1",
        "127.0.0.1",
        "127.1.2.3:80",
        "[::1]",
        "192.168.1.7:4010",
        "[fe80::1]:4010",
        "eventbridge:4010",
        "mock.example.com.",
    ] {
        for request in ["GET /_mock/health HTTP/1.1", "GET /_mock/journal HTTP/1.1", "DELETE /_mock/faults HTTP/1.1"] {
            let (status, message) = ask(&server, request, &[("Host", host)], "").await;
            assert!(status < 300, "{request} {host}: {status} {message}");
        }
    }
    for host in ["attacker.example", "attacker.example:4010", "localhost.attacker.example", "127.0.0.1.nip.io", "bus"] {
        let name = host.split(':').next().unwrap();
        let expected = format!(
            "the API is not for the host {name:?}: if this server is reached by that name, start it with --allow-host {name}, or \
             PUTEVENTS_MOCK_ALLOW_HOST={name}"
        );
        for request in [
            "GET / HTTP/1.1",
            "GET /_mock HTTP/1.1",
            "GET /_mock/ HTTP/1.1",
            "GET /_mock/health HTTP/1.1",
            "GET /_mock/journal HTTP/1.1",
            "POST /_mock/faults HTTP/1.1",
            "PUT /_mock/sessions/x HTTP/1.1",
            "OPTIONS /_mock/faults HTTP/1.1",
        ] {
            let told = ask(&server, request, &[("Host", host)], FAULT).await;
            assert_eq!(told, (403, expected.clone()), "{request}");
        }
        // The host of the target counts, whatever the header says.
        let request = format!("GET http://{host}/_mock/journal HTTP/1.1");
        assert_eq!(ask(&server, &request, &[("Host", "localhost")], "").await.0, 403);
    }
    let own = format!("GET http://localhost:{port}/_mock/journal HTTP/1.1");
    assert_eq!(ask(&server, &own, &[("Host", "attacker.example")], "").await.0, 200);
    let health = "GET /_mock/health HTTP/1.1";
    let missing = "there is no Host header, and HTTP/1.1 requires one";
    assert_eq!(ask(&server, health, &[], "").await, (400, missing.to_owned()));
    let two = [("Host", "localhost"), ("Host", "localhost")];
    assert_eq!(ask(&server, health, &two, "").await.0, 400);
    // A probe that speaks HTTP/1.0 is no browser.
    assert_eq!(ask(&server, "GET /_mock/health HTTP/1.0", &[], "").await.0, 200);
    // The service is there under any name, and nothing was injected.
    assert_eq!(server.publish("test", &[1]).await, 200);
    assert_eq!(server.api().get("faults").await.1, json!({ "faults": [] }));
}

#[tokio::test]
async fn the_name_in_listen_is_one_of_the_servers_own() {
    let mut serve = command(&["serve", "--listen", "localhost:0"]);
    serve.env("PUTEVENTS_MOCK_ALLOW_HOST", "one,two");
    let server = Program::start(serve);
    for (host, status) in [("localhost", 200), ("one", 200), ("two:80", 200), ("three", 403)] {
        assert_eq!(ask(&server, "GET /_mock/health HTTP/1.1", &[("Host", host)], "").await.0, status, "{host}");
    }
}

#[tokio::test]
async fn no_other_web_page_uses_the_api() {
    let server = Program::serve(&[]);
    let own = server.address.to_string();
    let own_origin = format!("http://{own}");
    let refused = |sign: &str| {
        format!(
            "the request comes from another web page ({sign}), and the API is for programs and for its own page: let the server \
             of that page ask"
        )
    };
    for origin in ["http://attacker.example", "null", "http://localhost:3000", "https://127.0.0.1", "file://"] {
        for request in [
            "POST /_mock/faults HTTP/1.1",
            "GET /_mock/journal HTTP/1.1",
            "OPTIONS /_mock/faults HTTP/1.1",
            "GET / HTTP/1.1",
        ] {
            let told = ask(&server, request, &[("Host", &own), ("Origin", origin)], FAULT).await;
            assert_eq!(told, (403, refused(&format!("Origin: {origin}"))), "{request}");
        }
    }
    let navigation = [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")];
    let frame = [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe")];
    for site in ["cross-site", "same-site"] {
        let sign = format!("Sec-Fetch-Site: {site}");
        let headers = |more: &[(&'static str, &'static str)]| {
            let own = [("Host", own.clone()), ("Sec-Fetch-Site", site.to_owned())];
            own.into_iter().chain(more.iter().map(|(name, value)| (*name, (*value).to_owned()))).collect::<Vec<_>>()
        };
        for (request, more, status) in [
            ("GET /_mock/journal HTTP/1.1", &[("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "script")], 403),
            ("GET /_mock/ HTTP/1.1", &frame, 403),
            ("POST /_mock/faults HTTP/1.1", &navigation, 403),
            ("GET /_mock/ HTTP/1.1", &navigation, 200),
            ("GET / HTTP/1.1", &navigation, 307),
        ] {
            let headers = headers(more);
            let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let mut socket = Socket::connect(server.address).await;
            let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            socket.send(format!("{request}\r\n{lines}\r\n")).await.unwrap();
            let answer = socket.answer().await.unwrap();
            assert_eq!(answer.status, status, "{request} {headers:?}");
            if status == 403 {
                assert_eq!(answer.json()["message"], refused(&sign));
            }
        }
    }
    // Its own page, and what is no browser.
    for headers in [
        &[("Host", &*own), ("Origin", &own_origin), ("Sec-Fetch-Site", "same-origin")][..],
        &[("Host", &own), ("Sec-Fetch-Site", "none")],
        &[("Host", &own)],
    ] {
        assert_eq!(ask(&server, "POST /_mock/faults HTTP/1.1", headers, FAULT).await.0, 201, "{headers:?}");
    }
}

/// Serves one page to whoever asks, as long as the test runs.
fn serve_page(page: String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = answer_with(&mut stream, &page);
        }
    });
    port
}

fn answer_with(stream: &mut TcpStream, page: &str) -> std::io::Result<()> {
    let _ = stream.read(&mut [0; 4_096])?;
    let length = page.len();
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all((head + page).as_bytes())
}

#[tokio::test]
async fn a_foreign_page_in_a_browser_neither_reads_nor_changes_anything_and_can_link_to_the_page() {
    let Some(browser) = Browser::start() else { return };
    let server = Program::serve(&[]);
    assert_eq!(server.publish("test", &[1]).await, 200);
    let port = server.address.port();
    let script = format!(
        "const api = 'http://127.0.0.1:{port}/_mock/';
        const read = async (path, options) => {{
          try {{ return await (await fetch(api + path, options)).text() }} catch (error) {{ return 'nothing' }}
        }};
        const all = async () => {{
          const told = [await read('journal'), await read('view'), await read('journal', {{ mode: 'no-cors' }})];
          const fault = {{ method: 'POST', body: '{{\"request\":\"InternalException\"}}' }};
          told.push(await read('faults', fault), await read('faults', {{ ...fault, mode: 'no-cors' }}));
          told.push(await read('reset', {{ method: 'POST', mode: 'no-cors' }}));
          return told;
        }};
        all().then((told) => {{ window.told = told }});"
    );
    let link = format!("<a href='http://127.0.0.1:{port}/_mock/'>the journal</a>");
    let foreign = serve_page(format!("<!doctype html><title>foreign</title>{link}<script>{script}</script>"));
    for host in ["attacker.example", "localhost"] {
        browser.open(&format!("http://{host}:{foreign}/"));
        let told = browser.until("return window.told");
        assert_eq!(told, json!(["nothing", "nothing", "", "nothing", "", ""]), "{host}");
        assert_eq!(server.api().get("faults").await.1, json!({ "faults": [] }));
        assert_eq!(server.api().get("sessions").await.1["sessions"][0]["attempts"], 1);
        browser.click("a");
        browser.until("return document.querySelectorAll('.row').length === 1");
    }
    // A name that was made to lead here (DNS rebinding).
    browser.open(&format!("http://attacker.example:{port}/_mock/journal"));
    let text = browser.text("body");
    assert!(text.contains("the API is not for the host") && !text.contains("orderId"), "{text}");
}
