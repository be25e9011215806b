"""Views of the status: generations, files that were not indexed, suspicious documents, removed lines."""

import base64
import binascii
import hmac
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from searchsvc.models.documents import RemovedLine, SeedProblem
from searchsvc.models.index import EngineStatus
from searchsvc.models.parameters import NoParams
from searchsvc.removal_counts import keep_entry
from searchsvc.service import SearchService
from searchsvc.web import problems, replies
from searchsvc.web.removed_lines import SAMPLE, RemovedLineCounts
from searchsvc.web.schema import query_params
from searchsvc.web.schema.service_responses import (
    GenerationReply,
    RemovedLineReply,
    SeedProblemReply,
    SkippedReply,
    StatusReply,
)
from searchsvc.web.templating import page

_MOST_FILES = 200  # listed
_MOST_SOURCES = 20


@dataclass(frozen=True, slots=True)
class Status:
    """Views of the status; open to everybody if `token` is empty."""

    service: SearchService
    token: str
    removed_lines: RemovedLineCounts

    def page(self, request: Request) -> Response:
        self._authorize(request)
        response = page(request, "status.html", {"status": self._status(), "sample": SAMPLE})
        response.headers["Cache-Control"] = "no-store"
        return response

    def api(self, request: Request) -> Response:
        self._authorize(request)
        query_params.read_as(NoParams, request.query_params)
        body = msgspec.json.encode(self._status())
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})

    def _authorize(self, request: Request) -> None:
        """Raise HTTPException without the token, as a bearer token or as the password that browsers ask for."""
        if self.token and not hmac.compare_digest(_sent_token(request), self.token.encode()):
            headers = {"WWW-Authenticate": 'Basic realm="status", charset="UTF-8"'}
            raise HTTPException(401, "Send the token of the setting status_token.", headers)

    def _status(self) -> StatusReply:
        status, problems_of_seeds, removed = self.service.run(
            lambda snapshot: (
                self.service.status_of(snapshot),
                snapshot.engine.problems(),
                self.removed_lines.lines(snapshot.engine),
            )
        )
        return _reply(
            replace(status, warnings=problems.public_warnings(status.warnings)),
            problems_of_seeds,
            [_removed_line(line) for line in removed],
            tuple(GenerationReply(each.name, each.created, each.size) for each in self.service.generations()),
        )


def _reply(
    status: EngineStatus,
    seed_problems: Iterable[SeedProblem],
    removed: list[RemovedLineReply],
    generations: tuple[GenerationReply, ...],
) -> StatusReply:
    listed = [each for each in seed_problems if not each.skipped]
    reasons = Counter(each.reason for each in seed_problems if each.skipped)
    sources = list(dict.fromkeys(line.source for line in removed))[:_MOST_SOURCES]
    return StatusReply(
        healthy=not status.warnings,
        warnings=status.warnings,
        engine=status.engine,
        documents=status.generation.documents,
        generation=replies.stats_reply(status).generation,
        generations=generations,
        skipped=tuple(SkippedReply(reason, count) for reason, count in reasons.most_common(_MOST_FILES)),
        failed=_files(each for each in listed if not each.indexed),
        suspicious=_files(each for each in listed if each.indexed),
        removed_lines=tuple(line for line in removed if line.source in sources),
    )


def _files(seed_problems: Iterable[SeedProblem]) -> tuple[SeedProblemReply, ...]:
    return tuple(SeedProblemReply(each.path, each.reason) for each in seed_problems)[:_MOST_FILES]


def _removed_line(line: RemovedLine) -> RemovedLineReply:
    return RemovedLineReply(
        line.source, line.text, line.rule, line.reason, line.documents, line.example, keep_entry([line.text])
    )


def _sent_token(request: Request) -> bytes:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip().encode()
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(value, validate=True).partition(b":")[2]
    except binascii.Error:
        return b""
