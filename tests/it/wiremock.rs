//! The engine behind a responder on a server of wiremock.

use std::sync::Mutex;

use pretty_assertions::assert_eq;
use putevents_mock::{EntryError, Fault};
use serde_json::json;
use wiremock::matchers::header;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::support::socket::{Socket, good_request};
use crate::support::{Bench, entries, order, put_events};

struct PutEvents(Mutex<Bench>);

impl Respond for PutEvents {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut forwarded = http::Request::new(request.body.clone().into());
        *forwarded.method_mut() = request.method.clone();
        *forwarded.uri_mut() = request.url.path().parse().unwrap();
        *forwarded.headers_mut() = request.headers.clone();
        self.0.lock().unwrap().handle(forwarded).into()
    }
}

#[tokio::test]
async fn a_reply_passes_through_wiremock_unchanged() {
    let mut bench = Bench::default();
    bench.engine.inject(Fault::entry(EntryError::throttling()).at_index(1));
    let server = MockServer::start().await;
    let responder = PutEvents(Mutex::new(bench));
    Mock::given(header("x-amz-target", "AWSEvents.PutEvents")).respond_with(responder).expect(2).mount(&server).await;

    let mut socket = Socket::connect(*server.address()).await;
    let answer = socket.exchange(&put_events(entries([order(1), order(2)]))).await.unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/x-amz-json-1.1"));
    assert_eq!(answer.header("x-amzn-requestid"), Some("00000000-0000-4000-8000-000000000001"));
    assert_eq!(
        answer.json(),
        json!({ "FailedEntryCount": 1, "Entries": [
            { "EventId": "00000000-0000-0000-0000-000000000001" },
            { "ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded" },
        ]})
    );
    assert_eq!(socket.exchange(&good_request()).await.unwrap().status, 200);
}
