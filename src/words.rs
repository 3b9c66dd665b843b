//! Texts that every room needs: counts, lists, times and tables, and texts from outside, cut and made printable.

use std::fmt;
use std::time::Duration;

pub(crate) use crate::printable::{is_unprintable, printable, printable_lines};

/// How many items a line lists.
const MAX_ITEMS: usize = 10;
/// How many characters of a text from outside a report repeats.
const MAX_TEXT: usize = 400;

/// The message for a test whose mock has lost its runtime.
pub(crate) const LOST_SERVER: &str = "the runtime on which the mock was started is gone, and the mock now refuses connections: \
                                      start it with MockEventBridge::start_blocking(), which serves on its own thread";

/// The question to a test that expected something and got no request at all.
pub(crate) const NO_REQUEST: &str = "no request was received: is the publisher awaited, and does it use this endpoint?";

/// Formats `1 event`, `2 events`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// Formats `1 entry`, `2 entries`.
pub(crate) fn count_entries(number: usize) -> String {
    if number == 1 { "1 entry".to_owned() } else { format!("{number} entries") }
}

/// Formats `once`, `twice`, `3 times`.
pub(crate) fn times(number: usize) -> String {
    match number {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        _ => format!("{number} times"),
    }
}

/// Returns the letters after the digits: `3rd`, `11th`, `22nd`.
pub(crate) fn ordinal_suffix(number: usize) -> &'static str {
    match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    }
}

/// Formats indices as a list: `[0, 2]`.
pub(crate) fn list(indices: &[usize]) -> String {
    format!("[{}]", elided(indices.iter().map(usize::to_string).collect(), "more").join(", "))
}

/// Formats `a, b and c`.
pub(crate) fn and(items: &[String]) -> String {
    match items {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => items.concat(),
    }
}

/// Returns the first of these items, and how many more there are.
pub(crate) fn elided(mut items: Vec<String>, what: &str) -> Vec<String> {
    let hidden = items.len().saturating_sub(MAX_ITEMS);
    items.truncate(MAX_ITEMS);
    items.extend((hidden > 0).then(|| format!("{hidden} {what}")));
    items
}

/// Formats a time since the start of the mock: `+1.250 s`.
pub(crate) fn since_start(time: Duration) -> String {
    format!("+{}", seconds(time))
}

/// Formats `1.250 s`.
pub(crate) fn seconds(duration: Duration) -> String {
    format!("{:.3} s", duration.as_secs_f64())
}

/// Makes a text from outside printable, and cuts it if it is too long for a report.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        None => printable(text),
        Some((end, _)) => {
            let hidden = text[end..].chars().count();
            format!("{} ... ({hidden} more characters)", printable(&text[..end]))
        }
    }
}

/// Returns the first bytes of what a value prints, at most this many, and whether it prints more. It formats no more than that.
pub(crate) fn beginning(of: impl fmt::Display, bytes: usize) -> (String, bool) {
    struct Beginning(String, usize);

    impl fmt::Write for Beginning {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            let room = self.1 - self.0.len();
            if text.len() <= room {
                self.0.push_str(text);
                return Ok(());
            }
            let end = (0..=room).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
            self.0.push_str(text.get(..end).unwrap_or_default());
            Err(fmt::Error)
        }
    }

    let mut written = Beginning(String::new(), bytes);
    let is_cut = fmt::write(&mut written, format_args!("{of}")).is_err();
    (written.0, is_cut)
}

/// Writes aligned columns. A table of more than `max` rows loses its middle and says how many rows that is. A cell is one line.
/// Hidden rows are not formatted.
pub(crate) fn table<const N: usize, T>(
    f: &mut impl fmt::Write,
    title: &str,
    items: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
    row: impl Fn(T) -> [String; N],
    max: usize,
) -> fmt::Result {
    let items = items.into_iter();
    if items.len() == 0 {
        return Ok(());
    }
    f.write_str(title)?;
    let hidden = items.len().saturating_sub(max);
    let first = if hidden > 0 { max / 2 } else { items.len() };
    let is_shown = |index: usize| index < first || index >= first + hidden;
    let shown = items.enumerate().filter(|(index, _)| is_shown(*index));
    let rows: Vec<[String; N]> = shown.map(|(_, item)| row(item).map(|cell| printable(&cell))).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    for (index, row) in rows.iter().enumerate() {
        if hidden > 0 && index == first {
            writeln!(f, "  ... {hidden} more ...")?;
        }
        let cells = row.iter().zip(widths).filter(|(_, width)| *width > 0);
        let line: String = cells.map(|(cell, width)| format!("  {cell:width$}")).collect();
        writeln!(f, "{}", line.trim_end())?;
    }
    Ok(())
}

/// Makes an error print its text with `{:?}` as well, so that `unwrap` and `?` read well in a test.
macro_rules! debug_is_display {
    ($error:ty $(, source: $source:expr)?) => {
        impl std::fmt::Debug for $error {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        impl std::error::Error for $error {
            $(fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
                let source: fn(&$error) -> Option<&std::io::Error> = $source;
                source(self).map(|error| error as _)
            })?
        }
    };
}
pub(crate) use debug_is_display;

/// An enum whose members have names in files. The names are literals, so that renaming a member changes no file.
macro_rules! named_enum {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $enum:ident {
            $($(#[$doc:meta])* $member:ident = $name:literal,)*
        }
    ) => {
        $(#[$meta])*
        $visibility enum $enum {
            $($(#[$doc])* $member,)*
        }

        impl $enum {
            /// All members in this order.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$member),*];

            /// Returns the name in files.
            pub(crate) fn name(self) -> &'static str {
                match self {
                    $(Self::$member => $name,)*
                }
            }

            /// Returns the member of this name.
            pub(crate) fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == name)
            }
        }
    };
}
pub(crate) use named_enum;

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_cell_of_a_table_is_one_line() {
        let mut text = String::new();
        table(&mut text, "", [["a\nb", "c"]], |row| row.map(str::to_owned), 9).unwrap();
        assert_eq!(text, "  a\\nb  c\n");
    }

    #[test]
    fn the_beginning_of_a_text_ends_between_two_characters() {
        assert_eq!(beginning("caf\u{e9}", 5), ("caf\u{e9}".to_owned(), false));
        assert_eq!(beginning("caf\u{e9}", 4), ("caf".to_owned(), true));
        assert_eq!(beginning(format_args!("{}{}", "ab", "cd"), 3), ("abc".to_owned(), true));
        assert_eq!(beginning("a", 0), (String::new(), true));
    }

    #[test]
    fn a_long_text_is_cut_and_says_how_much_is_missing() {
        assert_eq!(shortened(&"x".repeat(400)), "x".repeat(400));
        assert_eq!(shortened(&"x".repeat(403)), format!("{} ... (3 more characters)", "x".repeat(400)));
    }
}
