//! Receives the body of a request without ever holding much more than the engine takes.

use std::pin::pin;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, EXPECT};
use http::request::Parts;
use http_body_util::BodyExt;
use hyper::body::Body;

/// How much of a body that is too large is still read, and thrown away, so that its client gets to read the answer: a
/// client that is cut off while it writes may see a reset instead.
const MAX_DISCARDED: usize = 64 * 1024 * 1024;

/// The body, or, where it has more than `limit` bytes, just enough of it for the engine to see that.
pub(crate) async fn receive<B: Body>(head: &Parts, body: B, limit: usize) -> Result<Bytes, B::Error> {
    let declared = head.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) && head.headers.contains_key(EXPECT) {
        return Ok(Bytes::new()); // The client waits to be asked for its body, and need not be.
    }
    let mut body = pin!(body);
    let mut whole = Bytes::new();
    let mut parts = BytesMut::new();
    let mut discarded = 0;
    while let Some(frame) = body.frame().await {
        let Ok(mut data) = frame?.into_data() else { continue };
        if whole.is_empty() && parts.is_empty() && data.remaining() <= limit {
            whole = data.copy_to_bytes(data.remaining()); // Most bodies come in one piece, which is not copied.
            continue;
        }
        parts.extend_from_slice(&std::mem::take(&mut whole));
        let wanted = limit.saturating_add(1).saturating_sub(parts.len()).min(data.remaining());
        parts.put((&mut data).take(wanted));
        discarded += data.remaining();
        if discarded > MAX_DISCARDED {
            break;
        }
    }
    Ok(if parts.is_empty() { whole } else { parts.freeze() })
}
