// @ts-check
'use strict';

/* ---- The view, as the mock writes it (json.rs). The page draws it and filters it, and judges nothing. ---- */

/**
 * @typedef {'accepted' | 'lost' | 'undelivered' | 'failed' | 'failed-injected' | 'refused' | 'refused-injected' | 'unseen' | 'waiting'} Mark
 * @typedef {{ line: string, head: string, body?: string, bodyHex?: string }} Message with its body as a text, or in hexadecimal
 * @typedef {{ attempt: number, index: number, mark: Mark }} Place
 */

/**
 * @typedef {object} Entry
 * @property {Mark} mark
 * @property {string} [source]
 * @property {string} [detailType]
 * @property {string} [detail] as it was sent
 * @property {string} [bus]
 * @property {string} [time]
 * @property {string[]} [resources]
 * @property {string} [trace]
 * @property {string} [eventId]
 * @property {string} [code]
 * @property {string} [message]
 * @property {true} [isInjected]
 * @property {{ first: Place[], more: number }} [alsoIn]
 */

/**
 * @typedef {object} Attempt
 * @property {number} number
 * @property {number} atMs
 * @property {number} [endedMs]
 * @property {string} [took]
 * @property {{ ms: number, overlaps: boolean, words: string }} [wait]
 * @property {number} date
 * @property {Mark} mark
 * @property {string} became
 * @property {string} [note]
 * @property {boolean} isTold
 * @property {boolean} isFailure
 * @property {boolean} isFinding
 * @property {boolean} isInjected
 * @property {{ kind: string, message: string }[]} [problems]
 * @property {{ rule: string, message: string }[]} [lint]
 * @property {string} [peer]
 * @property {{ accessKey: string, region?: string, service: string }} [credential]
 * @property {string} [userAgent]
 * @property {number} [sdkTry]
 * @property {string} [invocation]
 * @property {{ first: number[], more: number }} [otherTries]
 * @property {{ id: number, sentence: string }[]} [faults]
 * @property {string[]} delivery
 * @property {string} [garbage]
 * @property {string} [garbageHex]
 * @property {Entry[]} entries
 * @property {Message} request
 * @property {Message} [reply]
 */

/**
 * @typedef {object} Fault
 * @property {number} id
 * @property {string} sentence
 * @property {string} place
 * @property {number} times
 * @property {number} mustFire
 * @property {string} fired
 * @property {boolean} isAlarm
 * @property {boolean} inForce
 * @property {string} [why]
 * @property {number[]} attempts
 */

/**
 * @typedef {{ tag: string, isAlarm: boolean, message: string, attempts: number[] }} Found
 * @typedef {{ attempts: number, published: number, problems: number, forgotten: number, seed?: number }} Facts
 * @typedef {{ facts: Facts, marks: Record<string, string>, findings: Found[], faults: Fault[], attempts: Attempt[] }} View
 */

/**
 * @typedef {Node | string | number | null | undefined | false} Child
 * @typedef {Child | readonly Child[] | readonly (readonly Child[])[] | readonly (Child | readonly Child[])[]} Children
 */

/* ---- Elements. Texts become text nodes, always. ---- */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * What must be there, as what it must be.
 * @template {Element} T
 * @param {Element | null} found
 * @param {new () => T} type
 * @param {string} selector
 * @returns {T}
 */
function sure(found, type, selector) {
  if (!(found instanceof type)) throw new Error(`there is no ${type.name} ${selector}`);
  return found;
}

/** @param {string} id */
const $ = (id) => sure(document.getElementById(id), HTMLElement, `#${id}`);

/** @param {Element} node @param {string} selector */
const inside = (node, selector) => sure(node.querySelector(selector), HTMLElement, selector);

/** @param {readonly Children[]} children @returns {(Node | string)[]} */
function nodes(children) {
  /** @type {(Node | string)[]} */
  const all = [];
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (typeof child === 'object' && !(child instanceof Node)) all.push(...nodes(child));
    else all.push(child instanceof Node ? child : String(child));
  }
  return all;
}

/**
 * @param {string} name
 * @param {Record<string, string | number | boolean | null | undefined | URL | ((event: Event) => void)> | null} [props]
 * @param {Children[]} children
 * @returns {HTMLElement}
 */
function el(name, props, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') node.addEventListener(key.slice(2), value);
    else if (key === 'class') node.className = String(value);
    else node.setAttribute(key, value === true ? '' : String(value));
  }
  node.append(...nodes(children));
  return node;
}

/** New children for a node; what is not there is left out. @param {Element} node @param {Children[]} children */
const fill = (node, ...children) => node.replaceChildren(...nodes(children));

/** @param {string} cls @param {Children[]} children */
const span = (cls, ...children) => el('span', { class: cls }, ...children);

/** @param {string} value @param {string} [cls] */
const text = (value, cls = '') => span(`text ${cls}`.trim(), readable(value));

/** Characters that cannot be seen, or turn what follows them around; they are shown by their numbers. */
const UNSEEN = /([\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff])/;

/** @param {string} words @returns {(Node | string)[]} */
const readable = (words) => words.split(UNSEEN).map((part, index) => (index % 2
  ? el('span', { class: 'unseen-character', title: 'a character that cannot be seen' }, `U+${part.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`)
  : part));

/** @param {string} kind */
function mark(kind) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', `mark is-${kind}`);
  svg.setAttribute('aria-hidden', 'true');
  svg.dataset.outcome = kind;
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#${kind}`);
  svg.append(use);
  return svg;
}

/* ---- Words. ---- */

/** @param {number} number @param {string} one @param {string} [many] */
const count = (number, one, many = `${one}s`) => `${number.toLocaleString('en')} ${number === 1 ? one : many}`;

/** @param {number} ms */
const seconds = (ms) => `+${(ms / 1000).toFixed(3)} s`;

/** @param {string} words @param {number} limit */
const short = (words, limit) => (words.length > limit ? `${Array.from(words).slice(0, limit).join('')} ...` : words);

/** @param {string} value @returns {any} */
const parsed = (value) => {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
};

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
      attempt.faults?.map(({ sentence }) => sentence), attempt.peer, request.line, request.head, request.body ?? request.bodyHex,
      reply?.line, reply?.head, reply?.body ?? reply?.bodyHex, this.words(attempt.mark),
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

/* ---- The head of the page, findings and faults. ---- */

/** @param {number} number @param {string} [label] */
function link(number, label = `#${number}`) {
  return model.places.has(number)
    ? el('a', { href: `#at=${number}`, class: 'number', onclick: (event) => { event.preventDefault(); select(number, { jump: true }); } }, label)
    : span('soft number', label);
}

