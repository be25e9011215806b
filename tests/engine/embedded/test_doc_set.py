"""Forms of a set of documents."""

import numpy as np
import pytest

from searchsvc.engine.embedded.index.doc_set import masked


@pytest.mark.parametrize("count", [0, 1, 15, 16, 500, 1000])
@pytest.mark.parametrize("size", [1000, 1024])
def test_documents_of_a_bit_set_are_its_flags(size: int, count: int) -> None:
    docs = np.sort(np.random.default_rng(count).permutation(size)[:count])
    flags = np.zeros(size, bool)
    flags[docs] = True
    array = masked(flags).docs_array()
    assert array.dtype == np.int32
    assert array.tolist() == docs.tolist()
