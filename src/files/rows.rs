//! Lists of all names in files and of all assertions, for the tests that look for gaps in the schema and the documentation.

use super::expectation::EXPECTATIONS;
use super::plan;
use crate::check::LintRule;
use crate::expect::every_assertion;
use crate::fault::{CONDITIONS, EFFECTS};
use crate::matcher;
use crate::service::{Operation, ProblemKind};

/// A name in a file, and an example of its value as JSON.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    pub name: &'static str,
    pub example: &'static str,
}

/// Every effect of a fault, with an example of its value.
pub fn effects() -> Vec<Row> {
    EFFECTS.iter().map(|row| Row { name: row.name, example: row.example }).collect()
}

/// Every condition of a fault, with a whole fault that has it.
pub fn fault_conditions() -> Vec<Row> {
    CONDITIONS.iter().map(|row| Row { name: row.name, example: row.example }).collect()
}

/// Every condition of a matcher, with an example of its value.
pub fn entry_conditions() -> Vec<Row> {
    matcher::CONDITIONS.iter().map(|row| Row { name: row.name, example: row.example }).collect()
}

/// Every expectation, with an example of its value.
pub fn expectations() -> Vec<Row> {
    EXPECTATIONS.iter().map(|row| Row { name: row.name, example: row.example }).collect()
}

/// Every assertion that an expectation stands for, by its type and its name.
pub fn expected_assertions() -> Vec<(&'static str, &'static str)> {
    EXPECTATIONS.iter().map(|row| row.assertion).collect()
}

/// Every assertion, by its type and its name.
pub fn assertions() -> Vec<(&'static str, &'static str)> {
    let (of, names) = plan::ASSERTIONS;
    every_assertion().chain(names.iter().map(|name| (of, *name))).collect()
}

/// The operations of EventBridge.
pub fn operations() -> Vec<&'static str> {
    Operation::all().map(Operation::name).collect()
}

/// The names of the rules of lint.
pub fn lint_rules() -> Vec<&'static str> {
    LintRule::ALL.iter().map(|rule| rule.name()).collect()
}

/// The names of the kinds of problems.
pub fn problem_kinds() -> Vec<&'static str> {
    ProblemKind::ALL.iter().map(|kind| kind.name()).collect()
}
