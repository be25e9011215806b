"""Values of declared fields as text, names and addresses, whether they are texts, lists or objects."""

import re
from collections.abc import Iterator, Mapping

import msgspec

from searchsvc.ingest.readers.charset import printable
from searchsvc.ingest.readers.markup import one_line

MOST_VALUES = 50  # values of one field, for example topics
LONGEST_NAME = 200  # characters of a name, for example of an author or a topic
_LONGEST_URL = 2_000
_DEEPEST = 4  # objects and lists inside one another
_URL = re.compile(r"https?://[^\s<>\"\\^`{|}]+", re.I)  # excludes the characters that RFC 3986 never allows
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//|\S+\.\S+/\S*$|mailto:", re.I)
# Members of an object that name it: {"name": "Ada"}, {"rendered": "A title"}, {"term": "sea"}.
_NAMING = (
    "rendered", "name", "displayname", "fullname", "title", "headline", "main", "original", "value", "term", "label",
    "text", "content", "@value", "#text", "$t", "_", "plain",
)  # fmt: skip
_LINKING = ("url", "href", "@id", "link", "canonical", "src", "value", "rendered", "contenturl")
_SIGNS = str.maketrans("", "", "_- ")
_FEED_LABEL = re.compile(r"user/[^/]{0,40}/(label|state)/")
_MAIL = re.compile(r"(?P<before>[^<>()]*?)\s*<[^<>\s]+@[^<>\s]+>|[^<>()\s]+@[^<>()\s]+\s*\((?P<inside>[^()]+)\)")
_BY = re.compile(r"(?:by|von|par|por)\s+(?=[^\W\d_])", re.I)
_WIKI = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]+)\]\]")
_ORG_TAGS = re.compile(r":[^\s:]+(?::[^\s:]+)*:")


def as_text(value: object, longest: int) -> str:
    """Return a value as one line of at most `longest` characters: a list with commas, other nested values as JSON."""
    if isinstance(value, list):
        return ", ".join(filter(None, (_plain(each, longest) for each in value[:MOST_VALUES])))[:longest]
    return _plain(value, longest)


def _plain(value: object, longest: int) -> str:
    if value is None:
        return ""
    if isinstance(value, str) and len(value) <= longest and value.isprintable() and not ("<" in value or "&" in value):
        return " ".join(value.split())  # nearly all values, for speed
    if isinstance(value, (list, dict, bool)):
        try:
            value = msgspec.json.encode(value).decode()
        except (RecursionError, TypeError, UnicodeEncodeError):
            return ""
    return " ".join(printable(one_line(str(value)[: 4 * longest])).split())[:longest]


def first_text(value: object, longest: int) -> str:
    """Return the first text in a value."""
    return next(texts(value, longest), "")


def texts(value: object, longest: int = LONGEST_NAME, depth: int = 0) -> Iterator[str]:
    """Yield the texts of a value on one line each: itself, of each member of a list, or the name of an object.

    Numbers are no names: exports refer to authors and topics in other tables by number.
    """
    if isinstance(value, str):
        text = _plain(value, longest)
        if text:
            yield text
    elif isinstance(value, list) and depth <= _DEEPEST:
        for each in value[:MOST_VALUES]:
            yield from texts(each, longest, depth + 1)
    elif isinstance(value, dict) and depth <= _DEEPEST:
        members = _members(value)
        # In {"name": "subject", "value": "Harbours"}, the name is that of the kind.
        for name in ("value", *_NAMING) if "name" in members else _NAMING:
            text = next(texts(members.get(name), longest, depth + 1), "")
            if text:
                yield text
                return


def is_url(text: str) -> bool:
    """Return whether `text` is an http or https address, so that a link to it is safe."""
    return len(text) <= _LONGEST_URL and _URL.fullmatch(text) is not None


def first_url(value: object, depth: int = 0) -> str | None:
    """Return the first address in a value, or None."""
    if isinstance(value, str):
        text = value.strip(" \t\r\n<>")
        return text if is_url(text) else None
    inside: list[object] = []
    if isinstance(value, dict):
        members = _members(value)
        inside = [members.get(name) for name in _LINKING]
    elif isinstance(value, list):
        inside = value[:MOST_VALUES]
    urls = (first_url(each, depth + 1) for each in inside if depth < _DEEPEST)
    return next((url for url in urls if url), None)


def _members(value: Mapping[str, object]) -> dict[str, object]:
    return {str(name)[:100].lower().translate(_SIGNS): each for name, each in value.items()}


def names_of_people(value: object) -> list[str]:
    """Return the names of authors, without addresses; of people rather than of organisations."""
    if isinstance(value, list):
        people = [each for each in value if isinstance(each, dict) and _kind(each) == "person"]
        value = people or value
    names = [_person(name) for text in texts(value) for name in _separated(text)]
    return [name for name in dict.fromkeys(names) if name and not _ADDRESS.match(name)]


def _kind(value: Mapping[str, object]) -> str:
    return str(value.get("@type") or value.get("type") or "")[:20].lower()


def _separated(text: str) -> list[str]:
    """Split names at semicolons. `Byron, Ada; Doe, Ben` has the surname first."""
    parts = [part.strip() for part in text.split(";") if part.strip()]
    if len(parts) > 1 and all(part.count(",") == 1 for part in parts):
        return [" ".join(reversed([each.strip() for each in part.split(",")])) for part in parts]
    return parts


def _person(text: str) -> str:
    match = _MAIL.fullmatch(text)
    if match:
        text = match["before"] or match["inside"] or ""
    text = _WIKI.sub(r"\1", text).strip(" \t\"'")
    return _BY.sub("", text, count=1) if _BY.match(text) else text


def name_of_source(value: object) -> str:
    """Return the name of a publisher or site. An address is no name; a host name is, without `www.`."""
    text = _WIKI.sub(r"\1", first_text(value, LONGEST_NAME))
    return "" if _ADDRESS.match(text) or "@" in text else re.sub(r"^www\.(?=\S+\.\S+$)", "", text)


def topics_of(value: object) -> list[str]:
    """Return topics: members of a list, or parts of a text between semicolons, bars or commas."""
    if isinstance(value, str):
        value = _topics_of_text(value[: MOST_VALUES * LONGEST_NAME])
    topics = (_topic(text) for text in texts(value))
    return [topic for topic in dict.fromkeys(topics) if topic][:MOST_VALUES]


def _topics_of_text(text: str) -> list[object]:
    text = text.strip()
    if _ORG_TAGS.fullmatch(text):
        return list(text.split(":"))
    if text.startswith("#") and all(word.startswith("#") for word in text.split()):
        return list(text.split())
    separator = next((sign for sign in ";|" if sign in text), ",")
    return list(text.split(separator))


def _topic(text: str) -> str:
    label = _FEED_LABEL.match(text)
    if label:
        return "" if label[1] == "state" else text[label.end() :]
    return _WIKI.sub(r"\1", text).lstrip("#").strip(" \t\"'")
