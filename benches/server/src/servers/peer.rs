//! wiremock as one would write a mock of PutEvents with it by hand: a result for each entry, the limits, no look at Details.
//! wiremock records each request, without a bound.

use std::io;

use tokio::runtime::{Builder, Runtime};
use wiremock::matchers::{header, method};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::Running;
use super::put_events::{self, CONTENT_TYPE, Details};

struct PutEvents;

impl Respond for PutEvents {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        match put_events::answer(&request.body, Details::Unchecked) {
            Ok(answer) => ResponseTemplate::new(answer.status)
                .insert_header("x-amzn-requestid", answer.request_id)
                .set_body_raw(answer.body, CONTENT_TYPE),
            Err(_) => ResponseTemplate::new(503),
        }
    }
}

pub fn start() -> io::Result<Running> {
    // wiremock serves on a thread of its own; this runtime only waits until it does.
    thread_local!(static RUNTIME: io::Result<Runtime> = Builder::new_current_thread().enable_all().build());
    RUNTIME.with(|runtime| {
        let runtime = runtime.as_ref().map_err(|error| io::Error::from(error.kind()))?;
        let server = runtime.block_on(async {
            let server = MockServer::builder().start().await;
            let target = header("x-amz-target", "AWSEvents.PutEvents");
            Mock::given(method("POST")).and(target).respond_with(PutEvents).mount(&server).await;
            server
        });
        Ok(Running { address: *server.address(), _keep: Box::new(server) })
    })
}
