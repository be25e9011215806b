"""HTML tags and entities inside fields and plain text, where no HTML page is expected."""

import re
from collections.abc import Iterator
from html import unescape

from searchsvc.ingest.readers.unit_text import Block, UnitText, joined
from searchsvc.models.documents import CODE

_BLOCKS = (
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header",
    "hr", "html", "li", "main", "nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody", "td",
    "tfoot", "th", "thead", "title", "tr", "ul",
)  # fmt: skip
_INLINE = (
    "a", "abbr", "acronym", "audio", "b", "bdi", "bdo", "big", "button", "cite", "code", "data", "del", "dfn", "em",
    "embed", "font", "i", "iframe", "img", "input", "ins", "kbd", "label", "mark", "noscript", "object", "picture",
    "q", "rp", "rt", "ruby", "s", "samp", "small", "source", "span", "strike", "strong", "sub", "sup", "svg", "time",
    "tt", "u", "var", "video", "wbr",
)  # fmt: skip
_HIDDEN = ("script", "style", "template", "noscript")
# Possessive, and without `<` inside: linear on any text. A tag with `>` in an attribute ends early.
_TAG = re.compile(r"<[!/?]?([a-z][\w:-]*+)[^<>]*+>", re.I)
_CLOSING = re.compile(r"</([a-z][a-z0-9]*+)\s*+>", re.I)
_LINE_BREAK = re.compile(r"<(?:br|hr|img)(?:\s[^<>]*+)?/?>", re.I)
_ESCAPED_CLOSING = re.compile(r"&lt;/([a-z][a-z0-9]*+)\s*+&gt;", re.I)
_KNOWN = frozenset(_BLOCKS + _INLINE)
_IS_BLOCK = frozenset(_BLOCKS)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.I)
_PRE = re.compile(r"<(/?)pre(?=[\s/>])[^<>]*+>", re.I)
_SPACES = re.compile(r"\s+")
_PARAGRAPH = re.compile(r"<(?:p|br|div|li|td)[\s/>]", re.I)  # tags of a text whose line ends are spaces
_BLANK = re.compile(r"\n[ \t]*+\n\s*+")
_LINE_END = re.compile(r"\n\s*+")
_CELLS = re.compile(r"</t[dh]\s{0,99}>\s{0,99}<t[dh](?=[\s>])[^<>]*+>", re.I)
# Shortcodes of WordPress and its page builders.
_SHORTCODE = re.compile(
    r"\[/?(?:caption|gallery|embed|audio|video|playlist|contact-form-7|(?:vc|et_pb|fusion|su|wp|av|mk)_\w{1,60})"
    r"(?:[ \t][^\[\]\n]{0,1000})?\]"
)
_BREAK = "\x00"  # ends a line; no text holds it


def has_markup(text: str) -> bool:
    """Return whether a text holds HTML: a closing tag or a line break, not only a `<` or the name of a tag."""
    return ("</" in text and _is_known(_CLOSING, text)) or ("<" in text and _LINE_BREAK.search(text) is not None)


def _is_known(tag: re.Pattern[str], text: str) -> bool:
    return any(match[1].lower() in _KNOWN for match in tag.finditer(text))


def _is_escaped(text: str) -> bool:
    return "&lt;" in text and _is_known(_ESCAPED_CLOSING, text)


def without_entities(text: str) -> str:
    """Return plain text with its entities (`&eacute;`) decoded. Other ampersands stay."""
    return _ENTITY.sub(lambda match: unescape(match[0]), text) if "&" in text else text


def one_line(text: str) -> str:
    """Return the text of a field without tags and entities, such as the title `Quays &amp; <b>seas</b>`."""
    if _is_escaped(text):
        text = unescape(text)
    if has_markup(text):
        text = _TAG.sub(lambda tag: _replaced(tag, " ", False), text)
    return without_entities(text)


def plain_text(text: str, is_html: bool = False) -> str:
    """Return a text without HTML, a line for each block; unchanged but for entities if it holds no HTML.

    `is_html`: whether it is known to be HTML, so that all tags count. Linear in the text.
    """
    return plain_html(text, is_html).text if is_markup(text, is_html) else without_entities(text)


def is_markup(text: str, is_html: bool = False) -> bool:
    """Return whether a text is HTML, escaped once more or not."""
    return is_html or has_markup(text) or _is_escaped(text)


def plain_html(text: str, is_html: bool = True) -> UnitText:
    """Return the text of HTML, a line for each block. The content of `<pre>` is a unit. Linear in the text."""
    return joined(html_blocks(text, is_html))


def html_blocks(text: str, is_html: bool = True) -> Iterator[Block]:
    """Yield the blocks of HTML without tags."""
    if _is_escaped(text) and not has_markup(text):
        text = unescape(text)  # feeds escape their HTML once more
    for element in _HIDDEN:
        text = _without_element(text, element)
    text = _without_captions(text)
    text = _CELLS.sub(" | ", _SHORTCODE.sub("", _without_comments(text)))
    line_end = _BLANK if is_html or _PARAGRAPH.search(text) else _LINE_END
    for number, part in enumerate(_split_pre(text)):
        marked = _TAG.sub(lambda tag: _replaced(tag, _BREAK, is_html), part)
        if number % 2:
            yield Block(unescape(marked.replace(_BREAK, "\n")).strip("\n"), CODE)
        else:
            for paragraph in line_end.sub(_BREAK, marked).split(_BREAK):
                yield Block(_SPACES.sub(" ", unescape(paragraph)).strip())


def _replaced(tag: re.Match[str], for_block: str, any_tag: bool) -> str:
    """Return the text in place of a tag: `for_block`, nothing for an inline tag, itself for an unknown name."""
    name = tag[1].lower()
    if name in _IS_BLOCK:
        return for_block
    return "" if any_tag or name in _KNOWN else tag[0]


def _split_pre(text: str) -> list[str]:
    """Split HTML into parts outside and inside `<pre>`, alternating."""
    parts, start, inside = [], 0, False
    for match in _PRE.finditer(text):
        if bool(match[1]) == inside:
            parts.append(text[start : match.start()])
            start, inside = match.end(), not inside
    return [*parts, text[start:]]


def _without_comments(text: str) -> str:
    parts, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        parts.append(text[at:start])
        at = end + 3
    return "".join(parts) + text[at:] if parts else text


def _without_captions(text: str) -> str:
    """Remove the captions of figures, unless they are longer than the text outside them."""
    without = _without_element(text, "figcaption")
    return without if 2 * _text_length(without) >= _text_length(text) else text


def _text_length(text: str) -> int:
    return len(_TAG.sub("", text))


def _without_element(text: str, name: str) -> str:
    """Remove an element with its content. An element that is not closed keeps its content."""
    opening = re.compile(rf"<{name}(?=[\s/>])[^<>]*+>", re.I)
    closing = re.compile(rf"</{name}\s*+>", re.I)
    parts, at = [], 0
    while (start := opening.search(text, at)) and (end := closing.search(text, start.end())):
        parts.append(text[at : start.start()])
        at = end.end()
    return "".join(parts) + text[at:] if parts else text
