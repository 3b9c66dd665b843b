//! What the service refuses by itself: constraints of a request, its size, and what makes a single entry fail.

use std::fmt;

use super::entry::{Entry, MAX_DETAIL_DEPTH, Text};
use super::error::{EntryError, RequestError};
use super::wire::PutEvents;
use crate::json::{self, Unfit};
use crate::words::count;

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
/// 1 MiB since 2026-01-29 (AWS Compute Blog). The documentation says "less than 1MB"; measured in us-east-1, exactly
/// this many bytes were accepted and one more was refused.
const MAX_SIZE: usize = 1_048_576;
/// The limit before 2026-01-29; some regions kept it for longer.
const MAX_SIZE_BEFORE_2026: usize = 262_144;
/// The framework stops counting there (recorded on a sister service).
const MAX_REPORTED_ERRORS: usize = 10;

/// Service model, `NonPartnerEventBusNameOrArn`.
const EVENT_BUS_PATTERN: &str = r"(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[\.\-_A-Za-z0-9]+";
/// Service model, `EventBusNameOrArn`: names of partner event buses have slashes.
const ANY_EVENT_BUS_PATTERN: &str =
    r"(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[/\.\-_A-Za-z0-9]+";
const ENDPOINT_ID_PATTERN: &str = r"^[A-Za-z0-9\-]+[\.][A-Za-z0-9\-]+$";

/// What the mock refuses of its own accord, as the real service does.
///
/// ```
/// use putevents_mock::Limits;
///
/// assert_eq!(Limits::default(), Limits::current());
/// let small = Limits::current().with_max_request_size(1_000);
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
    /// Today's service: at most 10 entries and 1,048,576 bytes in a request, and every other documented rule.
    pub fn current() -> Self {
        Self { enforced: true, max_request_size: MAX_SIZE }
    }

    /// The service until 2026-01-29, when a request could hold 262,144 bytes.
    pub fn before_2026() -> Self {
        Self::current().with_max_request_size(MAX_SIZE_BEFORE_2026)
    }

    /// No limits at all: whatever can be decoded is accepted, for tests that send nonsense on purpose.
    pub fn none() -> Self {
        Self { enforced: false, max_request_size: usize::MAX }
    }

    /// The names that files and flags have for limits.
    pub(crate) const NAMES: [&'static str; 3] = ["current", "before-2026", "none"];

    /// The limits of one of these names.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "current" => Some(Self::current()),
            "before-2026" => Some(Self::before_2026()),
            "none" => Some(Self::none()),
            _ => None,
        }
    }

    /// Another limit on the sum of the sizes of all entries of a request, in bytes by the documented formula.
    #[must_use]
    pub fn with_max_request_size(self, bytes: usize) -> Self {
        Self { max_request_size: bytes, ..self }
    }

    /// How many entries a request may have.
    pub fn max_entries(&self) -> usize {
        if self.enforced { MAX_ENTRIES } else { usize::MAX }
    }

    /// The limit on the sum of the sizes of all entries of a request, in bytes by the documented formula.
    pub fn max_request_size(&self) -> usize {
        self.max_request_size
    }

    /// What is wrong with a fault for an entry at this index.
    pub(crate) fn index_error(&self, index: Option<usize>) -> Option<Unfit> {
        let index = index.filter(|index| self.enforced && *index >= MAX_ENTRIES)?;
        let last = MAX_ENTRIES - 1;
        Some(Unfit::new(
            format!("no request within the limits has an entry at index {index}: write "),
            &format!("at_index({last}) for the last one, or start the mock with Limits::none()"),
            &format!("{last} for the last one, or let the mock have the limits \"none\""),
        ))
    }

    /// The rules for the whole request. They refuse all of its entries together.
    pub(crate) fn check_request(&self, request: &PutEvents) -> Result<(), RequestError> {
        if !self.enforced {
            return Ok(());
        }
        refuse(violations(request))?;
        let size: usize = request.entries.iter().flatten().map(Entry::size).sum();
        if size > self.max_request_size {
            return Err(RequestError::validation("Total size of the entries in the request is over the limit.".into()));
        }
        Ok(())
    }

    /// The rules for the name of a bus that is to be described.
    pub(crate) fn check_described(&self, name: &str) -> Result<(), RequestError> {
        let mut errors = Vec::new();
        if self.enforced {
            let pattern = (!is_event_bus(name, "/.-_")).then_some(ANY_EVENT_BUS_PATTERN);
            check_text(&mut errors, name, "name", pattern, MAX_EVENT_BUS);
        }
        refuse(errors)
    }

    /// The rules for one entry, in the proposed order (D): required members, lengths, reserved source, detail.
    pub(crate) fn check_entry(&self, entry: &Entry) -> Result<(), EntryError> {
        if !self.enforced {
            return Ok(());
        }
        for (name, value) in
            [("Source", entry.source()), ("DetailType", entry.detail_type()), ("Detail", entry.detail())]
        {
            if value.is_none_or(str::is_empty) {
                return Err(EntryError::required(name));
            }
        }
        if entry.detail_type().is_some_and(|detail_type| detail_type.chars().count() > MAX_DETAIL_TYPE) {
            // That the entry fails with this code is inferred; the text is a proposal (D).
            return Err(EntryError::invalid_argument(
                "DetailType",
                &format!("DetailType must not be longer than {MAX_DETAIL_TYPE} characters."),
            ));
        }
        if entry.source().is_some_and(|source| source.starts_with("aws.")) {
            return Err(EntryError::not_authorized_for_source());
        }
        if !entry.detail().is_some_and(|detail| json::is_object(detail, MAX_DETAIL_DEPTH)) {
            return Err(EntryError::malformed_detail());
        }
        if entry.resources.iter().flatten().any(Option::is_none) {
            return Err(EntryError::internal_failure());
        }
        Ok(())
    }
}

