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
 * A part that can be folded. It is open or closed for all attempts alike.
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
  const { mark: kind, code: failure, message, alsoIn, resources, detail, event } = entry;
  const isChosen = state.entry === index;
  return el('article', { class: isChosen ? 'entry chosen' : 'entry', 'data-outcome': kind, id: `entry-${index}`, 'aria-current': isChosen ? 'true' : null },
    el('div', { class: 'title' }, mark(kind), span('soft number', `[${index}]`),
      el('span', null, clipped(entry.source ?? '(no source)', 200), ' / ', clipped(entry.detailType ?? '(no detail-type)', 200)),
      event !== undefined && el('a', { class: 'to-event', href: `#by=events&at=${event}`, title: 'All tries of this event', onclick: (click) => {
        click.preventDefault();
        goTo('events', event);
      } }, 'all tries of the event')),
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
        el('span', null, link(place.attempt, `#${place.attempt}[${place.index}]`, place.index), span('soft', ` ${model.words(place.mark)}`))),
      alsoIn.more > 0 && span('soft', `and ${alsoIn.more.toLocaleString('en')} more`))],
    ]),
    detail === undefined ? el('p', { class: 'soft' }, 'no detail') : code(detail, { isJson: true }));
}

let shownDetails = '';

function renderDetails({ isSame = false } = {}) {
  const pane = $('details');
  const [attempt, event] = [model.chosenAttempt, model.chosenEvent];
  $('page').classList.toggle('open', Boolean(attempt ?? event));
  pane.hidden = !(attempt ?? event);
  const signature = JSON.stringify([attempt, event, state.entry]);
  if (isSame && shownDetails === signature) return;
  shownDetails = signature;
  if (attempt) fillWithAttempt(pane, attempt);
  else if (event) fillWithEvent(pane, event);
  else pane.replaceChildren();
  if (isSame) return;
  pane.scrollTop = 0;
  pane.querySelector('.entry.chosen')?.scrollIntoView({ block: 'center', behavior: 'instant' });
}

/** The head of the details pane. @param {Row} row @param {{ before: string, after: string }} labels @param {Children[]} title */
function headOf(row, { before, after }, ...title) {
  /** @param {number} by @param {string} label @param {string} sign */
  const step = (by, label, sign) => {
    const next = () => {
      const index = list.indices.get(row.number);
      return index === undefined ? undefined : list.visible[index + by];
    };
    const move = () => {
      const to = next();
      if (to) select(to.number, { jump: true });
    };
    return el('button', { class: 'button', type: 'button', 'aria-label': label, title: label, disabled: !next() && !live, onclick: move }, sign);
  };
  return el('div', { class: 'head' },
    el('h2', { class: 'text' }, ...title),
    el('div', { class: 'buttons' }, step(-1, before, '\u2191'), step(1, after, '\u2193'),
      el('button', { class: 'button', type: 'button', 'aria-label': 'Close the details', title: 'Close (Escape)', onclick: close }, '\u2715')));
}

/** @param {HTMLElement} pane @param {EventRow} event */
function fillWithEvent(pane, event) {
  const { tries, fate, note } = event;
  const known = tries.first.map(({ attempt, index }) => model.attempt(attempt)?.entries[index]).filter((entry) => entry !== undefined);
  const [sent] = known;
  /** @param {Try} one */
  const lineOf = (one) => el('li', { class: 'one-try' }, mark(one.mark), link(one.attempt, `#${one.attempt}[${one.index}]`, one.index),
    span('soft number', seconds(one.atMs)),
    el('span', null, span(`verdict is-${one.mark}`, text(one.code ?? model.words(one.mark))),
      one.mark.endsWith('-injected') && span('by-fault', ' (injected)'), !one.isTold && one.mark !== 'lost' && one.mark !== 'waiting' && span('soft', ', the publisher was not told')));
  pane.setAttribute('aria-label', `Event ${event.number}`);
  fill(pane,
    headOf(event, { before: 'Previous event', after: 'Next event' }, nameOf(event)),
    el('section', null, el('p', { class: 'fate' }, mark(event.mark), ' ', linked(fate)), note && el('p', { class: 'note' }, '\u2190 ', linked(note))),
    el('section', null, el('h3', null, count(tries.first.length + tries.more, 'try', 'tries')),
      el('ol', null, tries.first.map(lineOf), tries.more > 0 && el('li', { class: 'soft' }, `and ${tries.more.toLocaleString('en')} more`))),
    sent && el('section', null, el('h3', null, 'First try, as sent'), terms([
      ['source', sent.source !== undefined && clipped(sent.source, 200)],
      ['detail-type', sent.detailType !== undefined && clipped(sent.detailType, 200)],
      ['event bus', sent.bus && clipped(sent.bus, 300)],
      ['time', sent.time && clipped(sent.time, 200)],
      ['resources', sent.resources?.map((one) => el('div', null, clipped(one, 300)))],
      ['EventId', known.flatMap(({ eventId }) => (eventId ? [el('div', { class: 'mono' }, eventId)] : []))],
    ]), sent.detail === undefined ? el('p', { class: 'soft' }, 'no detail') : code(sent.detail, { isJson: true })));
}

