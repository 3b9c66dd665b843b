//! Session tokens stay with the request that carried them, and access key ids where a test wants it.

use std::fmt::Write as _;

use http::HeaderValue;
use pretty_assertions::assert_eq;
use putevents_mock::{Engine, Fault, Journal};

use crate::support::{Bench, entries, order, put_events};

const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLETOKEN";
const PROXY: &str = "Basic cHJveHk6c2VjcmV0";
const KEY: &str = "ASIAIOSFODNN7EXAMPLE";

/// Requests that carry all of them, and that end in different ways.
fn requests() -> Vec<http::Request<bytes::Bytes>> {
    let body = entries([order(1)]);
    let query = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={KEY}%2F20261123%2Fus-east-1%2Fevents%2Faws4_request"
    );
    let signed = |parameters: &str| {
        format!("AWS4-HMAC-SHA256 Credential={KEY}/20261123/us-east-1/events/aws4_request{parameters}")
    };
    let whole = signed(", SignedHeaders=host, Signature=00");
    let mut requests = Vec::new();
    for (target, uri, authorization, body) in [
        ("AWSEvents.PutEvents", "/".to_owned(), Some(whole.clone()), body.clone()),
        ("AWSEvents.PutEvents", "/".to_owned(), Some(signed(",")), body.clone()),
        ("AWSEvents.PutEvents", format!("/?{query}&X-Amz-Security-Token={TOKEN}"), None, body.clone()),
        ("AWSEvents.PutEvents", format!("/other/path?X-Amz-Security-Token={TOKEN}&{query}"), Some(whole.clone()), body),
        ("AWSEvents.ListRules", "/".to_owned(), Some(whole.clone()), "{}".to_owned()),
        ("AWSEvents.PutEvents", "/".to_owned(), Some(whole), "x".repeat(3_000)),
    ] {
        let mut request = put_events(body);
        *request.uri_mut() = uri.parse().unwrap();
        let headers = request.headers_mut();
        headers.remove("authorization");
        headers.extend(authorization.map(|value| (http::header::AUTHORIZATION, HeaderValue::try_from(value).unwrap())));
        headers.insert("x-amz-target", HeaderValue::from_static(target));
        headers.append("x-amz-security-token", HeaderValue::from_static(TOKEN));
        headers
            .append("x-amz-security-token", HeaderValue::from_static("the second one of IQoJb3JpZ2luX2VjEXAMPLETOKEN"));
        headers.insert("proxy-authorization", HeaderValue::from_static(PROXY));
        requests.push(request);
    }
    requests
}

/// Everything that can be printed of a journal.
fn all_that_is_shown(journal: &Journal) -> String {
    let mut all =
        [journal.to_json_text(), journal.to_html(), journal.to_string(), journal.redacted().to_string()].concat();
    let _ = write!(all, "{journal:?} {:?} {} {:?}", journal.lint(), journal.ledger(), journal.ledger());
    for mismatch in [journal.check_no_problems(), journal.published().check_count(99), journal.lint().check_clean()] {
        let mismatch = mismatch.unwrap_err();
        let _ = write!(all, "{mismatch} {mismatch:?} {}", mismatch.to_html());
    }
    all
}

fn after_all_requests(engine: Engine) -> Bench {
    let mut bench = Bench::new(engine.max_body_size(2_000));
    bench.engine.inject(Fault::reset().on_attempt(1));
    let requests = requests();
    bench.handle(requests[0].clone());
    for request in requests {
        bench.handle(request);
    }
    bench
}

#[test]
fn no_session_token_leaves_the_mock() {
    for engine in [Engine::new(), Engine::new().strict_auth()] {
        let bench = after_all_requests(engine);
        let journal = bench.journal();
        let all = all_that_is_shown(&journal) + &format!("{:?}", bench.engine);
        for secret in [TOKEN, PROXY] {
            assert_eq!(all.matches(secret).count(), 0, "{secret}");
        }
        // That there was one stays, and whose key it was.
        for attempt in journal.attempts() {
            assert_eq!(attempt.header("x-amz-security-token"), Some("(removed)"));
            assert_eq!(attempt.headers().get_all("x-amz-security-token").iter().count(), 2);
            let signed = attempt.credential_scope();
            assert_eq!(signed.map(|scope| scope.access_key()), Some(KEY), "{attempt:?}");
        }
        assert!(all.contains("X-Amz-Security-Token=(removed)"));
    }
}

