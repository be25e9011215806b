"""Other text-only cleaners, applied to lines of plain text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import justext
from boilerpy3 import extractors
from boilerpy3.document import TextBlock, TextDocument

_MARKS = (".", "!", "?", '"', "”", "’", "'")
_STOP = justext.get_stoplist("English")


def keep_everything(text: str) -> str:
    return text


def c4(text: str) -> str:
    """C4's line rules (Raffel et al. 2020), with three words instead of five and any terminal mark."""
    kept = [line for line in text.split("\n") if len(line.split()) >= 3 and line.rstrip().endswith(_MARKS)]
    return "\n".join(line for line in kept if "javascript" not in line.lower() and "{" not in line)


def gopher_fineweb(text: str) -> str:
    """Line rules after Gopher and FineWeb: bullets, ellipses, short lines, repeats, counters."""
    lines = [line.strip() for line in text.split("\n")]
    times = Counter(lines)
    return "\n".join(line for line in lines if line and times[line] == 1 and _is_text(line))


def _is_text(line: str) -> bool:
    words = line.split()
    if line[0] in "•-*‣" or line.endswith(("...", "…")):
        return False
    if len(words) < 5 and not line.endswith(_MARKS):
        return False
    letters = sum(char.isalpha() for char in line)
    counter = re.fullmatch(r"\W*\d+\s+(likes|shares|comments|retweets|reposts)\W*", line.lower())
    return letters >= 0.6 * len(line) and not counter


def justext_lines(text: str) -> str:
    """jusText's classifier with every line a paragraph."""
    paragraphs = []
    for line in text.split("\n"):
        if line.strip():
            paragraph = justext.core.Paragraph(justext.core.PathInfo())
            paragraph.append_text(line)
            paragraphs.append(paragraph)
    justext.core.classify_paragraphs(paragraphs, _STOP)
    justext.core.revise_paragraph_classification(paragraphs)
    return "\n".join(paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate)


def boilerpy_lines(text: str) -> str:
    """boilerpy3's ArticleExtractor with every line a block."""
    blocks = []
    for number, line in enumerate(line for line in text.split("\n") if line.strip()):
        count = len(line.split())
        rows = max(1, len(line) // 80)
        wrapped = count if rows > 1 else 0
        blocks.append(TextBlock(line, set(), count, 0, wrapped, rows, number))
    document = TextDocument(blocks)
    extractors.ArticleExtractor().filter.process(document)
    return str(document.content)


PEERS: dict[str, Callable[[str], str]] = {
    "keep everything": keep_everything,
    "C4 lines": c4,
    "Gopher and FineWeb lines": gopher_fineweb,
    "jusText over lines": justext_lines,
    "boilerpy3 over lines": boilerpy_lines,
}
