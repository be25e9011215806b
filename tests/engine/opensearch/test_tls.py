"""TLS with certificates of one's own, against real servers."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from searchsvc.engine.opensearch.client.transport import ClusterAccess, Reply, Transport
from searchsvc.errors import EngineUnavailable
from tests.engine.opensearch.misbehaving import OK, Server, running

AUTHORITY = """[req]
distinguished_name = name
prompt = no
x509_extensions = extensions
[name]
CN = {}
[extensions]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
"""
NODE = """subjectAltName = IP:127.0.0.1
authorityKeyIdentifier = keyid
extendedKeyUsage = serverAuth
"""
NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl, which makes the certificates")


@dataclass(frozen=True)
class Authority:
    """Signs certificates; `certificate` is its own."""

    folder: Path

    @classmethod
    def made(cls, folder: Path) -> "Authority":
        folder.mkdir()
        (folder / "authority.cnf").write_text(AUTHORITY.format(folder.name))
        made = cls(folder)
        made._openssl("req", "-x509", *NEW_KEY, "-config", "authority.cnf", "-keyout", "ca.key", "-out", "ca.pem")
        return made

    @property
    def certificate(self) -> Path:
        return self.folder / "ca.pem"

    def node(self) -> ssl.SSLContext:
        """What a node at 127.0.0.1 shows."""
        (self.folder / "node.cnf").write_text(NODE)
        self._openssl("req", *NEW_KEY, "-subj", "/CN=node", "-keyout", "node.key", "-out", "node.csr")
        signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "node.cnf"]
        self._openssl("x509", "-req", "-in", "node.csr", *signing, "-out", "node.pem")
        shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        shown.load_cert_chain(self.folder / "node.pem", self.folder / "node.key")
        return shown

    def _openssl(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True, timeout=60)


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
