"""Where requests go and what goes with them: tokens, certificates, proxies, routers."""

import ssl
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from terminal_ai.assistant.models import Models
from terminal_ai.assistant.providers.address import parse_address
from terminal_ai.assistant.providers.http_client import (
    HostToken,
    make_client,
    read_token,
)
from terminal_ai.assistant.providers.leaving import remote_host_of
from terminal_ai.assistant.providers.ollama import OllamaProvider
from terminal_ai.errors import ProviderError
from terminal_ai.records import ModelInfo, ModelState
from tests.assistant.making import collect, make_prompt, make_settings
from tests.certificates import Certificate
from tests.ollama_server import Behaviour, OllamaServer, ServedModel

TOKEN = "t-0123456789-very-secret"
MakeProvider = Callable[..., OllamaProvider]


@pytest.fixture
async def make_provider() -> AsyncIterator[MakeProvider]:
    made: list[OllamaProvider] = []

    def make(host: str, **changes: object) -> OllamaProvider:
        provider = OllamaProvider(make_settings(host, **changes))
        made.append(provider)
        return provider

    yield make
    for provider in made:
        await provider.close()


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> str:
    """A token in a variable, and another one that is for ollama.com."""
    monkeypatch.setenv("GPU_TOKEN", TOKEN)
    monkeypatch.setenv("OLLAMA_API_KEY", "k-for-the-cloud")
    return "GPU_TOKEN"


def sent_tokens(server: OllamaServer) -> set[str | None]:
    return {request.headers.get("authorization") for request in server.requests}


# --- tokens


async def test_the_named_token_is_sent_and_no_other(
    make_provider: MakeProvider, ollama_server: OllamaServer, token: str
) -> None:
    provider = make_provider(ollama_server.url, token_variable=token)
    await collect(provider.stream(make_prompt()))
    assert ollama_server.requests
    assert sent_tokens(ollama_server) == {f"Bearer {TOKEN}"}


async def test_without_a_name_no_token_is_sent(
    make_provider: MakeProvider, ollama_server: OllamaServer, token: str
) -> None:
    await collect(make_provider(ollama_server.url).stream(make_prompt()))
    assert sent_tokens(ollama_server) == {None}


async def test_the_clouds_key_is_sent_where_it_is_named(
    make_provider: MakeProvider, ollama_server: OllamaServer, token: str
) -> None:
    provider = make_provider(ollama_server.url, token_variable="OLLAMA_API_KEY")
    await provider.models()
    assert sent_tokens(ollama_server) == {"Bearer k-for-the-cloud"}


async def test_a_token_never_follows_a_redirect(
    make_provider: MakeProvider, ollama_server: OllamaServer, token: str
) -> None:
    with OllamaServer() as elsewhere:
        ollama_server.behaviour = Behaviour(redirect_to=elsewhere.url)
        provider = make_provider(ollama_server.url, token_variable=token)
        with pytest.raises(ProviderError, match="307"):
            await collect(provider.stream(make_prompt()))
        assert elsewhere.requests == []


async def test_even_a_client_that_followed_would_not_send_it(token: str) -> None:
    with OllamaServer() as first, OllamaServer() as second:
        first.behaviour = Behaviour(redirect_to=second.url)
        settings = make_settings(first.url, token_variable=token)
        client = make_client(settings, parse_address(first.url))
        client._client.follow_redirects = True
        await client._client.get("/api/tags")
        await client.close()  # type: ignore[no-untyped-call]
        assert sent_tokens(first) == {f"Bearer {TOKEN}"}
        assert sent_tokens(second) == {None}


@pytest.mark.parametrize(
    ("url", "is_sent"),
    [
        ("https://gpu.example.com/api/chat", True),
        ("https://gpu.example.com:443/api/chat", True),
        ("https://GPU.example.com/x", True),
        ("http://gpu.example.com/api/chat", False),
        ("https://gpu.example.com:8443/api/chat", False),
        ("https://gpu.example.com.evil.example/api/chat", False),
        ("https://evil.example/gpu.example.com", False),
        ("https://ollama.com/api/chat", False),
    ],
)
def test_a_token_is_for_one_origin(url: str, *, is_sent: bool) -> None:
    attach = HostToken(TOKEN, parse_address("https://gpu.example.com/ollama"))
    headers = {"Authorization": "Bearer of something else"}
    request = attach(httpx.Request("GET", url, headers=headers))
    wanted = f"Bearer {TOKEN}" if is_sent else None
    assert request.headers.get("authorization") == wanted


