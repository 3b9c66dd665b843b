//! A pattern, a line `---`, and events, with `---` between them. Each is decided within a number of steps that grows with the event as
//! a line does, and the pattern prints itself as one that decides the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use putevents_mock::__private::decide_counting;
use putevents_mock::EventPattern;
use serde_json::Value;

/// What searches among arrays at one path may take beyond it.
const SEARCH: u64 = 2_000_000;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut parts = text.split("\n---\n");
    let Some(Ok(pattern)) = parts.next().map(EventPattern::parse) else { return };
    let again = EventPattern::parse(&pattern.to_string());
    // Escapes that need not be there make a pattern longer when it is printed, and so too long.
    let again = again.ok();
    if let Some(again) = &again {
        assert_eq!(*again, pattern);
    }
    let alternatives = if text.contains("$or") { 1_000 } else { 1 };
    for event in parts {
        let Ok(value) = serde_json::from_str::<Value>(event) else { continue };
        let mut steps = 0;
        let decided = decide_counting(&pattern, &value, &mut steps);
        let bound = SEARCH + 20 * alternatives * (event.len() as u64 + 256);
        assert!(steps <= bound, "{steps} steps for {} bytes of event", event.len());
        if let Some(again) = &again {
            assert_eq!(again.decide(&value), decided);
        }
    }
});
