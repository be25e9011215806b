"""Reader for CSV and TSV with a header: a record per row."""

import csv
import io
from collections.abc import Iterator

import msgspec

from searchsvc.ingest.readers.bounded_io import UnreadableSeed
from searchsvc.ingest.readers.charset import encoding_of
from searchsvc.ingest.readers.field_names import FieldNames, fold_name
from searchsvc.ingest.readers.json_lines import LONGEST_LINE

_HEAD = 65_536  # bytes that show the encoding and the separator
_SEPARATORS = ",;\t|"
_MOST_COLUMNS = 1_000
csv.field_size_limit(LONGEST_LINE)


def rows(stream: io.BufferedReader, path: str, names: FieldNames) -> Iterator[tuple[int, bytes, dict[str, object]]]:
    """Yield the line number, content and values of each row by column. Raises UnreadableSeed."""
    head = stream.peek(_HEAD)[:_HEAD]
    text = io.TextIOWrapper(stream, encoding_of(head), errors="replace", newline="")
    lines = _printable(text)
    header_line = next((line for line in lines if line.strip()), "").lstrip("\ufeff")
    separator = "\t" if ".tsv" in path.lower() else max(_SEPARATORS, key=header_line.count)
    try:
        header = next(csv.reader([header_line], delimiter=separator, skipinitialspace=True), [])[:_MOST_COLUMNS]
        if not any(field in ("text", "title") for name in header for field, _ in names.fields_of(fold_name(name))):
            raise UnreadableSeed("no column for a text or title in the first line (see the setting `fields`)")
        reader = csv.reader(lines, delimiter=separator)
        number = 2
        for row in reader:
            values: dict[str, object] = {name: value for name, value in zip(header, row, strict=False) if value.strip()}
            if values:
                yield number, msgspec.json.encode(values), values
            number = reader.line_num + 2
    except csv.Error as error:
        raise UnreadableSeed(f"unreadable CSV: {error}; the rows below are skipped") from error


def _printable(text: io.TextIOWrapper) -> Iterator[str]:
    """Yield the lines of a text, each of at most LONGEST_LINE characters. Raises UnreadableSeed."""
    while line := text.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise UnreadableSeed(f"line longer than {LONGEST_LINE:,} bytes; the rows below are skipped")
        yield line.replace("\0", "").encode("utf-8", "replace").decode()
