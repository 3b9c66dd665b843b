//! The limits of the service: the constraints and the size of a request, and what makes a single entry fail.

use std::fmt;

use super::entry::Entry;
use super::error::{EntryError, RequestError};
use super::raw::{MAX_ENTRIES_KEPT, MAX_RESOURCES_KEPT, Member};
use super::wire::PutEvents;
use crate::json::Unfit;
use crate::words::{beginning, count, count_entries};

/// API reference, `PutEvents`, `Entries`.
const MAX_ENTRIES: usize = 10;
/// API reference, `PutEventsRequestEntry`, `DetailType`.
pub(crate) const MAX_DETAIL_TYPE: usize = 128;
/// Service model, `EventBusName`: `NonPartnerEventBusNameOrArn`.
const MAX_EVENT_BUS: usize = 1_600;
/// Service model, `TraceHeader`.
const MAX_TRACE_HEADER: usize = 500;
/// Service model, `EndpointId`.
const MAX_ENDPOINT_ID: usize = 50;
/// Service model, `EventResource`.
const MAX_RESOURCE: usize = 2_048;
/// 1 MiB since 2026-01-29 (AWS Compute Blog). The documentation says "less than 1MB". Measured in us-east-1: exactly this many
/// bytes were accepted, one more was refused.
const MAX_SIZE: usize = 1_048_576;
/// The limit before 2026-01-29; some regions kept it for longer.
const MAX_SIZE_BEFORE_2026: usize = 262_144;
/// The framework reports at most this many violations (recorded on a sister service).
const MAX_REPORTED_ERRORS: usize = 10;

/// How many bytes of a value the text of an error repeats (D). Whether the service cuts values is unknown: it repeats eleven
/// entries with details of 1,000 bytes whole.
const MAX_VALUE: usize = 16 * 1024;

/// Service model, `NonPartnerEventBusNameOrArn`.
const EVENT_BUS_PATTERN: &str = r"(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[\.\-_A-Za-z0-9]+";
/// Service model, `EventBusNameOrArn`: names of partner event buses have slashes.
const ANY_EVENT_BUS_PATTERN: &str =
    r"(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[/\.\-_A-Za-z0-9]+";
const ENDPOINT_ID_PATTERN: &str = r"^[A-Za-z0-9\-]+[\.][A-Za-z0-9\-]+$";

/// The limits of the real service that the mock enforces.
///
/// ```
/// use putevents_mock::Limits;
///
/// assert_eq!(Limits::default(), Limits::current());
/// let small = Limits::current().with_max_request_size(1_000);
/// assert_eq!((small.max_entries(), small.max_request_size()), (10, 1_000));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    enforced: bool,
    max_request_size: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self::current()
    }
}

impl Limits {
    /// Returns the limits of today's service: at most 10 entries and 1,048,576 bytes in a request, and every other documented
    /// rule. The default.
    pub fn current() -> Self {
        Self { enforced: true, max_request_size: MAX_SIZE }
    }

    /// Returns the limits of the service until 2026-01-29: at most 262,144 bytes in a request, otherwise as
    /// [`current`](Self::current).
    pub fn before_2026() -> Self {
        Self::current().with_max_request_size(MAX_SIZE_BEFORE_2026)
    }

    /// Returns no limits of the service: the mock accepts every request that can be decoded. For tests that send invalid
    /// entries on purpose.
    ///
    /// The mock's own bounds remain. A request with more than 10,000 entries, or with more than 100,000 resources in all of its
    /// entries, gets a `ValidationException` that names the bound.
    pub fn none() -> Self {
        Self { enforced: false, max_request_size: usize::MAX }
    }

