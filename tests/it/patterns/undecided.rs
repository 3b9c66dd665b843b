//! What cannot be decided is told, and is never "does not match".

use std::panic::{AssertUnwindSafe, catch_unwind};

use pretty_assertions::assert_eq;
use putevents_mock::journal::ProblemKind;
use putevents_mock::{EntryError, EventPattern, Fault, Mismatch, entry};
use serde_json::{Value, json};

use crate::support::{Bench, bench, codes, order, with};

/// One path that keys with dots spell in 2^(names - 1) ways, each with an array of two elements: variables of a formula, whose
/// clauses are the tests. Each clause names three variables, and which of them are to be true.
fn formula(names: usize, clauses: &[[(usize, bool); 3]]) -> (EventPattern, Value) {
    let name = |from: usize, to: usize| (from..to).map(|index| format!("n{index}")).collect::<Vec<_>>().join(".");
    let mut event = json!({});
    for variable in 0..1_usize << (names - 1) {
        let literal = |wanted: bool| -> Value {
            let holding = clauses.iter().enumerate().filter(|(_, clause)| clause.contains(&(variable, wanted)));
            holding.map(|(index, _)| (format!("c{index}"), json!(1))).collect()
        };
        let (mut at, mut from) = (&mut event, 0);
        for to in 1..names {
            if variable & (1 << (to - 1)) != 0 {
                at = at.as_object_mut().unwrap().entry(name(from, to)).or_insert(json!({}));
                from = to;
            }
        }
        at[name(from, names)] = json!([literal(true), literal(false)]);
    }
    let tests: Value = (0..clauses.len()).map(|index| (format!("c{index}"), json!([1]))).collect();
    (EventPattern::try_from(json!({ name(0, names): tests })).unwrap(), event)
}

#[test]
fn a_path_that_is_spelled_in_several_ways_is_decided_where_few_choices_are_to_be_made() {
    let (pattern, event) = formula(2, &[[(0, true), (0, true), (1, true)], [(0, false), (0, false), (1, true)]]);
    assert_eq!(pattern.decide(&event), Ok(true));
    let all = [(true, true), (true, false), (false, true), (false, false)];
    let (pattern, event) = formula(2, &all.map(|(one, other)| [(0, one), (0, one), (1, other)]));
    assert_eq!(pattern.decide(&event), Ok(false));
}

/// Clauses by a small generator of numbers, so that they are the same each time.
fn clauses(variables: usize, count: usize) -> Vec<[(usize, bool); 3]> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    (0..count).map(|_| std::array::from_fn(|_| (next() % variables, next() % 2 == 0))).collect()
}

#[test]
fn a_formula_written_as_an_event_is_undecided_and_never_no_match() {
    let (pattern, event) = formula(8, &clauses(128, 250));
    let path = "n0.n1.n2.n3.n4.n5.n6.n7.c";
    let undecided = pattern.decide(&event).unwrap_err().to_string();
    let told = undecided.split_once(path).unwrap_or_else(|| panic!("{undecided}"));
    assert_eq!(told.0, "it is undecided whether the pattern matches: several arrays of the event lead to \"");
    let rest = ", because a key with a dot in it spells the path as an object does, and their elements can be chosen in too many \
                ways; write the event without dots in its keys";
    assert_eq!(told.1.split_once('"').unwrap().1, rest);
    let panic = std::panic::catch_unwind(|| pattern.matches(&event)).unwrap_err();
    assert_eq!(*panic.downcast::<String>().unwrap(), undecided);
}

/// A pattern, an entry for which it is undecided, and why. Which of the clauses that names depends on the order of members, which a
/// feature of serde_json changes.
fn undecided() -> (EventPattern, Value, String) {
    let (pattern, event) = formula(8, &clauses(128, 250));
    let pattern = EventPattern::try_from(json!({ "detail": pattern.as_json() })).unwrap();
    let odd = with(order(1), "Detail", event.to_string());
    let why = pattern.decide(&json!({ "detail": event })).unwrap_err().to_string();
    (pattern, odd, why)
}

fn text_of(panic: &(dyn std::any::Any + Send)) -> &str {
    panic.downcast_ref::<String>().unwrap()
}

#[test]
fn no_assertion_passes_or_says_no_where_a_pattern_is_undecided() {
    let (pattern, odd, why) = undecided();
    let mut bench = Bench::default();
    bench.put([odd]);
    let events = bench.journal().published();
    let wanted = || entry().matches_pattern(pattern.clone());
    let ledger = || bench.journal().ledger();
    for (name, checked) in [
        ("exactly", events.check_exactly([wanted()])),
        ("in order", events.check_in_order([wanted()])),
        ("contain", events.check_contain([wanted()])),
        ("none match", events.check_none_match(wanted())),
        ("none match what is not", events.check_none_match(wanted().not())),
        ("either", events.check_none_match(wanted().or(wanted().not()))),
        ("expected of a ledger", ledger().expecting([wanted()]).check_no_duplicates()),
        ("a part of a ledger", ledger().matching(wanted()).check_no_duplicates()),
    ] {
        let text = checked.as_ref().map_err(Mismatch::to_string).unwrap_err();
        assert!(text.starts_with(&why), "{name}: {text}");
    }
    // What a condition before it rules out needs no pattern.
    events.check_none_match(entry().source("other").matches_pattern(pattern.clone())).unwrap();
}

#[test]
fn who_asks_a_matcher_itself_is_stopped_where_a_pattern_is_undecided() {
    let (pattern, odd, why) = undecided();
    let mut bench = Bench::default();
    bench.put([odd]);
    let events = bench.journal().published();
    let wanted = entry().matches_pattern(pattern);
    let asked = [
        catch_unwind(AssertUnwindSafe(|| wanted.matches(&events[0]).to_string())).unwrap_err(),
        catch_unwind(AssertUnwindSafe(|| events.clone().matching(wanted.clone()).len())).unwrap_err(),
    ];
    for panic in asked {
        assert_eq!(text_of(&*panic), why);
    }
}

#[test]
fn a_fault_whose_pattern_is_undecided_does_not_happen_and_is_a_problem() {
    let (pattern, odd, why) = undecided();
    let fault = Fault::entry(EntryError::throttling()).matching(entry().matches_pattern(pattern));
    let mut bench = bench([fault]);
    let answer = bench.put([odd, order(2)]);
    assert_eq!(codes(&answer), ["ok", "ok"]);
    let journal = bench.journal();
    assert_eq!(journal.problems().len(), 1, "{:?}", journal.problems());
    let problem = &journal.problems()[0];
    assert_eq!(problem.kind(), ProblemKind::Undecided);
    assert_eq!(problem.message(), format!("{why}; the fault with this pattern did not apply"));
    bench.put([order(3)]);
    assert_eq!(bench.journal().problems().len(), 1, "it is told of the request that it is about");
}
