"""Names of sites, learned from a whole folder: at the ends of its titles, and as the source that documents declare."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import islice

import msgspec
import numpy as np
from numpy.typing import NDArray

from searchsvc.ingest.author_names import publisher_key
from searchsvc.ingest.folder_source import host_in_path, host_in_url, host_source
from searchsvc.ingest.ids import slug
from searchsvc.ingest.line_matching import fold
from searchsvc.models.documents import Document, RawDocument

Keys = NDArray[np.uint64]
Rows = NDArray[np.uint64]  # shape (docs, WIDTH)

# Columns of the facts of a document: keys of its site, folder and declared source, then of the ends of its titles.
_SITE, _FOLDER, _SOURCE, _ENDS = 0, 1, 2, 3
_MOST_ENDS = 6
WIDTH = _ENDS + _MOST_ENDS

_HEAD_LINES = 3  # of a text without a declared title; one of them may be the title
_HEAD = 2_000  # characters that hold them
_LONGEST = 60  # characters of a name
_MOST_WORDS = 6
_LEAST_PAGES = 3  # titles with a name
_LEAST_DECLARED = 2  # documents that declare a source
_SEPARATOR = re.compile(r"\s*\|\s*|\s+(?:::|[-–—·•»«›~])\s+")
_SIGNS = frozenset("|:-–—·•»«›~")  # each match of _SEPARATOR has one
_LETTER = re.compile(r"[^\W\d_]")
_PART = re.compile(r"[#№]?\d|(?:part|episode|ep|chapter|volume|vol|season|day|week|teil|folge|kapitel|partie|épisode"
    r"|chapitre|parte|episodio|capítulo|capitolo|deel|aflevering|часть|глава|выпуск)\b|第", re.I)  # fmt: skip
# Kinds of articles are part of a headline, however many articles of a folder are of the kind.
_KINDS = frozenset(fold(
    "opinion analysis comment commentary editorial review reviews interview live video podcast gallery explainer "
    "feature letters obituary column essay exclusive breaking update recipe quiz fact check watch "
    "meinung kommentar analyse kolumne leitartikel rezension gastbeitrag glosse porträt reportage liveticker "
    "tribune chronique éditorial critique entretien direct opinión análisis columna entrevista reseña directo "
    "opinione analisi editoriale intervista recensione opinião análise coluna opinie recensie "
    "мнение анализ интервью обзор колонка"
).split())  # fmt: skip


@dataclass(frozen=True)
class SiteFacts:
    """Facts of documents from which the names of their sites are learned.

    `rows`: (docs, WIDTH) uint64, keys, 0 for none. `names`: declared sources by their keys.
    """

    rows: Rows
    names: Mapping[int, str]

    @staticmethod
    def of_documents(documents: Iterable[RawDocument]) -> "SiteFacts":
        """Return the facts of some documents."""
        names: dict[int, str] = {}
        rows = [_row(raw, names) for raw in documents]
        return SiteFacts(np.array(rows, np.uint64).reshape(-1, WIDTH), names)

    @staticmethod
    def joined(parts: Sequence["SiteFacts"]) -> "SiteFacts":
        """Concatenate the documents of all parts."""
        parts = [NO_SITE_FACTS, *parts]
        names = {key: name for part in parts for key, name in part.names.items()}
        return SiteFacts(np.concatenate([part.rows for part in parts]), names)

    def of(self, chosen: NDArray[np.bool_]) -> "SiteFacts":
        """Return the chosen documents. `chosen`: (docs,) bool."""
        return SiteFacts(self.rows[chosen], self.names)

    def learned(self) -> "SiteNames":
        """Return the names that the documents share."""
        used = set(np.unique(self.rows[:, _SOURCE]).tolist())
        names = {key: name for key, name in self.names.items() if key in used}
        return SiteNames(_shared_ends(self.rows), _majorities(self.rows), names)

    def affected(self, before: "SiteNames", now: "SiteNames") -> NDArray[np.bool_]:
        """Return (docs,) bool: documents whose title or source may differ between `before` and `now`."""
        ends = self.rows[:, _ENDS:]
        changed = [
            group
            for group in before.sources.keys() | now.sources.keys()
            if before.of_group(group) != now.of_group(group)
        ]
        in_group = np.isin(self.rows[:, [_SITE, _FOLDER]], np.array(changed, np.uint64))
        has_use = np.append(self.rows[:, [_SOURCE]] == 0, ends != 0, axis=1)
        has_end = np.isin(ends, np.setxor1d(before.ends, now.ends))
        affected: NDArray[np.bool_] = np.any(has_end, axis=1) | (np.any(in_group, axis=1) & np.any(has_use, axis=1))
        return affected


NO_SITE_FACTS = SiteFacts(np.zeros((0, WIDTH), np.uint64), {})


@dataclass(frozen=True)
class SiteNames:
    """Names of sites, by keys.

    `ends`: ascending, beginnings and ends of titles that most pages of a site share. `sources`: by key of a site or
    folder, the key of the source that most of its documents declare. `names`: declared sources by their keys.
    """

    ends: Keys
    sources: Mapping[int, int]
    names: Mapping[int, str]

    def to_bytes(self) -> bytes:
        """Return the names as MessagePack."""
        return msgspec.msgpack.encode((self.ends.tobytes(), self.sources, self.names))

    @staticmethod
    def from_bytes(data: bytes) -> "SiteNames":
        """Read the bytes of `to_bytes`. Raises ValueError for other data."""
        try:
            ends, sources, names = msgspec.msgpack.decode(data, type=tuple[bytes, dict[int, int], dict[int, str]])
        except msgspec.MsgspecError as error:
            raise ValueError("not names of sites") from error
        return SiteNames(np.frombuffer(ends, np.uint64), sources, names)

    def of_group(self, group: int) -> str | None:
        """Return the source of a site or folder, by its key."""
        return self.names.get(self.sources.get(group, 0))

    def source(self, raw: RawDocument) -> str | None:
        """Return the source that most documents of the site declare; without an address, those of the folder."""
        name = self.of_group(_key("site", _site(raw)))
        return name or (None if raw.declared.url else self.of_group(_key("folder", _folder(raw))))

    def without_site(self, title: str, raw: RawDocument) -> str:
        """Return a title of a document without the name of its site at the end or the beginning."""
        ends = list(_ends(title))
        if not ends:
            return title
        known = {publisher_key(name) for name in (*_hosts(raw), raw.declared.source, self.source(raw)) if name}
        for end in ends:
            if publisher_key(end.title) in known:  # the name and motto of the site
                return title
            is_known = publisher_key(end.name) in known
            if end.is_cut(is_known=is_known, is_shared=self._shares(end, raw), known=known | {_folder_key(raw)}):
                return self.without_site(end.title, raw)
        return title

    def cut(self, raw: RawDocument) -> RawDocument:
        """Return a document with its declared title cut."""
        title = raw.declared.title
        cut = self.without_site(title, raw) if title else title
        if cut == title:
            return raw
        return replace(raw, declared=replace(raw.declared, title=cut), whole_title=title)

    def completed(self, document: Document, raw: RawDocument) -> Document:
        """Return the document to index with an extracted title cut, and with the source of its site."""
        title = document.title if raw.declared.title else self.without_site(document.title, raw)
        source = document.source
        if source is None or source == host_source(raw.declared.url, raw.seed.path):
            source = self.source(raw) or source
        if (title, source) == (document.title, document.source):
            return document
        return replace(document, title=title, slug=slug(title), source=source)

    def _shares(self, end: "_End", raw: RawDocument) -> bool:
        key = np.uint64(end.key(_site(raw)))
        at = int(self.ends.searchsorted(key))
        return at < len(self.ends) and bool(self.ends[at] == key)


@dataclass(frozen=True, slots=True)
class _End:
    """Text before the first or after the last separator of a title, and the title without it."""

    name: str
    title: str
    is_last: bool

    def key(self, site: str) -> int:
        return _key("end" if self.is_last else "begin", f"{site}\0{publisher_key(self.name)}")

    def is_cut(self, *, is_known: bool, is_shared: bool, known: Iterable[str]) -> bool:
        """Return whether the name of a site is to be cut off.

        A shared beginning is the name of a column or a series as often as that of a site. So it must resemble a name
        of the site that is known.
        """
        if not (is_known or is_shared) or not _LETTER.search(self.title):
            return False
        if self.is_last:
            return True
        name = publisher_key(self.name)
        resembles = any(name in each or each in name for each in known if len(each) > 2)
        return resembles and len(self.title.split()) > 1 and not _PART.match(self.title)


def _ends(title: str) -> Iterator[_End]:
    """Yield the end and the beginning of a title that may be the name of a site."""
    separators = [] if _SIGNS.isdisjoint(title) else list(_SEPARATOR.finditer(title))
    if not separators:
        return
    first, last = separators[0], separators[-1]
    both = (
        _End(title[last.end() :], title[: last.start()], True),
        _End(title[: first.start()], title[first.end() :], False),
    )
    for end in both:
        if end.title.strip() and _is_name(end.name):
            yield end


def _is_name(text: str) -> bool:
    words = fold(text).split()
    if not 0 < len(words) <= _MOST_WORDS or len(text) > _LONGEST or not _LETTER.search(text):
        return False
    return not _KINDS.issuperset(words) and not _PART.match(text)


def _row(raw: RawDocument, names: dict[int, str]) -> list[int]:
    """Return the facts of a document, and add its source to `names`."""
    source = raw.declared.source or ""
    key = _key("source", source) if source else 0
    if source:
        names[key] = source
    ends = dict.fromkeys(end.key(_site(raw)) for title in _titles(raw) for end in _ends(title))
    row = [_key("site", _site(raw)), _key("folder", _folder(raw)), key, *ends]
    return [*row, *[0] * WIDTH][:WIDTH]


def _titles(raw: RawDocument) -> list[str]:
    """Return the declared title, else the first lines of the text."""
    if raw.declared.title:
        return [raw.declared.title]
    lines = (" ".join(line.split()) for line in raw.text[:_HEAD].split("\n"))
    return list(islice(filter(None, lines), _HEAD_LINES))


def _site(raw: RawDocument) -> str:
    """Return the host, else the folder; for a document at the top, the declared source."""
    hosts, folder = _hosts(raw), _folder(raw)
    return hosts[0] if hosts else raw.declared.source or folder if folder == "/" else folder


def _hosts(raw: RawDocument) -> tuple[str, ...]:
    """Return the host of the declared address or of the folder, and its labels but the last and short ones."""
    host = host_in_url(raw.declared.url) if raw.declared.url else host_in_path(raw.seed.path) or ""
    return (host, *(label for label in host.split(".")[:-1] if len(label) > 2)) if host else ()


def _folder(raw: RawDocument) -> str:
    return "/" + raw.seed.path.rpartition("/")[0]


def _folder_key(raw: RawDocument) -> str:
    return publisher_key(_folder(raw).rpartition("/")[2])


def _key(kind: str, text: str) -> int:
    digest = blake2b(f"{kind}\0{text}".encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "little") or 1


_ROOT = _key("folder", "/")


def _shared_ends(rows: Rows) -> Keys:
    """Return the keys of the ends of titles that half of a site's pages share, ascending."""
    sites, pages = np.unique(rows[:, _SITE], return_counts=True)
    ends = rows[:, _ENDS:]
    keys, places, counts = np.unique(ends.ravel(), return_index=True, return_counts=True)
    pages_of = pages[sites.searchsorted(rows[places // _MOST_ENDS, _SITE])] if len(keys) else pages[:0]
    shared: Keys = keys[(keys != 0) & (counts >= _LEAST_PAGES) & (2 * counts >= pages_of)]
    return shared


def _majorities(rows: Rows) -> dict[int, int]:
    """Return the key of the source that most declaring documents of each site and folder name, by their keys.

    It must be that of a quarter of all documents of the site or folder. Of the seed folder itself it must be that of
    half, as its files may come from anywhere.
    """
    majorities: dict[int, int] = {}
    for column in (_SITE, _FOLDER):
        groups, pages = np.unique(rows[:, column], return_counts=True)
        pages_of = dict(zip(groups.tolist(), pages.tolist(), strict=True))
        declared = rows[rows[:, _SOURCE] != 0]
        declaring = dict(zip(*map(np.ndarray.tolist, np.unique(declared[:, column], return_counts=True)), strict=True))
        pairs, counts = np.unique(declared[:, [column, _SOURCE]], axis=0, return_counts=True)
        for (group, source), count in zip(pairs.tolist(), counts.tolist(), strict=True):
            least = pages_of[group] / (2 if group == _ROOT else 4)
            if count >= _LEAST_DECLARED and 2 * count > declaring[group] and count >= least:
                majorities[group] = source
    return majorities


NO_SITE_NAMES = NO_SITE_FACTS.learned()
