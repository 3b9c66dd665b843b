//! The stand-in for JSON Schema without the feature `json-schema`: it says so.

use serde_json::Value;

/// There is none.
pub(crate) enum Schema {}

impl Schema {
    /// Always an error.
    pub(crate) fn compile(_: &Value) -> Result<Self, String> {
        Err("this was built without the feature json-schema, and cannot tell".into())
    }

    /// Nobody can ask.
    pub(crate) fn violations(&self, _: &Value) -> Vec<String> {
        match *self {}
    }
}
