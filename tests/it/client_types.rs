//! The types of the clients for Python and TypeScript are those of the schema of plans and of the description of the API.
//!
//! `BLESS=1 cargo test --all-features --test it client_types::` writes both files anew.

mod python;
mod schema;
mod typescript;
mod words;

use std::path::Path;

use serde_json::{Value, json};

use schema::{Body, Definition, Documents, Type, definitions};

const COMMAND: &str = "BLESS=1 cargo test --all-features --test it client_types::";

/// The first line of each file.
fn origin() -> String {
    format!("Made from fixtures/fault-plan.schema.json and admin-api.openapi.json: {COMMAND}")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn fixture(name: &str) -> Value {
    let text = std::fs::read_to_string(root().join("fixtures").join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn of_the_fixtures() -> Vec<Definition> {
    let plan = fixture("fault-plan.schema.json");
    let api = fixture("admin-api.openapi.json");
    definitions(&Documents { plan, api }).unwrap()
}

/// The file has this text. `BLESS=1` writes it anew.
fn assert_is(text: &str, file: &str) {
    let path = root().join(file);
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "{file} is not made from the schema as it is now: `{COMMAND}` writes it anew");
}

#[test]
fn the_types_for_python_are_those_of_the_schema() {
    assert_is(&python::module(&of_the_fixtures(), &origin()), "clients/python/src/putevents_mock/plan.py");
}

#[test]
fn the_types_for_typescript_are_those_of_the_schema() {
    assert_is(&typescript::module(&of_the_fixtures(), &origin()), "clients/node/src/plan.ts");
}

/// A plan with one member, of this schema.
fn with(member: Value) -> Documents {
    let plan = json!({ "type": "object", "properties": { "member": member } });
    let empty = json!({ "type": "object", "properties": {} });
    let api = json!({ "Session": empty, "Fault": empty, "Event": empty, "Journal": empty, "Attempt": empty });
    Documents { plan, api: json!({ "components": { "schemas": api } }) }
}

/// The definitions of a plan with one member of this schema, without those of the API.
fn of(member: Value) -> Vec<Definition> {
    let all = definitions(&with(member)).unwrap();
    let of_the_api = ["Session", "InjectedFault", "Event", "Journal", "Attempt"];
    all.into_iter().filter(|definition| !of_the_api.contains(&definition.name.as_str())).collect()
}

fn typescript_of(member: Value) -> String {
    typescript::module(&of(member), "made")
}

fn python_of(member: Value) -> String {
    let text = python::module(&of(member), "made");
    text.split_once("\n]\n\n").expect("the list of names ends").1.to_string()
}

#[test]
fn a_keyword_that_is_unknown_is_an_error_with_its_place() {
    let error = definitions(&with(json!({ "type": "array", "unevaluatedItems": false }))).unwrap_err();
    assert_eq!(error, "PlanMember: the keyword \"unevaluatedItems\" is unknown to tests/it/client_types/schema.rs");
    let error = definitions(&with(json!({ "allOf": [{ "type": "string" }] }))).unwrap_err();
    assert_eq!(error, "PlanMember: the keyword \"allOf\" is unknown to tests/it/client_types/schema.rs");
}

#[test]
fn two_keywords_that_decide_the_type_are_an_error() {
    let error = definitions(&with(json!({ "enum": ["a"], "anyOf": [{ "const": "b" }] }))).unwrap_err();
    assert_eq!(error, "PlanMember: only one of [\"enum\", \"anyOf\"] can decide the type");
    let both = json!({ "properties": { "a": { "type": "string" } }, "oneOf": [{ "type": "object" }] });
    let error = definitions(&with(both)).unwrap_err();
    assert_eq!(error, "PlanMember: only one of [\"properties\", \"oneOf\"] can decide the type");
}

#[test]
fn a_required_member_that_is_no_property_is_an_error() {
    let error = definitions(&with(json!({ "required": ["b"], "properties": { "a": {} } }))).unwrap_err();
    assert_eq!(error, "PlanMember: \"b\" is required, and is no property");
    let error = definitions(&with(json!({ "anyOf": [{ "required": ["a"] }] }))).unwrap_err();
    assert_eq!(error, "PlanMember: [\"a\"] are required, and there are no properties");
}

#[test]
fn a_named_schema_that_only_restricts_gives_no_type() {
    let expectation = json!({
        "properties": { "a": { "const": true }, "b": { "const": true } },
        "anyOf": [{ "$ref": "#/$defs/aboutA" }, { "required": ["b"] }],
    });
    let mut documents = with(expectation);
    documents.plan["$defs"] = json!({ "aboutA": { "description": "About a.", "anyOf": [{ "required": ["a"] }] } });
    let names: Vec<String> = definitions(&documents).unwrap().into_iter().map(|definition| definition.name).collect();
    assert_eq!(names[..2], ["Plan", "PlanMember"]);
    assert!(!names.contains(&"AboutA".to_owned()));
}

#[test]
fn alternatives_that_only_restrict_an_object_give_no_type() {
    let restricted = json!({
        "properties": { "a": { "type": "string" }, "b": { "type": "boolean" } },
        "oneOf": [{ "required": ["a"] }, { "required": ["b"], "maxProperties": 1 }],
        "allOf": [{ "if": { "required": ["a"] }, "then": { "not": { "required": ["b"] } } }],
        "dependentSchemas": { "a": { "properties": { "b": false } } },
    });
    let Body::Members(members) = &of(restricted)[1].body else { panic!("an object has members") };
    let found: Vec<_> = members.iter().map(|member| (member.key.as_str(), &member.of, member.is_required)).collect();
    assert_eq!(found, [("a", &Type::Text, false), ("b", &Type::Boolean, false)]);
}

#[test]
fn two_types_of_one_name_are_an_error() {
    let nested = json!({ "oneOf": [{ "properties": {} }, { "properties": {} }] });
    let error = definitions(&with(nested)).unwrap_err();
    assert_eq!(error, "two types have the name PlanMemberObject: give one of them another name in NAMES");
}

fn one_of_three() -> Value {
    json!({
        "description": "How often.",
        "oneOf": [
            { "type": "integer" },
            { "enum": ["never", true] },
            { "properties": { "min": {}, "max": {} }, "required": ["min", "max"], "additionalProperties": false },
        ],
    })
}

#[test]
fn an_object_of_a_union_is_named_by_the_members_that_it_requires() {
    let expected = r#"// made

export interface Plan {
  /** How often. */
  member?: number | "never" | true | PlanMemberMinMax;
}

export interface PlanMemberMinMax {
  max: any;
  min: any;
}
"#;
    assert_eq!(typescript_of(one_of_three()), expected);
    let expected = r#"
class Plan(TypedDict, total=False):
    member: Union[Literal["never", True], int, PlanMemberMinMax]
    """How often."""


class PlanMemberMinMax(TypedDict):
    max: Any
    min: Any
"#;
    assert_eq!(python_of(one_of_three()), expected);
}

#[test]
fn keys_that_are_no_names_can_be_written() {
    let keys = json!({
        "description": "From here to there.",
        "required": ["from"],
        "properties": { "from": { "type": "number" }, "a-b": { "type": ["string", "null"], "description": "Both." }, "c": {} },
    });
    let expected = r#"
export interface PlanMember {
  /** Both. */
  "a-b"?: string | null;
  c?: any;
  from: number;
}
"#;
    assert!(typescript_of(keys.clone()).ends_with(expected), "{}", typescript_of(keys));
    let expected = r#"

_PlanMemberKeys = TypedDict(
    "_PlanMemberKeys",
    {
        # Both.
        "a-b": "NotRequired[Union[str, None]]",
        "from": "float",
    },
)


class PlanMember(_PlanMemberKeys):
    """From here to there."""

    c: NotRequired[Any]
"#;
    assert!(python_of(keys.clone()).ends_with(expected), "{}", python_of(keys));
}

#[test]
fn a_list_with_a_type_for_each_place_is_a_tuple_where_the_language_writes_one() {
    let number = json!({ "type": "number" });
    let pair = json!({ "type": "array", "prefixItems": [number, number], "minItems": 2, "maxItems": 2 });
    assert!(typescript_of(pair.clone()).contains("member?: [number, number];\n"));
    assert!(python_of(pair).contains("member: list[float]\n"));
}

#[test]
fn an_object_without_properties_has_any_keys() {
    let names = json!({ "enum": ["a", "b"] });
    let keyed = json!({ "type": "object", "propertyNames": names, "additionalProperties": { "type": "integer" } });
    assert!(typescript_of(keyed.clone()).contains("member?: Partial<Record<\"a\" | \"b\", number>>;\n"));
    assert!(python_of(keyed).contains("member: dict[Literal[\"a\", \"b\"], int]\n"));
    assert!(typescript_of(json!({ "type": "object" })).contains("member?: Record<string, any>;\n"));
}

#[test]
fn a_long_description_is_wrapped() {
    let text = format!("{} end.", "word ".repeat(30).trim());
    for line in
        typescript_of(json!({ "description": text })).lines().chain(python_of(json!({ "description": text })).lines())
    {
        assert!(line.len() <= words::WIDTH, "{line}");
    }
}
