//! Faults in files: one row for each condition, with its part of the fault's sentence.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::effect::{EFFECTS, may_come_before_acceptance};
use super::{Effect, Ending, Fault, Lasting, Level, OnTry, RequestEffect, Times, Undelivered, When};
use crate::json::{Cursor, FormatError, Unfit, Wrong};
use crate::matcher::{Identity, read_matcher, read_pointer, write_matcher};
use crate::words::{ordinal_suffix, printable};

type Checked = Result<Fault, Unfit>;

/// A condition as a member of a fault in a file.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// A fault with this condition.
    pub(crate) example: &'static str,
    /// Reads the condition. The outer error is about the value, the inner error about a condition that this fault cannot have.
    read: fn(&Cursor<'_>, Fault) -> Result<Checked, FormatError>,
    write: fn(&Fault) -> Result<Option<Value>, String>,
    words: Words,
}

/// What a condition adds to the sentence of the fault: nothing, a part, or the last part.
enum Words {
    InTheEffect,
    Part(fn(&Fault) -> Option<String>),
    Last(fn(&Fault) -> Option<String>),
}

pub(crate) const CONDITIONS: [Row; 12] = [
    Row {
        name: "afterAcceptance",
        example: r#"{"reset":true,"afterAcceptance":true}"#,
        read: |at, fault| at.yes().map(|()| fault.set_accepted(true)),
        write: |fault| {
            let is_choice =
                matches!(&fault.effect, Effect::AfterAcceptance(Ending(end)) if may_come_before_acceptance(end));
            Ok(is_choice.then_some(true.into()))
        },
        words: Words::InTheEffect,
    },
    Row {
        name: "matching",
        example: r#"{"undelivered":true,"matching":{"source":"shop"}}"#,
        read: |at, fault| read_matcher(at).map(|matcher| fault.set_matcher(matcher)),
        write: |fault| fault.when.matcher.as_ref().map(write_matcher).transpose(),
        words: Words::Part(whom),
    },
    Row {
        name: "atIndex",
        example: r#"{"undelivered":true,"atIndex":0}"#,
        read: |at, fault| at.whole_number().map(|index| fault.set_index(index)),
        write: |fault| Ok(fault.when.index.map(Value::from)),
        words: Words::Part(|fault| Some(format!(" at index {}", fault.when.index?))),
    },
    Row {
        name: "onOperation",
        example: r#"{"reset":true,"onOperation":"DescribeEventBus"}"#,
        read: |at, fault| at.text().map(|operation| fault.set_operation(operation)),
        write: |fault| Ok(fault.when.operation.map(|operation| operation.name().into())),
        words: Words::Part(|fault| Some(format!(" for {}", fault.when.operation?))),
    },
    Row {
        name: "onAttempt",
        example: r#"{"reset":true,"onAttempt":2}"#,
        read: |at, fault| at.whole_number().map(|number| fault.set_attempt(number)),
        write: |fault| Ok(fault.when.attempt.map(Value::from)),
        words: Words::Part(|fault| Some(format!(", on attempt {}", fault.when.attempt?))),
    },
    Row {
        name: "onTry",
        example: r#"{"undelivered":true,"onTry":{"try":2,"identifyBy":"/orderId"}}"#,
        read: |at, fault| read_try(at).map(|(identity, number)| fault.set_try(identity, number)),
        write: |fault| {
            Ok(fault.when.on_try.as_ref().map(|OnTry { number, identity }| match identity {
                Identity::Content => json!(number),
                Identity::DetailAt(pointer) => json!({ "try": number, "identifyBy": pointer }),
            }))
        },
        words: Words::Part(|fault| {
            let OnTry { number, identity } = fault.when.on_try.as_ref()?;
            let of = match (fault.effect.level(), &fault.when.matcher) {
                (Level::Entry, _) => "an event",
                (_, None) => "its first event",
                (_, Some(_)) => "the first of them",
            };
            let by = match identity {
                Identity::Content => String::new(),
                Identity::DetailAt(pointer) => format!(", identified by detail {pointer}"),
            };
            Some(format!(", on try {number} of {of}{by}"))
        }),
    },
    Row {
        name: "lasting",
        example: r#"{"reset":true,"onTry":1,"lasting":"call"}"#,
        read: |at, fault| read_lasting(at).map(|lasting| fault.set_lasting(lasting)),
        write: |fault| {
            let name = |lasting| Lasting::NAMES.iter().find(|(other, _)| *other == lasting).map(|(_, name)| *name);
            Ok(fault.when.lasting.and_then(name).map(Value::from))
        },
        words: Words::Last(|fault| {
            let rest = match fault.when.lasting? {
                Lasting::Call => "for the rest of that call",
                Lasting::Event => "on all later ones",
                Lasting::Ever => "for everything after it",
            };
            Some(format!(", and {rest}"))
        }),
    },
    Row {
        name: "after",
        example: r#"{"reset":true,"after":3}"#,
        read: |at, fault| at.whole_number().map(|candidates| fault.set_after(candidates)),
        write: |fault| Ok((fault.when.after > 0).then_some(fault.when.after.into())),
        words: Words::Part(|fault| (fault.when.after > 0).then(|| format!(", after the first {}", fault.when.after))),
    },
    Row {
        name: "every",
        example: r#"{"reset":true,"every":2}"#,
        read: |at, fault| at.whole_number().map(|k| fault.set_every(k)),
        write: |fault| Ok(fault.when.every.map(Value::from)),
        words: Words::Part(|fault| match fault.when.every? {
            1 => None,
            2 => Some(", every other time".to_owned()),
            k => Some(format!(", every {k}{} time", ordinal_suffix(k))),
        }),
    },
    Row {
        name: "times",
        example: r#"{"reset":true,"times":{"max":3,"min":1}}"#,
        read: |at, fault| read_times(at).map(|times| fault.set_times(times)),
        write: |fault| {
            Ok(fault.when.times.map(|times| match times {
                Times { min, max } if min == max => max.into(),
                Times { min, max } => json!({ "min": min, "max": max }),
            }))
        },
        words: Words::Last(|fault| match fault.when.times? {
            Times { min: 1, max: 1 } => Some(", once".to_owned()),
            Times { min, max } if min == max => Some(format!(", {max} times")),
            Times { min, max } => Some(format!(", {min} to {max} times")),
        }),
    },
    Row {
        name: "probability",
        example: r#"{"reset":true,"probability":0.5}"#,
        read: |at, fault| at.number().map(|probability| fault.set_probability(probability)),
        write: |fault| Ok(fault.when.probability.map(Value::from)),
        words: Words::Part(|fault| Some(format!(", with probability {}", fault.when.probability?))),
    },
    Row {
        name: "keyedBy",
        example: r#"{"reset":true,"probability":0.5,"keyedBy":"/orderId"}"#,
        read: |at, fault| read_pointer(at).map(|pointer| fault.set_keyed_by(pointer)),
        write: |fault| Ok(fault.when.keyed_by.clone().map(Value::from)),
        words: Words::Part(|fault| Some(format!(" by detail {}", fault.when.keyed_by.as_ref()?))),
    },
];

