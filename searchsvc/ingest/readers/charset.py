"""Character encodings: bytes to text, with a note where the encoding is a guess."""

import codecs
import re
from contextlib import suppress

from charset_normalizer import from_bytes

# gzip, zip, ELF, PDF, PNG, JPEG, GIF, bzip2, xz, zstd. A short file may hold few control characters, so they are not
# enough.
_SIGNATURES = (
    b"\x1f\x8b", b"PK\x03\x04", b"\x7fELF", b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BZh",
    b"\xfd7zXZ", b"\x28\xb5\x2f\xfd",
)  # fmt: skip
_WESTERN = frozenset({"cp1252", "latin_1"})
_GUESS_FROM = 65_536  # bytes for guessing the encoding
_BOMS = (  # longest first, since UTF-32 LE begins like UTF-16 LE
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BOM_STARTS = frozenset(bom[:1] for bom, _ in _BOMS)
LONGEST_BOM = 4  # bytes
_CONTROLS = bytes([*range(9), *range(14, 27), *range(28, 32), 127])  # that no text holds
_ZEROS = bytes(64)  # a run of zeros, which fills blocks of binary and of sparse files
_WIDE = ((2, 0), (2, 1), (4, 0), (4, 3))  # width and place, see _is_wide: UTF-16 LE and BE, UTF-32 LE and BE


def marked(data: bytes) -> str | None:
    """Return the encoding of the byte order mark at the beginning of `data`, or None."""
    if data[:1] not in _BOM_STARTS:  # as of nearly all texts
        return None
    return next((encoding for bom, encoding in _BOMS if data.startswith(bom)), None)


def is_binary(data: bytes) -> bool:
    """Return whether `data` is not text."""
    if _ZEROS in data:
        return True
    if marked(data):
        return False
    if data.startswith(_SIGNATURES):
        return True
    sample = data[:_GUESS_FROM]
    return _controls(sample) > len(sample) // 20 + 2 and not any(_is_wide(sample, *layout) for layout in _WIDE)


def is_tar(data: bytes) -> bool:
    """Return whether `data` begins with the header of a tar archive, which names its first file and is then text."""
    return data[257:262] == b"ustar" and b"\0" in data[:100]


def _controls(sample: bytes) -> int:
    return len(sample) - len(sample.translate(None, _CONTROLS))


def _is_wide(sample: bytes, width: int, place: int) -> bool:
    """Return whether `sample` is mostly Latin text in UTF-16 or UTF-32 without a mark.

    Of `width` bytes per character, the byte at `place` is text and all others are 0. In files of zeros, or of zeros
    and ones, no byte is text.
    """
    text = sample[place::width]
    zeros = sample.count(0) - text.count(0)
    return zeros > 0.8 * (len(sample) - len(text)) and _controls(text) <= len(text) // 20


def readable(data: bytes, declared: str | None = None) -> tuple[str, str | None]:
    """Return `data` as printable text, and a note as `decode` returns it."""
    text, note = decode(data, declared)
    return printable(text), note


def decode(data: bytes, declared: str | None = None) -> tuple[str, str | None]:
    """Return `data` as text, and a note if its encoding is a guess or parts are lost.

    The encoding is that of a byte order mark, else UTF-8 if valid, else `declared`, else a guess.
    """
    encoding = marked(data)
    if encoding:
        text = data.decode(encoding, "replace").removeprefix("\ufeff")
        return text, f"damaged {encoding.upper()}; unreadable parts were replaced" if "\ufffd" in text else None
    for certain in ("utf-8", declared):
        # A declared name may be unknown, name no text encoding (`rot13`), or hold a zero byte.
        with suppress(UnicodeError, LookupError, ValueError):
            if certain:
                return data.decode(certain), None
    return _guessed(data)


def encoding_of(head: bytes) -> str:
    """Return the encoding of a text that begins with `head`, for reading it as a stream: certain or guessed."""
    encoding = marked(head)
    if encoding:
        return "utf-8-sig" if encoding == "utf-8" else encoding
    with suppress(UnicodeError):
        codecs.getincrementaldecoder("utf-8")().decode(head)  # the last character may be cut
        return "utf-8"
    if _is_nearly_utf8(head):
        return "utf-8"
    if _is_nearly_ascii(head):
        return "cp1252"
    best = from_bytes(head).best()
    return best.encoding if best and best.encoding not in _WESTERN else "cp1252"


def _guessed(data: bytes) -> tuple[str, str]:
    """Decode data that is not valid UTF-8: UTF-8 with some broken bytes, or another encoding."""
    if _is_nearly_utf8(data):
        return _repaired(data)
    if _is_nearly_ascii(data):
        return data.decode("cp1252", "replace"), "not valid UTF-8: decoded as cp1252, a guess"
    guesses = from_bytes(data[:_GUESS_FROM])
    best = guesses.best()
    # Western European is by far the most likely, so it wins unless another encoding gives cleaner text.
    western = any(best and each.encoding in _WESTERN and each.chaos <= best.chaos for each in guesses)
    encoding = best.encoding if best and not western else "cp1252"
    return data.decode(encoding, "replace"), f"not valid UTF-8: decoded as {encoding}, a guess"


def _is_nearly_utf8(data: bytes) -> bool:
    """Return whether more characters above ASCII are valid UTF-8 than not.

    In other encodings, a byte that opens a character of UTF-8 is hardly ever followed by one that continues it.
    """
    lenient = data.decode("utf-8", "replace")
    broken = lenient.count("\ufffd")
    above = len(lenient) - len(lenient.encode("ascii", "ignore"))  # with the broken ones
    return above - broken >= max(broken, 1)


def _is_nearly_ascii(data: bytes) -> bool:
    """Return whether few bytes are letters above ASCII, as in English, and none is in a run as in other scripts.

    Quotation marks and dashes of Windows do not count: they are the same in its Central European encoding.
    """
    if _RUN_ABOVE.search(data) or _UNDEFINED.search(data):
        return False
    above = len(data) - len(data.translate(None, _LETTERS))
    is_english = len(_ENGLISH.findall(data[:_GUESS_FROM])) > min(len(data), _GUESS_FROM) // 150
    return above <= (_FEW_IN_ENGLISH if is_english else _FEW_LETTERS) * len(data) + 1


def _repaired(data: bytes) -> tuple[str, str]:
    """Decode UTF-8 with broken bytes. Those that may be letters or signs of Windows-1252 are read as such."""
    text = data.decode("utf-8", _REPAIR)
    lost = text.count("\ufffd")
    if lost:
        return text, f"not valid UTF-8: {lost} unreadable parts were replaced"
    return text, "not valid UTF-8: bytes of Windows-1252 among UTF-8 were repaired"


def _repair(error: UnicodeError) -> tuple[str, int]:
    """Return the text in place of broken bytes, and the position after them, as an error handler of `codecs`.

    A cut character of several bytes, and a byte at the end of the data, are lost.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    broken = error.object[error.start : error.end]
    is_cut = len(broken) > 1 or error.end == len(error.object) or broken in (b"\xff", b"\xfe")
    return "\ufffd" if is_cut else broken.decode("cp1252", "replace"), error.end


_REPAIR = "searchsvc-repair"
codecs.register_error(_REPAIR, _repair)
# Bytes above ASCII that are no quotation mark, dash, currency, degree or the like in Windows-1252.
_LETTERS = bytes(set(range(128, 256)) - {0x80, 0x85, *range(0x91, 0x98), 0x99, *range(0xA0, 0xC0), 0xD7})
_FEW_LETTERS = 0.01  # share of bytes; French and German have 0.02 to 0.04
_FEW_IN_ENGLISH = 0.04
_ENGLISH = re.compile(rb"\b(?:the|and|of|that|was|for|with)\b", re.I)
_RUN_ABOVE = re.compile(rb"[\x80-\xff]{3}")
_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")  # in Windows-1252

# What a terminal obeys: colours, cursor movements, window titles, and a letter that is overstruck.
_ESCAPES = re.compile(
    r"\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]|\x9b[0-?]{1,64}[ -/]{0,8}[@-~]"
    r"|\x1b[\]PX^_][^\x07\x1b\n]{0,2000}(?:\x07|\x1b\\)|\x1b[()*+#%][\w]"
    r"|\x1b[=>78cDEHMNOZ]|[^\n]\x08"
)
_LINE_ENDS = str.maketrans(
    {"\r": "\n", "\u2028": "\n", "\u2029": "\n", "\x0b": "\n", "\x0c": "\n", "\x85": "\n"}
    | {chr(code): None for code in [*range(9), *range(14, 32), 127]}
)
_RARE_CONTROLS = bytes(code for code in _LINE_ENDS if code < 128)
_RARE_LINE_ENDS = tuple(chr(code) for code in _LINE_ENDS if code >= 128)
_MOST_BLANK = 20  # lines in a row
_BLANK = re.compile(rb"\n(?:[ \t]*+\n){%d,}+" % _MOST_BLANK)


def printable(text: str) -> str:
    """Normalise line ends; remove escapes of terminals, control characters and lone surrogates; shorten very long
    runs of blank lines.

    Each line costs time and memory even if it is blank.
    """
    if "\x1b" in text or "\x08" in text or "\x9b" in text:
        text = _ESCAPES.sub("", text)
    text = text.replace("\r\n", "\n")
    data = text.encode("utf-8", "replace")
    # Deleting bytes and counting is ten times faster than searching for one of many characters.
    if len(data.translate(None, _RARE_CONTROLS)) < len(data) or any(sign in text for sign in _RARE_LINE_ENDS):
        text = text.translate(_LINE_ENDS)
        data = text.encode("utf-8", "replace")
    if text.count("\n") > _MOST_BLANK:
        data = _BLANK.sub(b"\n" * _MOST_BLANK, data)
    return data.decode("utf-8")
