/* ---- The head of the page, findings and faults. ---- */

/** Leads to an attempt, or to an entry of it. @param {number} number @param {string} [label] @param {number | null} [entry] */
function link(number, label = `#${number}`, entry = null) {
  const href = `#at=${number}${entry === null ? '' : `.${entry}`}`;
  return model.places.has(number)
    ? el('a', { href, class: 'number', onclick: (event) => { event.preventDefault(); goTo('attempts', number, entry); } }, label)
    : span('soft number', label);
}

/** Text in which `#3` leads to attempt 3, and `#3[1]` to its entry 1. @param {string} words @returns {(Node | string)[]} */
function linked(words) {
  return words.split(/(#\d+(?:\[\d+\])?)/).map((part, index) => {
    if (!(index % 2)) return readable(part);
    const [number, entry] = part.slice(1, part.endsWith(']') ? -1 : undefined).split('[');
    return link(Number(number), part, entry === undefined ? null : Number(entry));
  }).flat();
}

/** `(injected)` in its colour. @param {string} words */
function coloured(words) {
  return words.split(/( ?\(injected\))/).map((part, index) => (index % 2 ? span('by-fault', part) : readable(part)));
}

/**
 * A long text, cut, with a button that shows the rest.
 * @param {string} all
 * @param {number} limit
 * @param {(words: string) => (Node | string)[]} [write]
 */
function clipped(all, limit, write = readable) {
  const characters = all.length > limit ? Array.from(all) : null;
  const box = text('');
  if (!characters || characters.length <= limit) {
    box.append(...write(all));
    return box;
  }
  const more = el('button', { class: 'quiet', type: 'button', onclick: () => fill(box, write(all)) },
    `show all ${characters.length.toLocaleString('en')} characters`);
  box.append(...write(characters.slice(0, limit).join('')), ' ... ', more);
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
    seed !== undefined && el('span', { title: `PUTEVENTS_MOCK_SEED=${seed} repeats this run` }, 'seed ', el('b', null, String(seed))),
    forgotten > 0 && fact(forgotten, 'forgotten to save memory', 'alarm'));
}

/** @param {number[]} numbers @param {{ rest?: Child, entry?: number | undefined }} [options] */
function refs(numbers, { rest, entry } = {}) {
  const max = 6;
  return span('refs', numbers.slice(0, max).map((number) => link(number, undefined, entry)),
    numbers.length > max && (rest ?? span('soft', `and ${numbers.length - max} more`)));
}

/** Shows what all rows have in common, so that the rows do not repeat it. */
function renderCommon() {
  const { source, userAgent, accessKey, region, host, client } = model.view.common;
  /** @type {[string, string | undefined][]} */
  const all = [['source', source], ['user agent', userAgent], ['access key', accessKey], ['region', region], ['host', host], ['client', client]];
  const there = all.filter(([, value]) => value !== undefined);
  $('common').hidden = !there.length;
  fill(inside($('common'), 'dl'), there.map(([name, value]) => el('div', null, el('dt', null, name), el('dd', null, clipped(value ?? '', 120)))));
}

/** How many lines of a report are shown before a click shows the rest. */
const FIRST_LINES = 4;
/** The reports that are shown whole. @type {Set<string>} */
const wholeReports = new Set();
let shownExpected = '';

/** Shows the expectations that are not met, each with its report, above everything else. */
function renderExpected() {
  const { expected } = model.view;
  const box = $('expected');
  const signature = JSON.stringify([expected, model.attempts.length > 0]);
  if (signature === shownExpected) return;
  shownExpected = signature;
  box.hidden = !expected;
  if (!expected) return;
  box.className = `card is-${expected.tone}`;
  $('expected-title').textContent = expected.words.replace(/^./, (first) => first.toUpperCase());
  fill(inside(box, 'ul'), expected.unmet.map(unmetOf));
}

/** @param {Unmet} unmet */
function unmetOf({ place, expectation, report, attempts }) {
  const name = place ?? '';
  const [headline = '', ...rest] = report.split('\n');
  if (rest[0] === '') rest.shift();
  const box = el('div', { class: 'report' });
  /** Indents the wrapped part of a line. @param {string} line */
  const lineOf = (line) => {
    const depth = line.length - line.trimStart().length;
    return el('div', { style: `padding-left: ${depth + 2}ch` }, line === '' ? '\u00a0' : linked(short(line.trimStart(), 4000)));
  };
  const toggle = el('button', { class: 'quiet', type: 'button', onclick: () => {
    if (!wholeReports.delete(name)) wholeReports.add(name);
    show();
    list.paint();
  } });
  const isLong = rest.length > FIRST_LINES + 1;
  const show = () => {
    const isWhole = wholeReports.has(name) || !isLong;
    fill(box, el('b', null, linked(short(headline, 4000))), (isWhole ? rest : rest.slice(0, FIRST_LINES)).map(lineOf));
    toggle.textContent = isWhole ? 'show less' : `show ${rest.length - FIRST_LINES} more lines`;
    toggle.setAttribute('aria-expanded', String(isWhole));
  };
  show();
  return el('li', { class: 'unmet' },
    place !== undefined && el('p', null, span('tag alarm', place), ' ', span('mono', clipped(expectation ?? '', 300))),
    box, el('p', { class: 'under' }, isLong && toggle, attempts.length > 0 && span('soft', 'attempts ', refs(attempts))));
}

/** How many items of each list stand above the timeline before a click shows the rest. */
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
  const items = shown.map(({ tag, isAlarm, message, attempts, entry }) => {
    const [first] = attempts;
    /** A click outside the links follows the first link. @param {Event} event */
    const open = ({ target }) => {
      if (first !== undefined && !(target instanceof Element && target.closest('a, button'))) goTo('attempts', first, entry ?? null);
    };
    return el('li', { class: first === undefined ? 'found' : 'found leads', onclick: open },
      span(isAlarm ? 'tag alarm' : 'tag', tag), el('div', null, refs(attempts, { entry }), attempts.length > 0 && ' ', clipped(message, 150, linked)));
  });
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
      span('state', span(isAlarm ? 'tag alarm' : attempts.length ? 'tag injected' : 'tag', fired), !inForce && span('tag', 'lifted'),
        live && inForce && el('button', { class: 'button', type: 'button', onclick: () => { live?.lift(id); }, 'aria-label': `Lift: ${sentence}` }, 'Lift')),
      why && span('why soft', 'why: ', clipped(why, 240, linked)),
      span('whence soft', text(place, 'mono place'), attempts.length > 0 && refs(attempts, { rest })));
  });
  const open = faults.filter((fault) => fault.inForce).length;
  $('faults-title').textContent = `Faults: ${open} active${open < faults.length ? `, ${faults.length - open} lifted` : ''}`;
  $('faults').hidden = !faults.length;
  fill(inside($('faults'), 'ul'), items, more);
}

/** Goes from an attempt to a fault that applied to it. @param {number} id */
function showFault(id) {
  areAll.faults = true;
  renderFaults();
  list.paint();
  const item = $(`fault-${id}`);
  item.scrollIntoView({ block: 'center' });
  item.focus({ preventScroll: true });
}
