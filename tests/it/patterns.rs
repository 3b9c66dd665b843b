//! Event patterns mean what EventBridge means by them. The fixtures are answers of AWS's own matcher.

mod any;
mod refusals;
mod undecided;

use std::path::Path;

use pretty_assertions::assert_eq;
use putevents_mock::EventPattern;
use putevents_mock::pattern::PatternError;
use serde_json::{Value, json};

fn fixture(file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/event-patterns").join(file);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn text<'c>(case: &'c Value, member: &str) -> &'c str {
    case[member].as_str().unwrap()
}

/// Whether a pattern matches an event, both as text.
fn matches(pattern: &str, event: &str) -> bool {
    let pattern = EventPattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}\n{error}"));
    pattern.matches(&serde_json::from_str(event).unwrap())
}

/// The sections of `further.txt`: a word why, a pattern, and its events.
fn further() -> Vec<(String, Vec<(bool, String)>)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/event-patterns/further.txt");
    let file = std::fs::read_to_string(path).unwrap();
    let sections = file.split("\n# ").skip(1).map(|section| {
        let mut lines = section.lines().skip(1).take_while(|line| !line.is_empty());
        let pattern = lines.next().unwrap().to_owned();
        let event = |line: &str| match line.trim().split_once(' ') {
            Some(("yes", event)) => (true, event.to_owned()),
            Some(("no", event)) => (false, event.to_owned()),
            _ => panic!("neither yes nor no: {line}"),
        };
        (pattern, lines.map(event).collect())
    });
    sections.collect()
}

fn refusal(pattern: &str) -> String {
    EventPattern::parse(pattern).expect_err(pattern).to_string()
}

