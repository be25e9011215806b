"""Test collections from a folder: documents, queries as people wrote them, and which answer which."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from searchsvc.evaluation import JudgedQuery
from searchsvc.ingest.ids import document_id
from searchsvc.models.documents import Document

_BARE = Document(id="", slug="", path="", content_hash="", title="", body="")


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents as they stand, not cleaned, their names as paths; the queries that have a relevant document."""

    name: str
    documents: tuple[Document, ...]
    judged: tuple[JudgedQuery, ...]


def load(folder: Path) -> Collection:
    """`docs.jsonl` (id, title, body), `queries.jsonl` (id, text) and `qrels.tsv` (query, document, grade)."""
    documents = tuple(
        replace(_BARE, id=document_id(each["id"]), path=each["id"], title=each["title"], body=each["body"])
        for each in _lines(folder / "docs.jsonl")
    )
    there = {document.path for document in documents}
    grades: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines():
        query, document, grade = line.split("\t")
        if document in there:
            grades.setdefault(query, {})[document] = int(float(grade))
    queries = [JudgedQuery(q["id"], q["text"], grades.get(q["id"], {})) for q in _lines(folder / "queries.jsonl")]
    judged = tuple(query for query in queries if any(grade > 0 for grade in query.grades.values()))
    return Collection(folder.name, documents, judged)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    return map(msgspec.json.decode, path.read_bytes().splitlines())