/** Text in which `#3` leads to attempt 3. @param {string} words */
function linked(words) {
  return words.split(/(#\d+)/).map((part, index) => (index % 2 ? link(Number(part.slice(1)), part) : readable(part)));
}

/** `(injected)` in its colour. @param {string} words */
function coloured(words) {
  return words.split(/( ?\(injected\))/).map((part, index) => (index % 2 ? span('by-fault', part) : readable(part)));
}

/** A long text, cut, with a button that gives the rest. @param {string} all @param {number} limit */
function clipped(all, limit) {
  const characters = all.length > limit ? Array.from(all) : null;
  const box = text('');
  if (!characters || characters.length <= limit) {
    box.append(...readable(all));
    return box;
  }
  const more = el('button', { class: 'quiet', type: 'button', onclick: () => fill(box, readable(all)) },
    `show all ${characters.length.toLocaleString('en')} characters`);
  box.append(...readable(characters.slice(0, limit).join('')), ' ... ', more);
  return box;
}

function renderFacts() {
  const { attempts, published, problems, forgotten, seed } = model.view.facts;
  /** @param {number} number @param {string} what @param {string} [cls] */
  const fact = (number, what, cls) => span(cls ?? '', el('b', null, number.toLocaleString('en')), ` ${what}`);
  fill($('facts'),
    span('', model.hasOlder && `newest ${model.attempts.length.toLocaleString('en')} of `, fact(attempts, attempts === 1 ? 'attempt' : 'attempts')),
    fact(published, published === 1 ? 'event published' : 'events published'),
    fact(problems, problems === 1 ? 'problem' : 'problems', problems ? 'alarm' : ''),
    seed !== undefined && el('span', { title: `PUTEVENTS_MOCK_SEED=${seed} repeats it` }, 'seed ', el('b', null, String(seed))),
    forgotten > 0 && fact(forgotten, 'forgotten to save memory', 'alarm'));
}

/** @param {number[]} numbers @param {Child} [rest] @param {number} [max] */
const refs = (numbers, rest, max = 6) => span('refs', numbers.slice(0, max).map((number) => link(number)),
  numbers.length > max && (rest ?? span('soft', `and ${numbers.length - max} more`)));

/** How many of each list stand above the timeline before somebody asks for more. */
const FEW = 4;
const areAll = { findings: false, faults: false };

/**
 * @template T
 * @param {'findings' | 'faults'} name
 * @param {T[]} all
 * @param {() => void} drawAgain
 * @returns {[T[], Child]}
 */
function fewOf(name, all, drawAgain) {
  if (areAll[name] || all.length <= FEW + 1) return [all, null];
  const more = () => { areAll[name] = true; drawAgain(); list.paint(); };
  return [all.slice(0, FEW), el('li', null, el('button', { class: 'quiet', type: 'button', onclick: more }, `show ${all.length - FEW} more`))];
}

function renderFindings() {
  const all = model.view.findings;
  const [shown, more] = fewOf('findings', all, renderFindings);
  const items = shown.map(({ tag, isAlarm, message, attempts }) => el('li', { class: 'found' },
    span(isAlarm ? 'tag alarm' : 'tag', tag), el('div', null, refs(attempts), attempts.length > 0 && ' ', clipped(message, 150))));
  $('findings').hidden = !all.length;
  fill(inside($('findings'), 'ul'), items, more);
}

function renderFaults() {
  const { faults } = model.view;
  const [shown, more] = fewOf('faults', faults, renderFaults);
  const items = shown.map(({ id, sentence, place, fired, isAlarm, why, inForce, attempts }) => {
    const rest = el('button', { class: 'quiet', type: 'button', onclick: () => setFilter(`fault:${id}`) }, `all ${attempts.length.toLocaleString('en')}`);
    return el('li', { class: inForce ? 'fault' : 'fault lifted', id: `fault-${id}`, tabindex: -1 },
      span('sentence', clipped(sentence, 300)),
      span('state', span(isAlarm ? 'tag alarm' : 'tag injected', fired), !inForce && span('tag', 'lifted'),
        live && inForce && el('button', { class: 'button', type: 'button', onclick: () => { live?.lift(id); }, 'aria-label': `Lift: ${sentence}` }, 'Lift')),
      span('why soft', why && ['why: ', clipped(why, 240)], text(place, 'mono place'), attempts.length > 0 && [' ', refs(attempts, rest)]));
  });
  const open = faults.filter((fault) => fault.inForce).length;
  $('faults-title').textContent = `Faults: ${open} in force${open < faults.length ? `, ${faults.length - open} lifted` : ''}`;
  $('faults').hidden = !faults.length;
  fill(inside($('faults'), 'ul'), items, more);
}

/** Goes from an attempt to a fault that decided about it. @param {number} id */
function showFault(id) {
  areAll.faults = true;
  renderFaults();
  list.paint();
  const item = $(`fault-${id}`);
  item.scrollIntoView({ block: 'center' });
  item.focus({ preventScroll: true });
}

/* ---- The rows. Only those near the window exist; each stands where its height and those before it put it. ---- */

/** @param {Attempt} attempt @param {Attempt | undefined} shownBefore */
function gapBefore(attempt, shownBefore) {
  const hidden = shownBefore ? (model.places.get(attempt.number) ?? 0) - (model.places.get(shownBefore.number) ?? 0) - 1 : 0;
  if (hidden > 0) return el('div', { class: 'gap hidden-rows' }, `${hidden.toLocaleString('en')} not shown`);
  const { wait } = attempt;
  if (!wait || !shownBefore) return null;
  const node = el('div', { class: wait.overlaps ? 'gap overlap' : 'gap' }, wait.words);
  node.style.minHeight = `${(1.3 + Math.min(2.2, Math.log10(1 + wait.ms / 10) * 0.5)).toFixed(2)}rem`;
  return node;
}

/** @param {Entry} entry @param {number} index */
const titleOf = (entry, index) =>
  `[${index}] ${entry.source ?? '(no source)'} / ${entry.detailType ?? '(no detail-type)'}: ${model.words(entry.mark)} ${entry.code ?? ''}`.slice(0, 300);

/** @param {Attempt} attempt */
function rowOf(attempt) {
  /** @param {Mark} kind @param {string} words */
  const titled = (kind, words) => {
    const svg = mark(kind);
    const title = document.createElementNS(SVG, 'title');
    title.textContent = words;
    svg.prepend(title);
    return svg;
  };
  const { number, credential, sdkTry, userAgent, note, became } = attempt;
  const marks = attempt.entries.length
    ? attempt.entries.slice(0, 24).map((entry, index) => titled(entry.mark, titleOf(entry, index)))
    : [titled(attempt.mark, model.words(attempt.mark))];
  const more = attempt.entries.length - marks.length;
  const found = [...attempt.problems ?? [], ...attempt.lint ?? []].map((one) => one.message);
  const who = [sdkTry && span(sdkTry > 1 ? 'tag alarm' : 'tag', `try ${sdkTry}`), ' ', userAgent && text((userAgent.split(/\s/)[0] ?? '').slice(0, 40))];
  const from = [attempt.peer, credential?.accessKey].filter(Boolean).join(' \u00b7 ');
  const label = [`#${number}`, seconds(attempt.atMs), became, note && `note: ${note}`, ...found].filter(Boolean).join(', ');
  return el('button', {
    class: 'row', type: 'button', id: `row-${number}`, tabindex: -1, 'aria-expanded': 'false', 'aria-controls': 'details',
    'aria-label': label.slice(0, 600), onclick: () => (state.at === number ? close() : select(number)),
  },
    span(`dot is-${attempt.mark}`),
    span('n number', `#${number}`),
    span('time soft number', seconds(attempt.atMs)),
    span('marks', marks, more > 0 && span('soft', `+${more}`)),
    span('words', span('text became', coloured(short(became, 300))),
      note && span('note text', '\u2190 ', readable(short(note, 300))),
      found.slice(0, 2).map((message) => text(short(message, 120), 'minor')),
      found.length > 2 && span('minor', `and ${found.length - 2} more`)),
    span('who', el('span', { title: userAgent }, who), from && el('span', { class: 'number' }, from)));
}

/** @typedef {{ node: HTMLElement, row: HTMLElement, signature: string, top: number }} Item */
/** @typedef {{ number: number, y: number }} Anchor a row and its place in the window */

const list = {
  /** @type {Attempt[]} what the filter lets through */
  visible: [],
  /** @type {Map<number, number>} the index of each of these by its number */
  indices: new Map(),
  /** @type {Map<number, number>} the heights that were measured, by number */
  heights: new Map(),
  /** @type {Float64Array} where each row begins, and at last where they end */
  tops: new Float64Array(1),
  /** @type {Map<number, Item>} the rows that exist */
  items: new Map(),
  width: 0,
  /** The one row that Tab reaches. @type {number | null} */
  reachable: null,
  /** Rows after this one are new. */
  newest: Infinity,

  /** How far beyond the window rows are drawn, in pixels. */
  BEYOND: 600,
  /** So few rows are all drawn: then the browser's own search finds them. */
  ALL_OF: 200,
  /** The room above the first row and below the last one, in pixels. */
  INSET: 6,

  /** @param {Attempt[]} visible */
  show(visible) {
    this.visible = visible;
    this.indices = new Map(visible.map((attempt, index) => [attempt.number, index]));
    for (const number of this.heights.keys()) if (!this.indices.has(number)) this.heights.delete(number);
    for (const [number, item] of this.items) {
      if (this.indices.has(number)) continue;
      item.node.remove();
      this.items.delete(number);
    }
    this.layOut();
  },

  /** Where each row is to be. One that was never drawn is as high as the others are on average. */
  layOut() {
    const { heights, visible } = this;
    let sum = 0;
    for (const height of heights.values()) sum += height;
    const usual = heights.size ? sum / heights.size : 64;
    const tops = new Float64Array(visible.length + 1);
    visible.forEach((attempt, index) => { tops[index + 1] = (tops[index] ?? 0) + (heights.get(attempt.number) ?? usual); });
    this.tops = tops;
    $('rows').style.height = `${this.end + 2 * this.INSET}px`;
    $('rows').hidden = !visible.length;
  },

  /** @param {number} index */
  top(index) {
    return this.tops[index] ?? this.end;
  },

  get end() {
    return this.tops[this.visible.length] ?? 0;
  },

  /** Where the rows begin, counted from the upper edge of the window. */
  get origin() {
    return $('rows').getBoundingClientRect().top + this.INSET;
  },

  /** The first row that ends below this place among the rows. @param {number} place */
  at(place) {
    let [low, high] = [0, this.visible.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.top(middle + 1) > place) high = middle;
      else low = middle + 1;
    }
    return low;
  },

  /** The row that stays where it is, whatever changes around it, where somebody has scrolled to the rows. @returns {Anchor | null} */
  anchor() {
    const hidden = $('bar').getBoundingClientRect().bottom - this.origin;
    const attempt = this.visible[this.at(hidden)];
    return hidden > 0 && attempt ? { number: attempt.number, y: this.origin + this.top(this.at(hidden)) } : null;
  },

  /** @param {Anchor | null} anchor */
  keep(anchor) {
    const index = anchor && this.indices.get(anchor.number);
    if (!anchor || index === null || index === undefined) return;
    const moved = this.origin + this.top(index) - anchor.y;
    if (Math.abs(moved) >= 1) scrollBy({ top: moved, behavior: 'instant' });
  },

  /** Whatever a row shows. @param {Attempt} attempt @param {number} index */
  signature(attempt, index) {
    const { entries, wait, mark: worst, became, note, problems, lint, peer, userAgent, sdkTry, atMs } = attempt;
    const marks = entries.map((entry) => entry.mark).join();
    const { length } = this.visible;
    return JSON.stringify([this.visible[index - 1]?.number, index + 1 === length, wait, worst, marks, became, note, problems, lint, peer, userAgent, sdkTry, atMs]);
  },

  /** @param {Attempt} attempt @param {number} index */
  draw(attempt, index) {
    const signature = this.signature(attempt, index);
    const known = this.items.get(attempt.number);
    if (known?.signature === signature) return known;
    const row = rowOf(attempt);
    const isFresh = !known && attempt.number > this.newest;
    const place = [isFresh && 'fresh', index === 0 && 'first', index + 1 === this.visible.length && 'last'].filter(Boolean).join(' ');
    const node = el('li', { class: place, 'data-number': attempt.number }, gapBefore(attempt, this.visible[index - 1]), row);
    const hadFocus = known?.node.contains(document.activeElement);
    if (known) known.node.replaceWith(node);
    else {
      const after = [...$('rows').children].find((one) => one instanceof HTMLElement && Number(one.dataset.number) > attempt.number);
      $('rows').insertBefore(node, after ?? null);
    }
    const item = { node, row, signature, top: -1 };
    this.items.set(attempt.number, item);
    if (hadFocus) row.focus({ preventScroll: true });
    return item;
  },

  /**
   * Draws what is near the window, until nothing moves any more. Goes to the end, or keeps a row where it is.
   * @param {{ goesToEnd?: boolean, areAllDrawn?: boolean, anchor?: Anchor | null }} options
   */
  paint(options = {}) {
    const { goesToEnd = false, areAllDrawn = false, anchor = this.anchor() } = options;
    const width = $('rows').clientWidth;
    if (width !== this.width) {
      this.heights.clear();
      this.width = width;
    }
    for (let round = 0; round < 8; round += 1) {
      if (goesToEnd) scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' });
      else this.keep(anchor);
      const wanted = this.drawNear(areAllDrawn);
      if (!this.measure(wanted)) break;
      this.layOut();
    }
    if (goesToEnd) scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' });
    else this.keep(anchor);
    this.markChosen();
  },

  /** @param {boolean} areAllDrawn @returns {Map<number, Item>} */
  drawNear(areAllDrawn) {
    /** @type {Map<number, Item>} */
    const wanted = new Map();
    const focused = this.indices.get(this.focused ?? NaN);
    const isWhole = areAllDrawn || this.visible.length <= this.ALL_OF;
    const from = isWhole ? 0 : this.at(-this.origin - this.BEYOND);
    const to = isWhole ? this.visible.length - 1 : this.at(innerHeight - this.origin + this.BEYOND);
    const indices = Array.from({ length: to - from + 1 }, (_, offset) => from + offset);
    // What has the focus keeps it, wherever the window is.
    if (focused !== undefined && (focused < from || focused > to)) indices.push(focused);
    for (const index of indices) {
      const attempt = this.visible[index];
      if (attempt) wanted.set(attempt.number, this.draw(attempt, index));
    }
    for (const [number, item] of this.items) {
      if (wanted.has(number)) continue;
      item.node.remove();
      this.items.delete(number);
    }
    return wanted;
  },

  /** Whether any height is another than was thought. @param {Map<number, Item>} items */
  measure(items) {
    let isChanged = false;
    for (const [number, item] of items) {
      const { height } = item.node.getBoundingClientRect();
      if (Math.abs((this.heights.get(number) ?? -1) - height) < 0.1) continue;
      this.heights.set(number, height);
      isChanged = true;
    }
    if (!isChanged) {
      for (const [number, item] of items) {
        const top = this.top(this.indices.get(number) ?? 0);
        if (item.top !== top) item.node.style.top = `${top + this.INSET}px`;
        item.top = top;
      }
    }
    return isChanged;
  },

  /** The number of the row with the focus. */
  get focused() {
    const node = document.activeElement?.closest('#rows > li');
    return node instanceof HTMLElement ? Number(node.dataset.number) : null;
  },

  /** One row can be reached with Tab; the arrows go on from there. */
  markChosen() {
    const inSight = this.visible[this.at($('bar').getBoundingClientRect().bottom - this.origin)]?.number ?? null;
    const wanted = [this.focused, state.at, this.reachable, inSight];
    this.reachable = wanted.find((number) => number !== null && this.items.has(number)) ?? null;
    for (const [number, { row }] of this.items) {
      row.setAttribute('tabindex', number === this.reachable ? '0' : '-1');
      row.setAttribute('aria-expanded', String(number === state.at));
    }
  },

  /** Brings a row into sight. @param {number} number */
  reveal(number, { isFocused = false } = {}) {
    const index = this.indices.get(number);
    if (index === undefined) return;
    if (!this.items.has(number)) {
      scrollBy({ top: this.origin + this.top(index) - innerHeight / 2, behavior: 'instant' });
      this.paint({ anchor: { number, y: innerHeight / 2 } });
    }
    const row = this.items.get(number)?.row;
    if (isFocused) row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: 'nearest', behavior: 'instant' });
    this.paint({ goesToEnd: index + 1 === this.visible.length && !state.at });
  },
};

