//! Things that go wrong, as values.

#![warn(clippy::indexing_slicing)]

use crate::entry::Entry;
use crate::error::{EntryError, RequestError};
use crate::matcher::EntryMatcher;

/// Something that goes wrong: what, and when.
///
/// A fault is a plain value: it can be compared, cloned, kept in a table of cases, and prints itself as a sentence.
/// Without [`times`](Self::times) it applies whenever it can.
///
/// Faults are consulted in the order in which they were injected, and the first that applies decides; the later ones do
/// not count what they were not asked about.
///
/// ```
/// use putevents_mock::{EntryError, Fault, RequestError, entry};
///
/// let fault = Fault::entry(EntryError::throttling()).matching(entry().detail_type("OrderPlaced")).times(2);
/// assert_eq!(fault.to_string(), r#"ThrottlingException for entries with detail-type "OrderPlaced", 2 times"#);
///
/// let fault = Fault::request(RequestError::internal_exception()).on_attempt(1);
/// assert_eq!(fault.to_string(), "500 InternalException for the whole request, on attempt 1");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    pub(crate) effect: Effect,
    pub(crate) when: When,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    /// One entry fails inside an answer of HTTP 200.
    Entry(EntryError),
    /// The whole request is refused, and none of its entries is accepted.
    Request(RequestError),
}

/// Which of the things that a fault could hit it does hit.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct When {
    pub(crate) index: Option<usize>,
    pub(crate) matcher: Option<EntryMatcher>,
    pub(crate) attempt: Option<usize>,
    pub(crate) after: usize,
    pub(crate) times: Option<usize>,
}

impl Fault {
    /// Single entries fail with this error, and the rest of the answer stays right. Each entry that passed the limits
    /// and meets the conditions is one candidate.
    pub fn entry(error: EntryError) -> Self {
        Self { effect: Effect::Entry(error), when: When::default() }
    }

    /// Whole requests fail with this error. Each readable PutEvents request that meets the conditions is one candidate;
    /// the limits are looked at later.
    pub fn request(error: RequestError) -> Self {
        Self { effect: Effect::Request(error), when: When::default() }
    }

    /// Only the entry at this place in its request, counted from 0.
    ///
    /// # Panics
    ///
    /// If the fault is for whole requests, which have no index.
    #[must_use]
    #[track_caller]
    pub fn at_index(mut self, index: usize) -> Self {
        assert!(
            matches!(self.effect, Effect::Entry(_)),
            "a fault of the whole request has no index: write Fault::entry(...).at_index({index}), or choose the request \
             with on_attempt or matching"
        );
        self.when.index = Some(index);
        self
    }

    /// Only entries that match; for a fault of whole requests, only requests in which some entry matches.
    #[must_use]
    pub fn matching(mut self, matcher: EntryMatcher) -> Self {
        self.when.matcher = Some(matcher);
        self
    }

    /// Only in this attempt: the n-th HTTP request that the mock received, counted from 1.
    ///
    /// # Panics
    ///
    /// If `number` is 0.
    #[must_use]
    #[track_caller]
    pub fn on_attempt(mut self, number: usize) -> Self {
        assert!(number > 0, "attempts are counted from 1: write on_attempt(1) for the first");
        self.when.attempt = Some(number);
        self
    }

    /// Lets the first `candidates` pass.
    #[must_use]
    pub fn after(mut self, candidates: usize) -> Self {
        self.when.after = candidates;
        self
    }

    /// Applies this often and then never again.
    ///
    /// # Panics
    ///
    /// If `times` is 0: such a fault could never be seen.
    #[must_use]
    #[track_caller]
    pub fn times(mut self, times: usize) -> Self {
        assert!(times > 0, "a fault that applies 0 times does nothing: leave it out, or write times(1)");
        self.when.times = Some(times);
        self
    }
}

/// The faults of one mock, in the order of injection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    injected: Vec<Injected>,
    next_id: usize,
}

/// Names one injected fault for as long as its mock lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FaultId(usize);

#[derive(Debug, Clone)]
struct Injected {
    id: FaultId,
    fault: Fault,
    seen: usize,
    fired: usize,
    lifted: bool,
}

impl Faults {
    pub(crate) fn inject(&mut self, fault: Fault) -> FaultId {
        let id = FaultId(self.next_id);
        self.next_id += 1;
        self.injected.push(Injected { id, fault, seen: 0, fired: 0, lifted: false });
        id
    }

    pub(crate) fn lift(&mut self, id: FaultId) {
        if let Some(injected) = self.injected.iter_mut().find(|injected| injected.id == id) {
            injected.lifted = true;
        }
    }

    pub(crate) fn fired(&self, id: FaultId) -> usize {
        self.injected.iter().find(|injected| injected.id == id).map_or(0, |injected| injected.fired)
    }

    /// What a whole request meets, if anything.
    pub(crate) fn for_request(&mut self, attempt: usize, entries: &[Entry]) -> Option<(FaultId, RequestError)> {
        self.first(|Fault { effect, when }| match effect {
            Effect::Request(error) => {
                let matches = |matcher: &EntryMatcher| entries.iter().any(|entry| matcher.matches(entry));
                (when.is_on(attempt) && when.matcher.as_ref().is_none_or(matches)).then_some(error)
            }
            Effect::Entry(_) => None,
        })
    }

    /// What one entry meets, if anything.
    pub(crate) fn for_entry(&mut self, attempt: usize, index: usize, entry: &Entry) -> Option<(FaultId, EntryError)> {
        self.first(|Fault { effect, when }| match effect {
            Effect::Entry(error) => {
                let hit = when.is_on(attempt)
                    && when.index.is_none_or(|wanted| wanted == index)
                    && when.matcher.as_ref().is_none_or(|matcher| matcher.matches(entry));
                hit.then_some(error)
            }
            Effect::Request(_) => None,
        })
    }

    /// The first fault that has an effect on the candidate and whose turn it is. That one, and every fault before it
    /// that would have an effect, has then seen one candidate more.
    fn first<T: Clone>(&mut self, effect_of: impl Fn(&Fault) -> Option<&T>) -> Option<(FaultId, T)> {
        self.injected.iter_mut().filter(|injected| !injected.lifted).find_map(|injected| {
            let effect = effect_of(&injected.fault)?;
            injected.seen += 1;
            let When { after, times, .. } = injected.fault.when;
            if injected.seen <= after || times.is_some_and(|times| injected.fired >= times) {
                return None;
            }
            injected.fired += 1;
            Some((injected.id, effect.clone()))
        })
    }
}

impl When {
    fn is_on(&self, attempt: usize) -> bool {
        self.attempt.is_none_or(|wanted| wanted == attempt)
    }
}