#[test]
fn tokens_of_older_journals_are_not_shown_either() {
    let journal = after_all_requests(Engine::new()).journal();
    let older = journal.to_json_text().replace("(removed)", TOKEN);
    assert!(older.matches(TOKEN).count() > 10);
    let again: Journal = older.parse().unwrap();
    assert_eq!(all_that_is_shown(&again).matches(TOKEN).count(), 0);
    assert_eq!(again.to_json_text(), journal.to_json_text());
}

#[test]
fn keys_are_shortened_where_a_test_wants_it() {
    for engine in [Engine::new(), Engine::new().strict_auth()] {
        let bench = after_all_requests(engine.shorten_keys());
        let journal = bench.journal();
        assert_eq!(all_that_is_shown(&journal).matches(KEY).count(), 0);
        let signed = journal.attempts()[0].credential_scope().unwrap();
        assert_eq!(
            (signed.access_key(), signed.region(), signed.service()),
            ("ASIA...MPLE", Some("us-east-1"), "events")
        );
        assert_eq!(journal.attempts()[3].credential_scope().unwrap().access_key(), "ASIA...MPLE");
    }
    // Else they stay.
    assert!(all_that_is_shown(&after_all_requests(Engine::new()).journal()).contains(KEY));
}

#[cfg(feature = "cli")]
mod server {
    use super::{KEY, PROXY, TOKEN, requests};
    use pretty_assertions::assert_eq;

    use crate::support::directory;
    use crate::support::program::{Program, output};
    use crate::support::socket::Socket;

    #[tokio::test]
    async fn neither_the_api_nor_the_files_nor_the_log_show_a_token() {
        let folder = directory("secrets");
        let [json, html, junit] = ["journal.json", "journal.html", "junit.xml"].map(|name| folder.join(name));
        let files = [("--journal-file", &json), ("--html-file", &html), ("--junit", &junit)];
        let files = files.into_iter().flat_map(|(flag, path)| [flag, path.to_str().unwrap()]);
        let flags: Vec<&str> = files.chain(["--shorten-keys", "--strict-auth", "--fail-on-problems"]).collect();
        let server = Program::serve(&flags);
        for request in requests() {
            Socket::connect(server.address).await.exchange(&request).await.unwrap();
        }
        let mut all = String::new();
        for path in ["journal", "view", "report", "published", "faults", "sessions", "", "sessions/none/journal"] {
            let request = http::Request::get(format!("/_mock/{path}")).body("".into()).unwrap();
            let answer = Socket::connect(server.address).await.exchange(&request).await.unwrap();
            assert!(!answer.body.is_empty(), "{path}");
            all.push_str(&String::from_utf8(answer.body).unwrap());
        }
        let (status, out, log) = server.stop();
        assert_eq!(status, 1, "{log}");
        all.push_str(&(out + &log));
        for path in [&json, &html, &junit] {
            all.push_str(&std::fs::read_to_string(path).unwrap());
        }
        for command in [vec!["report"], vec!["lint"]] {
            let (_, out, log) = output(&[command, vec![json.to_str().unwrap()]].concat());
            all.push_str(&(out + &log));
        }
        for secret in [TOKEN, PROXY, KEY] {
            assert_eq!(all.matches(secret).count(), 0, "{secret}");
        }
        assert!(all.contains("(removed)") && all.contains("ASIA...MPLE"));
    }

    #[test]
    fn sessions_named_after_keys_and_shortened_keys_exclude_each_other() {
        let (status, out, log) = output(&["serve", "--shorten-keys", "--session-per-key", "--listen", "127.0.0.1:0"]);
        let error = "putevents-mock: --shorten-keys and --session-per-key exclude each other, because sessions are named after \
                     whole keys: leave one of them out\n";
        assert_eq!((status, out.as_str(), log.as_str()), (2, "", error));
    }
}
