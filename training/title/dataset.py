"""Development pages with the titles that count as correct."""

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SETS = ("wcxb_dev", "dragnet", "cleaneval")
VIEWS = ("light", "full")
_TOKEN = re.compile(r"\w+")
_PARTS = re.compile(r"\s[|»:–—-]+\s|\|")

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the data. `titles`: word sequences that are correct titles."""

    id: str
    host: str
    lines: list[str]
    titles: frozenset[Words]
    author: str | None
    has_author_label: bool


def words(text: str) -> Words:
    """Return the words of a text in lower case."""
    return tuple(_TOKEN.findall(text.lower()))


def pages(folder: Path, name: str, view: str) -> Iterator[Page]:
    """Yield the pages of a set in one view."""
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            lines = [" ".join(text.split()) for text in record[view].split("\n")]
            yield Page(record["id"], record["host"], lines, titles(record, lines), record["author"], name == "wcxb_dev")


def titles(record: dict[str, Any], lines: list[str]) -> frozenset[Words]:
    """Return the correct titles that are a line of the text.

    With a labelled title: the title, and its parts around " | " and " - ", also where a line separates the words at
    other places, as a kicker glued to its headline does. Without a label: the HTML title, its
    longest part (other parts name the site or section), and headings that share most words with that part.
    """
    line_words = {words(line) for line in lines}
    if record["title"]:
        letters = {"".join(key) for key in variants(record["title"])}
        return frozenset(key for key in line_words if "".join(key) in letters)
    if not record["heads"]:
        return frozenset()
    html, *heads = record["heads"]
    main = max((words(part) for part in [*_PARTS.split(html)]), key=len)
    like = {key for head in heads if (key := words(head)) and _overlap(key, main) >= 0.6}
    return frozenset(key for key in {words(html), main} | like if len(key) >= 2 and key in line_words)


def _overlap(one: Words, other: Words) -> float:
    return len(set(one) & set(other)) / max(len(set(one)), len(set(other)), 1)


def variants(title: str) -> set[Words]:
    """Return the words of a title and of its parts."""
    return {key for part in [title, *_PARTS.split(title)] if len(key := words(part)) >= 2}


def is_right(title: str, right: frozenset[Words]) -> bool:
    """Return whether a title has the words of a correct title, except for a site's name at its end."""
    return any(key in right for key in variants(title) if 2 * len(key) >= len(words(title)))
