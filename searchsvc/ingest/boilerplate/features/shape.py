"""Form of a line: length, punctuation, letter case, and its first and last characters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.boilerplate.features import cue_phrases
from searchsvc.ingest.boilerplate.features.columns import Columns
from searchsvc.ingest.boilerplate.line_batch import CLASSES, LineBatch, alphabet, line_sums

_CHARACTERS = {name: row for row, name in enumerate(CLASSES)}


def shape_columns(batch: LineBatch) -> Columns:
    """Return length, punctuation, separators, case, digits and wording of each line."""
    columns = Columns()
    count, entries = batch.word_counts.astype(np.float32), batch.entries.astype(np.float32)
    table = alphabet()
    chars = {name: batch.counts[at] for name, at in _CHARACTERS.items()}
    size = batch.end - batch.start
    within = line_sums(batch, size)
    letters = np.maximum(within - chars["digit"], 0) + 1
    columns.add("length", "words_log", np.log(count + 1))
    for limit in (1, 2, 4, 8, 15, 30):
        columns.add("length", f"words_over_{limit}", count > limit)
    columns.add("length", "chars_log", np.log(batch.length.astype(np.float32) + 1))
    columns.add("punctuation", "sentences", chars["terminal"] / count)
    columns.add("punctuation", "terminals", np.log(chars["terminal"] + 1))
    columns.add("punctuation", "commas", chars["comma"] / count)
    columns.add("punctuation", "quotes", np.minimum(chars["quote"], 4) / 4)
    columns.add("separators", "separators", chars["separator"] / count)
    columns.add("separators", "colons", chars["colon"] / count)
    columns.add("separators", "dashes", chars["dash"] / count)
    columns.add("separators", "brackets", chars["bracket"] / count)
    columns.add("separators", "symbols", np.minimum(chars["symbol"] / count, 4))
    columns.add("separators", "letter_share", within / np.maximum(batch.length, 1))
    columns.add("case", "upper_share", chars["upper"] / letters)
    columns.add("digits", "digit_share", chars["digit"] / np.maximum(batch.length, 1))
    columns.add("digits", "numbers", line_sums(batch, table.kind["digit"][batch.first]) / entries)
    columns.add("wording", "stop_share", line_sums(batch, cue_phrases.shipped().stop[batch.bucket]) / entries)
    columns.add("wording", "word_length", np.minimum(within / count, 12))
    columns.add("wording", "long_words", line_sums(batch, size > 7) / entries)
    return columns


def capital_columns(capitals: NDArray[np.float32]) -> Columns:
    """Return the share of capitalised words as a column. `capitals`: (lines,) float32."""
    columns = Columns()
    columns.add("case", "capitalised", capitals)
    return columns


def end_columns(batch: LineBatch) -> Columns:
    """Return features of the first and last characters of each line."""
    columns = Columns()
    kind, codes = alphabet().kind, batch.codes
    last = batch.end[batch.word_bounds[1:] - 1] if len(batch.doc) else batch.doc
    head = batch.start[batch.word_bounds[:-1]]
    top = len(codes) - 1
    after, next_after = codes[np.minimum(last, top)], codes[np.minimum(last + 1, top)]
    preceding, opening = codes[np.maximum(head - 1, 0)], codes[np.minimum(head, top)]
    indented = batch.indent > 0
    second = indented & (batch.indent > 1)
    earlier = codes[np.maximum(head - 2, 0)]
    terminal = kind["terminal"][after] | (kind["quote"][after] | kind["bracket"][after]) & kind["terminal"][next_after]
    columns.add("ending", "ends_sentence", terminal)
    columns.add("ending", "ends_ellipsis", (after == 0x2026) | (after == 46) & (next_after == 46))
    columns.add("ending", "ends_question", (after == 63) | (next_after == 63))
    columns.add("ending", "ends_exclaim", after == 33)
    columns.add("ending", "ends_colon", kind["colon"][after])
    columns.add("ending", "ends_comma", kind["comma"][after])
    columns.add("ending", "ends_bracket", kind["bracket"][after])
    columns.add("ending", "ends_separator", kind["separator"][after] | kind["separator"][next_after])
    bullet = indented & kind["separator"][preceding] | second & kind["separator"][earlier]
    star = indented & (kind["dash"][preceding] | (preceding == 42)) | second & ((earlier == 42) | kind["dash"][earlier])
    columns.add("list", "bullet", bullet | star)
    columns.add("list", "indent", np.minimum(batch.indent, 12) / 4)
    columns.add("opening", "starts_quote", indented & kind["quote"][preceding])
    columns.add("opening", "starts_bracket", indented & kind["bracket"][preceding])
    upper = kind["upper"][opening] | kind["caseless"][opening]
    columns.add("opening", "starts_upper", upper)
    columns.add("opening", "starts_digit", kind["digit"][opening])
    columns.add("opening", "starts_lower", kind["letter"][opening] & ~upper)
    return columns
