"""Lines of Markdown, split into code and text, with the containers of its dialects opened.

Containers are admonitions (`!!! note`, `:::note`), callouts (`> [!note]`), tabs (`=== "Tab"`) and footnotes (`[^1]:`).
Their contents become ordinary Markdown, since their indentation would make code of them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_LONGEST_LINE = 5_000  # characters of a line that may hold markup
_MARGIN = r"(?>[ \t]*+(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t])))*+[ \t]*+"  # quotation and list marks before a fence
_FENCE = re.compile(rf"(?P<margin>{_MARGIN})(?P<fence>`{{3,}}|~{{3,}})[ \t]*(?P<info>[^\n]*)$")
# Tags around code: of Liquid, of Hugo and of HTML.
_OPENED = re.compile(
    r"(?P<margin>[ \t]*)(?:\{%-?[ \t]*(?P<liquid>highlight|codeblock|code|math|mermaid)\b[^%\n]*%\}"
    r"|\{\{[<%][ \t]*(?P<hugo>highlight|code|mermaid|math|katex)\b[^<>%\n]*[%>]\}\}"
    r"|<(?P<html>pre|script|style|textarea)(?=[\s>])[^\n]*)[ \t]*$",
    re.I,
)
_BLOCK_LINE = re.compile(r"/{3}(?:[ \t]+[\w-]+(?:[ \t]*\|[^\n]*)?)?[ \t]*$")
_QUOTED = re.compile(r"(?P<margin>[ \t]*(?:>[ \t]?)+)(?P<text>.*)$")
_CALLOUT = re.compile(
    r"(?P<margin>[ \t]*(?:>[ \t]?)+)\[!(?P<kind>[^\]\n|]{1,40})(?:\|[^\]\n]{0,40})?\][+-]?[ \t]*(?P<title>.*)$"
)
_ADMONITION = re.compile(
    r"(?P<indent>[ \t]*)(?:!!!|\?\?\?\+?)[ \t]++(?P<kinds>\w[\w -]{0,80}?)?[ \t]*+(?:\"(?P<title>[^\"]*)\")?[ \t]*$"
)
_TAB = re.compile(r"(?P<indent>[ \t]*)===[!+]?[ \t]+\"(?P<title>[^\"]*)\"[ \t]*$")
_FOOTNOTE = re.compile(r"(?P<indent>[ ]{0,3})\[\^(?P<label>[^\]\s^]{1,80})\]:[ \t]*(?P<text>.*)$")
_COLONS = re.compile(r"[ \t]*(?::{3,}|/{3,})[ \t]*(?P<rest>[^\n]*)$")
_COLON_KIND = re.compile(r"\{?[\w.:-]{1,40}\}?(?=[\s\[{|]|$)[ \t]*\|?")
_BRACES = re.compile(r"\{[^{}]*\}")
_BRACE_TITLE = re.compile(r"\b(?:title|summary|caption)[ \t]*=[ \t]*(?:\"([^\"]*)\"|'([^']*)')")
# Directives of MyST and admonition plug-ins whose fence holds text.
_TEXT_FENCE = re.compile(
    r"(?:\{(?P<myst>note|warning|tip|hint|important|caution|attention|danger|error|seealso|admonition|topic|epigraph"
    r"|dropdown|card|margin|sidebar)\}|ad-\w+|callout)[ \t]*(?P<title>.*)$"
)
_LIST_ITEM = re.compile(r"(?P<mark>[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+)\S")
_LANGUAGE_LINE = re.compile(r"[ \t]+(?::::|#!)[\w+-]+(?:[ \t].*)?$")  # first line of indented code, for Pygments
_LINK_DEFINITION = re.compile(r" {0,3}\[(?!\^)[^\[\]\n]{1,200}\]:[ \t]*\S")
_DEFINITION = re.compile(r" {0,3}:[ \t]{1,4}(?=\S)")
_LINE_BLOCK = re.compile(r"\|[ ](?P<text>[^|\n]+)$")  # verse of Pandoc
_EXAMPLE = re.compile(r"\(@[\w-]{0,40}\)[ \t]+")  # numbered example of Pandoc
# Commands for the page, and snippets of other files.
_DROPPED = re.compile(r"\\(?:newpage|pagebreak|clearpage|tableofcontents|maketitle)[ \t]*$|-{1,4}8<-{1,4}[^\n]*$")
TAB_WIDTH = 4


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of Markdown. Code stays as it is."""

    text: str
    is_code: bool = False


def source_lines(text: str) -> Iterator[SourceLine]:
    """Yield the lines of a text with the containers of its dialects opened."""
    scanner = _SourceScanner()
    for line in text.split("\n"):
        yield from scanner.lines_of(line)
    yield from scanner.end()


