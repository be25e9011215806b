"""Markup inside the text of Markdown's dialects: wiki links, embeds, marks, notes, attributes, tags, emoji.

Text stays, syntax goes. Inline code and formulas stay as they are.
"""

import re
import unicodedata
from collections.abc import Iterator

from searchsvc.ingest.readers.placeholders import Placeholders
from searchsvc.ingest.readers.templates import without_modules, without_templates

_TICKS = re.compile(r"`+")
_PARAGRAPH_END = re.compile(r"\n[ \t>]*\n")
# A formula has no space inside its signs, and no digit after them: `$5 and $6` are prices.
_MATH = re.compile(
    r"(?<![\\$])\$\$(?=[^$])[^$]{1,5000}?\$\$|(?<![\\$\w])\$(?=[^\s$])[^$\n]{0,500}?(?<=[^\s\\$])\$(?![\d$\w])"
    r"|\\begin\{(?P<name>[a-z]{1,20}\*?)\}(?:(?!\\end\{).){1,3000}+\\end\{(?P=name)\}"
    r"|\\(?P<open>[(\[])(?P<inside>[^()\[\]\n]{1,500}+)\\[)\]]",
    re.S,
)
_FORMULA = re.compile(r"[\\^_=]")
_COMMENT = re.compile(r"[ \t]?%%(?:[^%]|%(?!%)){0,5000}+%%")
_EMBED = re.compile(r"!\[\[(?P<target>[^\[\]|\n]{0,500})(?:\\?\|(?P<alias>[^\[\]\n]{0,500}))?\]\]")
_WIKI_LINK = re.compile(r"\[\[(?P<target>[^\[\]|\n]{0,500}?)\\?(?:\|(?P<alias>[^\[\]\n]{0,500}))?\]\]")
_TABLE_OF_CONTENTS = re.compile(
    r"(?m)^[ \t]*(?:\[TOC\]|\[\[_?TOC_?\]\]|\$\{toc\}|@\[TOC\][^\n]*|\{:toc[^}\n]*\}|<!--[ ]?toc[ ]?-->)[ \t]*$", re.I
)
_KRAMDOWN_CONTENTS = re.compile(r"(?m)^(?:[-*+]|1\.)[ \t][^\n]{0,200}\n[ \t]{0,3}\{:[ \t]?toc[^{}\n]{0,200}\}[ \t]*$")
_MARKDOWN_INSIDE = re.compile(r"<[a-z]{1,20}[ \t][^<>]{0,300}?\bmarkdown(?:=[\"']?\w{1,9}[\"']?)?[^<>]{0,300}>", re.I)
_SIZE = re.compile(r"[\d x]*")
_FILE_NAME = re.compile(r"[^\n]{1,300}\.[A-Za-z]\w{1,4}")
_FOOTNOTE = re.compile(r"[ \t]?\[\^[^\]\s^\[]{1,80}\](?!\()")
_INLINE_FOOTNOTE = re.compile(r"\^\[(?P<text>[^\[\]]{1,1000})\]")
_MARK = re.compile(r"(?<![=\w])==(?=[^\s=])([^=\n]{1,500}?)(?<=\S)==(?![=\w])")
_KEYS = re.compile(r"(?<![+\w])\+\+([a-z][\w-]{0,20}(?:\+[\w-]{1,20}){0,5})\+\+(?![+\w])")
_SMALL = re.compile(r"(?<=[\w)])(?P<sign>[~^])([\w+-]{1,12})(?P=sign)(?![~^])")  # index or exponent
_STRUCK = re.compile(r"(?<![\w~:])(?P<sign>~|::)(?=[^\s~:])([^~:\n]{1,300})(?<=\S)(?P=sign)(?![\w~:])")
_REFERENCE = re.compile(r"[ \t]?\(\([0-9a-f]{8}-[0-9a-f-]{1,40}\)\)")  # to a block of Logseq
_INSERTED = re.compile(r"(?<![+\w])\+\+(?=[^\s+])([^+\n]{1,500}?)(?<=\S)\+\+(?![+\w])")
_CRITIC = re.compile(
    r"\{(?:\+\+(?P<added>[^{}]{0,500}?)\+\+|--[^{}]{0,500}?--|~~[^{}]{0,500}?~>(?P<new>[^{}]{0,500}?)~~"
    r"|==(?P<marked>[^{}]{0,500}?)==|>>[^{}]{0,500}?<<)\}"
)
_ATTRIBUTE = r"(?:[.#][\w:-]+|[\w:-]+=(?:\"[^\"\n]{0,300}\"|'[^'\n]{0,300}'|[^\s\"'{}]{1,300})|-)"
_ATTRIBUTES = re.compile(
    rf"(?<![ \t])[ \t]*+(?:\{{::?[^{{}}\n]{{0,500}}\}}|\{{/?:?/\w{{0,40}}\}}"
    rf"|\{{[ \t]*+{_ATTRIBUTE}(?:[ \t]++{_ATTRIBUTE}){{0,20}}[ \t]*+\}})"
)
_SPAN = re.compile(r"(?<![!\]\w])\[([^\[\]\n]{1,300})\](?=\{)")
_BLOCK_ID = re.compile(r"(?m)(?<![ \t])(?:^|[ \t]++)\^(?=[\w-]{0,60}[a-zA-Z])[A-Za-z0-9-]{2,60}[ \t]*$")
_TASK = re.compile(r"(?m)^([ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+)\[[ xX/<>!?*-]\][ \t]+")
_EMOJI = re.compile(r"(?<![\w:/]):(?P<name>[a-z][a-z0-9_+-]{1,60}|\+1|-1|100|1234):(?![\w:/])")
_SHORTCODES = {"+1": "👍", "-1": "👎", "tada": "🎉", "smile": "😄", "heart": "❤", "warning": "⚠", "bulb": "💡",
    "white_check_mark": "✅", "heavy_check_mark": "✔", "x": "❌", "star": "⭐", "fire": "🔥", "bug": "🐛",
    "laughing": "😆", "thumbsup": "👍", "information_source": "ℹ", "point_right": "👉", "100": "💯"}  # fmt: skip
