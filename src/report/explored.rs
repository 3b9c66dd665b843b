//! The report of a search of fault schedules.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Timeline;
use super::asker::Asker;
use super::attempts::excess as excess_in_words;
use super::ledger::{told, untruth_in_words};
use super::names::{name, place_of};
use crate::explore::{
    Coverage, Ending, Evidence, Explored, Finding, Judge, Known, Lasts, Letter, Level, Place, Policy, Run, Schedule,
    StepDone, Unsteady, Violation, Workload, Workloads,
};
use crate::fault::{Fault, write_fault};
use crate::ledger::Fate;
use crate::matcher::detail_at;
use crate::words::{and, count, ordinal_suffix, seconds, shortened};

/// What was searched, and how.
pub(crate) struct Searched {
    pub(crate) asker: Asker,
    /// `None` where one schedule was run alone.
    pub(crate) workloads: Option<Workloads>,
    pub(crate) policy: Policy,
    pub(crate) identify_by: Option<String>,
}

/// The most violations that are shown with their timelines.
const MAX_TIMELINES: usize = 3;

/// The report of a search, or of one schedule that was run alone.
pub(crate) fn explored(
    explored: &Explored,
    findings: &[&Finding],
    searched: &Searched,
    kept: &[String],
    replayed: Option<&Run>,
    caller: &str,
) -> String {
    let mut text = String::new();
    let why_inconclusive = why_inconclusive(explored, replayed, searched.asker);
    let has_judged = !findings.is_empty() || why_inconclusive.is_none();
    let _ = writeln!(text, "{}", title(explored, findings, why_inconclusive, &searched.asker.publisher(caller)));
    for (number, finding) in findings.iter().enumerate() {
        let has_timeline = number < MAX_TIMELINES;
        let _ = writeln!(text, "\n{}", found(number + 1, finding, explored, searched, has_timeline));
    }
    if let Some(run) = replayed.filter(|_| findings.is_empty()) {
        let known = explored.known_of(&run.schedule);
        let _ = write!(
            text,
            "\n  {}\n{}",
            schedule_in_words(&run.schedule, known),
            indented(&Timeline::without_lint(&run.ledger).to_string())
        );
        let _ = writeln!(text, "  {}", ending(&run.ending, searched.asker));
    }
    if let Some(unsteady) = &explored.unsteady {
        let _ = writeln!(text, "\n{}", unsteady_in_words(unsteady, searched.asker));
    }
    if searched.workloads.is_some() || replayed.is_some() {
        let _ = write!(text, "\n{}", summary(explored, searched, kept, has_judged));
    }
    text
}

fn title(explored: &Explored, findings: &[&Finding], why_inconclusive: Option<String>, publisher: &str) -> String {
    let mut judges: Vec<Judge> = findings.iter().map(|finding| finding.violation.judge).collect();
    judges.dedup();
    match (judges.len(), why_inconclusive) {
        (0, Some(why)) => format!("the check of {publisher} judged too little: {why}"),
        (0, None) => format!("{publisher} keeps all rules in {}", count(explored.schedules, "schedule")),
        (rules, _) => format!("{publisher} breaks {} of {}", count(rules, "rule"), Judge::ALL.len()),
    }
}

/// Why a search without findings proves nothing.
pub(crate) fn why_inconclusive(explored: &Explored, replayed: Option<&Run>, asker: Asker) -> Option<String> {
    let events: usize = explored.known.values().map(|known| known.events.len()).sum();
    let differs =
        || format!("the events differ from run to run. Name what identifies them with {}", asker.identified_by());
    match (events, explored.schedules) {
        (0, 0) => return Some("nothing was run, because the budget allows no run".to_owned()),
        (0, _) if explored.unsteady.is_some() => return Some(differs()),
        (0, _) => return Some(asker.nothing_published().to_owned()),
        _ => {}
    }
    let published_once = |unsteady: &Unsteady| {
        unsteady.first.journal().attempts_in_all() > 0 && unsteady.second.journal().attempts_in_all() == 0
    };
    if explored.coverage.letters.is_empty() && explored.unsteady.as_ref().is_some_and(published_once) {
        return Some(asker.published_once().to_owned());
    }
    if let Some(run) = replayed {
        let why = "the schedule names a try that the publisher did not make, so a fault of it never applied";
        return (!run.is_conclusive()).then(|| why.to_owned());
    }
    if asker.has_few_runs() && explored.coverage.letters.is_empty() {
        let could_be_tried = explored.steps.iter().any(|done| done.step.deviations > 0 && done.run > 0);
        if !could_be_tried {
            return Some(format!("no fault was tried: {} for too few runs", asker.budget()));
        }
    }
    let is_kept_from_all = explored.coverage.letters.is_empty() && explored.schedules > explored.known.len() * 2;
    is_kept_from_all.then(|| format!("no fault ever applied, because {}", differs()))
}

