/** @param {View} view */
function render(view) {
  const isFirst = !model.view.marks.accepted;
  const [wasAtEnd, anchor, newest] = [isAtEnd(), list.anchor(), list.visible.at(-1)?.number ?? 0];
  const firstTry = model.chosenEvent?.tries.first[0];
  const hadChosen = Boolean(model.chosenAttempt ?? firstTry);
  model = new Model(view);
  const isGone = !(model.chosenAttempt ?? model.chosenEvent) || model.chosenEvent?.tries.first[0]?.attempt !== firstTry?.attempt;
  if (hadChosen && isGone) {
    // Another row may get its number.
    state.at = null;
    state.entry = null;
    writeHash();
  }
  const goesToEnd = Boolean(live && !isFirst && wasAtEnd && !state.at);
  list.newest = isFirst ? Infinity : newest;
  renderLegend();
  renderFacts();
  renderExpected();
  renderCommon();
  renderFindings();
  renderFaults();
  renderDetails({ isSame: true });
  renderRows({ goesToEnd, anchor });
  if (isFirst && state.at) list.reveal(state.at);
  if (!isFirst && (list.visible.at(-1)?.number ?? 0) > newest && !isAtEnd()) $('newer').hidden = false;
}

/* ---- The start. ---- */

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
