//! The page that shows a journal in a browser: one file, with everything that it needs in it.

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

/// Here the styles go.
const NO_STYLES: &str = "<style></style>";
/// Here the script goes.
const NO_SCRIPT: &str = "<script></script>";
/// Here the data goes.
const NO_DATA: &str = ">null</script>";
/// Here the timeline goes for browsers that may not run scripts, as those that show what a CI server keeps.
const NO_TEXT: &str = "<pre></pre>";

/// The script, by what its parts are about. They share one scope, and the last one begins.
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

/// Without data the page asks the server that it came from.
static PAGE: LazyLock<String> = LazyLock::new(|| {
    let styles = format!("<style>\n{}</style>", include_str!("page.css"));
    let script = format!("<script>\n{}</script>", SCRIPT.join("\n"));
    include_str!("index.html").replacen(NO_STYLES, &styles, 1).replacen(NO_SCRIPT, &script, 1)
});

/// The page for a server, which has the data.
pub(crate) fn live() -> &'static str {
    &PAGE
}

/// What the page shows of the newest attempts, as JSON.
pub(crate) fn view(ledger: &Ledger, newest: usize, judged: Judged<'_>) -> Value {
    json::write(&View::of(ledger, newest, judged))
}

/// The page of a journal that is over, with its data.
pub(crate) fn html(journal: &Journal, judged: Judged<'_>) -> String {
    let ledger = journal.ledger();
    // The data ends nowhere but at the end: within JSON, `<` only stands in texts.
    let data = view(&ledger, usize::MAX, judged).to_string().replace('<', "\\u003c");
    let unmet = judged.mismatch.map(|found| without_timeline(found.verdict(), journal) + "\n\n").unwrap_or_default();
    let text = (unmet + &Timeline::of(&ledger).to_string()).replace('&', "&amp;").replace('<', "&lt;");
    PAGE.replacen(NO_TEXT, &format!("<pre>{text}</pre>"), 1).replacen(NO_DATA, &format!(">{data}</script>"), 1)
}

impl Journal {
    /// The journal as a page for the browser: a timeline of the attempts, what became of each entry and each event, and every
    /// head and body at a click. It is one file of HTML, which loads nothing from elsewhere. It holds all that the journal
    /// holds, as [`to_json`](Self::to_json) does.
    pub fn to_html(&self) -> String {
        html(self, Judged::default())
    }

    /// Writes the journal into a file, as [`to_html`](Self::to_html): to look at it, or to keep it where a test failed.
    /// The file is written [whole or not at all](Self::save).
    /// What an assertion found is on top of the page that its [`Mismatch`](crate::Mismatch::write_html) writes.
    ///
    /// ```no_run
    /// # let journal = putevents_mock::Engine::new().journal();
    /// journal.write_html("target/journal.html")?;
    /// # std::io::Result::Ok(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the file; what was there before is then there still.
    pub fn write_html(&self, path: impl AsRef<Path>) -> io::Result<()> {
        whole_file::write(path.as_ref(), self.to_html())
    }
}

impl Mismatch {
    /// The page of the [journal](Journal::to_html) that was judged, with what was found on top of it: the report, or each
    /// expectation that is not met with its report.
    pub fn to_html(&self) -> String {
        html(self.journal(), Judged { mismatch: Some(self), ..Judged::default() })
    }

    /// Writes this page into a file, whole or not at all.
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
    /// Those of the file; what was there before is then there still.
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