/// A finding, with its schedule, timeline and advice.
fn found(number: usize, finding: &Finding, explored: &Explored, searched: &Searched, has_timeline: bool) -> String {
    let Finding { violation, run, is_unsteady, also } = finding;
    let known = explored.known_of(&run.schedule);
    let mut text = format!("{number}. {}: {}\n", violation.judge.name(), violation.judge.rule());
    let _ = writeln!(text, "   {}", violation_in_words(violation, known, searched.asker));
    let _ = writeln!(text, "   {}  {}", run.schedule, schedule_in_words(&run.schedule, known));
    if *is_unsteady {
        let _ = writeln!(text, "   The same schedule did not lead to the same requests again.");
    }
    if has_timeline {
        let marks = violation
            .what
            .attempts()
            .into_iter()
            .map(|attempt| (attempt, "here".to_owned()))
            .collect::<BTreeMap<_, _>>();
        let timeline = Timeline::without_lint(&run.ledger).marking(marks).to_string();
        text.push_str(&indented(&timeline));
        let _ = writeln!(text, "   {}", ending(&run.ending, searched.asker));
        let _ = writeln!(text, "   {}", what_instead(violation.judge));
    }
    if let Some(also) = also {
        let _ = writeln!(text, "   another schedule that breaks it: {also}  {}", schedule_in_words(also, known));
    }
    let _ = write!(text, "   run it again: {}", searched.asker.run_it_again(&run.schedule));
    let plan = || plan(&explored.faults_of(&run.schedule, searched.identify_by.as_deref()));
    if let Some(plan) = has_timeline.then(plan).flatten() {
        let _ = write!(text, "\n   as a plan: {plan}");
    }
    text
}

/// The faults as a plan, on one line.
fn plan(faults: &[Fault]) -> Option<String> {
    let faults: Vec<serde_json::Value> = faults.iter().map(write_fault).collect::<Result<_, _>>().ok()?;
    (!faults.is_empty()).then(|| serde_json::json!({ "faults": faults }).to_string())
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("   {line}\n")).collect()
}

/// What goes wrong in a schedule: `OrderPlaced 0, first try: ThrottlingException for the entry`.
pub(crate) fn schedule_in_words(schedule: &Schedule, known: Option<&Known>) -> String {
    let nothing = Known::default();
    let known = known.unwrap_or(&nothing);
    let parts: Vec<String> = schedule
        .deviations()
        .map(|(Place { event, try_number }, deviation)| {
            let lasts = match (deviation.lasts, deviation.letter.level()) {
                (Lasts::Once, _) => "",
                (Lasts::Call, _) => ", and for all tries of that SDK call",
                (Lasts::Ever, Level::Entry) => ", and for all later tries of it",
                (Lasts::Ever, Level::Request) => ", and for every request after it",
            };
            let what = deviation.letter.words();
            match deviation.letter.level() {
                Level::Entry => format!("{}, {}: {what}{lasts}", known.name(event), try_in_words(try_number)),
                Level::Request => {
                    format!("the request with {}, {}: {what}{lasts}", known.name(event), try_in_words(try_number))
                }
            }
        })
        .collect();
    let workload = match schedule.workload {
        Workload::Own | Workload::Plain(0..=4) => String::new(),
        Workload::Plain(events) => format!(" ({events} events)"),
        Workload::Equal => " (the first two of three events are equal)".to_owned(),
        Workload::Near => " (three large events, of which two fit into one request)".to_owned(),
        Workload::Large => " (three events, of which the second is too large for any request)".to_owned(),
    };
    if parts.is_empty() { format!("nothing goes wrong{workload}") } else { format!("{}{workload}", parts.join("; ")) }
}

