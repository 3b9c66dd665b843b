//! Receives a request without ever holding much more than the engine takes.

use std::pin::pin;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::header::{EXPECT, HeaderValue};
use http::request::Parts;
use http_body_util::BodyExt;
use hyper::body::Body;

use crate::service::body_length;

/// How much of a body that is too large is still read, and thrown away, so that its client gets to read the answer: a
/// client that is cut off while it writes may see a reset instead.
const MAX_DISCARDED: usize = 64 * 1024 * 1024;

/// A body that is shorter than this is copied out of the buffer that it came in.
const MAX_COPIED: usize = 16 * 1024;

/// The request with its body, or, where that has more than `limit` bytes, with just enough of it for the engine to see that.
///
/// hyper reads into buffers of 8 KiB and more, and hands out slices of them. A journal that held those would keep the buffers.
pub(crate) async fn receive<B: Body>(
    request: http::Request<B>,
    limit: usize,
) -> Result<http::Request<Bytes>, B::Error> {
    let (mut head, body) = request.into_parts();
    let body = receive_body(&head, body, limit).await?;
    detach(&mut head);
    let body = if body.len() < MAX_COPIED { Bytes::copy_from_slice(&body) } else { body };
    Ok(http::Request::from_parts(head, body))
}

/// Gives a head memory of its own.
fn detach(head: &mut Parts) {
    let mut all = BytesMut::new();
    head.headers.values().for_each(|value| all.extend_from_slice(value.as_bytes()));
    let (all, mut from) = (all.freeze(), 0);
    for value in head.headers.values_mut() {
        let to = from + value.len();
        if let Ok(own) = HeaderValue::from_maybe_shared(all.slice(from..to)) {
            *value = own;
        }
        from = to;
    }
    if let Ok(own) = head.uri.to_string().parse() {
        head.uri = own;
    }
}

async fn receive_body<B: Body>(head: &Parts, body: B, limit: usize) -> Result<Bytes, B::Error> {
    if body_length(head, &[]) > limit && head.headers.contains_key(EXPECT) {
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
