//! httpmock with a fixed body for PutEvents. By default it records the newest 100 requests.

use httpmock::Method::POST;
use httpmock::MockServer;

use super::put_events::CONTENT_TYPE;
use super::{Running, canned};

pub fn start() -> Running {
    let server = MockServer::start();
    server.mock(|when, then| {
        when.method(POST).header("x-amz-target", "AWSEvents.PutEvents");
        then.status(200).header("content-type", CONTENT_TYPE).body(canned::BODY);
    });
    Running { address: *server.address(), _keep: Box::new(server) }
}
