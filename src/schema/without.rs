//! The replacement for JSON Schema without the feature `json-schema`.

use serde_json::Value;

/// A schema that cannot exist.
pub(crate) enum Schema {}

impl Schema {
    /// Returns an error that names the missing feature.
    pub(crate) fn compile(_: &Value) -> Result<Self, String> {
        Err("this program was built without the feature json-schema: build it with that feature".into())
    }

    /// Is never called: there is no schema.
    pub(crate) fn violations(&self, _: &Value) -> Vec<String> {
        match *self {}
    }
}