_ICON = re.compile(r"(?:material|fontawesome|octicons|simple|fa|mdi)-[a-z0-9-]+")
_UNRESOLVED = re.compile(r"(?<![\w\]!])\[(?P<text>[^\[\]\n]{1,300})\]\[(?P<label>[^\[\]\n]{0,200})\]")
_DEFINED = re.compile(r"(?m)^[ >]{0,9}\[(?!\^)([^\[\]\n]{1,200})\]:[ \t]*\S")
_TEXT_ROLE = re.compile(r"\{[\w:-]{1,40}\}(?=\x02|`)")  # MyST: {ref}`text`
_ABBREVIATION = re.compile(r"(?m)^\*\[([^\]\n]{1,80})\]:(?=[ \t])")
_LOGSEQ = re.compile(r"(?m)^[ \t]*(?:- )?(?:collapsed|id|heading|background-color|SCHEDULED|DEADLINE)::?[ \t][^\n]*\n?")
_BREAK = re.compile(r"<br[ \t]*/?>[ \t]*\n?", re.I)
_TAG = re.compile(r"(?<!\S)#(?=[\w/-]*[^\W\d_])([\w][\w/-]{0,80})(?![\w#])")
_MOST_TAGS = 30


def without_syntax(text: str, placeholders: Placeholders) -> str:
    """Return a run of text lines of Markdown without the markup of its dialects. Inline code becomes placeholders."""
    text = _with_placeholders(text, placeholders)
    if "%%" in text:
        text = _COMMENT.sub("", text)
    if "<" in text or "import" in text or "export" in text:
        text = without_modules(text)
    text = without_templates(text, placeholders)
    if "{:" in text:
        text = _KRAMDOWN_CONTENTS.sub("", text)
    if "markdown" in text and "<" in text:
        text = _MARKDOWN_INSIDE.sub("\n\n", text)
    if "[" in text:
        text = _without_brackets(text)
    if "{" in text:
        text = _CRITIC.sub(lambda match: match["added"] or match["new"] or match["marked"] or "", text)
        text = _ATTRIBUTES.sub("", _TEXT_ROLE.sub("", text))
    for signs, pattern, replacement in (
        ("==", _MARK, r"\1"),
        ("++", _KEYS, r"\1"),
        ("++", _INSERTED, r"\1"),
        ("~", _SMALL, r"\2"),
        ("^", _SMALL, r"\2"),
        ("~", _STRUCK, r"\2"),
        ("::", _STRUCK, r"\2"),
        ("((", _REFERENCE, ""),
        ("^", _BLOCK_ID, ""),
        ("::", _LOGSEQ, ""),
        ("*[", _ABBREVIATION, r"\1:"),
    ):
        if signs in text:
            text = pattern.sub(replacement, text)
    return _EMOJI.sub(_emoji, text) if ":" in text else text