/// The error that names all these violations, if there are any.
fn refuse(mut errors: Vec<String>) -> Result<(), RequestError> {
    errors.truncate(MAX_REPORTED_ERRORS);
    if errors.is_empty() {
        return Ok(());
    }
    let (count, plural) = (errors.len(), if errors.len() == 1 { "" } else { "s" });
    let message = format!("{count} validation error{plural} detected: {}", errors.join("; "));
    Err(RequestError::validation(message))
}

/// `before-2026`, or `current, with at most 1000 bytes in a request`.
impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::NAMES.into_iter().find(|name| Self::named(name).as_ref() == Some(self)) {
            Some(name) => f.write_str(name),
            None if !self.enforced => f.write_str("none"),
            None => write!(f, "current, with at most {} in a request", count(self.max_request_size, "byte")),
        }
    }
}

/// Every constraint of the service's model that the request breaks, each in the words of the service.
fn violations(request: &PutEvents) -> Vec<String> {
    let mut errors = Vec::new();
    match &request.entries {
        None => errors.push("Value null at 'entries' failed to satisfy constraint: Member must not be null".to_owned()),
        Some(entries) if entries.is_empty() => errors.push(violation("[]", "entries", &at_least(1))),
        Some(entries) if entries.len() > MAX_ENTRIES => {
            let entries = entries.iter().map(java_entry).collect::<Vec<_>>().join(", ");
            errors.push(violation(&format!("[{entries}]"), "entries", &at_most(MAX_ENTRIES)));
        }
        Some(_) => {}
    }
    for (index, entry) in request.entries.iter().flatten().enumerate() {
        // Lists are counted from 1, members are in lower camel case.
        let path = |member: &str| format!("entries.{}.member.{member}", index + 1);
        if let Some(bus) = &entry.event_bus {
            let pattern = (!is_event_bus(bus.as_str(), ".-_")).then_some(EVENT_BUS_PATTERN);
            check_text(&mut errors, bus.as_str(), &path("eventBusName"), pattern, MAX_EVENT_BUS);
        }
        if let Some(trace_header) = &entry.trace_header {
            check_text(&mut errors, trace_header.as_str(), &path("traceHeader"), None, MAX_TRACE_HEADER);
        }
        if entry.resources().any(|resource| resource.chars().count() > MAX_RESOURCE) {
            // The form for items of a list is that of a sister service; for this one it is a proposal (D).
            let constraint = format!("Member must satisfy constraint: [{}]", at_most(MAX_RESOURCE));
            errors.push(violation(&java_resources(entry), &path("resources"), &constraint));
        }
    }
    if let Some(endpoint_id) = &request.endpoint_id {
        let pattern = (!is_endpoint_id(endpoint_id)).then_some(ENDPOINT_ID_PATTERN);
        check_text(&mut errors, endpoint_id, "endpointId", pattern, MAX_ENDPOINT_ID);
    }
    errors
}

fn check_text(errors: &mut Vec<String>, value: &str, path: &str, broken_pattern: Option<&str>, max: usize) {
    if let Some(pattern) = broken_pattern {
        let constraint = format!("Member must satisfy regular expression pattern: {pattern}");
        errors.push(violation(value, path, &constraint));
    }
    if value.is_empty() {
        errors.push(violation(value, path, &at_least(1)));
    }
    if value.chars().count() > max {
        errors.push(violation(value, path, &at_most(max)));
    }
}

fn violation(value: &str, path: &str, constraint: &str) -> String {
    format!("Value '{value}' at '{path}' failed to satisfy constraint: {constraint}")
}

fn at_least(length: usize) -> String {
    format!("Member must have length greater than or equal to {length}")
}

fn at_most(length: usize) -> String {
    format!("Member must have length less than or equal to {length}")
}

/// The service is written in Java and prints the refused list as Java does (recorded for eleven entries in 2025). How it
/// prints a time that is not null is unknown; as it was sent is a proposal (D).
fn java_entry(entry: &Entry) -> String {
    let resources = if entry.resources.is_some() { java_resources(entry) } else { "null".to_owned() };
    format!(
        "PutEventsRequestEntry(time={}, source={}, resources={resources}, detailType={}, detail={}, eventBusName={}, \
         traceHeader={}, kmsKeyIdentifier=null, internalMetadata=null)",
        java(&entry.time),
        java(&entry.source),
        java(&entry.detail_type),
        java(&entry.detail),
        java(&entry.event_bus),
        java(&entry.trace_header),
    )
}

fn java_resources(entry: &Entry) -> String {
    let items: Vec<&str> = entry.resources.iter().flatten().map(java).collect();
    format!("[{}]", items.join(", "))
}

fn java(text: &Option<Text>) -> &str {
    text.as_ref().map_or("null", Text::as_str)
}

/// [`EVENT_BUS_PATTERN`], which must match the whole text, with these characters in names beside letters and digits.
fn is_event_bus(text: &str, others: &str) -> bool {
    let is_name = |name: &str| is_made_of(name, |c| c.is_ascii_alphanumeric() || others.contains(c));
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match text.split(':').collect::<Vec<_>>()[..] {
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

/// [`ENDPOINT_ID_PATTERN`].
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
