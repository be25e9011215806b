"""Fragments to HTML: escaped once, here, each match in a <mark>."""

from collections.abc import Iterable, Iterator
from html import escape

from markupsafe import Markup

from searchsvc.models.search import Fragment, Snippet


def html(fragments: Iterable[Fragment]) -> Markup:
    """The fragments as HTML."""
    # Plain strings, joined: Markup's own operations look at every piece again, at thrice the cost.
    return Markup(
        "".join(
            f"<mark>{escape(piece.text)}</mark>" if piece.match is not None else escape(piece.text)
            for piece in fragments
        )
    )


def anchored(lines: Iterable[Iterable[Fragment]]) -> Iterator[Markup]:
    """Each line as HTML; the matches begin at `#match-1`, `#match-2` and so on."""
    last = -1  # a match that goes over the end of a line begins only once
    for line in lines:
        pieces = []
        for piece in line:
            if piece.match is None:
                pieces.append(escape(piece.text))
            elif piece.match == last:
                pieces.append(f"<mark>{escape(piece.text)}</mark>")
            else:
                last = piece.match
                pieces.append(f'<mark id="match-{last + 1}">{escape(piece.text)}</mark>')
        yield Markup("".join(pieces))


def snippet_html(snippet: Snippet) -> Markup:
    """A snippet as HTML, with … where text was cut off."""
    return Markup(f"{'… ' if snippet.before else ''}{html(snippet.fragments)}{' …' if snippet.after else ''}")


def paragraphs(fragments: Iterable[Fragment]) -> list[list[Fragment]]:
    """The fragments of a text, parted at its line ends."""
    lines: list[list[Fragment]] = [[]]
    for piece in fragments:
        first, *others = piece.text.split("\n")
        if first:
            lines[-1].append(Fragment(first, piece.match))
        lines.extend([Fragment(text, piece.match)] if text else [] for text in others)
    return [line for line in lines if line]
