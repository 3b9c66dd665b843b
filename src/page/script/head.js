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
