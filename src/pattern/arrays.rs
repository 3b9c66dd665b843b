//! Decides whether elements of arrays can be chosen so that all tests of an alternative hold.
//!
//! At most one element of each array is chosen. A test holds by a scalar of a chosen element. The tests are taken in order. A
//! test that allows absence also holds if no scalar at its path agrees with the elements that were chosen *before* it.
//!
//! # Why this takes linear time
//!
//! Normally a path leads from an element into one array. The tests with scalars inside an array of an element then concern none
//! of its other arrays, so each array is decided alone. What must be known of an element is small: for each test, whether the
//! element may be chosen at it. That means: the test holds by a scalar inside the element, and all later tests hold after that
//! choice (`choosable`). It follows from the same facts about the arrays inside the element, so one walk from the innermost
//! elements to the event decides it. The walk takes a step for each element, and one for each test and array in which the test
//! has scalars: fewer than (elements + arrays) x 256.
//!
//! # Where it cannot
//!
//! A key with a dot in it can lead to the same path as an object: `{"a.b": [...], "a": {"b": [...]}}`. With n names a path can
//! be spelled in 2^(n-1) ways, each with an array, and a test may then hold by any of them. Choosing elements is then as hard
//! as satisfying a formula: a variable is an array of two elements, a clause is a test with a scalar in each element that
//! satisfies it. [`solve`] returns an error, and [`search`](super::search) tries the choices, within a bound.

use super::bits::Bits;
use super::event::{Array, Elements};
use super::found::Found;

/// Two arrays of one element have scalars at the same path of the pattern.
#[derive(Debug, PartialEq)]
pub(super) struct PathSpelledTwice {
    pub(super) test: usize,
}

/// Returns whether all tests hold, for at most `64 * W` of them.
pub(super) fn solve<const W: usize>(
    elements: &Elements,
    found: &[Found<'_>],
    steps: &mut u64,
) -> Result<bool, PathSpelledTwice> {
    let mut tree = Tree::<W>::of(elements, found);
    let result = tree.gather().map(|()| {
        tree.inherit();
        tree.decide()
    });
    *steps += tree.steps;
    result
}

/// The known facts about an element.
#[derive(Clone)]
struct Node<const W: usize> {
    /// The tests that a scalar of the element itself satisfies.
    own: Bits<W>,
    /// `own`, and the tests that the elements around it satisfy: those can be chosen whenever this element is.
    satisfied: Bits<W>,
    /// The tests with any scalar in the element itself. After `inherit` also in the elements around it.
    present: Bits<W>,
    /// The tests with scalars inside the arrays of the element.
    deeper: Bits<W>,
    arrays: Vec<Array>,
}

/// The known facts about an array.
#[derive(Clone)]
struct Alternatives<const W: usize> {
    /// The tests with scalars inside its elements.
    tests: Bits<W>,
    /// The tests at which one of its elements may be chosen.
    choosable: Bits<W>,
    /// Whether the tests that were visited, from the last one on, can hold if no element of this array was chosen before them.
    holds: bool,
}

struct Tree<'t, const W: usize> {
    elements: &'t Elements,
    nodes: Vec<Node<W>>,
    arrays: Vec<Alternatives<W>>,
    all: Bits<W>,
    may_be_absent: Bits<W>,
    steps: u64,
}

