//! Properties of any pattern and any event. A failure prints its seed.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use putevents_mock::EventPattern;
use serde_json::{Map, Value, json};

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop_oneof![Just("a"), Just("b"), Just("c")],
        2 => prop_oneof![Just("a.b"), Just("b.c"), Just("a!"), Just("")],
    ]
    .prop_map(str::to_owned)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[ab*\\\\]{0,4}", 1 => any::<String>(), 1 => r"10\.0\.0\.[0-3]", 1 => "[0-9a-f:./]{0,12}"]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..3).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ]
}

fn list<S: Strategy<Value = Value>>(item: S) -> impl Strategy<Value = Value> {
    prop::collection::vec(item, 0..4).prop_map(Value::from)
}

fn object(name: impl Strategy<Value = String>, value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop::collection::vec((name, value), 0..4).prop_map(|members| members.into_iter().collect::<Value>())
}

/// Any operator with any operand, right or wrong.
fn operation() -> impl Strategy<Value = Value> {
    let operator = || {
        let operators = [
            "anything-but",
            "cidr",
            "equals-ignore-case",
            "exactly",
            "exists",
            "numeric",
            "prefix",
            "suffix",
            "wildcard",
            "x",
        ];
        prop::sample::select(operators.map(str::to_owned).to_vec())
    };
    let sign = prop_oneof![Just(json!("<")), Just(json!(">=")), Just(json!("=")), Just(json!(">"))];
    let numeric = prop::collection::vec((sign, scalar()), 0..3)
        .prop_map(|pairs| Value::from_iter(pairs.into_iter().flat_map(|(sign, bound)| [sign, bound])));
    let operand = prop_oneof![4 => scalar(), 2 => list(scalar()), 2 => numeric];
    let nested = (operator(), operand.clone()).prop_map(|(operator, operand)| json!({ operator: operand }));
    (operator(), prop_oneof![3 => operand, 1 => nested]).prop_map(|(operator, operand)| json!({ operator: operand }))
}

/// Anything that looks like a pattern.
fn near_pattern() -> impl Strategy<Value = Value> {
    let values = list(prop_oneof![3 => scalar(), 3 => operation(), 1 => list(scalar())]);
    values.prop_recursive(4, 40, 4, |inner| {
        let key = prop_oneof![4 => name(), 1 => Just("$or".to_owned())];
        let branches = prop::collection::vec(object(name(), inner.clone()), 0..4).prop_map(Value::from);
        let or = (object(name(), inner.clone()), branches).prop_map(|(mut fields, branches)| {
            fields["$or"] = branches;
            fields
        });
        prop_oneof![3 => object(key, inner), 1 => or]
    })
}

fn event() -> impl Strategy<Value = Value> {
    let inner = scalar().prop_recursive(6, 60, 5, |inner| prop_oneof![list(inner.clone()), object(name(), inner)]);
    prop_oneof![9 => object(name(), inner.clone()), 1 => inner]
}

/// An event with many arrays of objects, few names and fewer values.
fn event_of_arrays() -> impl Strategy<Value = Value> {
    let names = ["b", "b", "c", "c", "b!", "b.c", "b.b"].map(str::to_owned).to_vec();
    let inner = (0..2).prop_map(Value::from).prop_recursive(6, 50, 4, move |inner| {
        let members = prop::collection::vec((prop::sample::select(names.clone()), inner.clone()), 1..4);
        let object = members.prop_map(|members| members.into_iter().collect::<Value>());
        prop_oneof![3 => prop::collection::vec(object.clone(), 1..4).prop_map(Value::from), 1 => object, 1 => list(inner)]
    });
    object(prop::sample::select(["a", "a", "a", "a.b", "a!"].map(str::to_owned).to_vec()), inner)
}

