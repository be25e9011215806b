// Results while one types: the page of the same address is fetched and its results put in place.

import { announce } from "./announcer.js";

const WAIT = 150; // ms after the last keystroke
const WAIT_WITH_NOTHING = 700; // ms more, as a word that is half typed mostly finds nothing
const SWAPPED = ["results", "options"];

export class Results {
  #form;
  #timer;
  #underWay = new AbortController();
  #shown = location.pathname + location.search;
  #unfinished = false; // whether the results shown are those of an unfinished word
  #typing = false; // whether the last entry of the history is one that typing made

  constructor(form) {
    this.#form = form;
    form.elements.q.addEventListener("input", (event) => event.isComposing || this.#later());
    form.elements.q.addEventListener("compositionend", () => this.#later());
    addEventListener("popstate", () => this.#goBack());
  }

  // Shows what is typed at once.
  async send() {
    const address = this.#address();
    if (!(await this.#show(address))) {
      location.assign(address); // the browser tells what is wrong
    }
    this.#typing = false;
  }

  #later() {
    this.#stop();
    this.#timer = setTimeout(() => this.#show(this.#address(), true), WAIT);
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#underWay.abort();
    this.#underWay = new AbortController();
    return this.#underWay.signal;
  }

  #address() {
    const asked = new URLSearchParams(new FormData(this.#form));
    asked.set("q", asked.get("q").trim());
    if (!asked.get("q")) {
      asked.delete("q");
    }
    const { pathname } = new URL(this.#form.action);
    return asked.size ? `${pathname}?${asked}` : pathname;
  }

  // Whether `address` is shown, or something newer was asked for meanwhile. While `typing`, the last word of the query
  // is taken for the beginning of a word.
  async #show(address, typing = false) {
    const signal = this.#stop();
    if (address === this.#shown && (typing || !this.#unfinished)) {
      return true;
    }
    const page = await fetched(typing ? whileTyping(address) : address, signal);
    if (typing && !page?.querySelector("#results .hits:not(.newest)")) {
      await new Promise((done) => setTimeout(done, WAIT_WITH_NOTHING));
    }
    if (signal.aborted) {
      return true;
    }
    if (page) {
      this.#keep(address);
      this.#unfinished = typing;
      put(page);
    }
    return page !== null;
  }

  // The first keystroke makes an entry in the history, those after it change that entry.
  #keep(address) {
    if (this.#typing) {
      history.replaceState(null, "", address);
    } else {
      history.pushState(null, "", address);
    }
    this.#typing = true;
    this.#shown = address;
  }

  async #goBack() {
    const address = location.pathname + location.search;
    if (address === this.#shown) {
      return; // only the part behind # changed
    }
    const signal = this.#stop();
    const page = await fetched(address, signal);
    if (signal.aborted) {
      return;
    }
    if (!page) {
      location.reload();
      return;
    }
    this.#typing = this.#unfinished = false;
    this.#shown = address;
    this.#form.elements.q.value = page.querySelector("#q").value;
    put(page);
  }
}

function whileTyping(address) {
  return address.includes("?") ? `${address}&typing=on` : address;
}

// The page at `address` as a document, null if there is none to show.
async function fetched(address, signal) {
  try {
    const reply = await fetch(address, { signal });
    return reply.ok ? new DOMParser().parseFromString(await reply.text(), "text/html") : null;
  } catch {
    return null;
  }
}

function put(page) {
  const folded = [...document.querySelectorAll("details[data-facet]:not([open])")].map((each) => each.dataset.facet);
  for (const id of SWAPPED) {
    document.getElementById(id).replaceChildren(...page.getElementById(id).childNodes);
  }
  for (const each of document.querySelectorAll("details[data-facet]")) {
    each.open = !folded.includes(each.dataset.facet);
  }
  document.title = page.title;
  announce("results", document.querySelector("#summary").textContent.replace(/\s+/g, " ").trim());
}
