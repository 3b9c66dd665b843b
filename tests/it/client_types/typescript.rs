//! Writes types as TypeScript: interfaces and unions.

use super::schema::{Body, Definition, Member, Type};
use super::words::{WIDTH, wrapped};

/// Writes a module with these types. `origin` is its first line.
pub fn module(definitions: &[Definition], origin: &str) -> String {
    let types: String = definitions.iter().map(definition).collect();
    format!("// {origin}\n{types}")
}

fn definition(definition: &Definition) -> String {
    let described = comment(definition.description.as_deref(), "");
    let name = &definition.name;
    match &definition.body {
        Body::Alias(of) => format!("\n{described}{};\n", assigned(&format!("export type {name} ="), of, "")),
        Body::Members(members) => {
            let fields: String = members.iter().map(field).collect();
            format!("\n{described}export interface {name} {{\n{fields}}}\n")
        }
    }
}

fn field(member: &Member) -> String {
    let key = if is_name(&member.key) { member.key.clone() } else { format!("{:?}", member.key) };
    let optional = if member.is_required { "" } else { "?" };
    let line = assigned(&format!("  {key}{optional}:"), &member.of, "  ");
    format!("{}{line};\n", comment(member.description.as_deref(), "  "))
}

/// Writes a type behind `before`. A union that is longer than the line has one alternative a line.
fn assigned(before: &str, of: &Type, indent: &str) -> String {
    let line = format!("{before} {}", written(of));
    match of {
        _ if line.len() < WIDTH => line,
        Type::Union(types) => format!("{before}{}", alternatives(types, indent)),
        Type::List(items) => match &**items {
            Type::Union(types) => format!("{before} ({}\n{indent})[]", alternatives(types, indent)),
            _ => line,
        },
        _ => line,
    }
}

fn alternatives(types: &[Type], indent: &str) -> String {
    types.iter().map(|of| format!("\n{indent}  | {}", written(of))).collect()
}

/// A value of any JSON is `any`, as `JSON.parse` returns it, so that a test reads a member of a detail without a cast.
fn written(of: &Type) -> String {
    match of {
        Type::Any => "any".into(),
        Type::Null => "null".into(),
        Type::Boolean => "boolean".into(),
        Type::Integer | Type::Number => "number".into(),
        Type::Text => "string".into(),
        Type::True => "true".into(),
        Type::False => "false".into(),
        Type::Literal(text) => format!("{text:?}"),
        Type::Named(name) => name.clone(),
        Type::List(items) if matches!(**items, Type::Union(_)) => format!("({})[]", written(items)),
        Type::List(items) => format!("{}[]", written(items)),
        Type::Tuple(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        Type::Map(keys, values) if **keys == Type::Text => format!("Record<string, {}>", written(values)),
        Type::Map(keys, values) => format!("Partial<Record<{}, {}>>", written(keys), written(values)),
        Type::Union(types) => types.iter().map(written).collect::<Vec<_>>().join(" | "),
    }
}

fn comment(text: Option<&str>, indent: &str) -> String {
    let Some(text) = text else { return String::new() };
    let text = text.replace("*/", "* /");
    let lines = wrapped(&text, WIDTH - indent.len() - 7);
    match &lines[..] {
        [line] => format!("{indent}/** {line} */\n"),
        lines => {
            let lines: String = lines.iter().map(|line| format!("{indent} * {line}\n")).collect();
            format!("{indent}/**\n{lines}{indent} */\n")
        }
    }
}

fn is_name(key: &str) -> bool {
    let is_word = key.chars().all(|letter| letter.is_ascii_alphanumeric() || "_$".contains(letter));
    is_word && !key.starts_with(|letter: char| letter.is_ascii_digit())
}
