/* ---- What is shown. ---- */

/** The view, with its attempts and events by their numbers. */
class Model {
  /** @param {View} view */
  constructor(view) {
    this.view = view;
    this.attempts = view.attempts;
    /** @type {Map<number, number>} the place of each attempt */
    this.places = new Map(view.attempts.map((attempt, place) => [attempt.number, place]));
    /** @type {Map<number, EventRow>} */
    this.events = new Map(view.events.map((event) => [event.number, event]));
    /** @type {Map<Row, string>} */
    this.haystacks = new Map();
  }

  /** @param {number | null} number */
  attempt(number) {
    return number === null ? undefined : this.attempts[this.places.get(number) ?? -1];
  }

  /** The attempt that is chosen. */
  get chosenAttempt() {
    return state.by === 'attempts' ? this.attempt(state.at) : undefined;
  }

  /** The event that is chosen. */
  get chosenEvent() {
    return state.by === 'events' && state.at !== null ? this.events.get(state.at) : undefined;
  }

  /** All rows, before the filter. @returns {Row[]} */
  get rows() {
    return state.by === 'events' ? this.view.events : this.attempts;
  }

  /** The rows before an attempt. @param {Attempt} attempt */
  before(attempt) {
    return this.attempts[(this.places.get(attempt.number) ?? 0) - 1];
  }

  /** Whether the server knows older attempts than it was asked for. */
  get hasOlder() {
    return this.view.facts.attempts > this.attempts.length;
  }

  /** @param {Mark} kind */
  words(kind) {
    return this.view.marks[kind] ?? kind;
  }

  /** The text in which the filter searches. @param {Row} row */
  haystack(row) {
    const known = this.haystacks.get(row);
    if (known !== undefined) return known;
    const parts = 'tries' in row ? this.partsOfEvent(row) : this.partsOfAttempt(row);
    const hay = parts.flat(4).filter((part) => part !== undefined).join('\n').toLowerCase();
    this.haystacks.set(row, hay);
    return hay;
  }

  /** What was sent, and what became of it. Numbers of attempts and ids are left out: who looks for 17 means order 17. @param {EventRow} event */
  partsOfEvent(event) {
    const { source, detailType, by, value, fate, note, tries } = event;
    const entries = tries.first.map(({ attempt, index, code: failure, mark: kind }) => {
      const entry = this.attempt(attempt)?.entries[index];
      return [failure, this.words(kind), entry?.detail, JSON.stringify(parsed(entry?.detail ?? '')), entry?.bus, entry?.time, entry?.resources, entry?.trace];
    });
    return [source, detailType, by, value, fate.replaceAll(PLACES, ''), note?.replaceAll(PLACES, ''), entries, this.words(event.mark)];
  }

  /** Whether an event was accepted under an id that begins like this. @param {EventRow} event @param {string} begin */
  hasId(event, begin) {
    return begin.length > 7 && event.tries.first.some(({ attempt, index }) => this.attempt(attempt)?.entries[index]?.eventId?.startsWith(begin));
  }

  /** @param {Attempt} attempt */
  partsOfAttempt(attempt) {
    const { request, reply } = attempt;
    const entries = attempt.entries.map((entry) => [
      entry.source, entry.detailType, entry.bus, entry.time, entry.trace, entry.resources, entry.detail,
      JSON.stringify(parsed(entry.detail ?? '')), entry.code, entry.message, entry.eventId, this.words(entry.mark),
    ]);
    return [
      attempt.became, attempt.note, attempt.problems?.map(({ kind, message }) => [kind, message]),
      attempt.lint?.map(({ rule, message }) => [rule, message]), entries, attempt.delivery,
      attempt.faults?.map(({ sentence }) => sentence), attempt.peer, request.line, request.head, request.body ?? request.bodyHex,
      reply?.line, reply?.head, reply?.body ?? reply?.bodyHex, this.words(attempt.mark),
    ];
  }
}

/** `#2[0]` */
const PLACES = /#\d+(?:\[\d+\])?/g;

let model = new Model({
  facts: { attempts: 0, published: 0, problems: 0, forgotten: 0 }, common: {}, marks: {}, findings: [], faults: [], attempts: [], events: [],
});

