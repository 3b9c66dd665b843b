//! Tries the choices of elements one by one, for events in which several arrays have scalars at the same path.
//!
//! The search goes through the tests with every choice of elements that satisfies the earlier tests. Choices that no later test
//! can tell apart are one choice. There may be too many choices (see [`arrays`](super::arrays)), so the steps are counted.

use std::cell::Cell;
use std::collections::{BTreeSet, HashMap};

use super::event::{Array, Element, Elements};
use super::found::Found;

/// How many steps are taken for a pattern and an event: under a second of one processor.
pub(super) const MAX_STEPS: u64 = 2_000_000;

/// More steps are needed than are left.
#[derive(Debug, PartialEq)]
pub(super) struct TooManyChoices;

/// The innermost elements that were chosen. None of them is inside another.
type Choice = Vec<Element>;

/// The elements that one test finds in the event.
struct Candidates {
    /// The elements with a value that satisfies the test.
    satisfying: BTreeSet<Element>,
    /// The elements with any value, if the test also allows absence.
    present: Option<BTreeSet<Element>>,
}

impl Candidates {
    fn of(found: &Found<'_>) -> Self {
        let satisfying = found.scalars().filter(|(_, is_satisfying)| *is_satisfying).map(|(element, _)| element);
        let present = || found.scalars().map(|(element, _)| element).collect();
        Self { satisfying: satisfying.collect(), present: found.may_be_absent.then(present) }
    }

    /// Returns the elements that matter to the test.
    fn elements(&self) -> &BTreeSet<Element> {
        self.present.as_ref().unwrap_or(&self.satisfying)
    }
}

/// Returns whether all tests hold. Subtracts the steps that it takes from `left`.
pub(super) fn search(elements: &Elements, found: &[Found<'_>], left: &mut u64) -> Result<bool, TooManyChoices> {
    let mut found: Vec<&Found<'_>> = found.iter().collect();
    if found.iter().all(|one| !one.may_be_absent) {
        // Only absence depends on the order of the tests. In this order the tests inside an array are neighbours.
        found.sort_by(|one, other| one.path.split('.').cmp(other.path.split('.')));
    }
    let search = Search::new(elements, found.into_iter().map(Candidates::of).collect(), *left);
    let result = search.succeeds();
    *left = search.left.get();
    result
}

struct Search<'s> {
    elements: &'s Elements,
    found: Vec<Candidates>,
    /// The last test that asks about an array.
    last: HashMap<Array, usize>,
    /// The steps that may still be taken.
    left: Cell<u64>,
}

impl<'s> Search<'s> {
    fn new(elements: &'s Elements, found: Vec<Candidates>, left: u64) -> Self {
        let mut last = HashMap::new();
        for (index, one) in found.iter().enumerate() {
            for element in one.elements() {
                let mut around = elements.around(*element);
                while let Some((outer, array)) = around {
                    if last.insert(array, index) == Some(index) {
                        break;
                    }
                    around = elements.around(outer);
                }
            }
        }
        Self { elements, found, last, left: Cell::new(left) }
    }

    fn succeeds(&self) -> Result<bool, TooManyChoices> {
        let mut choices = BTreeSet::from([Choice::new()]);
        for (index, one) in self.found.iter().enumerate() {
            choices = self.choices_after(index, one, &choices);
            if self.is_too_much() {
                return Err(TooManyChoices);
            }
            if choices.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn spend(&self, steps: usize) {
        self.left.set(self.left.get().saturating_sub(steps as u64));
    }

    fn is_too_much(&self) -> bool {
        self.left.get() == 0
    }

    /// Returns what can be chosen so that one more test holds. Absence is judged by the earlier choices.
    fn choices_after(&self, index: usize, one: &Candidates, before: &BTreeSet<Choice>) -> BTreeSet<Choice> {
        let mut after = BTreeSet::new();
        for choice in before {
            if one.present.as_ref().is_some_and(|present| self.agreeing(choice, present).next().is_none()) {
                after.insert(self.relevant(choice, index));
            }
            for element in self.agreeing(choice, &one.satisfying) {
                after.insert(self.relevant(&self.extended(choice, element), index));
            }
            if self.is_too_much() {
                break;
            }
        }
        after
    }

    /// Returns the candidates that can be chosen together with the earlier choices, up to the bound on steps.
    fn agreeing<'c>(
        &'c self,
        choice: &[Element],
        candidates: &'c BTreeSet<Element>,
    ) -> impl Iterator<Item = Element> + use<'c> {
        let mut beside = choice.iter().map(|element| self.elements.beside(*element));
        let ranges = beside.next().unwrap_or_else(|| vec![self.elements.within(0)]);
        let others: Vec<_> = beside.collect();
        let cost = 1 + others.iter().map(Vec::len).sum::<usize>();
        self.spend(cost + ranges.len());
        ranges
            .into_iter()
            .filter(|range| !range.is_empty())
            .flat_map(|range| candidates.range(range).copied())
            .inspect(move |_| self.spend(cost))
            .take_while(|_| !self.is_too_much())
            .filter(move |element| others.iter().all(|ranges| ranges.iter().any(|range| range.contains(element))))
    }

    /// Returns the choice with one more element.
    fn extended(&self, choice: &[Element], element: Element) -> Choice {
        if element == 0 || choice.iter().any(|chosen| self.elements.within(element).contains(chosen)) {
            return choice.to_vec();
        }
        let outer = |chosen: &&Element| !self.elements.within(**chosen).contains(&element);
        let mut extended: Choice = choice.iter().filter(outer).copied().collect();
        extended.push(element);
        extended.sort_unstable();
        extended
    }

    /// Returns the choice without the elements of arrays that no later test asks about.
    fn relevant(&self, choice: &[Element], index: usize) -> Choice {
        let is_asked_about = |array: Array| self.last.get(&array).is_some_and(|last| *last > index);
        choice.iter().fold(Choice::new(), |relevant, element| {
            let mut element = *element;
            while let Some((outer, array)) = self.elements.around(element) {
                if is_asked_about(array) {
                    break;
                }
                element = outer;
            }
            self.extended(&relevant, element)
        })
    }
}
