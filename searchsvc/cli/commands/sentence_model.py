"""The command model: tries a sentence embedding model."""

import time
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from searchsvc.cli.options import Group, output_format
from searchsvc.cli.output import print_json
from searchsvc.cli.safe_console import out
from searchsvc.semantic import SentenceModel, cosines, packed

_QUERY = "storm damage in the harbour"
_RELATED, _UNRELATED = "Gales wreck boats at the quay", "The committee approved the annual accounts"
_PARAGRAPH = "The council met on Tuesday to discuss the repair of the bridge, which was closed after the flood. " * 12
_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """Figures of a model. `bytes` of its files; milliseconds of one thread; `related` and `unrelated`: cosines."""

    bytes: int
    dimensions: int
    query_ms: float
    document_ms: float
    related: float
    unrelated: float


@click.group(cls=Group)
def model() -> None:
    """Try a sentence embedding model."""


@model.command()
@output_format()
@click.argument("folder", type=click.Path(path_type=Path))
def check(folder: Path, form: str) -> None:
    """Check a model: whether it works, how fast and how large it is.

    FOLDER has model.onnx and tokenizer.json.
    """
    checked = _checked(folder)
    if form == "json":
        print_json(asdict(checked))
        return
    out.print(f"works: {checked.dimensions} dimensions, {checked.bytes / 1e6:,.1f} MB")
    out.print(f"a query takes {checked.query_ms:.1f} ms, a document {checked.document_ms:.1f} ms of one thread")
    out.print(f"cosine of a query and a related title {checked.related:.2f}, an unrelated one {checked.unrelated:.2f}")
    if checked.related <= checked.unrelated:
        out.print("The related title should have the higher cosine: this model may be for another language or purpose.")
    out.print(f"To use it, put `semantic_model = {str(folder)!r}` into searchsvc.toml, and run `searchsvc rebuild`.")


def _checked(folder: Path) -> ModelCheck:
    sentence_model = SentenceModel(folder)
    query = sentence_model.embed(_QUERY)
    titles = [packed(sentence_model.embed(title)) for title in (_RELATED, _UNRELATED)]
    related, unrelated = cosines(query, titles).tolist()
    size = sum(file.stat().st_size for file in sentence_model.files)
    return ModelCheck(
        size,
        sentence_model.dimensions,
        _milliseconds(sentence_model, _QUERY),
        _milliseconds(sentence_model, _PARAGRAPH),
        related,
        unrelated,
    )


def _milliseconds(sentence_model: SentenceModel, text: str) -> float:
    """Return the CPU time of this process for one text, the mean of some rounds."""
    started = time.process_time()
    for _ in range(_ROUNDS):
        sentence_model.embed(text)
    return (time.process_time() - started) / _ROUNDS * 1e3
