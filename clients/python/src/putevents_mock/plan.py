# Made from fixtures/fault-plan.schema.json and admin-api.openapi.json: BLESS=1 cargo test --all-features --test it client_types::
"""The types of plans, expectations and journals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict, Union

if TYPE_CHECKING:
    from typing_extensions import NotRequired

__all__ = [
    "Attempt",
    "AttemptOutcome",
    "AttemptReply",
    "AttemptRequest",
    "Delivery",
    "DeliveryCut",
    "DeliveryEnd",
    "DeliveryPace",
    "Entry",
    "EntryError",
    "EntryErrorCodeMessage",
    "Event",
    "EventEnvelope",
    "Expectation",
    "ExpectationBackoff",
    "ExpectationDetailsConform",
    "ExpectationLintCleanWithout",
    "ExpectationTriesAlikeObject",
    "Fault",
    "FaultDribble",
    "FaultGarbageBytes",
    "FaultLatencyMsFromTo",
    "FaultLatencyMsMedianSigma",
    "FaultLatencyMsPercentiles",
    "FaultMalformedReplyContentType",
    "FaultMalformedReplyFailedEntryCount",
    "FaultOnTryTry",
    "FaultQuota",
    "FaultTimesMinMax",
    "InjectedFault",
    "Journal",
    "JournalForgotten",
    "JournalProblem",
    "Limits",
    "LimitsMaxRequestSize",
    "Matcher",
    "MessageHeaders",
    "Operation",
    "Plan",
    "RecordedEntryError",
    "RecordedMalformedReply",
    "RecordedRequestError",
    "Reported",
    "ReportedCounts",
    "ReportedCountsCounts",
    "ReportedPublished",
    "RequestError",
    "RequestErrorObject",
    "Session",
    "TextMatcher",
    "TextMatcherOneOf",
    "TextMatcherPrefix",
]


_PlanKeys = TypedDict(
    "_PlanKeys",
    {
        "$schema": "str",
    },
    total=False,
)


class Plan(_PlanKeys, total=False):
    """The faults in the order in which the mock consults them, the seed of all random draws, the
    expectations, and the settings of the mock.
    """

    account: str
    """The account of the events. The default is 123456789012."""
    answers: dict[Operation, dict[str, Any]]
    """Answers to operations other than PutEvents: HTTP 200 with this body."""
    expect: list[Expectation]
    """What the publisher must do in spite of the faults."""
    faults: list[Fault]
    """The faults, in the order in which the mock consults them."""
    knownBuses: list[str]
    """The event buses that exist, besides the default bus. By default every event bus exists."""
    limits: Limits
    """Which requests the service refuses by itself. The default is current."""
    region: str
    """The region of the events. The default is the region of the bus's ARN, or else of the
    signature.
    """
    seed: int
    """The seed of all random draws."""
    strictAuth: bool
    """The mock refuses requests without a complete signature."""


EntryError = Union[
    Literal[
        "InternalFailure",
        "ThrottlingException",
        "InvalidArgument",
        "MalformedDetail",
        "NotAuthorizedForSourceException",
        "NotAuthorizedForDetailTypeException",
        "AccessDeniedException",
        "InvalidAccountIdException",
        "RedactionFailure",
    ],
    "EntryErrorCodeMessage",
]


class EntryErrorCodeMessage(TypedDict):
    code: str
    message: str


class Expectation(TypedDict, total=False):
    """An expectation: one assertion or several, and the members that restrict them. A member
    that restricts belongs to every assertion that takes it.
    """

    atLeastOnce: Literal[True]
    """Every event was accepted."""
    backoff: ExpectationBackoff
    """How the publisher waited before its retries."""
    batchesFull: Limits
    """No request was needlessly small."""
    batchesWithin: Limits
    """No request was larger than these limits."""
    detailsConform: ExpectationDetailsConform
    """The details of all events with this detail-type conform to a JSON Schema."""
    everyFaultFired: Literal[True]
    """Every fault has applied as often as it says."""
    exactlyOnce: Literal[True]
    """Every event was accepted exactly once."""
    expecting: list[Matcher]
    """The events that there should be, for assertions about each event. Without it, an event
    that the mock never received cannot be missed.
    """
    identifyBy: str
    """The place in the detail that identifies an event, for assertions about each event. By
    default, entries with the same content are the same event.
    """
    inFlightAtMost: int
    """There were no more requests than this at the same time."""
    lintClean: Union[Literal[True], ExpectationLintCleanWithout]
    """The publisher sent nothing that a real account would punish or silently drop."""
    matching: Matcher
    """Only these events count, for assertions about events."""
    noDuplicates: Literal[True]
    """No event was accepted twice."""
    noProblems: Literal[True]
    """The mock received nothing that a correct publisher does not send."""
    noneLost: Literal[True]
    """Every event was accepted, or the publisher was told that it can never be accepted."""
    noneSilentlyLost: Reported
    """Every event was accepted, or the publisher reported that it failed. The value is the
    report of the publisher.
    """
    onBus: str
    """Only events on this event bus count, for assertions about published events."""
    onlyFailedEntriesResent: Literal[True]
    """No event was resent after the publisher was told that it was accepted."""
    orderKept: Literal[True]
    """Events were accepted in their order."""
    orderKeptPer: str
    """Events with the same value at this JSON pointer were accepted in their order."""
    permanentErrorsNotRetried: Literal[True]
    """No event was resent after a permanent error."""
    publishedContain: list[Matcher]
    """These events were published, each at least once."""
    publishedCount: int
    """This number of events was published."""
    publishedExactly: list[Matcher]
    """These events were published, each once and no others, in any order."""
    publishedInOrder: list[Matcher]
    """Exactly these events were published, in this order."""
    publishedNoneMatch: Matcher
    """No published event matches."""
    reported: Reported
    """What the publisher reported is true."""
    triesAlike: Union[Literal[True], ExpectationTriesAlikeObject]
    """All tries of an event were the same, Time included. Without identifyBy only the Time can
    differ.
    """
    triesAtMost: int
    """No event was tried more often than this."""


class ExpectationBackoff(TypedDict, total=False):
    """How the publisher waited before its retries."""

    atLeastMs: float
    atMostMs: float
    growing: Literal[True]
    inAllAtMostMs: float
    jittered: Literal[True]


class ExpectationDetailsConform(TypedDict):
    """The details of all events with this detail-type conform to a JSON Schema."""

    detailType: str
    schema: Union[dict[str, Any], bool]


class ExpectationLintCleanWithout(TypedDict):
    without: list[
        Literal[
            "unsigned",
            "tooLarge",
            "countedCharacters",
            "duplicateInBatch",
            "reservedSource",
            "longDetailType",
            "timeInMilliseconds",
            "unknownBus",
            "refusedEntry",
            "permanentErrorRetried",
            "refusedOverAndOver",
            "acceptedEntryResent",
        ],
    ]


_ExpectationTriesAlikeObjectKeys = TypedDict(
    "_ExpectationTriesAlikeObjectKeys",
    {
        "except": "list[str]",
    },
    total=False,
)


class ExpectationTriesAlikeObject(_ExpectationTriesAlikeObjectKeys, total=False):
    exceptTime: Literal[True]


class Fault(TypedDict, total=False):
    """A fault: one effect, and the conditions under which it applies."""

    after: int
    """This number of candidates passes first."""
    afterAcceptance: Literal[True]
    """For reset, emptyResponse, stall and garbage: the entries are accepted first."""
    answer: Union[str, dict[str, Any], list[Any]]
    """The reply is HTTP 200 with this body: a string as it is, an object or a list as JSON."""
    atIndex: int
    """Only the entry at this place in its request, counted from 0."""
    closeAfterReply: Literal[True]
    """The connection is closed after the reply, which does not announce it."""
    dribble: FaultDribble
    """The reply comes in pieces of this many bytes, with a pause after each."""
    emptyResponse: Literal[True]
    """The connection is closed (FIN) without a reply."""
    entries: list[Union[EntryError, None]]
    """The first candidate gets the first error, the second the next, and so on. null lets a
    candidate pass.
    """
    entry: EntryError
    """Single entries fail with this error."""
    every: int
    """Only every k-th candidate."""
    garbage: Union[Literal[True], str, FaultGarbageBytes]
    """These bytes come instead of a reply. true stands for bytes that are not HTTP."""
    keyedBy: str
    """The random draw depends on the value in the detail at this JSON pointer, and not on the
    order of the calls.
    """
    lasting: Literal["call", "event", "ever"]
    """After it has applied, the fault continues: for the rest of that SDK call, for all later
    tries of that event (together with onTry), or forever.
    """
    latencyMs: Union[
        float,
        FaultLatencyMsFromTo,
        FaultLatencyMsMedianSigma,
        FaultLatencyMsPercentiles,
    ]
    """The reply comes late by this many milliseconds."""
    lostReply: Union[Literal[True], RequestError]
    """The entries are accepted. Then the connection is reset (true), or the reply is this error."""
    malformedReply: Union[
        Literal[
            "fewerResults",
            "moreResults",
            "reorderedResults",
            "noEventIds",
            "eventIdsWithErrorCodes",
            "brokenJson",
            "emptyBody",
        ],
        FaultMalformedReplyFailedEntryCount,
        FaultMalformedReplyContentType,
    ]
    """The reply breaks the rules of the API."""
    matching: Matcher
    """Only entries that match, or requests that have an entry that matches."""
    onAttempt: int
    """Only the n-th request for PutEvents, or for the operation of onOperation, counted from 1."""
    onOperation: Union[Literal["PutEvents"], Operation]
    """Only requests for this operation, instead of those for PutEvents. Not for faults of
    entries.
    """
    onTry: Union[int, FaultOnTryTry]
    """Only the n-th try of an event, counted from 1 as the ledger counts. For faults of
    requests, the first event that matches counts. identifyBy names the member of the detail
    that identifies an event. By default, entries with the same content are the same event.
    """
    probability: float
    """At random, with this probability. The draws depend on the seed."""
    quota: FaultQuota
    """Entries or requests above this rate are throttled."""
    refuseConnections: Literal[True]
    """The mock does not listen. This effect has no conditions."""
    request: RequestError
    """Whole requests fail with this error."""
    requests: list[Union[RequestError, None]]
    """The same as entries, for whole requests."""
    reset: Literal[True]
    """The connection is reset (RST) after the request was read."""
    resetInBody: int
    """The connection is reset after this many bytes of the body of the reply."""
    resetInHead: int
    """The connection is reset after this many bytes of the head of the reply."""
    resetOnConnect: Literal[True]
    """Connections are reset before anything is read."""
    stall: Literal[True]
    """No reply comes."""
    times: Union[int, FaultTimesMinMax]
    """The fault applies this often. everyFaultFired requires it to apply min times at least."""
    truncatedBody: int
    """The connection is closed after this many bytes of the body of the reply."""
    truncatedHead: int
    """The connection is closed after this many bytes of the head of the reply."""
    undelivered: Literal[True]
    """Entries are accepted and delivered nowhere."""


class FaultDribble(TypedDict):
    """The reply comes in pieces of this many bytes, with a pause after each."""

    bytes: int
    everyMs: float


class FaultGarbageBytes(TypedDict):
    bytes: list[int]


_FaultLatencyMsFromToKeys = TypedDict(
    "_FaultLatencyMsFromToKeys",
    {
        "from": "float",
    },
)


class FaultLatencyMsFromTo(_FaultLatencyMsFromToKeys):
    to: float


class FaultLatencyMsMedianSigma(TypedDict):
    median: float
    sigma: float


class FaultLatencyMsPercentiles(TypedDict):
    """Pairs of a percentage and a latency: this percentage of the replies comes at most this
    late. Both numbers rise from pair to pair.
    """

    percentiles: list[list[float]]


class FaultMalformedReplyFailedEntryCount(TypedDict):
    failedEntryCount: int


class FaultMalformedReplyContentType(TypedDict):
    contentType: str


_FaultOnTryTryKeys = TypedDict(
    "_FaultOnTryTryKeys",
    {
        "try": "int",
    },
)


class FaultOnTryTry(_FaultOnTryTryKeys):
    identifyBy: NotRequired[str]


class FaultQuota(TypedDict, total=False):
    """Entries or requests above this rate are throttled."""

    burst: int
    entriesPerSecond: float
    refusesWholeRequests: Literal[True]
    requestsPerSecond: float


class FaultTimesMinMax(TypedDict):
    max: int
    min: int


Limits = Union[Literal["current", "before-2026", "none"], "LimitsMaxRequestSize"]


class LimitsMaxRequestSize(TypedDict):
    """The current limits, with another maximum size of a request, in bytes."""

    maxRequestSize: int


_MatcherKeys = TypedDict(
    "_MatcherKeys",
    {
        # This matcher does not match.
        "not": "Matcher",
    },
    total=False,
)


class Matcher(_MatcherKeys, total=False):
    """A matcher: it matches entries for which all members hold."""

    allOf: list[Matcher]
    """All of these matchers match."""
    anyOf: list[Matcher]
    """At least one of these matchers matches."""
    detail: dict[str, Any]
    """JSON pointers, and the values in the detail at these places."""
    detailContains: Any
    """A value that the detail has anywhere, at any depth."""
    detailIncludes: Any
    """The members that the detail has at least."""
    detailType: TextMatcher
    """The detail-type."""
    eventBus: TextMatcher
    """The event bus, by its name or its ARN. default also matches entries that name no event
    bus.
    """
    pattern: dict[str, Any]
    """An EventBridge event pattern."""
    resource: TextMatcher
    """One of the resources."""
    source: TextMatcher
    """The source."""


Operation = Literal[
    "ActivateEventSource",
    "CancelReplay",
    "CreateApiDestination",
    "CreateArchive",
    "CreateConnection",
    "CreateEndpoint",
    "CreateEventBus",
    "CreatePartnerEventSource",
    "DeactivateEventSource",
    "DeauthorizeConnection",
    "DeleteApiDestination",
    "DeleteArchive",
    "DeleteConnection",
    "DeleteEndpoint",
    "DeleteEventBus",
    "DeletePartnerEventSource",
    "DeleteRule",
    "DescribeApiDestination",
    "DescribeArchive",
    "DescribeConnection",
    "DescribeEndpoint",
    "DescribeEventBus",
    "DescribeEventSource",
    "DescribePartnerEventSource",
    "DescribeReplay",
    "DescribeRule",
    "DisableRule",
    "EnableRule",
    "ListApiDestinations",
    "ListArchives",
    "ListConnections",
    "ListEndpoints",
    "ListEventBuses",
    "ListEventSources",
    "ListPartnerEventSourceAccounts",
    "ListPartnerEventSources",
    "ListReplays",
    "ListRuleNamesByTarget",
    "ListRules",
    "ListTagsForResource",
    "ListTargetsByRule",
    "PutPartnerEvents",
    "PutPermission",
    "PutRule",
    "PutTargets",
    "RemovePermission",
    "RemoveTargets",
    "StartReplay",
    "TagResource",
    "TestEventPattern",
    "UntagResource",
    "UpdateApiDestination",
    "UpdateArchive",
    "UpdateConnection",
    "UpdateEndpoint",
    "UpdateEventBus",
]
"""An operation of EventBridge other than PutEvents."""


Reported = Union[Literal["allPublished", "someFailed"], "ReportedPublished", "ReportedCounts"]
"""What the publisher reported."""


class ReportedPublished(TypedDict):
    failed: NotRequired[list[Matcher]]
    published: list[Matcher]
    unknown: NotRequired[list[Matcher]]


class ReportedCounts(TypedDict):
    counts: ReportedCountsCounts


class ReportedCountsCounts(TypedDict):
    failed: int
    published: int


RequestError = Union[
    Literal[
        "InternalException",
        "InternalFailure",
        "ServiceUnavailable",
        "ThrottlingException",
        "AccessDeniedException",
        "UnrecognizedClientException",
        "ExpiredTokenException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "IncompleteSignatureException",
        "payloadTooLarge",
        "badGateway",
        "gatewayTimeout",
        "tooManyRequests",
    ],
    "RequestErrorObject",
]


class RequestErrorObject(TypedDict, total=False):
    """Either an error of the service with code and message, or a reply with a custom body. A
    known code sets its status by default.
    """

    body: str
    code: str
    contentType: str
    headers: dict[str, str]
    message: str
    status: int


TextMatcher = Union[str, "TextMatcherPrefix", "TextMatcherOneOf"]


class TextMatcherPrefix(TypedDict):
    prefix: str


class TextMatcherOneOf(TypedDict):
    oneOf: list[str]


class Session(TypedDict):
    attempts: int
    name: Union[str, None]
    """The name of the session; null for the default session."""
    published: int


class InjectedFault(TypedDict):
    fault: str
    """The fault as a sentence."""
    fired: int
    """How often the fault has applied."""
    id: int
    inForce: bool
    """The fault is active. In the list of faults this is also false if it has applied as often
    as it may.
    """
    injectedAt: str
    """The place in a plan, or the request to the API, that injected the fault."""
    json: NotRequired[Fault]
    """The JSON with which the fault can be injected again. Only in the list of faults, and only
    if the fault can be written as JSON.
    """
    mustFire: int
    """How often the fault has to apply for everyFaultFired."""
    why: NotRequired[str]
    """The likeliest reason if it has not applied as often as it has to."""


class Event(TypedDict):
    attempt: int
    envelope: EventEnvelope
    """What the target of a rule would receive. The numbers of the detail are as they were sent,
    also with more digits than a float holds.
    """
    id: str
    """The EventId."""
    index: int
    """The place among the entries of the attempt, counted from 0."""
    isDelivered: bool
    """false if the event bus does not exist, or if a fault says so."""


_EventEnvelopeKeys = TypedDict(
    "_EventEnvelopeKeys",
    {
        "detail-type": "str",
    },
)


class EventEnvelope(_EventEnvelopeKeys):
    """What the target of a rule would receive. The numbers of the detail are as they were sent,
    also with more digits than a float holds.
    """

    account: str
    detail: Any
    """The payload: any JSON."""
    id: str
    region: str
    resources: list[str]
    source: str
    time: str
    version: str


_JournalKeys = TypedDict(
    "_JournalKeys",
    {
        "putevents-mock": "Literal[\"journal 1\"]",
    },
)


class Journal(_JournalKeys):
    attempts: list[Attempt]
    faults: list[InjectedFault]
    forgotten: NotRequired[JournalForgotten]
    problems: list[JournalProblem]
    recorded: int
    seed: NotRequired[int]
    """The seed of the random draws, if anything depended on it."""


class JournalForgotten(TypedDict):
    attempts: int
    events: int
    untilMs: float
    untilNs: NotRequired[str]
    """The same time in nanoseconds, if the number in milliseconds is not exact."""


class JournalProblem(TypedDict):
    atMs: float
    atNs: NotRequired[str]
    """The same time in nanoseconds, if the number in milliseconds is not exact."""
    attempt: NotRequired[int]
    kind: str
    message: str


class Attempt(TypedDict):
    account: NotRequired[str]
    """The account of the events, if it is not the default."""
    answered: NotRequired[bool]
    atMs: float
    """The time since the start of the session, in milliseconds."""
    atNs: NotRequired[str]
    """The same time in nanoseconds, if the number in milliseconds is not exact."""
    date: int
    """Seconds since 1970."""
    delivery: NotRequired[Delivery]
    endedMs: NotRequired[float]
    endedNs: NotRequired[str]
    """The same time in nanoseconds, if the number in milliseconds is not exact."""
    entries: NotRequired[list[Entry]]
    error: NotRequired[RecordedRequestError]
    faultIds: NotRequired[list[int]]
    """The ids of these faults, in the same order."""
    faults: NotRequired[list[str]]
    """The faults that applied, as sentences."""
    malformedReply: NotRequired[RecordedMalformedReply]
    number: int
    """The number of the attempt, counted from 1."""
    operation: NotRequired[str]
    """The operation of the request, such as PutEvents: the end of X-Amz-Target."""
    outcomes: NotRequired[list[AttemptOutcome]]
    peer: NotRequired[str]
    refusedByFault: NotRequired[Literal[True]]
    region: NotRequired[str]
    """The region of the events, if it was set."""
    reply: NotRequired[AttemptReply]
    request: AttemptRequest


class AttemptOutcome(TypedDict, total=False):
    """Accepted with an eventId, or failed with an error."""

    error: RecordedEntryError
    eventId: str
    injected: Literal[True]
    undelivered: Literal[True]


class AttemptReply(TypedDict):
    body: NotRequired[str]
    """The body as text."""
    bodyHex: NotRequired[str]
    """The body in hexadecimal, if it is not text."""
    headers: MessageHeaders
    status: int


class AttemptRequest(TypedDict):
    body: NotRequired[str]
    """The body as text."""
    bodyHex: NotRequired[str]
    """The body in hexadecimal, if it is not text."""
    headers: MessageHeaders
    method: str
    uri: str


class Delivery(TypedDict, total=False):
    """How the reply was delivered."""

    delayMs: float
    delayNs: str
    """The same time in nanoseconds, if the number in milliseconds is not exact."""
    end: DeliveryEnd
    held: Literal[True]
    """The reply was held at a gate."""
    pace: DeliveryPace


class DeliveryPace(TypedDict):
    bytes: int
    everyMs: float
    everyNs: NotRequired[str]
    """The same time in nanoseconds, if the number in milliseconds is not exact."""


class Entry(TypedDict, total=False):
    """An entry as it was sent. A missing member was missing or null."""

    Detail: dict[str, Any]
    """The detail, if it is an object."""
    DetailText: str
    """The detail as it was sent, if it is not an object."""
    DetailType: str
    EventBusName: str
    Resources: list[str]
    Source: str
    Time: str
    """The number as it was sent."""
    TraceHeader: str


class RecordedRequestError(TypedDict):
    """The error for the whole request: an error of the service with code and message, or a
    custom body.
    """

    body: NotRequired[str]
    code: NotRequired[str]
    contentType: NotRequired[str]
    headers: NotRequired[dict[str, str]]
    message: NotRequired[str]
    status: int
    xml: NotRequired[Literal[True]]
    """The body of the reply is an XML element with the code as its name."""


class RecordedMalformedReply(TypedDict):
    """How the reply was malformed."""

    body: NotRequired[str]
    """The custom body, for the kind that has one."""
    contentType: NotRequired[str]
    """The value that was sent, for the kinds that have one."""
    failedEntryCount: NotRequired[int]
    """The value that was sent, for the kinds that have one."""
    kind: Literal[
        "fewerResults",
        "moreResults",
        "reorderedResults",
        "failedEntryCount",
        "noEventIds",
        "eventIdsWithErrorCodes",
        "brokenJson",
        "emptyBody",
        "contentType",
        "body",
    ]


class RecordedEntryError(TypedDict):
    """The error of one entry."""

    code: str
    message: str


MessageHeaders = list[list[str]]
"""Each header is a name and a value. A value that is not text is in hexadecimal, followed by
"hex".
"""


class DeliveryEnd(TypedDict, total=False):
    """Where and how the reply ended."""

    closed: DeliveryCut
    garbage: str
    """The bytes that were sent instead, as text."""
    garbageHex: str
    """The bytes that were sent instead, in hexadecimal, if they are not text."""
    reset: DeliveryCut
    stalled: DeliveryCut


class DeliveryCut(TypedDict):
    """A place in the reply."""

    at: Literal["start", "head", "body", "end"]
    """Where in the reply: before its first byte, in its head, in its body, or after its last
    byte.
    """
    bytes: NotRequired[int]
    """The number of bytes of the head or the body after which the reply ended."""
