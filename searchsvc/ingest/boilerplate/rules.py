"""Certain rules, each with a name and a reason. A rule removes a line regardless of the classifier."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate.features import cue_phrases
from searchsvc.ingest.boilerplate.features.feature_matrix import LineFeatures
from searchsvc.ingest.boilerplate.features.prose import Prose
from searchsvc.ingest.boilerplate.features.repetition import line_keys
from searchsvc.ingest.boilerplate.line_batch import (
    CLASSES,
    Hashes,
    Ints,
    LineBatch,
    alphabet,
    make_line_batch,
)

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
    "recurs-in-source": "repeats on other pages of this source",
}
NAMES = tuple(REASONS)
_WHOLE = NAMES[:7]
_SHIFT = np.uint64(48)

Flags = NDArray[np.bool_]


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


@cache
def _begins(phrases: tuple[str, ...]) -> NDArray[np.bool_]:
    """Return (65536,) bool: the top 16 bits of the first words of the phrases."""
    out = np.zeros(65536, dtype=np.bool_)
    out[[int(cue_phrases.phrase_words([phrase])[0][0] >> _SHIFT) for phrase in phrases]] = True
    return out


@cache
def _opening(phrase: str) -> np.uint64:
    return cue_phrases.phrase_key(cue_phrases.phrase_words([phrase])[0])


@dataclass(frozen=True, slots=True)
class RuleContext:
    """State that the rules are evaluated on: lines, prose, likely title and cue phrases of a batch."""

    batch: LineBatch
    prose: Prose
    title: Ints  # (docs,) row of the most likely title, -1 for none
    share: NDArray[np.float32]  # (kinds, lines) share of words that cue phrases cover
    keys: Hashes  # (lines,) keys of whole lines
    opening: tuple[Hashes, ...]  # (lines,) each: keys of the first one, two, three and four words
    capitalised: Flags  # (lines,) whether every word begins with a capital

    def opens(self, *phrases: str) -> Flags:
        """Return (lines,) bool: lines that begin with one of the phrases, of at most four words."""
        out = np.zeros(len(self.batch.doc), dtype=np.bool_)
        likely = np.flatnonzero(_begins(phrases)[self.batch.bucket[self.batch.word_bounds[:-1]]])
        for phrase in phrases:
            out[likely] |= self.opening[phrase.count(" ")][likely] == _opening(phrase)
        return out

    def colon_after(self, count: int) -> Flags:
        """Return (lines,) bool: lines with a colon right after word number `count`, from 1."""
        at = np.minimum(self.batch.word_bounds[:-1] + count, self.batch.word_bounds[1:]) - 1
        out: Flags = alphabet().kind["colon"][self.batch.codes[self.batch.end[at]]]
        return out

    def after_prose(self) -> Flags:
        """Return (lines,) bool: lines with most of the document's prose above and little or none below."""
        after = self.prose.total_words - self.prose.words_before - self.prose.words
        return (self.prose.words_before >= 60) & (after <= 0.35 * self.prose.words_before)

    def kind(self, name: str) -> NDArray[np.float32]:
        """Return (lines,) float32: the share of words that cue phrases of this kind cover."""
        row: NDArray[np.float32] = self.share[cue_phrases.KINDS.index(name)]
        return row


def opening_keys(batch: LineBatch) -> tuple[Hashes, ...]:
    """Return keys of the first one, two, three and four words, (lines,) uint64 each; 0 for shorter lines."""
    first, room = batch.word_bounds[:-1], batch.word_counts
    keys = [batch.hash[first]]
    for step in range(1, 4):
        following = batch.hash[np.minimum(first + step, len(batch.hash) - 1)]
        keys.append(np.where(room > step, cue_phrases.extend(keys[-1], following), np.uint64(0)))
    return tuple(keys)


def rule_context(features: LineFeatures) -> RuleContext:
    """Return the state that the rules need from the features of a batch."""
    return RuleContext(
        batch=features.batch,
        prose=features.prose,
        title=features.title,
        share=features.share,
        keys=features.keys,
        opening=opening_keys(features.batch),
        capitalised=features.capitals == 1,
    )


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
    titled = (
        is_first & early & (count >= 4) & _ends_without_stop(context) & (first + 2 < batch.doc_bounds[batch.doc + 1])
    )
    dropped = np.bincount(batch.doc[titled], minlength=len(batch.doc_bounds) - 1)[batch.doc] > 0
    repeat = same & ~is_first & (count >= 4) & dropped
    below = dropped & upper & (here > title) & (here <= title + 2)
    near = (
        below & (count <= 3) & _ends_without_stop(context) & ~context.capitalised
    )  # "West moscow", but never "The Plan"
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
    for line in np.flatnonzero(near):
        line_words = batch.hash[batch.word_bounds[line] : batch.word_bounds[line + 1]]
        title_words = batch.hash[batch.word_bounds[title[line]] : batch.word_bounds[title[line] + 1]]
        out[line] = bool(np.isin(line_words, title_words).all())
    return out


_PROMOTIONS = (
    "liked this story", "like this article", "enjoyed this article", "enjoyed this post", "if you enjoyed this",
    "if you liked this", "for more news", "for more updates", "for more stories", "follow us on", "follow us",
    "like us on", "subscribe to our", "sign up for our", "join our newsletter", "download our app",
    "share this post with",
)  # fmt: skip
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
        ("related", pointer & (count >= 4) & (count <= 30)),
        ("credit", picture | _licence(context) & (count <= 30) & plain),
        ("author", named | field & context.opens("author")),
        ("author-bio", _repeats_name(_after(named, context) & (count <= 120), context)),
        ("source", field & context.opens("source")),
        ("section", ended & (count <= 5) & plain & context.opens("more in", "more from", "more on")),
        ("promotion", promotion),
        ("menu-after", _short_list(context) & plain & ended & _followed(promotion, context.batch, 6)),
    ]


def _short_list(context: RuleContext) -> Flags:
    """Return runs of at least three list entries of at most three words."""
    marks = context.batch.counts[CLASSES.index("separator")] > 0
    return _run_of(marks & (context.batch.indent > 0) & (context.batch.word_counts <= 3), context.batch, 3)


_AGENCIES = ("cc by", "getty images", "shutterstock com", "ap photo", "afp getty")


def _licence(context: RuleContext) -> Flags:
    """Return lines that name a licence or a picture agency as captions do."""
    keys = np.array([_opening(phrase) for phrase in _AGENCIES], dtype=np.uint64)
    batch = context.batch
    at = np.flatnonzero(_begins(_AGENCIES)[batch.bucket[:-1]] & (batch.line[:-1] == batch.line[1:]))
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
