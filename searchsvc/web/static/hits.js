// Arrow keys go from result to result while the title of one has the focus.

import { onKey } from "./shortcuts.js";

const TITLES = "ol.hits > li > article > h2 a";
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

function next(event) {
  const titles = [...document.querySelectorAll(TITLES)];
  const at = titles.indexOf(event.target);
  return at < 0 || event.ctrlKey || event.shiftKey ? undefined : titles[at + STEPS[event.key]];
}

export function stepThroughHits() {
  onKey(next, (event) => next(event).focus());
}
