"""Gold of a file of Markdown, read from its source with none of the readers' code: code lines and plain sentences.

A sentence is a run of at least six words without any sign that may be syntax, outside code, front matter and
comments. It must be in the article as it is, apart from white space.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"^[\s>]*(`{3,}|~{3,})")
_PRE = re.compile(r"<pre.*?</pre>", re.S)
_LIQUID_CODE = re.compile(r"^\s*(?:\{% *highlight|\{\{[<%] *highlight)")
_LIQUID_END = re.compile(r"^\s*(?:\{% *endhighlight|\{\{[<%] */ *highlight)")
_FRONT = re.compile(r"\A\s*(?:---\n.*?\n---|\+\+\+\n.*?\n\+\+\+)[ \t]*(?:\n|\Z)", re.S)
_HEADERS = re.compile(r"\A(?:[A-Z][\w-]*:[^\n]*\n)+\n")
_HIDDEN = re.compile(r"<!--.*?-->|%%.*?%%|\{%.*?%\}|\{\{.*?\}\}", re.S)
_INLINE_CODE = re.compile(r"`+([^`\n]+)`+")
_PLAIN_RUN = re.compile(r"(?:(?<=\s)|^)[^\W\d_](?:[^\W_]|['’,; \n-]){20,}(?:[^\W_]|[.,;?])(?![\w*`!~\[])")
_LEAST_WORDS = 6
# Syntax that a reader does not see. Each is looked for in the article, outside its code.
SYNTAX = {
    "wiki link": re.compile(r"\[\[[^\]\n]*\]\]"),
    "link": re.compile(r"\]\([^)\n]*\)"),
    "image or embed": re.compile(r"!\["),
    "callout": re.compile(r"\[![A-Za-z]+\]"),
    "template": re.compile(r"\{\{|\{%|%\}|\}\}"),
    "attributes": re.compile(r"\{:|\{[.#][\w-]+"),
    "container": re.compile(r"(?m)^\s*(?::::|!!! |\?\?\? )"),
    "footnote": re.compile(r"\[\^[\w-]+\]"),
    "mark": re.compile(r"(?<!=)==\w[^=\n]*\w==(?!=)"),
    "comment": re.compile(r"<!--|%%[^%\n]+%%"),
    "task": re.compile(r"(?m)^\s*[-*] \[[ xX]\] "),
    "block id": re.compile(r"(?m) \^[a-z0-9]{4,}$"),
    "emphasis": re.compile(r"\*\*\w[^*\n]*\*\*|(?<![\w_])__\w[^_\n]*__(?![\w_])"),
    "heading": re.compile(r"(?m)^#{1,6} \w"),
    "tag or entity": re.compile(
        r"</?(?:div|span|p|br|img|a|b|i|table|td|tr|ul|li)\b[^>\n]*>|&(?:nbsp|amp|lt|gt|quot);"
    ),
    "front matter": re.compile(r"(?m)^(?:---|\+\+\+)$|^(?:layout|title|date|tags): "),
    "fence": re.compile(r"(?m)^\s*(?:```|~~~)"),
}


@dataclass(frozen=True, slots=True)
class Gold:
    """Code lines and sentences of a file, with single spaces, and its inline code.

    `indented`: lines that may be code, so that signs in them are no syntax.
    """

    code: tuple[str, ...]
    sentences: tuple[str, ...]
    inline_code: tuple[str, ...]
    indented: tuple[str, ...]


def gold_of(source: str) -> Gold:
    """Return the gold of a file."""
    source = source.replace("\r\n", "\n").lstrip("\ufeff")
    source = _HEADERS.sub("", _FRONT.sub("", source, count=1), count=1)
    code, text = list[str](), list[str]()
    for line, is_code in _lines(source):
        (code if is_code else text).append(line)
    outside = "\n".join(text)
    inline = tuple(dict.fromkeys(match[1].strip() for match in _INLINE_CODE.finditer(outside)))
    indented = tuple(spaced(line) for line in text if line.startswith(("    ", "\t")))
    return Gold(tuple(spaced(line) for line in code if line.strip()), tuple(_sentences(outside)), inline, indented)


def spaced(text: str) -> str:
    """Return a text with single spaces."""
    return " ".join(text.split())


def _lines(source: str) -> Iterator[tuple[str, bool]]:
    """Yield each line with whether it is in fenced code. Fences themselves become blank lines."""
    closing: re.Pattern[str] | None = None
    for line in _PRE.sub("\n", source).split("\n"):
        fence = _FENCE.match(line)
        if closing is None and (fence or _LIQUID_CODE.match(line)):
            closing = re.compile(rf"^[\s>]*{re.escape(fence[1])}[`~]*\s*$") if fence else _LIQUID_END
            yield "", False
        elif closing is not None and closing.match(line):
            closing = None
            yield "", False
        else:
            yield line, closing is not None


def _sentences(text: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", _HIDDEN.sub("\n\n", text)):
        if paragraph.startswith(("    ", "\t", "[", "|", "<")):
            continue
        for run in _PLAIN_RUN.finditer(paragraph):
            sentence = spaced(run[0])
            if len(sentence.split()) >= _LEAST_WORDS:
                yield sentence
