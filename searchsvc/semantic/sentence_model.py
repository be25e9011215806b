"""A sentence embedding model in a folder: `model.onnx` and `tokenizer.json`, as sentence-transformers exports them."""

import importlib
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.errors import ModelUnusable
from searchsvc.extras import importing

MODEL_KEY = "sentence-model"  # name of the key of a generation's model in its user data
MODEL, TOKENIZER = "model.onnx", "tokenizer.json"
MAX_TOKENS = 128  # of a text; the rest is ignored
_EXTRA, _PURPOSE = "semantic", "ranking by meaning"
_LONGEST_TEXT = 4_000  # characters; more would only cost time in the tokenizer
_HASHED = 1 << 20  # bytes at a time

Vector = NDArray[np.float32]


class SentenceModel:
    """A loaded model. Safe to use from several threads; texts are embedded one by one, in one thread each.

    The vector of a text never depends on other texts, which it does in a batch of a model of 8-bit integers.
    """

    def __init__(self, folder: Path) -> None:
        """Load the model. Raises ExtraMissing, ExtraBroken, and ModelUnusable with what to do."""
        for name in (MODEL, TOKENIZER):
            if not (folder / name).is_file():
                raise ModelUnusable(
                    f"{folder} has no {name}; name a folder with {MODEL} and {TOKENIZER} of a sentence embedding model"
                )
        with importing(_EXTRA, "onnxruntime", _PURPOSE):
            onnxruntime = importlib.import_module("onnxruntime")
        with importing(_EXTRA, "tokenizers", _PURPOSE):
            tokenizers = importlib.import_module("tokenizers")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4  # errors are raised
        self.folder = folder
        try:
            self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / TOKENIZER))
            self._session = onnxruntime.InferenceSession(
                str(folder / MODEL), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(MAX_TOKENS)
            self._inputs = [each.name for each in self._session.get_inputs()]
            self.dimensions = len(self.embed("a"))
        except Exception as error:  # both libraries raise bare exceptions of their own
            raise ModelUnusable(
                f"{folder} cannot be used as a sentence embedding model: {_first_line(error)}"
            ) from error

    @property
    def files(self) -> tuple[Path, ...]:
        """Return the files of the model."""
        return self.folder / MODEL, self.folder / TOKENIZER

    @cached_property
    def key(self) -> str:
        """Identify the model by the contents of its files; vectors of different models cannot be compared."""
        digest = blake2b(digest_size=16)
        for path in self.files:
            with path.open("rb") as file:
                while block := file.read(_HASHED):
                    digest.update(block)
        return digest.hexdigest()

    def embed(self, text: str) -> Vector:
        """Return the unit vector of a text, (dimensions,) float32; zeros for a text without tokens.

        The mean over its tokens, unless the model returns one vector for a text itself.
        """
        encoded = self._tokenizer.encode(text[:_LONGEST_TEXT])
        if not encoded.ids:
            return np.zeros(self.dimensions, np.float32)
        ids = np.array([encoded.ids], np.int64)
        values = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        output = self._session.run(None, {name: values[name] for name in self._inputs})[0][0]
        vector: Vector = (output.mean(axis=0) if output.ndim == 2 else output).astype(np.float32)
        length = float(np.linalg.norm(vector))
        return vector / np.float32(length) if length > 0 else vector


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:300].rstrip(" .")
