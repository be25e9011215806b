"""Views that return XML: searches as Atom feeds, and the OpenSearch description."""

import re
import uuid
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote
from xml.etree import ElementTree

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from searchsvc.engine.query import NEWEST_FIRST
from searchsvc.models.parameters import NoParams
from searchsvc.models.search import SearchHit, SearchResults
from searchsvc.models.search_request import SearchRequest
from searchsvc.service import SearchService
from searchsvc.web.addresses import Addresses
from searchsvc.web.appearance import Appearance
from searchsvc.web.cached_response import ATOM, CachedResponse, CacheKey, CacheVersion, uncached_response
from searchsvc.web.middleware.response_cache import ResponseCache
from searchsvc.web.replies import link, links
from searchsvc.web.schema import query_params
from searchsvc.web.translations import translations

OPENSEARCH = "application/opensearchdescription+xml"
NAMESPACES = {"": "http://www.w3.org/2005/Atom", "os": "http://a9.com/-/spec/opensearch/1.1/"}
_SHORT_NAME, _LONG_NAME = 16, 48  # characters, by OpenSearch 1.1
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2

_Element = ElementTree.Element


@dataclass(frozen=True, slots=True)
class Feeds:
    """Views that return XML.

    Addresses are absolute if `public_url` is set. The `Host` header is not used: a client sets it as it likes.
    """

    service: SearchService
    cache: ResponseCache
    addresses: Addresses
    appearance: Appearance

    def atom(self, request: Request) -> ASGIApp:
        """Return a search as a feed (RFC 4287), newest first by default."""
        day, synonyms = date.today(), self.service.synonyms_stamp  # before the search, which may change them
        query = query_params.read_address(request.scope["query_string"]).valid()
        newest_first = replace(query, sort=query.sort or NEWEST_FIRST)
        results, built = self.service.run(
            lambda snapshot: (snapshot.search(newest_first), snapshot.engine.status().generation.created)
        )
        language = self.appearance.language(request.scope)
        body, version = self._feed(results, query, built, language), CacheVersion(results.generation, day, synonyms)
        headers = self.appearance.headers(language)
        if results.partial:
            return uncached_response(body, ATOM, headers)
        key = CacheKey("/search.atom", query, self.appearance.variant(request.scope))
        return self.cache.put(CachedResponse(key, version, body, ATOM, headers))

    def opensearch(self, request: Request) -> Response:
        """Return the OpenSearch 1.1 description, with which browsers add this search engine."""
        query_params.read_as(NoParams, request.query_params)
        if not self.addresses.public_url:
            raise HTTPException(404, "Set public_url to enable OpenSearch.")
        language = self.appearance.language(request.scope)
        headers = self.appearance.headers(language)
        return Response(self._description(language), headers=headers, media_type=OPENSEARCH)

    def _feed(self, results: SearchResults, query: SearchRequest, built: str, language: str) -> bytes:
        pages = links(results, query, "/search.atom")
        all_articles = translations(language).gettext("All articles")
        feed = _Element("feed", {"xmlns": NAMESPACES[""], "xmlns:os": NAMESPACES["os"]})
        _add(feed, "id", _urn(query_params.address(_first(query))))
        _add(feed, "title", f"{results.query.strip() or all_articles} – {self.appearance.branding.name}")
        _add(feed, "updated", built)
        _add(_add(feed, "author"), "name", self.appearance.branding.name)
        for rel, to in (("self", pages.self), ("next", pages.next), ("previous", pages.prev)):
            if to is not None:
                _link(feed, rel, self.addresses.absolute(to), ATOM.decode().partition(";")[0])
        page = self.addresses.absolute(f"/search?{query_params.address(_first(query))}")
        _link(feed, "alternate", page, "text/html")
        if self.addresses.public_url:
            _link(feed, "search", self.addresses.absolute("/opensearch.xml"), OPENSEARCH)
        _add(feed, "os:totalResults", str(results.total))
        _add(feed, "os:startIndex", str(query.start + 1))
        _add(feed, "os:itemsPerPage", str(results.hits_per_page))
        for hit in results.hits:
            self._entry(feed, hit, built)
        return _written(feed)

    def _entry(self, feed: _Element, hit: SearchHit, built: str) -> None:
        document, entry = hit.document, _add(feed, "entry")
        _add(entry, "id", _urn(document.id))
        _add(entry, "title", document.title)
        # The best substitute for a missing date is the date of the index.
        day = f"{document.published.isoformat()}T00:00:00Z" if document.published else None
        _add(entry, "updated", day or built)
        if day:
            _add(entry, "published", day)
        if document.author:
            _add(_add(entry, "author"), "name", document.author)
        _link(entry, "alternate", self.addresses.absolute(quote(link(document))), "text/html")
        for topic in document.topics:
            _add(entry, "category").set("term", _allowed(topic))
        passages = ["".join(piece.text for piece in snippet.fragments) for snippet in hit.snippets]
        _add(entry, "summary", " … ".join(passages) or document.summary)

    def _description(self, language: str) -> bytes:
        described = _Element("OpenSearchDescription", {"xmlns": NAMESPACES["os"]})
        name, about = self.appearance.branding.name, self.appearance.branding.description
        _add(described, "ShortName", name[:_SHORT_NAME])
        if len(name) > _SHORT_NAME:
            _add(described, "LongName", name[:_LONG_NAME])
        _add(described, "Description", about or translations(language).gettext("Search the articles"))
        _add(described, "InputEncoding", "UTF-8")
        for kind, rel, template in (
            ("text/html", "results", "/search?q={searchTerms}&page={startPage?}"),
            ("application/atom+xml", "results", "/search.atom?q={searchTerms}&page={startPage?}"),
            ("application/x-suggestions+json", "suggestions", "/suggest?q={searchTerms}"),
            (OPENSEARCH, "self", "/opensearch.xml"),
        ):
            _add(described, "Url").attrib.update(type=kind, rel=rel, template=self.addresses.absolute(template))
        return _written(described)


def _first(request: SearchRequest) -> SearchRequest:
    return replace(request, cursor="", page=1, offset=None)


def _add(parent: _Element, name: str, text: str = "") -> _Element:
    child = ElementTree.SubElement(parent, name)
    child.text = _allowed(text) or None
    return child


def _link(parent: _Element, rel: str, address: str, kind: str) -> None:
    _add(parent, "link").attrib.update(rel=rel, href=address, type=kind)


def _allowed(text: str) -> str:
    """Return `text` with U+FFFD for characters that XML cannot contain."""
    return _FORBIDDEN.sub("\ufffd", text)


def _urn(name: str) -> str:
    """Return an id that is independent of the site's address."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"searchsvc:{name}").urn


def _written(root: _Element) -> bytes:
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
