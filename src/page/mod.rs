//! The page that shows a journal in a browser: one file that loads nothing.

use std::io;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;

mod attempt;
mod common;
mod event;
mod expected;
mod few;
mod json;
mod mark;
mod naming;
mod times;
mod view;

pub(crate) use self::expected::Judged;
use self::view::View;
use crate::expect::Mismatch;
use crate::journal::Journal;
use crate::ledger::Ledger;
use crate::report::{Timeline, without_timeline};
use crate::whole_file;

/// The place of the styles.
const NO_STYLES: &str = "<style></style>";
/// The place of the script.
const NO_SCRIPT: &str = "<script></script>";
/// The place of the data.
const NO_DATA: &str = ">null</script>";
/// The place of the timeline as text, for browsers that may not run scripts, as on many CI servers.
const NO_TEXT: &str = "<pre></pre>";

/// The parts of the script. They share one scope; the last part starts the page.
const SCRIPT: [&str; 10] = [
    include_str!("script/view.js"),
    include_str!("script/elements.js"),
    include_str!("script/model.js"),
    include_str!("script/head.js"),
    include_str!("script/rows.js"),
    include_str!("script/strip.js"),
    include_str!("script/details.js"),
    include_str!("script/bar.js"),
    include_str!("script/live.js"),
    include_str!("script/main.js"),
];

/// Without data the page asks its server.
static PAGE: LazyLock<String> = LazyLock::new(|| {
    let styles = format!("<style>\n{}</style>", include_str!("page.css"));
    let script = format!("<script>\n{}</script>", SCRIPT.join("\n"));
    include_str!("index.html").replacen(NO_STYLES, &styles, 1).replacen(NO_SCRIPT, &script, 1)
});

/// The page for a server; the server has the data.
pub(crate) fn live() -> &'static str {
    &PAGE
}

/// What the page shows of the newest attempts, as JSON.
pub(crate) fn view(ledger: &Ledger, newest: usize, judged: Judged<'_>) -> Value {
    json::write(&View::of(ledger, newest, judged))
}

/// The page of a finished journal, with its data.
pub(crate) fn html(journal: &Journal, judged: Judged<'_>) -> String {
    let ledger = journal.ledger();
    // The data contains no end tag: within JSON, `<` stands only in texts, where it is escaped.
    let data = view(&ledger, usize::MAX, judged).to_string().replace('<', "\\u003c");
    let unmet = judged.mismatch.map(|found| without_timeline(found.verdict(), journal) + "\n\n").unwrap_or_default();
    let text = (unmet + &Timeline::of(&ledger).to_string()).replace('&', "&amp;").replace('<', "&lt;");
    PAGE.replacen(NO_TEXT, &format!("<pre>{text}</pre>"), 1).replacen(NO_DATA, &format!(">{data}</script>"), 1)
}

impl Journal {
    /// Returns the journal as a page for the browser: a timeline of the attempts, the outcome of each entry and event, and every
    /// head and body at a click. The page is one HTML file that loads nothing. It holds everything that the journal
    /// holds, as [`to_json`](Self::to_json) does.
    pub fn to_html(&self) -> String {
        html(self, Judged::default())
    }

    /// Writes the page of [`to_html`](Self::to_html) into a file: to look at it, or to keep it after a failed test.
    /// The file is written [whole or not at all](Self::save).
    /// For a page with the report of a failed assertion at its top, see [`Mismatch::write_html`](crate::Mismatch::write_html).
    ///
    /// ```no_run
    /// # let journal = putevents_mock::Engine::new().journal();
    /// journal.write_html("target/journal.html")?;
    /// # std::io::Result::Ok(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the file cannot be written. The old file then stays.
    pub fn write_html(&self, path: impl AsRef<Path>) -> io::Result<()> {
        whole_file::write(path.as_ref(), self.to_html())
    }
}

impl Mismatch {
    /// Returns the page of the [journal](Journal::to_html) that was judged. The report stands at its top, or each
    /// expectation that is not met with its report.
    pub fn to_html(&self) -> String {
        html(self.journal(), Judged { mismatch: Some(self), ..Judged::default() })
    }

    /// Writes the page of [`to_html`](Self::to_html) into a file, whole or not at all.
    ///
    /// ```no_run
    /// # let journal = putevents_mock::Engine::new().journal();
    /// # let plan = putevents_mock::Plan::default();
    /// if let Err(mismatch) = journal.check_meets(&plan) {
    ///     mismatch.write_html("target/unmet.html")?;
    /// }
    /// # std::io::Result::Ok(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the file cannot be written. The old file then stays.
    pub fn write_html(&self, path: impl AsRef<Path>) -> io::Result<()> {
        whole_file::write(path.as_ref(), self.to_html())
    }
}

#[cfg(test)]
mod tests {
    use super::{NO_DATA, NO_SCRIPT, NO_STYLES, NO_TEXT, PAGE};

    #[test]
    fn the_files_make_one_page() {
        assert!(PAGE.contains("<style>\n:root {") && PAGE.contains("<script>\n// @ts-check\n'use strict';"));
        assert!(!PAGE.contains(NO_STYLES) && !PAGE.contains(NO_SCRIPT));
    }

    #[test]
    fn the_page_has_one_place_for_the_data_and_one_for_the_text_before_it() {
        let places = [NO_TEXT, NO_DATA].map(|place| PAGE.match_indices(place).map(|(at, _)| at).collect::<Vec<_>>());
        let [text, data] = places;
        assert_eq!((text.len(), data.len()), (1, 1));
        assert!(text < data);
    }
}
