"""Features of title candidates line by line, in plain Python: the oracle of the arrays."""

import re
from collections import Counter
from math import log1p

from searchsvc.ingest.metadata.line_view import BULLETS, LineView
from searchsvc.ingest.metadata.title_features import _LENGTHS, _LONG, BEHIND, MOST_WORDS
from searchsvc.ingest.metadata.title_patterns import _BYLINE, _COPYRIGHT, _DATE
from searchsvc.ingest.metadata.title_words import CLUTTER, COMMON, CREDITS, GENERIC, LOGOS

_GLUED = re.compile(r"[a-z][A-Z][a-z]")
_SITE = re.compile(r" [|»–—-] |::|\|| • ")


def _owners(lines: LineView) -> frozenset[str]:
    """Return the words of copyright lines. They hold the site's name, which is no title."""
    owner_words: set[str] = set()
    for text, folded in zip(lines.texts[-200:], lines.folded[-200:], strict=True):
        if len(text) < 160 and _COPYRIGHT.search(text):
            owner_words.update(folded.split())
    return frozenset(owner_words) - COMMON


class PlainTitleFeatures:
    """Features of title candidates, with counts that all candidates of a text share."""

    def __init__(self, lines: LineView) -> None:
        self.lines = lines
        start, end = lines.main
        self.start = start
        self.copies = Counter(lines.folded)
        self.body = self._body_words(start, end)
        head = min(len(lines), start + BEHIND)
        self.joined = [f" {text} " for text in lines.folded[:head]]
        self.dated = [bool(_DATE.search(text[:120])) and len(text) < 120 for text in lines.texts[: head + 8]]
        self.by = [bool(_BYLINE.match(text)) and len(text) < 160 for text in lines.texts[: head + 8]]
        self.credited = [self._is_credited(i) for i in range(min(len(lines), head + 8))]
        self.bulleted = [text.startswith(BULLETS) for text in lines.texts[: head + 8]]
        self.weights = [self._weighed(i) for i in range(min(len(lines), head + 2))]
        self.prose_before = self._prose_before()
        self.owners = _owners(lines)
        self.long = self._long_before()

    def _body_words(self, start: int, end: int) -> Counter[str]:
        texts = [
            text for text, prose in zip(self.lines.folded[start:end], self.lines.prose[start:end], strict=True) if prose
        ]
        return Counter(word for text in texts[:60] for word in set(text.split()) if len(word) > 3)

    def _prose_before(self) -> list[int]:
        total, sums = 0, []
        for prose, word_count in zip(self.lines.prose, self.lines.word_counts, strict=True):
            sums.append(total)
            total += word_count if prose else 0
        return [*sums, total]

    def _long_before(self) -> list[int]:
        total, sums = 0, []
        for word_count in self.lines.word_counts:
            sums.append(total)
            total += word_count >= _LONG
        return [*sums, total]

    def features(self, i: int) -> dict[str, float]:
        return self._place(i) | self._shape(i) | self._wording(i) | self._neighbours(i) | self._surroundings(i)

    def _place(self, i: int) -> dict[str, float]:
        gap = self.start - i
        return {
            "index": log1p(i),
            "first": float(i == 0),
            "early": float(i < 3),
            "top": float(i < 8),
            "gap": log1p(max(0, gap)),
            "gap1": float(gap == 1),
            "gap23": float(1 < gap <= 3),
            "gap48": float(3 < gap <= 8),
            "inside": float(gap <= 0),
            "far inside": log1p(max(0, -gap)),
            "prose before": log1p(self.prose_before[i]),
        }

    def _shape(self, i: int) -> dict[str, float]:
        text, count = self.lines.texts[i], self.lines.word_counts[i]
        words = text.split()
        big = [word for word in words if len(word) > 3]
        bucket = next(name for most, name in _LENGTHS if count <= most)
        return {
            bucket: 1.0,
            "ends .": float(text.endswith(".")),
            "ends ?": float(text.endswith(("?", "!"))),
            "ends :": float(text.endswith((":", ",", "…", "...", ";"))),
            "bullet": float(text.startswith(BULLETS)),
            "number": float(text[0].isdigit() and text[:4].rstrip().endswith((".", ")"))),
            "lower": float(text[0].islower()),
            "capitals": float(text.isupper()),
            "title case": sum(word[0].isupper() for word in big) / len(big) if big else 0.0,
            "commas": float(text.count(",") > 2),
            "site": float(_SITE.search(text) is not None),
            "address": float("http" in text or "@" in text or "www." in text),
            "quote": float(text[0] in "\"“'‘" and text[-1] in "\"”'’"),
            "glued": float(bool(_GLUED.search(text))),
            "prose": float(self.lines.prose[i]),
        }

    def _wording(self, i: int) -> dict[str, float]:
        folded = self.lines.folded[i]
        words = folded.split()
        long_words = [word for word in words if len(word) > 3]
        shared = sum(word in self.body for word in long_words)
        weight = self._weight(i)
        copies = self.copies[folded]
        return {
            "likeness": shared / len(long_words) if long_words else 0.0,
            "known": log1p(shared),
            "weight": weight,
            "more than before": weight - self._weight(i - 1),
            "more than before that": weight - self._weight(i - 2),
            "more than after": weight - self._weight(i + 1),
            "more than after that": weight - self._weight(i + 2),
            "debris start": float(words[0] in CLUTTER),
            "debris share": sum(word in CLUTTER for word in words) / len(words),
            "generic": float(len(words) <= 3 and not GENERIC.isdisjoint(words)),
            "twice": float(copies == 2),
            "often": float(copies > 2),
            "repeats": float(copies > 1 and len(words) > 2),
            "within": self._is_within_other_line(i),
            "owner": sum(word in self.owners for word in words) / len(words),
            "owned": float(all(word in self.owners for word in words)),
            "logo": float(words[-1] in LOGOS),
            "dated": float(self.dated[i]),
            "by": float(self.by[i]),
        }

    def _weight(self, i: int) -> float:
        """Return the number of prose lines with words of line `i`, on a log scale; 0 out of range."""
        return self.weights[i] if 0 <= i < len(self.weights) else 0.0

    def _weighed(self, i: int) -> float:
        if self.lines.word_counts[i] > MOST_WORDS:
            return 0.0
        return log1p(sum(self.body[word] for word in self.lines.folded[i].split() if len(word) > 3))

    def _plain(self, i: int) -> bool:
        """Return whether line `i` may be a title or a subtitle: no menu entry, date, byline or prose."""
        if not 0 <= i < len(self.bulleted) or self.bulleted[i] or self.dated[i] or self.by[i]:
            return False
        return 4 <= self.lines.word_counts[i] <= 30 and not self.lines.prose[i]

    def _is_within_other_line(self, i: int) -> float:
        """Return 1.0 if another early line contains line `i` and more, like "Title | Site", else 0.0."""
        folded = self.joined[i] if i < len(self.joined) else ""
        if folded.count(" ") < 4:
            return 0.0
        near = self.joined[max(0, i - 60) : i + 20] + self.joined[:3]
        return float(any(folded in candidate and len(candidate) > len(folded) for candidate in near))

    def _neighbours(self, i: int) -> dict[str, float]:
        lines, size = self.lines, len(self.lines)
        after = range(i + 1, min(size, i + 4))
        before = range(max(0, i - 3), i)
        short = [lines.word_counts[k] <= 4 for k in range(max(0, i - 6), min(size, i + 7)) if k != i]
        longest = max((lines.word_counts[k] for k in [*before, *after] if not lines.prose[k]), default=0)
        return {
            "by after": float(any(self.by[k] for k in after)),
            "date after": float(any(self.dated[k] for k in after)),
            "date before": float(any(self.dated[k] for k in before)),
            "prose after": float(i + 1 < size and lines.prose[i + 1]),
            "prose before it": float(i > 0 and lines.prose[i - 1]),
            "bullet after": float(i + 1 < size and self.bulleted[i + 1]),
            "bullet before": float(i > 0 and self.bulleted[i - 1]),
            "short around": sum(short) / len(short) if short else 0.0,
            "long before": min(6, self.long[i] - self.long[max(0, i - 8)]) / 6,
            "long after": min(6, self.long[max(self.start, i + 1)] - self.long[i + 1]) / 6,
            "short before": float(i == 0 or lines.word_counts[i - 1] <= 3),
            "short after": float(i + 1 < size and lines.word_counts[i + 1] <= 3),
            "plain before": float(self._plain(i - 1)),
            "plain before that": float(self._plain(i - 2)),
            "plain after": float(self._plain(i + 1)),
            "plain after that": float(self._plain(i + 2)),
            "longer than before": float(self._plain(i - 1) and lines.word_counts[i] > lines.word_counts[i - 1]),
            "shorter than after": float(self._plain(i + 1) and lines.word_counts[i] < lines.word_counts[i + 1]),
            "longer": float(lines.word_counts[i] > longest),
            "copy before": float(i > 0 and lines.folded[i - 1] == lines.folded[i]),
            "copy after": float(i + 1 < size and lines.folded[i + 1] == lines.folded[i]),
            "copy near": float(any(lines.folded[k] == lines.folded[i] for k in self._near(i, 3) if abs(k - i) > 1)),
        }

    def _near(self, i: int, count: int) -> list[int]:
        return [k for k in range(max(0, i - count), min(len(self.lines), i + count + 1)) if k != i]

    def _is_credited(self, i: int) -> bool:
        text = self.lines.texts[i]
        return bool(CREDITS & set(self.lines.words[i])) or "©" in text or text.endswith(("拡大", "撮影", "提供", "摄"))

    def _surroundings(self, i: int) -> dict[str, float]:
        near = [self.lines.folded[k].split() for k in self._near(i, 2)]
        here = self.lines.folded[i].split()
        longer = [words for words in near if len(words) > len(here)]
        shorter = [words for words in near if len(words) < len(here) and len(" ".join(words)) >= 9]
        return {
            "credit": float(self.credited[i]),
            "credit after": float(any(self.credited[i + 1 : i + 3])),
            "credit before": float(any(self.credited[max(0, i - 2) : i])),
            "less than most": max([self._weight(k) for k in self._near(i, 8)], default=0.0) - self._weight(i),
            "begins neighbour": float(any(words[: len(here)] == here for words in longer)),
            "ends neighbour": float(any(words[-len(here) :] == here for words in longer)),
            "ends with neighbour": float(any(here[-len(words) :] == words for words in shorter)),
            **self._counted("plain", [self._plain(k) for k in range(len(self.bulleted))], i),
            **self._counted("date", self.dated, i),
            **self._counted("by", self.by, i),
            **self._counted("bullet", self.bulleted, i),
        }

    def _counted(self, name: str, flags: list[bool], i: int) -> dict[str, float]:
        above, below = sum(flags[max(0, i - 8) : i]), sum(flags[i + 1 : i + 9])
        return {f"{name} above": min(4, above) / 4, f"{name} below": min(4, below) / 4}
