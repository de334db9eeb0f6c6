"""Where a link leads is told truly, or it leads nowhere."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.safety.links import web_address

LETTERS = st.sampled_from(
    ["a", "b.", "-", "@", ":", "/", "\\", "?", "#", "%41", "한", "аррӏе", "\u202e",
     "\x1b", "xn--", "80", "[::1]", "'", '"', "$(id)", "`", " ", "\n", "ß", "。"]
)  # fmt: skip


@given(
    st.sampled_from(["http://", "https://", "HTTPS://", "http:", "", "https:///"]),
    st.lists(LETTERS, max_size=12).map("".join),
    st.lists(LETTERS, max_size=4).map("".join),
)
def test_what_is_opened_is_plain_and_what_is_shown(
    scheme: str, rest: str, label: str
) -> None:
    address = web_address(scheme + rest, label)
    if address is None:
        return
    assert address.url.isascii()
    assert not set(address.url) & set(" \\\"'`$<>|^{}\n\x1b")
    assert address.url.startswith(("http://", "https://"))
    parts = urlsplit(address.url)
    assert f"[{parts.hostname}]" == address.host or parts.hostname == address.host
    assert parts.username is None
    assert web_address(address.url) is not None


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("https://example.com/a?b=1#c", "https://example.com/a?b=1#c"),
        ("HTTP://Example.COM:8080", "http://example.com:8080"),
        ("https://ko.wikipedia.org/wiki/한국", None),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("https://a.b/it's$(id)`x`", "https://a.b/it%27s%24(id)%60x%60"),
        ("https://a.b/100%25", "https://a.b/100%25"),
    ],
)
def test_a_web_address_is_kept_and_quoted(target: str, url: str | None) -> None:
    address = web_address(target)
    assert address is not None
    wanted = url or "https://ko.wikipedia.org/wiki/%ED%95%9C%EA%B5%AD"
    assert address.url == wanted
    assert not address.is_suspicious


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "ssh://host/",
        "vscode://file/x",
        "//example.com",
        "example.com",
        "https://",
        "https:example.com",
        "https://exa mple.com",
        "https://good.com\\@evil.com",
        "https://a\u202eb.com",
        "https://a\x1b[31m.com",
        "https://-evil.com/",
        "https://x.com:99999/",
        "https://" + "a" * 3_000,
        "https://" + "한" * 300 + ".kr",
        "--help",
        "",
    ],
)
def test_everything_else_is_refused(target: str) -> None:
    assert web_address(target) is None


def test_a_name_in_other_letters_is_shown_both_ways() -> None:
    for target in ("https://аррӏе.com/x", "https://xn--80ak6aa92e.com/x"):
        address = web_address(target)
        assert address is not None
        assert address.host == "xn--80ak6aa92e.com"
        assert address.readable_host == "аррӏе.com"
        assert address.url == "https://xn--80ak6aa92e.com/x"
        assert address.is_suspicious


@pytest.mark.parametrize(
    ("label", "is_suspicious"),
    [
        ("click here", False),
        ("https://example.com/other", False),
        ("www.example.com", False),
        ("example.com", False),
        ("https://bank.com/login", True),
        ("bank.com", True),
        ("https://example.com@evil.com", True),
        ("README.md", True),
        ("", False),
    ],
)
def test_a_text_that_names_another_site_is_said(
    label: str, is_suspicious: bool
) -> None:
    address = web_address("https://example.com/x", label)
    assert address is not None
    assert address.is_suspicious == is_suspicious


def test_a_user_name_that_looks_like_a_site_is_said_and_not_sent() -> None:
    address = web_address("https://bank.com@evil.com/x")
    assert address is not None
    assert address.is_suspicious
    assert address.url == "https://evil.com/x"
