"""Reader for pages that a browser saved with their images as one message: MHTML."""

from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

from searchsvc.ingest.readers.bounded_io import UnreadableSeed
from searchsvc.ingest.readers.field_names import FieldNames
from searchsvc.ingest.readers.html_page import read_page
from searchsvc.ingest.readers.mail import decoded_header
from searchsvc.ingest.readers.unit_text import UnitText
from searchsvc.models.documents import DeclaredMetadata

_LARGEST = 50_000_000  # bytes, with images
_MOST_BOUNDARIES = 1_000  # each boundary of nested parts is compared with every line


def read_saved_page(data: bytes, names: FieldNames) -> tuple[UnitText, DeclaredMetadata, str | None]:
    """Return the text of the page in a message, its metadata, and a note on its encoding. Raises UnreadableSeed."""
    if len(data) > _LARGEST or data.lower().count(b"boundary=") > _MOST_BOUNDARIES:
        raise UnreadableSeed(f"larger than {_LARGEST:,} bytes, or more than {_MOST_BOUNDARIES:,} parts")
    try:
        message = BytesParser(policy=compat32).parsebytes(data)
        page = next((part for part in message.walk() if part.get_content_type() == "text/html"), None)
        payload = page.get_payload(decode=True) if page else None
        outside = _declared(message, page) if page else {}
        encoding = page.get_content_charset() if page else None
    except (MessageError, ValueError, LookupError, TypeError, RecursionError, AttributeError) as error:
        raise UnreadableSeed(f"unreadable saved page ({type(error).__name__})") from error
    if not isinstance(payload, bytes):
        raise UnreadableSeed("no web page in it")
    return read_page(payload, names, encoding, outside)


def _declared(message: Message, page: Message) -> dict[str, object]:
    """Return the address and the day of saving, and the title, which the page itself may lack."""
    address = decoded_header(message, "snapshot-content-location") or decoded_header(page, "content-location")
    values = {
        "url": address if address.startswith("http") else "",
        "date_first_seen": decoded_header(message, "date"),
        "subject": decoded_header(message, "subject"),
    }
    return {name: value for name, value in values.items() if value}
