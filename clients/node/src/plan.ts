// Made from fixtures/fault-plan.schema.json and admin-api.openapi.json: BLESS=1 cargo test --all-features --test it client_types::

/**
 * The faults in the order in which the mock consults them, the seed of all random draws, the
 * expectations, and the settings of the mock.
 */
export interface Plan {
  $schema?: string;
  /** The account of the events. The default is 123456789012. */
  account?: string;
  /** Answers to operations other than PutEvents: HTTP 200 with this body. */
  answers?: Partial<Record<Operation, Record<string, any>>>;
  /** What the publisher must do in spite of the faults. */
  expect?: Expectation[];
  /** The faults, in the order in which the mock consults them. */
  faults?: Fault[];
  /** The event buses that exist, besides the default bus. By default every event bus exists. */
  knownBuses?: string[];
  /** Which requests the service refuses by itself. The default is current. */
  limits?: Limits;
  /**
   * The region of the events. The default is the region of the bus's ARN, or else of the
   * signature.
   */
  region?: string;
  /** The seed of all random draws. */
  seed?: number;
  /** The mock refuses requests without a complete signature. */
  strictAuth?: boolean;
}

export type EntryError =
  | "InternalFailure"
  | "ThrottlingException"
  | "InvalidArgument"
  | "MalformedDetail"
  | "NotAuthorizedForSourceException"
  | "NotAuthorizedForDetailTypeException"
  | "AccessDeniedException"
  | "InvalidAccountIdException"
  | "RedactionFailure"
  | EntryErrorCodeMessage;

export interface EntryErrorCodeMessage {
  code: string;
  message: string;
}

/**
 * An expectation: one assertion or several, and the members that restrict them. A member that
 * restricts belongs to every assertion that takes it.
 */
export interface Expectation {
  /** Every event was accepted. */
  atLeastOnce?: true;
  /** How the publisher waited before its retries. */
  backoff?: ExpectationBackoff;
  /** No request was needlessly small. */
  batchesFull?: Limits;
  /** No request was larger than these limits. */
  batchesWithin?: Limits;
  /** The details of all events with this detail-type conform to a JSON Schema. */
  detailsConform?: ExpectationDetailsConform;
  /** Every fault has applied as often as it says. */
  everyFaultFired?: true;
  /** Every event was accepted exactly once. */
  exactlyOnce?: true;
  /**
   * The events that there should be, for assertions about each event. Without it, an event that
   * the mock never received cannot be missed.
   */
  expecting?: Matcher[];
  /**
   * The place in the detail that identifies an event, for assertions about each event. By
   * default, entries with the same content are the same event.
   */
  identifyBy?: string;
  /** There were no more requests than this at the same time. */
  inFlightAtMost?: number;
  /** The publisher sent nothing that a real account would punish or silently drop. */
  lintClean?: true | ExpectationLintCleanWithout;
  /** Only these events count, for assertions about events. */
  matching?: Matcher;
  /** No event was accepted twice. */
  noDuplicates?: true;
  /** The mock received nothing that a correct publisher does not send. */
  noProblems?: true;
  /** Every event was accepted, or the publisher was told that it can never be accepted. */
  noneLost?: true;
  /**
   * Every event was accepted, or the publisher reported that it failed. The value is the report
   * of the publisher.
   */
  noneSilentlyLost?: Reported;
  /** Only events on this event bus count, for assertions about published events. */
  onBus?: string;
  /** No event was resent after the publisher was told that it was accepted. */
  onlyFailedEntriesResent?: true;
  /** Events were accepted in their order. */
  orderKept?: true;
  /** Events with the same value at this JSON pointer were accepted in their order. */
  orderKeptPer?: string;
  /** No event was resent after a permanent error. */
  permanentErrorsNotRetried?: true;
  /** These events were published, each at least once. */
  publishedContain?: Matcher[];
  /** This number of events was published. */
  publishedCount?: number;
  /** These events were published, each once and no others, in any order. */
  publishedExactly?: Matcher[];
  /** Exactly these events were published, in this order. */
  publishedInOrder?: Matcher[];
  /** No published event matches. */
  publishedNoneMatch?: Matcher;
  /** What the publisher reported is true. */
  reported?: Reported;
  /**
   * All tries of an event were the same, Time included. Without identifyBy only the Time can
   * differ.
   */
  triesAlike?: true | ExpectationTriesAlikeObject;
  /** No event was tried more often than this. */
  triesAtMost?: number;
}

