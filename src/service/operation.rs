//! The operations of EventBridge: which operation a request asks for, and the replies that a test gives to operations that are
//! not mocked.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use serde_json::Value;

use super::head::{Head, RequestHead};
use crate::json::{Cursor, FormatError, Unfit, did_you_mean, near};

/// The text before the name of an operation in `X-Amz-Target` (service model, `targetPrefix`).
const PREFIX: &str = "AWSEvents.";

/// The operations of the service model of 2015-10-07, state of 2026-09.
const NAMES: [&str; 57] = [
    "ActivateEventSource",
    "CancelReplay",
    "CreateApiDestination",
    "CreateArchive",
    "CreateConnection",
    "CreateEndpoint",
    "CreateEventBus",
    "CreatePartnerEventSource",
    "DeactivateEventSource",
    "DeauthorizeConnection",
    "DeleteApiDestination",
    "DeleteArchive",
    "DeleteConnection",
    "DeleteEndpoint",
    "DeleteEventBus",
    "DeletePartnerEventSource",
    "DeleteRule",
    "DescribeApiDestination",
    "DescribeArchive",
    "DescribeConnection",
    "DescribeEndpoint",
    "DescribeEventBus",
    "DescribeEventSource",
    "DescribePartnerEventSource",
    "DescribeReplay",
    "DescribeRule",
    "DisableRule",
    "EnableRule",
    "ListApiDestinations",
    "ListArchives",
    "ListConnections",
    "ListEndpoints",
    "ListEventBuses",
    "ListEventSources",
    "ListPartnerEventSourceAccounts",
    "ListPartnerEventSources",
    "ListReplays",
    "ListRuleNamesByTarget",
    "ListRules",
    "ListTagsForResource",
    "ListTargetsByRule",
    "PutEvents",
    "PutPartnerEvents",
    "PutPermission",
    "PutRule",
    "PutTargets",
    "RemovePermission",
    "RemoveTargets",
    "StartReplay",
    "TagResource",
    "TestEventPattern",
    "UntagResource",
    "UpdateApiDestination",
    "UpdateArchive",
    "UpdateConnection",
    "UpdateEndpoint",
    "UpdateEventBus",
];

/// An operation of EventBridge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Operation(&'static str);

impl Operation {
    pub(crate) const PUT_EVENTS: Self = Self("PutEvents");
    pub(crate) const DESCRIBE_EVENT_BUS: Self = Self("DescribeEventBus");

    /// Returns the operation that the header of a request names. Returns `None` if EventBridge has no such operation.
    pub(crate) fn of(head: &Head) -> Option<Self> {
        Self::named(head.header("x-amz-target")?.strip_prefix(PREFIX)?)
    }

    pub(crate) fn all() -> impl Iterator<Item = Self> {
        NAMES.into_iter().map(Self)
    }

    fn named(name: &str) -> Option<Self> {
        NAMES.binary_search(&name).ok().and_then(|index| NAMES.get(index)).map(|name| Self(name))
    }

    /// Returns the operation of this name. The error suggests a near name.
    pub(crate) fn checked(name: &str) -> Result<Self, Unfit> {
        Self::named(name).ok_or_else(|| {
            let near = did_you_mean(name, NAMES);
            let write = if near.is_empty() { ": write one such as \"ListRules\"" } else { &near };
            format!("{name:?} is not an operation of EventBridge{write}").into()
        })
    }

    pub(crate) fn name(self) -> &'static str {
        self.0
    }

    pub(crate) fn is_put_events(self) -> bool {
        self == Self::PUT_EVENTS
    }
}

/// Prints the name: `ListRules`.
impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Returns the end of a sentence about an `X-Amz-Target` that names no operation of EventBridge: a near name, or the target of
/// PutEvents.
pub(crate) fn meant_by(target: &str) -> String {
    let name = target.rsplit_once('.').map_or(target, |(_, name)| name);
    match near(name, NAMES) {
        Some(near) => format!(": did you mean \"{PREFIX}{near}\"?"),
        None => format!("; PutEvents is \"{PREFIX}PutEvents\""),
    }
}

/// The replies that a test gives to operations other than PutEvents: a body for each.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Answers(BTreeMap<Operation, Value>);

impl Answers {
    /// Sets the reply to an operation, and replaces an earlier one.
    pub(crate) fn give(&mut self, operation: &str, answer: Value) -> Result<(), Unfit> {
        let operation = Operation::checked(operation)?;
        if operation.is_put_events() {
            return Err(Unfit::new(
                "the mock itself answers PutEvents: ",
                "write Fault::answer_with(...) for another body",
                "write a fault with the effect \"answer\" for another body",
            ));
        }
        if !answer.is_object() {
            return Err(format!("{answer} is not an answer to {operation}: write an object, such as {{}}").into());
        }
        self.0.insert(operation, answer);
        Ok(())
    }

    /// Removes the reply to an operation. Returns whether there was one.
    pub(crate) fn take_back(&mut self, operation: &str) -> bool {
        Operation::named(operation).is_some_and(|operation| self.0.remove(&operation).is_some())
    }

    /// Returns these replies, and those of `others` for operations that have none here.
    pub(crate) fn or(mut self, others: &Self) -> Self {
        for (operation, answer) in &others.0 {
            self.0.entry(*operation).or_insert_with(|| answer.clone());
        }
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn operations(&self) -> impl Iterator<Item = Operation> {
        self.0.keys().copied()
    }

    /// Returns the reply to the operation of this name.
    pub(crate) fn get(&self, operation: &str) -> Option<&Value> {
        self.0.get(&Operation::named(operation)?)
    }

    /// Returns the body of the reply to an operation.
    pub(crate) fn body(&self, operation: Operation) -> Option<Bytes> {
        self.0.get(&operation).map(|answer| answer.to_string().into())
    }
}

/// Reads an object with a reply for each name of an operation.
pub(crate) fn read_answers(at: &Cursor<'_>) -> Result<Answers, FormatError> {
    let mut answers = Answers::default();
    for name in at.members()?.keys() {
        let answer = at.required(name)?;
        answer.check(answers.give(name, answer.value.clone()))?;
    }
    Ok(answers)
}

pub(crate) fn write_answers(answers: &Answers) -> Value {
    answers.0.iter().map(|(operation, answer)| (operation.name().to_owned(), answer.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_sorted_and_each_is_found() {
        assert!(NAMES.is_sorted());
        for name in NAMES {
            assert_eq!(Operation::named(name), Some(Operation(name)));
        }
        for name in ["", "listRules", "ListRules ", "AWSEvents.ListRules"] {
            assert_eq!(Operation::named(name), None, "{name:?}");
        }
    }
}
