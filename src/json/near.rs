//! Suggestions for misspelled names.

/// Returns the known name that is most like this one: in another case, with a few wrong letters, or with the same beginning.
pub(crate) fn near<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = plain(name);
    let candidates = known.into_iter().filter_map(|one| {
        let other = plain(one);
        let distance = distance(&given, &other);
        let common = given.iter().zip(&other).take_while(|(a, b)| a == b).count();
        let is_beginning = common >= 4 && 3 * common >= 2 * given.len();
        (distance <= 1 + given.len() / 5 || is_beginning).then_some((distance, one))
    });
    // A name of one or two letters is near to too many names.
    if given.len() < 3 { None } else { candidates.min_by_key(|(distance, _)| *distance).map(|(_, one)| one) }
}

/// Returns `: did you mean "throttling"?`, or an empty text.
pub(crate) fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    near(name, known).map(|near| format!(": did you mean {near:?}?")).unwrap_or_default()
}

fn plain(name: &str) -> Vec<char> {
    name.chars().take(100).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Returns how many letters must be inserted, removed or changed to make one name of the other.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, a) in one.iter().enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        let mut next = vec![left];
        for (b, above) in other.iter().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(a != b)).min(left + 1).min(above + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_name_is_near_one_that_looks_like_it_and_nothing_else() {
        let known = ["times", "atIndex", "ThrottlingException", "InternalFailure", "noneLost", "stall", "reset"];
        for (name, expected) in [
            ("tims", Some("times")),
            ("at_index", Some("atIndex")),
            ("ATINDEX", Some("atIndex")),
            ("Throttled", Some("ThrottlingException")),
            ("ThrotlingExeption", Some("ThrottlingException")),
            ("Internal", Some("InternalFailure")),
            ("noneLst", Some("noneLost")),
            ("stal", Some("stall")),
            ("X", None),
            ("st", None),
            ("nothing", None),
            ("", None),
        ] {
            assert_eq!(near(name, known), expected, "{name}");
        }
        assert_eq!(distance(&plain("kitten"), &plain("sitting")), 3);
    }
}
