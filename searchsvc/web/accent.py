"""Accent colour: adapted to the grounds of both colour schemes, so that text in it can be read."""

from collections.abc import Iterable

MIN_CONTRAST = 4.5  # of text, by WCAG 2.2, success criterion 1.4.3
# Grounds of the style sheet, below or as text on the accent colour: paper and ground.
LIGHT_GROUNDS = ("#ffffff", "#f6f7f7")
DARK_GROUNDS = ("#15191b", "#1c2225")
_STEPS = 50  # of a mix with black or white

_Colour = tuple[int, int, int]


def stylesheet(accent: str) -> str:
    """Return the rules that set the accent colour, such as #0b6b5d, in both colour schemes."""
    light, dark = for_light(accent), for_dark(accent)
    return f":root{{--accent:{light}}}@media (prefers-color-scheme:dark){{:root{{--accent:{dark}}}}}\n"


def for_light(accent: str) -> str:
    """Return `accent`, darkened as far as light grounds need it."""
    return _adapted(accent, (0, 0, 0), LIGHT_GROUNDS)


def for_dark(accent: str) -> str:
    """Return `accent`, lightened as far as dark grounds need it."""
    return _adapted(accent, (255, 255, 255), DARK_GROUNDS)


def is_readable(accent: str) -> bool:
    """Return whether `accent` can be used on light grounds as it is."""
    return all(contrast(accent, ground) >= MIN_CONTRAST for ground in LIGHT_GROUNDS)


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21, by WCAG 2.2."""
    low, high = sorted((_luminance(_parsed(first)), _luminance(_parsed(second))))
    return (high + 0.05) / (low + 0.05)


def _adapted(accent: str, towards: _Colour, grounds: Iterable[str]) -> str:
    colour, grounds = _parsed(accent), tuple(grounds)
    mixes = (_mixed(colour, towards, step / _STEPS) for step in range(_STEPS + 1))
    return next(mix for mix in mixes if all(contrast(mix, ground) >= MIN_CONTRAST for ground in grounds))


def _mixed(colour: _Colour, other: _Colour, share: float) -> str:
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(colour, other, strict=True))


def _parsed(text: str) -> _Colour:
    digits = text.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue


def _luminance(colour: _Colour) -> float:
    """Relative luminance, 0 to 1, by WCAG 2.2."""
    red, green, blue = (_linear(value / 255) for value in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
