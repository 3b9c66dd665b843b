//! Colour, where there is somebody to see it.

use std::io::IsTerminal;

const BOLD: &str = "\x1b[1m";
const RED: &str = "\x1b[31m";
const YELLOW: &str = "\x1b[33m";
const CYAN: &str = "\x1b[36m";
const PLAIN: &str = "\x1b[0m";

/// A report for the panic of an assertion: in colour where standard error is a terminal, unless `NO_COLOR` is set.
pub(crate) fn for_terminal(report: &str) -> String {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    if std::io::stderr().is_terminal() && !is_set("NO_COLOR") && !is_dumb { painted(report) } else { report.to_owned() }
}

/// Paints the first line and the labels of a report.
fn painted(report: &str) -> String {
    let labels = [("missing", RED), ("surplus", YELLOW), ("received", CYAN), ("nearest", CYAN)];
    let paint = |(number, line): (usize, &str)| {
        let label = labels.iter().find(|(label, _)| line.trim_start().starts_with(&format!("{label} ")));
        match label {
            _ if number == 0 => format!("{BOLD}{line}{PLAIN}"),
            Some((label, colour)) => line.replacen(label, &format!("{colour}{label}{PLAIN}"), 1),
            None => line.to_owned(),
        }
    };
    report.lines().enumerate().map(paint).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_painted_and_the_words_stay() {
        let report = "published events differ\n\n  missing  a\n  nearest  missing b\n#1 surplus of words";
        let painted = painted(report);
        assert_eq!(
            painted,
            "\x1b[1mpublished events differ\x1b[0m\n\n  \x1b[31mmissing\x1b[0m  a\n  \x1b[36mnearest\x1b[0m  missing b\n\
             #1 surplus of words"
        );
    }
}
