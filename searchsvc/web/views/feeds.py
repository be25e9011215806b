"""What browsers and feed readers read: searches as Atom, and the description of the search."""

import re
import uuid
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote
from xml.etree import ElementTree

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from searchsvc.engine.query import NEWEST_FIRST
from searchsvc.models.search import SearchHit, SearchResults
from searchsvc.search_request import SearchRequest
from searchsvc.service import SearchService
from searchsvc.web.addresses import Addresses
from searchsvc.web.cached_response import ATOM, CachedResponse, CacheVersion
from searchsvc.web.middleware.response_cache import ResponseCache
from searchsvc.web.schema import query_params
from searchsvc.web.schema.query_params import ParsedRequest
from searchsvc.web.schema.requests import NoParams
from searchsvc.web.views.api import link, links

OPENSEARCH = "application/opensearchdescription+xml"
NAMESPACES = {"": "http://www.w3.org/2005/Atom", "os": "http://a9.com/-/spec/opensearch/1.1/"}
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2

_Element = ElementTree.Element


@dataclass(frozen=True, slots=True)
class Feeds:
    """Endpoints that answer in XML. Their addresses are absolute if `public_url` is set; the `Host` header,
    which a client sets as it likes, is not used."""

    service: SearchService
    cache: ResponseCache
    addresses: Addresses

    def atom(self, request: Request) -> CachedResponse:
        """A search as a feed (RFC 4287), newest first unless another order is asked for."""
        day, synonyms = date.today(), self.service.synonyms_stamp  # before the search, which may change them
        read = query_params.read(request.query_params)
        if read.invalid:
            raise read.invalid[0]
        asked = replace(read.request, sort=read.request.sort or NEWEST_FIRST)
        results = self.service.search(asked)
        built = self.service.status().generation.created
        body, edition = self._feed(results, read, built), CacheVersion(results.generation, day, synonyms)
        return self.cache.put(CachedResponse(read.cache_key("/search.atom"), edition, body, ATOM))

    def opensearch(self, request: Request) -> Response:
        """The OpenSearch 1.1 description, from which a browser learns to search here."""
        query_params.read_as(NoParams, request.query_params)
        if not self.addresses.public_url:
            raise HTTPException(404, "There is no description of this search: the setting public_url is not set.")
        return Response(self._description(), media_type=OPENSEARCH)

    def _feed(self, results: SearchResults, read: ParsedRequest, built: str) -> bytes:
        beside = links(results, read, "/search.atom")
        feed = _Element("feed", {"xmlns": NAMESPACES[""], "xmlns:os": NAMESPACES["os"]})
        _add(feed, "id", _urn(query_params.address(_first(read.request))))
        _add(feed, "title", f"{results.query.strip() or 'All articles'} – searchsvc")
        _add(feed, "updated", built)
        _add(_add(feed, "author"), "name", "searchsvc")
        for rel, to in (("self", beside.self), ("next", beside.next), ("previous", beside.prev)):
            if to is not None:
                _link(feed, rel, self.addresses.absolute(to), ATOM.decode().partition(";")[0])
        page = self.addresses.absolute(f"/search?{query_params.address(_first(read.request))}")
        _link(feed, "alternate", page, "text/html")
        if self.addresses.public_url:
            _link(feed, "search", self.addresses.absolute("/opensearch.xml"), OPENSEARCH)
        _add(feed, "os:totalResults", str(results.total))
        _add(feed, "os:startIndex", str(read.request.start + 1))
        _add(feed, "os:itemsPerPage", str(results.hits_per_page))
        for hit in results.hits:
            self._entry(feed, hit, built)
        return _written(feed)

    def _entry(self, feed: _Element, hit: SearchHit, built: str) -> None:
        document, entry = hit.document, _add(feed, "entry")
        _add(entry, "id", _urn(document.id))
        _add(entry, "title", document.title)
        # Of a document without a date nothing else is known than when it was read.
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

    def _description(self) -> bytes:
        described = _Element("OpenSearchDescription", {"xmlns": NAMESPACES["os"]})
        _add(described, "ShortName", "searchsvc")
        _add(described, "Description", "Search the articles")
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
    return replace(request, page=1, offset=None)


def _add(parent: _Element, name: str, text: str = "") -> _Element:
    child = ElementTree.SubElement(parent, name)
    child.text = _allowed(text) or None
    return child


def _link(parent: _Element, rel: str, address: str, kind: str) -> None:
    _add(parent, "link").attrib.update(rel=rel, href=address, type=kind)


def _allowed(text: str) -> str:
    """`text` without what XML can't hold, even escaped."""
    return _FORBIDDEN.sub("\ufffd", text)


def _urn(name: str) -> str:
    """An address that stays the same wherever the site is."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"searchsvc:{name}").urn


def _written(root: _Element) -> bytes:
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
