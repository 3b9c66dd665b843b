//! Writes types as Python 3.9 and later: `TypedDict`, `Literal`, `Union`.

use super::schema::{Body, Definition, Member, Type};
use super::words::{WIDTH, wrapped};

const HEAD: &str = r#""""The types of plans, expectations and journals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict, Union

if TYPE_CHECKING:
    from typing_extensions import NotRequired
"#;

const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// Writes a module with these types. `origin` is its first line.
pub fn module(definitions: &[Definition], origin: &str) -> String {
    let mut names: Vec<&str> = definitions.iter().map(|definition| definition.name.as_str()).collect();
    names.sort_unstable();
    let all: String = names.iter().map(|name| format!("    \"{name}\",\n")).collect();
    let types: String = definitions.iter().map(definition).collect();
    format!("# {origin}\n{HEAD}\n__all__ = [\n{all}]\n{types}")
}

fn definition(definition: &Definition) -> String {
    match &definition.body {
        Body::Alias(of) => alias(definition, of),
        Body::Members(members) => class(definition, members),
    }
}

/// The right side runs when the module is imported, so names of types are quoted: they may come later.
fn alias(definition: &Definition, of: &Type) -> String {
    let name = &definition.name;
    let mut text = format!("\n\n{name} = {}\n", written(of, "\"").lines(name.len() + 3, 0));
    if let Some(description) = &definition.description {
        text += &docstring(description, "");
    }
    text
}

/// Keys that are no names stand in a class of their own, because only a call can write them.
fn class(definition: &Definition, members: &[Member]) -> String {
    let (named, unnamed): (Vec<&Member>, Vec<&Member>) = members.iter().partition(|member| is_name(&member.key));
    let total = if members.iter().any(|member| member.is_required) { "" } else { ", total=False" };
    let name = &definition.name;
    let mut text = String::new();
    let mut base = "TypedDict".to_string();
    if !unnamed.is_empty() {
        base = format!("_{name}Keys");
        text += &format!("\n\n{base} = TypedDict(\n    \"{base}\",\n    {{\n");
        for member in unnamed {
            text += &comment(member);
            text += &format!("        \"{}\": {:?},\n", member.key, annotation(member, total).line());
        }
        text += &format!("    }},\n{})\n", if total.is_empty() { "" } else { "    total=False,\n" });
    }
    text += &format!("\n\nclass {name}({base}{total}):\n");
    let described =
        definition.description.as_deref().map_or(String::new(), |description| docstring(description, "    "));
    text += &described;
    if named.is_empty() && described.is_empty() {
        text += "    pass\n";
    }
    for (index, member) in named.iter().enumerate() {
        if index == 0 && !described.is_empty() {
            text += "\n";
        }
        text += &field(member, total);
    }
    text
}

fn field(member: &Member, total: &str) -> String {
    let line = format!("    {}: {}\n", member.key, annotation(member, total).lines(member.key.len() + 6, 4));
    let described = member.description.as_deref().map_or(String::new(), |description| docstring(description, "    "));
    line + &described
}

fn annotation(member: &Member, total: &str) -> Written {
    let of = written(&member.of, "");
    if member.is_required || !total.is_empty() { of } else { Written { name: "NotRequired".into(), inner: vec![of] } }
}

/// A type as it is written: a name, and the types in the brackets behind it.
struct Written {
    name: String,
    inner: Vec<Written>,
}

impl Written {
    fn word(name: &str) -> Written {
        Written { name: name.into(), inner: Vec::new() }
    }

    fn line(&self) -> String {
        let inner: Vec<String> = self.inner.iter().map(Written::line).collect();
        if inner.is_empty() { self.name.clone() } else { format!("{}[{}]", self.name, inner.join(", ")) }
    }

    /// One line, or one line for each inner type where one line is too long. `before` is what stands before it in its line.
    fn lines(&self, before: usize, indent: usize) -> String {
        let line = self.line();
        if self.inner.is_empty() || before + line.len() <= WIDTH {
            return line;
        }
        let deeper = indent + 4;
        let inner = self.inner.iter().map(|of| format!("{:deeper$}{},\n", "", of.lines(deeper, deeper)));
        format!("{}[\n{}{:indent$}]", self.name, inner.collect::<String>(), "")
    }
}

fn written(of: &Type, quote: &str) -> Written {
    let (name, inner) = match of {
        Type::Any => ("Any", vec![]),
        Type::Null => ("None", vec![]),
        Type::Boolean => ("bool", vec![]),
        Type::Integer => ("int", vec![]),
        Type::Number => ("float", vec![]),
        Type::Text => ("str", vec![]),
        Type::True | Type::False | Type::Literal(_) => return literals(&[of]),
        Type::Named(name) => return Written::word(&format!("{quote}{name}{quote}")),
        Type::List(items) => ("list", vec![written(items, quote)]),
        // A test writes `[50, 10]`, and JSON has no tuples.
        Type::Tuple(items) => ("list", vec![written(&one_of(items), quote)]),
        Type::Map(keys, values) => ("dict", vec![written(keys, quote), written(values, quote)]),
        Type::Union(types) => {
            let (values, others): (Vec<&Type>, Vec<&Type>) = types.iter().partition(|of| value(of).is_some());
            let mut inner: Vec<Written> = others.into_iter().map(|of| written(of, quote)).collect();
            if !values.is_empty() {
                inner.insert(0, literals(&values));
            }
            if inner.len() == 1 {
                return inner.remove(0);
            }
            ("Union", inner)
        }
    };
    Written { name: name.into(), inner }
}

fn one_of(items: &[Type]) -> Type {
    if items.windows(2).all(|pair| pair[0] == pair[1]) { items[0].clone() } else { Type::Union(items.to_vec()) }
}

fn literals(types: &[&Type]) -> Written {
    let values = types.iter().filter_map(|of| value(of)).map(|value| Written::word(&value));
    Written { name: "Literal".into(), inner: values.collect() }
}

/// What stands in `Literal[...]`; nothing for a type that is no literal.
fn value(of: &Type) -> Option<String> {
    match of {
        Type::True => Some("True".into()),
        Type::False => Some("False".into()),
        Type::Literal(text) => Some(format!("{text:?}")),
        _ => None,
    }
}

fn docstring(text: &str, indent: &str) -> String {
    let text = text.replace('\\', "\\\\").replace("\"\"\"", "\\\"\\\"\\\"");
    let lines = wrapped(&text, WIDTH - indent.len() - 6);
    let end = if lines.len() > 1 { format!("\n{indent}") } else { String::new() };
    format!("{indent}\"\"\"{}{end}\"\"\"\n", lines.join(&format!("\n{indent}")))
}

fn comment(member: &Member) -> String {
    let text = member.description.as_deref().unwrap_or_default();
    let lines = wrapped(text, WIDTH - 10).into_iter().filter(|line| !line.is_empty());
    lines.map(|line| format!("        # {line}\n")).collect()
}

fn is_name(key: &str) -> bool {
    let is_word = key.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    is_word && !key.starts_with(|letter: char| letter.is_ascii_digit()) && !KEYWORDS.contains(&key)
}