/** Brings the list to what it should be; rows that show the same already stay as they are, with their focus. */
function renderRows({ goesToEnd = false, anchor = list.anchor() } = {}) {
  const words = wordsOf(state.q);
  const found = model.attempts.filter((attempt) => matches(attempt, words));
  $('older').hidden = !model.hasOlder;
  const isFiltered = found.length < model.attempts.length;
  $('shown').textContent = isFiltered ? `${found.length.toLocaleString('en')} of ${count(model.attempts.length, 'attempt')}` : '';
  $('nothing').hidden = found.length > 0;
  if (!found.length) renderNothing();
  list.show(found);
  list.paint({ goesToEnd, anchor });
  strip.draw(found);
}

function renderNothing() {
  const settings = [`AWS_ENDPOINT_URL=${location.origin}`, live?.session && `AWS_ACCESS_KEY_ID=${live.session}`].filter(Boolean);
  if (model.attempts.length) fill($('nothing'), 'No attempt matches the filter.');
  else if (!live) fill($('nothing'), 'No request was received.');
  else fill($('nothing'), 'No request has come yet; they are shown as they come. A publisher finds this mock with', el('br'),
    span('mono text', settings.join(' ')));
}

/* ---- The strip: all attempts in their time at one look. Readers of the screen have the list. ---- */