/// Returns which entries or requests a fault is about.
fn whom(fault: &Fault) -> Option<String> {
    match (fault.effect.level(), &fault.when.matcher) {
        (Level::Entry, None) => Some(" for entries".to_owned()),
        (Level::Entry, Some(matcher)) => Some(format!(" for {matcher}")),
        (Level::Request | Level::Connection | Level::Listener, Some(matcher)) => {
            Some(format!(" for requests with {matcher}"))
        }
        (Level::Request | Level::Connection | Level::Listener, None) => {
            let is_error = matches!(fault.effect, Effect::Request(RequestEffect::Fails(_)));
            (is_error && fault.when.operation.is_none()).then(|| " for the whole request".to_owned())
        }
    }
}

/// Prints the fault as a sentence.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let effect = std::iter::once(self.effect.to_string());
        let parts =
            CONDITIONS.iter().filter_map(|row| if let Words::Part(words) = row.words { words(self) } else { None });
        let last =
            CONDITIONS.iter().filter_map(|row| if let Words::Last(words) = row.words { words(self) } else { None });
        effect.chain(parts).chain(last).try_for_each(|words| f.write_str(&printable(&words)))
    }
}

pub(crate) fn read_fault(at: &Cursor<'_>) -> Result<Fault, FormatError> {
    at.object_or("a fault: write an object, such as {\"reset\": true}")?;
    let mut wrong = Wrong::default();
    let names = EFFECTS.iter().map(|row| row.name).collect::<Vec<_>>();
    let conditions = CONDITIONS.iter().map(|row| row.name);
    wrong.note(at.allow(&names.iter().copied().chain(conditions).collect::<Vec<_>>()));
    let effect = match &at.present(&EFFECTS, |row| row.name)[..] {
        [(row, effect)] => wrong.note((row.read)(effect)),
        // The unknown member is the effect, misspelled.
        [] if wrong.is_any() => None,
        [] => wrong.note(Err(at.error(format!("nothing goes wrong: write one of {}", names.join(", "))))),
        [(_, first), (_, second), ..] => {
            let message = format!("a fault does one thing: make {} and {} two faults", first.place, second.place);
            wrong.note(Err(at.error(message)))
        }
    };
    let is_known = effect.is_some();
    // The conditions are checked even if the effect is wrong. `Undelivered` can have every condition that does not belong to
    // an effect.
    let effect = effect.unwrap_or_else(|| Undelivered.into());
    let mut fault = Fault { effect, when: When::default() };
    for (row, condition) in at.present(&CONDITIONS, |row| row.name) {
        match wrong.note((row.read)(&condition, fault.clone())) {
            Some(changed) if is_known || !matches!(row.words, Words::InTheEffect) => {
                fault = wrong.note(condition.check(changed)).unwrap_or(fault);
            }
            _ => {}
        }
    }
    wrong.unless(fault)
}

