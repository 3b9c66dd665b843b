/* ---- The strip: all attempts on one time axis. Screen readers use the list instead. ---- */

const canvas = sure($('strip'), HTMLCanvasElement, '#strip');

const strip = {
  /** @type {{ attempt: Attempt, x: number, width: number }[]} */
  places: [],
  /** @type {Set<Attempt> | null} */
  shown: null,

  /** The current colour of a class or a property. @param {string} cls @param {string} [property] */
  colour(cls, property = '') {
    const probe = el('span', { class: cls, style: property && `color: var(${property})` });
    canvas.after(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  },

  /** @param {Row[]} [shown] */
  draw(shown) {
    if (shown) {
      const attempts = shown.flatMap((row) => ('tries' in row ? row.tries.first.map(({ attempt }) => model.attempt(attempt)) : [row]));
      this.shown = new Set(attempts.filter((attempt) => attempt !== undefined));
    }
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
      const isChosen = attempt === model.chosenAttempt || model.chosenEvent?.tries.first.some((one) => one.attempt === attempt.number);
      if (isChosen) {
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
      if (attempt) goTo('attempts', attempt.number);
    });
    canvas.addEventListener('mousemove', (event) => {
      const attempt = this.at(event.offsetX);
      if (attempt) canvas.title = `#${attempt.number}  ${seconds(attempt.atMs)}  ${short(attempt.became, 200)}`;
    });
    new ResizeObserver(() => this.draw()).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
  },
};