fn try_in_words(number: usize) -> String {
    match number {
        1 => "first try".to_owned(),
        2 => "second try".to_owned(),
        3 => "third try".to_owned(),
        _ => format!("{number}{} try", ordinal_suffix(number)),
    }
}

pub(crate) fn violation_in_words(violation: &Violation, known: Option<&Known>, asker: Asker) -> String {
    let event = violation.event.zip(known).map(|(event, known)| known.name(event));
    let whose = |line: &crate::ledger::Line| event.clone().unwrap_or_else(|| name(line));
    match &violation.what {
        Evidence::Blame(blame) => format!("{} {}", whose(&blame.line), told(&blame.line, &blame.what)),
        Evidence::Untrue(untruth) => {
            let (whom, what) = untruth_in_words(untruth);
            format!("{whom} {what}").trim_end().to_owned()
        }
        Evidence::NeverSent(line) => format!("{} was never sent, and nothing was reported", whose(line)),
        Evidence::Missing { given, sent } => {
            format!(
                "{} were given to the publisher, but {sent} came; nothing was reported as failed",
                count(*given, "event")
            )
        }
        Evidence::NotDone(ended) => ending(ended, asker),
        Evidence::AtOnce { first, second } => format!(
            "{} was sent in {} while {} had no reply yet",
            event.unwrap_or_else(|| "an event".to_owned()),
            place_of(second),
            place_of(first)
        ),
        Evidence::GaveUp { line, failure } => {
            format!(
                "{} was given up after {}, the last of which got {failure}",
                whose(line),
                count_tries(line.tries().len())
            )
        }
        Evidence::Dependent { line, alone: true } => match line.fate() {
            Fate::NeverSent => format!("{} was never sent, although the faults were about other events", whose(line)),
            _ => format!("{} was not accepted, although the faults were about other events", whose(line)),
        },
        Evidence::Dependent { line, alone: false } => format!(
            "{} was given up after {}; with the same faults, and none for the other events, it is accepted",
            whose(line),
            count_tries(line.tries().len())
        ),
        Evidence::Changed(difference) => format!(
            "{} has another {} in {} than in {}",
            event.unwrap_or_else(|| "an event".to_owned()),
            difference.member(),
            place_of(difference.later()),
            place_of(difference.earlier())
        ),
        Evidence::Excess { attempt, excess } => format!("#{} has {}", attempt.number(), excess_in_words(excess)),
        Evidence::NoEntries(attempt) => format!("#{} has no entries, which the service refuses", attempt.number()),
        Evidence::Late(attempt) => {
            format!(
                "#{} came at +{} after the publisher had said that it was done",
                attempt.number(),
                seconds(attempt.at())
            )
        }
        Evidence::Hasty { line, waits } => {
            let waits: Vec<String> = waits.iter().take(4).map(|wait| seconds(*wait)).collect();
            format!(
                "{} was in {}; the waits between them were {}",
                whose(line),
                count(line.calls().len(), "call"),
                and(&waits)
            )
        }
    }
}

fn count_tries(tries: usize) -> String {
    if tries == 1 { "1 try".to_owned() } else { format!("{tries} tries") }
}

/// What the publisher reported, or why it reported nothing.
fn ending(ending: &Ending, asker: Asker) -> String {
    match ending {
        Ending::Said(said) => format!("the publisher said {said}"),
        Ending::Panicked(text) => format!("the publisher panicked: {}", shortened(text)),
        Ending::TooManyRequests(requests) => {
            format!("the publisher was not done after {requests} requests, and was stopped")
        }
        Ending::TooLong(limit) => {
            format!("the publisher was not done after {}, and was stopped{}", seconds(*limit), asker.longer())
        }
        Ending::Abandoned => "the search was ended meanwhile".to_owned(),
        Ending::Blocked(guard) => format!(
            "the publisher held its thread for {} of real time: it blocks, or loops without waiting; for one that blocks, write \
             .over_socket()",
            seconds(*guard)
        ),
    }
}

