//! Whether the fields of an event satisfy a pattern together.
//!
//! All conditions on an array of objects must be satisfied by the same element. So fields are gone through one by one,
//! with every choice of elements that satisfies those before. Choices that no later field can tell apart are one choice:
//! that keeps arrays from multiplying.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value;

use super::compile::{Fields, Test};
use super::event::{Array, Element, Elements, Event, Occurrences};

/// The innermost elements that were chosen. None is within another.
type Choice = Vec<Element>;

/// More choices than this are not followed, and the event counts as no match. No event comes near: only arrays beside
/// each other whose fields take turns in the order of their paths multiply at all.
const MAX_CHOICES: usize = 200_000;

/// Whether an event satisfies one of the alternatives.
pub(super) fn matches(alternatives: &[Fields], paths: &BTreeSet<Arc<str>>, event: &Value) -> bool {
    if !event.is_object() {
        return false;
    }
    let mut matcher = Matcher { event: Event::read(event, paths), satisfying: HashMap::new() };
    alternatives.iter().any(|fields| matcher.holds(fields))
}

struct Matcher<'e> {
    event: Event<'e>,
    /// The elements that satisfy a test, by its address: alternatives share tests.
    satisfying: HashMap<*const Test, Rc<BTreeSet<Element>>>,
}

/// What a test finds in the event.
struct Found {
    /// The elements that hold a value which satisfies the test.
    satisfying: Rc<BTreeSet<Element>>,
    /// The elements that hold any value, where the test also asks for absence.
    present: Option<BTreeSet<Element>>,
}

impl Found {
    /// The elements that matter to the test.
    fn elements(&self) -> &BTreeSet<Element> {
        self.present.as_ref().unwrap_or(&self.satisfying)
    }
}

impl Matcher<'_> {
    fn holds(&mut self, fields: &Fields) -> bool {
        let mut found = Vec::new();
        for (path, test) in fields {
            let one = self.find(path, test);
            if one.satisfying.is_empty() && one.present.is_none() {
                return false;
            }
            found.push((path, one));
        }
        if found.iter().all(|(_, one)| one.present.is_none()) {
            // Only absence depends on the order. In this one, what is within an array stands together.
            found.sort_by(|(one, _), (other, _)| one.split('.').cmp(other.split('.')));
        }
        Search::new(&self.event.elements, found.into_iter().map(|(_, one)| one).collect()).succeeds()
    }

    fn find(&mut self, path: &str, test: &Arc<Test>) -> Found {
        let occurrences = self.event.at(path);
        let satisfying =
            self.satisfying.entry(Arc::as_ptr(test)).or_insert_with(|| Rc::new(satisfying(test, occurrences)));
        let present = || occurrences.map(|occurrences| occurrences.elements.clone()).unwrap_or_default();
        Found { satisfying: satisfying.clone(), present: test.may_be_absent.then(present) }
    }
}

fn satisfying(test: &Test, occurrences: Option<&Occurrences<'_>>) -> BTreeSet<Element> {
    let scalars = occurrences.into_iter().flat_map(|occurrences| &occurrences.scalars);
    let satisfying = scalars.filter(|(_, scalar)| test.conditions.iter().any(|condition| condition.matches(scalar)));
    satisfying.map(|(element, _)| *element).collect()
}

struct Search<'s> {
    elements: &'s Elements,
    found: Vec<Found>,
    /// The last test that asks about an array.
    last: HashMap<Array, usize>,
}

impl<'s> Search<'s> {
    fn new(elements: &'s Elements, found: Vec<Found>) -> Self {
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
        Self { elements, found, last }
    }

    fn succeeds(&self) -> bool {
        let mut choices = BTreeSet::from([Choice::new()]);
        for (index, one) in self.found.iter().enumerate() {
            choices = self.choices_after(index, one, &choices);
            if choices.is_empty() {
                return false;
            }
        }
        true
    }

    /// What can be chosen so that one more test holds. Absence is judged by what was chosen before.
    fn choices_after(&self, index: usize, one: &Found, before: &BTreeSet<Choice>) -> BTreeSet<Choice> {
        let mut after = BTreeSet::new();
        for choice in before {
            if one.present.as_ref().is_some_and(|present| self.agreeing(choice, present).next().is_none()) {
                after.insert(self.relevant(choice, index));
            }
            for element in self.agreeing(choice, &one.satisfying) {
                after.insert(self.relevant(&self.extended(choice, element), index));
                if after.len() > MAX_CHOICES {
                    return BTreeSet::new();
                }
            }
        }
        after
    }

    /// The candidates that can be chosen together with what was chosen.
    fn agreeing<'c>(
        &self,
        choice: &[Element],
        candidates: &'c BTreeSet<Element>,
    ) -> impl Iterator<Item = Element> + use<'c> {
        let mut beside = choice.iter().map(|element| self.elements.beside(*element));
        let ranges = beside.next().unwrap_or_else(|| vec![self.elements.within(0)]);
        let others: Vec<_> = beside.collect();
        ranges
            .into_iter()
            .filter(|range| !range.is_empty())
            .flat_map(|range| candidates.range(range).copied())
            .filter(move |element| others.iter().all(|ranges| ranges.iter().any(|range| range.contains(element))))
    }

    /// The choice with one more element.
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

    /// The choice without elements of arrays about which no test after this one asks.
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
