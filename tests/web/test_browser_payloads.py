"""Payloads through every field, page, feed and error, in a real Chromium."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from benchmarks.torture.payloads import BROWSERS, Watch, attack, chromium, index
from benchmarks.torture.server import serving

pytestmark = pytest.mark.skipif(
    os.environ.get("CI") != "true" and not any(map(shutil.which, BROWSERS)), reason="no Chromium is found"
)
PAYLOADS = ("<script>alert(1)</script>", "javascript:alert(2)//'\"></title></script><svg onload=alert(3)>")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


def test_no_payload_runs_or_becomes_an_element(browser: Browser, tmp_path: Path) -> None:
    index(tmp_path, PAYLOADS)
    with serving(tmp_path) as server:
        visited, happened = attack(browser, f"http://127.0.0.1:{server.port}", PAYLOADS)
    assert visited > len(PAYLOADS)
    assert happened == []


@pytest.mark.parametrize(
    "page",
    [
        f"<body>{PAYLOADS[0]}",
        "<meta http-equiv=Content-Security-Policy content=\"script-src 'none'\"><script>1</script>",
        "<main><b>",
    ],
)
def test_what_would_happen_is_noticed(browser: Browser, page: str, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(page)
    watch = Watch(browser.new_page())
    watch.visit((tmp_path / "page.html").as_uri())
    assert len(watch.happened) == 1
