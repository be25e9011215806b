"""Quick checks before the expressions of title patterns: they skip no line that an expression matches."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.ingest.metadata.line_view import LineView
from searchsvc.ingest.metadata.title_patterns import _COPYRIGHT, _DATE, dated, site_owners
from searchsvc.ingest.metadata.title_words import COMMON

# Letters that `re.IGNORECASE` takes for others, or whose lower case is longer.
LOOKALIKES = {"s": "\u017f", "k": "\u212a", "i": "\u0131", "I": "\u0130"}
DATES, COPYRIGHTS = st.from_regex(_DATE), st.from_regex(_COPYRIGHT)
PIECES = st.sampled_from([
    "19", "20", "1", "12:", ".5.21", "h", "uhr", "ago", "read", "min", "May", "vor", "il", "y", "a", "hace", "月", "日",
    "©", "(c)", "copyr", "all", "rights", "reserved",
])  # fmt: skip
OTHERS = st.lists(PIECES, max_size=6).map(" ".join) | st.text(max_size=20)


def disguised(text: str, letters: Sequence[str]) -> str:
    """Return the text with some letters replaced by lookalikes."""
    return "".join(LOOKALIKES.get(c, c) if c in letters else c for c in text)


def lines(matching: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    """Return lists of lines, many of which an expression matches."""
    letters = st.lists(st.sampled_from(sorted(LOOKALIKES)))
    texts = st.builds("{} {} {}".format, OTHERS, matching, OTHERS) | matching | OTHERS
    return st.lists(st.builds(disguised, texts | texts.map(str.upper), letters), max_size=5)


@settings(deadline=None)
@given(lines(DATES))
def test_dated_lines_are_the_short_ones_that_the_expression_matches(texts: list[str]) -> None:
    view = LineView.of(texts)
    assert dated(view, 5) == [len(text) < 120 and _DATE.search(text) is not None for text in view.texts]


@settings(deadline=None)
@given(lines(COPYRIGHTS))
def test_owners_are_the_words_of_lines_that_the_expression_matches(texts: list[str]) -> None:
    view = LineView.of(texts)
    matching = [i for i, text in enumerate(view.lowered) if len(text) < 160 and _COPYRIGHT.search(text)]
    assert site_owners(view) == {word for i in matching for word in view.words[i]} - COMMON
