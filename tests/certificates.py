"""Certificates for servers of tests, made by openssl."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

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