    /// The names of limits in files and flags.
    pub(crate) const NAMES: [&'static str; 3] = ["current", "before-2026", "none"];

    /// Returns the limits of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "current" => Some(Self::current()),
            "before-2026" => Some(Self::before_2026()),
            "none" => Some(Self::none()),
            _ => None,
        }
    }

    /// Sets the limit on the sum of the sizes of all entries of a request, in bytes by the documented formula.
    #[must_use]
    pub fn with_max_request_size(self, bytes: usize) -> Self {
        Self { max_request_size: bytes, ..self }
    }

    /// Returns how many entries a request may have.
    pub fn max_entries(&self) -> usize {
        if self.enforced { MAX_ENTRIES } else { usize::MAX }
    }

    /// Returns the limit on the sum of the sizes of all entries of a request, in bytes by the documented formula.
    pub fn max_request_size(&self) -> usize {
        self.max_request_size
    }

    /// Returns what is wrong with a fault for an entry at this index.
    pub(crate) fn index_error(&self, index: Option<usize>) -> Option<Unfit> {
        let index = index.filter(|index| self.enforced && *index >= MAX_ENTRIES)?;
        let last = MAX_ENTRIES - 1;
        Some(Unfit::new(
            format!("no request within the limits has an entry at index {index}: write "),
            &format!("at_index({last}) for the last one, or start the mock with Limits::none()"),
            &format!("{last} for the last one, or let the mock have the limits \"none\""),
        ))
    }

    /// Checks the rules for the whole request. They refuse all of its entries together.
    pub(crate) fn check_request(&self, request: &PutEvents) -> Result<(), RequestError> {
        if self.enforced {
            violations(request).refuse()?;
        }
        check_kept(request)?;
        if !self.enforced {
            return Ok(());
        }
        let size: usize = request.entries.iter().flatten().map(Entry::size).sum();
        if size > self.max_request_size {
            return Err(RequestError::validation("Total size of the entries in the request is over the limit.".into()));
        }
        Ok(())
    }

    /// Checks the name of a bus for DescribeEventBus.
    pub(crate) fn check_described(&self, name: &str) -> Result<(), RequestError> {
        let mut errors = Violations::default();
        if self.enforced {
            let pattern = (!is_event_bus(name, "/.-_")).then_some(ANY_EVENT_BUS_PATTERN);
            errors.check_text(name, &"name", pattern, MAX_EVENT_BUS);
        }
        errors.refuse()
    }

    /// Checks the rules for one entry, in the proposed order (D): required members, lengths, reserved source, detail.
    pub(crate) fn check_entry(&self, entry: &Entry) -> Result<(), EntryError> {
        if !self.enforced {
            return Ok(());
        }
        let required = [("Source", Member::Source), ("DetailType", Member::DetailType), ("Detail", Member::Detail)];
        if let Some((name, _)) = required.into_iter().find(|(_, member)| entry.length(*member) == 0) {
            return Err(EntryError::required(name));
        }
        // A character takes at least one byte.
        let may_be_long = entry.length(Member::DetailType) > MAX_DETAIL_TYPE;
        if may_be_long && entry.detail_type().is_some_and(|text| text.chars().count() > MAX_DETAIL_TYPE) {
            // That the entry fails with this code is inferred; the text is a proposal (D).
            return Err(EntryError::invalid_argument(
                "DetailType",
                &format!("DetailType must not be longer than {MAX_DETAIL_TYPE} characters."),
            ));
        }
        if entry.source().is_some_and(|source| source.starts_with("aws.")) {
            return Err(EntryError::not_authorized_for_source());
        }
        if !entry.is_detail_good() {
            return Err(EntryError::malformed_detail());
        }
        if entry.all_resources().is_some_and(|mut resources| resources.any(|resource| resource.is_none())) {
            return Err(EntryError::internal_failure());
        }
        Ok(())
    }
}

/// Checks the mock's own bounds on what it keeps of a request, whatever the limits are.
fn check_kept(request: &PutEvents) -> Result<(), RequestError> {
    let over = |more: usize, max: usize, things: &str| {
        let all = more + max;
        Err(RequestError::validation(format!(
            "the request has {all} {things}, and this mock takes at most {max} of them, whatever its limits are"
        )))
    };
    match request {
        PutEvents { more_entries: more @ 1.., .. } => over(*more, MAX_ENTRIES_KEPT, "entries"),
        PutEvents { more_resources: more @ 1.., .. } => over(*more, MAX_RESOURCES_KEPT, "resources"),
        PutEvents { .. } => Ok(()),
    }
}

/// Prints `before-2026`, or `current, with at most 1000 bytes in a request`.
impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::NAMES.into_iter().find(|name| Self::named(name).as_ref() == Some(self)) {
            Some(name) => f.write_str(name),
            None if !self.enforced => f.write_str("none"),
            None => write!(f, "current, with at most {} in a request", count(self.max_request_size, "byte")),
        }
    }
}

