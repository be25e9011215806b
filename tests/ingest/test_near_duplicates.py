"""Near-duplicates: copies are found, strangers are not, and clusters are stars around a face."""

import random

import numpy as np
import pytest
from numpy.typing import NDArray

from searchsvc.analysis import WORD, analyzer
from searchsvc.ingest import duplicate_links, piece_hashes, signatures, stored_bytes
from searchsvc.ingest.duplicate_links import DuplicateLinks, SignedDocuments, affected_links, all_links
from searchsvc.ingest.near_duplicates import DuplicateFinder, canonicals
from searchsvc.ingest.shared_runs import MOST_RUNS, NearDuplicateChecks, Runs, StoredRuns, share
from searchsvc.ingest.signatures import SIZE, count_and_sign, count_and_sign_all, runs_of, signature
from searchsvc.ingest.stored_bytes import StoredBytes
from searchsvc.models.documents import Document

RNG = random.Random(5)
VOCABULARY = [f"word{i}" for i in range(3_000)]


def text(seed: int, size: int = 200) -> list[str]:
    return random.Random(seed).choices(VOCABULARY, k=size)


def changed(words: list[str], share: float) -> list[str]:
    places = set(RNG.sample(range(len(words)), int(share * len(words))))
    return [RNG.choice(VOCABULARY) if i in places else word for i, word in enumerate(words)]


def grouped(*texts: list[str]) -> list[int]:
    def are_near(one: int, other: int) -> bool:
        return share(runs_of(texts[one]), runs_of(texts[other])) >= 0.5

    signatures = np.array([signature(words) for words in texts], np.uint16).reshape(-1, SIZE)
    by_day = np.arange(len(texts))
    documents = SignedDocuments(by_day.astype(np.uint64), by_day, by_day, signatures)
    canonical = canonicals(all_links(documents), signatures, are_near)
    return [canonical.get(row, row) for row in range(len(texts))]


def never(one: int, other: int) -> bool:
    raise AssertionError("the signatures leave no doubt")


def plain_share(one: list[str], other: list[str]) -> float:
    runs, others = (set(zip(words, words[1:], words[2:], strict=False)) for words in (one, other))
    return len(runs & others) / len(runs | others)


