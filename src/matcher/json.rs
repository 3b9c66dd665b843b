//! Matchers in files: one row for each condition.

use serde_json::{Map, Value, json};

use super::{Condition, EntryMatcher, TextMatcher, pointer_error};
use crate::json::{Cursor, FormatError, Wrong};
use crate::pattern::EventPattern;

type Read<T> = Result<T, FormatError>;

/// A condition as a member of a matcher.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// A value that the condition can have.
    pub(crate) example: &'static str,
    read: fn(&Cursor<'_>) -> Read<Vec<Condition>>,
}

/// The conditions in the order in which they are written. Conditions in another order, or repeated, are written as `allOf`.
pub(crate) const CONDITIONS: [Row; 11] = [
    Row { name: "source", example: r#"{"prefix":"shop."}"#, read: |at| text(at, Condition::Source) },
    Row { name: "detailType", example: r#""OrderPlaced""#, read: |at| text(at, Condition::DetailType) },
    Row { name: "eventBus", example: r#"{"oneOf":["orders","audit"]}"#, read: |at| text(at, Condition::EventBus) },
    Row { name: "resource", example: r#""arn:aws:s3:::orders""#, read: |at| text(at, Condition::Resource) },
    Row { name: "detail", example: r#"{"/orderId":2}"#, read: detail },
    Row {
        name: "detailIncludes",
        example: r#"{"customer":{"id":7}}"#,
        read: |at| Ok(vec![Condition::DetailIncludes(at.value.clone())]),
    },
    Row {
        name: "detailContains",
        example: r#""order-17""#,
        read: |at| Ok(vec![Condition::DetailContains(at.value.clone())]),
    },
    Row { name: "pattern", example: r#"{"source":[{"prefix":"shop."}]}"#, read: pattern },
    Row { name: "not", example: r#"{"source":"shop"}"#, read: |at| Ok(vec![Condition::Not(read_matcher(at)?)]) },
    Row {
        name: "anyOf",
        example: r#"[{"source":"shop"},{"resource":"x"}]"#,
        read: |at| Ok(vec![Condition::AnyOf(read_matchers(at)?)]),
    },
    Row {
        name: "allOf",
        example: r#"[{"resource":"x"},{"resource":"y"}]"#,
        read: |at| Ok(read_matchers(at)?.into_iter().flat_map(|matcher| matcher.conditions).collect()),
    },
];

pub(crate) fn read_matcher(at: &Cursor<'_>) -> Read<EntryMatcher> {
    at.object_or("a matcher: write an object, such as {\"source\": \"shop\"}")?;
    let mut wrong = Wrong::default();
    wrong.note(at.allow(&CONDITIONS.each_ref().map(|row| row.name)));
    let present = at.present(&CONDITIONS, |row| row.name).into_iter();
    let conditions = present.filter_map(|(row, at)| wrong.note((row.read)(&at))).flatten().collect();
    wrong.unless(EntryMatcher { conditions })
}

pub(crate) fn read_matchers(at: &Cursor<'_>) -> Read<Vec<EntryMatcher>> {
    at.each(read_matcher)
}

pub(crate) fn read_pointer(at: &Cursor<'_>) -> Read<String> {
    let pointer = at.text()?;
    pointer_error(pointer).map_or_else(|| Ok(pointer.to_owned()), |error| Err(at.error(error)))
}

fn text(at: &Cursor<'_>, condition: fn(TextMatcher) -> Condition) -> Read<Vec<Condition>> {
    Ok(vec![condition(read_text(at)?)])
}

fn detail(at: &Cursor<'_>) -> Read<Vec<Condition>> {
    let condition = |(pointer, value): (&String, &Value)| match pointer_error(pointer) {
        None => Ok(Condition::DetailAt { pointer: pointer.clone(), value: value.clone() }),
        Some(error) => Err(at.error(error)),
    };
    let mut wrong = Wrong::default();
    let conditions = at.members()?.iter().filter_map(|member| wrong.note(condition(member))).collect();
    wrong.unless(conditions)
}

fn pattern(at: &Cursor<'_>) -> Read<Vec<Condition>> {
    let compiled = EventPattern::try_from(at.value);
    Ok(vec![Condition::Pattern(at.check(compiled.map_err(|error| error.to_string()))?)])
}

fn read_text(at: &Cursor<'_>) -> Read<TextMatcher> {
    if let Value::String(exact) = at.value {
        return Ok(TextMatcher::Exact(exact.clone()));
    }
    at.object_or("a string, {\"prefix\": ...} or {\"oneOf\": [...]}")?;
    at.allow(&["prefix", "oneOf"])?;
    match (at.get("prefix"), at.get("oneOf")) {
        (Some(prefix), None) => Ok(TextMatcher::Prefix(prefix.text()?.to_owned())),
        (None, Some(one_of)) => {
            let texts = one_of.each(|at| at.text().map(str::to_owned))?;
            if texts.is_empty() {
                one_of.is_wrong("a list with at least one string")
            } else {
                Ok(TextMatcher::OneOf(texts))
            }
        }
        _ => at.is_wrong("a string, {\"prefix\": ...} or {\"oneOf\": [...]}"),
    }
}

/// Returns the matcher as JSON that [`read_matcher`] reads. The error says why only a program can have this matcher.
pub(crate) fn write_matcher(matcher: &EntryMatcher) -> Result<Value, String> {
    let written = matcher.conditions.iter().map(write).collect::<Result<Vec<_>, _>>()?;
    let place = |name: &str| CONDITIONS.iter().position(|row| row.name == name);
    let is_in_order = written.windows(2).all(|pair| match pair {
        [(one, Value::Object(first)), (other, Value::Object(second))] if (*one, *other) == ("detail", "detail") => {
            first.keys().next() < second.keys().next()
        }
        [(one, _), (other, _)] => place(one) < place(other),
        _ => true,
    });
    if !is_in_order {
        let all: Vec<Value> = written.into_iter().map(|(name, value)| json!({ name: value })).collect();
        return Ok(json!({ "allOf": all }));
    }
    let mut members = Map::new();
    for (name, value) in written {
        match (members.get_mut(name), value) {
            (Some(Value::Object(detail)), Value::Object(more)) => detail.extend(more),
            (_, value) => drop(members.insert(name.to_owned(), value)),
        }
    }
    Ok(members.into())
}

fn write(condition: &Condition) -> Result<(&'static str, Value), String> {
    let closure = |description: &str| Err(format!("the closure for {description:?} cannot be written as JSON"));
    Ok(match condition {
        Condition::Source(text) => ("source", write_text(text)),
        Condition::DetailType(text) => ("detailType", write_text(text)),
        Condition::EventBus(text) => ("eventBus", write_text(text)),
        Condition::Resource(text) => ("resource", write_text(text)),
        Condition::DetailAt { pointer, value } => ("detail", json!({ pointer: value })),
        Condition::DetailIncludes(included) => ("detailIncludes", included.clone()),
        Condition::DetailContains(value) => ("detailContains", value.clone()),
        Condition::Pattern(pattern) => ("pattern", pattern.as_json().clone()),
        Condition::Not(matcher) => ("not", write_matcher(matcher)?),
        Condition::AnyOf(any) => ("anyOf", any.iter().map(write_matcher).collect::<Result<Vec<_>, _>>()?.into()),
        Condition::DetailSatisfies { predicate, .. } => return closure(&predicate.description),
        Condition::Satisfies(predicate) => return closure(&predicate.description),
    })
}

fn write_text(text: &TextMatcher) -> Value {
    match text {
        TextMatcher::Exact(text) => text.as_str().into(),
        TextMatcher::Prefix(prefix) => json!({ "prefix": prefix }),
        TextMatcher::OneOf(texts) => json!({ "oneOf": texts }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn every_condition_is_written_as_it_was_read() {
        for Row { name, example, .. } in CONDITIONS {
            let json = json!({ name: serde_json::from_str::<Value>(example).unwrap() });
            let matcher = read_matcher(&Cursor::root(&json)).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(write_matcher(&matcher), Ok(json), "{matcher}");
        }
    }
}
