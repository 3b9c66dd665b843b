//! JSON Schema, with the feature `json-schema`. `without.rs` replaces it without that feature.

use serde_json::Value;

/// A compiled JSON Schema.
pub(crate) struct Schema(jsonschema::Validator);

impl Schema {
    /// Compiles a schema. The error says what is wrong with it.
    pub(crate) fn compile(schema: &Value) -> Result<Self, String> {
        let compiled = jsonschema::validator_for(schema);
        compiled.map(Self).map_err(|error| format!("this is not a JSON Schema: {error}"))
    }

    /// Returns what a value violates: `at /items/0/sku, 5 is not of type "string"`.
    pub(crate) fn violations(&self, value: &Value) -> Vec<String> {
        self.0
            .iter_errors(value)
            .map(|error| match error.instance_path().to_string() {
                place if place.is_empty() => error.to_string(),
                place => format!("at {place}, {error}"),
            })
            .collect()
    }
}
