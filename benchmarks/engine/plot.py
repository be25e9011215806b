"""Draws how many times slower than the fastest each engine is, as a chart of bars in SVG."""

from collections.abc import Mapping
from html import escape
from math import ceil, log10
from pathlib import Path

_COLOURS = ("#1f6feb", "#8250df", "#bf8700", "#1a7f37", "#cf222e", "#57606a")
_LABELS, _DECADE = 150, 160  # pixels: room for the names of the kinds, and from one power of ten to the next
_BAR, _GAP, _TOP = 9, 10, 46

Medians = Mapping[str, Mapping[str, float]]  # by engine, then by kind of query


def draw_ratios(medians: Medians, file: Path) -> None:
    """A group of bars for each kind of query, one for each engine that answers it; the scale is logarithmic."""
    kinds = list(dict.fromkeys(kind for each in medians.values() for kind in each))
    ratios = {kind: _ratios(medians, kind) for kind in kinds}
    decades = max(1, ceil(log10(max(max(each.values()) for each in ratios.values()))))
    shapes: list[str] = []
    top = _TOP
    for kind in kinds:
        shapes.append(_text(_LABELS - 8, top + _BAR, kind, anchor="end"))
        for engine, ratio in ratios[kind].items():
            shapes.append(_bar(list(medians).index(engine), top, ratio))
            top += _BAR
        top += _GAP
    width = _LABELS + decades * _DECADE + 60
    drawn = [*_scale(decades, top), *_legend(list(medians)), *shapes]
    size = f'width="{width}" height="{top + _GAP}" viewBox="0 0 {width} {top + _GAP}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">'
    file.write_text("\n".join([head, '<rect width="100%" height="100%" fill="#fff"/>', *drawn, "</svg>\n"]))


def _ratios(medians: Medians, kind: str) -> dict[str, float]:
    own = {engine: each[kind] for engine, each in medians.items() if kind in each}
    return {engine: median / min(own.values()) for engine, median in own.items()}


def _bar(engine: int, top: int, ratio: float) -> str:
    length = max(2.0, log10(ratio) * _DECADE)  # the fastest has length 0, but should be seen
    bar = f'<rect x="{_LABELS}" y="{top}" width="{length:.1f}" height="{_BAR - 1}" fill="{_COLOURS[engine]}"/>'
    return bar + _text(_LABELS + length + 4, top + _BAR - 1, f"{ratio:.1f}", size=8)


def _scale(decades: int, bottom: int) -> list[str]:
    lines = []
    for decade in range(decades + 1):
        x = _LABELS + decade * _DECADE
        lines.append(f'<path d="M{x} {_TOP - 4}V{bottom}" stroke="#d0d7de"/>')
        lines.append(_text(x, _TOP - 8, f"{10**decade:,} times", anchor="middle"))
    return lines


def _legend(engines: list[str]) -> list[str]:
    shapes = []
    for number, engine in enumerate(engines):
        x = _LABELS + number * 90
        shapes.append(f'<rect x="{x}" y="8" width="10" height="10" fill="{_COLOURS[number]}"/>')
        shapes.append(_text(x + 14, 17, engine))
    return shapes


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: int = 11) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-size="{size}">{escape(text)}</text>'
