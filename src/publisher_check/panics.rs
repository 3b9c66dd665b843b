//! Panics of a publisher and of its tasks.
//!
//! A task that panics does not end its runtime, and its panic is lost if no code asks for the task's result. So a panic hook
//! records the panics on the threads of a search. It leaves panics on other threads to the previous hook.

use std::cell::RefCell;
use std::panic::{self, PanicHookInfo};
use std::sync::Once;

use crate::words::shortened;

thread_local! {
    static PANICS: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Records the panics of this thread from now on, and does not print them.
pub(super) fn take_down() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !note(panic) {
                before(panic);
            }
        }));
    });
    PANICS.with_borrow_mut(|panics| *panics = Some(Vec::new()));
}

/// The first recorded panic of this thread. Ends the recording.
pub(super) fn first() -> Option<String> {
    PANICS.with_borrow_mut(Option::take).and_then(|panics| panics.into_iter().next())
}

fn note(panic: &PanicHookInfo<'_>) -> bool {
    let payload = panic.payload();
    let text = payload.downcast_ref::<String>().map(String::as_str).or_else(|| payload.downcast_ref::<&str>().copied());
    let text = text.unwrap_or("a panic without a text");
    let at = panic.location().map(|location| format!(" at {location}")).unwrap_or_default();
    let note =
        |panics: &mut Option<Vec<String>>| panics.as_mut().map(|panics| panics.push(shortened(text) + &at)).is_some();
    PANICS.try_with(|panics| panics.try_borrow_mut().is_ok_and(|mut panics| note(&mut panics))).unwrap_or(false)
}
