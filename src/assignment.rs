//! Who goes with whom.

/// Gives as many of `wanted` as possible one of `found` each, no one twice. The result has the index for each of `wanted`.
///
/// Expectations may overlap, so the first that fits is not always the right one: where all that fit are taken, those who
/// took them are asked to take another (Kuhn's algorithm).
pub(crate) fn assignment<W, F>(wanted: &[W], found: &[F], fits: impl Fn(&W, &F) -> bool) -> Vec<Option<usize>> {
    let fitting: Vec<Vec<usize>> = wanted
        .iter()
        .map(|wanted| {
            found.iter().enumerate().filter(|(_, found)| fits(wanted, found)).map(|(index, _)| index).collect()
        })
        .collect();
    let mut takers: Vec<Option<usize>> = vec![None; found.len()];
    for taker in 0..wanted.len() {
        place(taker, &fitting, &mut takers);
    }
    let mut assigned = vec![None; wanted.len()];
    for (found, taker) in takers.into_iter().enumerate() {
        if let Some(slot) = taker.and_then(|taker| assigned.get_mut(taker)) {
            *slot = Some(found);
        }
    }
    assigned
}

/// Finds a place for one, breadth first, moving others where that helps. Without recursion: a chain of moves can be as long
/// as the list.
fn place(taker: usize, fitting: &[Vec<usize>], takers: &mut [Option<usize>]) {
    let mut reached_from: Vec<Option<usize>> = vec![None; takers.len()];
    let mut queue = std::collections::VecDeque::from([taker]);
    while let Some(asked) = queue.pop_front() {
        for &found in fitting.get(asked).into_iter().flatten() {
            let (Some(from), Some(holder)) = (reached_from.get_mut(found), takers.get(found)) else { continue };
            if from.is_some() {
                continue;
            }
            *from = Some(asked);
            match holder {
                Some(holder) => queue.push_back(*holder),
                None => return shift(found, taker, fitting, &reached_from, takers),
            }
        }
    }
}

/// Gives the free place to the one who asked for it, and so on back to the first.
fn shift(
    free: usize,
    first: usize,
    fitting: &[Vec<usize>],
    reached_from: &[Option<usize>],
    takers: &mut [Option<usize>],
) {
    let mut place = Some(free);
    while let Some(found) = place {
        let Some(taker) = reached_from.get(found).copied().flatten() else { return };
        let left = fitting.get(taker).into_iter().flatten().copied();
        let left = left.filter(|other| *other != found).find(|other| takers.get(*other) == Some(&Some(taker)));
        if let Some(slot) = takers.get_mut(found) {
            *slot = Some(taker);
        }
        place = left.filter(|_| taker != first);
    }
}

#[cfg(test)]
mod tests {
    use super::assignment;
    use proptest::prelude::*;

    fn assign(fits: &[&[usize]], found: usize) -> Vec<Option<usize>> {
        assignment(fits, &(0..found).collect::<Vec<_>>(), |fits, found| fits.contains(found))
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

    proptest! {
        #[test]
        fn nobody_is_left_out_who_could_have_a_place(fits in prop::collection::vec(prop::collection::vec(0..5_usize, 0..4), 0..6)) {
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

    /// The same by trying everything.
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
}
