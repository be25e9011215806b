"""Reader for running text: wrapped lines joined, HTML and entities removed, code and verse as units."""

import re
from collections.abc import Iterable, Iterator, Sequence

from searchsvc.ingest.readers.markup import is_markup, plain_html, without_entities
from searchsvc.ingest.readers.placeholders import Placeholders
from searchsvc.ingest.readers.unit_text import Block, UnitText
from searchsvc.ingest.readers.verse import LONGEST_VERSE, is_punctuated_verse
from searchsvc.ingest.readers.wrapped_lines import join_wrapped, wrap_width
from searchsvc.models.documents import CODE, POEM, Unit

_FENCE = re.compile(r"[ \t]{0,12}(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[\w+#.{}-]{0,40})[ \t]*$")
_INDENTED = re.compile(r"(?: {4}|\t)[ \t]*\S")
# Lines that programs have and prose has not: signs at the end, calls, assignments, prompts and key words.
_CODE_LINE = re.compile(
    r"[^\n]{0,300}(?:[{};\\]|\)\s*:|=>|->)[ \t]*(?://[^\n]*|#[^\n]*)?$"
    r"|[ \t]*(?:[$#>] \S|>>>|\.\.\. |//|/\*|\*/|#!|#include|@\w+(?:\(|$)|</?\w|\w+\([^)\n]*\)[ \t]*$"
    r"|(?:def|class|import|from|return|elif|else:|try:|except|with|fn|func|function|var|let|const|public|private|static|int|void"
    r"|sudo|apt|apt-get|yum|pip|pip3|npm|yarn|git|cd|ls|cp|mv|rm|mkdir|chmod|curl|wget|docker|make|cargo|rustup|python|python3"
    r"|echo|export|SELECT|INSERT|CREATE|UPDATE|DELETE)[ \t]\S"
    r"|[\w.\[\]\"']{1,60}[ \t]*(?:=|\+=|-=|:=|==)[ \t]*\S|[\w.-]+/[\w./-]+[ \t]*$)"
)
_PROSE = re.compile(r"(?:[^\W\d_]{1,30}(?:['’][^\W\d_]{1,9})?,? ){7}")
_MOST_PROSE = 0.3  # share of lines that are prose, such as comments
_ADJACENT = re.compile(r"\n(?<=\S\n)[ \t]{0,9}\S")  # lines without a blank line between them
_VERSE = re.compile(rf"\n(?:[^\n]{{1,{LONGEST_VERSE}}}\n){{3}}[^\n]")
_LEAST_WRAPPED = 400  # characters for each line end inside paragraphs, at the most, if a text is wrapped
_MOSTLY = 0.5  # share of lines that look like code
_LONGEST_CODE = 1_000  # characters of an indented line

CodeBounds = tuple[int, int, Sequence[str]]


