//! Receives a request without ever holding much more than the engine takes.

use std::pin::pin;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use http::header::EXPECT;
use http::request::Parts;
use http_body_util::BodyExt;
use hyper::body::Body;

use crate::live::{Receiving, Share};
use crate::service::{Unkept, body_length};

/// How much of a body that is too large is still read, and thrown away, so that its client gets to read the answer: a
/// client that is cut off while it writes may see a reset instead.
const MAX_DISCARDED: usize = 64 * 1024 * 1024;

/// The first bytes of each body, which count nowhere: they are bounded by the number of connections, and small requests have room
/// whatever large ones do.
const OWN_ROOM: usize = 64 * 1024;

/// The request with its body in memory of its own, and what that holds of the bound on all that is being received: until the share
/// is dropped. A body that has more than `limit` bytes, or for which there is no room, is thrown away as it comes, and the engine is
/// told so.
///
/// hyper reads into buffers of 8 KiB and more, and hands out slices of them. A journal that held those would keep the buffers.
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

/// Receives a body to its end, or says why it was not kept.
async fn receive_body<B: Body>(head: &Parts, body: B, kept: &mut Kept) -> Result<Option<Unkept>, B::Error> {
    let mut unkept = (kept.expected > kept.limit).then_some(Unkept::TooLong);
    if unkept.is_some() && head.headers.contains_key(EXPECT) {
        return Ok(unkept); // The client waits to be asked for its body, and need not be.
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

/// What has come of a body so far.
struct Kept {
    bytes: Vec<u8>,
    /// How long it is going to be, where its head says so.
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
            // What is only announced takes no room, so that a half-sent body holds twice what has come at most.
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
