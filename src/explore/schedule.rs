//! Schedules: the faults of one run, written as `5R,A,.P`.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::deviation::{Deviation, Lasts, Letter};
use super::workload::Workload;
use crate::fault::Fault;
use crate::matcher::{EntryMatcher, entry};
use crate::words::count;

/// The faults of one run of a publisher, and its workload.
///
#[doc = include_str!("../../docs/schedules.md")]
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Schedule {
    pub(crate) workload: Workload,
    deviations: BTreeMap<Place, Vec<Deviation>>,
}

/// An event by its number, counted from 0, and a try of it, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) event: usize,
    pub(crate) try_number: usize,
}

/// A workload of up to this many events has a word for each event.
const SHORT: usize = 4;
/// The bound on the tries of one event in a text.
const MAX_TRIES: usize = 1_000;

impl Schedule {
    /// The schedule without faults.
    pub(crate) fn of(workload: Workload) -> Self {
        Self { workload, deviations: BTreeMap::new() }
    }

    pub(crate) fn with(&self, place: Place, deviation: Deviation) -> Self {
        let mut with = self.clone();
        let there = with.deviations.entry(place).or_default();
        there.push(deviation);
        there.sort_unstable();
        with
    }

    /// The same deviations for another workload.
    pub(crate) fn for_workload(&self, workload: Workload) -> Self {
        Self { workload, deviations: self.deviations.clone() }
    }

    /// The number of deviations.
    pub(crate) fn len(&self) -> usize {
        self.deviations.values().map(Vec::len).sum()
    }

    /// The deviations by event and try.
    pub(crate) fn deviations(&self) -> impl Iterator<Item = (Place, Deviation)> {
        self.deviations.iter().flat_map(|(place, there)| there.iter().map(|deviation| (*place, *deviation)))
    }

    /// Orders schedules as explanations: the least is the simplest.
    pub(crate) fn rank(&self) -> impl Ord + use<> {
        let plain: Vec<(Deviation, Place)> = self.deviations().map(|(place, deviation)| (deviation, place)).collect();
        // An event that is too large fails without a fault, and counts as one deviation.
        let by_nature = usize::from(matches!(self.workload, Workload::Near | Workload::Large));
        (self.len() + by_nature, self.workload, plain)
    }

    /// The schedule without one of its deviations.
    pub(crate) fn without(&self, which: usize) -> Self {
        let kept = self.deviations().enumerate().filter(|(index, _)| *index != which);
        kept.fold(Self::of(self.workload), |schedule, (_, (place, deviation))| schedule.with(place, deviation))
    }

    /// The schedule with the deviations of one event alone.
    pub(crate) fn only(&self, event: usize) -> Self {
        let kept = self.deviations().filter(|(place, _)| place.event == event);
        kept.fold(Self::of(self.workload), |schedule, (place, deviation)| schedule.with(place, deviation))
    }

    /// The faults of the schedule, in the order of [`deviations`](Self::deviations).
    pub(crate) fn faults(&self, events: &[EntryMatcher], identify_by: Option<&str>) -> Vec<Fault> {
        // A fault of an event that does not exist never applies.
        let nobody = || entry().not();
        let fault = |(place, deviation): (Place, Deviation)| {
            let event = events.get(place.event).cloned().unwrap_or_else(nobody);
            deviation.fault(&event, place.try_number, identify_by)
        };
        self.deviations().map(fault).collect()
    }

    fn word(&self, event: usize) -> String {
        let of_event: BTreeMap<usize, &Vec<Deviation>> = self
            .deviations
            .iter()
            .filter(|(place, _)| place.event == event)
            .map(|(place, there)| (place.try_number, there))
            .collect();
        let Some(last) = of_event.keys().next_back() else { return "A".to_owned() };
        (1..=*last)
            .map(|number| match of_event.get(&number).map(|there| &there[..]) {
                None | Some([]) => ".".to_owned(),
                Some([one]) => one.to_string(),
                Some(several) => format!("({})", several.iter().map(ToString::to_string).collect::<String>()),
            })
            .collect()
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.deviations.keys().map(|place| place.event + 1).max().unwrap_or(0);
        let words = match self.workload {
            Workload::Own => last.max(1),
            Workload::Plain(events) if events <= SHORT => last.max(events),
            other => {
                write!(f, "{other}:")?;
                last.max(1)
            }
        };
        let words: Vec<String> = (0..words).map(|event| self.word(event)).collect();
        f.write_str(&words.join(","))
    }
}