@dataclass(slots=True)
class _SourceScanner:
    """State of the scan. `containers`: indents of the open admonitions; `list_indent`: of a list item's text."""

    containers: list[int] = field(default_factory=list)
    closing: re.Pattern[str] | None = None  # matches the line that ends the code
    closing_text: str | None = None  # in place of that line; None for itself
    after_blank: bool = True
    in_code: bool = False  # in indented code
    is_text_fence: bool = False
    list_indent: int = 0

    def lines_of(self, line: str) -> Iterator[SourceLine]:
        """Yield the lines in place of a line."""
        if len(line) > _LONGEST_LINE:
            yield SourceLine(line)
            return
        line = self._without_container(line)
        if self.closing:
            yield from self._code(line)
        elif not line.strip():
            self.after_blank = True
            yield SourceLine(line, self.in_code)
        elif self._is_indented_code(line):
            if self.in_code or not _LANGUAGE_LINE.match(line):
                yield SourceLine(line, True)
            self.in_code, self.after_blank = True, False
        else:
            self.in_code = False
            yield from self._text(line)
            self.after_blank = False

    def end(self) -> Iterator[SourceLine]:
        """Yield the line that closes code which is open at the end."""
        if self.closing and self.closing_text:
            yield SourceLine(self.closing_text, True)

    def _without_container(self, line: str) -> str:
        """Return a line without the indentation of the containers around it, and close those that it ends."""
        if not self.containers:
            return line
        if not line.strip():
            return ""
        expanded = line.expandtabs(TAB_WIDTH)
        indent = len(expanded) - len(expanded.lstrip(" "))
        while self.containers and not self.closing and indent < self.containers[-1]:
            self.containers.pop()
            self.list_indent = 0
        return expanded[min(indent, self.containers[-1]) :] if self.containers else line

    def _open(self, indent: str) -> None:
        base = self.containers[-1] if self.containers else 0
        self.containers.append(base + len(indent.expandtabs(TAB_WIDTH)) + TAB_WIDTH)

    def _code(self, line: str) -> Iterator[SourceLine]:
        if self.closing and self.closing.match(line):
            closing = line if self.closing_text is None else self.closing_text
            self.closing, self.closing_text, self.after_blank = None, None, True
            yield SourceLine(closing, True)
        else:
            yield SourceLine(line, True)

    def _is_indented_code(self, line: str) -> bool:
        """Return whether a line is code by its indentation: after a blank line, and deeper than a list's text."""
        indent = len(line[:80].expandtabs(TAB_WIDTH)) - len(line[:80].expandtabs(TAB_WIDTH).lstrip(" "))
        if not (self.in_code or self.after_blank):
            return False
        if self.after_blank and indent < self.list_indent:
            self.list_indent = 0 if indent < 2 else indent
        return indent >= self.list_indent + TAB_WIDTH

    def _text(self, line: str) -> Iterator[SourceLine]:
        fence, opened = _FENCE.match(line), _OPENED.match(line)
        if fence and not (fence["fence"][0] == "`" and "`" in fence["info"]):
            yield from self._fence(line, fence)
            return
        if opened and opened["html"]:
            yield from self._element(line, opened["html"])
            return
        if opened:
            yield from self._opened(opened)
            return
        item = _LIST_ITEM.match(line)
        if item:
            self.list_indent = len(item["mark"].expandtabs(TAB_WIDTH))
        elif not line.startswith((" ", "\t")) and self.after_blank:
            self.list_indent = 0
        for text in self._opened_container(line):
            yield SourceLine(text)

    def _fence(self, line: str, fence: re.Match[str]) -> Iterator[SourceLine]:
        directive = _TEXT_FENCE.match(fence["info"])
        if directive:
            self.is_text_fence = True
            yield from (SourceLine(text) for text in ("", directive["title"] or "", ""))
            return
        if self.is_text_fence and not fence["info"]:
            self.is_text_fence = False
            yield SourceLine("")
            return
        mark = fence["fence"]
        self.closing = re.compile(rf"[ \t>]*{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$")
        yield SourceLine(line, True)

    def _opened(self, opened: re.Match[str]) -> Iterator[SourceLine]:
        """Make a fence of the tags around code."""
        if opened["liquid"]:
            self.closing = re.compile(rf"[ \t]*\{{%-?[ \t]*end{opened['liquid']}[ \t]*-?%\}}")
        else:
            name = opened["hugo"]
            self.closing = re.compile(rf"[ \t]*\{{\{{[<%][ \t]*/[ \t]*{name}[ \t]*[>%]\}}\}}")
        self.closing_text = opened["margin"] + "~~~~~~"
        yield SourceLine("")
        yield SourceLine(self.closing_text, True)

    def _element(self, line: str, name: str) -> Iterator[SourceLine]:
        """Yield the first line of an element whose content is no Markdown."""
        closing = f"</{name.lower()}"
        if closing not in line.lower():
            self.closing = re.compile(rf"[^\n]*{closing}", re.I)
        yield SourceLine(line, True)

    def _opened_container(self, line: str) -> Sequence[str]:
        """Return the lines in place of a line of text that may open or close a container."""
        callout = _CALLOUT.match(line)
        if callout:
            margin = callout["margin"].rstrip()
            return [f"{margin} {callout['title']}", margin] if callout["title"].strip() else [margin]
        admonition = _ADMONITION.match(line) or _TAB.match(line)
        if admonition:
            self._open(admonition["indent"])
            return ["", admonition["title"] or "", ""]
        footnote = _FOOTNOTE.match(line)
        if footnote:
            self._open("")
            return ["", footnote["text"]]
        colons = _COLONS.match(line)
        if colons and (":::" in line or _BLOCK_LINE.match(line.strip())):
            return ["", _title_of_colons(colons["rest"]), ""]
        if _DROPPED.match(line):
            return [""]
        verse = _LINE_BLOCK.match(line)
        if verse:
            return [f"{verse['text']}  "]
        example = _EXAMPLE.match(line)
        if example:
            return [f"- {line[example.end() :]}"]
        definition = _DEFINITION.match(line)
        if definition:
            return ["", line[definition.end() :]]
        if _LINK_DEFINITION.match(line) and not self.after_blank:
            return ["", line]
        return [line]


def _title_of_colons(rest: str) -> str:
    """Return the title in the opening line of a container, `:::note[Title]`; empty without one."""
    braces = _BRACES.search(rest)
    declared = _BRACE_TITLE.search(rest)
    title = _COLON_KIND.sub("", _BRACES.sub("", rest) if braces and rest[0] != "{" else rest, count=1).strip()
    if declared:
        return declared[1] or declared[2] or ""
    if rest.startswith("{") and braces:
        title = rest[braces.end() :].strip()
    return title.strip("[]: \t")
