//! A report as text, with colours for a terminal.

use std::fmt::{self, Write};
use std::io::IsTerminal;
use std::ops::Range;

use crate::words::{printable, printable_lines, table};

/// A report: its text, and which parts of it have a style.
#[derive(Debug, Default)]
pub(crate) struct Report {
    text: String,
    styled: Vec<(Range<usize>, Style)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Bold,
    Red,
    Yellow,
    Cyan,
}

impl Style {
    /// The escape sequence (ECMA-48).
    fn code(self) -> &'static str {
        match self {
            Self::Bold => "\x1b[1m",
            Self::Red => "\x1b[31m",
            Self::Yellow => "\x1b[33m",
            Self::Cyan => "\x1b[36m",
        }
    }
}

const PLAIN: &str = "\x1b[0m";

/// The label of a row in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    Missing,
    Surplus,
    Received,
    Nearest,
}

impl Label {
    fn text(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Surplus => "surplus",
            Self::Received => "received",
            Self::Nearest => "nearest",
        }
    }

    fn style(self) -> Style {
        match self {
            Self::Missing => Style::Red,
            Self::Surplus => Style::Yellow,
            Self::Received | Self::Nearest => Style::Cyan,
        }
    }
}

impl Report {
    /// Begins a report with this title.
    pub(super) fn titled(title: impl Into<String>) -> Self {
        let text = printable(&title.into());
        let styled = vec![(0..text.len(), Style::Bold)];
        Self { text: text + "\n", styled }
    }

    /// Adds rows that begin with a label.
    pub(super) fn labelled(&mut self, rows: &[(Label, String)]) {
        let cells: Vec<[String; 2]> =
            rows.iter().map(|(label, text)| [label.text().to_owned(), text.clone()]).collect();
        let mut start = self.text.len();
        let _ = table(self, "", cells, |row| row, usize::MAX);
        // Each row is one line, and its label stands behind two blanks.
        for (label, _) in rows {
            let at = start + "  ".len();
            self.styled.push((at..at + label.text().len(), label.style()));
            start += self.text[start..].find('\n').map_or(0, |end| end + 1);
        }
    }

    /// Adds another report.
    pub(super) fn append(&mut self, other: &Self) {
        let offset = self.text.len();
        self.text.push_str(&other.text);
        self.styled.extend(other.styled.iter().map(|(at, style)| (at.start + offset..at.end + offset, *style)));
    }

    /// Removes white space at the end.
    pub(super) fn trimmed(mut self) -> Self {
        self.text.truncate(self.text.trim_end().len());
        self
    }

    pub(super) fn ends_line(&self) -> bool {
        self.text.ends_with('\n')
    }

    /// The report for the panic of an assertion: in colour where standard error is a terminal, unless `NO_COLOR` is set.
    pub(crate) fn for_terminal(&self) -> String {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        if std::io::stderr().is_terminal() && !is_set("NO_COLOR") && !is_dumb {
            self.painted()
        } else {
            self.text.clone()
        }
    }

    fn painted(&self) -> String {
        let mut painted = String::with_capacity(self.text.len() + 16 * self.styled.len());
        let mut from = 0;
        for (at, style) in &self.styled {
            painted.push_str(&self.text[from..at.start]);
            let _ = write!(painted, "{}{}{PLAIN}", style.code(), &self.text[at.clone()]);
            from = at.end;
        }
        painted + &self.text[from..]
    }
}

impl fmt::Write for Report {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text.push_str(&printable_lines(text));
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn the_title_and_the_labels_are_painted_and_the_words_stay() {
        let mut report = Report::titled("published events differ");
        report.write_str("\n").unwrap();
        report.labelled(&[(Label::Missing, "a".into()), (Label::Nearest, "missing b".into())]);
        let mut whole = Report::titled("1 expectation is not met");
        whole.append(&report);
        whole.write_str("#1 surplus of words").unwrap();
        assert_eq!(
            whole.to_string(),
            "1 expectation is not met\npublished events differ\n\n  missing  a\n  nearest  missing b\n#1 surplus of words"
        );
        assert_eq!(
            whole.painted(),
            "\x1b[1m1 expectation is not met\x1b[0m\n\x1b[1mpublished events differ\x1b[0m\n\n  \x1b[31mmissing\x1b[0m  a\n  \
             \x1b[36mnearest\x1b[0m  missing b\n#1 surplus of words"
        );
    }
}
