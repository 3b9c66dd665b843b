//! Any text is a plan or is refused with a place; a plan that is written and read again is the same one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use putevents_mock::Plan;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match text.parse::<Plan>() {
        Ok(plan) => {
            let written = plan.to_json().expect("what was read from JSON can be written as JSON");
            let again: Plan = written.to_string().parse().unwrap_or_else(|error| panic!("{error}\n{written}"));
            assert_eq!(again.to_json().expect("it was JSON"), written);
            assert!(plan.faults().iter().all(|fault| !fault.to_string().is_empty()));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
