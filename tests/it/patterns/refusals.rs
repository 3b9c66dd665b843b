//! What a refusal says where the fixtures ask nothing.

use pretty_assertions::assert_eq;
use putevents_mock::EventPattern;

use super::refusal;

fn assert_all(cases: &[(&str, &str)]) {
    for (pattern, error) in cases {
        assert_eq!(refusal(pattern), *error, "{pattern}");
    }
}

#[test]
fn what_is_no_json_is_refused_with_its_place() {
    assert_all(&[
        ("", "not JSON: EOF while parsing a value at line 1 column 0"),
        (r#"{"a": [1]} x"#, "not JSON: trailing characters at line 1 column 12"),
        (r#"{"a": ["\ud800"]}"#, r#"a[0]: "\ud800" holds half of a surrogate pair, so it is not a text"#),
    ]);
}

#[test]
fn a_place_quotes_what_could_be_mistaken_for_several_names() {
    assert_all(&[
        (r#"{"a": {"b": true}}"#, "a.b: must be an array of values; write [true]"),
        (r#"{"a.b": {"": {"größe_2": 1}}}"#, r#""a.b"."".größe_2: must be an array of values; write [1]"#),
        (
            r#"{"d": {"$or": [{"a": [1]}, {"b": [[]]}]}}"#,
            "d.$or[1].b[0]: is an array within an array; write its values into the outer one",
        ),
    ]);
}

#[test]
fn operators_are_refused_with_what_may_stand_there() {
    let allowed = "one of equals-ignore-case, prefix, suffix and wildcard";
    assert_all(&[
        (r#"{"a": [{"<": 5}]}"#, r#"a[0]: "<" is not an operator; write {"numeric": ["<", ...]}"#),
        (
            r#"{"a": [{"anything-but": {}}]}"#,
            &format!("a[0].anything-but: is an empty object; write an operator into it, {allowed}"),
        ),
        (
            r#"{"a": [{"anything-but": {"prefix": {"equals-ignore-case": "x"}}}]}"#,
            "a[0].anything-but.prefix: must be a string or an array of strings, but is an object",
        ),
        (
            r#"{"a": [{"anything-but": {"suffix": []}}]}"#,
            "a[0].anything-but.suffix: is an empty array; write at least one value into it",
        ),
        (
            r#"{"a": [{"wildcard": "\\*\\**\\***"}]}"#,
            r#"a[0].wildcard: "\\*\\**\\***" has two stars in a row; write one"#,
        ),
    ]);
}

#[test]
fn numbers_that_cannot_be_compared_are_refused() {
    let too_exact = "is more exact than a 64-bit float; write at most 17 digits";
    assert_all(&[
        (r#"{"a": [{"numeric": ["=", 9007199254740993]}]}"#, &format!("a[0].numeric[1]: 9007199254740993 {too_exact}")),
        (
            r#"{"a": [{"numeric": [">", 0.1000000000000000055]}]}"#,
            &format!("a[0].numeric[1]: 0.1000000000000000055 {too_exact}"),
        ),
        (
            r#"{"a": [{"anything-but": [1, 9007199254740993]}]}"#,
            &format!("a[0].anything-but[1]: 9007199254740993 {too_exact}"),
        ),
        (
            r#"{"a": [{"numeric": [">", 1, ">", 2]}]}"#,
            r#"a[0].numeric[2]: must be "<" or "<=", because a lower bound stands before it, but is ">""#,
        ),
        (r#"{"a": [{"numeric": [">", 1, "<"]}]}"#, r#"a[0].numeric: has no number after "<""#),
    ]);
}

#[test]
fn networks_are_refused_with_what_is_wrong() {
    for (cidr, reason) in [
        ("10.0.0.1/32", r#""10.0.0.1/32" is a single address; write it as the value "10.0.0.1""#),
        ("::1/128", r#""::1/128" is a single address; write it as the value "::1""#),
        ("10.0.0.1", r#""10.0.0.1" is a single address; write it as the value "10.0.0.1""#),
        ("10.0.0.0/", r#"must have 0 to 31 bits after the slash, but has """#),
        ("10.0.0.0/-1", r#"must have 0 to 31 bits after the slash, but has "-1""#),
        ("10.0.0.0/8/8", r#"must have 0 to 31 bits after the slash, but has "8/8""#),
        ("300.0.0.0/8", r#"must be a network such as "10.0.0.0/8", but is "300.0.0.0/8""#),
        ("2001:db8::/129", "must have 0 to 127 bits after the slash, but has 129"),
    ] {
        assert_eq!(refusal(&format!(r#"{{"a": [{{"cidr": "{cidr}"}}]}}"#)), format!("a[0].cidr: {reason}"));
    }
}

#[test]
fn names_of_operators_are_reserved_within_or_and_nowhere_else() {
    for reserved in ["exists", "<=", "regex", "in-date-range", "ip-address-not-in-range", "anything-but"] {
        let nested = format!(r#"{{"$or": [{{"a": [1]}}, {{"b": {{"{reserved}": [1]}}}}]}}"#);
        let reason = "is the name of an operator, so no field within $or can have it";
        assert!(refusal(&nested).ends_with(reason), "{reserved}");
        assert!(EventPattern::parse(&format!(r#"{{"a": {{"{reserved}": [1]}}}}"#)).is_ok());
    }
}