def _without_brackets(text: str) -> str:
    text = _TABLE_OF_CONTENTS.sub("", text)
    if "[[" in text:
        text = _WIKI_LINK.sub(_link, _EMBED.sub(_embed, text.replace("#[[", "[[")))
    if "^" in text:
        text = _INLINE_FOOTNOTE.sub(r" (\g<text>)", _FOOTNOTE.sub("", text))
    return _SPAN.sub(r"\1", _TASK.sub(r"\1", text))


def without_unresolved(text: str, defined: frozenset[str]) -> str:
    """Return a text with the text of links alone whose address is not defined. `defined`: folded labels."""

    def resolved(match: re.Match[str]) -> str:
        label = " ".join((match["label"] or match["text"]).lower().split())
        return match[0] if label in defined else match["text"]

    return _UNRESOLVED.sub(resolved, text) if "][" in text else text


def defined_labels(text: str) -> frozenset[str]:
    """Return the labels of the addresses that a text defines, folded."""
    return frozenset(" ".join(match[1].lower().split()) for match in _DEFINED.finditer(text))


def is_definition(line: str) -> bool:
    """Return whether a line defines the address of a link."""
    return "]:" in line and _DEFINED.match(line) is not None


def tags_in(text: str) -> tuple[str, ...]:
    """Return the tags in a text, such as `#seafood`, without their sign."""
    if "#" not in text:
        return ()
    return tuple(dict.fromkeys(match[1].rstrip("/-") for match in _TAG.finditer(text)))[:_MOST_TAGS]


def _with_placeholders(text: str, placeholders: Placeholders) -> str:
    """Put inline code and formulas aside."""
    if "`" in text:
        text = "".join(_code_aside(text, placeholders))
    if "$" in text or "\\(" in text or "\\[" in text or "\\begin{" in text:
        text = _MATH.sub(lambda match: _formula(match, placeholders), text)
    return text


def _formula(match: re.Match[str], placeholders: Placeholders) -> str:
    """Put a formula aside. Escaped brackets without signs of a formula are text."""
    is_text = match["open"] and not _FORMULA.search(match["inside"])
    return match[0] if is_text else placeholders.put(match[0])


def _code_aside(text: str, placeholders: Placeholders) -> Iterator[str]:
    """Yield the text with a placeholder for each code span: a run of ticks up to the next run of that length."""
    runs = list(_TICKS.finditer(text))
    following: dict[int, int] = {}
    closing = [0] * len(runs)  # index of the next run of the same length; 0 for none
    for index in range(len(runs) - 1, -1, -1):
        length = len(runs[index][0])
        closing[index] = following.get(length, 0)
        following[length] = index
    at = index = 0
    while index < len(runs):
        start, end = runs[index], closing[index]
        inside = text[start.end() : runs[end].start()] if end else ""
        if (
            not end
            or (len(inside) > 2_000 or _PARAGRAPH_END.search(inside))
            or text[start.start() - 1 : start.start()] == "\\"
        ):
            index += 1
            continue
        yield text[at : start.start()]
        yield placeholders.put(" ".join(inside.split("\n")).strip() or inside)
        at, index = runs[end].end(), end + 1
    yield text[at:]


def _embed(match: re.Match[str]) -> str:
    """Return the text in place of an embed: the caption of a file, or the name of a note."""
    alias = (match["alias"] or "").strip()
    target = match["target"].partition("#")[0].strip()
    if not alias and not _FILE_NAME.fullmatch(target):
        return _link(match)
    if alias and not _SIZE.fullmatch(alias):
        return alias.rsplit("|", 1)[0] if _SIZE.fullmatch(alias.rsplit("|", 1)[-1]) else alias
    return "" if _FILE_NAME.fullmatch(target) else target


def _link(match: re.Match[str]) -> str:
    """Return the text of a wiki link: its alias, else its target with the heading."""
    alias = (match["alias"] or "").strip()
    if alias:
        return alias
    target, _, heading = match["target"].partition("#")
    target = target.strip().removesuffix(".md")
    heading = "" if heading.startswith("^") else heading.replace("#", " ").strip()
    return f"{target} {heading}".strip()


def _emoji(match: re.Match[str]) -> str:
    name = match["name"]
    if name in _SHORTCODES:
        return _SHORTCODES[name]
    if _ICON.fullmatch(name):
        return ""
    try:
        return unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return ""
