"""Rules, each with a name and a reason. A certain rule removes a line regardless of the classifier.

A doubtful rule was wrong on more than one in a hundred lines of the development data. It lowers the line's score.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate.features import cue_phrases
from searchsvc.ingest.boilerplate.features.repetition import line_keys
from searchsvc.ingest.boilerplate.line_batch import (
    CLASSES,
    Flags,
    Hashes,
    Ints,
    LineBatch,
    alphabet,
    make_line_batch,
)
from searchsvc.ingest.boilerplate.rule_context import RuleContext, first_word_buckets, opening_key

REASONS = {
    "share-button": "asks to share, print or follow",
    "comment-form": "part of the comment form",
    "navigation": "menu entry",
    "subscribe": "asks to subscribe",
    "legal-notice": "legal notice",
    "related-heading": "heading of a list of other articles",
    "advertisement": "advertisement or player button",
    "title": "repeats the title",
    "title-repeat": "repeats the title",
    "title-image": "caption of the image under the title",
    "related": "link to another article",
    "credit": "image credit",
    "author": "names the author after the article",
    "author-bio": "introduces the author",
    "source": "names the source after the article",
    "section": "link to a section of the site",
    "promotion": "asks to follow, subscribe or visit, after the article",
    "menu-after": "short list entry after the article",
    "twin": "repeated by the next line, like the text of an image by its caption",
    "twin-caption": "repeats the line above, like the caption of an image",
    "recurs-in-source": "repeats on other pages of this source",
}
NAMES = tuple(REASONS)
_WHOLE = NAMES[:7]
# Log-odds against a line: of clutter to content among the lines that matched in the development data, less a margin.
DOUBTFUL = {
    "related-heading": 2.5, "advertisement": 3.0, "related": 4.0, "credit": 1.5,
    "author": 2.0, "author-bio": 2.0, "source": 2.0, "promotion": 2.0,
    "twin": 3.5, "twin-caption": 2.0,
}  # fmt: skip
CONFIDENCE = 0.98  # of a certain rule
_LESS_CONFIDENT = {"title": 0.9, "title-repeat": 0.9, "title-image": 0.9, "section": 0.95}


@dataclass(frozen=True, slots=True)
class WholeLines:
    """Lines that are always clutter. `keys`: (lines,) uint64, ascending; `rule`: (lines,), index into NAMES."""

    keys: Hashes
    rule: NDArray[np.int8]


def whole_lines(lists: list[Mapping[str, str]]) -> WholeLines:
    """Build the table from lists of lines, one mapping of rule names to lines per language."""
    rule_by_key: dict[int, int] = {}
    for language in lists:
        for number, name in enumerate(_WHOLE):
            phrases = language.get(name, "").replace("\n", " ").split(";")
            for key in line_keys(make_line_batch(phrases)):
                rule_by_key.setdefault(int(key), number)
    keys = np.array(sorted(rule_by_key), dtype=np.uint64)
    return WholeLines(keys, np.array([rule_by_key[int(key)] for key in keys], dtype=np.int8))


@cache
def shipped() -> WholeLines:
    """Return the table of all languages in the package."""
    folder = resources.files(__package__) / "data" / "lines"
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".toml")), key=lambda item: item.name)
    return whole_lines([tomllib.loads(item.read_text(encoding="utf-8")) for item in files])


def match_rules(context: RuleContext) -> NDArray[np.int8]:
    """Return the first matching rule of each line, (lines,) int8, index into NAMES, -1 for none."""
    batch = context.batch
    out = np.full(len(batch.doc), -1, dtype=np.int8)
    if not len(out):
        return out
    lists = shipped()
    keys = context.keys
    at = np.minimum(np.searchsorted(lists.keys, keys), len(lists.keys) - 1)
    hit = lists.keys[at] == keys
    out[hit] = lists.rule[at[hit]]
    for name, flags in (*_title_rules(context, keys), *_closing_rules(context)):
        out[(out < 0) & flags] = NAMES.index(name)
    return out


def split_doubtful(rule: NDArray[np.int8]) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Return the certain rule and the doubtful rule of each line, (lines,) int8 each, -1 for none."""
    doubtful = np.isin(rule, [NAMES.index(name) for name in DOUBTFUL])
    none = np.int8(-1)
    return np.where(doubtful, none, rule), np.where(doubtful, rule, none)