def read_text(text: str) -> UnitText:
    """Return a text without markup, with wrapped paragraphs joined, and its units. Linear in the text."""
    placeholders = Placeholders()
    outside = text
    if _may_hold_code(text):
        lines = text.split("\n")
        outside = "\n".join(code_aside(lines, code_bounds(lines), placeholders))
    if is_markup(outside):
        html = plain_html(outside, False)
        return _restored(html.text.split("\n"), placeholders, html.units)
    outside = without_entities(outside)
    adjacent = len(_ADJACENT.findall(outside))
    if adjacent >= max(2, len(outside) // _LEAST_WRAPPED):
        outside = "\n".join(join_wrapped(outside.split("\n")))
    if not placeholders.parts and (adjacent < 2 or not _VERSE.search(f"\n{outside}")):
        return UnitText(outside)
    return assembled(outside.split("\n"), placeholders)


def assembled(lines: Sequence[str], placeholders: Placeholders) -> UnitText:
    """Return the lines with the code in place of its placeholders; code and verse are units."""
    return _restored(lines, placeholders, tuple(verse_in(lines)))


def _may_hold_code(text: str) -> bool:
    return "\n    " in text or "\n\t" in text or "```" in text or "~~~" in text


def code_aside(lines: Sequence[str], bounds: Iterable[CodeBounds], placeholders: Placeholders) -> list[str]:
    """Return the lines with a placeholder line for each block of code. `bounds`: as of `code_bounds`."""
    outside, at = list[str](), 0
    for start, end, inner in bounds:
        outside += [*lines[at:start], placeholders.put("\n".join(inner))]
        at = end
    return outside + list(lines[at:])


def code_bounds(lines: Sequence[str]) -> Iterator[CodeBounds]:
    """Yield the first line of each block of code, the line below it, and the lines in it."""
    closings = _closing_fences(lines)
    number = 0
    while number < len(lines):
        if number in closings:
            yield number, closings[number] + 1, lines[number + 1 : closings[number]]
            number = closings[number] + 1
        elif _INDENTED.match(lines[number]) and (number == 0 or not lines[number - 1].strip()):
            end = _end_of_indented(lines, number)
            if _looks_like_code(lines[number:end]):
                yield number, end, lines[number:end]
            number = end
        else:
            number += 1


def _closing_fences(lines: Sequence[str]) -> dict[int, int]:
    """Return the line of the closing fence for each opening one."""
    closings: dict[int, int] = {}
    opening, fence = -1, ""
    for number, line in enumerate(lines):
        match = _FENCE.match(line) if len(line) < 100 else None
        if not match:
            continue
        if opening < 0:
            opening, fence = number, match["fence"]
        elif match["fence"].startswith(fence) and not match["info"]:
            closings[opening], opening = number, -1
    return closings


def _end_of_indented(lines: Sequence[str], start: int) -> int:
    """Return the line below the last indented line; blank lines between indented ones count."""
    end = number = start
    while number < len(lines) and (not lines[number].strip() or _INDENTED.match(lines[number])):
        if lines[number].strip():
            end = number + 1
        number += 1
    return end


def _looks_like_code(lines: Sequence[str]) -> bool:
    full = [line for line in lines if line.strip()]
    code = sum(map(_is_code_line, full))
    prose = sum(_PROSE.search(line[:_LONGEST_CODE]) is not None for line in full)
    return code >= _MOSTLY * len(full) and prose <= _MOST_PROSE * len(full)


def _is_code_line(line: str) -> bool:
    text = line[:_LONGEST_CODE].strip()
    return _CODE_LINE.match(text) is not None and not _PROSE.search(text)


def preformatted(text: str) -> Block:
    """Return the content of `<pre>`: code as a unit, or prose whose wrapped lines are joined."""
    lines = text.split("\n")
    if not wrap_width(lines) or _looks_like_code(lines):
        return Block(text.strip("\n"), CODE)
    return Block("\n".join(join_wrapped(lines)).strip("\n"))


def verse_in(lines: Sequence[str]) -> Iterator[Unit]:
    """Yield the stanzas among the lines, as units."""
    start = 0
    for number in range(len(lines) + 1):
        if number == len(lines) or len(lines[number]) > LONGEST_VERSE or not lines[number].strip():
            if number - start >= 4 and is_punctuated_verse([line.strip() for line in lines[start:number]]):
                yield Unit(POEM, start + 1, number)
            start = number + 1


def _restored(lines: Sequence[str], placeholders: Placeholders, units: Sequence[Unit]) -> UnitText:
    """Return the lines with the code in place of its placeholders, and all units."""
    if not placeholders.parts:
        return UnitText("\n".join(lines), tuple(units))
    shifts, restored, added = list[int](), list[str](), 0
    all_units = list[Unit]()
    for number, line in enumerate(lines, 1):
        shifts.append(added)
        text = placeholders.restored(line)
        restored.append(text)
        if "\x02" in line:
            more = text.count("\n")
            if text.strip():
                all_units.append(Unit(CODE, number + added, number + added + more))
            added += more
    all_units += (
        Unit(unit.kind, unit.first_line + shifts[unit.first_line - 1], unit.last_line + shifts[unit.last_line - 1])
        for unit in units
    )
    return UnitText("\n".join(restored), tuple(sorted(all_units, key=lambda unit: unit.first_line)))