/// Returns the fault as JSON that [`read_fault`] reads. The error says why only a program can have this fault.
pub(crate) fn write_fault(fault: &Fault) -> Result<Value, String> {
    let (name, value) = fault.effect.kind().write()?;
    let mut members = Map::from_iter([(name.to_owned(), value)]);
    for row in &CONDITIONS {
        members.extend((row.write)(fault)?.map(|value| (row.name.to_owned(), value)));
    }
    Ok(members.into())
}

fn read_try(at: &Cursor<'_>) -> Result<(Identity, usize), FormatError> {
    if at.value.is_number() {
        return Ok((Identity::Content, at.whole_number()?));
    }
    at.object_or("the number of a try or {\"try\": ..., \"identifyBy\": ...}")?;
    at.allow(&["try", "identifyBy"])?;
    let identity = at.optional("identifyBy", read_pointer)?.map_or(Identity::Content, Identity::DetailAt);
    Ok((identity, at.required("try")?.whole_number()?))
}

fn read_lasting(at: &Cursor<'_>) -> Result<Lasting, FormatError> {
    let name = at.text()?;
    match Lasting::NAMES.iter().find(|(_, known)| *known == name) {
        Some((lasting, _)) => Ok(*lasting),
        None => at.is_not_known(name, "time that a fault can last", &Lasting::NAMES.map(|(_, known)| known)),
    }
}

fn read_times(at: &Cursor<'_>) -> Result<Times, FormatError> {
    if at.value.is_number() {
        return at.whole_number::<usize>().map(Times::from);
    }
    at.object_or("a number of times or {\"min\": ..., \"max\": ...}")?;
    at.allow(&["min", "max"])?;
    Ok(Times { min: at.required("min")?.whole_number()?, max: at.required("max")?.whole_number()? })
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_fault(self).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_fault(&Cursor::root(&Value::deserialize(deserializer)?)).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn is_written_as_read(json: &Value) {
        let fault = read_fault(&Cursor::root(json)).unwrap_or_else(|error| panic!("{json}: {error}"));
        assert_eq!(&write_fault(&fault).unwrap(), json, "{fault}");
        assert!(!fault.to_string().is_empty());
    }

    #[test]
    fn every_effect_is_written_as_it_was_read() {
        for row in &EFFECTS {
            is_written_as_read(&json!({ row.name: serde_json::from_str::<Value>(row.example).unwrap() }));
        }
    }

    #[test]
    fn every_condition_is_written_as_it_was_read_and_changes_the_sentence() {
        for row in &CONDITIONS {
            let json: Value = serde_json::from_str(row.example).unwrap();
            is_written_as_read(&json);
            let mut without = json.clone();
            assert!(without.as_object_mut().unwrap().remove(row.name).is_some(), "{}", row.name);
            let sentence = |json: &Value| read_fault(&Cursor::root(json)).unwrap().to_string();
            assert!(sentence(&json) != sentence(&without), "{}", row.name);
        }
    }
}