/** How the publisher waited before its retries. */
export interface ExpectationBackoff {
  atLeastMs?: number;
  atMostMs?: number;
  growing?: true;
  inAllAtMostMs?: number;
  jittered?: true;
}

/** The details of all events with this detail-type conform to a JSON Schema. */
export interface ExpectationDetailsConform {
  detailType: string;
  schema: Record<string, any> | boolean;
}

export interface ExpectationLintCleanWithout {
  without: (
    | "unsigned"
    | "tooLarge"
    | "countedCharacters"
    | "duplicateInBatch"
    | "reservedSource"
    | "longDetailType"
    | "timeInMilliseconds"
    | "unknownBus"
    | "refusedEntry"
    | "permanentErrorRetried"
    | "refusedOverAndOver"
    | "acceptedEntryResent"
  )[];
}

export interface ExpectationTriesAlikeObject {
  except?: string[];
  exceptTime?: true;
}

/** A fault: one effect, and the conditions under which it applies. */
export interface Fault {
  /** This number of candidates passes first. */
  after?: number;
  /** For reset, emptyResponse, stall and garbage: the entries are accepted first. */
  afterAcceptance?: true;
  /** The reply is HTTP 200 with this body: a string as it is, an object or a list as JSON. */
  answer?: string | Record<string, any> | any[];
  /** Only the entry at this place in its request, counted from 0. */
  atIndex?: number;
  /** The connection is closed after the reply, which does not announce it. */
  closeAfterReply?: true;
  /** The reply comes in pieces of this many bytes, with a pause after each. */
  dribble?: FaultDribble;
  /** The connection is closed (FIN) without a reply. */
  emptyResponse?: true;
  /**
   * The first candidate gets the first error, the second the next, and so on. null lets a
   * candidate pass.
   */
  entries?: (EntryError | null)[];
  /** Single entries fail with this error. */
  entry?: EntryError;
  /** Only every k-th candidate. */
  every?: number;
  /** These bytes come instead of a reply. true stands for bytes that are not HTTP. */
  garbage?: true | string | FaultGarbageBytes;
  /**
   * The random draw depends on the value in the detail at this JSON pointer, and not on the
   * order of the calls.
   */
  keyedBy?: string;
  /**
   * After it has applied, the fault continues: for the rest of that SDK call, for all later
   * tries of that event (together with onTry), or forever.
   */
  lasting?: "call" | "event" | "ever";
  /** The reply comes late by this many milliseconds. */
  latencyMs?: number | FaultLatencyMsFromTo | FaultLatencyMsMedianSigma | FaultLatencyMsPercentiles;
  /** The entries are accepted. Then the connection is reset (true), or the reply is this error. */
  lostReply?: true | RequestError;
  /** The reply breaks the rules of the API. */
  malformedReply?:
    | "fewerResults"
    | "moreResults"
    | "reorderedResults"
    | "noEventIds"
    | "eventIdsWithErrorCodes"
    | "brokenJson"
    | "emptyBody"
    | FaultMalformedReplyFailedEntryCount
    | FaultMalformedReplyContentType;
  /** Only entries that match, or requests that have an entry that matches. */
  matching?: Matcher;
  /** Only the n-th request for PutEvents, or for the operation of onOperation, counted from 1. */
  onAttempt?: number;
  /**
   * Only requests for this operation, instead of those for PutEvents. Not for faults of
   * entries.
   */
  onOperation?: Operation | "PutEvents";
  /**
   * Only the n-th try of an event, counted from 1 as the ledger counts. For faults of requests,
   * the first event that matches counts. identifyBy names the member of the detail that
   * identifies an event. By default, entries with the same content are the same event.
   */
  onTry?: number | FaultOnTryTry;
  /** At random, with this probability. The draws depend on the seed. */
  probability?: number;
  /** Entries or requests above this rate are throttled. */
  quota?: FaultQuota;
  /** The mock does not listen. This effect has no conditions. */
  refuseConnections?: true;
  /** Whole requests fail with this error. */
  request?: RequestError;
  /** The same as entries, for whole requests. */
  requests?: (RequestError | null)[];
  /** The connection is reset (RST) after the request was read. */
  reset?: true;
  /** The connection is reset after this many bytes of the body of the reply. */
  resetInBody?: number;
  /** The connection is reset after this many bytes of the head of the reply. */
  resetInHead?: number;
  /** Connections are reset before anything is read. */
  resetOnConnect?: true;
  /** No reply comes. */
  stall?: true;
  /** The fault applies this often. everyFaultFired requires it to apply min times at least. */
  times?: number | FaultTimesMinMax;
  /** The connection is closed after this many bytes of the body of the reply. */
  truncatedBody?: number;
  /** The connection is closed after this many bytes of the head of the reply. */
  truncatedHead?: number;
  /** Entries are accepted and delivered nowhere. */
  undelivered?: true;
}

