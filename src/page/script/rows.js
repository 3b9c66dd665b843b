/* ---- The rows. Only rows near the window exist. The heights of the rows before it place a row. ---- */

/** @param {Attempt} attempt @param {Row | undefined} shownBefore */
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

/** A mark with its words. A click on it leads to its entry. @param {Mark} kind @param {string} words @param {string} [place] */
function titled(kind, words, place) {
  const svg = mark(kind);
  const title = document.createElementNS(SVG, 'title');
  title.textContent = words;
  svg.prepend(title);
  if (place !== undefined) svg.dataset.leads = place;
  return svg;
}

/** The target of a click on a part of a row: `3.1` is entry 1 of attempt 3. @param {Event} event @returns {[number, number] | null} */
function leadsTo({ target }) {
  const part = target instanceof Element ? target.closest('[data-leads]') : null;
  const [number, entry] = (part instanceof HTMLElement || part instanceof SVGElement ? part.dataset.leads ?? '' : '').split('.');
  return number ? [Number(number), Number(entry)] : null;
}

/** @param {{ source?: string, detailType?: string }} named */
const kindOf = ({ source, detailType }) => [model.view.common.source === undefined && span('soft', text(short(source ?? '(no source)', 60)), ' / '),
  text(short(detailType ?? '(no detail-type)', 80))];

/** Which events an attempt carries, in short. @param {Attempt} attempt */
function carriedBy({ carries }) {
  const kinds = carries?.first.map(({ by, values, more, ...kind }) => span('carried', kindOf(kind), ' ',
    by !== undefined && span('soft', text(`${by} `)), values.some(Boolean) && text(values.join(', '), 'mono'), more > 0 && span('more', ` +${more} more`)));
  return span('carries', kinds, carries && carries.more > 0 && span('more', `and ${count(carries.more, 'more kind')}`));
}

/** The sender, without what all attempts have in common. @param {Attempt} attempt */
function senderOf({ credential, peer, userAgent, sdkTry }) {
  const { common } = model.view;
  const agent = common.userAgent === undefined && userAgent && el('span', { title: userAgent }, text((userAgent.split(/\s/)[0] ?? '').slice(0, 40)));
  const from = peer && common.client !== undefined && peer.startsWith(common.client) ? null : peer;
  const region = common.region === undefined && credential?.region;
  return span('who', span('', sdkTry !== undefined && sdkTry > 1 && span('tag alarm', `try ${sdkTry}`), ' ', agent), from && span('number', from),
    common.accessKey === undefined && credential && text(credential.accessKey), region && text(region));
}

/** @param {Attempt} attempt */
function rowOf(attempt) {
  const { number, note, noteEntry, became } = attempt;
  const marks = attempt.entries.length
    ? attempt.entries.slice(0, 24).map((entry, index) => titled(entry.mark, titleOf(entry, index), `${number}.${index}`))
    : [titled(attempt.mark, model.words(attempt.mark))];
  const more = attempt.entries.length - marks.length;
  const found = [...attempt.problems ?? [], ...attempt.lint ?? []];
  /** @param {number | undefined} entry */
  const leads = (entry) => (entry === undefined ? null : `${number}.${entry}`);
  const carried = carriedBy(attempt);
  const label = [`#${number}`, seconds(attempt.atMs), carried.textContent, became, note && `note: ${note}`, ...found.map(({ message }) => message)].filter(Boolean).join(', ');
  return el('button', {
    class: 'row attempt', type: 'button', id: `row-${number}`, tabindex: -1, 'aria-expanded': 'false', 'aria-controls': 'details',
    'aria-label': label.slice(0, 600), onclick: (event) => {
      const place = leadsTo(event);
      if (place) select(number, { entry: place[1] });
      else if (state.at === number) close();
      else select(number);
    },
  },
    span(`dot is-${attempt.mark}`),
    span('n number', `#${number}`),
    span('time soft number', seconds(attempt.atMs)),
    span('marks', marks, more > 0 && span('soft', `+${more}`)),
    carried,
    span('words', span('text became', coloured(short(became, 300))),
      note && el('span', { class: 'note text', 'data-leads': leads(noteEntry) }, '\u2190 ', readable(short(note, 300))),
      found.slice(0, 2).map(({ message, entry }) => el('span', { class: 'minor text', 'data-leads': leads(entry) }, readable(short(message, 120)))),
      found.length > 2 && span('minor', `and ${found.length - 2} more`)),
    senderOf(attempt));
}

/** @param {EventRow} event */
function nameOf(event) {
  const { by, value } = event;
  return [kindOf(event), ' ', by !== undefined && span('soft', text(`${by} `)), value !== undefined && text(value, 'mono value')];
}

/** @param {Try} one */
const titleOfTry = ({ attempt, index, mark: kind, code: failure, atMs, isTold }) =>
  `#${attempt}[${index}] ${seconds(atMs)}: ${failure ?? model.words(kind)}${isTold ? '' : ', and the publisher was not told'}`.slice(0, 300);

