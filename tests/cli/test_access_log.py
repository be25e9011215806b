"""The access log is written in one go for the requests of a moment, and nothing of it is lost."""

import asyncio
import subprocess
import sys

import pytest

from searchsvc.cli.server import AccessLog


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


def test_what_waits_at_the_end_is_written() -> None:
    program = (
        "import asyncio; from searchsvc.cli.server import AccessLog\nasync def log(): AccessLog()(b'last')\n"
        "asyncio.run(log())"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert ended.stderr == b"last"
