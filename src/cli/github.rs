//! The results for GitHub Actions: annotations, and the summary of a step.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write as _};

use super::case::Case;

/// The bound on one report, in bytes.
const MAX_REPORT: usize = 16 * 1024;
/// The bound on the reports of a summary. GitHub accepts 1 MiB in all.
const MAX_REPORTS: usize = 20;

/// Whether this runs in GitHub Actions.
pub(super) fn is_here() -> bool {
    std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true")
}

/// A command to the runner for each case that fails. The runner reads commands on standard error too.
pub(super) fn annotations(cases: &[Case]) -> String {
    let mut commands = String::new();
    for (name, report) in failures(cases) {
        let title = escaped(&format!("putevents-mock: {name}")).replace(':', "%3A").replace(',', "%2C");
        let _ = writeln!(commands, "::error title={title}::{}", escaped(beginning(report)));
    }
    commands
}

/// Adds to the summary of the step, if it has one.
pub(super) fn summarize(line: &str, cases: &[Case]) -> io::Result<()> {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else { return Ok(()) };
    OpenOptions::new().append(true).create(true).open(path)?.write_all(summary(line, cases).as_bytes())
}

/// The summary in Markdown: a line, and the report of each case that fails.
fn summary(line: &str, cases: &[Case]) -> String {
    let mut markdown = format!("**putevents-mock**: {line}\n\n");
    for (name, report) in failures(cases).take(MAX_REPORTS) {
        let report = beginning(report).trim_end();
        let fence = "`".repeat(3.max(longest_run_of_backticks(name).max(longest_run_of_backticks(report)) + 1));
        let _ = write!(markdown, "{fence}text\n{name}\n{report}\n{fence}\n\n");
    }
    if let hidden @ 1.. = failures(cases).count().saturating_sub(MAX_REPORTS) {
        let _ = write!(markdown, "and {hidden} more\n\n");
    }
    markdown
}

fn failures(cases: &[Case]) -> impl Iterator<Item = (&str, &str)> {
    cases.iter().filter_map(|case| Some((case.name.as_str(), case.failure()?.1)))
}

/// The beginning of a report within the bound, in whole lines.
fn beginning(report: &str) -> &str {
    if report.len() <= MAX_REPORT {
        return report;
    }
    let end = (0..=MAX_REPORT).rev().find(|at| report.is_char_boundary(*at)).unwrap_or_default();
    let beginning = report.get(..end).unwrap_or_default();
    beginning.rsplit_once('\n').map_or(beginning, |(lines, _)| lines)
}

fn longest_run_of_backticks(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

/// A text on one line: the runner reads a command up to the end of its line.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::super::case::Outcome;
    use super::*;
    use pretty_assertions::assert_eq;

    fn failing(name: &str, report: &str) -> Case {
        let outcome = Outcome::Fails { kind: "Ledger".to_owned(), report: report.to_owned() };
        Case { name: name.to_owned(), outcome }
    }

    fn holding() -> Case {
        Case { name: "holds".to_owned(), outcome: Outcome::Holds }
    }

    #[test]
    fn an_annotation_is_one_line_whatever_its_texts_hold() {
        let cases = [
            holding(),
            failing("expect[0]: {\"a\":1,\"b\":\"50%\"}", "100% lost\r\n::error::x\n"),
            failing("b", "c: d, e"),
        ];
        assert_eq!(
            annotations(&cases),
            "::error title=putevents-mock%3A expect[0]%3A {\"a\"%3A1%2C\"b\"%3A\"50%25\"}::100%25 lost%0D%0A::error::x%0A\n\
             ::error title=putevents-mock%3A b::c: d, e\n"
        );
        assert_eq!(annotations(&[holding()]), "");
    }

    #[test]
    fn a_summary_has_the_reports_in_blocks_that_they_cannot_end() {
        assert_eq!(summary("1 expectation met", &[holding()]), "**putevents-mock**: 1 expectation met\n\n");
        assert_eq!(
            summary("x", &[failing("a", "one\n```\ntwo\n"), failing("b````", "*three*")]),
            "**putevents-mock**: x\n\n````text\na\none\n```\ntwo\n````\n\n`````text\nb````\n*three*\n`````\n\n"
        );
    }

    #[test]
    fn what_is_too_long_is_cut_between_lines() {
        let long = "ää\n".repeat(10_000);
        let (shown, many) = (beginning(&long), vec![failing("a", &long); 30]);
        assert!(shown.len() <= MAX_REPORT && shown.len() > MAX_REPORT - 10 && shown.ends_with("ää"));
        let summary = summary("x", &many);
        assert!(summary.len() < 1024 * 1024 && summary.ends_with("and 10 more\n\n"));
        assert_eq!(beginning(&"ä".repeat(20_000)).len(), MAX_REPORT);
    }
}
