//! The steps of a request, in order, and its record.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;

use super::{Engine, Now};
use crate::fault::{
    Candidate, Decided, Delivery, Dribble, Ending, EntryEffect, Fired, HoldReply, Latency, Reply, ReplyEffect,
    RequestEffect, Undelivered, Unseen,
};
use crate::journal::{Answer, Received, Refuser, Story};
use crate::matcher::with_undecided;
use crate::service::{
    Asked, Body, Entry, Head, Ids, Operation, Outcome, ProblemCause, ProblemKind, PutEvents, Refusal, RequestError,
    RequestIds, describe, sdk_call,
};

/// What the steps so far have decided about a request.
struct Judged {
    story: Story,
    /// The answer to an operation other than PutEvents.
    body: Bytes,
    faults: Vec<Decided>,
    problems: Vec<ProblemCause>,
    delivery: Delivery,
}

impl Judged {
    fn new(story: Story) -> Self {
        let (body, faults, problems) = (Bytes::new(), Vec::new(), Vec::new());
        Self { story, body, faults, problems, delivery: Delivery::default() }
    }

    /// A request that a fault refused.
    fn failed(Fired { fault, what }: Fired<RequestError>) -> Self {
        Self { faults: vec![fault], ..Self::new(Story::Refused { error: Box::new(what), by: Refuser::Fault }) }
    }

    fn refused(Refusal { error, cause }: Refusal) -> Self {
        let problems = cause.map(ProblemCause::shortened).into_iter().collect();
        Self { problems, ..Self::new(Story::Refused { error: Box::new(error), by: Refuser::Service }) }
    }

    /// Records the fault as one that decided, and returns its effect.
    fn done<T>(&mut self, fired: Option<Fired<T>>) -> Option<T> {
        let Fired { fault, what } = fired?;
        self.faults.push(fault);
        Some(what)
    }
}

/// A request at its steps.
struct Steps<'a, 'ids> {
    engine: &'a mut Engine,
    /// The request as the faults see it.
    candidate: Candidate<'a>,
    head: &'a Head,
    body: &'a Body,
    now: Now,
    ids: &'a mut RequestIds<'ids>,
}

impl Engine {
    /// Takes a request that was read through all other steps, and records it. Faults apply only if it is for an operation.
    pub(super) fn conclude(
        &mut self,
        operation: Option<Operation>,
        head: Head,
        body: Body,
        request: Result<Asked, Refusal>,
        now: Now,
        ids: &mut Ids,
    ) -> Reply {
        let number = self.journal.next_number();
        let mut ids = ids.for_request();
        let (request, refusal) = match request {
            Ok(Asked::PutEvents(request)) => (request, None),
            Ok(Asked::Other) => (PutEvents::default(), None),
            Err(refusal) => (PutEvents::default(), Some(refusal)),
        };
        // A closure of the test in a matcher may panic. That bug of the test must not end the server.
        let (judged, undecided) = with_undecided(|| {
            catch_unwind(AssertUnwindSafe(|| {
                let entries = request.entries.as_deref().unwrap_or_default();
                let tries = &self.tries.of(number, now.since_start, entries);
                match (operation, refusal) {
                    // Faults apply only to requests for an operation.
                    (None, Some(refusal)) => Judged::refused(refusal),
                    (operation, refusal) => {
                        let operation = operation.unwrap_or(Operation::PUT_EVENTS);
                        let (number, ids) = (self.journal.next_of(operation), &mut ids);
                        let (head, body) = (&head, &body);
                        let candidate = Candidate::request(operation, number, entries, tries, sdk_call(head));
                        Steps { engine: self, candidate, head, body, now, ids }.judge(&request, refusal)
                    }
                }
            }))
        });
        let (judged, entries) = match judged {
            Ok(judged) => (judged, request.entries.unwrap_or_default()),
            Err(panic) => {
                let (error, cause) = (RequestError::internal_failure(), ProblemCause::panicked(&*panic));
                (Judged::refused(Refusal::new(error, cause)), Vec::new())
            }
        };
        let Judged { story, body: answer_of_other, faults, problems, delivery } = judged;
        let reply = match &story {
            Story::Unseen => Reply::never(),
            Story::Refused { error, .. } | Story::Answered { answer: Answer::Error(error), .. } => {
                Reply::refusal(ids.request_id(), now.date, error)
            }
            Story::Answered { outcomes, answer: Answer::Truth } => {
                Reply::results(ids.request_id(), now.date, outcomes, None)
            }
            Story::Answered { outcomes, answer: Answer::Malformed(how) } => {
                Reply::results(ids.request_id(), now.date, outcomes, Some(how))
            }
            Story::Other { malformed } => {
                Reply::answer(ids.request_id(), now.date, answer_of_other, malformed.as_ref())
            }
        };
        let reply = reply.to(number).delivered(delivery);
        let undecided = undecided.map(|undecided| ProblemCause::undecided(&undecided.to_string()));
        problems.into_iter().chain(undecided).for_each(|cause| self.report(Some(number), cause, now));
        let (at, date) = (now.since_start, now.date);
        let received = Received { number, at, date, head, body, entries, story, faults, reply: reply.clone() };
        self.forgotten.extend(self.journal.record(received));
        if let Some(attempt) = self.journal.attempts().last() {
            self.tries.record(attempt);
        }
        self.tally.record(number);
        reply
    }
}