/// What a correct publisher does there.
fn what_instead(judge: Judge) -> &'static str {
    match judge {
        Judge::Lost => "A correct publisher sends it again, or reports it as failed.",
        Judge::Endless => "A correct publisher gives up after some tries, and reports what it gave up.",
        Judge::Untruthful => "A correct publisher reports as failed what was not accepted, and nothing else.",
        Judge::Resent => {
            "A correct publisher sends again only the entries that failed: results stand in the order of the entries."
        }
        Judge::TwiceAtOnce => "A correct publisher waits for the reply before it sends an event again.",
        Judge::PermanentRetried => {
            "A correct publisher reports a permanent error at once: the same entry meets it again."
        }
        Judge::GivenUpEarly => "A correct publisher tries a retryable error again, some times, with growing pauses.",
        Judge::Dependent => "A correct publisher goes on with the other events, each with tries of its own.",
        Judge::Changed => {
            "A correct publisher sends the same content again, so that its consumers can tell that it is the same event."
        }
        Judge::Oversized => "A correct publisher splits by ten entries and by the bytes of the documented size.",
        Judge::Late => "A correct publisher waits for its tasks and timers before it says that it is done.",
        Judge::Unbounded => "A correct publisher bounds its tries, and reports what it gave up.",
        Judge::Hasty => "A correct publisher waits before it tries again, longer each time.",
        Judge::OutOfOrder => {
            "A publisher that promises an order sends an event only when the one before it is accepted."
        }
    }
}

fn unsteady_in_words(Unsteady { schedule, first, second }: &Unsteady, asker: Asker) -> String {
    let (one, other) = (first.shape(), second.shape());
    let differs = one.requests.iter().zip(&other.requests).position(|(one, other)| one != other);
    let at = differs.unwrap_or_else(|| one.requests.len().min(other.requests.len()));
    let of = |requests: &[Vec<Option<usize>>]| match requests.get(at) {
        None => "there was none".to_owned(),
        Some(entries) => {
            let names: Vec<String> = entries
                .iter()
                .map(|event| event.map_or_else(|| "an unknown event".to_owned(), |event| format!("event {event}")))
                .collect();
            format!("it had {}", and(&names))
        }
    };
    let what = if one.requests == other.requests {
        "it said something else the second time".to_owned()
    } else {
        format!("request {}: first {}, then {}", at + 1, of(&one.requests), of(&other.requests))
    };
    format!(
        "{} {schedule} differ. {what}. What was found is real, but may not show again. Where each run writes something new into \
         the events, name what identifies them with {}.",
        asker.two_runs_differ(),
        asker.identified_by()
    )
}

fn summary(explored: &Explored, searched: &Searched, kept: &[String], has_judged: bool) -> String {
    let mut rows: Vec<(&str, String)> = Vec::new();
    if searched.workloads.is_some() {
        rows.push(("searched", steps_in_words(explored)));
        let left: Vec<String> = explored.steps.iter().filter_map(left_in_words).collect();
        if !left.is_empty() {
            rows.push(("left out", format!("{}: the budget was used up", left.join("; "))));
        }
    }
    rows.push(("met", met(&explored.coverage)));
    if explored.inconclusive > 0 {
        let schedules = count(explored.inconclusive, "schedule");
        rows.push(("not reached", format!("{schedules}: a fault of the schedule never applied, so nothing is proved")));
    }
    rows.extend(unidentified(explored, searched.identify_by.as_deref()).map(|why| ("identified", why)));
    let missing = not_exercised(explored, searched);
    rows.extend(missing.into_iter().map(|missing| ("not tried", missing)));
    rows.extend(
        searched.policy.without.iter().map(|(judge, reason)| ("without", format!("{}: {reason}", judge.name()))),
    );
    let broken = |judge: &Judge| explored.findings.iter().any(|finding| finding.violation.judge == *judge);
    if has_judged {
        let passed = Judge::ALL.iter().filter(|judge| searched.policy.asks(**judge) && !broken(judge)).count();
        rows.push(("kept rules", format!("{passed} of {}", Judge::ALL.len())));
    }
    rows.extend(kept.iter().map(|note| ("schedules", note.clone())));
    rows.into_iter().map(|(label, text)| format!("{label:<12}{text}\n")).collect()
}

/// Says that no event has what should identify it, which is probably a mistake in the pointer.
fn unidentified(explored: &Explored, identify_by: Option<&str>) -> Option<String> {
    let pointer = identify_by?;
    let mut entries = explored.known.values().flat_map(|known| &known.entries).peekable();
    let is_nowhere = entries.peek().is_some() && entries.all(|entry| detail_at(entry, pointer).is_none());
    is_nowhere.then(|| {
        format!("no event has a member at {}, so entries with the same content are the same event", shortened(pointer))
    })
}