const canvas = sure($('strip'), HTMLCanvasElement, '#strip');

const strip = {
  /** @type {{ attempt: Attempt, x: number, width: number }[]} */
  places: [],
  /** @type {Set<Attempt> | null} */
  shown: null,

  /** Colours as they are now: of a class, or of a property. @param {string} cls @param {string} [property] */
  colour(cls, property = '') {
    const probe = el('span', { class: cls, style: property && `color: var(${property})` });
    canvas.after(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  },

  /** @param {Attempt[]} [shown] */
  draw(shown) {
    if (shown) this.shown = new Set(shown);
    if (!this.shown) return;
    const { attempts } = model;
    /** @param {Attempt} attempt */
    const end = ({ atMs, endedMs }) => Math.max(atMs, endedMs ?? atMs);
    const from = attempts[0]?.atMs ?? 0;
    const to = attempts.reduce((latest, attempt) => Math.max(latest, end(attempt)), from);
    canvas.hidden = attempts.length < 3 || to - from < 1;
    if (canvas.hidden) return;
    const { clientWidth: width, clientHeight: height } = canvas;
    const scale = devicePixelRatio || 1;
    canvas.width = width * scale;
    canvas.height = height * scale;
    const context = canvas.getContext('2d');
    if (!context) return;
    context.scale(scale, scale);
    const left = 12;
    /** @param {number} ms */
    const x = (ms) => left + ((ms - from) / (to - from)) * (width - 2 * left - 3);
    const colours = Object.fromEntries(Object.keys(model.view.marks).map((kind) => [kind, this.colour(`is-${kind}`)]));
    const [soft, warn, accent] = [this.colour('soft'), this.colour('', '--warn'), this.colour('', '--accent')];
    const [top, bottom, lanes] = [9, height - 17, 3];
    context.fillStyle = this.colour('', '--rail');
    context.fillRect(left, bottom, width - 2 * left, 1);
    const busyUntil = Array(lanes).fill(-Infinity);
    this.places = attempts.map((attempt) => {
      const lane = Math.max(0, busyUntil.findIndex((until) => until <= attempt.atMs));
      busyUntil[lane] = end(attempt);
      const place = { attempt, x: x(attempt.atMs), width: Math.max(3, x(end(attempt)) - x(attempt.atMs)) };
      const tall = (bottom - top) * (1 - lane / lanes);
      context.globalAlpha = this.shown?.has(attempt) ? 1 : 0.2;
      context.fillStyle = colours[attempt.mark] ?? soft;
      context.fillRect(place.x, bottom - tall, place.width, attempt.mark === 'accepted' ? tall : tall + 3);
      if (attempt.note) {
        context.fillStyle = warn;
        context.beginPath();
        context.moveTo(place.x - 3, 1);
        context.lineTo(place.x + 6, 1);
        context.lineTo(place.x + 1.5, 7);
        context.fill();
      }
      if (attempt.number === state.at) {
        context.globalAlpha = 1;
        context.strokeStyle = accent;
        context.lineWidth = 2;
        context.strokeRect(place.x - 3, top - 4, place.width + 6, bottom - top + 8);
      }
      return place;
    });
    context.globalAlpha = 1;
    context.fillStyle = soft;
    context.font = '11px system-ui, sans-serif';
    context.textBaseline = 'bottom';
    context.fillText(seconds(from), left, height - 2);
    context.textAlign = 'right';
    context.fillText(seconds(to), width - left, height - 2);
  },

  /** @param {number} x */
  at(x) {
    let [best, least] = [/** @type {Attempt | null} */ (null), Infinity];
    for (const place of this.places) {
      const away = Math.max(0, place.x - x, x - place.x - place.width);
      if (away < least) [best, least] = [place.attempt, away];
    }
    return best;
  },

  wire() {
    canvas.addEventListener('click', (event) => {
      const attempt = this.at(event.offsetX);
      if (attempt) select(attempt.number, { jump: true });
    });
    canvas.addEventListener('mousemove', (event) => {
      const attempt = this.at(event.offsetX);
      if (attempt) canvas.title = `#${attempt.number}  ${seconds(attempt.atMs)}  ${short(attempt.became, 200)}`;
    });
    new ResizeObserver(() => this.draw()).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
  },
};

/* ---- The details. ---- */

/**
 * JSON as it was sent, indented token by token: no number is rounded, no member lost or moved.
 * @param {string} json
 * @returns {[string, string][] | null}
 */
function indented(json) {
  if (json.length > 60_000 || parsed(json) === undefined) return null;
  const tokens = json.match(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  /** @type {[string, string][]} */
  const pieces = [];
  let depth = 0;
  const newline = () => pieces.push(['', `\n${'  '.repeat(Math.min(depth, 30))}`]);
  tokens.forEach((token, index) => {
    const isEmpty = /^[{[]$/.test(tokens[index - 1] ?? '');
    if (token === '}' || token === ']') {
      depth -= 1;
      if (!isEmpty) newline();
      pieces.push(['p', token]);
    } else {
      if (isEmpty) newline();
      if (token === '{' || token === '[') depth += 1;
      const kind = token[0] === '"' ? (tokens[index + 1] === ':' ? 'k' : 's') : '{[,:'.includes(token) ? 'p' : 'd';
      pieces.push([kind, token === ':' ? ': ' : token]);
      if (token === ',') newline();
    }
  });
  return pieces;
}

/** @param {string} all */
function code(all, { isJson = false } = {}) {
  const pre = el('pre', { dir: 'ltr' });
  const limit = 4000;
  /** @param {string} shown */
  const show = (shown) => {
    const pieces = isJson ? indented(shown) : null;
    fill(pre, pieces ? pieces.map(([kind, piece]) => (kind ? span(kind, readable(piece)) : piece)) : readable(shown));
  };
  const box = el('div', { class: 'code' }, pre);
  if (all.length > limit) {
    pre.append(...readable(all.slice(0, limit)), ' ... ');
    const more = el('button', { class: 'quiet', type: 'button', onclick: () => { show(all); more.remove(); } },
      `show all ${all.length.toLocaleString('en')} characters`);
    box.append(more);
  } else {
    show(all);
  }
  if (navigator.clipboard) {
    const copy = el('button', { class: 'button copy', type: 'button', onclick: () => {
      navigator.clipboard.writeText(all).then(() => { copy.textContent = 'copied'; }, () => { copy.textContent = 'not allowed'; });
    } }, 'copy');
    box.append(copy);
  }
  return box;
}

/** @param {Message} message */
function bodyOf({ body = '', bodyHex }) {
  if (bodyHex === undefined) return body === '' ? el('p', { class: 'soft' }, 'no body') : code(body);
  const bytes = Uint8Array.from(bodyHex.match(/../g) ?? [], (digits) => parseInt(digits, 16));
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const box = el('div', null, el('p', { class: 'soft' }, `${count(bytes.length, 'byte')}${isGzip ? ', compressed with gzip' : ', not UTF-8'}; in hexadecimal:`), code(bodyHex));
  if (isGzip && 'DecompressionStream' in window) {
    const unpacked = new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text();
    unpacked.then((all) => box.append(el('p', { class: 'soft' }, 'unpacked:'), code(all)), () => {});
  }
  return box;
}

/** @param {[string, Children][]} pairs */
const terms = (pairs) => el('dl', null, pairs.filter(([, value]) => value !== null && value !== undefined && value !== false && value !== '')
  .map(([name, value]) => [el('dt', null, name), el('dd', { class: 'text' }, value)]));

/**
 * A part that can be folded; whether it is open is the same for each attempt.
 * @param {string} name
 * @param {string} title
 * @param {Children[]} children
 */
function foldable(name, title, ...children) {
  const box = el('details', { id: `part-${name}`, open: state.open.has(name) }, el('summary', null, title), ...children);
  box.addEventListener('toggle', () => {
    if (box.hasAttribute('open')) state.open.add(name);
    else state.open.delete(name);
  });
  return box;
}

/** @param {Entry} entry @param {number} index */
function entryOf(entry, index) {
  const { mark: kind, code: failure, message, alsoIn, resources, detail } = entry;
  return el('article', { class: 'entry', 'data-outcome': kind },
    el('div', { class: 'title' }, mark(kind), span('soft number', `[${index}]`),
      el('span', null, clipped(entry.source ?? '(no source)', 200), ' / ', clipped(entry.detailType ?? '(no detail-type)', 200))),
    terms([
      [failure === undefined ? 'outcome' : 'failed', failure !== undefined
        ? [span(`verdict is-${kind}`, text(failure)), entry.isInjected && span('by-fault', ' (injected)'), message && '  ', message && clipped(message, 400)]
        : span(`verdict is-${kind}`, model.words(kind))],
      ['EventId', entry.eventId && span('mono', entry.eventId)],
      ['event bus', entry.bus && clipped(entry.bus, 300)],
      ['time', entry.time && clipped(entry.time, 200)],
      ['resources', resources?.map((one) => el('div', null, clipped(one, 300)))],
      ['trace', entry.trace && clipped(entry.trace, 300)],
      ['also sent in', alsoIn && span('refs', alsoIn.first.map((place) =>
        el('span', null, link(place.attempt, `#${place.attempt}[${place.index}]`), span('soft', ` ${model.words(place.mark)}`))),
      alsoIn.more > 0 && span('soft', `and ${alsoIn.more.toLocaleString('en')} more`))],
    ]),
    detail === undefined ? el('p', { class: 'soft' }, 'no detail') : code(detail, { isJson: true }));
}

let shownDetails = '';

function renderDetails({ isSame = false } = {}) {
  const pane = $('details');
  const attempt = model.attempt(state.at);
  $('page').classList.toggle('open', Boolean(attempt));
  pane.hidden = !attempt;
  const signature = attempt ? JSON.stringify(attempt) : '';
  if (isSame && shownDetails === signature) return;
  shownDetails = signature;
  if (!attempt) {
    pane.replaceChildren();
    return;
  }
  const { request, reply, credential, sdkTry, invocation, otherTries, faults, note } = attempt;
  /** @param {number} by @param {string} label @param {string} sign */
  const step = (by, label, sign) => {
    const next = () => {
      const index = list.indices.get(attempt.number);
      return index === undefined ? undefined : list.visible[index + by];
    };
    const move = () => {
      const to = next();
      if (to) select(to.number, { jump: true });
    };
    return el('button', { class: 'button', type: 'button', 'aria-label': label, title: label, disabled: !next() && !live, onclick: move }, sign);
  };
  const garbage = attempt.garbage ?? attempt.garbageHex;
  const entries = attempt.entries.slice(0, 50).map(entryOf);
  const hidden = attempt.entries.length - entries.length;
  pane.setAttribute('aria-label', `Attempt ${attempt.number}`);
  fill(pane,
    el('div', { class: 'head' },
      el('h2', { class: 'text' }, `#${attempt.number}  `, coloured(short(attempt.became, 300)).flat()),
      el('div', { class: 'buttons' }, step(-1, 'The attempt before', '\u2191'), step(1, 'The next attempt', '\u2193'),
        el('button', { class: 'button', type: 'button', 'aria-label': 'Close the details', title: 'Close (Escape)', onclick: close }, '\u2715'))),
    el('section', null,
      note && el('p', { class: 'note' }, '\u2190 ', linked(note).flat()),
      attempt.problems?.map((problem) => el('p', { class: 'minor' }, span('tag alarm', 'problem'), ' ', clipped(problem.message, 600))),
      attempt.lint?.map((finding) => el('p', { class: 'minor' }, span('tag', 'lint'), ' ', clipped(finding.message, 600))),
      terms([
        ['received', span('number', seconds(attempt.atMs), span('soft', `  ${new Date(attempt.date * 1000).toISOString().replace('T', ' ').replace('.000Z', ' UTC')}`))],
        ['ended', attempt.endedMs !== undefined && span('number', seconds(attempt.endedMs), span('soft', `  ${attempt.took} later`))],
        ['peer', attempt.peer && span('mono', attempt.peer)],
        ['access key', credential && [span('mono', credential.accessKey), span('soft', `  ${[credential.region, credential.service].filter(Boolean).join(' / ')}`)]],
        ['user agent', attempt.userAgent && clipped(attempt.userAgent, 240)],
        ['SDK', invocation && [sdkTry && `try ${sdkTry} of `, span('mono', invocation)]],
        ['its other tries', otherTries && span('refs', otherTries.first.map((number) => link(number)),
          otherTries.more > 0 && span('soft', `and ${otherTries.more.toLocaleString('en')} more`))],
      ])),
    faults && el('section', { id: 'decided' }, el('h3', null, 'Faults that decided'),
      el('ul', null, faults.map(({ id, sentence }) => el('li', { class: 'by-fault' }, clipped(sentence, 400), ' ',
        model.view.faults.some((fault) => fault.id === id)
          && el('button', { class: 'quiet', type: 'button', 'aria-label': `To the fault: ${sentence}`, onclick: () => showFault(id) }, 'show'))))),
    foldable('entries', attempt.entries.length ? count(attempt.entries.length, 'entry', 'entries') : 'No entries', entries,
      hidden > 0 && el('p', { class: 'soft' }, `and ${count(hidden, 'more entry', 'more entries')}, in the body below`)),
    foldable('fate', 'The answer on its way', el('ul', null, attempt.delivery.map((words) => el('li', null, words)),
      garbage !== undefined && el('li', null, code(garbage)))),
    foldable('request', `Request  ${short(request.line, 66)}`, code(`${request.line}\n${request.head}`), bodyOf(request)),
    foldable('reply', reply ? `Answer  ${reply.line}` : 'No answer',
      reply ? [code(`${reply.line}\n${reply.head}`), bodyOf(reply)] : el('p', null, 'The service never saw the request.')));
  if (!isSame) pane.scrollTop = 0;
}

/** @param {number} number */
function select(number, { jump = false } = {}) {
  state.at = number;
  writeHash();
  const anchor = list.anchor();
  renderDetails();
  list.paint({ anchor });
  strip.draw();
  list.reveal(number, { isFocused: jump });
}

function close() {
  const number = state.at;
  state.at = null;
  writeHash();
  const anchor = list.anchor();
  renderDetails();
  list.paint({ anchor });
  strip.draw();
  if (number !== null) list.reveal(number, { isFocused: true });
}

/* ---- Keys. ---- */

/** @param {number} by */
function go(by) {
  const last = list.visible.length - 1;
  if (last < 0) return;
  const now = list.indices.get(list.focused ?? state.at ?? NaN);
  const next = now === undefined ? (by > 0 ? 0 : last) : Math.max(0, Math.min(last, now + by));
  const number = list.visible[next]?.number;
  if (number === undefined) return;
  if (state.at) select(number, { jump: true });
  else list.reveal(number, { isFocused: true });
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target instanceof HTMLElement ? event.target : document.body;
  const isTyping = target.matches('input, textarea, select');
  const { key } = event;
  if (key === 'Escape') {
    const menu = document.querySelector('.menu[open]');
    if (menu) {
      menu.removeAttribute('open');
      inside(menu, 'summary').focus();
    } else if (isTyping) {
      if (state.q) setFilter('');
      target.blur();
    } else if (state.at) close();
  } else if (isTyping) {
    if (key === 'ArrowDown' || key === 'Enter') go(0);
    else return;
  } else if (key === 'j' || (key === 'ArrowDown' && !target.closest('#details, .menu'))) go(1);
  else if (key === 'k' || (key === 'ArrowUp' && !target.closest('#details, .menu'))) go(-1);
  else if (key === 'Home' && target.closest('#rows')) go(-Infinity);
  else if (key === 'End' && target.closest('#rows')) go(Infinity);
  else if (key === '/') {
    filterInput.focus();
    filterInput.select();
  } else return;
  event.preventDefault();
});

/* ---- The bar, the theme, the legend. ---- */

const filterInput = sure($('filter'), HTMLInputElement, '#filter');

/** @param {string} query */
function setFilter(query) {
  state.q = query;
  filterInput.value = query;
  writeHash();
  renderRows();
}

const showOnly = () => {
  for (const button of onlyButtons()) button.setAttribute('aria-pressed', String(state.only.has(button.dataset.only ?? '')));
};

/** @type {number | undefined} */
let filterTimer;
function wireBar() {
  filterInput.value = state.q;
  filterInput.addEventListener('input', () => {
    clearTimeout(filterTimer);
    filterTimer = setTimeout(() => setFilter(filterInput.value), model.attempts.length > 300 ? 120 : 0);
  });
  for (const button of onlyButtons()) {
    button.addEventListener('click', () => {
      const { only = '' } = button.dataset;
      if (!state.only.delete(only)) state.only.add(only);
      showOnly();
      writeHash();
      renderRows();
    });
  }
  showOnly();
  $('older').addEventListener('click', () => live?.askForOlder());
  $('newer').addEventListener('click', () => list.paint({ goesToEnd: true }));
  let isAsked = false;
  addEventListener('scroll', () => {
    if (isAtEnd()) $('newer').hidden = true;
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      list.paint();
    });
  }, { passive: true });
  // On paper there is no window.
  addEventListener('beforeprint', () => list.paint({ areAllDrawn: true }));
  addEventListener('afterprint', () => list.paint());
  addEventListener('hashchange', () => {
    readHash();
    filterInput.value = state.q;
    showOnly();
    renderDetails();
    renderRows();
    if (state.at) list.reveal(state.at);
  });
  document.addEventListener('click', ({ target }) => {
    for (const menu of document.querySelectorAll('.menu[open]')) {
      if (!(target instanceof Node && menu.contains(target))) menu.removeAttribute('open');
    }
  });
  const header = inside(document.body, 'header');
  new ResizeObserver(() => {
    const isSticky = getComputedStyle(header).position === 'sticky';
    document.documentElement.style.setProperty('--bar-top', isSticky ? `${header.offsetHeight}px` : '0px');
  }).observe(header);
  new ResizeObserver(() => { if ($('rows').clientWidth !== list.width) list.paint(); }).observe($('rows'));
  addEventListener('resize', () => list.paint());
}

const isAtEnd = () => innerHeight + scrollY >= document.documentElement.scrollHeight - 80;

/**
 * @template T
 * @param {(storage: Storage) => T} action
 */
const stored = (action) => {
  try {
    return action(localStorage);
  } catch {
    return null; // Storage may be switched off.
  }
};

function wireTheme() {
  const themes = ['', 'light', 'dark'];
  let theme = stored((storage) => storage.getItem('putevents-mock-theme')) ?? '';
  if (!themes.includes(theme)) theme = '';
  const show = () => {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    $('theme').textContent = `Theme: ${theme || 'auto'}`;
    strip.draw();
  };
  $('theme').addEventListener('click', () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length] ?? '';
    stored((storage) => storage.setItem('putevents-mock-theme', theme));
    show();
  });
  show();
}

