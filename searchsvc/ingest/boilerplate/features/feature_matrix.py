"""What is measured on each line: its shape, its words, its place, and what stands around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate.features import cue_phrases, datelines, position
from searchsvc.ingest.boilerplate.features.repetition import copies, line_keys, topic
from searchsvc.ingest.boilerplate.line_batch import (
    CLASSES,
    Hashes,
    Ints,
    LineBatch,
    alphabet,
    line_sums,
)

Column = NDArray[np.float32]
_MOST = 256  # columns there is room for
CHARS = {name: at for at, name in enumerate(CLASSES)}
MARKED = (
    "share", "subscribe", "comment", "commenter", "legal", "nav", "related",
    "bio", "caption", "byline", "time", "advert", "tags",
)  # fmt: skip


@dataclass(slots=True)
class FeatureMatrix:
    """Columns under construction, each with its name and the group that explains it."""

    names: list[str]
    groups: list[str]
    room: NDArray[np.float32]  # (features at most, lines)

    def add(self, group: str, name: str, column: NDArray[np.generic]) -> None:
        self.room[len(self.names)] = column
        self.names.append(name)
        self.groups.append(group)

    def add_rows(self, groups: Sequence[str], names: Sequence[str], rows: NDArray[np.generic]) -> None:
        self.room[len(self.names) : len(self.names) + len(names)] = rows
        self.names += names
        self.groups += groups

    def matrix(self) -> NDArray[np.float32]:
        """(features, lines)"""
        return self.room[: len(self.names)]


@dataclass(frozen=True, slots=True)
class LineFeatures:
    """All that is known of the lines of a batch before judging them."""

    words: LineBatch
    sheet: FeatureMatrix
    prose: position.Prose
    share: NDArray[np.float32]  # (kinds, L) of a line's words covered by cue phrases
    keys: Hashes  # (L,) of whole lines
    title: Ints  # (D,) the line most likely the title, -1 for none
    capitals: Column  # (L,) share of words that begin with a capital


def extract_features(words: LineBatch) -> LineFeatures:
    """One row a line of the batch; the columns never depend on the batch a document comes in."""
    sheet = FeatureMatrix([], [], np.empty((_MOST, len(words.doc)), dtype=np.float32))
    count = words.words.astype(np.float32)
    share = cue_phrases.match(words, cue_phrases.shipped()) / count
    capitals = line_sums(words, alphabet().kind["upper"][words.first]) / count
    _shape(sheet, words, count)
    sheet.add("case", "capitalised", capitals)
    _ends(sheet, words)
    sheet.add_rows([f"cue:{kind}" for kind in cue_phrases.KINDS], [f"cue_{kind}" for kind in cue_phrases.KINDS], share)
    marks = {kind: (share[cue_phrases.KINDS.index(kind)] >= 0.5) & (count <= 10) for kind in MARKED}
    marks["stamp"] = datelines.stamp_lines(words, share)
    marks["template"] = datelines.template_lines(sheet, words, marks["stamp"])
    prose = position.prose(words)
    position.place(sheet, words, prose, marks)
    position.distances(sheet, words, prose, marks)
    keys = line_keys(words)
    copies(sheet, words, keys)
    title = topic(sheet, words, prose, share)
    position.windows(sheet, words, prose, share)
    return LineFeatures(words, sheet, prose, share, keys, title, capitals)


def _shape(sheet: FeatureMatrix, words: LineBatch, count: Column) -> None:
    table = alphabet()
    chars = {name: words.counts[at] for name, at in CHARS.items()}
    size = words.end - words.start
    within = line_sums(words, size)
    letters = np.maximum(within - chars["digit"], 0) + 1
    sheet.add("length", "words_log", np.log(count + 1))
    for limit in (1, 2, 4, 8, 15, 30):
        sheet.add("length", f"words_over_{limit}", count > limit)
    sheet.add("length", "chars_log", np.log(words.length.astype(np.float32) + 1))
    sheet.add("punctuation", "sentences", chars["terminal"] / count)
    sheet.add("punctuation", "terminals", np.log(chars["terminal"] + 1))
    sheet.add("punctuation", "commas", chars["comma"] / count)
    sheet.add("punctuation", "quotes", np.minimum(chars["quote"], 4) / 4)
    sheet.add("separators", "separators", chars["separator"] / count)
    sheet.add("separators", "colons", chars["colon"] / count)
    sheet.add("separators", "dashes", chars["dash"] / count)
    sheet.add("separators", "brackets", chars["bracket"] / count)
    sheet.add("separators", "symbols", np.minimum(chars["symbol"] / count, 4))
    sheet.add("separators", "letter_share", within / np.maximum(words.length, 1))
    sheet.add("case", "upper_share", chars["upper"] / letters)
    sheet.add("digits", "digit_share", chars["digit"] / np.maximum(words.length, 1))
    sheet.add("digits", "numbers", line_sums(words, table.kind["digit"][words.first]) / count)
    sheet.add("wording", "stop_share", line_sums(words, cue_phrases.shipped().stop[words.bucket]) / count)
    sheet.add("wording", "word_length", np.minimum(within / count, 12))
    sheet.add("wording", "long_words", line_sums(words, size > 7) / count)


def _ends(sheet: FeatureMatrix, words: LineBatch) -> None:
    kind, codes = alphabet().kind, words.codes
    last = words.end[words.word_bounds[1:] - 1] if len(words.doc) else words.doc
    head = words.start[words.word_bounds[:-1]]
    top = len(codes) - 1
    after, next_after = codes[np.minimum(last, top)], codes[np.minimum(last + 1, top)]
    before, opening = codes[np.maximum(head - 1, 0)], codes[np.minimum(head, top)]
    indented = words.indent > 0
    second = indented & (words.indent > 1)
    earlier = codes[np.maximum(head - 2, 0)]
    terminal = kind["terminal"][after] | (kind["quote"][after] | kind["bracket"][after]) & kind["terminal"][next_after]
    sheet.add("ending", "ends_sentence", terminal)
    sheet.add("ending", "ends_ellipsis", (after == 0x2026) | (after == 46) & (next_after == 46))
    sheet.add("ending", "ends_question", (after == 63) | (next_after == 63))
    sheet.add("ending", "ends_exclaim", after == 33)
    sheet.add("ending", "ends_colon", kind["colon"][after])
    sheet.add("ending", "ends_comma", kind["comma"][after])
    sheet.add("ending", "ends_bracket", kind["bracket"][after])
    sheet.add("ending", "ends_separator", kind["separator"][after] | kind["separator"][next_after])
    bullet = indented & kind["separator"][before] | second & kind["separator"][earlier]
    star = indented & (kind["dash"][before] | (before == 42)) | second & ((earlier == 42) | kind["dash"][earlier])
    sheet.add("list", "bullet", bullet | star)
    sheet.add("list", "indent", np.minimum(words.indent, 12) / 4)
    sheet.add("opening", "starts_quote", indented & kind["quote"][before])
    sheet.add("opening", "starts_bracket", indented & kind["bracket"][before])
    sheet.add("opening", "starts_upper", kind["upper"][opening])
    sheet.add("opening", "starts_digit", kind["digit"][opening])
    sheet.add("opening", "starts_lower", kind["letter"][opening] & ~kind["upper"][opening])
