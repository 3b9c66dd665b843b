//! Reads the schema of plans and the description of the API as types.
//!
//! A keyword that this file does not know is an error, so that no part of a schema is left out in silence.

use std::collections::{BTreeSet, VecDeque};

use serde_json::{Value, json};

/// A type with a name of its own.
#[derive(Debug, PartialEq)]
pub struct Definition {
    pub name: String,
    pub description: Option<String>,
    pub body: Body,
}

#[derive(Debug, PartialEq)]
pub enum Body {
    Members(Vec<Member>),
    Alias(Type),
}

#[derive(Debug, PartialEq)]
pub struct Member {
    pub key: String,
    pub is_required: bool,
    pub description: Option<String>,
    pub of: Type,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    Any,
    Null,
    Boolean,
    Integer,
    Number,
    Text,
    True,
    False,
    Literal(String),
    Named(String),
    List(Box<Type>),
    Tuple(Vec<Type>),
    /// An object with any keys of the first type, and values of the second.
    Map(Box<Type>, Box<Type>),
    Union(Vec<Type>),
}

/// The two files. A reference names a place in one of them.
pub struct Documents {
    pub plan: Value,
    pub api: Value,
}

const PLAN: &str = "#";
const IN_PLAN: &str = "#/$defs/";
const IN_API: &str = "#/components/schemas/";

/// Where the name of a type is not the one in the file. Both files say Fault, EntryError and RequestError, and mean other things.
const NAMES: [(&str, &str); 9] = [
    ("#", "Plan"),
    ("#/$defs/text", "TextMatcher"),
    ("#/components/schemas/Fault", "InjectedFault"),
    ("#/components/schemas/EntryError", "RecordedEntryError"),
    ("#/components/schemas/RequestError", "RecordedRequestError"),
    ("#/components/schemas/MalformedReply", "RecordedMalformedReply"),
    ("#/components/schemas/Headers", "MessageHeaders"),
    ("#/components/schemas/End", "DeliveryEnd"),
    ("#/components/schemas/Cut", "DeliveryCut"),
];

/// The schemas of the API that a test can use. The schemas to which they refer follow.
const OF_THE_API: [&str; 5] = ["Session", "Fault", "Event", "Journal", "Attempt"];

/// Keywords that restrict values and give no type.
const RESTRICTIONS: [&str; 18] = [
    "$schema",
    "contains",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "exclusiveMinimum",
    "if",
    "maxItems",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "not",
    "pattern",
    "then",
    "title",
];

/// Keywords that may stand beside those that decide the type.
const ADDITIONS: [&str; 6] = ["$defs", "additionalProperties", "description", "propertyNames", "required", "type"];

/// Keywords of which one at most decides the type. Without one, `type` does.
const DECIDING: [&str; 6] = ["$ref", "const", "enum", "properties", "anyOf", "oneOf"];

/// Returns the types of both files: first those of plans, then those of the API. A nested object follows the type that has it.
///
/// # Errors
///
/// The place of a keyword that is unknown, or that stands where it has no meaning here.
pub fn definitions(documents: &Documents) -> Result<Vec<Definition>, String> {
    let documents = &Documents { plan: with_restrictions_in_place(&documents.plan), api: documents.api.clone() };
    let mut reader = Reader { documents, waiting: VecDeque::new(), seen: BTreeSet::new(), made: Vec::new() };
    reader.ask_for(PLAN);
    let of_plans = documents.plan["$defs"].as_object().into_iter().flatten();
    for (name, schema) in of_plans {
        if !stands_in_place(schema) {
            reader.ask_for(&format!("{IN_PLAN}{name}"));
        }
    }
    for name in OF_THE_API {
        reader.ask_for(&format!("{IN_API}{name}"));
    }
    while let Some(reference) = reader.waiting.pop_front() {
        reader.define(&reference)?;
    }
    names_are_unique(&reader.made)?;
    Ok(reader.made)
}

struct Reader<'a> {
    documents: &'a Documents,
    waiting: VecDeque<String>,
    seen: BTreeSet<String>,
    made: Vec<Definition>,
}

