"""A sentence embedding model of a few words, as a real ONNX file: a table of vectors that the tokens look up.

ONNX files are protocol buffers (onnx.proto of the ONNX specification); only the fields that such a graph needs are
written.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

UNKNOWN = "[UNK]"
# Words of a subject share a direction.
SUBJECTS: Mapping[str, Sequence[float]] = {
    "car": (1, 0, 0, 0),
    "automobile": (1, 0.1, 0, 0),
    "garden": (0, 1, 0, 0),
    "flowers": (0, 1, 0.1, 0),
    "court": (0, 0, 1, 0),
    "judge": (0, 0.1, 1, 0),
    UNKNOWN: (0.01, 0.01, 0.01, 0.2),
}
_FLOAT, _INT64 = 1, 7  # TensorProto.DataType


def write_model(folder: Path, vectors: Mapping[str, Sequence[float]] = SUBJECTS) -> Path:
    """Write `model.onnx` and `tokenizer.json` into `folder`, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(_model(np.array(list(vectors.values()), np.float32)))
    (folder / "tokenizer.json").write_text(json.dumps(_tokenizer(list(vectors))), "utf-8")
    return folder


def _tokenizer(words: Sequence[str]) -> dict[str, object]:
    vocabulary = {word: number for number, word in enumerate(words)}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": None,
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": UNKNOWN},
    }


def _model(table: np.ndarray) -> bytes:
    node = _text(1, "table") + _text(1, "input_ids") + _text(2, "last_hidden_state") + _text(4, "Gather")
    tensor = b"".join(_number(1, size) for size in table.shape)
    tensor += _number(2, _FLOAT) + _text(8, "table") + _bytes(9, table.tobytes())
    graph = (
        _bytes(1, node)
        + _text(2, "table of words")
        + _bytes(5, tensor)
        + _bytes(11, _value("input_ids", _INT64, ["texts", "tokens"]))
        + _bytes(12, _value("last_hidden_state", _FLOAT, ["texts", "tokens", "dimensions"]))
    )
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, _text(1, "") + _number(2, 13))


def _value(name: str, kind: int, dimensions: Sequence[str]) -> bytes:
    shape = b"".join(_bytes(1, _text(2, each)) for each in dimensions)
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, shape)))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode("ascii"))


def _varint(value: int) -> bytes:
    """Return a number in groups of seven bits, the lowest first; all but the last have the highest bit set."""
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])
