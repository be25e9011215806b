"""Placeholders for parts of a text that must stay as they are while the text around them is changed."""

import re
from dataclasses import dataclass, field

# Control characters, which no text holds after `printable`.
_PLACEHOLDER = re.compile("\x02(\\d+)\x03")


@dataclass(frozen=True, slots=True)
class Placeholders:
    """Parts of a text by number."""

    parts: list[str] = field(default_factory=list)

    def put(self, part: str) -> str:
        """Keep a part, and return its placeholder."""
        self.parts.append(part)
        return f"\x02{len(self.parts) - 1}\x03"

    def restored(self, text: str) -> str:
        """Return the text with the parts in place of their placeholders."""
        if "\x02" not in text:
            return text
        return _PLACEHOLDER.sub(self._part, text)

    def _part(self, match: re.Match[str]) -> str:
        number = int(match[1][:9])
        return self.parts[number] if number < len(self.parts) else ""
