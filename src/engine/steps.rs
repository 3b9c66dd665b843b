//! The steps of a request, in their order, and its record.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use http::request::Parts;

use super::{Engine, Now};
use crate::fault::{
    Candidate, Decided, Delivery, Dribble, Ending, EntryEffect, Fired, HoldReply, Latency, Reply, ReplyEffect,
    RequestEffect, Undelivered, Unseen,
};
use crate::journal::{Answer, Received, Refuser, Story};
use crate::service::{
    Entry, Ids, Outcome, ProblemCause, ProblemKind, PutEvents, Refusal, RequestError, RequestIds, is_put_events,
};

/// What is known of a request so far.
struct Judged {
    story: Story,
    faults: Vec<Decided>,
    problems: Vec<ProblemCause>,
    delivery: Delivery,
}

impl Judged {
    fn new(story: Story) -> Self {
        Self { story, faults: Vec::new(), problems: Vec::new(), delivery: Delivery::default() }
    }

    fn refused(Refusal { error, cause }: Refusal) -> Self {
        Self { problems: vec![cause.shortened()], ..Self::new(Story::Refused { error, by: Refuser::Service }) }
    }

    /// What a fault does, which is then one of those that decided.
    fn done<T>(&mut self, fired: Option<Fired<T>>) -> Option<T> {
        let Fired { fault, what } = fired?;
        self.faults.push(fault);
        Some(what)
    }
}

/// A request at its steps.
struct Steps<'a, 'ids> {
    engine: &'a mut Engine,
    /// Which of the requests for PutEvents it is, counted from 1.
    put_events: usize,
    entries: &'a [Entry],
    now: Now,
    ids: &'a mut RequestIds<'ids>,
}

impl Engine {
    /// Takes a request that was read through all other steps, and records it.
    pub(super) fn conclude(
        &mut self,
        head: Parts,
        body: Bytes,
        request: Result<PutEvents, Refusal>,
        now: Now,
        ids: &mut Ids,
    ) -> Reply {
        let (number, put_events) = (self.journal.next_number(), self.journal.next_put_events());
        let mut ids = ids.for_request();
        let (request, refusal) = match request {
            Ok(request) => (request, None),
            Err(refusal) => (PutEvents::default(), Some(refusal)),
        };
        // Closures in matchers are the test's, and may panic. That is the test's bug, and must not end the server.
        let judged = catch_unwind(AssertUnwindSafe(|| {
            let entries = request.entries.as_deref().unwrap_or_default();
            match refusal {
                // Faults are asked about requests for PutEvents alone.
                Some(refusal) if !is_put_events(&head) => Judged::refused(refusal),
                refusal => Steps { engine: self, put_events, entries, now, ids: &mut ids }.judge(&request, refusal),
            }
        }));
        let (judged, entries) = match judged {
            Ok(judged) => (judged, request.entries.unwrap_or_default()),
            Err(panic) => {
                let (error, cause) = (RequestError::internal_failure(), ProblemCause::panicked(&*panic));
                (Judged::refused(Refusal { error, cause }), Vec::new())
            }
        };
        let Judged { story, faults, problems, delivery } = judged;
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
        };
        let reply = reply.to(number).delivered(delivery);
        problems.into_iter().for_each(|cause| self.report(Some(number), cause, now));
        let (at, date) = (now.since_start, now.date);
        self.journal.record(Received { number, at, date, head, body, entries, story, faults, reply: reply.clone() });
        self.tally.record(number);
        reply
    }
}

impl Steps<'_, '_> {
    fn judge(mut self, request: &PutEvents, refusal: Option<Refusal>) -> Judged {
        let candidate = Candidate::request(self.put_events, self.entries);
        if let Some(Fired { fault, what }) = self.engine.faults.first::<Unseen>(&candidate, self.now.since_start) {
            let delivery = Delivery::ending(what);
            return Judged { faults: vec![fault], delivery, ..Judged::new(Story::Unseen) };
        }
        let mut judged = match refusal {
            Some(refusal) => Judged::refused(refusal),
            None => self.judge_request(request),
        };
        self.judge_answer(&mut judged);
        judged
    }

    /// Steps 8 to 10.
    fn judge_request(&mut self, request: &PutEvents) -> Judged {
        let candidate = Candidate::request(self.put_events, self.entries);
        if let Some(Fired { fault, what }) = self.engine.faults.first::<RequestEffect>(&candidate, self.now.since_start)
        {
            let story = Story::Refused { error: what, by: Refuser::Fault };
            return Judged { faults: vec![fault], ..Judged::new(story) };
        }
        if let Err(error) = self.engine.limits.check_request(request) {
            return Judged::refused(Refusal::explained(error, ProblemKind::Invalid));
        }
        let mut judged = Judged::new(Story::Answered { outcomes: Vec::new(), answer: Answer::Truth });
        let entries = (0..).zip(self.entries);
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
        let (candidate, now) = (Candidate::entry(self.put_events, index, entry), self.now.since_start);
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
        let candidate = Candidate::request(self.put_events, self.entries);
        let (faults, now) = (&mut self.engine.faults, self.now.since_start);
        let is_refused = matches!(judged.story, Story::Refused { .. });
        if let Some(effect) = judged.done(faults.first_of_answer::<ReplyEffect>(&candidate, now, is_refused)) {
            if let Story::Answered { answer, .. } = &mut judged.story {
                *answer = match effect {
                    ReplyEffect::Lost(error) => Answer::Error(error),
                    ReplyEffect::Malformed(how) => Answer::Malformed(how),
                };
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
