//! Any text is a journal or is refused with a place; a journal that is written and read again is the same one, and all that is made of
//! it can be made.

#![no_main]

use libfuzzer_sys::fuzz_target;
use putevents_mock::Journal;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match text.parse::<Journal>() {
        Ok(journal) => {
            let written = journal.to_json_text();
            let again: Journal = written.parse().unwrap_or_else(|error| panic!("{error}\n{written}"));
            assert_eq!(again.to_json_text(), written);
            assert!(!journal.ledger().to_string().is_empty());
            assert!(!journal.to_string().is_empty());
            journal.redacted();
            journal.to_html();
            let _ = journal.check_no_problems();
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