/// Returns every constraint of the service's model that the request breaks, each in the words of the service.
fn violations(request: &PutEvents) -> Violations {
    let mut errors = Violations::default();
    match &request.entries {
        None => errors.add("Value null at 'entries' failed to satisfy constraint: Member must not be null".to_owned()),
        Some(entries) if entries.is_empty() => errors.violation(&Value::Text("[]"), &"entries", &at_least(1)),
        Some(entries) if entries.len() > MAX_ENTRIES => {
            let value = Value::Entries(entries, request.more_entries);
            errors.violation(&value, &"entries", &at_most(MAX_ENTRIES));
        }
        Some(_) => {}
    }
    for (index, entry) in request.entries.iter().flatten().enumerate() {
        if errors.is_full() {
            return errors;
        }
        // Lists are counted from 1, members are in lower camel case.
        let path = |member| Path { entry: index + 1, member };
        if let Some(bus) = entry.named_bus() {
            let pattern = (!is_event_bus(bus, ".-_")).then_some(EVENT_BUS_PATTERN);
            errors.check_text(bus, &path("eventBusName"), pattern, MAX_EVENT_BUS);
        }
        if let Some(trace_header) = entry.trace_header() {
            errors.check_text(trace_header, &path("traceHeader"), None, MAX_TRACE_HEADER);
        }
        if entry.resources().any(|resource| resource.chars().count() > MAX_RESOURCE) {
            // The form for items of a list was recorded on a sister service; for this service it is a proposal (D).
            let constraint = format!("Member must satisfy constraint: [{}]", at_most(MAX_RESOURCE));
            errors.violation(&Value::Resources(entry), &path("resources"), &constraint);
        }
    }
    if let Some(endpoint_id) = &request.endpoint_id {
        let pattern = (!is_endpoint_id(endpoint_id)).then_some(ENDPOINT_ID_PATTERN);
        errors.check_text(endpoint_id, &"endpointId", pattern, MAX_ENDPOINT_ID);
    }
    errors
}

/// `entries.1.member.eventBusName`
struct Path {
    entry: usize,
    member: &'static str,
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entries.{}.member.{}", self.entry, self.member)
    }
}

/// The constraints that a request breaks, as many as the service reports.
#[derive(Default)]
struct Violations(Vec<String>);

impl Violations {
    fn is_full(&self) -> bool {
        self.0.len() >= MAX_REPORTED_ERRORS
    }

    fn add(&mut self, error: String) {
        if !self.is_full() {
            self.0.push(error);
        }
    }

    fn check_text(&mut self, text: &str, path: &dyn fmt::Display, broken_pattern: Option<&str>, max: usize) {
        let value = &Value::Text(text);
        if let Some(pattern) = broken_pattern {
            let constraint = format!("Member must satisfy regular expression pattern: {pattern}");
            self.violation(value, path, &constraint);
        }
        if text.is_empty() {
            self.violation(value, path, &at_least(1));
        }
        if text.chars().count() > max {
            self.violation(value, path, &at_most(max));
        }
    }

    fn violation(&mut self, value: &Value<'_>, path: &dyn fmt::Display, constraint: &str) {
        if self.is_full() {
            return;
        }
        let (shown, is_cut) = beginning(value, MAX_VALUE);
        let rest = if is_cut { format!(" ... ({} in all)", value.size()) } else { String::new() };
        self.add(format!("Value '{shown}{rest}' at '{path}' failed to satisfy constraint: {constraint}"));
    }

    /// Returns the error that names all violations, if there are any.
    fn refuse(self) -> Result<(), RequestError> {
        let errors = self.0;
        if errors.is_empty() {
            return Ok(());
        }
        let (count, plural) = (errors.len(), if errors.len() == 1 { "" } else { "s" });
        let message = format!("{count} validation error{plural} detected: {}", errors.join("; "));
        Err(RequestError::validation(message))
    }
}

fn at_least(length: usize) -> String {
    format!("Member must have length greater than or equal to {length}")
}

fn at_most(length: usize) -> String {
    format!("Member must have length less than or equal to {length}")
}

/// A value that the text of an error repeats.
///
/// The service is written in Java and prints the refused list as Java does (recorded for eleven entries in 2025). How it prints
/// a time that is not null is unknown; printing it as it was sent is a proposal (D).
enum Value<'a> {
    Text(&'a str),
    /// The entries, and how many more there are.
    Entries(&'a [Entry], usize),
    Resources(&'a Entry),
}

impl Value<'_> {
    fn size(&self) -> String {
        match self {
            Self::Text(text) => count(text.len(), "byte"),
            Self::Entries(entries, more) => count_entries(entries.len() + more),
            Self::Resources(entry) => count(entry.all_resources().map_or(0, |all| all.len()), "resource"),
        }
    }
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Entries(entries, _) => list(f, entries.iter().map(JavaEntry)),
            Self::Resources(entry) => list(f, entry.all_resources().into_iter().flatten().map(java)),
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, items: impl Iterator<Item = impl fmt::Display>) -> fmt::Result {
    f.write_str("[")?;
    for (index, item) in items.enumerate() {
        write!(f, "{}{item}", if index > 0 { ", " } else { "" })?;
    }
    f.write_str("]")
}

struct JavaEntry<'a>(&'a Entry);

