//! The judgement of a run: one pure function for each judge.

use std::time::Duration;

use serde_json::Value;

use super::deviation::{Deviation, Lasts, Level};
use super::judge::Judge;
use super::policy::Policy;
use super::run::{Ending, Run};
use super::workload::Workload;
use crate::check::{Blame, Excess, Rule, Untruth, Wait, What, excess, judge as judge_rule, overtaken, waits_of};
use crate::journal::Attempt;
use crate::json::ByValue;
use crate::ledger::{Difference, Failure, Fate, Line, Try};
use crate::service::{Entry, ErrorClass, Outcome};

/// A rule that was broken in a run.
#[derive(Debug, Clone)]
pub(crate) struct Violation {
    pub(crate) judge: Judge,
    /// The event, if it is known.
    pub(crate) event: Option<usize>,
    pub(crate) what: Evidence,
}

/// The evidence of a violation.
#[derive(Debug, Clone)]
pub(crate) enum Evidence {
    Blame(Blame),
    Untrue(Untruth),
    NeverSent(Line),
    /// The workload had more events than were sent.
    Missing {
        given: usize,
        sent: usize,
    },
    NotDone(Ending),
    AtOnce {
        first: Try,
        second: Try,
    },
    GaveUp {
        line: Line,
        failure: Failure,
    },
    /// The event was not accepted in this run, and is accepted without the faults of other events.
    Dependent {
        line: Line,
        alone: bool,
    },
    /// The first difference.
    Changed(Difference),
    Excess {
        attempt: Attempt,
        excess: Excess,
    },
    NoEntries(Attempt),
    Late(Attempt),
    Hasty {
        line: Line,
        waits: Vec<Duration>,
    },
}

impl Evidence {
    /// The attempts that show it.
    pub(crate) fn attempts(&self) -> Vec<usize> {
        let last_of = |line: &Line| line.tries().last().map(|one| one.attempt().number()).into_iter().collect();
        match self {
            Self::Blame(blame) => blame.attempts().collect(),
            Self::AtOnce { second: one, .. } => vec![one.attempt().number()],
            Self::Changed(difference) => vec![difference.later().attempt().number()],
            Self::Excess { attempt, .. } | Self::NoEntries(attempt) | Self::Late(attempt) => vec![attempt.number()],
            Self::GaveUp { line, .. } | Self::Dependent { line, .. } => last_of(line),
            Self::Hasty { line, .. } => {
                line.calls().iter().skip(1).filter_map(|call| call.first()).map(|one| one.attempt().number()).collect()
            }
            Self::Untrue(Untruth::NotPublished(line, _) | Untruth::NotFailed(line)) => last_of(line),
            Self::Untrue(_) | Self::NeverSent(_) | Self::NotDone(_) | Self::Missing { .. } => Vec::new(),
        }
    }
}

/// What the judges need beside the run.
pub(crate) struct Bench<'a> {
    pub(crate) policy: &'a Policy,
    /// The number of events that the publisher was given, if it is known.
    pub(crate) given: Option<usize>,
    /// Whether an event was accepted in the run with its own deviations alone; `None` if that run is this one.
    pub(crate) accepted_alone: &'a dyn Fn(usize) -> Option<bool>,
}

/// The violations that all judges find in a run.
pub(crate) fn violations(run: &Run, bench: &Bench<'_>) -> Vec<Violation> {
    let mut found = Vec::new();
    for judge in Judge::ALL.iter().copied().filter(|judge| bench.policy.asks(*judge)) {
        let blame = |(event, what)| Violation { judge, event, what };
        found.extend(judge.violations(run, bench).into_iter().map(blame));
    }
    found
}

type Blamed = Vec<(Option<usize>, Evidence)>;