fn steps_in_words(explored: &Explored) -> String {
    let mut by_deviations: BTreeMap<usize, Vec<Workload>> = BTreeMap::new();
    for StepDone { step, .. } in explored.steps.iter().filter(|done| done.left == Some(0) && !done.step.few) {
        by_deviations.entry(step.deviations).or_default().push(step.workload);
    }
    let parts: Vec<String> = by_deviations
        .iter()
        .map(|(deviations, workloads)| {
            let faults = match deviations {
                0 => "no fault".to_owned(),
                1 => "every single fault".to_owned(),
                2 => "every pair of faults".to_owned(),
                more => format!("every {more} faults"),
            };
            format!("{faults} with {}", workloads_in_words(workloads))
        })
        .collect();
    let parts = if parts.is_empty() { "no step of the search is complete".to_owned() } else { parts.join("; ") };
    let mut text = format!("{}: {parts}", count(explored.schedules, "schedule"));
    if explored.merged > 0 {
        let _ = write!(
            text,
            "; {} led to the same requests as a simpler one, and only the simpler one got further faults",
            count(explored.merged, "schedule")
        );
    }
    if explored.random > 0 {
        let _ = write!(text, "; {} at random", explored.random);
    }
    text
}

/// `1, 2 and 3 events`, `11 events and one event that is too large`.
pub(super) fn workloads_in_words(workloads: &[Workload]) -> String {
    let sizes: Vec<String> = workloads
        .iter()
        .filter_map(|workload| if let Workload::Plain(events) = workload { Some(events.to_string()) } else { None })
        .collect();
    let plain = match &sizes[..] {
        [] => None,
        [one] if one == "1" => Some("1 event".to_owned()),
        some => Some(format!("{} events", and(some))),
    };
    let special = workloads.iter().filter_map(|workload| match workload {
        Workload::Plain(_) => None,
        Workload::Own => Some("the publisher's own events"),
        Workload::Equal => Some("equal events"),
        Workload::Near => Some("events near the size limit"),
        Workload::Large => Some("an event that is too large"),
    });
    and(&plain.into_iter().chain(special.map(str::to_owned)).collect::<Vec<_>>())
}

fn left_in_words(done: &StepDone) -> Option<String> {
    let StepDone { step, run, left } = done;
    let what = format!("{} with {}", workloads_in_words(&[step.workload]), count(step.deviations, "fault"));
    match left {
        Some(0) => None,
        Some(left) => Some(format!("{left} of {} schedules of {what}", left + run)),
        None => Some(format!("all of {what}")),
    }
}

fn met(coverage: &Coverage) -> String {
    if coverage.letters.is_empty() {
        return "no fault".to_owned();
    }
    let letters: Vec<String> =
        coverage.letters.iter().map(|(letter, met)| format!("{} {met}x", letter.char())).collect();
    letters.join(", ")
}

/// What no run tried, with what to write to try it.
fn not_exercised(explored: &Explored, searched: &Searched) -> Vec<String> {
    let coverage = &explored.coverage;
    let mut missing = Vec::new();
    let Some(workloads) = &searched.workloads else { return missing };
    if coverage.most_entries == 1 {
        missing.push("failures of a part of a request: no request had two entries".to_owned());
    }
    if !coverage.was_full {
        missing.push(format!(
            "splitting by ten entries: no request came near ten{}",
            searched.asker.more_events(workloads)
        ));
    }
    if !workloads.sized {
        missing.push(format!("splitting by bytes: no request came near the limit{}", searched.asker.larger_events()));
    }
    if !coverage.was_told && coverage.most_entries > 0 {
        missing.push(format!("what the publisher reports: {}", searched.asker.reported_nothing()));
    }
    let has_late = coverage.letters.get(&Letter::Late).is_some_and(|met| *met > 1);
    if !has_late && (explored.schedules > 60 || searched.asker.has_few_runs()) {
        missing.push(format!("replies that come late: {}", searched.asker.no_late_answers()));
    }
    if searched.policy.order.is_none() {
        missing.push(format!("order: none is promised; {}", searched.asker.promise_order()));
    }
    missing
}
