//! Assigns places to takers, each place at most once.

use std::collections::VecDeque;

/// Assigns a place to as many takers as possible, each place at most once. Returns the place of each taker.
///
/// `kind_of` has the kind of each taker. `fitting` has for each kind the places that fit, in order.
///
/// The fitting places of two kinds may overlap, so the first place that fits is not always right: if all fitting places are
/// taken, their takers are asked to move to another place (Kuhn's algorithm). A taker who finds no place never gets one later.
/// Nobody else can get one of the places that were asked for in that search, so they are not asked for again.
pub(crate) fn assignment(kind_of: &[usize], fitting: &[Vec<usize>], places: usize) -> Vec<Option<usize>> {
    let kinds = fitting.iter().map(|fitting| Kind { fitting, taken: 0, asked: None }).collect();
    let place = Place { taker: None, asked: None };
    let mut table = Table { kind_of, kinds, places: vec![place; places], place_of: vec![None; kind_of.len()] };
    (0..kind_of.len()).for_each(|taker| table.place(taker));
    table.place_of
}

struct Table<'a> {
    kind_of: &'a [usize],
    kinds: Vec<Kind<'a>>,
    places: Vec<Place>,
    place_of: Vec<Option<usize>>,
}

/// The takers who want the same places.
struct Kind<'a> {
    fitting: &'a [usize],
    /// How many of the first fitting places are taken. A place that was taken once stays taken.
    taken: usize,
    /// The last search that asked for all fitting places.
    asked: Option<Search>,
}

#[derive(Clone)]
struct Place {
    taker: Option<usize>,
    /// The last search that asked for the place, and the taker who asked.
    asked: Option<(Search, usize)>,
}

/// The search in which a place was asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Search {
    Of(usize),
    /// A search that found nothing: no later search finds anything there.
    InVain,
}