/* ---- What is remembered in the URL's hash. ---- */

/**
 * Rows are attempts or events; one of them may be chosen, and an entry of a chosen attempt.
 * @type {{ q: string, only: Set<string>, by: 'attempts' | 'events', at: number | null, entry: number | null, open: Set<string> }}
 */
const state = { q: '', only: new Set(), by: 'attempts', at: null, entry: null, open: new Set(['entries', 'fate']) };

/** @returns {HTMLElement[]} */
const onlyButtons = () => [...document.querySelectorAll('[data-only]')].filter((one) => one instanceof HTMLElement);

/** The hash as it was last read or written. */
let written = location.hash;

function readHash() {
  written = location.hash;
  const hash = new URLSearchParams(location.hash.slice(1));
  const known = onlyButtons().map((button) => button.dataset.only);
  state.q = hash.get('q') ?? '';
  state.only = new Set((hash.get('only') ?? '').split(',').filter((name) => known.includes(name)));
  state.by = hash.get('by') === 'events' ? 'events' : 'attempts';
  const [at, entry] = (hash.get('at') ?? '').split('.');
  state.at = Number(at) || null;
  state.entry = state.at && entry ? Number(entry) : null;
}

function hashOf() {
  const hash = new URLSearchParams();
  if (state.by === 'events') hash.set('by', 'events');
  if (state.q) hash.set('q', state.q);
  if (state.only.size) hash.set('only', [...state.only].join(','));
  if (state.at) hash.set('at', state.entry === null ? String(state.at) : `${state.at}.${state.entry}`);
  return `#${hash}`;
}

/** @type {number | undefined} */
let hashTimer;
function writeHash() {
  clearTimeout(hashTimer);
  hashTimer = setTimeout(() => {
    // The user may have gone back meanwhile. Then the URL of that page counts, and the hashchange event reads it. Without a
    // change nothing is written, because a write could collide with a step back.
    if (location.hash === written && hashOf() !== (written || '#')) putHash('replaceState');
  }, 120);
}

/** @param {'replaceState' | 'pushState'} how */
function putHash(how) {
  history[how](null, '', hashOf());
  written = location.hash;
}

/** Makes a new history entry for a change, so that Back undoes it. @param {() => void} change */
function stepOf(change) {
  clearTimeout(hashTimer);
  putHash('replaceState');
  change();
  putHash('pushState');
}

/* ---- The filter. ---- */

/** @typedef {{ isUnwanted: boolean, word: string, number: number | null, fault: number | null }} Wanted */

/**
 * Every word must be there, `-word` must not, "two words" belong together, `#3` is the attempt, `fault:3` the fault.
 * @param {string} query
 * @returns {Wanted[]}
 */
function wordsOf(query) {
  return [...query.toLowerCase().matchAll(/(-?)(?:"([^"]+)"(?!\S)|(\S+))/g)].map(([, minus, quoted, word]) => ({
    isUnwanted: minus === '-' && Boolean(quoted ?? word),
    word: quoted ?? word ?? '',
    number: Number(/^#(\d+)$/.exec(word ?? '')?.[1]) || null,
    fault: /^fault:\d+$/.test(word ?? '') ? Number(word?.slice(6)) : null,
  }));
}

/** The rows that each button shows. @type {Record<string, (row: Row) => boolean>} */
const ONLY = { failures: (row) => row.isFailure, findings: (row) => row.isFinding, injected: (row) => row.isInjected };

/** @param {Row} row @param {Wanted[]} words */
function matches(row, words) {
  if (![...state.only].every((name) => ONLY[name]?.(row))) return false;
  const attempts = () => ('tries' in row ? row.tries.first.map(({ attempt }) => model.attempt(attempt)) : [row]);
  return words.every(({ isUnwanted, word, number, fault }) => {
    const isThere = number !== null ? attempts().some((attempt) => attempt?.number === number)
      : fault !== null ? attempts().some((attempt) => attempt?.faults?.some(({ id }) => id === fault))
        : model.haystack(row).includes(word) || ('tries' in row && model.hasId(row, word));
    return isThere !== isUnwanted;
  });
}
