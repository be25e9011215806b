"""The access log is written in one go for the requests of a moment, and nothing of it is lost."""

import asyncio
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from searchsvc.settings import Settings
from searchsvc.web.server import AccessLog, application


def test_lines_of_a_moment_are_written_together(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    async def log() -> bytes:
        written = AccessLog()
        written(b"one\n")
        written(b"two\n")
        before = capsysbinary.readouterr().err
        await asyncio.sleep(3 * AccessLog.MOMENT)
        return bytes(before)

    assert asyncio.run(log()) == b""
    assert capsysbinary.readouterr().err == b"one\ntwo\n"


def test_what_waits_when_the_service_ends_is_written(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AccessLog, "MOMENT", 3600)
    with TestClient(application(Settings(index=tmp_path)), base_url="http://localhost") as client:
        client.get("/livez")
        assert capsysbinary.readouterr().err == b""
    assert b'"endpoint":"/livez"' in capsysbinary.readouterr().err
