// The page as it is while one types. Everything it does can be done without it.

import { Combobox } from "./combobox.js";
import { keepFocusOnFilters } from "./filters.js";
import { stepThroughHits } from "./hits.js";
import { stepThroughMatches } from "./matches.js";
import { Results } from "./results.js";
import { offerShortcuts, onKey } from "./shortcuts.js";
import { suggestions } from "./suggestions.js";
import { announce } from "./announcer.js";

const form = document.querySelector("form.box");
const input = form.elements.q;
const results = document.querySelector("#results") && new Results(form);

const box = new Combobox(input, {
  suggest: suggestions,
  choose(option) {
    if (option.address) {
      location.assign(option.address);
    } else {
      form.requestSubmit();
    }
  },
  announce: (text) => announce("suggestions", text),
});

form.addEventListener("submit", (event) => {
  box.close();
  if (results) {
    event.preventDefault();
    results.send();
  }
});

function toTheBox() {
  input.focus();
  input.select();
}

keepFocusOnFilters();
offerShortcuts(document.querySelector("#keys"));
onKey((event) => event.key === "/" && !event.ctrlKey, toTheBox);
onKey((event) => event.key.toLowerCase() === "k" && event.ctrlKey, toTheBox);
stepThroughHits();
stepThroughMatches(document.querySelector("#matches"));