def pair_with_share(wanted: float, seed: int, size: int = 300) -> tuple[list[str], list[str]]:
    """Two texts with a common beginning that share this part of their runs, within half a hundredth."""
    one, other = text(seed, size), text(seed + 10_000, size)
    pairs = [(one, [*one[:cut], *other[cut:]]) for cut in range(size // 2, size)]
    return min(pairs, key=lambda pair: abs(plain_share(*pair) - wanted))


@pytest.mark.parametrize(("wanted", "near"), [(0.45, 0), (0.49, 0), (0.6, 30)])
def test_texts_are_near_duplicates_if_they_share_at_least_half_of_their_runs(wanted: float, near: int) -> None:
    pairs = [pair_with_share(wanted, seed) for seed in range(30)]
    assert all(abs(plain_share(*pair) - wanted) < 0.005 for pair in pairs)
    assert sum(grouped(*pair) == [0, 0] for pair in pairs) == near


@pytest.mark.parametrize("size", [30, 400, 3_000])
def test_share_of_runs_is_exact_for_articles(size: int) -> None:
    one, other = text(1, size), text(1, size)[size // 3 :]
    assert share(runs_of(one), runs_of(other)) == pytest.approx(plain_share(one, other), abs=1e-9)


def test_share_of_runs_is_close_for_long_texts() -> None:
    one = text(1, 60_000)
    other = [*one[:38_000], *text(2, 22_000)]
    assert len(runs_of(one)) == MOST_RUNS
    assert share(runs_of(one), runs_of(other)) == pytest.approx(plain_share(one, other), abs=0.03)


def test_result_of_a_check_is_reused_unless_a_document_changed() -> None:
    one, other = runs_of(text(1)), runs_of(text(1)[:150])
    first = NearDuplicateChecks()
    first.add(1, one)
    first.add(2, other)
    assert first.are_near(2, 1)
    asked: list[int] = []

    def read(document_id: int) -> Runs:
        asked.append(document_id)
        return runs_of(text(3))

    second = NearDuplicateChecks()
    second.reuse(read, first.to_bytes(), np.array([1, 2], np.uint64))
    assert (second.are_near(1, 2), asked) == (True, [])
    third = NearDuplicateChecks()
    third.reuse(read, second.to_bytes(), np.array([2], np.uint64))
    third.add(1, one)
    assert (third.are_near(1, 2), asked) == (False, [2])


def test_runs_are_read_from_the_file_that_takes_those_of_a_large_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_bytes, "_MOST_IN_MEMORY", 1_000)
    stored = StoredRuns()
    runs = [runs_of(text(seed)) for seed in range(9)]
    for number, each in enumerate(runs):
        stored.add(8 - number, each)
    assert (stored.get(9), stored.get((1 << 64) - 1)) == (None, None)
    read = [stored.get(number) for number in (3, 0)]
    assert [each.tolist() for each in read if each is not None] == [runs[5].tolist(), runs[8].tolist()]


@pytest.mark.parametrize("most_in_memory", [600, 1_000_000])
def test_stored_bytes_come_back_in_order(monkeypatch: pytest.MonkeyPatch, most_in_memory: int) -> None:
    monkeypatch.setattr(stored_bytes, "_MOST_IN_MEMORY", most_in_memory)
    stored, added = StoredBytes(), [signature(text(seed)) for seed in range(7)]
    for each in added:
        stored.add(each.tobytes())
    assert np.array_equal(stored.data.view(np.uint16).reshape(-1, SIZE), np.stack(added))
    assert StoredBytes().data.tolist() == []


def test_signature_takes_at_most_256_bytes() -> None:
    assert signature(text(1)).nbytes == 2 * SIZE <= 256


def test_signature_is_the_same_in_every_process() -> None:
    assert signature(text(1, 30))[:4].tolist() == signature(text(1, 30))[:4].tolist()


def test_equal_texts_share_a_face() -> None:
    assert grouped(text(1), text(2), text(1)) == [0, 1, 0]


def test_a_copy_with_a_tenth_of_its_words_changed_is_found() -> None:
    originals = [text(i) for i in range(200)]
    found = grouped(*originals, *(changed(words, 0.1) for words in originals))
    assert sum(found[200 + i] == i for i in range(200)) >= 190


def test_a_copy_cut_by_a_tenth_is_found() -> None:
    assert grouped(text(1), text(1)[:180]) == [0, 0]


def test_unrelated_texts_stay_apart() -> None:
    assert grouped(*(text(i) for i in range(300))) == list(range(300))


def test_short_texts_are_copies_only_if_equal() -> None:
    short = text(1, 15)
    assert grouped(short, short[:14], short) == [0, 1, 0]


def test_texts_without_words_are_copies_of_nothing() -> None:
    assert grouped([], [], text(1)) == [0, 1, 2]


def test_no_texts_have_no_faces() -> None:
    assert grouped() == []


def test_a_copy_of_a_copy_is_near_the_face_or_a_face_itself() -> None:
    first = text(1)
    chain = [first, changed(first, 0.12), changed(changed(first, 0.12), 0.5)]
    assert grouped(*chain) == [0, 0, 2]


def test_the_preferred_document_is_the_face() -> None:
    documents = signed({3: text(1), 2: text(2), 1: text(1)})
    assert canonicals(all_links(documents), documents.signatures, never) == {0: 2}


Texts = dict[int, list[str]]  # words by the id of the document


def signed(texts: Texts) -> SignedDocuments:
    return SignedDocuments(
        np.array(list(texts), np.uint64),
        np.full(len(texts), np.iinfo(np.int64).max),
        np.array([len(words) for words in texts.values()], np.int64),
        np.array([signature(words) for words in texts.values()], np.uint16).reshape(-1, SIZE),
    )


def finder_of(texts: Texts, before: Texts | None = None, previous: DuplicateFinder | None = None) -> DuplicateFinder:
    """All texts in a finder: of a rebuild, or of an update after the texts `before` were in another."""
    finder = DuplicateFinder()
    if before and previous:
        ids = np.array(list(before), np.uint64)
        same = np.array([texts.get(number) is words for number, words in before.items()])
        finder.checks.reuse(lambda number: runs_of(texts[number]), previous.checks.to_bytes(), ids[same])
        finder.reuse(signed(before), same, previous.clusters().tobytes())
    for number, words in texts.items():
        if before is None or words is not before.get(number):
            document = Document(f"{number:016x}", "", f"{number}.txt", "", "title", "body", words=len(words))
            finder.add(document, signature(words), runs_of(words))
    return finder


@pytest.mark.parametrize("few", [1_000, 0])
@pytest.mark.parametrize("seed", range(4))
def test_clusters_of_an_update_are_those_of_a_rebuild(monkeypatch: pytest.MonkeyPatch, few: int, seed: int) -> None:
    monkeypatch.setattr(duplicate_links, "_FEW", few)
    draw, sizes = random.Random(seed), set[int]()
    templates = [text(number, 60) for number in range(6)]

    def new() -> list[str]:
        return changed(draw.choice(templates), draw.choice([0, 0.1, 0.2, 0.3])) if draw.random() < 0.9 else []

    texts = {number: new() for number in range(40)}
    finder = finder_of(texts)
    for number in range(40, 70):
        before, texts = texts, dict(texts)
        for deleted in draw.sample(list(texts), draw.randrange(3)):
            del texts[deleted]
        for edited in (*draw.sample(list(texts), draw.randrange(3)), number):
            texts[edited] = new()
        finder = finder_of(texts, before, finder)
        clusters = sorted(finder.clusters().tolist())
        assert clusters == sorted(finder_of(texts).clusters().tolist())
        sizes.add(len(clusters))
    assert len(sizes) > 3


def test_only_documents_linked_to_a_change_are_affected() -> None:
    now = signed(dict(enumerate([text(1), text(2), text(3), text(1), text(4)])))
    before, nothing = signed({9: text(2)}), signed({})

    def affected(is_changed: NDArray[np.bool_], gone: SignedDocuments) -> list[bool]:
        result = affected_links(now, is_changed, gone)
        assert result is not None
        return [bool(each) for each in result[0]]

    assert affected(np.arange(5) == 3, nothing) == [True, False, False, True, False]
    assert affected(np.zeros(5, bool), before) == [False, True, False, False, False]
    assert affected(np.zeros(5, bool), nothing) == [False] * 5


@pytest.mark.parametrize(("length", "is_followed"), [(8, True), (40, False)])
def test_long_chain_of_links_is_not_followed(length: int, is_followed: bool) -> None:
    halves = np.random.default_rng(1).integers(1, 1 << 16, (2, length, SIZE // 2), np.uint16)
    rows = np.array([[*halves[0][row // 2], *halves[1][(row + 1) // 2]] for row in range(length)], np.uint16)
    order = np.arange(length)
    chain = SignedDocuments(order.astype(np.uint64), order, order, rows)
    result = affected_links(chain, order == 0, chain.of(order < 0))
    assert (result is not None) == is_followed
    assert result is None or result[0].all()


def with_shared_bands(draw: random.Random, template: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """A text like the template in two of three values of each band, and in no band; with one or two of six frequent
    bands, in which alone it can be linked to others."""
    bands = template.reshape(-1, 3).copy()
    bands[:, 0] = [draw.randrange(1, 1 << 16) for _ in bands]
    bands[draw.sample(range(6), draw.randrange(1, 3))] = 7
    return bands.reshape(-1)


@pytest.mark.parametrize("seed", range(5))
def test_links_of_unaffected_documents_are_those_of_before(seed: int) -> None:
    """Also where a change comes between linked documents, or leaves them, in the order of a frequent band."""
    draw, noise = random.Random(seed), np.random.default_rng(seed)
    templates = noise.integers(1, 1 << 16, (20, SIZE), np.uint16)
    links_lost = 0

    def documents(numbers: list[int]) -> SignedDocuments:
        rows = np.array([rows_by_number[number] for number in numbers], np.uint16).reshape(-1, SIZE)
        ids = np.array(numbers, np.uint64)
        return SignedDocuments(ids, np.zeros(len(ids), np.int64), np.zeros(len(ids), np.int64), rows)

    def linked(now: SignedDocuments, links: DuplicateLinks) -> set[tuple[int, int, int]]:
        return {(int(now.ids[one]), int(now.ids[other]), equal) for one, other, equal in links.each()}

    for _ in range(40):
        rows_by_number = {number: with_shared_bands(draw, templates[draw.randrange(20)]) for number in range(60)}
        before, now = (sorted(draw.sample(range(60), 59)) for _ in range(2))
        is_new = np.array([number not in before for number in now])
        gone = documents([number for number in before if number not in now])
        result = affected_links(documents(now), is_new, gone)
        assert result is not None
        is_affected = dict(zip(now, result[0].tolist(), strict=True))
        old, new = (linked(documents(each), all_links(documents(each))) for each in (before, now))
        assert linked(documents(now), result[1]) == {
            link for link in new if is_affected[link[0]] or is_affected[link[1]]
        }
        for one, other, _ in old ^ new:
            assert is_affected.get(one, True)
            assert is_affected.get(other, True)
        links_lost += any({one, other} <= set(now) for one, other, _ in old - new)
    assert links_lost


def days(*values: int) -> NDArray[np.int64]:
    return np.array(values, np.int64)


def test_the_first_published_is_preferred_then_the_longest_then_the_smallest_id() -> None:
    undated = np.iinfo(np.int64).max
    published = days(undated, 20, 10, undated, undated)
    words = days(500, 90, 80, 900, 900)
    ids, signatures = np.array([1, 2, 3, 5, 4], np.uint64), np.zeros((5, SIZE), np.uint16)
    assert SignedDocuments(ids, published, words, signatures).preference().tolist() == [2, 1, 4, 3, 0]


def test_lone_surrogates_and_huge_texts_do_no_harm() -> None:
    assert signature(["\ud800"] * 30).any()
    assert signature(VOCABULARY * 100).any()


AWKWARD = [
    "The old mill, e.g. in the U.S., wasn't sold for 1,000.50 euros. It stands, they say, by the river's bank " * 3,
    "Don’t stop: wi-fi, foo.bar, snake_case and ... 'quoted' words, again and again and again, until twenty words " * 2,
    "Straße ǅ İstanbul ﬁne Ⅳ naïve café 東京の大臣 привет мир नमस्ते co\u00adop \u2028 a\u00a0b U.S.A. x" * 3,
    "Two words",
    "... --- ,,, ''",
    "",
    "a" * 5_000 + " b" * 40,
]


@pytest.mark.parametrize("language", ["en", "de", "zh"])
def test_texts_signed_together_are_signed_as_one_by_one(language: str) -> None:
    together = count_and_sign_all([*AWKWARD, *reversed(AWKWARD)], language)

    for text, signed in zip([*AWKWARD, *reversed(AWKWARD)], together, strict=True):
        terms = analyzer(language).terms(text)
        assert signed.words == len(WORD.findall(text))
        assert signed.signature.tolist() == signature(terms).tolist()
        assert signed.runs.tolist() == runs_of(terms).tolist()


def test_no_texts_have_no_signatures() -> None:
    assert count_and_sign_all([], "en") == []


def test_long_text_is_signed_by_the_least_hash_of_each_function() -> None:
    words = text(3, size=40_000)
    runs = signatures._all_runs(words)
    hashes = np.array(
        [(runs ^ key) * factor for key, factor in zip(signatures._KEYS, signatures._ODD_MULTIPLIERS, strict=True)]
    )
    least = np.maximum(((hashes.min(axis=1) * signatures._MIX) >> np.uint32(16)).astype(np.uint16), 1)
    assert signature(words).tolist() == least.tolist()


def test_signatures_do_not_depend_on_the_texts_signed_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piece_hashes, "_CACHED_PIECES", 3)  # the cache is emptied before each text

    for text in [*AWKWARD, *AWKWARD]:
        assert count_and_sign(text, "en").signature.tolist() == signature(analyzer("en").terms(text)).tolist()


def test_pieces_that_share_a_slot_have_their_own_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piece_hashes, "_SLOT_BITS", 1)
    hashes = piece_hashes.PieceHashes(analyzer("en"))

    for texts in [AWKWARD, AWKWARD, AWKWARD[::-1]]:
        terms = [term for text in texts for term in analyzer("en").terms(text)]
        assert hashes.of_texts(texts).hashes.tolist() == list(map(piece_hashes.term_hash, terms))


def test_pieces_that_differ_behind_their_eighth_byte_have_their_own_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piece_hashes, "_SLOT_BITS", 1)
    hashes = piece_hashes.PieceHashes(analyzer("en"))
    words = ["watermark", "watermarble", "watermarker", "watermarkofsixteen", "watermarkofseventeen"]

    for word in [*words, *words, *reversed(words)]:
        terms = analyzer("en").terms(word)
        assert hashes.of_texts([word]).hashes.tolist() == list(map(piece_hashes.term_hash, terms))


@pytest.mark.parametrize("text", AWKWARD)
@pytest.mark.parametrize("language", ["en", "de", "zh"])
def test_one_tokenisation_counts_words_and_signs_as_two(text: str, language: str) -> None:
    signed, terms = count_and_sign(text, language), analyzer(language).terms(text)

    assert signed.words == len(WORD.findall(text))
    assert signed.signature.tolist() == signature(terms).tolist()
    assert signed.runs.tolist() == runs_of(terms).tolist()
