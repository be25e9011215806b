"""Gain from recurring lines, on sites made of articles of many pages in the frame of one page.

The development data has hardly a site with several pages. So a page's head and foot, cut at random, are put around
the articles of eleven other pages of the same set and view.

    python -m benchmarks.cleaning.sites DATA [--sites 40]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np

from searchsvc.ingest.boilerplate.classifier import classify_all
from searchsvc.ingest.boilerplate.line_key_counts import find_recurring_lines
from searchsvc.ingest.boilerplate.recurring_lines import RecurringLines
from training.boilerplate.dataset import SETS, VIEWS, Page, metrics_of, pages, stitched

PAGES_A_SITE = 12


def sites(docs: Sequence[Page], count: int) -> Iterator[list[Page]]:
    """Yield lists of pages with one frame. Scorers are those of the pages that the articles come from."""
    random = np.random.default_rng(7)
    for number in range(count):
        chosen = random.choice(len(docs), PAGES_A_SITE, replace=False)
        frame, *articles = (docs[at] for at in chosen)
        made = [stitched(page, frame, random) for page in articles]
        yield [
            replace(page, host=f"site{number}", scorer=origin.scorer)
            for page, origin in zip([frame, *made], [frame, *articles], strict=True)
        ]


def figures(metrics: ModuleType, docs: list[Page], recurring: RecurringLines | None) -> str:
    verdicts = classify_all(((page.host, page.text) for page in docs), recurring)
    rows = [page.scorer.score(of_page.clean(page.text)) for page, of_page in zip(docs, verdicts, strict=True)]
    total = metrics.aggregate(rows)
    return " ".join(f"{key} {total[key]:.4f}" for key in ("P", "R", "F1"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sites", type=int, default=40)
    arguments = parser.parse_args()
    metrics, everything = metrics_of(arguments.data), list(pages(arguments.data))
    for name in SETS:
        for view in VIEWS:
            docs = [page for page in everything if (page.set, page.view) == (name, view)]
            made = [page for site in sites(docs, arguments.sites) for page in site]
            recurring = find_recurring_lines((page.host, page.text) for page in made)
            print(f"{name:<10} {view:<6} {len(made)} pages, alone  {figures(metrics, made, None)}", flush=True)
            print(
                f"{name:<10} {view:<6} {len(made)} pages, recurring lines {figures(metrics, made, recurring)}",
                flush=True,
            )


if __name__ == "__main__":
    main()