function renderLegend() {
  const box = inside($('legend'), 'div');
  const marks = Object.entries(model.view.marks);
  if (!marks.length || box.childElementCount) return;
  const keys = [
    ['\u2191 \u2193 or j k', 'one attempt back or on'], ['Home, End', 'the first attempt, the last one'],
    ['Enter', 'details of the attempt'], ['Escape', 'closes them'], ['/', 'to the filter'],
  ];
  const filters = [
    ['two words', 'both must be there'], ['"two words"', 'together'], ['-word', 'must not be there'], ['#3', 'attempt 3'],
    ['fault:3', 'attempts about which fault 3 decided, counted from 0'],
  ];
  /** @param {string[][]} pairs */
  const listed = (pairs) => el('ul', null, pairs.map(([key, what]) => el('li', null, el('kbd', null, key), what)));
  box.append(el('h2', null, 'Each mark is an entry'),
    el('ul', null, marks.map(([kind, what]) => el('li', null, mark(kind), what))),
    el('h2', null, 'Keys'), listed(keys), el('h2', null, 'Filter'), listed(filters));
}

/** @param {View} view */
function render(view) {
  const isFirst = !model.view.marks.accepted;
  const [wasAtEnd, anchor, newest] = [isAtEnd(), list.anchor(), list.visible.at(-1)?.number ?? 0];
  const hadChosen = Boolean(model.attempt(state.at));
  model = new Model(view);
  if (hadChosen && !model.attempt(state.at)) {
    // Another one may get its number.
    state.at = null;
    writeHash();
  }
  const goesToEnd = Boolean(live && !isFirst && wasAtEnd && !state.at);
  list.newest = isFirst ? Infinity : newest;
  renderLegend();
  renderFacts();
  renderFindings();
  renderFaults();
  renderDetails({ isSame: true });
  renderRows({ goesToEnd, anchor });
  if (isFirst && state.at) list.reveal(state.at);
  if (!isFirst && (list.visible.at(-1)?.number ?? 0) > newest && !isAtEnd()) $('newer').hidden = false;
}

