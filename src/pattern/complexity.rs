//! Measures the work of the wildcards of a pattern. EventBridge refuses patterns that take too much.
//!
//! The measure is that of AWS's own matcher (event-ruler 2.0.1, `MachineComplexityEvaluator`): the most beginnings of wildcards
//! that the same value can match, over all wildcards that a field is compared with. `a*b` has the beginnings `a`, `a*` and
//! `a*b`; the value `ab` matches two of them. The limit of 10 fits what was recorded: three of `*:stack/NAME/*` for one field
//! (9) were taken, four (12) were refused.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::PatternError;
use super::compile::{Fields, Test};
use super::wildcard::STAR;

/// The most beginnings that EventBridge allows.
const MAX_BEGINNINGS: usize = 10;

/// How many sets of beginnings are visited. Real patterns have far fewer. A pattern that reaches the bound counts as simple.
const MAX_SETS: usize = 20_000;

/// Refuses a pattern that takes more work than EventBridge allows.
pub(super) fn check(alternatives: &[Fields]) -> Result<(), PatternError> {
    // Alternatives are compared with a value together if all earlier fields are the same.
    let mut together: BTreeMap<(&str, usize), BTreeMap<usize, &Test>> = BTreeMap::new();
    // One number for the tests before a field, by the number of the earlier tests and the address of the last test.
    let mut numbers: HashMap<(usize, usize), usize> = HashMap::new();
    for fields in alternatives.iter().filter(|fields| fields.values().any(|test| test.has_wildcards())) {
        let mut before = 0;
        for (path, test) in fields {
            let address = Arc::as_ptr(test).addr();
            if test.has_wildcards() {
                together.entry((path, before)).or_default().insert(address, test);
            }
            let next = numbers.len() + 1;
            before = *numbers.entry((before, address)).or_insert(next);
        }
    }
    let mut judged: HashSet<Vec<usize>> = HashSet::new();
    for ((path, _), tests) in together {
        if !judged.insert(tests.keys().copied().collect()) {
            continue;
        }
        let groups: BTreeSet<Vec<Vec<u8>>> = tests.into_values().flat_map(Test::wildcards).collect();
        if most_beginnings(groups.iter().map(Vec::as_slice)) > MAX_BEGINNINGS {
            return Err(PatternError::in_field(
                path,
                "rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a \
                 wildcard character",
            ));
        }
    }
    Ok(())
}

/// The beginnings of the wildcards of one group, each with what follows.
#[derive(Default)]
struct Beginnings(Vec<BTreeMap<u8, usize>>);

impl Beginnings {
    /// Collects the beginnings. The wildcards of a group share their beginnings; the wildcards of several groups do not. Each
    /// group has its own root.
    fn of<'w>(groups: impl Iterator<Item = &'w [Vec<u8>]>) -> (Self, Vec<usize>) {
        let (mut all, mut roots) = (Self::default(), Vec::new());
        for group in groups {
            let root = all.add();
            roots.push(root);
            for wildcard in group {
                let mut at = root;
                for byte in wildcard {
                    at = match all.next(at, *byte) {
                        Some(next) => next,
                        None => {
                            let next = all.add();
                            if let Some(following) = all.0.get_mut(at) {
                                following.insert(*byte, next);
                            }
                            next
                        }
                    };
                }
            }
        }
        (all, roots)
    }

    fn add(&mut self) -> usize {
        self.0.push(BTreeMap::new());
        self.0.len() - 1
    }

    fn next(&self, at: usize, byte: u8) -> Option<usize> {
        self.0.get(at)?.get(&byte).copied()
    }

    /// Returns a beginning, and the same beginning with a star behind it, which also stands for nothing.
    fn with_star(&self, at: usize) -> impl Iterator<Item = usize> {
        std::iter::once(at).chain(self.next(at, STAR))
    }
}

/// Returns the most beginnings that one value matches. The count stops above the limit.
fn most_beginnings<'w>(groups: impl Iterator<Item = &'w [Vec<u8>]>) -> usize {
    let (all, roots) = Beginnings::of(groups);
    let stars: HashSet<usize> = all.0.iter().filter_map(|following| following.get(&STAR).copied()).collect();
    let start: BTreeSet<usize> = roots.iter().flat_map(|root| all.with_star(*root)).collect();
    let (mut most, mut seen, mut open) = (0, HashSet::from([start.clone()]), VecDeque::from([start]));
    while let Some(matched) = open.pop_front() {
        let following = matched.iter().filter_map(|at| all.0.get(*at)).flat_map(BTreeMap::keys);
        // A byte that continues no beginning keeps only the beginnings that end in a star. 0xfe stands for all such bytes.
        let bytes: BTreeSet<u8> = following.copied().filter(|byte| *byte != STAR).chain([0xfe]).collect();
        for byte in bytes {
            let next: BTreeSet<usize> = matched
                .iter()
                .flat_map(|at| {
                    let stays = stars.contains(at).then_some(*at);
                    stays.into_iter().chain(all.next(*at, byte).into_iter().flat_map(|next| all.with_star(next)))
                })
                .collect();
            most = most.max(next.len());
            if most > MAX_BEGINNINGS || seen.len() >= MAX_SETS {
                return most;
            }
            if seen.insert(next.clone()) {
                open.push_back(next);
            }
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn most(wildcards: &[&str]) -> usize {
        let bytes = |text: &&str| text.bytes().map(|byte| if byte == b'*' { STAR } else { byte }).collect::<Vec<u8>>();
        let groups: BTreeSet<Vec<Vec<u8>>> = wildcards.iter().map(|text| vec![bytes(text)]).collect();
        most_beginnings(groups.iter().map(Vec::as_slice))
    }

    /// The numbers are those of AWS's own tests (`MachineComplexityEvaluatorTest`).
    #[test]
    fn the_measure_is_that_of_the_real_matcher() {
        for (wildcards, expected) in [
            (&["*"][..], 1),
            (&["*", "ab*c"], 3),
            (&["abc"], 1),
            (&["*ab"], 2),
            (&["*aa"], 3),
            (&["aa*"], 2),
            (&["a*bcb"], 3),
            (&["a*bbb"], 4),
            (&["*ab*ad"], 4),
            (&["*aba*"], 4),
            (&["a*b*bb"], 5),
            (&["a*b*cb"], 4),
            (&["a*b*cd"], 3),
            (&["ab*c", "x*xx"], 3),
            (&["*abc", "*abcde"], 4),
            (&["a*aaa", "aa*aa"], 7),
            (&["a*aax", "aaa*x"], 5),
            (&["abc*", "abcde*"], 3),
            (&["ab*cd", "ab*wx", "ab*yz"], 6),
            (&["*ab*b*b*"], 7),
            (&["ab*c", "ab*c"], 2),
            (&["F*eatureFeature", "Fe*atureFeature", "Fea*tureFeature"], 10),
        ] {
            assert_eq!(most(wildcards), expected, "{wildcards:?}");
        }
        assert!(most(&["*a*a*a*a*a*a*a*a*"]) > MAX_BEGINNINGS);
        assert!(most(&[&"F*e*a*t*u*r*e*".repeat(300)]) > MAX_BEGINNINGS);
    }
}