impl Steps<'_, '_> {
    fn judge(mut self, request: &PutEvents, refusal: Option<Refusal>) -> Judged {
        let now = self.now.since_start;
        if let Some(Fired { fault, what }) = self.engine.faults.first::<Unseen>(&self.candidate, now) {
            let delivery = Delivery::ending(what);
            return Judged { faults: vec![fault], delivery, ..Judged::new(Story::Unseen) };
        }
        let mut judged = match refusal {
            Some(refusal) => Judged::refused(refusal),
            None if self.candidate.operation.is_put_events() => self.judge_request(request),
            None => self.judge_other(),
        };
        self.judge_answer(&mut judged);
        judged
    }

    /// The fault of whole requests that applies, if one does.
    fn fault_of_request(&mut self) -> Option<Fired<RequestError>> {
        self.engine.faults.first::<RequestEffect>(&self.candidate, self.now.since_start)
    }

    /// Judges an operation other than PutEvents. A fault can fail it also if it has no answer.
    fn judge_other(&mut self) -> Judged {
        let given = self.engine.answers.body(self.candidate.operation);
        if given.is_some() || self.candidate.operation == Operation::DESCRIBE_EVENT_BUS {
            if let Err(refusal) = self.engine.reading.authenticate(self.head) {
                return Judged::refused(refusal);
            }
        }
        if let Some(fired) = self.fault_of_request() {
            return Judged::failed(fired);
        }
        let engine = &*self.engine;
        let answered = match given {
            Some(body) => Ok(body),
            None if self.candidate.operation == Operation::DESCRIBE_EVENT_BUS => {
                describe(self.head, self.body, engine.known_buses.as_deref(), &engine.limits)
            }
            None => {
                let (error, cause) =
                    (RequestError::unknown_operation(), ProblemCause::unanswered(self.candidate.operation));
                Err(Refusal::new(error, cause))
            }
        };
        match answered {
            Ok(body) => Judged { body, ..Judged::new(Story::Other { malformed: None }) },
            Err(refusal) => Judged::refused(refusal),
        }
    }

    /// Steps 8 to 10.
    fn judge_request(&mut self, request: &PutEvents) -> Judged {
        if let Some(fired) = self.fault_of_request() {
            return Judged::failed(fired);
        }
        if let Err(error) = self.engine.limits.check_request(request) {
            return Judged::refused(Refusal::explained(error, ProblemKind::Invalid));
        }
        let mut judged = Judged::new(Story::Answered { outcomes: Vec::new(), answer: Answer::Truth });
        let entries = (0..).zip(self.candidate.entries);
        let outcomes = entries.map(|(index, entry)| self.judge_entry(index, entry, &mut judged)).collect();
        judged.story = Story::Answered { outcomes, answer: Answer::Truth };
        judged
    }

    /// Step 10 for one entry.
    fn judge_entry(&mut self, index: usize, entry: &Entry, judged: &mut Judged) -> Outcome {
        if let Err(error) = self.engine.limits.check_entry(entry) {
            judged.problems.push(ProblemCause::refused_entry(index, entry, &error).shortened());
            return Outcome::Failed { error, injected: false };
        }
        let (candidate, now) = (self.candidate.of_entry(index), self.now.since_start);
        if let Some(error) = judged.done(self.engine.faults.first::<EntryEffect>(&candidate, now)) {
            return Outcome::Failed { error, injected: true };
        }
        let mut is_delivered = true;
        if let Some(known) = &self.engine.known_buses {
            if !known.iter().any(|name| name == entry.event_bus_name()) {
                judged.problems.push(ProblemCause::unknown_bus(index, entry, known));
                is_delivered = false;
            }
        }
        if judged.done(self.engine.faults.first::<Undelivered>(&candidate, now)).is_some() {
            is_delivered = false;
        }
        Outcome::Accepted { event_id: self.ids.event_id(), is_delivered }
    }

    /// Step 11.
    fn judge_answer(&mut self, judged: &mut Judged) {
        let candidate = self.candidate;
        let (faults, now) = (&mut self.engine.faults, self.now.since_start);
        let is_refused = matches!(judged.story, Story::Refused { .. });
        if let Some(effect) = judged.done(faults.first_of_answer::<ReplyEffect>(&candidate, now, is_refused)) {
            match (&mut judged.story, effect) {
                (Story::Answered { answer, .. }, ReplyEffect::Lost(error)) => *answer = Answer::Error(Box::new(error)),
                (Story::Answered { answer, .. }, ReplyEffect::Malformed(how)) => *answer = Answer::Malformed(how),
                (Story::Other { malformed }, ReplyEffect::Malformed(how)) => *malformed = Some(how),
                // Other operations accept nothing, so a lost reply is a plain error.
                (story @ Story::Other { .. }, ReplyEffect::Lost(error)) => {
                    *story = Story::Refused { error: Box::new(error), by: Refuser::Fault };
                }
                (Story::Unseen | Story::Refused { .. }, _) => {}
            }
        }
        judged.delivery.hold = judged.done(faults.first_of_answer::<HoldReply>(&candidate, now, is_refused));
        let latency = judged.done(faults.first_of_answer::<Latency>(&candidate, now, is_refused));
        judged.delivery.delay = latency.unwrap_or_default();
        judged.delivery.pace = judged.done(faults.first_of_answer::<Dribble>(&candidate, now, is_refused));
        if let Some(end) = judged.done(faults.first_of_answer::<Ending>(&candidate, now, is_refused)) {
            judged.delivery.end = end;
        }
    }
}
