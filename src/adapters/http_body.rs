//! The body of a reply that does not go over a socket of the mock.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// The body of a reply of an [`HttpService`](super::HttpService). If a fault has cut the reply off, the body fails after its bytes.
#[derive(Debug)]
pub struct HttpBody {
    data: Bytes,
    /// The error after the bytes.
    error: Option<io::Error>,
    has_paused: bool,
}

impl HttpBody {
    pub(crate) fn whole(data: Bytes) -> Self {
        Self { data, error: None, has_paused: false }
    }

    pub(crate) fn cut(data: Bytes, error: io::Error) -> Self {
        Self { data, error: Some(error), has_paused: false }
    }
}

impl Body for HttpBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if !self.data.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.data)))));
        }
        // hyper writes its buffer when a body is not ready, and drops its buffer when a body fails.
        if self.error.is_some() && !self.has_paused {
            self.has_paused = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(self.error.take().map(Err))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_empty() && self.error.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let length = u64::try_from(self.data.len()).unwrap_or(u64::MAX);
        if self.error.is_none() {
            return SizeHint::with_exact(length);
        }
        // The bytes that were cut off count as well.
        let mut hint = SizeHint::new();
        hint.set_lower(length);
        hint
    }
}
