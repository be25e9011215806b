// A search box for other sites: <searchsvc-box>. docs/embed.html explains its attributes.
// It asks the server that this file came from, and no other.

import { Combobox } from "./static/combobox.js";
import { element } from "./static/element.js";
import { _, loadMessages } from "./static/messages.js";
import { SERVICE } from "./static/service.js";
import { suggestions } from "./static/suggestions.js";

const TRANSLATED = ["de", "es", "fr"];
const sheet = new CSSStyleSheet(); // allowed whatever the host's policy for styles is
sheet.replaceSync(`
  :host { display: block; }
  form { display: flex; gap: .5em; margin: 0; }
  .field { position: relative; flex: 1; min-width: 0; }
  input, button { box-sizing: border-box; font: inherit; padding: .5em .75em; border-radius: var(--searchsvc-radius, 6px); }
  input { width: 100%; color: var(--searchsvc-ink, FieldText); background: var(--searchsvc-paper, Field); border: 1px solid var(--searchsvc-line, GrayText); }
  button { color: var(--searchsvc-accent-ink, #fff); background: var(--searchsvc-accent, #0b6b5d); border: 0; cursor: pointer; }
  :focus-visible { outline: 3px solid var(--searchsvc-accent, #0b6b5d); outline-offset: 2px; }
  .options { position: absolute; z-index: 2147483647; inset-inline: 0; top: calc(100% + .25em); max-height: min(24em, 60vh); overflow-y: auto; margin: 0; padding: .3em; list-style: none; color: var(--searchsvc-ink, CanvasText); background: var(--searchsvc-paper, Canvas); border: 1px solid var(--searchsvc-line, GrayText); border-radius: var(--searchsvc-radius, 6px); }
  .options[hidden] { display: none; }
  li { display: flex; gap: 1em; justify-content: space-between; padding: .4em .6em; border-radius: 4px; cursor: pointer; overflow-wrap: anywhere; }
  li:hover { outline: 1px solid var(--searchsvc-line, GrayText); }
  [aria-selected=true] { color: var(--searchsvc-accent-ink, #fff); background: var(--searchsvc-accent, #0b6b5d); }
  small { flex: none; }
  .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`);

class SearchBox extends HTMLElement {
  async connectedCallback() {
    const language = this.closest("[lang]")?.lang.slice(0, 2).toLowerCase();
    if (TRANSLATED.includes(language)) {
      await loadMessages(language).catch(() => {}); // English is better than no box
    }
    if (!this.shadowRoot) {
      this.#build(); // it was not only moved within its page
    }
  }

  #build() {
    const before = this.querySelector("input"); // the form that works without this
    const label = before?.getAttribute("aria-label") ?? _("Search the articles");
    const input = element("input", {
      part: "input",
      name: "q",
      type: "text",
      inputmode: "search",
      enterkeyhint: "search",
      maxlength: "2048",
      autocomplete: "off",
      "aria-label": label,
      placeholder: before?.placeholder ?? label,
    });
    const status = element("p", { class: "unseen", role: "status" });
    const button = element("button", { part: "button" }, this.querySelector("button")?.textContent ?? _("Search"));
    const form = element("form", { part: "form", role: "search", action: new URL("search", SERVICE) }, element("div", { class: "field" }, input), button);
    const hadFocus = before?.matches(":focus");
    input.value = before?.value ?? "";

    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(form, status);
    if (hadFocus) {
      input.focus();
    }
    new Combobox(input, {
      suggest: suggestions,
      choose: (option) => (option.address ? location.assign(option.address) : form.requestSubmit()),
      announce: (text) => (status.textContent = text),
    });
  }
}

customElements.define("searchsvc-box", SearchBox);
