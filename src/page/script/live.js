/* ---- Live: the page comes from the mock, and asks it for news. ---- */

/** @param {number} ms @returns {Promise<void>} */
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const WAIT_MS = 20_000;
/** How many attempts the page asks for at first, and how many more at a click. */
const PAGE_OF_ATTEMPTS = 10_000;

/** The server refused a request, and said why. */
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
    this.makeSure($('clear'), 'Clear the journal?', () => this.act('DELETE', 'journal'));
    this.makeSure($('reset'), 'Reset everything?', () => this.act('POST', 'reset'));
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
    const words = error instanceof Refused ? `the server replied: ${error.message}` : 'the server cannot be reached';
    this.say('gone', words + then);
  }

  /** @param {URL} url @param {RequestInit} [options] */
  async fetch(url, options = {}) {
    const signal = AbortSignal.any([AbortSignal.timeout(WAIT_MS + 10_000), options.signal ?? new AbortController().signal]);
    const response = await fetch(url, { cache: 'no-store', ...options, signal });
    if (response.ok || response.status === 304) return response;
    const said = await response.text();
    throw new Refused(short(parsed(said)?.message ?? `HTTP ${response.status}`, 200));
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
        this.sayWhy(error, ', retrying');
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

  /** The first click asks for confirmation, the second one acts. @param {HTMLElement} button @param {string} question @param {() => void} action */
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
      return; // The status line shows it already.
    }
    $('sessions').hidden = sessions.length < 2 && this.session === null;
    inside($('sessions'), 'summary').textContent = `Sessions (${sessions.length})`;
    // Existing links stay, with their focus.
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
