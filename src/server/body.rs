//! Receives the body of a request without ever holding much more than the engine takes.

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, EXPECT};
use http::request::Parts;
use http_body_util::BodyExt;
use hyper::body::Incoming;

/// How much of a body that is too large is still read, and thrown away, so that its client gets to read the answer: a
/// client that is cut off while it writes may see a reset instead.
const MAX_DISCARDED: usize = 64 * 1024 * 1024;

/// The body, or, where it has more than `limit` bytes, just enough of it for the engine to see that.
pub(super) async fn receive(head: &Parts, mut body: Incoming, limit: usize) -> Result<Bytes, hyper::Error> {
    let declared = head.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) && head.headers.contains_key(EXPECT) {
        return Ok(Bytes::new()); // The client waits to be asked for its body, and need not be.
    }
    let mut whole = Bytes::new();
    let mut parts = BytesMut::new();
    let mut discarded = 0;
    while let Some(frame) = body.frame().await {
        let Ok(mut data) = frame?.into_data() else { continue };
        if whole.is_empty() && parts.is_empty() && data.len() <= limit {
            whole = data; // Most bodies come in one piece, which is not copied.
            continue;
        }
        parts.extend_from_slice(&std::mem::take(&mut whole));
        let wanted = limit.saturating_add(1).saturating_sub(parts.len()).min(data.len());
        parts.extend_from_slice(&data.split_to(wanted));
        discarded += data.len();
        if discarded > MAX_DISCARDED {
            break;
        }
    }
    Ok(if parts.is_empty() { whole } else { parts.freeze() })
}