impl FromStr for Schedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (workload, words) = match text.split_once(':') {
            Some((workload, words)) => (Some(workload.parse::<Workload>()?), words),
            None => (None, text),
        };
        let words: Vec<&str> = words.split(',').collect();
        let workload = workload.unwrap_or_else(|| Workload::plain(words.len()));
        if words.len() > workload.events() {
            return Err(format!(
                "{text:?} has {} words for {}: write one word for each event, or fewer",
                words.len(),
                count(workload.events(), "event")
            ));
        }
        let mut schedule = Self::of(workload);
        for (event, word) in words.into_iter().enumerate() {
            for (place, deviation) in read_word(event, word).map_err(|error| format!("{text:?}: {error}"))? {
                schedule = schedule.with(place, deviation);
            }
        }
        Ok(schedule)
    }
}

fn read_word(event: usize, word: &str) -> Result<Vec<(Place, Deviation)>, String> {
    let mut found: Vec<(Place, Deviation)> = Vec::new();
    let (mut try_number, mut is_group) = (1, false);
    for char in word.trim().chars() {
        let lasts = match char {
            '+' => Some(Lasts::Call),
            '*' => Some(Lasts::Ever),
            _ => None,
        };
        match (char, lasts) {
            (_, Some(lasts)) => match found.last_mut() {
                Some((_, deviation)) if deviation.lasts == Lasts::Once && deviation.may_last(lasts) => {
                    deviation.lasts = lasts;
                }
                _ => {
                    return Err(format!(
                        "{char:?} in {word:?} does not follow a letter that can last: write * after any letter, or + after a \
                         letter about requests"
                    ));
                }
            },
            ('.' | 'A', _) => try_number += 1,
            ('(', _) if !is_group => is_group = true,
            (')', _) if is_group => {
                is_group = false;
                try_number += 1;
            }
            _ => {
                let letter = Letter::ALL.iter().copied().find(|letter| letter.char() == char);
                let letter = letter.ok_or_else(|| {
                    let all: Vec<String> = Letter::ALL.iter().map(|letter| letter.char().to_string()).collect();
                    format!(
                        "{char:?} in {word:?} is not a letter of a schedule: write one of {}, A and .",
                        all.join(", ")
                    )
                })?;
                found.push((Place { event, try_number }, Deviation::new(letter, Lasts::Once)));
                if !is_group {
                    try_number += 1;
                }
            }
        }
        if try_number > MAX_TRIES {
            return Err(format!("a word has more than {MAX_TRIES} tries: write fewer"));
        }
    }
    if is_group {
        return Err(format!("{word:?} has a parenthesis that is not closed: write ) after the letters of the try"));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Schedule {
        text.parse().unwrap()
    }

    #[test]
    fn a_schedule_is_written_as_it_is_read() {
        for text in ["A", "R", "A,R", "5R,A,.P", "5+,A", "R*,.X*", "(RL)", "(RL+)", "11:A,P", "large:R"] {
            assert_eq!(read(text).to_string(), text);
        }
        assert_eq!(read(" RA , A ").to_string(), "R,A");
        assert_eq!(read("5R,A,.P").len(), 3);
    }

    #[test]
    fn the_document_on_schedules_has_every_letter_and_can_be_read() {
        let document = include_str!("../../docs/schedules.md");
        for letter in Letter::ALL {
            let row = format!("| `{}` | {} |", letter.char(), letter.words());
            assert!(document.contains(&row), "{row}");
        }
        assert_eq!(document.matches("\n| `").count(), Letter::ALL.len());
        assert_eq!(read("5R,A,.P").to_string(), "5R,A,.P");
        assert_eq!(read("R,A").workload, Workload::Plain(2));
        assert_eq!(read("11:R").workload, Workload::Plain(11));
        for special in ["equal:R", "near:R", "large:R", "own:R", "R*", "5*", "5+", "(RL)"] {
            assert!(document.contains(special.trim_end_matches('R')), "{special}");
            assert_eq!(read(special).to_string(), if special == "own:R" { "R" } else { special });
        }
    }

    #[test]
    fn what_is_no_schedule_is_told_why() {
        for (text, error) in [
            (
                "Q",
                "\"Q\": 'Q' in \"Q\" is not a letter of a schedule: write one of R, P, I, 5, L, T, X, W, B, E, D, S, N, M, A and .",
            ),
            (
                "+",
                "\"+\": '+' in \"+\" does not follow a letter that can last: write * after any letter, or + after a letter about \
                 requests",
            ),
            (
                "R+",
                "\"R+\": '+' in \"R+\" does not follow a letter that can last: write * after any letter, or + after a letter about \
                 requests",
            ),
            ("(R", "\"(R\": \"(R\" has a parenthesis that is not closed: write ) after the letters of the try"),
            (
                "x:R",
                "\"x\" is not a workload: write a number of events from 1 to 1000, or one of own, equal, near, large",
            ),
            ("1:R,R", "\"1:R,R\" has 2 words for 1 event: write one word for each event, or fewer"),
        ] {
            assert_eq!(text.parse::<Schedule>().unwrap_err(), error);
        }
    }
}
