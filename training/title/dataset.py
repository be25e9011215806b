"""The development data and what counts as right."""

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
    """A page of the data: `titles` are the word sequences that are right as its title."""

    id: str
    host: str
    lines: list[str]
    titles: frozenset[Words]
    author: str | None
    has_author_label: bool


def words(text: str) -> Words:
    return tuple(_TOKEN.findall(text.lower()))


def pages(folder: Path, name: str, view: str) -> Iterator[Page]:
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            lines = [" ".join(text.split()) for text in record[view].split("\n")]
            yield Page(record["id"], record["host"], lines, titles(record, lines), record["author"], name == "wcxb_dev")


def titles(record: dict[str, Any], lines: list[str]) -> frozenset[Words]:
    """Right titles that stand in the text as a line.

    With a labelled title: it, and its parts around " | " and " - ". Without one the HTML title
    stands in for it: whole, its longest part (the others name the site or the section), and the
    headings that share most of their words with that part.
    """
    line_words = {words(line) for line in lines}
    if record["title"]:
        return frozenset(variants(record["title"]) & line_words)
    if not record["heads"]:
        return frozenset()
    html, *heads = record["heads"]
    main = max((words(part) for part in [*_PARTS.split(html)]), key=len)
    like = {key for head in heads if (key := words(head)) and _overlap(key, main) >= 0.6}
    return frozenset(key for key in {words(html), main} | like if len(key) >= 2 and key in line_words)


def _overlap(one: Words, other: Words) -> float:
    return len(set(one) & set(other)) / max(len(set(one)), len(set(other)), 1)


def variants(title: str) -> set[Words]:
    return {key for part in [title, *_PARTS.split(title)] if len(key := words(part)) >= 2}


def is_right(title: str, right: frozenset[Words]) -> bool:
    """Equal in words, but for a site's name at its end."""
    return any(key in right for key in variants(title) if 2 * len(key) >= len(words(title)))