/// Conditions for paths; without `$or`.
fn conditions() -> impl Strategy<Value = BTreeMap<String, Value>> {
    let paths = [
        "a", "a.b", "a.b", "a.c", "a.c", "a.b!", "a!", "a!.b", "a.b.b", "a.b.c", "a.c.b", "a.c.c", "a.b!.c", "a.b.c.b",
        "a.b.b.c", "a.b.c.c", "a.c.b.c",
    ];
    let condition = prop_oneof![
        8 => (0..2).prop_map(|value| json!(value)),
        1 => Just(json!({ "exists": true })),
        3 => Just(json!({ "exists": false })),
        1 => (0..2).prop_map(|value| json!({ "anything-but": value })),
    ];
    let conditions = prop::collection::vec(condition, 1..3).prop_map(Value::from);
    prop::collection::btree_map(prop::sample::select(paths.map(str::to_owned).to_vec()), conditions, 2..7)
}

/// The elements around a scalar, by the numbers of their arrays.
type Membership = BTreeMap<usize, usize>;

/// The obvious matcher: every field of the event with what holds it, and every way to give each condition a field.
struct Reference {
    fields: Vec<(String, Membership, Value)>,
    arrays: usize,
}

impl Reference {
    fn read(event: &Value) -> Self {
        let mut reference = Self { fields: Vec::new(), arrays: 0 };
        reference.value(event, "", &Membership::new(), true);
        reference
    }

    fn value(&mut self, value: &Value, path: &str, membership: &Membership, is_root: bool) {
        match value {
            Value::Object(members) => members.iter().for_each(|(key, value)| {
                let path = if is_root { key.clone() } else { format!("{path}.{key}") };
                self.value(value, &path, membership, false);
            }),
            Value::Array(items) => {
                let array = self.arrays;
                self.arrays += 1;
                for (index, item) in items.iter().enumerate() {
                    let mut within = membership.clone();
                    if item.is_array() || item.is_object() {
                        within.insert(array, index);
                    }
                    self.value(item, path, &within, false);
                }
            }
            scalar => self.fields.push((path.to_owned(), membership.clone(), scalar.clone())),
        }
    }

    fn matches(&self, conditions: &[(&String, &Value)], chosen: &Membership) -> bool {
        let [(path, values), later @ ..] = conditions else { return true };
        let mut fields = self.fields.iter().filter(|(name, membership, _)| {
            name == *path
                && membership.iter().all(|(array, index)| chosen.get(array).is_none_or(|other| other == index))
        });
        let values = values.as_array().unwrap();
        if values.contains(&json!({ "exists": false })) && fields.clone().next().is_none() {
            return self.matches(later, chosen);
        }
        fields.any(|(_, membership, value)| {
            let both: Membership = chosen.iter().chain(membership).map(|(array, index)| (*array, *index)).collect();
            is_one_of(value, values) && self.matches(later, &both)
        })
    }
}

fn is_one_of(value: &Value, conditions: &[Value]) -> bool {
    conditions.iter().any(|condition| match condition {
        Value::Object(operation) if operation.contains_key("exists") => operation["exists"] == true,
        Value::Object(operation) => *value != operation["anything-but"],
        exact => value == exact,
    })
}

/// The obvious way to match stars, for patterns without escapes.
fn matches_stars(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['*', rest @ ..] => (0..=text.len()).any(|skipped| matches_stars(rest, &text[skipped..])),
        [c, rest @ ..] => text.first() == Some(c) && matches_stars(rest, &text[1..]),
    }
}