/** @param {EventRow} event */
function rowOfEvent(event) {
  const { number, fate, note, tries } = event;
  const name = span('name', nameOf(event));
  const label = [name.textContent, fate, note].filter(Boolean).join(', ');
  return el('button', {
    class: 'row event', type: 'button', id: `event-${number}`, tabindex: -1, 'aria-expanded': 'false', 'aria-controls': 'details',
    'aria-label': label.slice(0, 600), onclick: (happened) => {
      const place = leadsTo(happened);
      if (place) goTo('attempts', ...place);
      else if (state.at === number) close();
      else select(number);
    },
  },
    mark(event.mark), name,
    span('tries', tries.first.map((one) => el('span', { class: one.isTold ? 'try number' : 'try untold number', title: titleOfTry(one), 'data-leads': `${one.attempt}.${one.index}` },
      mark(one.mark), `#${one.attempt}`)), tries.more > 0 && span('more', `+${tries.more} more`)),
    span('words', text(short(fate, 300), 'became'), note && span('note text', '\u2190 ', readable(short(note, 300)))));
}

/** @typedef {{ node: HTMLElement, row: HTMLElement, signature: string, top: number }} Item */
/** @typedef {{ number: number, y: number }} Anchor a row and its place in the window */

const list = {
  /** @type {Row[]} the rows that pass the filter */
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

  /** Rows are drawn this far beyond the window, in pixels. */
  BEYOND: 600,
  /** Up to this number, all rows are drawn, so that the browser's own search finds them. */
  ALL_OF: 200,
  /** The room above the first row and below the last one, in pixels. */
  INSET: 6,

  /** Drops all rows. */
  clear() {
    this.show([]);
    this.reachable = null;
    this.newest = Infinity;
  },

  /** @param {Row[]} visible */
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

  /** Computes the place of each row. A row that was never drawn counts with the average height. */
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

  /** The row that stays in place when others change, if the user has scrolled to the rows. @returns {Anchor | null} */
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

  /** Everything that a row shows. @param {Row} row @param {number} index */
  signature(row, index) {
    const around = [this.visible[index - 1]?.number, index + 1 === this.visible.length, model.view.common];
    if ('tries' in row) return JSON.stringify([around, row]);
    const { entries, wait, mark: worst, became, note, problems, lint, peer, userAgent, sdkTry, atMs, carries, credential } = row;
    const marks = entries.map((entry) => entry.mark).join();
    return JSON.stringify([around, wait, worst, marks, became, note, problems, lint, peer, userAgent, sdkTry, atMs, carries, credential]);
  },

  /** @param {Row} attempt @param {number} index */
  draw(attempt, index) {
    const signature = this.signature(attempt, index);
    const known = this.items.get(attempt.number);
    if (known?.signature === signature) return known;
    const row = 'tries' in attempt ? rowOfEvent(attempt) : rowOf(attempt);
    const gap = 'tries' in attempt ? null : gapBefore(attempt, this.visible[index - 1]);
    const isFresh = !known && attempt.number > this.newest;
    const place = [isFresh && 'fresh', index === 0 && 'first', index + 1 === this.visible.length && 'last'].filter(Boolean).join(' ');
    const node = el('li', { class: place, 'data-number': attempt.number }, gap, row);
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
   * Draws the rows near the window until no row moves. Scrolls to the end, or keeps a row in place.
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
    // The focused row keeps the focus, also outside the window.
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

  /** Whether a measured height differs from the assumed one. @param {Map<number, Item>} items */
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

/** Updates the list. Rows that already show the right content stay, with their focus. */
function renderRows({ goesToEnd = false, anchor = list.anchor() } = {}) {
  const words = wordsOf(state.q);
  const all = model.rows;
  const found = all.filter((row) => matches(row, words));
  $('older').hidden = !model.hasOlder;
  const isFiltered = found.length < all.length;
  $('shown').textContent = isFiltered ? `${found.length.toLocaleString('en')} of ${count(all.length, state.by === 'events' ? 'event' : 'attempt')}` : '';
  const { userAgent, accessKey, client } = model.view.common;
  const areAlike = userAgent !== undefined && accessKey !== undefined && client !== undefined;
  $('rows').className = `by-${state.by}${areAlike ? ' alike' : ''}`;
  $('rows').setAttribute('aria-label', state.by === 'events' ? 'Events, in the order in which they were first received' : 'Attempts, oldest first');
  renderCounts();
  $('nothing').hidden = found.length > 0;
  if (!found.length) renderNothing();
  list.show(found);
  list.paint({ goesToEnd, anchor });
  strip.draw(found);
}

/** How many rows each button would show if it were the only filter. */
function renderCounts() {
  for (const [name, lets] of Object.entries(ONLY)) {
    inside($('bar'), `[data-only=${name}] .count`).textContent = model.rows.filter(lets).length.toLocaleString('en');
  }
  inside($('bar'), '[data-by=attempts] .count').textContent = model.attempts.length.toLocaleString('en');
  inside($('bar'), '[data-by=events] .count').textContent = model.view.events.length.toLocaleString('en');
}

function renderNothing() {
  const settings = [`AWS_ENDPOINT_URL_EVENTBRIDGE=${location.origin}`, live?.session && `AWS_ACCESS_KEY_ID=${live.session}`].filter(Boolean);
  if (model.rows.length) fill($('nothing'), `No ${state.by === 'events' ? 'event' : 'attempt'} matches the filter.`);
  else if (model.attempts.length) fill($('nothing'), 'No request had an event that could be read.');
  else if (!live) fill($('nothing'), 'No request was received.');
  else fill($('nothing'), 'No request yet. Requests appear here as they arrive. Point a publisher at this mock with', el('br'),
    span('mono text', settings.join(' ')));
}
