"""Reader for Markdown and its dialects: a line for each paragraph, heading, list item and table row, without markup."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from html import unescape

from markdown_it import MarkdownIt
from markdown_it.token import Token

from searchsvc.ingest.readers.lone_brackets import LONE_BRACKET, without_lone_brackets
from searchsvc.ingest.readers.markdown_inline import (
    defined_labels,
    is_definition,
    tags_in,
    without_syntax,
    without_unresolved,
)
from searchsvc.ingest.readers.markdown_source import SourceLine, source_lines
from searchsvc.ingest.readers.markup import html_blocks
from searchsvc.ingest.readers.placeholders import Placeholders
from searchsvc.ingest.readers.unit_text import Block, UnitText, joined
from searchsvc.ingest.readers.verse import is_verse
from searchsvc.models.documents import CODE, LIST, POEM, TABLE

LONGEST = 200_000  # characters without a blank line; hostile Markdown takes the parser up to 30 µs per character
_PIECE = 50_000  # characters that are parsed together
_SOFT_BREAK = "\x04"
_IDEOGRAPH = "\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"  # written without spaces
_WRAPPED_IDEOGRAPHS = re.compile(rf"(?<=[{_IDEOGRAPH}]){_SOFT_BREAK}(?=[{_IDEOGRAPH}])")
_LINE_BREAK = re.compile(r"<br[ \t]*/?>", re.I)
_FILE_NAME = re.compile(
    r"[\w%()-]*\.\w{2,5}|[\w-]*\d[\w-]*|(?:image|photo|img|picture|screenshot|figure|logo|icon|alt)\W*\d*", re.I
)
_STRONG = re.compile(r"(?<![\d*\\])\*\*(?=[^\s*])([^*\n]{1,500}?)(?<=\S)\*\*(?![\d*])")
_LINKS, _LINKS_WITH_METADATA = 0.3, 0.6  # shares of paragraphs that are only links, above which a text is converted
_LEAST_CAPTION = 3  # words of an image's text that is a line of its own
_FEWEST_VERSES = 3


class _MarkdownParser(MarkdownIt):
    """Markdown parser without validation of addresses. They are dropped, and validation is a third of the time."""

    def normalizeLink(self, url: str) -> str:
        return url

    def validateLink(self, url: str) -> bool:
        return True


_parser = _MarkdownParser("commonmark").enable("table").enable("strikethrough")


@dataclass(frozen=True, slots=True)
class MarkdownText:
    """The text of Markdown with its units, and the tags in it. `tag_lines`: tags of lines that hold only tags.

    `link_share`: share of its paragraphs and list items that are only links, as in the menus of converted pages.
    """

    text: UnitText
    link_share: float = 0.0
    tags: tuple[str, ...] = ()
    tag_lines: tuple[str, ...] = ()

    def in_units(self, has_metadata: bool = False) -> UnitText:
        """Return the text with units for the cleaner.

        Markdown that somebody wrote has no menus: its paragraphs are units too. In a page that a program converted,
        a list may be a menu.
        """
        if self.link_share <= (_LINKS_WITH_METADATA if has_metadata else _LINKS):
            return self.text.in_paragraphs()
        return self.text.without(LIST)


def plain(text: str) -> str:
    """Return the text of Markdown without markup."""
    return read_markdown(text).text.text


def read_markdown(text: str) -> MarkdownText:
    """Return the text of Markdown and its dialects without markup, with units and tags."""
    placeholders = Placeholders()
    lines = list(source_lines(text))
    labels = defined_labels(text) if "][" in text else frozenset[str]()
    tags = list[str]()
    tag_lines = list[str]()
    runs = list[str]()
    for is_code, run in _runs(lines):
        if not is_code:
            run = without_lone_brackets(without_unresolved(without_syntax(run, placeholders), labels))
            found_tags = tags_in(run)
            tags += found_tags
            tag_lines += _tags_of_lines(run) if found_tags else ()
        runs.append(run)
    renderer = _Renderer()
    blocks = (
        replace(block, text=_restored(_without_strong(block.text) if block.unit != CODE else block.text, placeholders))
        for piece in _with_definitions(list(_pieces(runs)))
        for block in _blocks_of(piece, renderer)
    )
    plain_text = joined(blocks)
    return MarkdownText(plain_text, renderer.link_share, tuple(dict.fromkeys(tags)), tuple(dict.fromkeys(tag_lines)))


def _runs(lines: Iterable[SourceLine]) -> Iterator[tuple[bool, str]]:
    """Yield runs of code and of text, each with its last line end."""
    run = list[str]()
    is_code = False
    for line in lines:
        if line.is_code != is_code and run:
            yield is_code, "\n".join(run) + "\n"
            run = []
        is_code = line.is_code
        run.append(line.text)
    yield is_code, "\n".join(run)


def _restored(text: str, placeholders: Placeholders) -> str:
    return placeholders.restored(text).replace(LONE_BRACKET, "[")


def _tags_of_lines(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        words = line.split()
        if words and all(word.startswith("#") for word in words):
            yield from tags_in(line)


def _pieces(runs: Iterable[str]) -> Iterator[str]:
    """Join runs to pieces that are parsed together, split at blank lines between runs and inside long ones."""
    piece, size = list[str](), 0
    for run in runs:
        parts = [run] if len(run) <= _PIECE else _split(run)
        for part in parts:
            if size > _PIECE and part.startswith("\n"):
                yield "".join(piece)
                piece, size = [], 0
            piece.append(part)
            size += len(part)
    yield "".join(piece)


def _with_definitions(pieces: list[str]) -> list[str]:
    """Return the pieces, each with the addresses that any of them defines for its links."""
    if len(pieces) < 2:
        return pieces
    definitions = "\n".join(line for piece in pieces for line in piece.split("\n") if is_definition(line))
    return [f"{piece}\n\n{definitions}" for piece in pieces] if len(definitions) < _PIECE else pieces


def _split(run: str) -> Iterator[str]:
    start = 0
    while len(run) - start > _PIECE and (end := run.find("\n\n", start + _PIECE)) >= 0:
        yield run[start : end + 1]
        start = end + 1
    yield run[start:]


def _blocks_of(piece: str, renderer: "_Renderer") -> Iterator[Block]:
    return iter([Block(piece)]) if len(piece) > LONGEST else renderer.blocks(_parser.parse(piece))


def _without_strong(text: str) -> str:
    """Remove the asterisks that CommonMark leaves next to letters of scripts without spaces."""
    return _STRONG.sub(r"\1", text) if "**" in text else text


@dataclass(slots=True)
class _Renderer:
    """State of rendering. `prefix`: bullet or number of the next line. `depth`: lists around it."""

    prefix: str = ""
    depth: int = 0
    starts: bool = False  # whether the next line begins a list or table
    row: list[str] | None = None  # cells of the current table row
    inline: int = 0  # paragraphs, headings and list items
    only_links: int = 0

    @property
    def link_share(self) -> float:
        """Share of the paragraphs, headings and list items that are only links."""
        return self.only_links / max(self.inline, 1)

    def blocks(self, tokens: Iterable[Token]) -> Iterator[Block]:
        """Yield the blocks of parsed Markdown."""
        for token in tokens:
            match token.type:
                case "bullet_list_open" | "ordered_list_open":
                    self.starts = self.starts or not self.depth
                    self.depth += 1
                case "bullet_list_close" | "ordered_list_close":
                    self.depth -= 1
                case "list_item_open":
                    self.prefix = f"{token.info}. " if token.info else "- "
                case "table_open":
                    self.starts = True
                case "tr_open":
                    self.row = []
                case "tr_close":
                    yield Block(" | ".join(self.row or ()), TABLE, self._begins())
                    self.row = None
                case "inline" if self.row is not None:
                    self.row.append(self._inline(token.children or ()).replace("\n", " "))
                case "inline":
                    yield self._paragraph(token.children or ())
                case "fence" | "code_block":
                    yield Block(self._take_prefix() + token.content.strip("\n"), CODE)
                case "html_block":
                    yield from html_blocks(token.content)

    def _begins(self) -> bool:
        starts, self.starts = self.starts, False
        return starts

    def _take_prefix(self) -> str:
        prefix, self.prefix = self.prefix, ""
        return prefix

    def _paragraph(self, children: Iterable[Token]) -> Block:
        children = list(children)
        self.inline += 1
        self.only_links += _is_only_links(children)
        if all(
            child.type in ("image", "softbreak", "link_open", "link_close") or not child.content.strip()
            for child in children
        ):
            text = "\n".join(filter(None, map(_caption, _images(children))))
        else:
            text = self._inline(children)
        lines = text.split("\n")
        if self.depth:
            return Block(self._take_prefix() + text if text.strip() else "", LIST, self._begins())
        return Block(text, POEM if len(lines) >= _FEWEST_VERSES and max(map(len, lines)) < 80 else "")

    def _inline(self, tokens: Iterable[Token]) -> str:
        text = "".join(_inline_parts(tokens))
        if _SOFT_BREAK not in text:
            return text
        lines = text.split(_SOFT_BREAK)
        if is_verse(lines):
            return "\n".join(lines)
        return _WRAPPED_IDEOGRAPHS.sub("", text).replace(_SOFT_BREAK, " ")


def _inline_parts(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        match token.type:
            case "image":
                yield from _inline_parts(token.children or ())
            case "softbreak":
                yield _SOFT_BREAK
            case "hardbreak":
                yield "\n"
            case "html_inline":
                yield "\n" if _LINE_BREAK.match(token.content) else ""
            case _:
                yield token.content


def _is_only_links(tokens: Iterable[Token]) -> bool:
    depth = links = 0
    for token in tokens:
        links += token.type == "link_open"
        depth += token.type == "link_open"
        depth -= token.type == "link_close"
        if not depth and token.type in ("text", "code_inline") and len(token.content.strip(" |·•,-")) > 1:
            return False
    return links > 0


def _images(tokens: Iterable[Token]) -> Iterator[Token]:
    return (token for token in tokens if token.type == "image")


def _caption(image: Token) -> str:
    """Return the text of an image that is a paragraph of its own, if it says more than a file name."""
    text = " ".join("".join(_inline_parts(image.children or ())).replace(_SOFT_BREAK, " ").split())
    title = str(image.attrs.get("title") or "")
    caption = title if len(title.split()) > len(text.split()) else text
    caption = unescape(caption)
    return caption if is_caption(caption) and caption not in str(image.attrs.get("src")) else ""


def is_caption(text: str) -> bool:
    """Return whether the alternative text of an image is worth a line: three words or more, and no file name."""
    return not (_FILE_NAME.fullmatch(text) or (len(text.split()) < _LEAST_CAPTION and text.isascii()))
