//! Assertions about published events.

use serde_json::Value;

use super::{Judged, Recorded, unless};
use crate::check::{Verdict, compare, first_in_other_order, nonconforming};
use crate::journal::{Event, Events};
use crate::matcher::{EntryMatcher, IntoMatchers};
use crate::schema::Schema;

assertions! {
    impl Events {
        /// Fails unless these events were published, each once and no others, in any order. Where two of the expected ones
        /// describe the same event, the assignment is found that leaves the least over. `assert_exactly([])`: nothing was
        /// published.
        fn assert_exactly / check_exactly<Form>(&self, expected: impl IntoMatchers<Form>) {
            exactly(self, &expected.into_matchers())
        }

        /// Fails unless exactly these events were published, in this order. Events of one request count in the order of its
        /// entries.
        fn assert_in_order / check_in_order<Form>(&self, expected: impl IntoMatchers<Form>) {
            let expected = expected.into_matchers();
            exactly(self, &expected)?;
            match first_in_other_order(self, &expected) {
                None => Ok(()),
                Some(first) => Err(Verdict::OtherOrder { published: self.clone(), expected, first }.into()),
            }
        }

        /// Fails unless these events were published, each once at least; whatever else was published does not matter.
        fn assert_contain / check_contain<Form>(&self, expected: impl IntoMatchers<Form>) {
            match compare(self, &expected.into_matchers()) {
                Some(comparison) if !comparison.missing().is_empty() => {
                    self.needs_all()?;
                    Err(Verdict::Events(comparison.without_surplus()).into())
                }
                Some(_) | None => Ok(()),
            }
        }

        /// Fails unless so many events were published.
        fn assert_count / check_count(&self, count: usize) {
            self.needs_all()?;
            unless(self.len() == count, count, |expected| Verdict::OtherCount { published: self.clone(), expected })
        }

        /// Fails if one of the published events is like this: `assert_none_match(entry().source(prefix("test.")))`.
        fn assert_none_match / check_none_match(&self, unwanted: impl Into<EntryMatcher>) {
            let unwanted = unwanted.into();
            let events: Vec<Event> = self.iter().filter(|event| unwanted.means(event)).cloned().collect();
            unless(events.is_empty(), events, |events| Verdict::Unwanted { unwanted, events })?;
            self.needs_all()
        }

        /// Fails unless the details of all published events with this detail-type conform to a JSON Schema, and there is such
        /// an event: otherwise nothing would be tested. It fails without the feature `json-schema`, and says so.
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
