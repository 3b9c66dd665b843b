//! Decides whether the fields of an event satisfy a pattern together.
//!
//! All conditions on an array of objects must be satisfied by the same element. [`arrays`](super::arrays) decides that.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value;

use super::arrays::{PathSpelledTwice, solve};
use super::compile::{Fields, Test};
use super::error::Undecided;
use super::event::Event;
use super::found::{Found, Marks};
use super::search::{MAX_STEPS, search};

/// Returns whether an event satisfies one of the alternatives. Adds the number of steps to `steps`.
pub(super) fn decide<'e>(
    alternatives: &[Fields],
    paths: &BTreeSet<Arc<str>>,
    members: impl Iterator<Item = (&'e str, &'e Value)>,
    steps: &mut u64,
) -> Result<bool, Undecided> {
    let event = Event::read(members, paths);
    let mut matcher = Matcher { event: &event, satisfying: HashMap::new(), steps: event.steps, left: MAX_STEPS };
    let decided = matcher.any_holds(alternatives);
    *steps += matcher.steps + (MAX_STEPS - matcher.left);
    decided
}

struct Matcher<'e> {
    event: &'e Event<'e>,
    /// The scalars that satisfy a test, by the address of the test: alternatives share tests.
    satisfying: HashMap<*const Test, Rc<Marks>>,
    steps: u64,
    /// The steps that searches may still take, for all alternatives together.
    left: u64,
}

