//! The fields of an event that a pattern names, and the elements of arrays that hold them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, Range};
use std::sync::Arc;

use serde_json::Value;

use super::condition::Scalar;

/// The number of an element of an array, in the order of the event. 0 is the event itself.
///
/// Scalars have no number: they belong to their array, not to each other. Elements without a value at a path of the pattern
/// have no number either.
pub(super) type Element = usize;

/// The number of an array.
pub(super) type Array = usize;

/// The scalars at one path, each with the innermost element that holds it.
pub(super) type Occurrences<'e> = Vec<(Element, Scalar<'e>)>;

/// An event as a pattern sees it. It keeps only the values at the paths of the pattern.
pub(super) struct Event<'e> {
    pub(super) elements: Elements,
    fields: BTreeMap<Arc<str>, Occurrences<'e>>,
    /// How many members, items and scalars were visited.
    pub(super) steps: u64,
}

impl<'e> Event<'e> {
    pub(super) fn read(members: impl Iterator<Item = (&'e str, &'e Value)>, paths: &BTreeSet<Arc<str>>) -> Self {
        let mut reader = Reader {
            paths,
            path: String::new(),
            event: Self { elements: Elements::default(), fields: BTreeMap::new(), steps: 0 },
            kept: 0,
        };
        reader.read(members);
        reader.event
    }

    pub(super) fn at(&self, path: &str) -> &[(Element, Scalar<'e>)] {
        self.fields.get(path).map_or(&[], Vec::as_slice)
    }
}

/// An element of an array. The elements inside it have the numbers after it, up to `end`.
struct Place {
    parent: Element,
    array: Array,
    end: Element,
}

/// Which elements are inside which. Numbers are given depth first, so the elements inside an element or an array are a range.
#[derive(Default)]
pub(super) struct Elements {
    places: Vec<Place>,
    arrays: Vec<Range<Element>>,
}

impl Elements {
    fn open(&mut self, parent: Element, array: Array) -> Element {
        self.places.push(Place { parent, array, end: 0 });
        self.places.len() - 1
    }

    fn close(&mut self, element: Element) {
        let end = self.places.len();
        if let Some(place) = self.places.get_mut(element) {
            place.end = end;
        }
    }

    fn open_array(&mut self) -> Array {
        let next = self.places.len();
        self.arrays.push(next..next);
        self.arrays.len() - 1
    }

    fn close_array(&mut self, array: Array) {
        let end = self.places.len();
        if let Some(range) = self.arrays.get_mut(array) {
            range.end = end;
        }
    }

    /// Forgets the elements since this one: they hold no scalar.
    fn forget(&mut self, since: Element, arrays: usize) {
        self.places.truncate(since);
        self.arrays.truncate(arrays);
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn arrays(&self) -> usize {
        self.arrays.len()
    }

    /// Returns whether the element is the first one of its array.
    pub(super) fn is_first(&self, element: Element, array: Array) -> bool {
        self.arrays.get(array).is_some_and(|range| range.start == element)
    }

    /// Returns the element and all elements inside it.
    pub(super) fn within(&self, element: Element) -> Range<Element> {
        self.places.get(element).map_or(0..0, |place| element..place.end)
    }

    /// Returns the element around this one, and the array between them. Returns `None` for the event itself.
    pub(super) fn around(&self, element: Element) -> Option<(Element, Array)> {
        let place = self.places.get(element).filter(|_| element > 0)?;
        Some((place.parent, place.array))
    }

    /// Returns the elements that may be chosen together with this one: all except the other elements of the arrays around it.
    pub(super) fn beside(&self, element: Element) -> Vec<Range<Element>> {
        let mut beside = vec![self.within(element)];
        let mut inner = element;
        while let Some((outer, array)) = self.around(inner) {
            if let Some(array) = self.arrays.get(array) {
                beside.push(outer..array.start);
                beside.push(array.end..self.within(outer).end);
            }
            inner = outer;
        }
        beside
    }
}

/// Reads an event with its own stack, because events may be nested deep.
struct Reader<'p, 'e> {
    paths: &'p BTreeSet<Arc<str>>,
    /// The keys down to the current value, joined by dots.
    path: String,
    event: Event<'e>,
    /// How many scalars were kept so far.
    kept: usize,
}

enum Step<'e> {
    Member {
        value: &'e Value,
        key: &'e str,
        path_len: usize,
        holder: Element,
    },
    Element {
        value: &'e Value,
        array: Array,
        path_len: usize,
        holder: Element,
    },
    /// The end of an element, with the numbers of arrays and of scalars before it.
    Close {
        element: Element,
        arrays: usize,
        kept: usize,
    },
    CloseArray(Array),
}

impl<'e> Reader<'_, 'e> {
    fn read(&mut self, members: impl Iterator<Item = (&'e str, &'e Value)>) {
        let root = self.event.elements.open(0, 0);
        let mut steps = vec![Step::Close { element: root, arrays: 0, kept: 0 }];
        steps.extend(members.map(|(key, value)| Step::Member { value, key, path_len: 0, holder: root }));
        while let Some(step) = steps.pop() {
            self.event.steps += 1;
            match step {
                Step::Member { value, key, path_len, holder } => {
                    self.path.truncate(path_len);
                    self.path.push_str(key);
                    if self.leads_somewhere() {
                        self.value(value, holder, &mut steps);
                    }
                }
                Step::Element { value, array, path_len, holder } => {
                    self.path.truncate(path_len);
                    let arrays = self.event.elements.arrays();
                    let element = self.event.elements.open(holder, array);
                    steps.push(Step::Close { element, arrays, kept: self.kept });
                    self.value(value, element, &mut steps);
                }
                Step::Close { element, arrays, kept } if element > 0 && kept == self.kept => {
                    self.event.elements.forget(element, arrays);
                }
                Step::Close { element, .. } => self.event.elements.close(element),
                Step::CloseArray(array) => self.event.elements.close_array(array),
            }
        }
    }

    fn value(&mut self, value: &'e Value, holder: Element, steps: &mut Vec<Step<'e>>) {
        match value {
            Value::Object(members) => {
                self.path.push('.');
                let path_len = self.path.len();
                steps.extend(members.iter().map(|(key, value)| Step::Member { value, key, path_len, holder }));
            }
            Value::Array(items) => {
                let (array, path_len) = (self.event.elements.open_array(), self.path.len());
                steps.push(Step::CloseArray(array));
                self.event.steps += items.len() as u64;
                for value in items {
                    match Scalar::new(value) {
                        Some(scalar) => self.scalar(scalar, holder),
                        None => steps.push(Step::Element { value, array, path_len, holder }),
                    }
                }
            }
            scalar => {
                if let Some(scalar) = Scalar::new(scalar) {
                    self.scalar(scalar, holder);
                }
            }
        }
    }

    fn scalar(&mut self, scalar: Scalar<'e>, holder: Element) {
        if let Some(path) = self.paths.get(self.path.as_str()) {
            self.event.fields.entry(path.clone()).or_default().push((holder, scalar));
            self.kept += 1;
        }
    }

    /// Returns whether the pattern names this path, or a path that continues it.
    fn leads_somewhere(&mut self) -> bool {
        if self.paths.contains(self.path.as_str()) {
            return true;
        }
        self.path.push('.');
        let mut from_here = self.paths.range::<str, _>((Bound::Included(self.path.as_str()), Bound::Unbounded));
        let goes_on = from_here.next().is_some_and(|path| path.starts_with(self.path.as_str()));
        self.path.pop();
        goes_on
    }
}
