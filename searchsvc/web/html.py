"""Highlighted fragments as HTML: text is escaped, each match is in a <mark>."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from markupsafe import Markup

from searchsvc.models.search import Fragment, Snippet


def html(fragments: Sequence[Fragment]) -> Markup:
    """Return the fragments as HTML."""
    # Plain strings are joined because Markup's own operations check each piece again, at three times the cost.
    return Markup(marked(fragments))


def marked(fragments: Sequence[Fragment]) -> str:
    """Return the fragments as HTML, for JSON."""
    text = "".join([piece.text for piece in fragments])
    if escape(text) == text:  # escaping is tested once per passage, which is faster than per piece
        return "".join([f"<mark>{piece.text}</mark>" if piece.match is not None else piece.text for piece in fragments])
    return "".join(
        [f"<mark>{escape(piece.text)}</mark>" if piece.match is not None else escape(piece.text) for piece in fragments]
    )


def anchored(lines: Iterable[Iterable[Fragment]]) -> Iterator[Markup]:
    """Yield each line as HTML; matches have the ids `match-1`, `match-2` and so on."""
    last = -1  # a match that spans lines has its id only once
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
    """Return a snippet as HTML, with … where the text is cut off."""
    return Markup(marked_snippet(snippet))


def marked_snippet(snippet: Snippet) -> str:
    """Return a snippet as HTML for JSON, with … where the text is cut off."""
    return f"{'… ' if snippet.before else ''}{marked(snippet.fragments)}{' …' if snippet.after else ''}"


def paragraphs(fragments: Iterable[Fragment]) -> list[list[Fragment]]:
    """Return the fragments of a text, split into lines."""
    lines: list[list[Fragment]] = [[]]
    for piece in fragments:
        first, *following = piece.text.split("\n")
        if first:
            lines[-1].append(Fragment(first, piece.match))
        lines.extend([Fragment(text, piece.match)] if text else [] for text in following)
    return [line for line in lines if line]
