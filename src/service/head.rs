//! The head of a request, in little memory: the journal keeps one for each attempt.

use std::net::SocketAddr;
use std::sync::{LazyLock, OnceLock};
use std::{fmt, str};

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, Version};

/// The reason why the transport did not keep a body. It is an extension of the head of the request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unkept {
    /// The body has more bytes than the mock takes.
    TooLong,
    /// All bodies being received have this many bytes together.
    NoRoom { limit: usize },
}

/// The head of a request, either of the transport or recorded.
pub(crate) trait RequestHead {
    /// Returns a header by its name in any case, if its value is text. Of several values the first.
    fn header(&self, name: &str) -> Option<&str>;

    fn uri(&self) -> &Uri;

    /// Returns why the transport did not keep the body.
    fn unkept(&self) -> Option<Unkept>;
}

impl RequestHead for Parts {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn uri(&self) -> &Uri {
        &self.uri
    }

    fn unkept(&self) -> Option<Unkept> {
        self.extensions.get().copied()
    }
}

/// The bytes of the length before a name or a value.
const LENGTH: usize = size_of::<u32>();

/// The target of nearly all requests.
static ROOT: LazyLock<Uri> = LazyLock::new(Uri::default);

/// The method, the target and the headers of a request.
pub(crate) struct Head {
    pub(crate) method: Method,
    pub(crate) version: Version,
    /// The address of the other side.
    pub(crate) peer: Option<SocketAddr>,
    unkept: Option<Unkept>,
    /// `None` for `/`.
    target: Option<Box<Uri>>,
    /// The names and the values of the headers, each with its length before it.
    bytes: Box<[u8]>,
    /// All headers as a map, made on the first access.
    headers: OnceLock<Box<HeaderMap>>,
    /// Tests check when the extensions are dropped.
    #[cfg(test)]
    _extensions: http::Extensions,
}

impl Head {
    /// Copies the parts of a request. They may be views of a larger buffer, which must not be kept.
    pub(crate) fn of(parts: Parts) -> Self {
        Self::with_spare_map(parts).0
    }

    /// Copies the parts, and returns the empty map of the headers, whose memory can be reused.
    pub(crate) fn with_spare_map(parts: Parts) -> (Self, HeaderMap) {
        let Parts { method, uri, version, mut headers, extensions, .. } = parts;
        let length = fields_of(&headers).map(|(name, value)| name.len() + value.len() + 2 * LENGTH).sum();
        let mut bytes = Vec::with_capacity(length);
        for part in fields_of(&headers).flat_map(|(name, value)| [name, value]) {
            // The mock cannot receive a part of more than 4 GiB.
            bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
            bytes.extend_from_slice(part);
        }
        let target = (uri != *ROOT).then(|| Box::new(uri.to_string().parse().unwrap_or(uri)));
        headers.clear();
        let head = Self {
            method,
            version,
            peer: extensions.get().copied(),
            unkept: extensions.get().copied(),
            target,
            bytes: bytes.into(),
            headers: OnceLock::new(),
            #[cfg(test)]
            _extensions: extensions,
        };
        (head, headers)
    }

    /// Returns all headers as a map. The first call reports to `grow` roughly how many bytes the map takes.
    pub(crate) fn headers(&self, grow: impl FnOnce(usize)) -> &HeaderMap {
        self.headers.get_or_init(|| {
            let headers = self.header_map();
            grow(memory_of_headers(&headers));
            Box::new(headers)
        })
    }

    fn header_map(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in self.fields() {
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
                headers.append(name, value);
            }
        }
        headers
    }

    /// Returns the names and the values of all headers.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut rest = &*self.bytes;
        let mut part = move || {
            let (length, parts) = rest.split_first_chunk::<LENGTH>()?;
            let (part, after) = parts.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            rest = after;
            Some(part)
        };
        std::iter::from_fn(move || part().zip(part()))
    }

    /// Returns roughly how many bytes the head keeps alive beside itself.
    pub(crate) fn memory(&self) -> usize {
        const TARGET: usize = 256;
        let target = self.target.as_ref().map_or(0, |target| TARGET + target.path().len());
        self.bytes.len() + target
    }
}

/// Returns the names and the values of headers.
pub(crate) fn fields_of(headers: &HeaderMap) -> impl Iterator<Item = (&[u8], &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str().as_bytes(), value.as_bytes()))
}

/// Returns roughly how many bytes headers keep alive, as measured: the map and the allocator both reserve more than they use.
pub(crate) fn memory_of_headers(headers: &HeaderMap) -> usize {
    256 + headers.values().map(|value| 128 + value.len()).sum::<usize>()
}

impl RequestHead for Head {
    fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.fields().find(|(one, _)| one.eq_ignore_ascii_case(name.as_bytes()))?;
        let is_text = value.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
        str::from_utf8(value).ok().filter(|_| is_text)
    }

    fn uri(&self) -> &Uri {
        self.target.as_deref().unwrap_or(&ROOT)
    }

    fn unkept(&self) -> Option<Unkept> {
        self.unkept
    }
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut head = f.debug_struct("Head");
        head.field("method", &self.method).field("uri", self.uri()).field("version", &self.version);
        head.field("headers", &self.header_map()).field("peer", &self.peer).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_head_gives_back_what_it_was_made_of() {
        let request = http::Request::put("http://127.0.0.1:1/a?b=c")
            .header("x-one", "1")
            .header("x-two", "a")
            .header("x-one", "2")
            .header("x-none", "")
            .header("x-odd", HeaderValue::from_bytes(b"\xff").unwrap())
            .extension(SocketAddr::from(([127, 0, 0, 1], 80)));
        let parts = request.body(()).unwrap().into_parts().0;
        let head = Head::of(parts.clone());
        assert_eq!((&head.method, head.uri(), head.version), (&parts.method, &parts.uri, parts.version));
        assert_eq!(head.headers(|_| {}), &parts.headers);
        assert_eq!(head.peer, parts.extensions.get().copied());
        let header = |name| head.header(name);
        assert_eq!((header("X-One"), header("x-two"), header("x-none")), (Some("1"), Some("a"), Some("")));
        assert_eq!((header("x-odd"), header("x")), (None, None));
    }

    #[test]
    fn a_head_without_headers_has_none() {
        let head = Head::of(http::Request::new(()).into_parts().0);
        assert_eq!((head.uri().to_string().as_str(), head.headers(|_| {}).len(), head.header("host")), ("/", 0, None));
    }
}
