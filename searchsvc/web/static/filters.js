// Focus stays on a filter that was chosen, although a new page comes.

const KEPT = "searchsvc.filter";

function nameOf(link) {
  return `${link.closest("[data-facet]")?.dataset.facet}: ${link.querySelector(".value")?.textContent}`;
}

function linkOf(name) {
  return [...document.querySelectorAll("#filters .facet a")].find((link) => nameOf(link) === name);
}

export function keepFocusOnFilters() {
  try {
    const name = sessionStorage.getItem(KEPT);
    sessionStorage.removeItem(KEPT);
    const link = name && linkOf(name);
    if (link) {
      link.closest(".more")?.setAttribute("open", "");
      // On a narrow screen the filters are below the results, which are to be seen.
      link.focus({ preventScroll: matchMedia("(max-width: 46rem)").matches });
    }
    document.addEventListener("click", (event) => {
      const chosen = event.target.closest?.("#filters .facet a");
      if (chosen) {
        sessionStorage.setItem(KEPT, nameOf(chosen));
      }
    });
  } catch {
    // the browser keeps nothing for this page
  }
}