#[test]
fn every_answer_is_that_of_the_real_matcher() {
    let cases = fixture("match.json");
    assert!(cases.len() >= 358);
    let wrong = |case: &&Value| matches(text(case, "pattern"), text(case, "event")) != case["match"].as_bool().unwrap();
    let wrong: Vec<String> = cases.iter().filter(wrong).map(Value::to_string).collect();
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn what_the_fixtures_leave_open_is_as_the_source_has_it() {
    let sections = further();
    assert!(sections.len() >= 76 && sections.iter().all(|(_, events)| !events.is_empty()));
    for (pattern, events) in sections {
        for (expected, event) in events {
            assert_eq!(matches(&pattern, &event), expected, "{pattern}\n{event}");
        }
    }
}

#[test]
fn every_valid_pattern_is_accepted() {
    for case in fixture("valid.json") {
        EventPattern::parse(text(&case, "pattern")).unwrap();
    }
}

#[test]
fn every_invalid_pattern_is_refused_with_these_words() {
    let found: Vec<Value> = fixture("invalid.json")
        .iter()
        .map(|case| json!({ "id": case["id"], "pattern": case["pattern"], "error": refusal(text(case, "pattern")) }))
        .collect();
    assert_eq!(found, fixture("errors.json"));
}

#[test]
fn an_error_names_the_place_and_prints_the_same_for_unwrap() {
    let error = EventPattern::parse(r#"{"detail": {"state": ["on", {"exactly": 1}]}}"#).unwrap_err();
    assert_eq!(error.to_string(), "detail.state[1].exactly: must be a string, but is 1");
    assert_eq!(format!("{error:?}"), error.to_string());
}

#[test]
fn a_pattern_comes_from_a_value_as_well() {
    let json = json!({ "source": ["shop"], "detail": { "total": [{ "numeric": [">", 1.5] }] } });
    let pattern = EventPattern::try_from(&json).unwrap();
    assert_eq!(pattern, EventPattern::try_from(json.clone()).unwrap());
    assert_eq!(pattern, json.to_string().parse().unwrap());
    assert_eq!(*pattern.as_json(), json);
    assert!(pattern.matches(&json!({ "source": "shop", "detail": { "total": 2 } })));
    let refused: Result<EventPattern, PatternError> = json!({ "a": 1 }).try_into();
    assert_eq!(refused.unwrap_err().to_string(), "a: must be an array of values; write [1]");
}

#[test]
fn in_a_value_or_comes_last_whatever_the_order_of_its_map() {
    let json = json!({ "name": ["a"], "$or": [{ "name": ["b"] }, { "z": [1] }] });
    let pattern = EventPattern::try_from(json).unwrap();
    assert!(pattern.matches(&json!({ "name": "b" })));
    assert!(pattern.matches(&json!({ "name": "a", "z": 1 })));
    assert!(!pattern.matches(&json!({ "name": "a" })));
}

#[test]
fn a_pattern_prints_itself_as_it_was_written() {
    let written =
        r#" {"name" : ["\u00e9", 3.0e2, null], "$or": [{"b": [{"prefix": "\n"}]}, {"a": [true]}], "a": ["x"]} "#;
    let pattern = EventPattern::parse(written).unwrap();
    let printed = r#"{"name":["é",3.0e2,null],"$or":[{"b":[{"prefix":"\n"}]},{"a":[true]}],"a":["x"]}"#;
    assert_eq!(pattern.to_string(), printed);
    assert_eq!(format!("{pattern:?}"), format!("EventPattern({printed})"));
    assert_eq!(EventPattern::parse(printed).unwrap(), pattern);
}

#[test]
fn patterns_are_equal_where_they_ask_for_the_same() {
    let pattern = |text| EventPattern::parse(text).unwrap();
    assert_eq!(pattern(r#"{"a": [1], "b": {"c": [2]}}"#), pattern(r#"{"b": {"c": [2]}, "a": [1]}"#));
    assert_ne!(pattern(r#"{"a": [1]}"#), pattern(r#"{"a": [2]}"#));
    let or_first = pattern(r#"{"$or": [{"a": [1]}, {"b": [2]}], "a": [3]}"#);
    assert_ne!(or_first, pattern(r#"{"a": [3], "$or": [{"a": [1]}, {"b": [2]}]}"#));
}

#[test]
fn a_pattern_is_shared_between_threads() {
    fn is_shared<T: Send + Sync + Clone + 'static>() {}
    is_shared::<EventPattern>();
    is_shared::<PatternError>();
}

#[test]
fn ors_multiply_to_a_thousand_alternatives_and_not_to_more() {
    let or = |name: char| {
        let branches: Vec<_> = (0..10).map(|index| format!(r#"{{"{name}": [{index}]}}"#)).collect();
        format!(r#"{{"$or": [{}]}}"#, branches.join(","))
    };
    let thousand = format!(r#"{{"x": {}, "y": {}, "z": {}}}"#, or('a'), or('b'), or('c'));
    assert!(matches(&thousand, r#"{"x": {"a": 9}, "y": {"b": 9}, "z": {"c": 9}}"#));
    assert!(!matches(&thousand, r#"{"x": {"a": 9}, "y": {"b": 9}, "z": {"c": 10}}"#));
    let more = thousand.replace(r#"{"c": [9]}"#, r#"{"c": [9]}, {"c": [10]}"#);
    let words = r#"z.$or: the "$or" of this pattern multiply to more than 1000 combinations; write several patterns"#;
    assert_eq!(refusal(&more), words);
    let endless =
        format!("{{{}}}", (0..60).map(|index| format!(r#""k{index}": {}"#, or('a'))).collect::<Vec<_>>().join(","));
    assert!(EventPattern::parse(&endless).is_err());
}

#[test]
fn a_pattern_names_at_most_256_fields() {
    let fields = |count| {
        let fields: Vec<_> = (0..count).map(|index| format!(r#""f{index}": [1]"#)).collect();
        format!("{{{}}}", fields.join(","))
    };
    assert!(EventPattern::parse(&fields(256)).is_ok());
    assert_eq!(refusal(&fields(257)), "f256: is one field too many; a pattern can name 256");
}

fn nested(levels: usize, inner: Value) -> Value {
    (0..levels).fold(inner, |inner, _| json!({ "a": inner }))
}

#[test]
fn a_pattern_may_be_nested_127_levels_deep() {
    let deep = |levels: usize| format!(r#"{}{{"b":[1]}}{}"#, r#"{"a":"#.repeat(levels), "}".repeat(levels));
    let event = nested(125, json!({ "b": 1 }));
    assert!(EventPattern::parse(&deep(125)).unwrap().matches(&event));
    assert!(EventPattern::try_from(nested(125, json!({ "b": [1] }))).unwrap().matches(&event));
    for levels in [126, 1_000, 100_000] {
        assert!(refusal(&deep(levels)).contains("nested more than 127 levels deep"));
    }
    let too_deep = nested(126, json!({ "b": [1] }));
    assert!(EventPattern::try_from(&too_deep).unwrap_err().to_string().contains("nested more than 127 levels deep"));
}

#[test]
fn a_value_of_any_depth_is_refused_without_a_deep_stack() {
    let mut deep = json!([1]);
    for _ in 0..200_000 {
        deep = Value::Array(vec![deep]);
    }
    assert!(EventPattern::try_from(deep).is_err());
}

#[test]
fn an_event_may_be_nested_a_thousand_levels_deep() {
    let pattern = EventPattern::parse(r#"{"a": {"b": [1], "c": [{"exists": false}]}, "z": [2]}"#).unwrap();
    let objects = json!({ "a": nested(1_000, json!(1)), "z": 2 });
    assert!(!pattern.matches(&objects));
    assert!(pattern.matches(&json!({ "a": { "b": 1, "other": nested(1_000, json!(1)) }, "z": 2 })));
}

#[test]
fn arrays_within_arrays_are_searched_to_any_depth() {
    let pattern = EventPattern::parse(r#"{"a": {"b": [1], "c": [{"exists": false}], "d": [3]}}"#).unwrap();
    let deep = |innermost: Value| {
        let mut array = json!([innermost]);
        for _ in 0..1_000 {
            array = Value::Array(vec![json!({ "b": 1, "c": 2, "d": 3 }), array, json!({ "b": 1, "d": 4 })]);
        }
        json!({ "a": array })
    };
    assert!(pattern.matches(&deep(json!({ "b": 1, "d": 3 }))));
    assert!(!pattern.matches(&deep(json!({ "b": 1, "d": 4 }))));
}

#[test]
fn ten_thousand_elements_are_no_trouble() {
    let items: Vec<Value> = (0..10_000).map(|index| json!({ "x": index, "y": index, "tags": [index, "t"] })).collect();
    let event = json!({ "items": items, "more": items, "flat": (0..10_000).collect::<Vec<_>>() });
    let matches = |pattern: &str| EventPattern::parse(pattern).unwrap().matches(&event);
    assert!(matches(r#"{"items": {"x": [9999], "y": [9999]}, "flat": [9999]}"#));
    assert!(!matches(r#"{"items": {"x": [9999], "y": [9998]}}"#));
    assert!(matches(
        r#"{"items": {"x": [{"exists": true}], "y": [5], "tags": ["t"]}, "more": {"x": [7], "tags": ["t"]}}"#
    ));
    let any = r#"{"x": [{"exists": true}], "y": [{"exists": true}], "z": [1]}"#;
    assert!(!matches(&format!(r#"{{"items": {any}, "more": {any}}}"#)));
}

#[test]
fn independent_arrays_do_not_multiply() {
    let items: Vec<Value> = (0..300).map(|index| json!({ "x": index, "y": 300 - index })).collect();
    let names: Vec<String> = (0..40).map(|index| format!("array{index}")).collect();
    let event: Value = names.iter().map(|name| (name.clone(), json!(items))).collect();
    let any = json!({ "x": [{ "exists": true }], "y": [{ "exists": true }] });
    let mut pattern: Value = names.iter().map(|name| (name.clone(), any.clone())).collect();
    assert!(EventPattern::try_from(&pattern).unwrap().matches(&event));
    pattern["array39"] = json!({ "x": [1], "y": [1] });
    assert!(!EventPattern::try_from(&pattern).unwrap().matches(&event));
}

/// Arrays of arrays under `a`, `a!`, `a!!`, ..., whose paths enclose each other.
#[test]
fn arrays_that_take_turns_are_decided_with_absence_too() {
    let names: Vec<String> = (0..8).map(|index| format!("a{}", "!".repeat(index))).collect();
    let items: Vec<Value> = (0..400).map(|index| json!([1, { "x": index }])).collect();
    let event: Value = names.iter().map(|name| (name.clone(), json!(items))).collect();
    let scalars = names.iter().map(|name| format!(r#""{name}": [1]"#));
    let within = names.iter().map(|name| format!(r#""{name}.x": [399]"#));
    let pattern = format!("{{{}}}", scalars.chain(within).collect::<Vec<_>>().join(","));
    let absent = |pattern: &str| pattern.replace('}', r#", "z": [{"exists": false}]}"#);
    let other = pattern.replace(r#""a.x": [399]"#, r#""a.x": [400]"#);
    for (pattern, expected) in [(&pattern, true), (&other, false), (&absent(&pattern), true), (&absent(&other), false)]
    {
        assert_eq!(matches(pattern, &event.to_string()), expected, "{pattern}");
    }
}

#[test]
fn wildcards_that_are_too_much_work_are_refused_as_eventbridge_does() {
    let stacks = |names: &[&str]| -> Vec<Value> {
        names.iter().map(|name| json!({ "wildcard": format!("*:stack/{name}/*") })).collect()
    };
    let words = "detail.stack: rule is too complex - try using fewer wildcard characters or fewer repeating character sequences \
                 after a wildcard character";
    let three = stacks(&["base", "queue", "worker"]);
    let four = stacks(&["base", "queue", "worker", "monitor"]);
    let refused = |pattern: Value| EventPattern::try_from(pattern).err().map(|error| error.to_string());
    // Recorded: three were deployed, and the fourth was refused.
    assert_eq!(refused(json!({ "detail": { "stack": three } })), None);
    assert_eq!(refused(json!({ "detail": { "stack": four } })).as_deref(), Some(words));
    // Each field counts on its own, and so do alternatives whose other fields differ before.
    assert_eq!(refused(json!({ "detail": { "stack": three, "other": three } })), None);
    let apart = json!({ "$or": [{ "a": [1], "b": four[..2] }, { "a": [2], "b": four[2..] }] });
    assert_eq!(refused(apart), None);
    let together = json!({ "$or": [{ "a": four[..2] }, { "a": four[2..] }] });
    assert!(refused(together).is_some_and(|error| error.starts_with("a: rule is too complex")));
    // So do those of anything-but, beside the others.
    let but = |texts: &[&str]| json!({ "anything-but": { "wildcard": texts } });
    assert_eq!(refused(json!({ "a": [but(&["*:stack/base/*", "*:stack/queue/*", "*:stack/worker/*"])] })), None);
    assert!(refused(json!({ "a": [but(&["*a*a*a*a*a*a*a*a*"])] })).is_some());
    assert!(refused(json!({ "a": [three[0], three[1], three[2], but(&["*:stack/*"])] })).is_some());
    // One star, however long the text, and the same wildcard twice, are no work.
    assert_eq!(refused(json!({ "a": [{ "wildcard": format!("arn:aws:s3:::{}*", "x".repeat(500)) }] })), None);
    assert_eq!(refused(json!({ "a": [three[0], three[0], three[0], three[0], three[0]] })), None);
    assert!(refused(json!({ "a": [{ "wildcard": format!("*{}", "a".repeat(20)) }] })).is_some());
}

#[test]
fn a_pattern_has_at_most_4096_characters() {
    let of = |length: usize| format!(r#"{{"a":["{}"]}}"#, "é".repeat(length - 10));
    assert_eq!(of(4_096).chars().count(), 4_096);
    let words = "the pattern has 4097 characters; EventBridge takes 4096, or fewer if the quota of an account says so: write \
                 several patterns";
    EventPattern::parse(&of(4_096)).unwrap();
    assert_eq!(refusal(&of(4_097)), words);
    // White space counts where the pattern is a text.
    assert!(refusal(&format!("  {}", of(4_095))).starts_with("the pattern has 4097 characters"));
    let value = |text: String| serde_json::from_str::<Value>(&text).unwrap();
    EventPattern::try_from(value(format!("  {}", of(4_096)))).unwrap();
    assert_eq!(EventPattern::try_from(value(of(4_097))).unwrap_err().to_string(), words);
    assert_eq!(EventPattern::try_from(&value(of(4_097))).unwrap_err().to_string(), words);
}

#[test]
fn a_pattern_that_is_far_too_long_is_refused_before_its_values_are_read() {
    // The last value is none that a pattern can have. Within twice the length that is told, beyond it the length is.
    let of = |values: usize| format!(r#"{{"a":[{}{{"exactly":1}}]}}"#, "1,".repeat(values));
    assert_eq!(refusal(&of(4_000)), "a[4000].exactly: must be a string, but is 1");
    let words = "the pattern has 2000021 characters; EventBridge takes 4096, or fewer if the quota of an account says so: write \
                 several patterns";
    assert_eq!(refusal(&of(1_000_000)), words);
    let value: Value = serde_json::from_str(&of(1_000_000)).unwrap();
    assert_eq!(EventPattern::try_from(&value).unwrap_err().to_string(), words);
}

/// What was measured of each alternative of each field took more than 100 MB before.
#[test]
fn a_thousand_alternatives_before_many_wildcards_are_no_trouble() {
    let or = |name: &str| (0..10).map(|index| json!({ name: [index] })).collect::<Value>();
    let ors = json!({ "0": { "$or": or("a") }, "1": { "$or": or("b") }, "2": { "$or": or("c") } });
    let wildcards = (0..130).map(|index| (format!("f{index}"), json!([{ "wildcard": "*a*" }])));
    let pattern = Value::from_iter(ors.as_object().unwrap().clone().into_iter().chain(wildcards));
    assert!(pattern.to_string().len() <= 4_096);
    let event = json!({ "0": { "a": 1 }, "1": { "b": 1 }, "2": { "c": 1 } });
    assert!(!EventPattern::try_from(pattern).unwrap().matches(&event));
}

#[test]
fn a_network_of_no_bits_is_any_address_of_its_family() {
    for (network, address, expected) in [
        ("0.0.0.0/0", "10.1.2.3", true),
        ("0.0.0.0/0", "2001:db8::1", false),
        ("0.0.0.0/0", "5", false),
        ("::/0", "2001:db8::1", true),
        ("::/0", "10.1.2.3", false),
        ("128.0.0.0/1", "8000::", false),
    ] {
        let pattern = format!(r#"{{"ip": [{{"cidr": "{network}"}}]}}"#);
        assert_eq!(matches(&pattern, &format!(r#"{{"ip": "{address}"}}"#)), expected, "{network} {address}");
    }
    assert!(!matches(r#"{"ip": [{"cidr": "0.0.0.0/0"}]}"#, r#"{"ip": 5}"#));
}
