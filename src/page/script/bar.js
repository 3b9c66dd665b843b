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
  else if (key === 'e') showBy(state.by === 'events' ? 'attempts' : 'events');
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

const showPressed = () => {
  for (const button of onlyButtons()) button.setAttribute('aria-pressed', String(state.only.has(button.dataset.only ?? '')));
  for (const by of ['attempts', 'events']) inside($('bar'), `[data-by=${by}]`).setAttribute('aria-pressed', String(state.by === by));
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
      showPressed();
      writeHash();
      renderRows();
    });
  }
  inside($('bar'), '[data-by=attempts]').addEventListener('click', () => showBy('attempts'));
  inside($('bar'), '[data-by=events]').addEventListener('click', () => showBy('events'));
  showPressed();
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
  // Printing needs all rows.
  addEventListener('beforeprint', () => list.paint({ areAllDrawn: true }));
  addEventListener('afterprint', () => list.paint());
  addEventListener('hashchange', () => {
    const { by } = state;
    readHash();
    filterInput.value = state.q;
    if (state.by !== by) list.clear();
    showPressed();
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
    ['\u2191 \u2193 or j k', 'previous or next row'], ['Home, End', 'first or last row'],
    ['Enter', 'open the details of the row'], ['Escape', 'close the details'], ['/', 'go to the filter'], ['e', 'switch between attempts and events'],
  ];
  const filters = [
    ['two words', 'rows with both words'], ['"two words"', 'rows with this phrase'], ['-word', 'rows without this word'], ['#3', 'attempt 3'],
    ['fault:3', 'attempts to which fault 3 applied, counted from 0'],
  ];
  /** @param {string[][]} pairs */
  const listed = (pairs) => el('ul', null, pairs.map(([key, what]) => el('li', null, el('kbd', null, key), what)));
  box.append(el('h2', null, 'Each mark is an entry. Click it to open the entry.'),
    el('ul', null, marks.map(([kind, what]) => el('li', null, mark(kind), what))),
    el('h2', null, 'Keys'), listed(keys), el('h2', null, 'Filter'), listed(filters));
}
