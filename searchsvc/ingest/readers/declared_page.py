"""Metadata that an HTML page declares: the title by agreement of its head and headings, authors, name of the site."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from searchsvc.ingest.author_names import author_names, publisher_key
from searchsvc.ingest.line_matching import fold
from searchsvc.ingest.readers.declared_dates import published_date
from searchsvc.ingest.readers.json_ld import LinkedData, text_of

_MOST = 40  # headings, and elements with names
_SEPARATORS = re.compile(r"\s+[|–—·•»«›:~-]\s+|\s*\|\s*|\s+::\s+|\s*»\s*")
_SITE_WORDS = 5  # of a site's name
_ALIKE = 0.6  # share of the words that a heading and a title have in common
_NAMES = ("author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author", "article:author",
    "citation_author", "byl", "cxenseparse:author", "og:article:author", "twitter:data1:author")  # fmt: skip
_BYLINE = re.compile(r"\b(?:by-?line|(?:post|article|story|entry|news|content)?[-_]{0,2}authors?(?:[-_]{0,2}names?)?|"
    r"autor(?:en|es|in)?|auteurs?|autore|p-author|vcard|fn|writer|creator|reporter)\b", re.I)  # fmt: skip
_MARKS = ("class", "id", "itemprop", "data-testid", "data-component", "data-qa")  # attributes that mark by-lines
_NOT_BYLINE = re.compile(
    r"comment|reply|bio|about|related|avatar|image|photo|social|follow|footer|sidebar|widget|promo", re.I
)


@dataclass(frozen=True, slots=True)
class PageHead:
    """Declared titles, site names and author statements of a page, the most reliable first.

    `names`: authors in the head. `bylines`: texts of elements that are marked as by-lines. `times`: values of `time`
    elements. `numeric_date`: of the JSON-LD, where it is a number of seconds or milliseconds.
    """

    titles: tuple[str, ...]
    html_title: str
    headings: tuple[str, ...]
    lower_headings: tuple[str, ...]
    sites: tuple[str, ...]
    host: str
    names: tuple[str, ...]
    bylines: tuple[str, ...]
    times: tuple[str, ...]
    numeric_date: date | None = None

    def day(self) -> str | None:
        """Return the day of the first by-line with a date, else the only day that is marked as a time."""
        dated = [day.isoformat() for text in self.bylines if (day := published_date(text))]
        days = {day.isoformat() for text in self.times if (day := published_date(text))}
        return dated[0] if dated else days.pop() if len(days) == 1 else None

    def title(self) -> str | None:
        """Return the title: a heading that agrees with the head, else the title of the head without the site's name.

        A heading that is the name of the site, or that no declared title resembles, does not count.
        """
        declared = [cut for cut in (self._without_site(title) for title in (*self.titles, self.html_title)) if cut]
        whole = [fold(title) for title in (*self.titles, self.html_title)]
        headings = [text for text in (*self.headings, *self.lower_headings) if not self.is_site(text)]
        for text in headings:
            if any(fold(text) == fold(cut) for cut in declared):
                return text
        for text in headings:
            if len(text.split()) > 1 and any(_begins_or_ends(title, fold(text)) for title in whole):
                return text
        for text in self.headings:
            if not self.is_site(text) and any(_likeness(fold(text), fold(cut)) >= _ALIKE for cut in declared):
                return text
        first = declared[:1] or [text for text in self.headings if not self.is_site(text)][:1]
        return first[0] if first else None

    def authors(self) -> list[str]:
        """Return the authors of the head, else those of the first by-line that names any."""
        publishers = (*self.sites, self.host, self.host.partition(".")[0])
        by_source = (author_names(each, publishers) for each in (self.names, *([text] for text in self.bylines)))
        return next(filter(None, by_source), [])

    def is_site(self, text: str) -> bool:
        """Return whether a text is the name of the site or of its host."""
        key = publisher_key(text)
        hosts = {publisher_key(part) for part in (self.host, self.host.partition(".")[0])}
        return bool(key) and (key in {publisher_key(site) for site in self.sites} or key in hosts)

    def _without_site(self, title: str) -> str:
        """Return a title without the name of the site at its beginning or end.

        Where no site is known, a short last part of an HTML title counts as its name.
        """
        ends = [(match.start(), match.end()) for match in _SEPARATORS.finditer(title)]
        while ends and self.is_site(title[ends[-1][1] :]):
            title = title[: ends.pop()[0]]
        while ends and self.is_site(title[: ends[0][0]]):
            start = ends.pop(0)[1]
            title, ends = title[start:], [(a - start, b - start) for a, b in ends]
        if self.is_site(title):
            return ""
        if ends and title == self.html_title:
            head, tail = title[: ends[-1][0]], title[ends[-1][1] :]
            if len(tail.split()) <= _SITE_WORDS and len(tail) < len(head):
                return head
        return title.strip()


def page_head(tree: Any) -> PageHead:
    """Return what a parsed page declares. Call it before the tree is changed by extraction."""
    metas = list(islice(_metas(tree), 500))
    data = LinkedData.of_page(tree)
    site_names = ("og:site_name", "application-name", "apple-mobile-web-app-title")
    sites = [*(value for name, value in metas if name in site_names), *data.sites()]
    titles = [*data.titles()]
    titles += [value for name, value in metas if name in ("og:title", "twitter:title", "dc.title", "citation_title")]
    return PageHead(
        titles=tuple(dict.fromkeys(titles)),
        html_title=next(_texts(tree.iterfind(".//head/title")), ""),
        headings=tuple(islice(_texts(tree.iter("h1")), _MOST)),
        lower_headings=tuple(islice(_texts(tree.iter("h2")), 5)),
        sites=tuple(dict.fromkeys(filter(None, map(text_of, sites)))),
        host=_host(tree, metas),
        names=tuple(dict.fromkeys([*data.authors(), *(value for name, value in metas if name in _NAMES)])),
        bylines=tuple(dict.fromkeys(islice(_bylines(tree), _MOST))),
        times=tuple(islice(_times(tree), _MOST)),
        numeric_date=data.numeric_date(),
    )


def _metas(tree: Any) -> Iterator[tuple[str, str]]:
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        value = text_of(element.get("content"))
        if name and value:
            yield name[:100].lower(), value


def _texts(elements: Iterable[Any]) -> Iterator[str]:
    for element in islice(elements, 200):
        text = text_of("".join(islice(element.itertext(), 100)))
        if text:
            yield text


def _host(tree: Any, metas: Iterable[tuple[str, str]]) -> str:
    addresses = [element.get("href") or "" for element in tree.iter("link") if element.get("rel") == "canonical"]
    addresses += [value for name, value in metas if name == "og:url"]
    match = next(filter(None, (re.match(r"https?://(?:www\.)?([^/:?#]+)", each) for each in addresses)), None)
    return match[1].lower() if match else ""


def _times(tree: Any) -> Iterator[str]:
    for element in tree.iter("time"):
        yield text_of(element.get("datetime")) or text_of("".join(islice(element.itertext(), 10)))


def _bylines(tree: Any) -> Iterator[str]:
    """Yield the texts of short elements that are marked as names of authors."""
    for element in islice(
        tree.iter("a", "span", "p", "div", "address", "i", "b", "li", "em", "strong", "cite"), 20_000
    ):
        marks = " ".join(element.get(name) or "" for name in _MARKS)[:300]
        if not (element.get("rel") == "author" or (_BYLINE.search(marks) and not _NOT_BYLINE.search(marks))):
            continue
        text = text_of(" ".join(islice(element.itertext(), 20)))
        if 0 < len(text) <= 120:
            yield text


def _begins_or_ends(title: str, heading: str) -> bool:
    return bool(heading) and (title.startswith(f"{heading} ") or title.endswith(f" {heading}"))


def _likeness(one: str, other: str) -> float:
    first, second = set(one.split()), set(other.split())
    return len(first & second) / max(len(first | second), 1)