fn wildcard(text: &str) -> EventPattern {
    EventPattern::try_from(json!({ "a": [{ "wildcard": text }] })).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn patterns_match_as_the_obvious_matcher_does(conditions in conditions(), event in event_of_arrays()) {
        let pattern: Value = conditions.iter().map(|(path, values)| (path.clone(), values.clone())).collect();
        let expected = Reference::read(&event).matches(&conditions.iter().collect::<Vec<_>>(), &Membership::new());
        prop_assert_eq!(EventPattern::try_from(&pattern).unwrap().matches(&event), expected, "{} {}", pattern, event);
    }

    #[test]
    fn or_matches_where_a_branch_would(
        fields in conditions(), branches in prop::collection::vec(conditions(), 2..4), event in event_of_arrays(),
    ) {
        let merged = branches.iter().map(|branch| json!(fields.iter().chain(branch).collect::<BTreeMap<_, _>>()));
        let expected = merged.into_iter().any(|pattern| EventPattern::try_from(pattern).unwrap().matches(&event));
        let mut pattern = json!(fields);
        pattern["$or"] = json!(branches);
        prop_assert_eq!(EventPattern::try_from(&pattern).unwrap().matches(&event), expected, "{} {}", pattern, event);
    }

    #[test]
    fn wildcards_match_as_the_obvious_matcher_does(
        pieces in prop::collection::vec("[abü]{1,2}", 0..5), stars in any::<[bool; 2]>(), text in "[abü]{0,8}",
    ) {
        let star = |is_there: bool| if is_there { "*" } else { "" };
        let pattern = format!("{}{}{}", star(stars[0]), pieces.join("*"), star(stars[1] && !pieces.is_empty()));
        let expected = matches_stars(&pattern.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>());
        match EventPattern::try_from(json!({ "a": [{ "wildcard": pattern }] })) {
            Ok(compiled) => prop_assert_eq!(compiled.matches(&json!({ "a": text })), expected, "{} {}", pattern, text),
            Err(error) => prop_assert!(error.to_string().contains("rule is too complex"), "{}", error),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_pattern_is_refused_or_matches_events_and_prints_itself(json in near_pattern(), event in event()) {
        match (EventPattern::try_from(&json), EventPattern::parse(&json.to_string())) {
            (Ok(pattern), Ok(_)) => {
                prop_assert_eq!(pattern.as_json(), &json);
                let again = EventPattern::parse(&pattern.to_string()).unwrap();
                prop_assert_eq!(&again, &pattern);
                prop_assert_eq!(again.matches(&event), pattern.matches(&event));
            }
            (Err(error), Err(_)) => prop_assert!(!error.to_string().is_empty()),
            (one, other) => prop_assert!(false, "{:?} {:?}", one, other),
        }
    }

    #[test]
    fn any_text_is_refused_or_accepted(text in prop_oneof!["[\\[\\]{}\":,a0$or\\\\ ]{0,40}", any::<String>()]) {
        let _ = EventPattern::parse(&text);
        let _ = EventPattern::parse(&format!("{{\"a\": [{text}]}}"));
    }

    #[test]
    fn any_scalar_matches_itself_and_is_no_other(one in scalar(), other in scalar()) {
        let pattern = EventPattern::try_from(json!({ "a": [one] })).unwrap();
        let is_address = one.as_str().is_some_and(|text| text.parse::<std::net::IpAddr>().is_ok());
        let matches = |value: &Value| pattern.matches(&json!({ "a": value }));
        prop_assert!(matches(&one));
        let both_numbers = one.is_number() && other.is_number();
        prop_assert!(is_address || both_numbers || matches(&other) == (one == other));
    }
}

#[test]
fn wildcards_of_many_stars_meet_long_texts() {
    let text = "a".repeat(20_000);
    for pattern in ["*a*a*a*b", "a*a*a*ab", "*a*aa*b"] {
        assert!(!wildcard(pattern).matches(&json!({ "a": text })));
        assert!(wildcard(pattern).matches(&json!({ "a": format!("{text}b") })));
    }
}

#[test]
fn every_name_of_a_wide_event_is_looked_at_once() {
    let members: Map<String, Value> = (0..20_000).map(|index| (format!("a.{index}"), json!({ "b": index }))).collect();
    let paths: BTreeSet<String> = members.keys().take(130).cloned().collect();
    let pattern: Value = paths.iter().map(|path| (format!("{path}.b"), json!([{ "exists": true }]))).collect();
    assert!(EventPattern::try_from(pattern).unwrap().matches(&Value::Object(members)));
}
