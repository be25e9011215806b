"""Hosts of original articles, as pages name them."""

import pytest

from searchsvc.web.addresses import host


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.harbour.example/a?b", "harbour.example"),
        ("http://Harbour.example:8080/", "harbour.example"),
        ("https://harbour.example@other.example/", "other.example"),
        ("javascript:alert(1)", ""),
        ("https://[::1", ""),
        ("file:///etc/passwd", ""),
        ("//harbour.example/", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_only_web_addresses_have_a_host(url: str | None, name: str) -> None:
    assert host(url) == name
