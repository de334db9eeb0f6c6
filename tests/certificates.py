"""A certificate for this machine that nobody trusts, made by openssl."""

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Certificate:
    """A self-signed certificate and its key, as files."""

    certificate: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


def make_certificate(directory: Path, names: str) -> Certificate:
    """Return a new certificate for names such as ``DNS:localhost,IP:127.0.0.1``."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed (Debian: openssl)")
    made = Certificate(directory / "certificate.pem", directory / "key.pem")
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=test", "-addext", f"subjectAltName={names}"]
    command += ["-keyout", str(made.key), "-out", str(made.certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return made


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for this machine."""
    directory = tmp_path_factory.mktemp("certificate")
    return make_certificate(directory, "DNS:localhost,IP:127.0.0.1")


@pytest.fixture(scope="session")
def strangers_certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for another machine."""
    directory = tmp_path_factory.mktemp("stranger")
    return make_certificate(directory, "DNS:other.example")