impl Judge {
    fn violations(self, run: &Run, bench: &Bench<'_>) -> Blamed {
        match self {
            Self::Lost => lost(run, bench),
            Self::Endless => endless(run),
            Self::Untruthful => untruthful(run, bench),
            Self::Resent => by_rule(run, Rule::OnlyFailedEntriesResent, |what| matches!(what, What::Resent(_))),
            Self::TwiceAtOnce => twice_at_once(run),
            Self::PermanentRetried => by_rule(run, Rule::PermanentErrorsNotRetried, |_| true),
            Self::GivenUpEarly => given_up_early(run, bench.policy),
            Self::Dependent => dependent(run, bench),
            Self::Changed => changed(run, bench.policy),
            Self::Oversized => oversized(run, bench.policy),
            Self::Late => late(run),
            Self::Unbounded => by_rule(run, Rule::TriesAtMost(bench.policy.calls_at_most), |_| true),
            Self::Hasty => hasty(run, bench.policy),
            Self::OutOfOrder => out_of_order(run, bench.policy),
        }
    }
}

fn event_of(run: &Run, line: &Line) -> Option<usize> {
    let place = line.tries().first().map(Try::place);
    run.lines()
        .find(|(_, other)| other.tries().first().map(Try::place) == place && place.is_some())
        .and_then(|(event, _)| event)
}

fn by_rule(run: &Run, rule: Rule, counts: impl Fn(&What) -> bool) -> Blamed {
    let blames = judge_rule(&run.ledger, rule).into_iter().filter(|blame| counts(&blame.what));
    blames.map(|blame| (event_of(run, &blame.line), Evidence::Blame(blame))).collect()
}

fn lost(run: &Run, bench: &Bench<'_>) -> Blamed {
    let Some(said) = run.said() else { return Vec::new() };
    let mut found: Blamed = Vec::new();
    let lost = said.silently_lost(&run.ledger).into_iter();
    found.extend(lost.map(|blame| (event_or_expected(run, &blame.line), Evidence::Blame(blame))));
    if said.is_nothing() {
        let never = run.lines().filter(|(event, line)| event.is_some() && line.tries().is_empty());
        found.extend(never.map(|(event, line)| (event, Evidence::NeverSent(line.clone()))));
    }
    // A publisher that reports failures may mean events that it never sent. A publisher that reports nothing need not send an event
    // that is too large.
    let is_vain = usize::from(said.is_nothing() && run.schedule.workload == Workload::Large);
    let sent = run.ledger.lines().iter().filter(|line| !line.tries().is_empty()).count();
    if let Some(given) =
        bench.given.filter(|given| run.schedule.len() == 0 && sent + is_vain < *given && !said.admits_failures())
    {
        found.push((None, Evidence::Missing { given, sent }));
    }
    found
}

/// The event of a line, also of a line without tries.
fn event_or_expected(run: &Run, line: &Line) -> Option<usize> {
    event_of(run, line).or_else(|| line.expected.as_ref().map(|expected| expected.number))
}

fn endless(run: &Run) -> Blamed {
    match &run.ending {
        Ending::Said(_) | Ending::Abandoned => Vec::new(),
        ending => vec![(None, Evidence::NotDone(ending.clone()))],
    }
}

fn untruthful(run: &Run, bench: &Bench<'_>) -> Blamed {
    let Some(said) = run.said() else { return Vec::new() };
    // A publisher that reports failures may mean an event that it never sent, such as one that is too large.
    let may_mean_others = bench.given.is_some_and(|given| run.ledger.lines().len() < given);
    let untruths = said.untruths(&run.ledger).into_iter().filter(|untruth| {
        if may_mean_others && matches!(untruth, Untruth::NoneFailed | Untruth::Counts { .. }) {
            return false;
        }
        // The judge `Lost` judges these.
        !matches!(
            untruth,
            Untruth::NotPublished(..) | Untruth::NeverReceived(_) | Untruth::Nothing | Untruth::LeftOut(_)
        )
    });
    untruths
        .map(|untruth| {
            let event = match &untruth {
                Untruth::NotFailed(line) => event_of(run, line),
                _ => None,
            };
            (event, Evidence::Untrue(untruth))
        })
        .collect()
}