def test_a_token_is_not_sent_where_it_can_be_read() -> None:
    settings = make_settings(
        "http://gpu.lan:11434", allow_remote_host=True, token_variable="GPU_TOKEN"
    )
    with pytest.raises(ProviderError, match="unencrypted") as caught:
        read_token(settings, parse_address(settings.host), {"GPU_TOKEN": TOKEN})
    assert TOKEN not in caught.value.told


@pytest.mark.parametrize(
    "value", ["", "  ", "two words", "line\nbreak", "né", "x" * 9_000, "a\x00b"]
)
def test_what_is_no_token_is_named_and_not_told(value: str) -> None:
    settings = make_settings("http://localhost", token_variable="GPU_TOKEN")
    with pytest.raises(ProviderError, match="GPU_TOKEN") as caught:
        read_token(settings, parse_address(settings.host), {"GPU_TOKEN": value})
    assert not value.strip() or value not in caught.value.told


async def test_a_token_is_neither_logged_nor_told(
    make_provider: MakeProvider,
    ollama_server: OllamaServer,
    token: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    provider = make_provider(ollama_server.url, token_variable=token)
    ollama_server.behaviour = Behaviour(refusal_status=401, refusal_text="who are you")
    with pytest.raises(ProviderError) as caught:
        await collect(provider.stream(make_prompt()))
    assert "ai.token_variable" in caught.value.hint
    assert TOKEN not in caplog.text + caught.value.told


# --- certificates


async def test_a_certificate_nobody_vouches_for_is_refused(
    make_provider: MakeProvider, certificate: Certificate, token: str
) -> None:
    with OllamaServer(tls=certificate.server_context()) as server:
        provider = make_provider(server.url, token_variable=token)
        with pytest.raises(ProviderError, match="not trusted") as caught:
            await collect(provider.stream(make_prompt()))
        assert "ai.certificate_file" in caught.value.hint
        assert server.requests == []


async def test_a_certificate_of_ones_own_is_named(
    make_provider: MakeProvider, certificate: Certificate, token: str
) -> None:
    with OllamaServer(tls=certificate.server_context()) as server:
        provider = make_provider(
            server.url,
            certificate_file=str(certificate.certificate),
            token_variable=token,
        )
        assert await collect(provider.stream(make_prompt()))
        assert sent_tokens(server) == {f"Bearer {TOKEN}"}


async def test_a_certificate_for_another_name_is_refused(
    make_provider: MakeProvider, strangers_certificate: Certificate
) -> None:
    with OllamaServer(tls=strangers_certificate.server_context()) as server:
        named = str(strangers_certificate.certificate)
        provider = make_provider(server.url, certificate_file=named)
        with pytest.raises(ProviderError, match="not trusted"):
            await provider.models()
        assert server.requests == []


@pytest.mark.parametrize("content", [None, "no certificate"])
async def test_a_file_without_certificates_is_named(
    make_provider: MakeProvider, tmp_path_factory: pytest.TempPathFactory,
    content: str | None,
) -> None:  # fmt: skip
    file = tmp_path_factory.mktemp("tls") / "own.pem"
    if content is not None:
        file.write_text(content)
    provider = make_provider("https://localhost:9", certificate_file=str(file))
    with pytest.raises(ProviderError, match=r"own\.pem") as caught:
        await provider.models()
    assert "ai.certificate_file" in caught.value.hint


@pytest.mark.parametrize("host", ["http://localhost", "https://localhost"])
async def test_checking_is_never_off_and_the_environment_never_counts(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    client = make_client(make_settings(host), parse_address(host))
    inner = client._client
    pool = inner._transport._pool
    context: ssl.SSLContext = pool._ssl_context
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert not inner.trust_env
    assert not inner.follow_redirects
    assert [one for one in inner._mounts.values() if one is not None] == []
    await client.close()  # type: ignore[no-untyped-call]


async def test_a_proxy_is_not_asked_for_a_remote_host_either(
    make_provider: MakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OllamaServer() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        # A name that no resolver knows: only a proxy could have answered.
        provider = make_provider("http://gpu.invalid:11434", allow_remote_host=True)
        with pytest.raises(ProviderError):
            await provider.models()
        assert proxy.requests == []


# --- routers

OLLA = frozenset({"/api/ps", "/api/version", "/api/pull"})
BARE = OLLA | {"/api/tags", "/api/show"}


@pytest.mark.parametrize("not_offered", [frozenset(), OLLA, BARE])
async def test_behind_a_prefix_and_without_what_a_router_leaves_out(
    make_provider: MakeProvider, not_offered: frozenset[str]
) -> None:
    behaviour = Behaviour(not_offered=not_offered)
    with OllamaServer(prefix="/olla/ollama", behaviour=behaviour) as server:
        provider = make_provider(f"{server.url}/")
        assert await collect(provider.stream(make_prompt()))
        assert server.chats
        assert bool(await provider.version()) == ("/api/version" not in not_offered)
        status = await Models(make_settings(server.url), provider).status()
        assert status.state is ModelState.READY


async def test_without_its_prefix_a_router_is_not_found(
    make_provider: MakeProvider,
) -> None:
    with OllamaServer(prefix="/olla/ollama") as server:
        provider = make_provider(server.url.removesuffix("/olla/ollama"))
        with pytest.raises(ProviderError) as caught:
            await collect(provider.stream(make_prompt()))
        assert "ai.host" in caught.value.hint


# --- the cloud


@pytest.mark.parametrize(
    ("model", "remote_host", "shown"),
    [
        ("far", "https://ollama.com:443", "ollama.com"),
        ("kimi-k2:cloud", "", "ollama.com"),
        ("far", "http://10.0.0.7:11434", "10.0.0.7:11434"),
    ],
)
async def test_a_cloud_model_is_refused_until_it_is_allowed_and_then_shown(
    make_provider: MakeProvider,
    ollama_server: OllamaServer,
    model: str,
    remote_host: str,
    shown: str,
) -> None:
    ollama_server.store.add(ServedModel(model, remote_host=remote_host))
    url = ollama_server.url
    refused = make_settings(url, model=model)
    status = await Models(refused, make_provider(url, model=model)).status()
    assert status.state is ModelState.UNAVAILABLE
    assert "cloud" in status.detail
    assert status.remote_host == ""
    allowed = make_settings(url, model=model, allow_cloud=True)
    provider = make_provider(url, model=model, allow_cloud=True)
    status = await Models(allowed, provider).status()
    assert status.state is ModelState.READY
    assert status.remote_host == shown


async def test_allowed_it_is_asked(
    make_provider: MakeProvider, ollama_server: OllamaServer
) -> None:
    ollama_server.store.add(ServedModel("far", remote_host="https://ollama.com"))
    provider = make_provider(ollama_server.url, model="far", allow_cloud=True)
    # The test server refuses what the cloud would answer; asking is what counts.
    with pytest.raises(ProviderError):
        await collect(provider.stream(make_prompt(model="far")))
    assert ollama_server.asked("/api/chat")


@pytest.mark.parametrize(
    ("changes", "names", "shown"),
    [
        ({"host": "http://127.0.0.1"}, ["a"], ""),
        ({"host": "http://0.0.0.0"}, ["a"], ""),
        ({"host": "gpu.lan"}, ["a"], ""),
        ({"host": "gpu.lan", "allow_remote_host": True}, ["a"], "gpu.lan:11434"),
        ({"host": "localhost", "allow_cloud": True}, ["a", "b:cloud"], "ollama.com"),
        ({"host": "localhost", "allow_cloud": True}, ["", "a"], ""),
        ({"host": "localhost", "allow_cloud": True}, ["far"], "10.1.1.1:80"),
        (
            {"host": "gpu.lan", "allow_remote_host": True, "allow_cloud": True},
            ["x-cloud"],
            "gpu.lan:11434, ollama.com",
        ),
        ({"host": "http://[::1"}, ["a"], ""),
    ],
)
def test_where_questions_leave_for(
    changes: dict[str, object], names: list[str], shown: str
) -> None:
    host = str(changes.pop("host"))
    known = [ModelInfo("far:latest", remote_host="http://10.1.1.1"), ModelInfo("a")]
    assert remote_host_of(make_settings(host, **changes), names, known) == shown
