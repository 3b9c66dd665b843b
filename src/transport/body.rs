//! Receives a request, and never holds much more than the engine takes.

use std::pin::pin;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use http::header::EXPECT;
use http::request::Parts;
use http_body_util::BodyExt;
use hyper::body::Body;

use crate::live::{Receiving, Share};
use crate::service::{Unkept, body_length};

/// The number of bytes of a body that is too large that are read and dropped. A client that is cut off while it writes may see a
/// reset instead of the reply.
const MAX_DISCARDED: usize = 64 * 1024 * 1024;

/// The first bytes of each body, which do not count. The number of connections bounds them, so small requests always have room.
const OWN_ROOM: usize = 64 * 1024;

/// Returns the request with its whole body, and the share that the body holds of the bound on all bodies that are being received. A
/// body of more than `limit` bytes, or without room, is dropped as it comes, and an extension of the head tells the engine.
///
/// The body is copied. hyper reads into buffers of 8 KiB and more, and returns slices of them, so a journal with those slices would
/// keep the buffers.
pub(crate) async fn receive<B: Body>(
    request: http::Request<B>,
    limit: usize,
    receiving: &Arc<Receiving>,
) -> Result<(http::Request<Bytes>, Share), B::Error> {
    let (mut head, body) = request.into_parts();
    let mut kept = Kept { bytes: Vec::new(), expected: body_length(&head, &[]), limit, share: receiving.share() };
    let unkept = receive_body(&head, body, &mut kept).await?;
    if let Some(unkept) = unkept {
        head.extensions.insert(unkept);
    }
    kept.bytes.shrink_to_fit();
    Ok((http::Request::from_parts(head, kept.bytes.into()), kept.share))
}

/// Receives a body to its end. Returns why it was dropped, if it was.
async fn receive_body<B: Body>(head: &Parts, body: B, kept: &mut Kept) -> Result<Option<Unkept>, B::Error> {
    let mut unkept = (kept.expected > kept.limit).then_some(Unkept::TooLong);
    if unkept.is_some() && head.headers.contains_key(EXPECT) {
        return Ok(unkept); // The client waits for HTTP 100 before it sends the body, and gets the reply instead.
    }
    let mut body = pin!(body);
    let mut discarded = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        if unkept.is_none() {
            let Err(why) = kept.push(data) else { continue };
            unkept = Some(why);
            kept.discard();
        } else {
            discarded += data.remaining();
        }
        if discarded > MAX_DISCARDED {
            break;
        }
    }
    Ok(unkept)
}

/// The part of a body that was received so far.
struct Kept {
    bytes: Vec<u8>,
    /// The length that its head announces, or 0.
    expected: usize,
    limit: usize,
    share: Share,
}

impl Kept {
    fn push(&mut self, mut data: impl Buf) -> Result<(), Unkept> {
        let length = self.bytes.len() + data.remaining();
        if length > self.limit {
            return Err(Unkept::TooLong);
        }
        if length > self.bytes.capacity() {
            // Bytes that are only announced take no room: a half-sent body holds at most twice its bytes.
            let most = if self.expected > 0 { self.expected } else { self.limit };
            let room = (2 * self.bytes.capacity()).max(OWN_ROOM).min(most).max(length);
            let has_room = self.share.grow_to(room.saturating_sub(OWN_ROOM));
            if !has_room || self.bytes.try_reserve_exact(room - self.bytes.len()).is_err() {
                return Err(Unkept::NoRoom { limit: self.share.limit() });
            }
        }
        while data.has_remaining() {
            let chunk = data.chunk();
            let length = chunk.len();
            self.bytes.extend_from_slice(chunk);
            data.advance(length);
        }
        Ok(())
    }

    fn discard(&mut self) {
        self.bytes = Vec::new();
        self.share = self.share.another();
    }
}