fn twice_at_once(run: &Run) -> Blamed {
    let mut found = by_rule(run, Rule::OnlyFailedEntriesResent, |what| matches!(what, What::Doubled { .. }));
    for (event, line) in run.lines() {
        let at_once = line.tries().windows(2).find_map(|pair| match pair {
            [first, second] if overlap(first.attempt(), second.attempt()) => Some((first, second)),
            _ => None,
        });
        if let Some((first, second)) = at_once {
            found.push((event, Evidence::AtOnce { first: first.clone(), second: second.clone() }));
        }
    }
    found
}

/// Whether the later attempt came before the earlier one had ended.
fn overlap(earlier: &Attempt, later: &Attempt) -> bool {
    earlier.number() != later.number() && earlier.ended_at().is_none_or(|ended| later.at() < ended)
}

fn given_up_early(run: &Run, policy: &Policy) -> Blamed {
    // A publisher that is refused as a caller may stop altogether.
    let may_stop = policy.order.is_some() || is_refused_as_caller(run);
    let Some(said) = run.said().filter(|_| !may_stop) else { return Vec::new() };
    let mut found = Vec::new();
    for (event, line) in run.lines() {
        let Fate::NeverRetried(failure) = line.fate() else { continue };
        let is_abandoned =
            line.tries().last().is_some_and(|last| last.attempt().ended().is_none_or(|it| !it.was_answered));
        let is_gone = is_abandoned && failure != Failure::NoAnswer;
        // The event may have been accepted. The publisher says so, and does not risk doubling it.
        if failure == Failure::NoAnswer && said.is_unknown(line) {
            continue;
        }
        // The publisher may have read a permanent code in a reply that is otherwise malformed.
        let is_hopeless = |one: &Try| {
            let error = one.outcome().and_then(Outcome::error);
            error.is_some_and(|error| error.class() != ErrorClass::Transient)
        };
        if line.tries().iter().any(is_hopeless) {
            continue;
        }
        if failure.class() == ErrorClass::Transient && line.tries().len() < policy.tries_at_least && !is_gone {
            found.push((event, Evidence::GaveUp { line: line.clone(), failure }));
        }
    }
    found
}

fn dependent(run: &Run, bench: &Bench<'_>) -> Blamed {
    if run.said().is_none() || bench.policy.order.is_some() || concerns_everybody(run) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (event, line) in run.lines() {
        let Some(number) = event else { continue };
        if line.times_accepted() > 0 || !run.is_touched_by_itself_alone(number, line) {
            continue;
        }
        if let Some(true) = (bench.accepted_alone)(number) {
            let alone = !run.is_touched(line);
            found.push((event, Evidence::Dependent { line: line.clone(), alone }));
        }
    }
    found
}

fn changed(run: &Run, policy: &Policy) -> Blamed {
    let first = |blame: Blame| match blame.what {
        What::Differs(found) => Some((event_of(run, &blame.line), Evidence::Changed(found.into_iter().next()?))),
        _ => None,
    };
    let found: Blamed = policy.alike.broken_in(&run.ledger).into_iter().filter_map(first).collect();
    if found.is_empty() { strangers(run, policy) } else { found }
}

/// Whether a fault concerned all events: an outage, or an error about the caller.
fn concerns_everybody(run: &Run) -> bool {
    let is_outage = |it: Deviation| it.lasts == Lasts::Ever && it.letter.level() == Level::Request;
    run.schedule.deviations().any(|(_, it)| is_outage(it)) || is_refused_as_caller(run)
}

/// Whether a request was answered with an error about its caller, such as credentials that have expired.
fn is_refused_as_caller(run: &Run) -> bool {
    let error = |attempt: &Attempt| attempt.error().is_some_and(|error| error.class() == ErrorClass::Caller);
    run.journal().attempts().iter().any(error)
}

