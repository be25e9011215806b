"""Views of plain texts for programs: robots.txt and llms.txt."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from searchsvc.branding import Branding
from searchsvc.web.addresses import Addresses
from searchsvc.web.schema.openapi import DESCRIBED

_FORMAT = "Every response is JSON unless noted; errors are problem details (RFC 9457)."


@dataclass(frozen=True, slots=True)
class Texts:
    """Views of plain texts for programs."""

    addresses: Addresses
    branding: Branding

    async def robots(self, request: Request) -> Response:
        """Return the rules for robots, which may read nothing: the articles belong to other sites."""
        return PlainTextResponse("User-agent: *\nDisallow: /\n")

    async def llms(self, request: Request) -> Response:
        """Return a description of the API for language models, in the form of llmstxt.org."""
        groups: dict[str, list[str]] = {}
        for each in DESCRIBED:
            line = f"- [{each.method.upper()} {each.path}]({self.addresses.absolute(each.path)}): {each.summary}"
            groups.setdefault(each.tag, []).append(line)
        sections = [f"## {tag.capitalize()}\n\n" + "\n".join(lines) for tag, lines in groups.items()]
        name, about = self.branding.name, self.branding.about or "Search over a collection of articles."
        introduction = f"# {name}\n\n> {about} {_FORMAT}"
        return PlainTextResponse("\n\n".join([introduction, *sections]) + "\n")
