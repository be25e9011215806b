"""TLS with certificates of one's own, against real servers."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from searchsvc.engine.opensearch.client.transport import ClusterAccess, Reply, Transport
from searchsvc.errors import EngineUnavailable
from tests.certificates import Authority
from tests.engine.opensearch.misbehaving import OK, Server, running

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl, which makes the certificates")


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.made(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.made(tmp_path_factory.mktemp("tls") / "theirs")


@pytest.fixture
def node(ours: Authority) -> Iterator[Server]:
    with running(Server(OK), ours.node()) as server:
        yield server


def ask(url: str, ca: Path | None) -> Reply:
    transport = Transport(ClusterAccess((url,), user="ann", password="secret", ca=ca))
    try:
        return transport.request("GET", "/x", seconds=0.5)
    finally:
        transport.close()


def test_our_own_authority_is_trusted(node: Server, ours: Authority) -> None:
    assert ask(node.url, ours.certificate).json() == {"here": 1}


@pytest.mark.parametrize("trusted", ["nobody in particular", "somebody else"])
def test_what_nobody_we_trust_has_signed_gets_no_password(node: Server, theirs: Authority, trusted: str) -> None:
    with pytest.raises(EngineUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
        ask(node.url, theirs.certificate if trusted == "somebody else" else None)
    assert node.seen == []


def test_the_certificate_of_another_host_is_refused(node: Server, ours: Authority) -> None:
    with pytest.raises(EngineUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
        ask(node.url.replace("127.0.0.1", "localhost"), ours.certificate)
    assert node.seen == []


def test_a_node_without_tls_is_not_asked_in_the_clear(ours: Authority) -> None:
    with running(Server(OK)) as server:
        with pytest.raises(EngineUnavailable):
            ask(server.url.replace("http:", "https:"), ours.certificate)
        assert server.seen == []
