/* ---- Elements. Texts become text nodes, always. ---- */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * Checks that an element exists and has the expected type.
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

/** Replaces the children of a node; missing ones are left out. @param {Element} node @param {Children[]} children */
const fill = (node, ...children) => node.replaceChildren(...nodes(children));

/** @param {string} cls @param {Children[]} children */
const span = (cls, ...children) => el('span', { class: cls }, ...children);

/** @param {string} value @param {string} [cls] */
const text = (value, cls = '') => span(`text ${cls}`.trim(), readable(value));

/** Characters that are invisible or change the direction of the text. They are shown by their numbers. */
const UNSEEN = /([\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff])/;

/** @param {string} words @returns {(Node | string)[]} */
const readable = (words) => words.split(UNSEEN).map((part, index) => (index % 2
  ? el('span', { class: 'unseen-character', title: 'an invisible character' }, `U+${part.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`)
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
