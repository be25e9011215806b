"""Table of operations: every address of the service, from which routes and OpenAPI document are made."""

from dataclasses import dataclass, field
from typing import Any

from searchsvc.models.parameters import NoParams, Params
from searchsvc.models.search_params import FacetParams, SearchParams, SimilarParams, SuggestParams
from searchsvc.web.schema.responses import DocumentReply, FacetReply, SearchReply, SimilarReply, SuggestReply
from searchsvc.web.schema.service_responses import (
    AliveReply,
    NotReadyReply,
    ReadyReply,
    StatsReply,
    StatusReply,
    VersionReply,
)

HTML, JSON, ATOM = "text/html", "application/json", "application/atom+xml"
CSV, NDJSON = "text/csv", "application/x-ndjson"
BIBTEX, RIS = "application/x-bibtex", "application/x-research-info-systems"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address.

    `endpoint` names a view and its method. `reply` is the type of a JSON response, `result` its description.
    `problems` are statuses of errors besides 414, and 503 for an unusable index or too many requests. `examples`
    are addresses that work on any index. Without an `id`, the operation is not in the OpenAPI document.
    """

    path: str
    endpoint: str
    id: str = ""
    tag: str = ""
    summary: str = ""
    result: str = ""
    reply: Any = None
    media_type: str = JSON
    params: type[Params] = NoParams
    body: Any = None
    problems: tuple[int, ...] = (400,)
    examples: tuple[str, ...] = ()
    other_replies: dict[int, Any] = field(default_factory=dict)
    guarded: bool = False  # by a token
    cached: bool = False
    compressed: bool = True  # by middleware; a cached response compresses itself
    limited: bool = True  # in concurrency

    @property
    def method(self) -> str:
        return "get" if self.body is None else "post"


OPERATIONS = (
    Operation(
        "/api/v1/search", "api.search_either_way", "searchDocuments", "search", "Search documents.",
        "One page of hits, with facet counts.", SearchReply, params=SearchParams, other_replies={304: None},
        examples=(
            "/api/v1/search?q=nato&filter=language:en&facets=author,source",
            "/api/v1/search?q=nato+-treaty&hitsPerPage=5&highlight=offsets",
        ),
        cached=True, compressed=False,
    ),
    Operation(
        "/api/v1/search", "api.search_either_way", "searchDocumentsByBody", "search",
        "Search documents, with the parameters as a JSON object.", "One page of hits, with facet counts.", SearchReply,
        body=SearchParams, problems=(400, 413, 415), compressed=False,
    ),
    Operation(
        "/search.json", "api.search", "searchDocumentsAsPage", "search",
        "Search documents, at the address of the search page.", "One page of hits, with facet counts.", SearchReply,
        params=SearchParams, examples=("/search.json?q=nato",), other_replies={304: None}, cached=True,
        compressed=False,
    ),
    Operation(
        "/search.atom", "feeds.atom", "searchFeed", "search", "Search documents as a feed, newest first by default.",
        "An Atom feed.", media_type=ATOM, params=SearchParams, examples=("/search.atom?q=nato",),
        other_replies={304: None}, cached=True, compressed=False,
    ),
    Operation(
        "/search.csv", "exports.csv", "exportSearchAsCsv", "search",
        "Get all documents that match a search as CSV, without the limit of 1,000 hits.",
        "The requested attributes, with a header.", media_type=CSV, params=SearchParams,
        examples=("/search.csv?q=nato",),
    ),
    Operation(
        "/search.ndjson", "exports.ndjson", "exportSearchAsJsonLines", "search",
        "Get all documents that match a search as JSON objects, one a line, without the limit of 1,000 hits.",
        "The requested attributes of a document in each line.", media_type=NDJSON, params=SearchParams,
        examples=("/search.ndjson?q=nato",),
    ),
    Operation(
        "/api/v1/suggest", "api.suggest", "suggestQueries", "search", "Complete a partial query.",
        "Completions with document counts, and documents that match the best completion.", SuggestReply,
        params=SuggestParams, examples=("/api/v1/suggest?q=na",), other_replies={304: None}, compressed=False,
    ),
    Operation(
        "/suggest", "api.suggest_to_browser", "suggestQueriesToBrowser", "search",
        "Complete a partial query, in the format of OpenSearch suggestions for browsers.",
        "The query, its completions, and a description of each.", list[str | list[str]],
        "application/x-suggestions+json", SuggestParams, examples=("/suggest?q=na",), compressed=False,
    ),
    Operation(
        "/api/v1/facets/{field}", "api.facet", "listFacetValues", "search",
        "List the values of a facet among the documents that match a search.", "Values with document counts.",
        FacetReply, params=FacetParams, problems=(400, 404),
        examples=("/api/v1/facets/author?q=nato&facetQuery=h&limit=5",),
    ),
    Operation(
        "/api/v1/documents/{id}", "api.document", "getDocument", "documents",
        "Get a document, with its removed text and the reasons for the removal.", "The document.", DocumentReply,
        problems=(400, 404), examples=("/api/v1/documents/{id}",), other_replies={304: None},
    ),
    Operation(
        "/api/v1/documents/{id}/similar", "api.similar", "listSimilarDocuments", "documents",
        "List documents similar to one.", "Similar documents, most similar first.", SimilarReply,
        params=SimilarParams, problems=(400, 404), examples=("/api/v1/documents/{id}/similar?limit=3",),
    ),
    Operation(
        "/doc/{id}.bib", "exports.bibtex", "citeDocumentAsBibtex", "documents", "Cite a document in BibTeX.",
        "A BibTeX entry.", media_type=BIBTEX, problems=(400, 404), examples=("/doc/{id}.bib",),
    ),
    Operation(
        "/doc/{id}.ris", "exports.ris", "citeDocumentAsRis", "documents",
        "Cite a document in the RIS format, which reference managers read.", "An RIS record.", media_type=RIS,
        problems=(400, 404), examples=("/doc/{id}.ris",),
    ),
    Operation(
        "/api/v1/stats", "api.stats", "getStats", "service", "Get document counts, size and warnings of the index.",
        "State of the index.", StatsReply, examples=("/api/v1/stats",),
    ),
    Operation(
        "/api/v1/status", "status.api", "getStatus", "service",
        "Get the state of the last build: skipped files, suspicious documents, removed lines.",
        "State of the index and of its last build.", StatusReply, problems=(400, 401),
        examples=("/api/v1/status",),
    ),
    Operation(
        "/api/v1/openapi.json", "api.openapi", "getOpenApi", "service", "Get this OpenAPI document.",
        "An OpenAPI 3.1 document.", dict[str, Any], examples=("/api/v1/openapi.json",),
    ),
    Operation(
        "/opensearch.xml", "feeds.opensearch", "getOpenSearchDescription", "service",
        "Get the OpenSearch description for browsers; needs the setting public_url.", "An OpenSearch 1.1 description.",
        media_type="application/opensearchdescription+xml", problems=(400, 404), compressed=False,
    ),
    Operation(
        "/livez", "api.alive", "getLiveness", "service", "Check that the process responds.", "The process responds.",
        AliveReply, problems=(), examples=("/livez",), compressed=False, limited=False,
    ),
    Operation(
        "/readyz", "api.ready", "getReadiness", "service", "Check that searches can be answered.",
        "Searches are answered.", ReadyReply, problems=(), examples=("/readyz",),
        other_replies={503: NotReadyReply}, compressed=False, limited=False,
    ),
    Operation(
        "/version", "api.version", "getVersion", "service", "Get the version of the software.", "The version.",
        VersionReply, problems=(), examples=("/version",), compressed=False, limited=False,
    ),
    Operation(
        "/metrics", "metrics.endpoint", "getMetrics", "service",
        "Get metrics for Prometheus; needs the setting metrics_token.", "Metrics in Prometheus' text format.",
        media_type="text/plain", problems=(401, 404), guarded=True, compressed=False, limited=False,
    ),
    Operation("/", "pages.search", media_type=HTML, cached=True, compressed=False),
    Operation("/search", "pages.search", media_type=HTML, cached=True, compressed=False),
    Operation("/robots.txt", "texts.robots", media_type="text/plain", limited=False),
    Operation("/llms.txt", "texts.llms", media_type="text/plain", limited=False),
    Operation("/logo", "brand.logo", media_type="image/*", compressed=False, limited=False),
    Operation("/accent.css", "brand.accent", media_type="text/css", limited=False),
    Operation("/messages/{language}", "texts.messages", limited=False),
    Operation("/sources", "sources.page", media_type=HTML),
    Operation("/status", "status.page", media_type=HTML),
    Operation("/filters/{field}", "filters.page", media_type=HTML),
    Operation("/doc/{id}", "pages.document", media_type=HTML),
    Operation("/doc/{id}/{slug}", "pages.document", media_type=HTML),
    Operation("/help/search", "help.search", media_type=HTML),
    Operation("/help/api", "help.api", media_type=HTML),
    Operation("/embed.js", "embed_script", media_type="text/javascript", limited=False),
)  # fmt: skip
