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
