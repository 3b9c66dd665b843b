//! Judges whether details conform to a JSON Schema.

use crate::journal::{Event, Events};
use crate::schema::Schema;

/// The details of one detail-type that violate a schema. `judged` is 0 if there was no event of that type.
#[derive(Debug, Clone)]
pub(crate) struct Nonconforming {
    pub(crate) detail_type: String,
    /// The number of details that were judged.
    pub(crate) judged: usize,
    pub(crate) events: Vec<(Event, Vec<String>)>,
}

pub(crate) fn nonconforming(events: &Events, detail_type: &str, schema: &Schema) -> Option<Nonconforming> {
    let of_type: Vec<&Event> = events.iter().filter(|event| event.detail_type() == Some(detail_type)).collect();
    let violations = |event: &Event| match event.detail_json() {
        None => vec!["it is not JSON".to_owned()],
        Some(detail) => schema.violations(detail),
    };
    let judged = of_type.len();
    let violating = of_type.into_iter().map(|event| (event.clone(), violations(event)));
    let events: Vec<_> = violating.filter(|(_, violations)| !violations.is_empty()).collect();
    let is_met = events.is_empty() && judged > 0;
    (!is_met).then(|| Nonconforming { detail_type: detail_type.to_owned(), judged, events })
}