/// Finds an unknown event that is nearly equal to one that failed before: a try of it with other content.
fn strangers(run: &Run, policy: &Policy) -> Blamed {
    let failed: Vec<(Option<usize>, &Try)> = run
        .lines()
        .filter(|(event, line)| event.is_some() && line.times_accepted() == 0)
        .filter_map(|(event, line)| Some((event, line.tries().last()?)))
        .collect();
    let strangers = run.lines().filter(|(event, _)| event.is_none()).filter_map(|(_, line)| line.tries().first());
    let found = strangers.filter_map(|after| {
        let is_try_of = |(_, before): &&(Option<usize>, &Try)| {
            before.attempt().number() < after.attempt().number() && is_nearly(before.entry(), after.entry())
        };
        let (event, before) = failed.iter().find(is_try_of)?;
        let difference = policy.alike.differences(before, after).into_iter().next()?;
        Some((*event, Evidence::Changed(difference)))
    });
    found.take(1).collect()
}

/// Whether two entries have the same source and detail-type, and at least half of the members of their details in common.
fn is_nearly(one: &Entry, other: &Entry) -> bool {
    let (Some(Value::Object(these)), Some(Value::Object(those))) = (one.detail_json(), other.detail_json()) else {
        return false;
    };
    let equal =
        these.iter().filter(|(name, value)| those.get(*name).is_some_and(|other| ByValue(value) == ByValue(other)));
    let is_same_kind = one.source() == other.source() && one.detail_type() == other.detail_type();
    is_same_kind && 2 * equal.count() >= these.len().max(those.len())
}

fn oversized(run: &Run, policy: &Policy) -> Blamed {
    let attempts = run.journal().attempts().iter().filter(|attempt| attempt.is_put_events());
    let found = attempts.filter_map(|attempt| {
        let reached = attempt.entries().is_empty()
            && attempt.error().is_some_and(|error| error.code() == Some("ValidationException"));
        if reached {
            return Some((None, Evidence::NoEntries(attempt.clone())));
        }
        let excess = excess(attempt, &policy.limits)?;
        (attempt.entries().len() > 1).then(|| (None, Evidence::Excess { attempt: attempt.clone(), excess }))
    });
    found.take(1).collect()
}

fn late(run: &Run) -> Blamed {
    if run.said().is_none() {
        return Vec::new();
    }
    let late = run.journal().attempts().get(run.attempts);
    late.map(|attempt| (None, Evidence::Late(attempt.clone()))).into_iter().collect()
}

fn hasty(run: &Run, policy: &Policy) -> Blamed {
    let mut found = Vec::new();
    for (event, line) in run.lines().filter(|(_, line)| line.calls().len() >= 3) {
        // The judge `TwiceAtOnce` judges calls at the same time. A batch that is too large may be split at once.
        let is_split = |wait: &Wait| {
            let of_batch = |one: &&Try| one.attempt().number() == wait.from.number();
            line.tries().iter().find(of_batch).is_some_and(|one| one.failure_about(ErrorClass::Batch).is_some())
        };
        let waits = waits_of(line).into_iter().filter(|wait| wait.is_between_calls() && !is_split(wait));
        let waits: Vec<Duration> = waits.map(|wait| wait.length).collect();
        if waits.iter().filter(|wait| **wait < policy.shortest_wait).count() >= 2 {
            found.push((event, Evidence::Hasty { line: line.clone(), waits }));
        }
    }
    found
}

fn out_of_order(run: &Run, policy: &Policy) -> Blamed {
    let Some(pointer) = &policy.order else { return Vec::new() };
    let blames = overtaken(&run.ledger, pointer.as_deref()).into_iter();
    blames.map(|blame| (event_of(run, &blame.line), Evidence::Blame(blame))).collect()
}
