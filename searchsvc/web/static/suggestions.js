// What may be meant: queries that go on from the typed text, then articles.

import { _, formatted } from "./messages.js";
import { SERVICE } from "./service.js";

export async function suggestions(text, signal) {
  const address = new URL("api/v1/suggest", SERVICE);
  address.search = new URLSearchParams({ q: text, limit: "4" });
  const reply = await fetch(address, { signal });
  if (!reply.ok) {
    return [];
  }
  const { completions, documents } = await reply.json();
  return [
    ...completions.map((each) => ({ text: each.text, note: formatted(each.documents) })),
    ...documents.slice(0, 2).map((each) => ({
      text: each.title,
      note: _("article"),
      address: `${new URL(each.link, SERVICE)}?${new URLSearchParams({ q: text })}`,
    })),
  ];
}
