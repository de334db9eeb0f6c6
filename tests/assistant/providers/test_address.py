"""Where the service is, by the same conventions as Ollama's own tools."""

import ipaddress
import socket

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.assistant.providers.address import (
    is_loopback_name,
    parse_address,
    permitted_address,
)
from terminal_ai.errors import ProviderError
from tests.assistant.making import make_settings


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("", "http://127.0.0.1:11434"),
        ("http://127.0.0.1:11434", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        ("http://0.0.0.0:11434", "http://127.0.0.1:11434"),
        ("[::]:11434", "http://[::1]:11434"),
        (":56789", "http://127.0.0.1:56789"),
        ("localhost", "http://localhost:11434"),
        ("http://localhost", "http://localhost:80"),
        ("https://localhost/ollama/", "https://localhost:443/ollama"),
        ("[::1]:1234", "http://[::1]:1234"),
        ("127.0.0.2", "http://127.0.0.2:11434"),
    ],
)
def test_this_machine(host: str, url: str) -> None:
    address = parse_address(host)
    assert address.url == url
    assert address.is_loopback


@pytest.mark.parametrize(
    "host",
    [
        "192.168.0.7",
        "http://10.0.0.1:11434",
        "ollama.example.com",
        "https://ollama.com",
        "localhost.example.com",
        "localhost.evil.com",
        "http://localhost.evil.com:11434",
        "evil.localhost",
        "localhost.",
        "localhost.localdomain",
        "127.0.0.1.nip.io",
        "127.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "[::ffff:10.0.0.1]",
        "[::2]",
        "gpu.local",
        "gpu",
        "１２７.0.0.1",
        "ⅼocalhost",
        "http://127.0.0.1\\@evil.example",
        "http://127.0.0.1#@evil.example",
        "http://evil.example\\.localhost",
        "http://evil.example%2f.localhost",
        "http://evil.example%00localhost",
        "127.0.0.1.example.com",
        "[fe80::1]",
        "http://127.0.0.1@evil.example",
        "2130706433.example",
    ],
)
def test_another_machine(host: str) -> None:
    try:
        address = parse_address(host)
    except ProviderError:
        return
    assert not address.is_loopback


@pytest.mark.parametrize(
    "host", ["ftp://x", "http://x:port", "http://[::1", "http://u:secret@localhost"]
)
def test_what_is_no_address(host: str) -> None:
    with pytest.raises(ProviderError) as caught:
        parse_address(host)
    assert caught.value.hint
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    ("host", "label", "is_encrypted"),
    [
        ("gpu.lan", "gpu.lan:11434", False),
        ("HTTPS://GPU.lan/ollama", "https://gpu.lan:443/ollama", True),
        ("http://[2001:DB8::1]:1/", "[2001:db8::1]:1", False),
    ],
)
def test_what_a_reader_is_told_of_it(host: str, label: str, is_encrypted: bool) -> None:
    address = parse_address(host)
    assert (address.label, address.is_encrypted) == (label, is_encrypted)
    assert "/" not in address.machine


def test_another_machine_needs_the_setting() -> None:
    with pytest.raises(ProviderError, match="not this machine") as caught:
        permitted_address(make_settings("gpu.lan"))
    assert "allow_remote_host" in caught.value.hint
    allowed = permitted_address(make_settings("gpu.lan", allow_remote_host=True))
    assert not allowed.is_loopback
    assert permitted_address(make_settings("0.0.0.0")).is_loopback


def _resolved(name: str) -> set[str]:
    """Return where the system would connect to, without asking the network."""
    try:
        found = socket.getaddrinfo(name, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return set()
    return {str(entry[4][0]).partition("%")[0] for entry in found}


@given(
    name=st.one_of(
        st.ip_addresses(v=4).map(str),
        st.ip_addresses(v=6).map(str),
        st.ip_addresses(v=4).map(lambda ip: f"::ffff:{ip}"),
        st.integers(0, 2**32 - 1).map(str),
        st.integers(0, 2**32 - 1).map(hex),
        st.from_regex(r"(127|10)\.[0-9]{1,9}", fullmatch=True),
    )
)
def test_what_counts_as_this_machine_never_leaves_it(name: str) -> None:
    if is_loopback_name(name):
        for address in _resolved(name):
            ip = ipaddress.ip_address(address)
            mapped = getattr(ip, "ipv4_mapped", None)
            assert (mapped or ip).is_loopback


@given(host=st.text(max_size=40))
def test_any_text_is_an_address_or_one_of_our_errors(host: str) -> None:
    try:
        address = parse_address(host)
    except ProviderError:
        return
    assert "://" in address.url
    assert "@" not in address.url


@given(
    name=st.from_regex(r"[a-z0-9.-]{1,20}", fullmatch=True),
    scheme=st.sampled_from(["", "http://", "https://", "HTTP://"]),
    port=st.sampled_from(["", ":1", ":65535"]),
    path=st.sampled_from(["", "/", "/ollama", "/a/b/"]),
)
def test_the_client_connects_to_the_machine_that_was_judged(
    name: str, scheme: str, port: str, path: str
) -> None:
    try:
        address = parse_address(f"{scheme}{name}{port}{path}")
    except ProviderError:
        return
    try:
        seen = httpx.URL(address.url)
    except httpx.InvalidURL:
        return
    assert is_loopback_name(seen.host) == address.is_loopback
