"""Sentence embedding models: vectors of texts, and folders that hold no usable model."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from searchsvc.errors import ModelUnusable
from searchsvc.models.documents import Document
from searchsvc.semantic import SentenceModel, cosines, packed, rerank, text_to_embed, unpacked
from tests.semantic.tiny_model import SUBJECTS, write_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> SentenceModel:
    return SentenceModel(write_model(tmp_path_factory.mktemp("model")))


def test_vector_is_the_mean_over_the_tokens_of_unit_length(model: SentenceModel) -> None:
    vector = model.embed("Car garden")
    assert vector.dtype == np.float32
    assert vector == pytest.approx(np.array([1, 1, 0, 0]) / np.sqrt(2), abs=1e-6)
    assert model.dimensions == 4


@pytest.mark.parametrize("text", ["", " ", "\x00", "😀" * 5_000, "car " * 100_000])
def test_any_text_has_a_finite_vector(model: SentenceModel, text: str) -> None:
    assert np.isfinite(model.embed(text)).all()


def test_key_follows_the_contents_of_both_files(tmp_path: Path, model: SentenceModel) -> None:
    assert SentenceModel(write_model(tmp_path / "same")).key == model.key
    other = {word: [component * 2 for component in vector] for word, vector in SUBJECTS.items()}
    assert SentenceModel(write_model(tmp_path / "other", other)).key != model.key


def _without_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def _with_garbage(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"\x00garbage" * 100)


def _cut_off(folder: Path) -> None:
    (folder / "model.onnx").write_bytes((folder / "model.onnx").read_bytes()[:-40])


def _with_another_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}", "utf-8")


@pytest.mark.parametrize("damage", [_without_tokenizer, _with_garbage, _cut_off, _with_another_tokenizer])
def test_unusable_folder_is_an_error_with_its_name(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    damage(write_model(tmp_path / "model"))
    with pytest.raises(ModelUnusable, match="model"):
        SentenceModel(tmp_path / "model")


@given(arrays.arrays(np.float32, (3, 8), elements=st.floats(-1, 1, width=32)))
def test_packed_vectors_keep_their_cosines(table: np.ndarray) -> None:
    lengths = np.linalg.norm(table, axis=1)
    if (lengths < 0.01).any():
        return
    first, *others = table / lengths[:, None]
    exact = np.array([first @ other for other in others])
    assert cosines(first, [packed(other) for other in others]) == pytest.approx(exact, abs=0.02)
    assert unpacked(packed(first)) == pytest.approx(first, abs=0.005)


def test_vectors_that_are_missing_or_of_other_dimensions_have_no_cosine() -> None:
    one = np.array([1, 0], np.float32)
    assert np.isnan(cosines(one, [b"", b"\x01\x02\x03"])).all()
    assert cosines(one, [b"", packed(one)])[1] == pytest.approx(1)
    assert len(cosines(one, [])) == 0


def test_hits_are_ordered_by_words_and_meaning() -> None:
    assert rerank([10.0, 9.0, 1.0], np.array([0.1, 0.9, 0.5])) == [1, 0, 2]
    assert rerank([10.0, 9.0, 1.0], np.array([0.1, 0.9, 0.5]), weight=0) == [0, 1, 2]
    assert rerank([10.0, 9.0, 1.0], np.array([0.1, 0.2, 0.9]), weight=1) == [2, 1, 0]


def test_hits_without_vectors_count_like_the_mean() -> None:
    assert rerank([10.0, 10.0, 10.0], np.array([0.1, np.nan, 0.9])) == [2, 1, 0]


@pytest.mark.parametrize("cosines_of", [[], [np.nan], [0.5], [np.nan, np.nan], [0.5, 0.5], [np.nan, 0.9]])
def test_order_stays_where_meaning_makes_no_difference(cosines_of: list[float]) -> None:
    scores = [2.0, 1.0][: len(cosines_of)]
    assert rerank(scores, np.array(cosines_of)) == list(range(len(scores)))
    assert rerank([0.0] * len(scores), np.array(cosines_of)) == list(range(len(scores)))


def test_title_and_beginning_of_the_body_are_embedded() -> None:
    document = Document("0" * 16, "s", "a.txt", "", "A title", "b" * 5_000)
    assert text_to_embed(document) == f"A title\n{'b' * 1_000}"