/* ---- Live: the page is served by the mock, and asks it for what is new. ---- */

/** @param {number} ms @returns {Promise<void>} */
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const WAIT_MS = 20_000;
/** How many attempts the page asks for at first, and how many more at a click. */
const PAGE_OF_ATTEMPTS = 10_000;

/** The server gave an answer that says why not. */
class Refused extends Error {}

/** @typedef {{ name: string | null, attempts: number, published: number }} Session */

class Live {
  constructor() {
    const here = new URL('.', location.href);
    const inSession = /^(.*\/)sessions\/([^/]+)\/$/.exec(here.pathname);
    this.here = here;
    this.root = new URL(inSession?.[1] ?? here.pathname, here);
    /** @type {string | null} */
    this.session = inSession?.[2] ? decodeURIComponent(inSession[2]) : null;
    this.last = PAGE_OF_ATTEMPTS;
    /** @type {Map<string | null, HTMLElement>} */
    this.links = new Map();
    /** @type {string | null} */
    this.etag = null;
    this.asking = new AbortController();
    if (this.session !== null) {
      $('session').textContent = ` / ${short(this.session, 60)}`;
      document.title = `${this.session} - putevents-mock`;
    }
    for (const id of ['status', 'save', 'clear', 'reset']) $(id).hidden = false;
    this.say('', 'connecting');
    this.makeSure($('clear'), 'Really clear?', () => this.act('DELETE', 'journal'));
    this.makeSure($('reset'), 'Really reset?', () => this.act('POST', 'reset'));
    $('sessions').addEventListener('toggle', () => this.listSessions());
    setInterval(() => { if (!document.hidden) this.listSessions(); }, 5000);
    this.listSessions();
  }