/** The reply comes in pieces of this many bytes, with a pause after each. */
export interface FaultDribble {
  bytes: number;
  everyMs: number;
}

export interface FaultGarbageBytes {
  bytes: number[];
}

export interface FaultLatencyMsFromTo {
  from: number;
  to: number;
}

export interface FaultLatencyMsMedianSigma {
  median: number;
  sigma: number;
}

/**
 * Pairs of a percentage and a latency: this percentage of the replies comes at most this late.
 * Both numbers rise from pair to pair.
 */
export interface FaultLatencyMsPercentiles {
  percentiles: [number, number][];
}

export interface FaultMalformedReplyFailedEntryCount {
  failedEntryCount: number;
}

export interface FaultMalformedReplyContentType {
  contentType: string;
}

export interface FaultOnTryTry {
  identifyBy?: string;
  try: number;
}

/** Entries or requests above this rate are throttled. */
export interface FaultQuota {
  burst?: number;
  entriesPerSecond?: number;
  refusesWholeRequests?: true;
  requestsPerSecond?: number;
}

export interface FaultTimesMinMax {
  max: number;
  min: number;
}

export type Limits = "current" | "before-2026" | "none" | LimitsMaxRequestSize;

/** The current limits, with another maximum size of a request, in bytes. */
export interface LimitsMaxRequestSize {
  maxRequestSize: number;
}

/** A matcher: it matches entries for which all members hold. */
export interface Matcher {
  /** All of these matchers match. */
  allOf?: Matcher[];
  /** At least one of these matchers matches. */
  anyOf?: Matcher[];
  /** JSON pointers, and the values in the detail at these places. */
  detail?: Record<string, any>;
  /** A value that the detail has anywhere, at any depth. */
  detailContains?: any;
  /** The members that the detail has at least. */
  detailIncludes?: any;
  /** The detail-type. */
  detailType?: TextMatcher;
  /** The event bus, by its name or its ARN. default also matches entries that name no event bus. */
  eventBus?: TextMatcher;
  /** This matcher does not match. */
  not?: Matcher;
  /** An EventBridge event pattern. */
  pattern?: Record<string, any>;
  /** One of the resources. */
  resource?: TextMatcher;
  /** The source. */
  source?: TextMatcher;
}

/** An operation of EventBridge other than PutEvents. */
export type Operation =
  | "ActivateEventSource"
  | "CancelReplay"
  | "CreateApiDestination"
  | "CreateArchive"
  | "CreateConnection"
  | "CreateEndpoint"
  | "CreateEventBus"
  | "CreatePartnerEventSource"
  | "DeactivateEventSource"
  | "DeauthorizeConnection"
  | "DeleteApiDestination"
  | "DeleteArchive"
  | "DeleteConnection"
  | "DeleteEndpoint"
  | "DeleteEventBus"
  | "DeletePartnerEventSource"
  | "DeleteRule"
  | "DescribeApiDestination"
  | "DescribeArchive"
  | "DescribeConnection"
  | "DescribeEndpoint"
  | "DescribeEventBus"
  | "DescribeEventSource"
  | "DescribePartnerEventSource"
  | "DescribeReplay"
  | "DescribeRule"
  | "DisableRule"
  | "EnableRule"
  | "ListApiDestinations"
  | "ListArchives"
  | "ListConnections"
  | "ListEndpoints"
  | "ListEventBuses"
  | "ListEventSources"
  | "ListPartnerEventSourceAccounts"
  | "ListPartnerEventSources"
  | "ListReplays"
  | "ListRuleNamesByTarget"
  | "ListRules"
  | "ListTagsForResource"
  | "ListTargetsByRule"
  | "PutPartnerEvents"
  | "PutPermission"
  | "PutRule"
  | "PutTargets"
  | "RemovePermission"
  | "RemoveTargets"
  | "StartReplay"
  | "TagResource"
  | "TestEventPattern"
  | "UntagResource"
  | "UpdateApiDestination"
  | "UpdateArchive"
  | "UpdateConnection"
  | "UpdateEndpoint"
  | "UpdateEventBus";

