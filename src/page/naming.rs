//! Short names for events, by what tells the events of a kind apart: `orderId 17`.

use std::collections::{HashMap, HashSet};

use super::few::Few;
use crate::json::{Container, Token, Tokens};
use crate::service::Entry;

/// How many members of a detail are considered, and how many tokens are read to find them.
const MAX_MEMBERS: usize = 24;
const MAX_TOKENS: usize = 400;
/// The maximum depth of a member.
const MAX_DEPTH: usize = 4;
/// How many characters of a value are shown.
const MAX_VALUE: usize = 32;
/// How many kinds of events, and how many events of each, a row names.
const KINDS: usize = 2;
const VALUES: usize = 4;

/// Source and detail-type.
type Kind<'a> = (Option<&'a str>, Option<&'a str>);

/// The member of the detail that names an event, for each kind of events.
pub(super) struct Naming<'a>(HashMap<Kind<'a>, String>);

/// The name of an event.
pub(super) struct Name<'a> {
    pub(super) source: Option<&'a str>,
    pub(super) detail_type: Option<&'a str>,
    /// The path of the member, such as `order.id`; `None` where the value is the beginning of the detail.
    pub(super) by: Option<String>,
    pub(super) value: Option<String>,
}

/// Events of one kind in one attempt.
pub(super) struct Carried<'a> {
    pub(super) source: Option<&'a str>,
    pub(super) detail_type: Option<&'a str>,
    pub(super) by: Option<String>,
    pub(super) values: Few<String>,
}

/// The values that one member has in the events of a kind.
#[derive(Default)]
struct Seen<'a> {
    values: HashSet<&'a str>,
    length: usize,
    order: usize,
}

impl<'a> Naming<'a> {
    /// `events` are different events. For each kind this takes the member that differs most among them. A name like that
    /// of an id wins, and among equal ones the shorter name.
    pub(super) fn of(events: impl Iterator<Item = &'a Entry>) -> Self {
        let mut kinds: HashMap<Kind<'a>, HashMap<String, Seen<'a>>> = HashMap::new();
        for entry in events {
            let members = kinds.entry(kind(entry)).or_default();
            for (path, value) in members_of(entry) {
                let order = members.len();
                let seen = members.entry(path).or_insert_with(|| Seen { order, ..Seen::default() });
                seen.length += value.len();
                seen.values.insert(value);
            }
        }
        let best = |members: HashMap<String, Seen<'_>>| {
            let rank = |path: &str, seen: &Seen<'_>| {
                let (is_id, differing) = (is_like_an_id(path), seen.values.len());
                (differing > 1, is_id, differing, usize::MAX - seen.length, usize::MAX - seen.order)
            };
            members.into_iter().max_by_key(|(path, seen)| rank(path, seen)).map(|(path, _)| path)
        };
        Self(kinds.into_iter().filter_map(|(kind, members)| Some((kind, best(members)?))).collect())
    }

    pub(super) fn name(&self, entry: &'a Entry) -> Name<'a> {
        let (source, detail_type) = kind(entry);
        let found = self.0.get(&(source, detail_type)).and_then(|wanted| {
            let (path, value) = members_of(entry).into_iter().find(|(path, _)| path == wanted)?;
            Some((path, unquoted(value)))
        });
        match found {
            Some((path, value)) => Name { source, detail_type, by: Some(path), value: Some(value) },
            None => Name { source, detail_type, by: None, value: entry.detail().map(cut) },
        }
    }

    /// The events of an attempt, grouped by kind.
    pub(super) fn carried(&self, entries: &'a [Entry]) -> Few<Carried<'a>> {
        let mut kinds: Vec<(Name<'a>, Vec<String>)> = Vec::new();
        for entry in entries {
            let name = self.name(entry);
            let is_same = |(known, _): &&mut (Name<'a>, Vec<String>)| {
                (known.source, known.detail_type, &known.by) == (name.source, name.detail_type, &name.by)
            };
            match kinds.iter_mut().find(is_same) {
                Some((_, values)) => values.push(name.value.unwrap_or_default()),
                None => {
                    let value = name.value.clone().unwrap_or_default();
                    kinds.push((name, vec![value]));
                }
            }
        }
        let total = kinds.len();
        let carried = kinds.into_iter().map(|(Name { source, detail_type, by, .. }, values)| {
            let total = values.len();
            Carried { source, detail_type, by, values: Few::some(VALUES, values.into_iter(), total) }
        });
        Few::some(KINDS, carried, total)
    }
}

fn kind(entry: &Entry) -> Kind<'_> {
    (entry.source(), entry.detail_type())
}

/// Texts and numbers of a detail, each with its path, as written and in their order. Values inside arrays name
/// nothing.
fn members_of(entry: &Entry) -> Vec<(String, &str)> {
    let mut members = Vec::new();
    let Some(detail) = entry.detail().filter(|_| entry.detail_json().is_some_and(serde_json::Value::is_object)) else {
        return members;
    };
    // For each open object the name of its member that is read, and `None` for each open array.
    let mut open: Vec<Option<String>> = Vec::new();
    let mut key: Option<String> = None;
    for token in Tokens::of(detail).take(MAX_TOKENS) {
        let raw = match token {
            Token::Open(container) => {
                open.push((container == Container::Object).then(|| key.take().unwrap_or_default()));
                key = None;
                continue;
            }
            Token::Close => {
                open.pop();
                continue;
            }
            Token::Text(raw) | Token::Scalar(raw) => raw,
        };
        let is_in_object = matches!(open.last(), Some(Some(_)));
        match key.take() {
            None if is_in_object => key = Some(unquoted(raw)),
            Some(name) if open.len() <= MAX_DEPTH && open.iter().all(Option::is_some) && is_telling(raw) => {
                let above = open.iter().flatten().map(String::as_str).filter(|name| !name.is_empty());
                members.push((above.chain([name.as_str()]).collect::<Vec<_>>().join("."), raw));
                if members.len() == MAX_MEMBERS {
                    break;
                }
            }
            Some(_) | None => {}
        }
    }
    members
}

/// Whether the value is a non-empty text or a number.
fn is_telling(raw: &str) -> bool {
    !matches!(raw, "true" | "false" | "null" | "\"\"")
}

fn is_like_an_id(path: &str) -> bool {
    let name = path.rsplit('.').next().unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    ["Id", "ID", "_id", "-id", "Key", "Number", "_number", "Uuid", "UUID"].iter().any(|end| name.ends_with(end))
        || ["id", "uuid", "guid", "key", "number", "sku", "arn"].contains(&lower.as_str())
}

/// The text of a JSON string, cut; a number as it is.
fn unquoted(raw: &str) -> String {
    serde_json::from_str::<String>(raw).map_or_else(|_| cut(raw.trim_matches('"')), |text| cut(&text))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_VALUE) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}\u{2026}", &text[..end]),
    }
}
