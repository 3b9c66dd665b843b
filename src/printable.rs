//! Makes texts from outside printable: one line, without terminal control characters.

/// Makes a text from outside one line. Characters that end a line, control a terminal, change the direction of writing or are
/// invisible are escaped as in Rust.
pub(crate) fn printable(text: &str) -> String {
    escaped(text, is_unprintable)
}

/// Makes a text of several lines printable, and keeps its line ends.
pub(crate) fn printable_lines(text: &str) -> String {
    escaped(text, |c| c != '\n' && is_unprintable(c))
}

fn escaped(text: &str, is_meant: impl Fn(char) -> bool) -> String {
    if !text.contains(&is_meant) {
        return text.to_owned();
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_meant(c) {
            escaped.extend(c.escape_default());
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// Returns whether a character ends a line, controls a terminal, changes the direction of writing or is invisible.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::{printable, printable_lines};
    use pretty_assertions::assert_eq;

    #[test]
    fn a_text_from_outside_is_one_line_and_steers_no_terminal() {
        assert_eq!(printable("a\nb\r\t\u{1b}[31m"), r"a\nb\r\t\u{1b}[31m");
        assert_eq!(printable("\u{202e}txet\u{2028}"), r"\u{202e}txet\u{2028}");
        assert_eq!(printable_lines("a\nb\r\n\u{85}"), "a\nb\\r\n\\u{85}");
        assert_eq!(printable("caf\u{e9} \\n \u{1f980}"), "caf\u{e9} \\n \u{1f980}");
    }
}