/** What the publisher reported. */
export type Reported = "allPublished" | "someFailed" | ReportedPublished | ReportedCounts;

export interface ReportedPublished {
  failed?: Matcher[];
  published: Matcher[];
  unknown?: Matcher[];
}

export interface ReportedCounts {
  counts: ReportedCountsCounts;
}

export interface ReportedCountsCounts {
  failed: number;
  published: number;
}

export type RequestError =
  | "InternalException"
  | "InternalFailure"
  | "ServiceUnavailable"
  | "ThrottlingException"
  | "AccessDeniedException"
  | "UnrecognizedClientException"
  | "ExpiredTokenException"
  | "InvalidSignatureException"
  | "MissingAuthenticationTokenException"
  | "IncompleteSignatureException"
  | "payloadTooLarge"
  | "badGateway"
  | "gatewayTimeout"
  | "tooManyRequests"
  | RequestErrorObject;

/**
 * Either an error of the service with code and message, or a reply with a custom body. A known
 * code sets its status by default.
 */
export interface RequestErrorObject {
  body?: string;
  code?: string;
  contentType?: string;
  headers?: Record<string, string>;
  message?: string;
  status?: number;
}

export type TextMatcher = string | TextMatcherPrefix | TextMatcherOneOf;

export interface TextMatcherPrefix {
  prefix: string;
}

export interface TextMatcherOneOf {
  oneOf: string[];
}

export interface Session {
  attempts: number;
  /** The name of the session; null for the default session. */
  name: string | null;
  published: number;
}

export interface InjectedFault {
  /** The fault as a sentence. */
  fault: string;
  /** How often the fault has applied. */
  fired: number;
  id: number;
  /**
   * The fault is active. In the list of faults this is also false if it has applied as often as
   * it may.
   */
  inForce: boolean;
  /** The place in a plan, or the request to the API, that injected the fault. */
  injectedAt: string;
  /**
   * The JSON with which the fault can be injected again. Only in the list of faults, and only
   * if the fault can be written as JSON.
   */
  json?: Fault;
  /** How often the fault has to apply for everyFaultFired. */
  mustFire: number;
  /** The likeliest reason if it has not applied as often as it has to. */
  why?: string;
}

export interface Event {
  attempt: number;
  /**
   * What the target of a rule would receive. The numbers of the detail are as they were sent,
   * also with more digits than a float holds.
   */
  envelope: EventEnvelope;
  /** The EventId. */
  id: string;
  /** The place among the entries of the attempt, counted from 0. */
  index: number;
  /** false if the event bus does not exist, or if a fault says so. */
  isDelivered: boolean;
}

/**
 * What the target of a rule would receive. The numbers of the detail are as they were sent,
 * also with more digits than a float holds.
 */
export interface EventEnvelope {
  account: string;
  /** The payload: any JSON. */
  detail: any;
  "detail-type": string;
  id: string;
  region: string;
  resources: string[];
  source: string;
  time: string;
  version: string;
}

export interface Journal {
  attempts: Attempt[];
  faults: InjectedFault[];
  forgotten?: JournalForgotten;
  problems: JournalProblem[];
  "putevents-mock": "journal 1";
  recorded: number;
  /** The seed of the random draws, if anything depended on it. */
  seed?: number;
}

export interface JournalForgotten {
  attempts: number;
  events: number;
  untilMs: number;
  /** The same time in nanoseconds, if the number in milliseconds is not exact. */
  untilNs?: string;
}

export interface JournalProblem {
  atMs: number;
  /** The same time in nanoseconds, if the number in milliseconds is not exact. */
  atNs?: string;
  attempt?: number;
  kind: string;
  message: string;
}

