"""Standard output and standard error, on which nothing is printed that a terminal would obey."""

from contextlib import suppress
from io import StringIO
from itertools import accumulate

from rich.console import Console
from rich.text import Span, Text

from searchsvc.terminal_text import terminal_json, terminal_text


class SafeConsole:
    """A rich console that escapes unsafe characters; colours on a terminal only.

    OSErrors of standard output are raised. Those of standard error are ignored, as its messages are for people only.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        self.console = Console(stderr=stderr, soft_wrap=True, highlight=False)

    @property
    def is_terminal(self) -> bool:
        return self.console.is_terminal

    def print(self, text: Text | str = "") -> None:
        """Print `text` and a newline; markup and emoji codes in it have no meaning. Raises OSError."""
        rendered = StringIO()  # rich itself would end the process if the reader has gone
        console = Console(file=rendered, force_terminal=self.is_terminal, soft_wrap=True, highlight=False)
        console.print(_safe(text) if isinstance(text, Text) else Text(terminal_text(text)))
        self._write(rendered.getvalue())

    def print_body(self, text: str) -> None:
        """Print the text of a document and a newline. Raises OSError."""
        self._write(terminal_text(text) + "\n")

    def print_json(self, text: str) -> None:
        """Print JSON and a newline, in any locale as UTF-8. Raises OSError."""
        self.write_bytes(terminal_json(text).encode() + b"\n")

    def write_bytes(self, data: bytes) -> None:
        """Write bytes that are safe already. Raises OSError."""
        self.console.file.flush()
        stream = getattr(self.console.file, "buffer", None)  # none if the process was started without the stream
        if stream is not None:
            stream.write(data)
            stream.flush()

    def _write(self, text: str) -> None:
        with suppress(*(OSError,) if self.console.stderr else ()):
            stream = self.console.file
            encoding = getattr(stream, "encoding", None) or "utf-8"
            stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            stream.flush()


def _safe(text: Text) -> Text:
    """Return `text` with escapes for unsafe characters, each in the style of its place."""
    if terminal_text(text.plain) == text.plain:
        return text
    pieces = [terminal_text(each) for each in text.plain]
    starts = [0, *accumulate(map(len, pieces))]
    spans = [Span(starts[each.start], starts[each.end], each.style) for each in text.spans]
    return Text("".join(pieces), text.style, spans=spans)


out = SafeConsole()
err = SafeConsole(stderr=True)
