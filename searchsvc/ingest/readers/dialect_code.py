"""Blocks of code in Org, reStructuredText and AsciiDoc."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from searchsvc.ingest.readers.text_units import CodeBounds

_ORG_BEGIN = re.compile(r"[ \t]*#\+begin_(?P<name>src|example|export|verse)\b", re.I)
_ORG_FIXED = re.compile(r"[ \t]*: ")
_RST_CODE = re.compile(
    r"[ \t]*\.\. (?:code|code-block|sourcecode|parsed-literal|literalinclude|math|raw|highlight|prompt)::", re.I
)
_RST_OPTION = re.compile(r"[ \t]+:[\w-]+:")
_RST_DIRECTIVE = re.compile(r"[ \t]*\.\. ")
_ADOC_FENCE = re.compile(r"(?:-{4,}|\.{4,}|`{3,})[\w,]*[ \t]*$")


def _org_bounds(lines: Sequence[str]) -> Iterator[CodeBounds]:
    number = 0
    endings = {name: _last(lines, f"#+end_{name}") for name in ("src", "example", "export", "verse")}
    while number < len(lines):
        begin = _ORG_BEGIN.match(lines[number])
        end = number
        if begin and number < endings[begin["name"].lower()]:
            closing = f"#+end_{begin['name'].lower()}"
            end = next(at for at in range(number + 1, len(lines)) if lines[at].strip().lower().startswith(closing))
            yield number, end + 1, lines[number + 1 : end]
            number = end + 1
            continue
        while end < len(lines) and _ORG_FIXED.match(lines[end]):
            end += 1
        if end > number:
            yield number, end, [line.lstrip()[2:] for line in lines[number:end]]
        number = max(end, number + 1)


def _last(lines: Sequence[str], closing: str) -> int:
    """Return the number of the last line that closes a block, -1 for none."""
    return next((at for at in range(len(lines) - 1, -1, -1) if lines[at].strip().lower().startswith(closing)), -1)


def _rst_bounds(lines: Sequence[str]) -> Iterator[CodeBounds]:
    number = 0
    while number < len(lines):
        line = lines[number]
        is_directive = _RST_CODE.match(line) is not None
        is_literal = line.rstrip().endswith("::") and not _RST_DIRECTIVE.match(line)
        if not is_directive and not is_literal:
            number += 1
            continue
        start = number + 1
        while is_directive and start < len(lines) and _RST_OPTION.match(lines[start]):
            start += 1
        end = _end_of_block(lines, start, _indent(line))
        if end > start:
            yield (number if is_directive else start), end, lines[start:end]
        number = max(end, number + 1)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _end_of_block(lines: Sequence[str], start: int, indent: int) -> int:
    """Return the line below the last line that is indented more than `indent`."""
    end = start
    for number in range(start, len(lines)):
        if lines[number].strip():
            if _indent(lines[number]) <= indent:
                break
            end = number + 1
    return end


def _asciidoc_bounds(lines: Sequence[str]) -> Iterator[CodeBounds]:
    opening, fence = -1, ""
    for number, line in enumerate(lines):
        if len(line) > 100 or not _ADOC_FENCE.match(line):
            continue
        if opening < 0:
            opening, fence = number, line.rstrip()
        elif line.rstrip() == fence or (fence.startswith("```") and line.rstrip() == "```"):
            yield opening, number + 1, lines[opening + 1 : number]
            opening = -1


BOUNDS: Mapping[str, Callable[[Sequence[str]], Iterator[CodeBounds]]] = {
    "org": _org_bounds,
    "rst": _rst_bounds,
    "asciidoc": _asciidoc_bounds,
}
