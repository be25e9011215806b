// Announcements for screen readers: one region, in which each part speaks when it changes.

import { element } from "./element.js";

const WAIT = 300; // ms: long enough not to speak between two keystrokes
const waiting = new Map();
let timer;

export function announce(part, text) {
  waiting.set(part, text);
  clearTimeout(timer);
  timer = setTimeout(say, WAIT);
}

function say() {
  for (const [part, text] of waiting) {
    place(part).textContent = text ? `${text}. ` : "";
  }
  waiting.clear();
}

function place(part) {
  const region = document.querySelector("#announcements");
  if (!region.querySelector(`[data-part=${part}]`)) {
    region.append(element("span", { "data-part": part }));
  }
  return region.querySelector(`[data-part=${part}]`);
}
