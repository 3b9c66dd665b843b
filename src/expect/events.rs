//! Assertions about published events.

use serde_json::Value;

use super::{Judged, Recorded, unless};
use crate::check::{Verdict, compare, first_in_other_order, nonconforming};
use crate::journal::{Event, Events};
use crate::matcher::{EntryMatcher, IntoMatchers};
use crate::schema::Schema;

assertions! {
    impl Events {
        /// Fails unless exactly these events were published, each once, in any order. `assert_exactly([])` fails if anything was
        /// published.
        ///
        /// If several matchers match the same event, the assignment with the fewest missing and surplus events counts.
        ///
        /// ```
        /// # let journal = putevents_mock::Engine::new().journal();
        /// use putevents_mock::entry;
        ///
        /// let order = |id: u64| entry().detail_type("OrderPlaced").detail_at("/orderId", id);
        /// assert!(journal.published().check_exactly([order(1), order(2)]).is_err()); // Nothing was published.
        /// ```
        fn assert_exactly / check_exactly<Form>(&self, expected: impl IntoMatchers<Form>) {
            exactly(self, &expected.into_matchers())
        }

        /// Fails unless exactly these events were published, in this order. The events of one request have the order of its
        /// entries.
        fn assert_in_order / check_in_order<Form>(&self, expected: impl IntoMatchers<Form>) {
            let expected = expected.into_matchers();
            exactly(self, &expected)?;
            match first_in_other_order(self, &expected) {
                None => Ok(()),
                Some(first) => Err(Verdict::OtherOrder { published: self.clone(), expected, first }.into()),
            }
        }

        /// Fails unless each of these events was published at least once. Other events do not matter.
        fn assert_contain / check_contain<Form>(&self, expected: impl IntoMatchers<Form>) {
            match compare(self, &expected.into_matchers()) {
                Some(comparison) if !comparison.missing().is_empty() => {
                    self.needs_all()?;
                    Err(Verdict::Events(comparison.without_surplus()).into())
                }
                Some(_) | None => Ok(()),
            }
        }

        /// Fails unless exactly `count` events were published.
        fn assert_count / check_count(&self, count: usize) {
            self.needs_all()?;
            unless(self.len() == count, count, |expected| Verdict::OtherCount { published: self.clone(), expected })
        }

        /// Fails if the matcher matches a published event: `assert_none_match(entry().source(prefix("test.")))`.
        fn assert_none_match / check_none_match(&self, unwanted: impl Into<EntryMatcher>) {
            let unwanted = unwanted.into();
            let events: Vec<Event> = self.iter().filter(|event| unwanted.means(event)).cloned().collect();
            unless(events.is_empty(), events, |events| Verdict::Unwanted { unwanted, events })?;
            self.needs_all()
        }

        /// Fails unless the details of all published events with this detail-type conform to a JSON Schema. It also fails if there
        /// is no such event, because then nothing was tested. It needs the feature `json-schema`: without it, it always
        /// fails, and says so.
        fn assert_details_conform / check_details_conform(&self, detail_type: &str, schema: &Value) {
            let schema = Schema::compile(schema)
                .map_err(|why| Box::new(Verdict::BadQuestion(format!("the schema for {detail_type:?}: {why}"))))?;
            match nonconforming(self, detail_type, &schema) {
                None => self.needs_all(),
                Some(details) => Err(Verdict::Details(details).into()),
            }
        }
    }
}

fn exactly(events: &Events, expected: &[EntryMatcher]) -> Judged {
    events.needs_all()?;
    compare(events, expected).map_or(Ok(()), |comparison| Err(Verdict::Events(comparison).into()))
}
