// Steps through the matches of an article: "match 3 of 17".

import { element } from "./element.js";
import { _, ngettext } from "./messages.js";
import { onKey } from "./shortcuts.js";
import { announce } from "./announcer.js";

function button(label, sign, act) {
  const made = element("button", { type: "button", "aria-label": label, title: label }, sign);
  made.addEventListener("click", act);
  return made;
}

// `nav` holds a link to each match, which is what there is without this.
export function stepThroughMatches(nav) {
  if (!nav) {
    return;
  }
  const marks = [...document.querySelectorAll("mark[id]")];
  const place = element("span", {});
  let current = marks.findIndex((mark) => `#${mark.id}` === location.hash);

  function show() {
    place.textContent =
      current < 0
        ? ngettext("%(num)s match", "%(num)s matches", marks.length)
        : _("match %(number)s of %(matches)s", { number: current + 1, matches: marks.length });
  }

  function step(by) {
    marks[current]?.classList.remove("here");
    current = current < 0 ? (by > 0 ? 0 : marks.length - 1) : (current + by + marks.length) % marks.length;
    marks[current].classList.add("here");
    // At once, so that the buttons are not moving while the next click comes.
    marks[current].scrollIntoView({ block: "center", behavior: "instant" });
    history.replaceState(null, "", `#${marks[current].id}`);
    show();
    announce("match", place.textContent);
  }

  marks[current]?.classList.add("here");
  show();
  nav.replaceChildren(button(_("Previous match"), "↑", () => step(-1)), place, button(_("Next match"), "↓", () => step(1)));
  onKey((event) => event.key === "n" && !event.ctrlKey, () => step(1));
  onKey((event) => event.key === "p" && !event.ctrlKey, () => step(-1));
}
