"""Rules that are certain: each has a name and a reason, and drops a line whatever the model thinks."""

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
    "comment-form": "belongs to the form for readers' comments",
    "navigation": "is a menu entry",
    "subscribe": "asks to subscribe",
    "legal-notice": "is a legal notice",
    "related-heading": "heads a list of other articles",
    "advertisement": "is an advertisement or a player's button",
    "title": "is the title, which has its own field",
    "title-repeat": "repeats the title",
    "title-image": "names the image under the title",
    "related": "points to another article",
    "credit": "credits an image",
    "author": "names the author after the article",
    "author-bio": "introduces the author",
    "source": "names the source after the article",
    "section": "points to a section of the site",
    "promotion": "asks to follow, subscribe or visit after the article",
    "menu-after": "is a short list entry after the article",
    "recurs-in-source": "repeats on other pages of this source",
}
NAMES = tuple(REASONS)
_WHOLE = NAMES[:7]
_SHIFT = np.uint64(48)

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class WholeLines:
    """Keys of lines that are debris in themselves, with the number of the rule that says so."""

    keys: Hashes
    rule: NDArray[np.int8]


def whole_lines(lists: list[Mapping[str, str]]) -> WholeLines:
    found: dict[int, int] = {}
    for language in lists:
        for number, name in enumerate(_WHOLE):
            phrases = language.get(name, "").replace("\n", " ").split(";")
            for key in line_keys(make_line_batch(phrases)):
                found.setdefault(int(key), number)
    keys = np.array(sorted(found), dtype=np.uint64)
    return WholeLines(keys, np.array([found[int(key)] for key in keys], dtype=np.int8))


@cache
def shipped() -> WholeLines:
    folder = resources.files(__package__) / "data" / "lines"
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".toml")), key=lambda item: item.name)
    return whole_lines([tomllib.loads(item.read_text(encoding="utf-8")) for item in files])


@cache
def _begins(phrases: tuple[str, ...]) -> NDArray[np.bool_]:
    """(65536,) the buckets of words that one of the phrases begins with."""
    out = np.zeros(65536, dtype=np.bool_)
    out[[int(cue_phrases.phrase_words([phrase])[0][0] >> _SHIFT) for phrase in phrases]] = True
    return out


@cache
def _opening(phrase: str) -> np.uint64:
    return cue_phrases.phrase_key(cue_phrases.phrase_words([phrase])[0])


@dataclass(frozen=True, slots=True)
class RuleContext:
    """What the rules look at: the lines, their prose, their title guess and cue shares."""

    words: LineBatch
    prose: Prose
    title: Ints  # (D,)
    share: NDArray[np.float32]  # (kinds, L)
    keys: Hashes  # (L,) of whole lines
    opening: tuple[Hashes, ...]  # (L,) each: the key of the first word, the first two, three, four
    capitalised: Flags  # (L,) lines every word of which begins with a capital

    def opens(self, *phrases: str) -> Flags:
        """Lines that begin with one of these phrases, of at most four words."""
        out = np.zeros(len(self.words.doc), dtype=np.bool_)
        likely = np.flatnonzero(_begins(phrases)[self.words.bucket[self.words.word_bounds[:-1]]])
        for phrase in phrases:
            out[likely] |= self.opening[phrase.count(" ")][likely] == _opening(phrase)
        return out

    def colon_after(self, count: int) -> Flags:
        """Lines with a colon right after the word of this number (1-based)."""
        at = np.minimum(self.words.word_bounds[:-1] + count, self.words.word_bounds[1:]) - 1
        out: Flags = alphabet().kind["colon"][self.words.codes[self.words.end[at]]]
        return out

    def ended(self) -> Flags:
        """Lines after which a document has no more than a sliver of prose, and before which it has most."""
        after = self.prose.total - self.prose.before - self.prose.mass
        return (self.prose.before >= 60) & (after <= 0.35 * self.prose.before)

    def kind(self, name: str) -> NDArray[np.float32]:
        row: NDArray[np.float32] = self.share[cue_phrases.KINDS.index(name)]
        return row