  askForOlder() {
    this.last += PAGE_OF_ATTEMPTS;
    this.etag = null;
    this.asking.abort();
  }

  /** @param {string} cls @param {string} words */
  say(cls, words) {
    const status = $('status');
    if (status.textContent === words && status.className === cls) return;
    status.className = cls;
    status.textContent = words;
  }

  /** @param {unknown} error */
  sayWhy(error, then = '') {
    const words = error instanceof Refused ? `the server says: ${error.message}` : 'the server is gone';
    this.say('gone', words + then);
  }

  /** @param {URL} url @param {RequestInit} [options] */
  async fetch(url, options = {}) {
    const signal = AbortSignal.any([AbortSignal.timeout(WAIT_MS + 10_000), options.signal ?? new AbortController().signal]);
    const response = await fetch(url, { cache: 'no-store', ...options, signal });
    if (response.ok || response.status === 304) return response;
    const said = await response.text();
    throw new Refused(short(parsed(said)?.message ?? `it answered ${response.status}`, 200));
  }

  async run() {
    for (let failures = 0; ;) {
      const began = Date.now();
      this.asking = new AbortController();
      const { signal } = this.asking;
      try {
        const url = new URL(`view?last=${this.last}${this.etag ? `&waitMs=${WAIT_MS}` : ''}`, this.here);
        const response = await this.fetch(url, { signal, headers: this.etag ? { 'If-None-Match': this.etag } : {} });
        failures = 0;
        this.say('live', 'live');
        if (response.status !== 304) {
          /** @type {View} */
          const view = await response.json();
          this.etag = response.headers.get('ETag');
          const arrived = Date.now();
          render(view);
          // A busy publisher changes the journal all the time; a few views a second are enough.
          await pause(Math.max(250, 2 * (Date.now() - arrived)));
        } else if (Date.now() - began < 250) await pause(250);
        if (document.hidden) await new Promise((resolve) => { document.addEventListener('visibilitychange', resolve, { once: true }); });
      } catch (error) {
        if (signal.aborted) continue;
        this.etag = null;
        failures += 1;
        this.sayWhy(error, ', trying again');
        await pause(Math.min(500 * failures, 3000));
      }
    }
  }