impl Table<'_> {
    /// Finds a place for a taker, breadth first, and moves others if that helps. Without recursion: a chain of moves can be as
    /// long as the list.
    fn place(&mut self, taker: usize) {
        let search = Search::Of(taker);
        let mut reached = Vec::new();
        let mut queue = VecDeque::from([taker]);
        let mut kinds = Vec::new();
        while let Some(asking) = queue.pop_front() {
            let number = self.kind_of.get(asking).copied().unwrap_or_default();
            let Some(kind) = self.kinds.get_mut(number) else { continue };
            if kind.asked == Some(search) || kind.asked == Some(Search::InVain) {
                continue;
            }
            kind.asked = Some(search);
            kinds.push(number);
            let is_taken = |place: &usize| self.places.get(*place).is_some_and(|place| place.taker.is_some());
            while kind.fitting.get(kind.taken).is_some_and(is_taken) {
                kind.taken += 1;
            }
            if let Some(free) = kind.fitting.get(kind.taken).copied() {
                return self.shift(free, asking, taker);
            }
            for place in kind.fitting {
                let Some(Place { taker, asked }) = self.places.get_mut(*place) else { continue };
                if !asked.is_some_and(|(of, _)| of == search || of == Search::InVain) {
                    *asked = Some((search, asking));
                    reached.push(*place);
                    queue.extend(*taker);
                }
            }
        }
        for kind in kinds {
            if let Some(kind) = self.kinds.get_mut(kind) {
                kind.asked = Some(Search::InVain);
            }
        }
        for place in reached {
            if let Some(place) = self.places.get_mut(place) {
                place.asked = Some((Search::InVain, taker));
            }
        }
    }

    /// Gives the free place to the taker who asked for it, that taker's place to the taker who asked for it, and so on back to
    /// the first.
    fn shift(&mut self, free: usize, asking: usize, first: usize) {
        let (mut place, mut taker) = (free, asking);
        loop {
            let left = self.place_of.get_mut(taker).and_then(|of_taker| of_taker.replace(place));
            if let Some(place) = self.places.get_mut(place) {
                place.taker = Some(taker);
            }
            let asked = left.filter(|_| taker != first).and_then(|left| Some((left, self.places.get(left)?.asked?.1)));
            let Some(next) = asked else { return };
            (place, taker) = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::assignment;
    use proptest::prelude::*;

    fn assign(fits: &[&[usize]], places: usize) -> Vec<Option<usize>> {
        let fits: Vec<Vec<usize>> = fits.iter().map(|fits| fits.to_vec()).collect();
        let each: Vec<usize> = (0..fits.len()).collect();
        assignment(&each, &fits, places)
    }

    #[test]
    fn the_first_that_fits_is_taken_unless_another_needs_it() {
        assert_eq!(assign(&[&[0, 1], &[0, 1]], 2), [Some(0), Some(1)]);
        assert_eq!(assign(&[&[0, 1], &[0]], 2), [Some(1), Some(0)]);
        assert_eq!(assign(&[&[0, 1], &[1, 2], &[0], &[0]], 3), [Some(1), Some(2), Some(0), None]);
        assert_eq!(assign(&[&[], &[0]], 1), [None, Some(0)]);
    }

    #[test]
    fn a_long_chain_of_moves_needs_no_stack() {
        let chain: Vec<Vec<usize>> = (0..5_000).map(|index| vec![index, index + 1]).chain([vec![0]]).collect();
        let chain: Vec<&[usize]> = chain.iter().map(Vec::as_slice).collect();
        assert!(assign(&chain, 5_001).iter().all(Option::is_some));
    }

    #[test]
    fn of_many_who_want_any_place_the_first_ones_have_it_and_make_room_for_those_who_want_one() {
        const PLACES: usize = 20_000;
        let fitting: Vec<Vec<usize>> = (0..PLACES).map(|place| vec![place]).chain([(0..PLACES).collect()]).collect();
        // Half of them want any place, then each of the first places is wanted, and then more want any.
        let (any, half) = (vec![PLACES; PLACES / 2], 0..PLACES / 2);
        let kinds = [any.clone(), half.clone().collect(), any].concat();
        let places = assignment(&kinds, &fitting, PLACES);
        let (early, late) = places.split_at(PLACES / 2);
        let (named, late) = late.split_at(PLACES / 2);
        assert!(early.iter().all(|place| place.is_some_and(|place| place >= PLACES / 2)));
        assert!(named.iter().copied().eq(half.map(Some)));
        assert!(late.iter().all(Option::is_none));
    }

    proptest! {
        #[test]
        fn each_has_the_place_that_the_simple_algorithm_gives(
            fitting in prop::collection::vec(prop::collection::btree_set(0..8_usize, 0..5), 1..6),
            kinds in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let fitting: Vec<Vec<usize>> = fitting.into_iter().map(|fitting| fitting.into_iter().collect()).collect();
            let kinds: Vec<usize> = kinds.iter().map(|kind| kind.index(fitting.len())).collect();
            let each: Vec<Vec<usize>> = kinds.iter().map(|kind| fitting[*kind].clone()).collect();
            prop_assert_eq!(assignment(&kinds, &fitting, 8), simple(&each, 8));
        }

        #[test]
        fn nobody_is_left_out_who_could_have_a_place(fits in prop::collection::vec(prop::collection::btree_set(0..5_usize, 0..4), 0..6)) {
            let fits: Vec<Vec<usize>> = fits.into_iter().map(|fits| fits.into_iter().collect()).collect();
            let slices: Vec<&[usize]> = fits.iter().map(Vec::as_slice).collect();
            let assigned = assign(&slices, 5);
            let mut taken: Vec<usize> = assigned.iter().flatten().copied().collect();
            for (fits, place) in fits.iter().zip(&assigned) {
                prop_assert!(place.is_none_or(|place| fits.contains(&place)));
            }
            let placed = taken.len();
            taken.sort_unstable();
            taken.dedup();
            prop_assert_eq!(taken.len(), placed);
            prop_assert_eq!(placed, most(&fits, 0, &mut [false; 5]));
        }
    }

    /// The largest number of takers with a place, by trying everything.
    fn most(fits: &[Vec<usize>], from: usize, taken: &mut [bool; 5]) -> usize {
        let Some(own) = fits.get(from) else { return 0 };
        let mut best = most(fits, from + 1, taken);
        for place in own.clone() {
            if !taken[place] {
                taken[place] = true;
                best = best.max(1 + most(fits, from + 1, taken));
                taken[place] = false;
            }
        }
        best
    }

    /// Kuhn's algorithm without kinds and without memory: one search through all fitting places for each taker.
    fn simple(fitting: &[Vec<usize>], places: usize) -> Vec<Option<usize>> {
        let mut takers: Vec<Option<usize>> = vec![None; places];
        for first in 0..fitting.len() {
            let mut asked_by = vec![None; places];
            let mut queue = VecDeque::from([first]);
            'search: while let Some(asking) = queue.pop_front() {
                for &place in &fitting[asking] {
                    if asked_by[place].is_some() {
                        continue;
                    }
                    asked_by[place] = Some(asking);
                    if let Some(taker) = takers[place] {
                        queue.push_back(taker);
                        continue;
                    }
                    let mut free = place;
                    loop {
                        let taker = asked_by[free].unwrap();
                        let left = takers.iter().position(|other| *other == Some(taker));
                        takers[free] = Some(taker);
                        if taker == first {
                            break 'search;
                        }
                        free = left.unwrap();
                    }
                }
            }
        }
        (0..fitting.len()).map(|taker| takers.iter().position(|other| *other == Some(taker))).collect()
    }
}