def opening_keys(words: LineBatch) -> tuple[Hashes, ...]:
    first, room = words.word_bounds[:-1], words.words
    keys = [words.hash[first]]
    for step in range(1, 4):
        following = words.hash[np.minimum(first + step, len(words.hash) - 1)]
        keys.append(np.where(room > step, cue_phrases.extend(keys[-1], following), np.uint64(0)))
    return tuple(keys)


def rule_context(found: LineFeatures) -> RuleContext:
    return RuleContext(found.words, found.prose, found.title, found.share, found.keys, opening_keys(found.words),
                 found.capitals == 1)  # fmt: skip


def apply(scene: RuleContext) -> NDArray[np.int8]:
    """The number of the first rule that holds for each line, -1 for none."""
    words = scene.words
    out = np.full(len(words.doc), -1, dtype=np.int8)
    if not len(out):
        return out
    known = shipped()
    keys = scene.keys
    at = np.minimum(np.searchsorted(known.keys, keys), len(known.keys) - 1)
    hit = known.keys[at] == keys
    out[hit] = known.rule[at[hit]]
    for name, flags in (*_title_rules(scene, keys), *_closing_rules(scene)):
        out[(out < 0) & flags] = NAMES.index(name)
    return out


def _plain(scene: RuleContext) -> Flags:
    """Lines that end without a full stop."""
    words = scene.words
    last = words.end[words.word_bounds[1:] - 1]
    return ~alphabet().kind["terminal"][words.codes[np.minimum(last, len(words.codes) - 1)]]


def _title_rules(scene: RuleContext, keys: Hashes) -> list[tuple[str, Flags]]:
    words = scene.words
    here, count = np.arange(len(words.doc)), words.words
    title = scene.title[words.doc]
    has = title >= 0
    same = has & (keys == keys[np.maximum(title, 0)])
    first = words.doc_bounds[words.doc]
    opener = _first_of(same, words.doc, len(words.doc_bounds) - 1)[words.doc]
    is_first = same & (here == opener)
    copies = np.bincount(words.doc[same], minlength=len(words.doc_bounds) - 1)[words.doc]
    upper = scene.prose.before == 0
    early = (opener - first <= 1) | (copies >= 2) & upper
    titled = is_first & early & (count >= 4) & _plain(scene) & (first + 2 < words.doc_bounds[words.doc + 1])
    dropped = np.bincount(words.doc[titled], minlength=len(words.doc_bounds) - 1)[words.doc] > 0
    again = same & ~is_first & (count >= 4) & dropped
    below = dropped & upper & (here > title) & (here <= title + 2)
    near = below & (count <= 3) & _plain(scene) & ~scene.capitalised  # "West moscow", but never "The Plan"
    return [("title", titled), ("title-repeat", again), ("title-image", _within_title(scene, near))]


def _first_of(flags: Flags, doc: Ints, docs: int) -> Ints:
    out = np.full(docs, -1, dtype=np.int64)
    at = np.flatnonzero(flags)[::-1]
    out[doc[at]] = at
    return out


def _within_title(scene: RuleContext, near: Flags) -> Flags:
    """Those of the lines near the title all of whose words the title has."""
    words = scene.words
    title = scene.title[words.doc]
    out = np.zeros(len(words.doc), dtype=np.bool_)
    for line in np.flatnonzero(near):
        own = words.hash[words.word_bounds[line] : words.word_bounds[line + 1]]
        whole = words.hash[words.word_bounds[title[line]] : words.word_bounds[title[line] + 1]]
        out[line] = bool(np.isin(own, whole).all())
    return out


