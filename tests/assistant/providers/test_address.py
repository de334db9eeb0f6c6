"""Where the service is, by the same conventions as Ollama's own tools."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.assistant.providers.address import parse_address
from terminal_ai.errors import ProviderError


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


@given(host=st.text(max_size=40))
def test_any_text_is_an_address_or_one_of_our_errors(host: str) -> None:
    try:
        address = parse_address(host)
    except ProviderError:
        return
    assert "://" in address.url
