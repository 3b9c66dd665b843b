//! Whether the fields of an event satisfy a pattern together.
//!
//! All conditions on an array of objects must be satisfied by the same element. So fields are gone through one by one,
//! with every choice of elements that satisfies those before. Choices that no later field can tell apart are one choice,
//! so that several arrays do not multiply.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value;

use super::compile::{Fields, Test};
use super::event::{Element, Elements, Event, Occurrences};

/// The innermost elements that were chosen. None is within another.
type Choice = Vec<Element>;

/// How many choices are tried; without a match by then, it counts as no match. Only arrays beside each other whose
/// fields take turns in the order of their paths multiply at all, so no real event comes near.
const MAX_TRIES: usize = 5_000_000;

/// Whether an event satisfies one of the alternatives.
pub(super) fn matches(alternatives: &[Fields], paths: &BTreeSet<Arc<str>>, event: &Value) -> bool {
    if !event.is_object() {
        return false;
    }
    let mut matcher = Matcher { event: Event::read(event, paths), satisfying: HashMap::new(), tries: 0 };
    alternatives.iter().any(|fields| matcher.holds(fields))
}

struct Matcher<'e> {
    event: Event<'e>,
    /// The elements that satisfy a test, by its address: alternatives share tests.
    satisfying: HashMap<*const Test, Rc<BTreeSet<Element>>>,
    tries: usize,
}

/// What a test finds in the event.
struct Found {
    /// The elements that hold a value which satisfies the test.
    satisfying: Rc<BTreeSet<Element>>,
    /// The elements that hold any value, where the test also asks for absence.
    present: Option<BTreeSet<Element>>,
}

impl Found {
    /// Whether anything within an array matters to the test.
    fn asks_about(&self, array: std::ops::Range<Element>) -> bool {
        self.present.as_ref().unwrap_or(&self.satisfying).range(array).next().is_some()
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
            found.push(one);
        }
        Search { elements: &self.event.elements, tries: &mut self.tries }.succeeds(&found)
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
    tries: &'s mut usize,
}

impl Search<'_> {
    fn succeeds(&mut self, found: &[Found]) -> bool {
        let mut choices: BTreeSet<Choice> = BTreeSet::from([Choice::new()]);
        let mut rest = found;
        while let [one, later @ ..] = rest {
            choices = self.choices_after(one, &choices, later);
            if choices.is_empty() {
                return false;
            }
            rest = later;
        }
        true
    }

    /// What can be chosen so that one more test holds. Absence is judged by what was chosen before.
    fn choices_after(&mut self, one: &Found, before: &BTreeSet<Choice>, later: &[Found]) -> BTreeSet<Choice> {
        let mut after = BTreeSet::new();
        for choice in before {
            if one.present.as_ref().is_some_and(|present| self.agreeing(choice, present).next().is_none()) {
                after.insert(self.relevant(choice, later));
            }
            for element in self.agreeing(choice, &one.satisfying) {
                *self.tries += 1;
                if *self.tries > MAX_TRIES {
                    return BTreeSet::new();
                }
                after.insert(self.relevant(&self.extended(choice, element), later));
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

    /// The choice without elements of arrays about which no later test asks.
    fn relevant(&self, choice: &[Element], later: &[Found]) -> Choice {
        choice.iter().fold(Choice::new(), |relevant, element| {
            let mut element = *element;
            while let Some((outer, array)) = self.elements.around(element) {
                if later.iter().any(|one| one.asks_about(array.clone())) {
                    break;
                }
                element = outer;
            }
            self.extended(&relevant, element)
        })
    }
}
