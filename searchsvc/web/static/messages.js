// Messages of the script in the language of the page. English is in the script itself.

import { SERVICE } from "./service.js";

const ENGLISH = { language: "en", forms: {} };
const ofPage = document.querySelector("#searchsvc-messages");
let catalogue = ofPage ? JSON.parse(ofPage.textContent) : ENGLISH;

// For a box on another site, whose page has no messages.
export async function loadMessages(language) {
  const reply = await fetch(new URL(`messages/${encodeURIComponent(language)}`, SERVICE));
  catalogue = reply.ok ? await reply.json() : ENGLISH;
}

export function formatted(number) {
  return number.toLocaleString(catalogue.language);
}

export function _(message, values) {
  return filled(catalogue.forms[message]?.[0] ?? message, values);
}

export function ngettext(one, many, number) {
  const form = new Intl.PluralRules(catalogue.language).select(number) === "one" ? 0 : 1;
  return filled((catalogue.forms[one] ?? [one, many])[form], { num: formatted(number) });
}

function filled(text, values = {}) {
  return text.replace(/%\((\w+)\)s/g, (place, name) => values[name]);
}