_PROMOTIONS = (
    "liked this story", "like this article", "enjoyed this article", "enjoyed this post", "if you enjoyed this",
    "if you liked this", "for more news", "for more updates", "for more stories", "follow us on", "follow us",
    "like us on", "subscribe to our", "sign up for our", "join our newsletter", "download our app",
    "share this post with",
)  # fmt: skip
_POINTERS = ("also read", "read also", "read more", "see also", "related story", "related article", "must read")
_PICTURES = ("photo", "image", "picture", "photos", "photo credit", "image credit", "photo by", "image source")


def _closing_rules(scene: RuleContext) -> list[tuple[str, Flags]]:
    count, plain, ended = scene.words.words, _plain(scene), scene.ended()
    pointer = scene.opens(*_POINTERS) & scene.colon_after(2) | scene.opens("related") & scene.colon_after(1)
    colon = scene.colon_after(1)
    picture = scene.opens(*_PICTURES) & (count <= 14) & (colon | scene.colon_after(2))
    named = scene.opens("about") & (count >= 2) & (count <= 5) & scene.capitalised & ended & ~scene.prose.flag
    field = colon & (count <= 6) & (count > 1) & plain & ended
    promotion = ended & (count <= 45) & scene.opens(*_PROMOTIONS)
    return [
        ("related", pointer & (count >= 4) & (count <= 30)),
        ("credit", picture | _licence(scene) & (count <= 30) & plain),
        ("author", named | field & scene.opens("author")),
        ("author-bio", _names_again(_after(named, scene) & (count <= 120), scene)),
        ("source", field & scene.opens("source")),
        ("section", ended & (count <= 5) & plain & scene.opens("more in", "more from", "more on")),
        ("promotion", promotion),
        ("menu-after", _short_list(scene) & plain & ended & _followed(promotion, scene.words, 6)),
    ]


def _short_list(scene: RuleContext) -> Flags:
    """Runs of at least three bullets of at most three words."""
    marks = scene.words.counts[CLASSES.index("separator")] > 0
    return _run_of(marks & (scene.words.indent > 0) & (scene.words.words <= 3), scene.words, 3)


_AGENCIES = ("cc by", "getty images", "shutterstock com", "ap photo", "afp getty")


def _licence(scene: RuleContext) -> Flags:
    """Lines that name a licence or a picture agency the way captions do."""
    keys = np.array([_opening(phrase) for phrase in _AGENCIES], dtype=np.uint64)
    words = scene.words
    at = np.flatnonzero(_begins(_AGENCIES)[words.bucket[:-1]] & (words.line[:-1] == words.line[1:]))
    hit = at[np.isin(cue_phrases.extend(words.hash[at], words.hash[at + 1]), keys)]
    out = np.zeros(len(words.doc), dtype=np.bool_)
    out[words.line[hit]] = True
    return out


def _after(flags: Flags, scene: RuleContext) -> Flags:
    out = np.zeros_like(flags)
    out[1:] = flags[:-1] & (scene.words.doc[1:] == scene.words.doc[:-1])
    return out


def _names_again(flags: Flags, scene: RuleContext) -> Flags:
    """Those of the flagged lines whose first word is one of the last four of the line before, but not its first."""
    words = scene.words
    first = words.word_bounds[:-1]
    out = np.zeros(len(first), dtype=np.bool_)
    for line in np.flatnonzero(flags):
        before = words.hash[max(first[line - 1] + 1, first[line] - 4) : first[line]]
        out[line] = bool((before == words.hash[first[line]]).any())
    return out


def _run_of(flags: Flags, words: LineBatch, least: int) -> Flags:
    """Flagged lines that stand in an unbroken run of at least so many within a document."""
    breaks = ~flags | np.append(True, words.doc[1:] != words.doc[:-1])
    run = np.cumsum(breaks)
    out: Flags = flags & (np.bincount(run, weights=flags)[run] >= least)
    return out


def _followed(flags: Flags, words: LineBatch, reach: int) -> Flags:
    """Lines with a flagged line of the same document within so many lines below."""
    out = np.zeros_like(flags)
    for step in range(1, reach + 1):
        out[:-step] |= flags[step:] & (words.doc[step:] == words.doc[:-step])
    return out