impl Reader<'_> {
    fn ask_for(&mut self, reference: &str) {
        if self.seen.insert(reference.into()) {
            self.waiting.push_back(reference.into());
        }
    }

    fn find(&self, reference: &str) -> Result<&Value, String> {
        let (document, pointer) = match reference {
            PLAN => (&self.documents.plan, ""),
            _ if reference.starts_with(IN_PLAN) => (&self.documents.plan, &reference[1..]),
            _ => (&self.documents.api, reference.trim_start_matches('#')),
        };
        document.pointer(pointer).ok_or_else(|| format!("{reference} is nowhere"))
    }

    fn define(&mut self, reference: &str) -> Result<(), String> {
        let schema = self.find(reference)?.clone();
        let name = name_of(reference);
        let place = self.made.len();
        let of = self.read(&schema, &name)?;
        if of != Type::Named(name.clone()) {
            let description = description(&schema);
            self.made.insert(place, Definition { name, description, body: Body::Alias(of) });
        }
        Ok(())
    }

    /// Returns the type of a schema. An object with members becomes a definition with the name `at`.
    fn read(&mut self, schema: &Value, at: &str) -> Result<Type, String> {
        if schema == &Value::Bool(true) {
            return Ok(Type::Any);
        }
        let keywords = schema.as_object().ok_or_else(|| format!("{at}: {schema} is no schema"))?;
        let has_members = keywords.contains_key("properties");
        for keyword in keywords.keys().map(String::as_str) {
            let is_known =
                [&RESTRICTIONS[..], &ADDITIONS, &DECIDING, &["items", "prefixItems"]].concat().contains(&keyword);
            let is_restriction = has_members && restricts(keyword, &schema[keyword]);
            if !is_known && !is_restriction {
                return Err(format!("{at}: the keyword {keyword:?} is unknown to tests/it/client_types/schema.rs"));
            }
        }
        if let Some(required) = keywords.get("required").filter(|_| !has_members) {
            return Err(format!("{at}: {required} are required, and there are no properties"));
        }
        let deciding: Vec<&str> = DECIDING
            .into_iter()
            .filter(|&keyword| keywords.contains_key(keyword) && !(has_members && restricts(keyword, &schema[keyword])))
            .collect();
        match deciding[..] {
            [] => self.read_type(schema, at),
            ["$ref"] => self.read_reference(schema["$ref"].as_str().unwrap_or_default(), at),
            ["const"] => literal(&schema["const"], at),
            ["enum"] => {
                let values = list(&schema["enum"]).iter().map(|value| literal(value, at));
                Ok(union(values.collect::<Result<_, _>>()?))
            }
            ["properties"] => self.read_members(schema, at),
            [alternatives] => self.read_union(list(&schema[alternatives]), at),
            _ => Err(format!("{at}: only one of {deciding:?} can decide the type")),
        }
    }

    fn read_reference(&mut self, reference: &str, at: &str) -> Result<Type, String> {
        let (_, place) = reference.split_once('#').ok_or_else(|| format!("{at}: {reference:?} has no #"))?;
        let reference = format!("#{place}");
        let schema = self.find(&reference)?.clone();
        if stands_in_place(&schema) {
            return self.read(&schema, at);
        }
        self.ask_for(&reference);
        Ok(Type::Named(name_of(&reference)))
    }

    fn read_union(&mut self, alternatives: &[Value], at: &str) -> Result<Type, String> {
        let read = alternatives.iter().map(|alternative| self.read(alternative, &name_in_union(at, alternative)));
        Ok(union(read.collect::<Result<_, _>>()?))
    }

    fn read_members(&mut self, schema: &Value, at: &str) -> Result<Type, String> {
        if !matches!(schema.get("additionalProperties"), None | Some(Value::Bool(false))) {
            return Err(format!("{at}: additionalProperties beside properties can only be false"));
        }
        let place = self.made.len();
        let name = at.to_string();
        self.made.push(Definition { name, description: description(schema), body: Body::Members(Vec::new()) });
        let required: Vec<&str> = list(&schema["required"]).iter().filter_map(Value::as_str).collect();
        let properties = schema["properties"].as_object().into_iter().flatten();
        let read = properties.map(|(key, value)| {
            let of = self.read(value, &format!("{at}{}", capitalized(key)))?;
            let is_required = required.contains(&key.as_str());
            Ok(Member { key: key.clone(), is_required, description: description(value), of })
        });
        let members = read.collect::<Result<Vec<_>, String>>()?;
        if let Some(missing) = required.iter().find(|&&key| members.iter().all(|member| member.key != key)) {
            return Err(format!("{at}: {missing:?} is required, and is no property"));
        }
        self.made[place].body = Body::Members(members);
        Ok(Type::Named(at.into()))
    }

    fn read_type(&mut self, schema: &Value, at: &str) -> Result<Type, String> {
        match &schema["type"] {
            Value::Null => Ok(Type::Any),
            Value::String(name) => self.read_one_type(name, schema, at),
            Value::Array(names) => {
                let read = names.iter().map(|name| self.read_one_type(name.as_str().unwrap_or_default(), schema, at));
                Ok(union(read.collect::<Result<_, _>>()?))
            }
            other => Err(format!("{at}: {other} is no type")),
        }
    }

    fn read_one_type(&mut self, name: &str, schema: &Value, at: &str) -> Result<Type, String> {
        match name {
            "null" => Ok(Type::Null),
            "boolean" => Ok(Type::Boolean),
            "integer" => Ok(Type::Integer),
            "number" => Ok(Type::Number),
            "string" => Ok(Type::Text),
            "array" => self.read_array(schema, at),
            "object" => self.read_map(schema, at),
            _ => Err(format!("{at}: {name:?} is no type")),
        }
    }

    fn read_array(&mut self, schema: &Value, at: &str) -> Result<Type, String> {
        if let Some(items) = schema.get("prefixItems") {
            let items = list(items);
            if schema["minItems"] != items.len() || schema["maxItems"] != items.len() || schema.get("items").is_some() {
                return Err(format!("{at}: prefixItems needs minItems and maxItems of its length, and no items"));
            }
            let read = items.iter().map(|item| self.read(item, at));
            return Ok(Type::Tuple(read.collect::<Result<_, _>>()?));
        }
        let items = schema.get("items").map_or(Ok(Type::Any), |items| self.read(items, &singular(at)))?;
        Ok(Type::List(Box::new(items)))
    }

    fn read_map(&mut self, schema: &Value, at: &str) -> Result<Type, String> {
        let keys = schema.get("propertyNames").map_or(Ok(Type::Text), |names| self.read(names, at))?;
        let values = schema.get("additionalProperties").map_or(Ok(Type::Any), |values| self.read(values, at))?;
        Ok(Type::Map(Box::new(keys), Box::new(values)))
    }
}

