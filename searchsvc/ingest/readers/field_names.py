"""Names that scrapers, feed readers, site generators, note tools and CMS exports give to the fields of an article.

TABLE is the only list of such names, for front matter, header lines, JSON and CSV alike. docs/formats.md shows it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

# Names by field. The first name with a valid value counts. Case, spaces and the signs `_ - : . /` do not matter.
TABLE: Mapping[str, tuple[str, ...]] = {
    "title": (
        "title", "headline", "main headline", "article title", "post title", "page title", "web title",
        "display title", "name", "heading", "og:title", "dc.title", "dcterms.title", "citation_title",
        "parsely-title", "twitter:title", "link title", "full title", "seo title", "meta title", "given title",
        "resolved title", "mark title", "sidebar label", "nav title", "alternative headline", "subject",
    ),
    "text": (
        "text", "body", "content", "content_text", "content_html", "content:encoded", "content_encoded", "maintext",
        "main_text", "articleBody", "article_body_html", "article_text", "article_content", "article", "full_text",
        "full_content", "plaintext", "plain_text", "textContent", "text_content", "body_text", "body_content",
        "body_html", "cleaned_text", "clean_text", "page_content", "post_content", "content_markdown", "markdown",
        "body_markdown", "raw_text", "raw_content", "html_content", "html", "document", "story", "transcript",
        "description", "summary", "excerpt", "abstract", "short_description", "lead_paragraph", "lead", "snippet",
        "selection", "note", "notes",
    ),
    "author": (
        "author", "authors", "byline", "by", "creator", "creators", "author_name", "author_names", "authors_name",
        "article:author", "dc.creator", "dcterms.creator", "dc.contributor.author", "citation_author",
        "parsely-author", "sailthru.author", "written_by", "writer", "writers", "journalist", "journalists",
        "reporter", "reporters", "columnist", "contributor", "contributors", "published_by", "posted_by",
        "primary_author", "author_detail", "display_author", "username", "from",
    ),
    "published": (
        "published", "date_published", "datePublished", "published_at", "published_date", "published_on",
        "published_time", "publish_date", "publish_time", "publish_at", "publication_date", "publication_time",
        "article:published_time", "og:published_time", "og:article:published_time", "first_published",
        "first_published_at", "first_publication_date", "date_publish", "pub_date", "pub_time", "pubDate",
        "web_publication_date", "citation_publication_date", "citation_date", "citation_online_date",
        "parsely-pub-date", "sailthru.date", "dcterms.issued", "dc.date.issued", "issued", "date", "datetime",
        "date_time", "post_date", "posted", "posted_at", "posted_on", "posted_date", "article_date", "news_date",
        "release_date", "released", "display_date", "dc.date", "dcterms.date", "estimated_date", "date_gmt",
        "post_date_gmt", "time_published", "day", "created", "date_created", "created_at", "created_date",
        "created_time", "created_on", "creation_date", "dcterms.created", "dc.date.created", "creation_time", "time",
        "received_at", "date_first_seen", "updated", "date_modified", "modified", "updated_at", "updated_on",
        "updated_date", "updated_time", "update", "modified_at", "modified_date", "modified_time",
        "article:modified_time", "og:updated_time", "last_modified", "last_modified_at", "last_updated",
        "last_update", "lastmod", "last_edited", "last_edited_time", "dcterms.modified",
    ),
    "source": (
        "source", "source_name", "site", "site_name", "og:site_name", "siteName", "publisher", "publisher_name",
        "dc.publisher", "dcterms.publisher", "publication", "publication_name", "newspaper", "magazine", "journal",
        "citation_journal_title", "outlet", "media", "media_name", "news_source", "news_outlet", "provider",
        "provider_name", "agency", "feed_title", "feed_name", "feed", "origin", "blog", "blog_name", "website",
        "website_name", "web_site", "application-name", "organization", "dc.source", "source_domain", "domain",
        "domain_name", "site_domain", "hostname", "host",
    ),
    "section": (
        "section", "section_name", "article:section", "article_section", "articleSection", "news_section", "category",
        "category_name", "categories", "article_category", "primary_category", "main_category", "parsely-section",
        "subsection", "rubric", "department", "desk", "news_desk", "channel", "column", "folder", "pillar_name",
    ),
    "topics": (
        "topics", "topic", "tags", "tag", "tag_list", "tag_names", "article:tag", "parsely-tags", "sailthru.tags",
        "keywords", "keyword", "news_keywords", "meta_keywords", "citation_keywords", "subjects", "dc.subject",
        "dcterms.subject", "labels", "label", "terms", "hashtags", "filetags", "document_tags", "concepts",
        "categories",
    ),
    "url": (
        "url", "link", "canonical_url", "canonical", "canonical_link", "permalink", "article_url", "page_url",
        "post_url", "web_url", "original_url", "source_url", "share_url", "short_url", "external_url", "full_url",
        "final_url", "resolved_url", "given_url", "requested_url", "link_url", "og:url", "main_entity_of_page",
        "alternate", "href", "uri", "address", "location", "website_url", "dc.identifier", "guid", "source",
        "saved_url",
    ),
    "language": (
        "language", "lang", "in_language", "locale", "og:locale", "language_code", "lang_code", "meta_lang",
        "human_language", "dc.language", "dcterms.language", "content-language", "detected_language",
    ),
    "summary": (
        "summary", "description", "excerpt", "custom_excerpt", "abstract", "meta_description", "og:description",
        "short_description", "dek", "deck", "standfirst", "teaser", "lede", "lead", "subtitle", "snippet",
        "dc.description", "trail_text", "intro", "introduction", "blurb", "synopsis",
    ),
    "image": (
        "image", "image_url", "top_image", "lead_image", "lead_image_url", "main_image", "hero_image",
        "featured_image", "feature_image", "cover", "cover_image", "cover_url", "og:image", "twitter:image",
        "thumbnail", "thumbnail_url", "url_to_image", "preview_picture", "banner", "banner_image", "banner_image_url",
        "social_image", "images", "photo", "picture", "header_image", "media_thumbnail",
    ),
}  # fmt: skip
_SIGNS = str.maketrans("", "", "_-:./ \t")


def fold_name(name: str) -> str:
    """Return a name in the form in which names are compared: `og:Site_Name` as `ogsitename`."""
    return name.lower().translate(_SIGNS)


@dataclass(frozen=True, slots=True)
class FieldNames:
    """The table with the names that the setting `fields` adds, each as `field=name`.

    An added name goes before the table, and belongs to no other field.
    """

    added: tuple[str, ...] = ()

    def of_field(self, field: str) -> Sequence[str]:
        """Return the folded names of a field, the first in rank first."""
        return _by_field(self)[field]

    def fields_of(self, name: str) -> Sequence[tuple[str, int]]:
        """Return the fields that a folded name belongs to, each with the name's rank in it; 0 is the first."""
        return _by_name(self).get(name, ())

    def is_known(self, name: str) -> bool:
        """Return whether a folded name belongs to a field."""
        return name in _by_name(self)


@cache
def _by_field(names: FieldNames) -> Mapping[str, tuple[str, ...]]:
    pairs = [(field.strip(), fold_name(name)) for field, _, name in (each.partition("=") for each in names.added)]
    taken = {name for _, name in pairs}
    return {
        field: tuple(
            _unique(
                [name for added_to, name in pairs if added_to == field]
                + [name for name in map(fold_name, known) if name not in taken]
            )
        )
        for field, known in TABLE.items()
    }


@cache
def _by_name(names: FieldNames) -> Mapping[str, list[tuple[str, int]]]:
    by_name: dict[str, list[tuple[str, int]]] = {}
    for field, known in _by_field(names).items():
        for rank, name in enumerate(known):
            by_name.setdefault(name, []).append((field, rank))
    return by_name


def _unique(names: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(filter(None, names))


STANDARD_NAMES = FieldNames()
