"""Measure metadata extraction on the development pages: titles, authors, dates of publication.

    python benchmarks/metadata/run.py FOLDER [--failures N]

A title counts where a correct title is a line of the text (see training/title/dataset.py). An author counts where
the labelled name is in a byline: a line of at most 160 characters, with the name at most 20 characters after "by",
"author", "written by" or "posted by". `named` also counts pages where the name fills a line except for a date or
role. An author is correct if the names agree, without degrees or roles. Authors and dates on pages without a label
are only counted: some of these pages do name an author (--failures lists them).
"""

import argparse
import random
import re
import time
from collections import Counter
from pathlib import Path

from searchsvc.ingest.metadata.extractors import read
from training.title.dataset import SETS, VIEWS, Page, is_right, pages, words


def byline_kind(page: Page) -> str:
    """Return the form of the labelled author in the text: "by", "bare" or ""."""
    name = " ".join(words(page.author or ""))
    kind = ""
    for line in page.lines:
        text = " ".join(words(line))
        if len(line) > 160 or name not in text:
            continue
        if re.search(rf"\b(?:by|author|authors|written|posted)\b[^.]{{0,20}}\b{re.escape(name)}\b", text):
            return "by"
        if re.search(rf"\b{re.escape(name)}\b", text) and len(text) <= len(name) + 30:
            kind = "bare"
    return kind


def same_names(read: str | None, label: str) -> bool:
    if not read:
        return False
    one, other = (words(text.replace(",", " ").replace(" and ", " ")) for text in (read, label))
    fewer, more = sorted((set(one), set(other)), key=len)
    return one == other or (fewer <= more and one[:2] == other[:2])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--failures", type=int, default=0)
    options = parser.parse_args()
    heads = "".join(f"{head:>15}" for head in ("titles", "by-lines", "named", "no label", "dated"))
    print(f"{'set':<10} {'view':<6}{heads} {'MB/s':>6}")
    for name in SETS:
        for view in VIEWS:
            measure(options.folder, name, view, options.failures)


def measure(folder: Path, name: str, view: str, failures: int) -> None:
    count: Counter[str] = Counter()
    examples: dict[str, list[object]] = {}
    all_pages = list(pages(folder, name, view))
    took = 0.0
    for page in all_pages:
        start = time.process_time()
        metadata = read(page.lines)
        took += time.process_time() - start
        count["all"] += 1
        count["dated"] += metadata.published is not None
        if metadata.published:
            examples.setdefault("dated", []).append((page.id, str(metadata.published), metadata.title))
        if page.titles:
            count["titles"] += 1
            count["title right"] += is_right(metadata.title or "", page.titles)
        if page.author:
            kind = byline_kind(page)
            count[kind] += 1
            right = same_names(metadata.author, page.author)
            count[f"{kind} right"] += right
            count["wrong"] += bool(metadata.author) and not right
            if kind and not right:
                examples.setdefault(f"author {kind}", []).append((page.id, metadata.author, page.author))
        else:
            count["no label"] += 1
            count["invented"] += metadata.author is not None
            if metadata.author:
                examples.setdefault("no label", []).append((page.id, metadata.author))
    size = sum(len(line) for page in all_pages for line in page.lines) / 1e6
    named, named_right = count["by"] + count["bare"], count["by right"] + count["bare right"]
    print(
        f"{name:<10} {view:<6}", share(count["title right"], count["titles"]), share(count["by right"], count["by"]),
        share(named_right, named), share(count["invented"], count["no label"]), share(count["dated"], count["all"]),
        f"{size / took:6.1f}", "wrong authors", count["wrong"],
    )  # fmt: skip
    for kind, items in examples.items():
        for item in random.Random(3).sample(items, min(failures, len(items))):
            print("   ", kind, item)


def share(part: int, whole: int) -> str:
    return f"{part / whole:6.3f} ({whole:5d})" if whole else " " * 14


if __name__ == "__main__":
    main()