  /** @param {string} method @param {string} path */
  async act(method, path) {
    try {
      await this.fetch(new URL(path, this.here), { method });
    } catch (error) {
      this.sayWhy(error);
    }
  }

  /** @param {number} id */
  lift(id) {
    return this.act('DELETE', `faults/${id}`);
  }

  /** The first click asks, the second one does it. @param {HTMLElement} button @param {string} question @param {() => void} action */
  makeSure(button, question, action) {
    const words = button.textContent;
    /** @type {number | undefined} */
    let timer;
    const calm = () => {
      clearTimeout(timer);
      button.textContent = words;
      button.classList.remove('sure');
    };
    button.addEventListener('click', () => {
      if (button.classList.contains('sure')) {
        calm();
        action();
        return;
      }
      button.textContent = question;
      button.classList.add('sure');
      timer = setTimeout(calm, 4000);
    });
    button.addEventListener('blur', calm);
  }

  async listSessions() {
    /** @type {Session[]} */
    let sessions;
    try {
      ({ sessions } = await (await this.fetch(new URL('sessions', this.root))).json());
    } catch {
      return; // The status says it already.
    }
    $('sessions').hidden = sessions.length < 2 && this.session === null;
    inside($('sessions'), 'summary').textContent = `Sessions (${sessions.length})`;
    // Links that are there already stay, with their focus.
    const items = sessions.map(({ name, attempts, published }) => {
      const item = this.links.get(name) ?? this.linkTo(name);
      this.links.set(name, item);
      fill(inside(item, '.number'), `${count(attempts, 'attempt')}, ${published.toLocaleString('en')} published`);
      return item;
    });
    const box = inside($('sessions'), 'ul');
    for (const item of [...box.children]) if (!items.some((one) => one === item)) item.remove();
    items.forEach((item, index) => { if (box.children[index] !== item) box.insertBefore(item, box.children[index] ?? null); });
  }

  /** @param {string | null} name */
  linkTo(name) {
    const href = new URL(name === null ? '.' : `sessions/${encodeURIComponent(name)}/`, this.root);
    const isHere = name === this.session;
    return el('li', null, el('a', { href, 'aria-current': isHere ? 'page' : null }, name === null ? 'default session' : text(short(name, 60))),
      isHere && span('tag', 'here'), span('soft number'));
  }
}

/* ---- And it begins. ---- */

/** @type {View | null} */
const embedded = JSON.parse($('view').textContent ?? 'null');
/** @type {Live | null} */
const live = embedded ? null : new Live();
readHash();
wireTheme();
wireBar();
strip.wire();
$('page').hidden = false;
if (embedded) render(embedded);
else live?.run();
