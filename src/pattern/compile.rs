//! Compiles the JSON of a pattern into the conditions for each field.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::PatternError;
use super::condition::{Condition, Item};
use super::error::quoted;
use super::node::Node;

/// EventBridge's quota for the product of all `$or` of a pattern.
const MAX_ALTERNATIVES: usize = 1_000;

/// The most fields that a pattern may name.
const MAX_FIELDS: usize = 256;

/// Names that a field inside `$or` must not have, because they look like an operator. Some of the operators do not exist yet.
const RESERVED: [&str; 24] = [
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];

/// The conditions on a field: one of them must hold, or the field must be absent.
#[derive(Debug, PartialEq, Default)]
pub(super) struct Test {
    pub(super) may_be_absent: bool,
    pub(super) conditions: Vec<Condition>,
}

impl Test {
    fn parse(items: &[Node]) -> Result<Self, PatternError> {
        if items.is_empty() {
            return Err(PatternError::new(
                "is an empty array, so nothing would match; write at least one value into it",
            ));
        }
        let mut test = Self::default();
        for (index, item) in items.iter().enumerate() {
            match Item::parse(item).map_err(|error| error.at(index))? {
                Item::Absent => test.may_be_absent = true,
                Item::Value(condition) => test.conditions.push(condition),
            }
        }
        Ok(test)
    }
}

impl Test {
    pub(super) fn has_wildcards(&self) -> bool {
        self.wildcards().next().is_some()
    }

    /// Returns the wildcards of its values, in groups.
    pub(super) fn wildcards(&self) -> impl Iterator<Item = Vec<Vec<u8>>> {
        self.conditions.iter().filter_map(Condition::wildcards)
    }
}

/// The tests that must all hold, by the paths of their fields. Absence is judged in the order of the paths.
pub(super) type Fields = BTreeMap<Arc<str>, Arc<Test>>;

/// Returns the alternatives of which one must hold. Every `$or` multiplies them.
pub(super) fn compile(pattern: &Node) -> Result<Vec<Fields>, PatternError> {
    let example = r#"{"source": ["shop"]}"#;
    let members = match pattern {
        Node::Object(members) if members.is_empty() => {
            return Err(PatternError::new(format!("the pattern is empty; name at least one field, as in {example}")));
        }
        Node::Object(members) => members,
        other => {
            let found = other.described();
            return Err(PatternError::new(format!(
                "a pattern must be an object of fields, as in {example}, but is {found}"
            )));
        }
    };
    let mut alternatives = vec![Fields::new()];
    Compiler { path: Vec::new(), is_within_or: false }.fields(members, &mut alternatives)?;
    Ok(alternatives)
}

struct Compiler<'n> {
    path: Vec<&'n str>,
    is_within_or: bool,
}

impl<'n> Compiler<'n> {
    fn fields(&mut self, members: &'n [(String, Node)], alternatives: &mut Vec<Fields>) -> Result<(), PatternError> {
        if members.is_empty() {
            return Err(PatternError::new("is an empty object; write at least one field into it"));
        }
        members.iter().try_for_each(|(key, node)| {
            let result = if key == "$or" { self.or(node, alternatives) } else { self.field(key, node, alternatives) };
            result.map_err(|error| error.under(key))
        })
    }

    /// Adds a field. A later member of a path overrides an earlier one.
    fn field(&mut self, key: &'n str, node: &'n Node, alternatives: &mut Vec<Fields>) -> Result<(), PatternError> {
        if self.is_within_or && RESERVED.contains(&key) {
            return Err(PatternError::new("is the name of an operator, so no field within $or can have it"));
        }
        match node {
            Node::Object(members) => {
                self.path.push(key);
                self.fields(members, alternatives)?;
                self.path.pop();
                Ok(())
            }
            Node::List(items) => {
                let (path, test) = (self.path_of(key), Arc::new(Test::parse(items)?));
                alternatives.iter_mut().try_for_each(|fields| {
                    fields.insert(path.clone(), test.clone());
                    if fields.len() <= MAX_FIELDS { Ok(()) } else { Err(too_many_fields()) }
                })
            }
            scalar => Err(PatternError::new(format!("must be an array of values; write [{scalar}]"))),
        }
    }

    /// Returns the path of a key. The empty name of an outermost object is lost, as in EventBridge.
    fn path_of(&self, key: &str) -> Arc<str> {
        match self.path.join(".").as_str() {
            "" => key.into(),
            base => format!("{base}.{key}").into(),
        }
    }

    fn or(&mut self, node: &'n Node, alternatives: &mut Vec<Fields>) -> Result<(), PatternError> {
        let Node::List(branches) = node else {
            return Err(node.is_not("an array of at least two objects"));
        };
        let before = std::mem::take(alternatives);
        let was_within_or = std::mem::replace(&mut self.is_within_or, true);
        for (index, branch) in branches.iter().enumerate() {
            let mut branched = before.clone();
            match branch {
                Node::Object(members) => self.fields(members, &mut branched),
                other => Err(other.is_not("an object of fields")),
            }
            .map_err(|error| error.at(index))?;
            alternatives.append(&mut branched);
            if alternatives.len() > MAX_ALTERNATIVES {
                return Err(too_many_alternatives());
            }
        }
        self.is_within_or = was_within_or;
        match branches.len() {
            0 | 1 => Err(PatternError::new(format!("must hold at least two objects, but holds {}", branches.len()))),
            _ => Ok(()),
        }
    }
}

fn too_many_fields() -> PatternError {
    PatternError::new(format!("is one field too many; a pattern can name {MAX_FIELDS}"))
}

fn too_many_alternatives() -> PatternError {
    let reason = format!("the {} of this pattern multiply to more than {MAX_ALTERNATIVES} combinations", quoted("$or"));
    PatternError::new(format!("{reason}; write several patterns"))
}
