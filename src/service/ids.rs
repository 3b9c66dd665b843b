//! The source of EventIds and request ids.

use std::fmt;
use std::str::FromStr;

use uuid::{Builder, Uuid};

use crate::random::{fresh, mix};
use crate::words::{debug_is_display, shortened};

/// The source of EventIds and request ids: random, seeded, or counting.
///
/// Real EventIds have the shape of a UUID, but not the bits of a version 4 UUID (`af4e8101-0d66-bba4-4f33-7f0af2c13327` was
/// recorded). The mock's EventIds are the same: a client that checks the version fails against both.
///
/// ```
/// use putevents_mock::engine::Ids;
///
/// let exact = Ids::counting(); // 00000000-0000-0000-0000-000000000001, ...02, ...03
/// let repeatable = Ids::seeded(42);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Ids(Source);

#[derive(Debug, Clone, Default)]
enum Source {
    #[default]
    Random,
    Seeded(u64),
    Counting {
        requests: u64,
        events: u64,
    },
}

impl Ids {
    /// Returns random ids, unique over all mocks of all processes. The default.
    pub fn random() -> Self {
        Self(Source::Random)
    }

    /// Returns the same ids for the same seed and the same order of requests.
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(seed))
    }

    /// Returns EventIds that count from one, so that a test can name them. The first accepted entry gets
    /// `00000000-0000-0000-0000-000000000001`. Two mocks that count give the same ids.
    pub fn counting() -> Self {
        Self(Source::Counting { requests: 0, events: 0 })
    }

    /// Returns the ids of one request. A random source is read once for each request, however many entries it has.
    pub(crate) fn for_request(&mut self) -> RequestIds<'_> {
        let stem = match &mut self.0 {
            Source::Random => Stem::Mixed(fresh()),
            Source::Seeded(state) => {
                *state = state.wrapping_add(1);
                Stem::Mixed((mix(*state), mix(!*state)))
            }
            Source::Counting { requests, events } => {
                *requests += 1;
                Stem::Counting { request: *requests, events }
            }
        };
        RequestIds { stem, drawn: 0 }
    }
}

pub(crate) struct RequestIds<'a> {
    stem: Stem<'a>,
    drawn: u64,
}

enum Stem<'a> {
    Mixed((u64, u64)),
    Counting { request: u64, events: &'a mut u64 },
}

impl RequestIds<'_> {
    /// Returns the request id. Real request ids look like version 4 UUIDs.
    pub(crate) fn request_id(&self) -> Uuid {
        match &self.stem {
            Stem::Mixed((high, low)) => {
                Builder::from_random_bytes(Uuid::from_u64_pair(mix(*high), mix(*low)).into_bytes()).into_uuid()
            }
            Stem::Counting { request, .. } => {
                Builder::from_random_bytes(u128::from(*request).to_be_bytes()).into_uuid()
            }
        }
    }

    pub(crate) fn event_id(&mut self) -> EventId {
        self.drawn += 1;
        EventId(match &mut self.stem {
            // Each half moves by one step and is mixed by a bijection. Ids of one request cannot collide. Ids of two requests
            // collide only if their random stems are a few steps apart.
            Stem::Mixed((high, low)) => {
                Uuid::from_u64_pair(mix(high.wrapping_add(self.drawn)), mix(low.wrapping_add(self.drawn)))
            }
            Stem::Counting { events, .. } => {
                **events += 1;
                Uuid::from_u128(u128::from(**events))
            }
        })
    }
}

/// The id of an accepted entry: the `EventId` that the reply tells the publisher.
///
/// It prints as 36 lower-case characters and compares with strings.
///
/// ```
/// use putevents_mock::journal::EventId;
///
/// let id: EventId = "af4e8101-0d66-bba4-4f33-7f0af2c13327".parse()?;
/// assert_eq!(id, "af4e8101-0d66-bba4-4f33-7f0af2c13327");
/// assert_eq!(
///     "af4e8101".parse::<EventId>().unwrap_err().to_string(),
///     r#""af4e8101" is not an EventId: write 32 hexadecimal digits, such as "af4e8101-0d66-bba4-4f33-7f0af2c13327""#
/// );
/// # Ok::<_, putevents_mock::journal::EventIdError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId(Uuid);

impl FromStr for EventId {
    type Err = EventIdError;

    fn from_str(text: &str) -> Result<Self, EventIdError> {
        text.parse().map(Self).map_err(|_| EventIdError { text: shortened(text) })
    }
}

/// A text is not an [`EventId`]. It prints itself as a sentence, also with `{:?}`.
#[derive(Clone, PartialEq, Eq)]
pub struct EventIdError {
    text: String,
}

impl fmt::Display for EventIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let example = "write 32 hexadecimal digits, such as \"af4e8101-0d66-bba4-4f33-7f0af2c13327\"";
        write!(f, "\"{}\" is not an EventId: {example}", self.text)
    }
}

debug_is_display!(EventIdError);

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl PartialEq<str> for EventId {
    fn eq(&self, other: &str) -> bool {
        self.0.as_hyphenated().encode_lower(&mut Uuid::encode_buffer()) == other
    }
}

impl PartialEq<&str> for EventId {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn random_and_seeded_ids_are_unique_over_many_requests() {
        for mut ids in [Ids::random(), Ids::seeded(7)] {
            let mut seen = HashSet::new();
            for _ in 0..10_000 {
                let mut request = ids.for_request();
                assert!(seen.insert(request.request_id()));
                for _ in 0..10 {
                    assert!(seen.insert(request.event_id().0));
                }
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_ids_and_another_seed_others() {
        let draw = |seed| Ids::seeded(seed).for_request().event_id();
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn counting_ids_go_on_counting_over_requests() {
        let mut ids = Ids::counting();
        let first = ids.for_request().event_id();
        let second = ids.for_request().event_id();
        assert_eq!(first, "00000000-0000-0000-0000-000000000001");
        assert_eq!(second, "00000000-0000-0000-0000-000000000002");
    }

    #[test]
    fn event_ids_are_not_version_4_and_request_ids_are() {
        let mut ids = Ids::random();
        let versions: HashSet<usize> = (0..200).map(|_| ids.for_request().event_id().0.get_version_num()).collect();
        assert!(versions.len() > 4, "{versions:?}");
        assert_eq!(ids.for_request().request_id().get_version_num(), 4);
    }
}
