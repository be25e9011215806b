"""Judged queries from files: TREC qrels with topics, or one small TOML file.

    qrels    one judgement a line: query, iteration, document, grade, separated by tabs or spaces.
             The iteration may be left out. (https://trec.nist.gov/data/qrels_eng/)
    topics   <top> <num> Number: 301 <title> words ... </top>, as in TREC, or one query a line:
             name, tab, words
    TOML     [[query]] with text = "words" and relevant = ["path or id", ...] or a table of grades

A document is named by its path below the seed folder or by its id.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from searchsvc.errors import JudgementsUnreadable


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query, and grades of documents by path or id; above 0 is relevant, and higher is better."""

    name: str
    text: str
    grades: Mapping[str, int] = field(default_factory=dict)


def read_qrels(judgements: Path, topics: Path | None = None) -> tuple[JudgedQuery, ...]:
    """Read the queries of a TOML file, or of qrels with `topics`, that have a relevant document.

    Raises JudgementsUnreadable with the line number.
    """
    if judgements.suffix == ".toml":
        queries = tuple(_toml(judgements))
    elif topics is None:
        raise JudgementsUnreadable(f"{judgements} has no words to look up: name the topics with --topics FILE")
    else:
        queries = tuple(_trec(judgements, topics))
    judged = tuple(query for query in queries if any(grade > 0 for grade in query.grades.values()))
    if not judged:
        raise JudgementsUnreadable(f"{judgements} has no query with a relevant document")
    return judged


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise JudgementsUnreadable(f"{path}, line {line}: no UTF-8") from error
    except OSError as error:
        raise JudgementsUnreadable(f"{path} cannot be read: {error.strerror}") from error


def _trec(judgements: Path, topics: Path) -> Iterator[JudgedQuery]:
    words = _topics(topics)
    grades: dict[str, dict[str, int]] = {}
    for number, line in enumerate(_text(judgements).split("\n"), 1):
        if line.strip():
            query, document, grade = _judgement(line, f"{judgements}, line {number}")
            if query not in words:
                raise JudgementsUnreadable(f"{judgements}, line {number}: {topics} has no query {query!r}")
            grades.setdefault(query, {})[document] = grade
    return (JudgedQuery(name, words[name], judged) for name, judged in grades.items())


def _judgement(line: str, where: str) -> tuple[str, str, int]:
    parts = [part.strip() for part in line.split("\t")] if "\t" in line else line.split()
    if len(parts) not in (3, 4):
        raise JudgementsUnreadable(f"{where}: a judgement is query, iteration, document, grade, not {line.strip()!r}")
    try:
        return parts[0], parts[-2], int(parts[-1])
    except ValueError as error:
        raise JudgementsUnreadable(f"{where}: the grade must be a whole number, not {parts[-1]!r}") from error


_TOP = re.compile(r"<top>(.*?)(?=<top>|</top>|\Z)", re.DOTALL | re.IGNORECASE)
_NUMBER = re.compile(r"<num>\s*(?:Number:)?\s*([^\s<]+)", re.IGNORECASE)
_TITLE = re.compile(r"<title>\s*(?:Topic:)?\s*([^<]+)", re.IGNORECASE)


def _topics(path: Path) -> dict[str, str]:
    text = _text(path)
    return dict(_marked_topics(text, path) if text.lstrip()[:5].lower() == "<top>" else _listed_topics(text, path))


def _marked_topics(text: str, path: Path) -> Iterator[tuple[str, str]]:
    for top in _TOP.finditer(text):
        number, title = _NUMBER.search(top.group()), _TITLE.search(top.group())
        if not number or not title or not title.group(1).strip():
            line = text.count("\n", 0, top.start()) + 1
            raise JudgementsUnreadable(f"{path}, line {line}: a topic needs <num> and <title>")
        yield number.group(1), " ".join(title.group(1).split())


def _listed_topics(text: str, path: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            name, tab, words = line.partition("\t")
            if not tab or not words.strip():
                raise JudgementsUnreadable(f"{path}, line {number}: a topic is its name, a tab and its words")
            yield name.strip(), words.strip()


_QUERY = re.compile(r"^[ \t]*\[\[[ \t]*query[ \t]*\]\]", re.MULTILINE)


def _toml(path: Path) -> Iterator[JudgedQuery]:
    text = _text(path)
    try:
        message = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:  # the message has the line, except for the last one
        end = str(error).replace("at end of document", f"at line {text.count(chr(10)) + 1}, the last")
        raise JudgementsUnreadable(f"{path}: {end}") from error
    if message.keys() != {"query"} or not isinstance(message["query"], list):
        raise JudgementsUnreadable(f"{path}, line 1: the file must hold [[query]] tables and nothing else")
    lines = [text.count("\n", 0, match.start()) + 1 for match in _QUERY.finditer(text)]
    for number, table in enumerate(message["query"]):
        where = f"{path}, line {lines[number] if len(lines) == len(message['query']) else 1}"
        yield _table(table, str(number + 1), where)


def _table(table: Any, name: str, where: str) -> JudgedQuery:
    if not isinstance(table, dict) or table.keys() != {"text", "relevant"} or not isinstance(table["text"], str):
        raise JudgementsUnreadable(f"{where}: a query has text, in quotes, and relevant, and nothing else")
    relevant = table["relevant"]
    if isinstance(relevant, list):
        relevant = dict.fromkeys(map(str, relevant), 1)
    if not isinstance(relevant, dict) or not all(type(grade) is int for grade in relevant.values()):
        raise JudgementsUnreadable(f"{where}: relevant is a list of paths or ids, or a table of their grades")
    return JudgedQuery(name, table["text"], relevant)