export interface Attempt {
  /** The account of the events, if it is not the default. */
  account?: string;
  answered?: boolean;
  /** The time since the start of the session, in milliseconds. */
  atMs: number;
  /** The same time in nanoseconds, if the number in milliseconds is not exact. */
  atNs?: string;
  /** Seconds since 1970. */
  date: number;
  delivery?: Delivery;
  endedMs?: number;
  /** The same time in nanoseconds, if the number in milliseconds is not exact. */
  endedNs?: string;
  entries?: Entry[];
  error?: RecordedRequestError;
  /** The ids of these faults, in the same order. */
  faultIds?: number[];
  /** The faults that applied, as sentences. */
  faults?: string[];
  malformedReply?: RecordedMalformedReply;
  /** The number of the attempt, counted from 1. */
  number: number;
  /** The operation of the request, such as PutEvents: the end of X-Amz-Target. */
  operation?: string;
  outcomes?: AttemptOutcome[];
  peer?: string;
  refusedByFault?: true;
  /** The region of the events, if it was set. */
  region?: string;
  reply?: AttemptReply;
  request: AttemptRequest;
}

/** Accepted with an eventId, or failed with an error. */
export interface AttemptOutcome {
  error?: RecordedEntryError;
  eventId?: string;
  injected?: true;
  undelivered?: true;
}

export interface AttemptReply {
  /** The body as text. */
  body?: string;
  /** The body in hexadecimal, if it is not text. */
  bodyHex?: string;
  headers: MessageHeaders;
  status: number;
}

export interface AttemptRequest {
  /** The body as text. */
  body?: string;
  /** The body in hexadecimal, if it is not text. */
  bodyHex?: string;
  headers: MessageHeaders;
  method: string;
  uri: string;
}

/** How the reply was delivered. */
export interface Delivery {
  delayMs?: number;
  /** The same time in nanoseconds, if the number in milliseconds is not exact. */
  delayNs?: string;
  end?: DeliveryEnd;
  /** The reply was held at a gate. */
  held?: true;
  pace?: DeliveryPace;
}

export interface DeliveryPace {
  bytes: number;
  everyMs: number;
  /** The same time in nanoseconds, if the number in milliseconds is not exact. */
  everyNs?: string;
}

/** An entry as it was sent. A missing member was missing or null. */
export interface Entry {
  /** The detail, if it is an object. */
  Detail?: Record<string, any>;
  /** The detail as it was sent, if it is not an object. */
  DetailText?: string;
  DetailType?: string;
  EventBusName?: string;
  Resources?: string[];
  Source?: string;
  /** The number as it was sent. */
  Time?: string;
  TraceHeader?: string;
}

/**
 * The error for the whole request: an error of the service with code and message, or a custom
 * body.
 */
export interface RecordedRequestError {
  body?: string;
  code?: string;
  contentType?: string;
  headers?: Record<string, string>;
  message?: string;
  status: number;
  /** The body of the reply is an XML element with the code as its name. */
  xml?: true;
}

/** How the reply was malformed. */
export interface RecordedMalformedReply {
  /** The custom body, for the kind that has one. */
  body?: string;
  /** The value that was sent, for the kinds that have one. */
  contentType?: string;
  /** The value that was sent, for the kinds that have one. */
  failedEntryCount?: number;
  kind:
    | "fewerResults"
    | "moreResults"
    | "reorderedResults"
    | "failedEntryCount"
    | "noEventIds"
    | "eventIdsWithErrorCodes"
    | "brokenJson"
    | "emptyBody"
    | "contentType"
    | "body";
}

/** The error of one entry. */
export interface RecordedEntryError {
  code: string;
  message: string;
}

/**
 * Each header is a name and a value. A value that is not text is in hexadecimal, followed by
 * "hex".
 */
export type MessageHeaders = string[][];

/** Where and how the reply ended. */
export interface DeliveryEnd {
  closed?: DeliveryCut;
  /** The bytes that were sent instead, as text. */
  garbage?: string;
  /** The bytes that were sent instead, in hexadecimal, if they are not text. */
  garbageHex?: string;
  reset?: DeliveryCut;
  stalled?: DeliveryCut;
}

/** A place in the reply. */
export interface DeliveryCut {
  /**
   * Where in the reply: before its first byte, in its head, in its body, or after its last
   * byte.
   */
  at: "start" | "head" | "body" | "end";
  /** The number of bytes of the head or the body after which the reply ended. */
  bytes?: number;
}
