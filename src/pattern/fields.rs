//! The fields of a pattern one by one, to say which of them an event does not match.

use serde_json::{Map, Value};

use super::EventPattern;

impl EventPattern {
    /// Returns the fields that do not match an event with these members, each with its keys from the outermost one and with what the
    /// pattern wants there.
    ///
    /// The list is empty if each field matches alone, as where the elements of an array do not match together, and if the pattern has
    /// an `$or`, of which no single field has to match.
    pub(crate) fn unmet_fields(&self, members: &[(&str, &Value)]) -> Vec<(Vec<&str>, &Value)> {
        let mut fields = Vec::new();
        if collect(&self.json, &mut Vec::new(), &mut fields).is_none() {
            return Vec::new();
        }
        fields.retain(|(keys, wanted)| {
            let nested = keys
                .iter()
                .rev()
                .fold((*wanted).clone(), |value, key| Value::Object(Map::from_iter([((*key).to_owned(), value)])));
            let decided = Self::try_from(nested).map(|pattern| pattern.decide_members(members.iter().copied()));
            matches!(decided, Ok(Ok(false)))
        });
        fields
    }
}

/// Collects the fields below a node of the pattern; `None` if there is an `$or` among them.
fn collect<'p>(node: &'p Value, keys: &mut Vec<&'p str>, fields: &mut Vec<(Vec<&'p str>, &'p Value)>) -> Option<()> {
    let Value::Object(members) = node else {
        fields.push((keys.clone(), node));
        return Some(());
    };
    for (key, value) in members {
        if key == "$or" {
            return None;
        }
        keys.push(key);
        collect(value, keys, fields)?;
        keys.pop();
    }
    Some(())
}
