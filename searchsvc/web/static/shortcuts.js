// Keyboard shortcuts, which people can turn off: a single key may be what their own tools use.

const KEPT = "searchsvc.shortcuts";

function areOn() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true; // the browser keeps nothing for this page
  }
}

function turn(on) {
  try {
    localStorage.setItem(KEPT, on ? "on" : "off");
  } catch {
    // then the choice holds for nothing but this switch
  }
}

export function offerShortcuts(paragraph) {
  const chosen = paragraph.querySelector("input");
  chosen.checked = areOn();
  chosen.addEventListener("change", () => turn(chosen.checked));
  paragraph.hidden = false;
}

function isTypedInto(element) {
  return element.isContentEditable || element.matches("input:not([type=checkbox]), textarea, select");
}

// Calls `act` for a key that `fits`, unless it is typed into a field or shortcuts are off.
export function onKey(fits, act) {
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || event.isComposing || !fits(event) || !areOn()) {
      return;
    }
    if (event.ctrlKey || !isTypedInto(event.target)) {
      event.preventDefault();
      act(event);
    }
  });
}