/// The plan's schema with each of its `$defs` that only restricts where it is referred to, and not among them.
fn with_restrictions_in_place(plan: &Value) -> Value {
    let mut plan = plan.clone();
    let all = plan["$defs"].as_object().cloned().unwrap_or_default();
    for (name, mut schema) in all {
        schema.as_object_mut().map(|keywords| keywords.remove("description"));
        if is_restriction(&schema) {
            plan["$defs"].as_object_mut().map(|left| left.remove(&name));
            put_in_place(&mut plan, &json!({ "$ref": format!("{IN_PLAN}{name}") }), &schema);
        }
    }
    plan
}

/// Replaces a value wherever it stands.
fn put_in_place(within: &mut Value, old: &Value, new: &Value) {
    match within {
        value if value == old => *value = new.clone(),
        Value::Object(members) => members.values_mut().for_each(|value| put_in_place(value, old, new)),
        Value::Array(items) => items.iter_mut().for_each(|value| put_in_place(value, old, new)),
        _ => {}
    }
}

/// A schema that only says more about a value whose type is known: `{ "required": ["entry"] }`.
fn is_restriction(schema: &Value) -> bool {
    let keywords = schema.as_object().into_iter().flatten();
    schema.is_object()
        && keywords.into_iter().all(|(keyword, value)| {
            ["required", "properties"].contains(&keyword.as_str())
                || RESTRICTIONS.contains(&keyword.as_str())
                || restricts(keyword, value)
        })
}

/// Whether the alternatives of this keyword are restrictions.
fn restricts(keyword: &str, value: &Value) -> bool {
    ["allOf", "anyOf", "oneOf"].contains(&keyword) && list(value).iter().all(is_restriction)
}

/// A schema without a description that only names a type, such as `count`, gets no name of its own.
fn stands_in_place(schema: &Value) -> bool {
    let decides = ["enum", "properties", "anyOf", "oneOf"];
    schema.get("description").is_none() && decides.iter().all(|keyword| schema.get(keyword).is_none())
}

/// The name in the table, or else the last part of the reference.
fn name_of(reference: &str) -> String {
    let named = NAMES.iter().find(|(of, _)| *of == reference);
    let last = reference.rsplit('/').next().unwrap_or(reference);
    named.map_or_else(|| capitalized(last), |(_, name)| (*name).into())
}

/// An object of a union is named by the members that it requires.
fn name_in_union(union: &str, alternative: &Value) -> String {
    if alternative.get("properties").is_none() {
        return union.into();
    }
    let required: String = list(&alternative["required"]).iter().filter_map(Value::as_str).map(capitalized).collect();
    format!("{union}{}", if required.is_empty() { "Object" } else { &required })
}

/// `detail-type` becomes `DetailType`.
fn capitalized(key: &str) -> String {
    let parts = key.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    parts.map(|part| part[..1].to_uppercase() + &part[1..]).collect()
}

/// An object in a list has the name of one: `JournalProblem` stands in `problems`.
fn singular(name: &str) -> String {
    match name.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => name.strip_suffix('s').unwrap_or(name).into(),
    }
}

fn names_are_unique(made: &[Definition]) -> Result<(), String> {
    let mut names = BTreeSet::new();
    match made.iter().find(|definition| !names.insert(&definition.name)) {
        Some(twice) => Err(format!("two types have the name {}: give one of them another name in NAMES", twice.name)),
        None => Ok(()),
    }
}

/// One type, or several without those that came before.
fn union(types: Vec<Type>) -> Type {
    let mut all: Vec<Type> = Vec::new();
    for of in types {
        let parts = if let Type::Union(parts) = of { parts } else { vec![of] };
        for part in parts {
            if !all.contains(&part) {
                all.push(part);
            }
        }
    }
    if all.len() == 1 { all.remove(0) } else { Type::Union(all) }
}

fn literal(value: &Value, at: &str) -> Result<Type, String> {
    match value {
        Value::Bool(true) => Ok(Type::True),
        Value::Bool(false) => Ok(Type::False),
        Value::String(text) => Ok(Type::Literal(text.clone())),
        _ => Err(format!("{at}: {value} cannot be written as a type")),
    }
}

fn description(schema: &Value) -> Option<String> {
    schema["description"].as_str().map(String::from)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
