// Arrow keys go from result to result while the title of one has the focus.

import { onKey } from "./shortcuts.js";

const TITLES = "ol.hits > li > article > h2 a";
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

function neighbouringTitle(event) {
  const step = STEPS[event.key];
  if (!step || event.ctrlKey || event.shiftKey || !event.target.matches(TITLES)) return undefined;
  const titles = [...document.querySelectorAll(TITLES)];
  return titles[titles.indexOf(event.target) + step];
}

export function stepThroughHits() {
  onKey(neighbouringTitle, (event) => neighbouringTitle(event).focus());
}
