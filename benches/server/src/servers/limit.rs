//! What the whole job costs at least: each Detail is checked, the limits too, and the bodies are kept up to a bound.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode};

use super::put_events::{self, Answer, Details};
use super::{Bound, Running, hyper_server};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// The bodies of the newest requests.
struct Kept {
    bodies: VecDeque<Vec<u8>>,
    bytes: usize,
    bound: usize,
}

impl Kept {
    fn new(bound: Bound) -> Self {
        let bound = match bound {
            Bound::Default => 256 * 1024 * 1024,
            Bound::None => usize::MAX,
        };
        Self { bodies: VecDeque::new(), bytes: 0, bound }
    }

    fn push(&mut self, body: Vec<u8>) {
        self.bytes += body.len();
        self.bodies.push_back(body);
        while self.bytes > self.bound {
            let Some(oldest) = self.bodies.pop_front() else { break };
            self.bytes -= oldest.len();
        }
    }
}

pub fn start(bound: Bound) -> io::Result<Running> {
    let kept = Arc::new(Mutex::new(Kept::new(bound)));
    hyper_server::start(move |request| put_events(request, Arc::clone(&kept)))
}

async fn put_events(request: Request<Incoming>, kept: Arc<Mutex<Kept>>) -> hyper::Result<Response<Full<Bytes>>> {
    let body = whole(request.into_body()).await?;
    let answer = put_events::answer(&body, Details::Checked);
    kept.lock().unwrap_or_else(PoisonError::into_inner).push(body);
    Ok(answer.map_or_else(|_| unavailable(), response))
}

async fn whole(mut body: Incoming) -> hyper::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(body.size_hint().exact().unwrap_or_default() as usize);
    while let Some(frame) = body.frame().await.transpose()? {
        if let Some(data) = frame.data_ref() {
            bytes.extend_from_slice(data);
        }
    }
    Ok(bytes)
}

/// hyper adds the date.
fn response(answer: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, put_events::CONTENT_TYPE_OF_ANSWERS);
    if let Ok(request_id) = HeaderValue::try_from(answer.request_id) {
        headers.insert(REQUEST_ID, request_id);
    }
    response
}

fn unavailable() -> Response<Full<Bytes>> {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_bodies_are_kept_up_to_the_bound() {
        let mut kept = Kept { bodies: VecDeque::new(), bytes: 0, bound: 5 };
        for body in [vec![1; 2], vec![2; 2], vec![3; 2]] {
            kept.push(body);
        }
        assert_eq!(kept.bodies, [vec![2; 2], vec![3; 2]]);
        assert_eq!(kept.bytes, 4);
    }
}
