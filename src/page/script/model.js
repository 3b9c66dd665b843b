/* ---- What is shown. ---- */

/** The view, with its attempts by their numbers. */
class Model {
  /** @param {View} view */
  constructor(view) {
    this.view = view;
    this.attempts = view.attempts;
    /** @type {Map<number, number>} the place of each attempt */
    this.places = new Map(view.attempts.map((attempt, place) => [attempt.number, place]));
    /** @type {Map<Attempt, string>} */
    this.haystacks = new Map();
  }

  /** @param {number | null} number */
  attempt(number) {
    return number === null ? undefined : this.attempts[this.places.get(number) ?? -1];
  }

  /** What stands before an attempt. @param {Attempt} attempt */
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

  /** Whatever the filter looks for. @param {Attempt} attempt */
  haystack(attempt) {
    const known = this.haystacks.get(attempt);
    if (known !== undefined) return known;
    const { request, reply } = attempt;
    const entries = attempt.entries.map((entry) => [
      entry.source, entry.detailType, entry.bus, entry.time, entry.trace, entry.resources, entry.detail,
      JSON.stringify(parsed(entry.detail ?? '')), entry.code, entry.message, entry.eventId, this.words(entry.mark),
    ]);
    const all = [
      attempt.became, attempt.note, attempt.problems?.map(({ kind, message }) => [kind, message]),
      attempt.lint?.map(({ rule, message }) => [rule, message]), entries, attempt.delivery,
      attempt.faults?.map(({ sentence }) => sentence), attempt.peer, request.line, request.head, plain(request.body),
      reply?.line, reply?.head, plain(reply?.body ?? ''), this.words(attempt.mark),
    ];
    const hay = all.flat(3).filter((part) => part !== undefined).join('\n').toLowerCase();
    this.haystacks.set(attempt, hay);
    return hay;
  }
}

let model = new Model({
  facts: { attempts: 0, published: 0, problems: 0, forgotten: 0 }, marks: {}, findings: [], faults: [], attempts: [],
});

/* ---- What is remembered in the URL's hash. ---- */

/** @type {{ q: string, only: Set<string>, at: number | null, open: Set<string> }} */
const state = { q: '', only: new Set(), at: null, open: new Set(['entries', 'fate']) };

/** @returns {HTMLElement[]} */
const onlyButtons = () => [...document.querySelectorAll('[data-only]')].filter((one) => one instanceof HTMLElement);

function readHash() {
  const hash = new URLSearchParams(location.hash.slice(1));
  const known = onlyButtons().map((button) => button.dataset.only);
  state.q = hash.get('q') ?? '';
  state.only = new Set((hash.get('only') ?? '').split(',').filter((name) => known.includes(name)));
  state.at = Number(hash.get('at')) || null;
}

/** @type {number | undefined} */
let hashTimer;
function writeHash() {
  clearTimeout(hashTimer);
  hashTimer = setTimeout(() => {
    const hash = new URLSearchParams();
    if (state.q) hash.set('q', state.q);
    if (state.only.size) hash.set('only', [...state.only].join(','));
    if (state.at) hash.set('at', String(state.at));
    history.replaceState(null, '', `#${hash}`);
  }, 120);
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

/** @param {Attempt} attempt @param {Wanted[]} words */
function matches(attempt, words) {
  if (state.only.has('failures') && !attempt.isFailure) return false;
  if (state.only.has('findings') && !attempt.isFinding) return false;
  if (state.only.has('injected') && !attempt.isInjected) return false;
  return words.every(({ isUnwanted, word, number, fault }) => {
    const isThere = number !== null ? attempt.number === number
      : fault !== null ? Boolean(attempt.faults?.some(({ id }) => id === fault))
        : model.haystack(attempt).includes(word);
    return isThere !== isUnwanted;
  });
}
