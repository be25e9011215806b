"""Reader for e-mail: a message (`.eml`), or a mailbox (`.mbox`) with a document for each message."""

import io
from collections.abc import Iterator
from email.errors import HeaderParseError, MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

from searchsvc.ingest.discovery.safe_open import shown_path
from searchsvc.ingest.readers.bounded_io import LARGEST_FILE, UnreadableSeed
from searchsvc.ingest.readers.charset import readable
from searchsvc.ingest.readers.declared_fields import declared_metadata
from searchsvc.ingest.readers.declared_title import with_title
from searchsvc.ingest.readers.json_lines import content_hash
from searchsvc.ingest.readers.markup import plain_html
from searchsvc.ingest.readers.text_units import read_text
from searchsvc.ingest.readers.unit_text import UnitText
from searchsvc.models.documents import RawDocument, Seed, SeedProblem

_MOST_MESSAGES = 200_000
_MOST_PARTS = 100  # of a message; each boundary is compared with every line
_LONGEST_HEADER = 2_000  # characters
_SEPARATOR = b"From "
_FIELDS = {"subject": "title", "from": "author", "date": "date", "list-id": "source", "keywords": "topics",
    "newsgroups": "section", "archived-at": "url", "content-language": "language"}  # fmt: skip


def read_mail(seed: Seed, stream: io.BufferedReader, form: str) -> Iterator[RawDocument | SeedProblem]:
    """Yield a document or problem per message. `form`: mail or mailbox. Raises UnreadableSeed, OSError."""
    if form == "mail":
        data = stream.read(LARGEST_FILE + 1)
        if not data.strip():
            raise UnreadableSeed("empty")
        yield _document(seed, data, None)
        return
    count = 0
    for count, data in enumerate(_messages(stream), 1):
        if count > _MOST_MESSAGES:
            raise UnreadableSeed(f"more than {_MOST_MESSAGES:,} messages; the messages below are skipped")
        try:
            yield _document(seed, data, count)
        except UnreadableSeed as error:
            yield SeedProblem(f"{shown_path(seed.path)}:{count}", str(error))
    if not count:
        raise UnreadableSeed("no message: a mailbox begins with a line `From `")


def _messages(stream: io.BufferedReader) -> Iterator[bytes]:
    """Yield each message of a mailbox, cut off above LARGEST_FILE bytes."""
    lines: list[bytes] | None = None
    size, after_blank = 0, True
    while line := stream.readline(1_000_000):
        if line.startswith(_SEPARATOR) and after_blank:
            if lines is not None:
                yield b"".join(lines)
            lines, size = [], 0
        elif lines is not None:
            size += len(line)
            if size <= LARGEST_FILE + 1_000_000:
                lines.append(line[1:] if line.startswith(b">From ") else line)
        after_blank = not line.strip()
    if lines is not None:
        yield b"".join(lines)


def _document(seed: Seed, data: bytes, number: int | None) -> RawDocument:
    """Return the document of a message. Raises UnreadableSeed."""
    if len(data) > LARGEST_FILE:
        raise UnreadableSeed(f"a message larger than {LARGEST_FILE:,} bytes")
    if data.count(b"boundary") > _MOST_PARTS:
        raise UnreadableSeed(f"a message of more than {_MOST_PARTS} parts")
    try:
        message = BytesParser(policy=compat32).parsebytes(data)
        values = {field: decoded_header(message, name) for name, field in _FIELDS.items() if message.get(name)}
        text = _body(message)
        declared = declared_metadata(values)
        part = "" if number is None else decoded_header(message, "message-id") or str(number)
    except (MessageError, ValueError, LookupError, TypeError, RecursionError, AttributeError) as error:
        raise UnreadableSeed(f"unreadable message ({type(error).__name__})") from error
    text = text if text.text.strip() else UnitText(declared.title or "")
    if not text.text.strip():
        raise UnreadableSeed("holds no text")
    text = with_title(text, declared)
    return RawDocument(seed, text.text, content_hash(data), None, declared, part, number, text.units)


def decoded_header(message: Message, name: str) -> str:
    """Return a header of a message as text; empty without one."""
    raw = str(message.get(name) or "")[:_LONGEST_HEADER]
    try:
        return " ".join(str(make_header(decode_header(raw))).split())
    except (HeaderParseError, ValueError, LookupError):
        return " ".join(raw.split())


def _body(message: Message) -> UnitText:
    """Return the text of a message: its parts of plain text, else those of HTML. Attachments are left out."""
    plain, html = list[str](), list[str]()
    for part in message.walk():
        kind = part.get_content_type()
        if part.is_multipart() or part.get_content_disposition() == "attachment" or kind[:5] != "text/":
            continue
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            text, _ = readable(payload, part.get_content_charset())
            (html if kind == "text/html" else plain).append(text)
    text = "\n\n".join(each for each in plain if each.strip())
    return read_text(text) if text else plain_html("\n\n".join(html))