/** @param {HTMLElement} pane @param {Attempt} attempt */
function fillWithAttempt(pane, attempt) {
  const { request, reply, credential, sdkTry, invocation, otherTries, faults, note } = attempt;
  const garbage = attempt.garbage ?? attempt.garbageHex;
  const entries = attempt.entries.slice(0, Math.max(50, (state.entry ?? 0) + 1)).map(entryOf);
  const hidden = attempt.entries.length - entries.length;
  pane.setAttribute('aria-label', `Attempt ${attempt.number}`);
  fill(pane,
    headOf(attempt, { before: 'Previous attempt', after: 'Next attempt' }, `#${attempt.number}  `, coloured(short(attempt.became, 300)).flat()),
    el('section', null,
      note && el('p', { class: 'note' }, '\u2190 ', linked(note)),
      attempt.problems?.map((problem) => el('p', { class: 'minor' }, span('tag alarm', 'problem'), ' ', clipped(problem.message, 600))),
      attempt.lint?.map((finding) => el('p', { class: 'minor' }, span('tag', 'lint'), ' ', clipped(finding.message, 600))),
      terms([
        ['received', span('number', seconds(attempt.atMs), span('soft', `  ${new Date(attempt.date * 1000).toISOString().replace('T', ' ').replace('.000Z', ' UTC')}`))],
        ['ended', attempt.endedMs !== undefined && span('number', seconds(attempt.endedMs), span('soft', `  ${attempt.took} later`))],
        ['peer', attempt.peer && span('mono', attempt.peer)],
        ['access key', credential && [span('mono', credential.accessKey), span('soft', `  ${[credential.region, credential.service].filter(Boolean).join(' / ')}`)]],
        ['user agent', attempt.userAgent && clipped(attempt.userAgent, 240)],
        ['SDK', invocation && [sdkTry && `try ${sdkTry} of `, span('mono', invocation)]],
        ['other tries of the call', otherTries && span('refs', otherTries.first.map((number) => link(number)),
          otherTries.more > 0 && span('soft', `and ${otherTries.more.toLocaleString('en')} more`))],
      ])),
    faults && el('section', { id: 'decided' }, el('h3', null, 'Faults that applied'),
      el('ul', null, faults.map(({ id, sentence }) => el('li', { class: 'by-fault' }, clipped(sentence, 400), ' ',
        model.view.faults.some((fault) => fault.id === id)
          && el('button', { class: 'quiet', type: 'button', 'aria-label': `To the fault: ${sentence}`, onclick: () => showFault(id) }, 'show'))))),
    foldable('entries', attempt.entries.length ? count(attempt.entries.length, 'entry', 'entries') : 'No entries', entries,
      hidden > 0 && el('p', { class: 'soft' }, `and ${count(hidden, 'more entry', 'more entries')}, in the body below`)),
    foldable('fate', 'Delivery of the reply', el('ul', null, attempt.delivery.map((words) => el('li', null, words)),
      garbage !== undefined && el('li', null, code(garbage)))),
    foldable('request', `Request  ${short(request.line, 66)}`, code(`${request.line}\n${request.head}`), bodyOf(request)),
    foldable('reply', reply ? `Reply  ${reply.line}` : 'No reply',
      reply ? [code(`${reply.line}\n${reply.head}`), bodyOf(reply)] : el('p', null, 'The service never saw the request.')));
}

/** Chooses a row, and an entry of it. @param {number} number @param {{ jump?: boolean, entry?: number | null }} [options] */
function select(number, { jump = false, entry = null } = {}) {
  state.at = number;
  state.entry = entry;
  if (entry !== null) state.open.add('entries');
  writeHash();
  const anchor = list.anchor();
  renderDetails();
  list.paint({ anchor });
  strip.draw();
  list.reveal(number, { isFocused: jump });
}

/** Shows the rows by attempts or by events. @param {'attempts' | 'events'} by */
function showBy(by) {
  if (state.by !== by) turnTo(by, null, null);
}

/** Switches to the rows of attempts or events, and chooses one. @param {'attempts' | 'events'} by @param {number | null} at @param {number | null} entry */
function turnTo(by, at, entry) {
  stepOf(() => Object.assign(state, { by, at, entry }));
  list.clear();
  showPressed();
  renderDetails();
  renderRows({ anchor: null });
}

/** Goes to an attempt or an event, and to an entry of it. @param {'attempts' | 'events'} by @param {number} number @param {number | null} [entry] */
function goTo(by, number, entry = null) {
  if (state.by !== by) turnTo(by, number, entry);
  select(number, { jump: true, entry });
}

function close() {
  const number = state.at;
  state.at = null;
  state.entry = null;
  writeHash();
  const anchor = list.anchor();
  renderDetails();
  list.paint({ anchor });
  strip.draw();
  if (number !== null) list.reveal(number, { isFocused: true });
}
