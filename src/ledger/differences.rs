//! The differences between the tries of one event.

use std::fmt;

use super::{Line, Try};
use crate::json;
use crate::words::shortened;

/// The most differences between two tries that are returned.
const MAX: usize = 100;

/// One difference between a try of an event and the try before. It prints itself: `detail /attempt is 2, and was 1`.
///
/// The order of JSON members, white space, and the notation of a number are no difference. Trace headers are not compared,
/// because they belong to a try and not to its event.
///
/// ```
/// # use std::time::{Duration, SystemTime};
/// # use putevents_mock::engine::{Engine, Ids, Now};
/// # let mut engine = Engine::new();
/// # for number in 1..=2 {
/// #     let detail = format!(r#"{{\"orderId\":7,\"attempt\":{number}}}"#);
/// #     let request = http::Request::post("/")
/// #         .header("content-type", "application/x-amz-json-1.1")
/// #         .header("x-amz-target", "AWSEvents.PutEvents")
/// #         .body(format!(r#"{{"Entries":[{{"Source":"shop","DetailType":"OrderPlaced","Detail":"{detail}"}}]}}"#).into())
/// #         .unwrap();
/// #     engine.handle(request, Now::new(Duration::from_secs(number), SystemTime::UNIX_EPOCH), &mut Ids::counting());
/// # }
/// # let journal = engine.journal();
/// // The publisher counts its tries in the detail.
/// let ledger = journal.ledger().identify_by("/orderId");
/// let differences = ledger.lines()[0].differences();
/// assert_eq!(differences[0].to_string(), "detail /attempt is 2, and was 1");
/// assert_eq!(differences[0].pointer(), Some("/attempt"));
/// ```
#[derive(Debug, Clone)]
pub struct Difference {
    earlier: Try,
    later: Try,
    place: Place,
    before: Option<String>,
    after: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Time,
    Resources,
    Detail(String),
}

impl Difference {
    /// Returns the earlier try.
    pub fn earlier(&self) -> &Try {
        &self.earlier
    }

    /// Returns the later try.
    pub fn later(&self) -> &Try {
        &self.later
    }

    /// Returns the member of the entry that differs: `Time`, `Resources` or `Detail`.
    pub fn member(&self) -> &'static str {
        match self.place {
            Place::Time => "Time",
            Place::Resources => "Resources",
            Place::Detail(_) => "Detail",
        }
    }

    /// Returns the place in the detail as a JSON pointer, such as `/meta/attempt`. `None` if another member differs.
    pub fn pointer(&self) -> Option<&str> {
        if let Place::Detail(pointer) = &self.place { Some(pointer) } else { None }
    }

    /// Returns the value in the earlier try, as JSON. `None` if there was none.
    pub fn before(&self) -> Option<&str> {
        self.before.as_deref()
    }

    /// Returns the value in the later try, as JSON. `None` if there is none.
    pub fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    pub(crate) fn is_time(&self) -> bool {
        self.place == Place::Time
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Time => f.write_str("Time"),
            Place::Resources => f.write_str("resources"),
            Place::Detail(pointer) if pointer.is_empty() => f.write_str("detail"),
            Place::Detail(pointer) => write!(f, "detail {}", shortened(pointer)),
        }?;
        let shown = |value: &Option<String>| value.as_deref().map_or_else(|| "missing".to_owned(), brief);
        write!(f, " is {}, and was {}", shown(&self.after), shown(&self.before))
    }
}

/// Cuts a value to the length of a line.
fn brief(json: &str) -> String {
    const LENGTH: usize = 80;
    match json.char_indices().nth(LENGTH) {
        None => shortened(json),
        Some((end, _)) => format!("{}... ({} characters)", shortened(&json[..end]), json.chars().count()),
    }
}

impl Line {
    /// Returns the differences between each try and the try before, in the order of the tries: at most 100 for each pair.
    ///
    /// By default the tries of an event have equal content, so that only their `Time` can differ. Their details can differ in a
    /// ledger with [`identify_by`](super::Ledger::identify_by).
    pub fn differences(&self) -> Vec<Difference> {
        self.tries
            .windows(2)
            .flat_map(|pair| if let [one, next] = pair { next.differences_from(one, &[]) } else { Vec::new() })
            .collect()
    }
}

impl Try {
    /// The differences from an earlier try, except for what the details hold at these JSON pointers.
    pub(crate) fn differences_from(&self, earlier: &Self, except: &[String]) -> Vec<Difference> {
        between(earlier, self, except)
    }

    /// Whether the `Time` differs from that of an earlier try.
    pub(crate) fn has_other_time(&self, earlier: &Self) -> bool {
        !is_same_number(earlier.entry().time_as_sent(), self.entry().time_as_sent())
    }
}

fn is_same_number(one: Option<&str>, other: Option<&str>) -> bool {
    one == other || one.zip(other).is_some_and(|(one, other)| json::is_same_number(one, other))
}

fn between(earlier: &Try, later: &Try, except: &[String]) -> Vec<Difference> {
    let (one, other) = (earlier.entry(), later.entry());
    let mut found = Vec::new();
    let mut differs = |place, before, after| {
        found.push(Difference { earlier: earlier.clone(), later: later.clone(), place, before, after });
    };
    if later.has_other_time(earlier) {
        differs(Place::Time, one.time_as_sent().map(str::to_owned), other.time_as_sent().map(str::to_owned));
    }
    if !one.resources().eq(other.resources()) {
        let written = |entry: &crate::service::Entry| {
            let resources: serde_json::Value = entry.resources().collect::<Vec<_>>().into();
            resources.to_string()
        };
        differs(Place::Resources, Some(written(one)), Some(written(other)));
    }
    match one.detail_json().zip(other.detail_json()) {
        Some((one, other)) if !json::is_equal(one, other) => {
            let differences = json::differences_except(one, other, except).into_iter().take(MAX);
            for json::Difference { path, one, other } in differences {
                differs(Place::Detail(path), one.map(ToString::to_string), other.map(ToString::to_string));
            }
        }
        Some(_) => {}
        // Details that are not JSON have no pointers.
        None if one.detail() != other.detail() && except.iter().all(|pointer| !pointer.is_empty()) => {
            let text = |detail: Option<&str>| detail.map(|detail| serde_json::Value::from(detail).to_string());
            differs(Place::Detail(String::new()), text(one.detail()), text(other.detail()));
        }
        None => {}
    }
    found
}
