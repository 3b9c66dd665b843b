//! What a `wiremock::MockServer` needs to pass the engine's replies on.

use wiremock::ResponseTemplate;

use crate::reply::Reply;

/// The reply for wiremock, with the same status, headers and body.
///
/// With it the engine can stand behind a responder on an existing `MockServer`:
///
/// ```
/// use std::sync::Mutex;
/// use std::time::{Duration, SystemTime};
/// use putevents_mock::{Engine, Ids, Now};
/// use wiremock::{Request, Respond, ResponseTemplate};
///
/// struct PutEvents(Mutex<Engine>);
///
/// impl Respond for PutEvents {
///     fn respond(&self, request: &Request) -> ResponseTemplate {
///         let mut forwarded = http::Request::new(request.body.clone().into());
///         *forwarded.method_mut() = request.method.clone();
///         *forwarded.uri_mut() = request.url.path().parse().unwrap();
///         *forwarded.headers_mut() = request.headers.clone();
///         let now = Now { since_start: Duration::ZERO, date: SystemTime::now() };
///         self.0.lock().unwrap().handle(forwarded, now, &mut Ids::random()).into()
///     }
/// }
/// ```
impl From<Reply> for ResponseTemplate {
    fn from(reply: Reply) -> Self {
        let headers = reply.headers().iter();
        headers.fold(Self::new(reply.status()).set_body_bytes(reply.body().to_vec()), |template, (name, value)| {
            template.insert_header(name, value)
        })
    }
}
