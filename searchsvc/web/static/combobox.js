// A text field with a list of suggestions: an editable combobox with a listbox popup, as the WAI-ARIA
// Authoring Practices describe it. https://www.w3.org/WAI/ARIA/apg/patterns/combobox/

import { element } from "./element.js";
import { _, ngettext } from "./messages.js";

const WAIT = 150; // ms after the last keystroke

let made = 0;

export class Combobox {
  #input;
  #list;
  #with;
  #options = []; // { text, note, address? }, as `suggest` gave them
  #active = -1; // which of them is highlighted
  #timer;
  #underWay = new AbortController();

  // `suggest(text, signal)` promises options, `choose(option)` is called when one was chosen and
  // written into the field, `announce(text)` is read by screen readers.
  constructor(input, { suggest, choose, announce }) {
    const id = `suggestions-${(made += 1)}`;
    this.#input = input;
    this.#with = { suggest, choose, announce };
    this.#list = element("ul", { id, role: "listbox", class: "options", part: "options", "aria-label": _("Suggestions") });
    this.#list.hidden = true;
    input.after(this.#list, element("span", { id: `${id}-help`, hidden: "" }, _("When suggestions are shown, use the up and down arrows to review them and Enter to choose one.")));
    for (const [name, value] of Object.entries({
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      "aria-controls": id,
      "aria-describedby": `${id}-help`,
    })) {
      input.setAttribute(name, value);
    }
    this.#listen();
  }

  get isOpen() {
    return !this.#list.hidden;
  }

  close() {
    this.#stop();
    this.#list.hidden = true;
    this.#input.setAttribute("aria-expanded", "false");
    this.#highlight(-1);
  }

  #listen() {
    this.#input.addEventListener("input", (event) => event.isComposing || this.#later());
    this.#input.addEventListener("compositionend", () => this.#later());
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#input.addEventListener("blur", () => this.close());
    this.#list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
    this.#list.addEventListener("click", (event) => {
      const item = event.target.closest("[role=option]");
      if (item) {
        this.#choose(Number(item.dataset.place));
      }
    });
  }

  #key(event) {
    const act = event.isComposing ? undefined : this.#keys()[event.key];
    if (act && act(event) !== false) {
      event.preventDefault();
    }
  }

  // What a key does; false if it is to do what it does without suggestions.
  #keys() {
    return {
      ArrowDown: (event) => (this.isOpen ? this.#move(1) : this.#open(event.altKey ? -1 : 0)),
      ArrowUp: (event) => (event.altKey ? this.close() : this.isOpen ? this.#move(-1) : this.#open(this.#options.length - 1)),
      Escape: () => (this.isOpen ? this.close() : this.#empty()),
      Enter: () => (this.isOpen && this.#active >= 0 ? this.#choose(this.#active) : false),
    };
  }

  // Whether there was something to delete: returns false if the box was empty.
  #empty() {
    if (!this.#input.value) {
      return false;
    }
    this.#input.value = "";
    this.#input.dispatchEvent(new Event("input", { bubbles: true }));
    return true;
  }

  #later() {
    this.#stop();
    if (!this.#input.value.trim()) {
      this.#put([]);
      return;
    }
    this.#timer = setTimeout(() => this.#ask(this.#underWay.signal), WAIT);
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#underWay.abort();
    this.#underWay = new AbortController();
  }

  async #ask(signal) {
    try {
      const options = await this.#with.suggest(this.#input.value, signal);
      if (!signal.aborted) {
        this.#put(options);
      }
    } catch {
      if (!signal.aborted) {
        this.#put([]); // suggestions are an aid: without them the field is still a field
      }
    }
  }

  #put(options) {
    this.#options = options;
    this.#list.replaceChildren(...options.map((option, place) => this.#item(option, place)));
    this.close();
    if (options.length) {
      this.#open(-1);
    }
    this.#with.announce(this.#input.value.trim() ? counted(options.length) : "");
  }

  #item({ text, note }, place) {
    const attributes = { role: "option", part: "option", id: `${this.#list.id}-${place}`, "aria-selected": "false", "data-place": place };
    return element("li", attributes, element("bdi", {}, text), " ", element("small", { part: "note" }, note));
  }

  #open(active) {
    if (!this.#options.length) {
      return false;
    }
    this.#list.hidden = false;
    this.#input.setAttribute("aria-expanded", "true");
    this.#highlight(active);
    return true;
  }

  // One forward or back; the field itself comes between the last and the first.
  #move(by) {
    const stops = this.#options.length + 1;
    this.#highlight(((this.#active + 1 + by + stops) % stops) - 1);
  }

  #highlight(place) {
    this.#list.children[this.#active]?.setAttribute("aria-selected", "false");
    this.#active = place;
    const item = this.#list.children[place];
    if (!item) {
      this.#input.removeAttribute("aria-activedescendant");
      return;
    }
    item.setAttribute("aria-selected", "true");
    item.scrollIntoView({ block: "nearest" });
    this.#input.setAttribute("aria-activedescendant", item.id);
    const values = { text: this.#options[place].text, number: place + 1, total: this.#options.length };
    this.#with.announce(_("%(text)s, %(number)s of %(total)s, highlighted", values));
  }

  #choose(place) {
    const option = this.#options[place];
    this.close();
    this.#options = [];
    if (!option.address) {
      this.#input.value = option.text;
    }
    this.#input.focus();
    this.#with.announce(_("%(text)s chosen", option));
    this.#with.choose(option);
  }
}

function counted(number) {
  return number ? ngettext("%(num)s suggestion available", "%(num)s suggestions available", number) : _("No suggestions");
}