impl<'e> Matcher<'e> {
    /// Returns whether an alternative holds. An undecided alternative does not matter if another one holds.
    fn any_holds(&mut self, alternatives: &'e [Fields]) -> Result<bool, Undecided> {
        let mut undecided = None;
        for fields in alternatives {
            match self.holds(fields) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(error) => undecided = undecided.or(Some(error)),
            }
        }
        undecided.map_or(Ok(false), Err)
    }

    fn holds(&mut self, fields: &'e Fields) -> Result<bool, Undecided> {
        let mut found = Vec::new();
        for (path, test) in fields {
            let one = self.find(path, test);
            if !one.satisfying.any && !one.may_be_absent {
                return Ok(false);
            }
            found.push(one);
        }
        let elements = &self.event.elements;
        let solved = match found.len() {
            ..=64 => solve::<1>(elements, &found, &mut self.steps),
            _ => solve::<4>(elements, &found, &mut self.steps),
        };
        solved.or_else(|PathSpelledTwice { test }| {
            search(elements, &found, &mut self.left)
                .map_err(|_| Undecided::new(found.get(test).map_or("", |one| one.path)))
        })
    }

    fn find(&mut self, path: &'e str, test: &Arc<Test>) -> Found<'e> {
        let occurrences = self.event.at(path);
        let steps = &mut self.steps;
        let satisfying = self.satisfying.entry(Arc::as_ptr(test)).or_insert_with(|| {
            *steps += occurrences.len() as u64;
            let is_satisfying = |scalar| test.conditions.iter().any(|condition| condition.matches(scalar));
            Rc::new(Marks::of(occurrences.iter().map(|(_, scalar)| is_satisfying(scalar))))
        });
        Found { path, may_be_absent: test.may_be_absent, occurrences, satisfying: satisfying.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::EventPattern;
    use pretty_assertions::assert_eq;
    use serde_json::json;

    fn steps(pattern: &EventPattern, event: &Value, expected: bool) -> f64 {
        let mut steps = 0;
        assert_eq!(pattern.decide_counting(event, &mut steps), Ok(expected), "{pattern}");
        steps as f64
    }

    /// The names `a`, `a!`, `a!!`, ... The paths of each name sort between the paths of the name before: `a`, `a!`, `a!.x`, `a.x`.
    fn taking_turns(arrays: usize) -> impl Iterator<Item = String> {
        (0..arrays).map(|index| format!("a{}", "!".repeat(index)))
    }

    fn of_arrays(arrays: usize, tests: impl Fn(String) -> Vec<(String, Value)>) -> EventPattern {
        EventPattern::try_from(Value::from_iter(taking_turns(arrays).flat_map(tests))).unwrap()
    }

    fn items(size: usize, item: impl Fn(usize) -> Value) -> Value {
        (0..size).map(item).collect()
    }

    type Shape = (&'static str, EventPattern, fn(usize) -> Value, bool);

    /// Patterns, events of a given size, and whether they match.
    fn shapes() -> Vec<Shape> {
        let absent = json!([{ "exists": false }]);
        let never = json!([{ "exists": false }, -1]);
        let any = json!([{ "exists": true }]);
        let turns = |arrays| {
            let tests = |name: String| {
                let two = [(name.clone(), json!([1])), (format!("{name}.x"), any.clone())];
                [&two[..], &[(format!("{name}.y"), never.clone())]].concat()
            };
            of_arrays(arrays, tests)
        };
        let parsed = |text: &str| EventPattern::parse(text).unwrap();
        vec![
            ("one array", parsed(r#"{"a": {"x": [-1], "y": [1]}, "b": [1]}"#), |size| json!({ "b": 1, "a": items(size, |i| json!({ "x": i, "y": 1 })) }), false),
            ("arrays that take turns, with absence", turns(6), |size| Value::from_iter(taking_turns(6).map(|name| {
                (name, items(size, |i| json!([1, { "x": i, "y": i }])))
            })), false),
            ("arrays that take turns, where the last element is meant", turns(6), |size| Value::from_iter(taking_turns(6).map(|name| {
                (name, items(size, |i| json!([1, if i == 0 { json!({ "x": i }) } else { json!({ "x": i, "y": i }) }])))
            })), true),
            ("arrays in each other", parsed(&json!({ "a": { "b": { "c": { "d": [1], "e": absent, "f": [2] } }, "g": any } }).to_string()), |size| json!({
                "a": items(size, |i| json!({ "g": i, "b": items(4, |_| json!({ "c": items(3, |k| json!({ "d": k % 2, "e": 1, "f": 2 })) })) }))
            }), false),
            ("arrays in arrays without an end", parsed(r#"{"a": {"b": [1], "c": [2], "d": [{"exists": false}]}}"#), |size| {
                let deep = (0..size / 8).fold(json!([]), |inner, _| json!([{ "b": 1, "d": 1 }, inner, { "c": 2 }]));
                json!({ "a": deep })
            }, false),
            ("scalars", parsed(r#"{"a": [-1, -2, {"prefix": "x"}], "b": [1]}"#), |size| json!({ "b": 1, "a": items(size, |i| json!(i)) }), false),
            ("what the pattern does not name", parsed(r#"{"a": [1]}"#), |size| json!({ "a": items(size, |_| json!({ "b": [[], {}] })) }), false),
            ("many alternatives", parsed(r#"{"$or": [{"a": {"x": [-1]}}, {"a": {"y": [-2]}}, {"a": {"z": [-3], "x": [1]}}]}"#), |size| json!({
                "a": items(size, |i| json!({ "x": i, "y": i, "z": 3 }))
            }), false),
            ("more than 64 fields", EventPattern::try_from(json!({ "a": Value::from_iter((0..100).map(|i| (format!("f{i}"), json!([i, { "exists": false }])))) })).unwrap(), |size| json!({
                "a": items(size, |i| json!({ format!("f{}", i % 99): 1000 }))
            }), false),
        ]
    }

    #[test]
    fn all_alternatives_together_are_searched_within_one_bound() {
        let item =
            |tests: std::ops::Range<usize>| -> Value { tests.map(|test| (format!("c{test}"), json!(1))).collect() };
        // Two arrays at one path, whose elements can be chosen in 200 x 200 ways, of which none holds.
        let array = |from: usize| items(200, |index| item((from + index % 7)..(from + 3 + index % 11)));
        let event = json!({ "a.b": array(0), "a": { "b": array(5) } });
        let tests = Value::from_iter((0..16).map(|test| (format!("c{test}"), json!([1]))));
        let branches =
            items(40, |index| json!({ "a": { "b": { format!("c{index}"): [1], "z": [{ "exists": false }] } } }));
        let mut pattern = json!({ "a": { "b": tests } });
        pattern["$or"] = branches;
        let pattern = EventPattern::try_from(pattern).unwrap();
        let mut steps = 0;
        let decided = pattern.decide_counting(&event, &mut steps);
        assert!(decided.is_err(), "{decided:?} after {steps} steps");
        assert!(steps <= MAX_STEPS + 1_000_000, "{steps}");
    }

    #[test]
    fn twice_the_event_takes_twice_the_steps() {
        for (name, pattern, event, expected) in shapes() {
            let sizes = [250, 500, 1_000, 2_000];
            let steps = sizes.map(|size| steps(&pattern, &event(size), expected));
            for pair in steps.windows(2) {
                let [one, twice] = pair else { continue };
                assert!(*twice <= 2.2 * one, "{name}: {steps:?}");
            }
        }
    }
}
