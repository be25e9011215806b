"""Figures of HTML pages: code, tables and quotations in them are text, and captions only on pages of pictures."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

_CONTENT = frozenset({"pre", "table", "blockquote", "p", "ul", "ol", "dl", "math"})  # in a figure, besides pictures
_NO_PROSE = frozenset(
    {"script", "style", "noscript", "template", "nav", "header", "footer", "aside", "form", "figure", "head", "select",
     "button", "h1", "h2", "h3", "h4", "h5", "h6"}
)  # fmt: skip
_OUTSIDE = ("nav", "header", "footer", "aside", "form")
_LEAST = 40  # characters of running text; menu entries are shorter
_FEW_WORDS = 12  # of all captions of a page of pictures, at least


def open_figures(tree: "_Element") -> None:
    """Change the figures of a page so that extraction, which drops them whole, leaves their text.

    Figures with code, tables or quotations keep these without their captions. If the captions of a page are longer than
    its running text, as on a page of pictures, they are paragraphs.
    """
    figures = [each for each in tree.iter("figure") if next(each.iterancestors(*_OUTSIDE), None) is None]
    captions = {figure: _caption(figure) for figure in figures}
    texts = [_text(caption) for caption in captions.values() if caption is not None]
    length = sum(map(len, texts))
    is_gallery = sum(len(text.split()) for text in texts) >= _FEW_WORDS and length > _prose_length(tree, length)
    for figure, caption in captions.items():
        if is_gallery and caption is not None:
            figure.tag, caption.tag = "div", "p"
        elif any(element.tag in _CONTENT for element in _outside(figure, caption)):
            figure.tag = "div"
            if caption is not None:
                caption.clear(keep_tail=True)


def _caption(figure: "_Element") -> "_Element | None":
    return next(figure.iter("figcaption"), None)


def _outside(figure: "_Element", caption: "_Element | None") -> Iterator["_Element"]:
    """Yield the elements of a figure but those of its caption."""
    inside = set() if caption is None else set(caption.iter())
    return (element for element in figure.iter() if element not in inside)


def _text(element: "_Element") -> str:
    return " ".join("".join(map(str, element.itertext())).split())


def _prose_length(tree: "_Element", enough: int) -> int:
    """Return the characters of running text outside figures, or a number of at least `enough`."""
    scope = next(tree.iter("article"), None)
    total, waiting = 0, [tree if scope is None else scope]
    while waiting and total <= enough:
        element = waiting.pop()
        if not isinstance(element.tag, str) or element.tag in _NO_PROSE:
            continue
        if element.tag == "p":
            total += len(_text(element))
            continue
        texts = [element.text, *(child.tail for child in element)]
        total += sum(length for text in texts if text and (length := len(text.strip())) >= _LEAST)
        waiting += element
    return total