impl fmt::Display for JavaEntry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entry = self.0;
        write!(
            f,
            "PutEventsRequestEntry(time={}, source={}, resources=",
            java(entry.time_as_sent()),
            java(entry.source())
        )?;
        match entry.all_resources() {
            Some(_) => write!(f, "{}", Value::Resources(entry))?,
            None => f.write_str("null")?,
        }
        write!(
            f,
            ", detailType={}, detail={}, eventBusName={}, traceHeader={}, kmsKeyIdentifier=null, internalMetadata=null)",
            java(entry.detail_type()),
            java(entry.detail()),
            java(entry.named_bus()),
            java(entry.trace_header()),
        )
    }
}

fn java(text: Option<&str>) -> &str {
    text.unwrap_or("null")
}

/// Matches [`EVENT_BUS_PATTERN`] against the whole text. `others` are the characters in names besides letters and digits.
fn is_event_bus(text: &str, others: &str) -> bool {
    let is_name = |name: &str| is_made_of(name, |c| c.is_ascii_alphanumeric() || others.contains(c));
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match text.splitn(7, ':').collect::<Vec<_>>()[..] {
        [name] => is_name(name),
        ["arn", partition, "events", region, account, resource] => {
            let region: Vec<&str> = region.splitn(3, '-').collect();
            partition.strip_prefix("aws").is_some_and(|rest| rest.chars().all(is_word))
                && matches!(region[..], [area, direction, number]
                    if [area, direction].iter().all(|part| is_made_of(part, |c| c.is_ascii_lowercase()))
                        && is_made_of(number, is_word))
                && account.len() == 12
                && is_made_of(account, |c| c.is_ascii_digit())
                && resource.strip_prefix("event-bus/").is_some_and(is_name)
        }
        _ => false,
    }
}

/// Matches [`ENDPOINT_ID_PATTERN`].
fn is_endpoint_id(text: &str) -> bool {
    let is_part = |part: &str| is_made_of(part, |c| c.is_ascii_alphanumeric() || c == '-');
    text.split_once('.').is_some_and(|(left, right)| is_part(left) && is_part(right))
}

fn is_made_of(text: &str, allowed: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bus_names_and_arns_follow_the_models_pattern() {
        for good in [
            "default",
            "a",
            "Orders.v1-blue_green",
            "arn:aws:events:us-east-1:123456789012:event-bus/orders",
            "arn:aws-us-gov:events:us-gov-west-1:123456789012:event-bus/a.b",
            "arn:aws-cn:events:cn-north-1:123456789012:event-bus/default",
        ] {
            assert!(is_event_bus(good, ".-_"), "{good}");
        }
        for bad in [
            "",
            "my bus",
            "orders/blue",
            "aws.partner/example.com/1",
            "bücher",
            "arn:aws:events:us-east-1:12345678901:event-bus/orders",
            "arn:aws:events:us-east-1:1234567890123:event-bus/orders",
            "arn:aws:events:us-east-1:123456789012:event-bus/",
            "arn:aws:events:us-east-1:123456789012:rule/orders",
            "arn:aws:events:US-east-1:123456789012:event-bus/orders",
            "arn:aws:events:useast1:123456789012:event-bus/orders",
            "arn:aws:sqs:us-east-1:123456789012:event-bus/orders",
            "arn:gcp:events:us-east-1:123456789012:event-bus/orders",
            "arn:aws:events:us-east-1:123456789012:event-bus/orders:extra",
        ] {
            assert!(!is_event_bus(bad, ".-_"), "{bad}");
        }
    }

    #[test]
    fn endpoint_ids_have_exactly_one_dot_between_two_parts() {
        assert!(is_endpoint_id("abcde.veo"));
        for bad in ["", "abcde", ".veo", "abcde.", "a.b.c", "a_b.c"] {
            assert!(!is_endpoint_id(bad), "{bad}");
        }
    }
}
