//! Whether details conform to a JSON Schema.

use serde_json::Value;

use super::{Mismatch, twins};
use crate::journal::{Event, Events};
use crate::report;

impl Events {
    twins! {
        /// Fails unless the details of all published events with this detail-type conform to a JSON Schema, and there is such
        /// an event: otherwise nothing would be tested.
        fn assert_details_conform / check_details_conform(&self, detail_type: &str, schema: &Value) {
            let validator = jsonschema::validator_for(schema)
                .map_err(|error| Mismatch(format!("the schema for {detail_type:?} is none: {error}")))?;
            let of_type: Vec<&Event> = self.iter().filter(|event| event.detail_type() == Some(detail_type)).collect();
            let errors = |event: &'_ Event| match event.detail_json() {
                None => vec!["it is not JSON".to_owned()],
                Some(detail) => validator.iter_errors(detail).map(|error| text(&error)).collect(),
            };
            let found: Vec<(&Event, Vec<String>)> =
                of_type.iter().map(|event| (*event, errors(event))).filter(|(_, errors)| !errors.is_empty()).collect();
            if found.is_empty() && !of_type.is_empty() {
                return self.journal.needs_all();
            }
            Err(Mismatch(report::nonconforming(detail_type, of_type.len(), &found, &self.journal)))
        }
    }
}

/// `at /items/0/sku, 5 is not of type "string"`.
fn text(error: &jsonschema::ValidationError<'_>) -> String {
    let place = error.instance_path().to_string();
    if place.is_empty() { error.to_string() } else { format!("at {place}, {error}") }
}