def log_odds_against(doubtful: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return (lines,) float64 log-odds against each line. `doubtful`: (lines,) int8, index into NAMES, -1 for none."""
    by_rule = np.array([DOUBTFUL.get(name, 0.0) for name in NAMES] + [0.0])
    out: NDArray[np.float64] = by_rule[doubtful]
    return out


def confidence(rule: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return (lines,) float64 confidence of the certain rules, 0 for none. `rule`: (lines,) int8, -1 for none."""
    by_rule = np.array([_LESS_CONFIDENT.get(name, CONFIDENCE) for name in NAMES] + [0.0])
    out: NDArray[np.float64] = by_rule[rule]
    return out


def _ends_without_stop(context: RuleContext) -> Flags:
    """Return (lines,) bool: lines that end without a full stop."""
    batch = context.batch
    last = batch.end[batch.word_bounds[1:] - 1]
    return ~alphabet().kind["terminal"][batch.codes[np.minimum(last, len(batch.codes) - 1)]]


def _title_rules(context: RuleContext, keys: Hashes) -> list[tuple[str, Flags]]:
    batch = context.batch
    here, count = np.arange(len(batch.doc)), batch.word_counts
    title = context.title[batch.doc]
    has = title >= 0
    same = has & (keys == keys[np.maximum(title, 0)])
    first = batch.doc_bounds[batch.doc]
    opener = _first_of(same, batch.doc, len(batch.doc_bounds) - 1)[batch.doc]
    is_first = same & (here == opener)
    copies = np.bincount(batch.doc[same], minlength=len(batch.doc_bounds) - 1)[batch.doc]
    upper = context.prose.words_before == 0
    early = (opener - first <= 1) | (copies >= 2) & upper
    plain, last = _ends_without_stop(context), batch.doc_bounds[batch.doc + 1]
    titled = is_first & early & (count >= 4) & plain & (first + 2 < last)
    dropped = np.bincount(batch.doc[titled], minlength=len(batch.doc_bounds) - 1)[batch.doc] > 0
    repeat = same & ~is_first & (count >= 4) & dropped
    below = dropped & upper & (here > title) & (here <= title + 2)
    # "West moscow", but never "The Plan".
    near = below & (count <= 3) & plain & ~context.capitalised
    return [("title", titled), ("title-repeat", repeat), ("title-image", _within_title(context, near))]


def _first_of(flags: Flags, doc: Ints, docs: int) -> Ints:
    out = np.full(docs, -1, dtype=np.int64)
    at = np.flatnonzero(flags)[::-1]
    out[doc[at]] = at
    return out


def _within_title(context: RuleContext, near: Flags) -> Flags:
    """Return those lines near the title whose words all occur in the title."""
    batch = context.batch
    title = context.title[batch.doc]
    out = np.zeros(len(batch.doc), dtype=np.bool_)
    for line in np.flatnonzero(near):  # few lines of few words: sets are faster than arrays
        line_words = batch.hash[batch.word_bounds[line] : batch.word_bounds[line + 1]]
        title_words = batch.hash[batch.word_bounds[title[line]] : batch.word_bounds[title[line] + 1]]
        out[line] = set(line_words.tolist()).issubset(title_words.tolist())
    return out


_PROMOTIONS = (
    "liked this story", "like this article", "enjoyed this article", "enjoyed this post", "if you enjoyed this",
    "if you liked this", "for more news", "for more updates", "for more stories", "follow us on", "follow us",
    "like us on", "subscribe to our", "sign up for our", "join our newsletter", "download our app",
    "share this post with",
)  # fmt: skip
_TWIN_PROSE = 0.2  # share of the prose of a page, above which repetition is no sign of captions
_POINTERS = ("also read", "read also", "read more", "see also", "related story", "related article", "must read")
_PICTURES = ("photo", "image", "picture", "photos", "photo credit", "image credit", "photo by", "image source")


def _closing_rules(context: RuleContext) -> list[tuple[str, Flags]]:
    count, plain, ended = context.batch.word_counts, _ends_without_stop(context), context.after_prose()
    pointer = context.opens(*_POINTERS) & context.colon_after(2) | context.opens("related") & context.colon_after(1)
    colon = context.colon_after(1)
    picture = context.opens(*_PICTURES) & (count <= 14) & (colon | context.colon_after(2))
    named = context.opens("about") & (count >= 2) & (count <= 5) & context.capitalised & ended & ~context.prose.is_prose
    field = colon & (count <= 6) & (count > 1) & plain & ended
    promotion = ended & (count <= 45) & context.opens(*_PROMOTIONS)
    return [
        ("related", pointer & (count >= 4) & (count <= 30) & (plain | context.capitalised)),
        ("credit", picture | _licence(context) & (count <= 30) & plain),
        ("author", named | field & context.opens("author")),
        ("author-bio", _repeats_name(_after(named, context) & (count <= 120), context)),
        ("source", field & context.opens("source")),
        ("section", ended & (count <= 5) & plain & context.opens("more in", "more from", "more on")),
        ("promotion", promotion),
        ("menu-after", _short_list(context) & plain & ended & _followed(promotion, context.batch, 6)),
        *_twin_rules(context),
    ]


def _twin_rules(context: RuleContext) -> list[tuple[str, Flags]]:
    """Return lines of five words or more that the next line repeats, and lines that repeat the line above.

    Copies of the title are no twins, and neither are the lines of a page that has most of its prose twice.
    """
    batch, keys, prose = context.batch, context.keys, context.prose
    title = context.title[batch.doc]
    may_be = (batch.word_counts >= 5) & ~((title >= 0) & (keys == keys[np.maximum(title, 0)]))
    same = (keys[1:] == keys[:-1]) & (batch.doc[1:] == batch.doc[:-1])
    twin = may_be & np.append(same, False)
    twice = np.bincount(batch.doc, twin * prose.words, len(batch.doc_bounds) - 1)[batch.doc]
    twin &= twice <= _TWIN_PROSE * prose.total_words
    return [("twin", twin), ("twin-caption", np.append(False, twin[:-1]) & (batch.word_counts <= 40))]


def _short_list(context: RuleContext) -> Flags:
    """Return runs of at least three list entries of at most three words."""
    marks = context.batch.counts[CLASSES.index("separator")] > 0
    return _run_of(marks & (context.batch.indent > 0) & (context.batch.word_counts <= 3), context.batch, 3)


_AGENCIES = ("cc by", "getty images", "shutterstock com", "ap photo", "afp getty")


def _licence(context: RuleContext) -> Flags:
    """Return lines that name a licence or a picture agency as captions do."""
    keys = np.array([opening_key(phrase) for phrase in _AGENCIES], dtype=np.uint64)
    batch = context.batch
    at = np.flatnonzero(first_word_buckets(_AGENCIES)[batch.bucket[:-1]] & (batch.line[:-1] == batch.line[1:]))
    hit = at[np.isin(cue_phrases.extend(batch.hash[at], batch.hash[at + 1]), keys)]
    out = np.zeros(len(batch.doc), dtype=np.bool_)
    out[batch.line[hit]] = True
    return out


def _after(flags: Flags, context: RuleContext) -> Flags:
    out = np.zeros_like(flags)
    out[1:] = flags[:-1] & (context.batch.doc[1:] == context.batch.doc[:-1])
    return out


def _repeats_name(flags: Flags, context: RuleContext) -> Flags:
    """Return flagged lines whose first word is one of the last four words of the line above, but not its first word."""
    batch = context.batch
    first = batch.word_bounds[:-1]
    out = np.zeros(len(first), dtype=np.bool_)
    for line in np.flatnonzero(flags):
        preceding = batch.hash[max(first[line - 1] + 1, first[line] - 4) : first[line]]
        out[line] = bool((preceding == batch.hash[first[line]]).any())
    return out


def _run_of(flags: Flags, batch: LineBatch, least: int) -> Flags:
    """Return flagged lines in an unbroken run of at least `least` flagged lines within a document."""
    breaks = ~flags | np.append(True, batch.doc[1:] != batch.doc[:-1])
    run = np.cumsum(breaks)
    out: Flags = flags & (np.bincount(run, weights=flags)[run] >= least)
    return out


def _followed(flags: Flags, batch: LineBatch, reach: int) -> Flags:
    """Return lines with a flagged line of the same document at most `reach` lines below."""
    out = np.zeros_like(flags)
    for step in range(1, reach + 1):
        out[:-step] |= flags[step:] & (batch.doc[step:] == batch.doc[:-step])
    return out