impl<'t, const W: usize> Tree<'t, W> {
    fn of(elements: &'t Elements, found: &[Found<'_>]) -> Self {
        let none = Bits::EMPTY;
        let node = Node { own: none, satisfied: none, present: none, deeper: none, arrays: Vec::new() };
        let array = Alternatives { tests: none, choosable: none, holds: true };
        let mut tree = Self {
            elements,
            nodes: vec![node; elements.len()],
            arrays: vec![array; elements.arrays()],
            all: none,
            may_be_absent: none,
            steps: 0,
        };
        for (test, found) in found.iter().enumerate() {
            tree.all.insert(test);
            if found.may_be_absent {
                tree.may_be_absent.insert(test);
            }
            for (element, is_satisfying) in found.scalars() {
                tree.steps += 1;
                if let Some(node) = tree.nodes.get_mut(element) {
                    node.present.insert(test);
                    if is_satisfying {
                        node.own.insert(test);
                    }
                }
            }
        }
        tree
    }

    /// Collects which tests have scalars inside which array. Inner elements have greater numbers than outer elements.
    fn gather(&mut self) -> Result<(), PathSpelledTwice> {
        for element in (1..self.nodes.len()).rev() {
            self.steps += 1;
            let Some((outer, array)) = self.elements.around(element) else { continue };
            let within = self.nodes.get(element).map_or(Bits::EMPTY, |node| node.present.or(node.deeper));
            let Some(alternatives) = self.arrays.get_mut(array) else { continue };
            alternatives.tests = alternatives.tests.or(within);
            // The walk goes backwards: the array is complete after its first element.
            let tests = alternatives.tests;
            if let Some(outer) = self.nodes.get_mut(outer).filter(|_| self.elements.is_first(element, array)) {
                if let Some(test) = outer.deeper.and(tests).greatest() {
                    return Err(PathSpelledTwice { test });
                }
                if !tests.is_empty() {
                    outer.deeper = outer.deeper.or(tests);
                    outer.arrays.push(array);
                }
            }
        }
        Ok(())
    }

    /// Passes the scalars of an element itself on to all elements inside it.
    fn inherit(&mut self) {
        for element in 0..self.nodes.len() {
            self.steps += 1;
            let outer = self.elements.around(element).and_then(|(outer, _)| self.nodes.get(outer));
            let (satisfied, present) =
                outer.map_or((Bits::EMPTY, Bits::EMPTY), |outer| (outer.satisfied, outer.present));
            if let Some(node) = self.nodes.get_mut(element) {
                node.satisfied = node.own.or(satisfied);
                node.present = node.present.or(present);
            }
        }
    }

    /// Decides, from the innermost elements to the event itself.
    fn decide(&mut self) -> bool {
        let mut array_of = vec![None; 64 * W];
        while let Some(node) = self.nodes.pop() {
            let array = self.elements.around(self.nodes.len()).map(|(_, array)| array);
            let tests = array.and_then(|array| self.arrays.get(array)).map_or(self.all, |array| array.tests);
            let (choosable, holds) = self.judged(&node, tests, &mut array_of);
            match array.and_then(|array| self.arrays.get_mut(array)) {
                Some(array) => array.choosable = array.choosable.or(choosable),
                None => return holds,
            }
        }
        false
    }

    /// Returns at which of the tests the element may be chosen, and whether all of them hold if it is chosen before the first.
    fn judged(&mut self, node: &Node<W>, tests: Bits<W>, array_of: &mut [Option<Array>]) -> (Bits<W>, bool) {
        let absent = self.may_be_absent.without(node.present);
        let failing = tests.without(node.deeper).without(node.satisfied).without(absent).greatest();
        for array in &node.arrays {
            for test in self.arrays.get(*array).map_or(Bits::EMPTY, |array| array.tests).descending() {
                self.steps += 1;
                if let Some(array_of) = array_of.get_mut(test) {
                    *array_of = Some(*array);
                }
            }
        }
        // `against` counts the arrays that cannot make the tests hold from the current test on.
        let (mut choosable, mut against) = (Bits::EMPTY, 0_usize);
        let candidates = tests.and(node.own.or(node.deeper));
        for test in candidates.descending().take_while(|test| failing.is_none_or(|failing| *test > failing)) {
            self.steps += 1;
            let is_own = node.own.has(test);
            let array = array_of.get(test).copied().flatten().filter(|_| node.deeper.has(test));
            let Some(array) = array.and_then(|array| self.arrays.get_mut(array)) else {
                if is_own && against == 0 {
                    choosable.insert(test);
                }
                continue;
            };
            let others_against = against - usize::from(!array.holds);
            let is_within = array.choosable.has(test);
            if (is_own && against == 0) || (is_within && others_against == 0) {
                choosable.insert(test);
            }
            array.holds = is_within || (node.satisfied.has(test) && array.holds);
            against = others_against + usize::from(!array.holds);
        }
        (choosable, failing.is_none() && against == 0)
    }
}
