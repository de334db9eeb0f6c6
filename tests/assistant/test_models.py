"""Roles, and what the service tells of its models, through the real client."""

import asyncio
import math
import time
from collections.abc import AsyncIterator

import pytest

from terminal_ai.assistant.models import LOOK_AGAIN_SECONDS, Models
from terminal_ai.assistant.providers.ollama import OllamaProvider
from terminal_ai.assistant.providers.scripted import ScriptedProvider
from terminal_ai.errors import ProviderError, ServiceUnavailableError
from terminal_ai.records import (
    Answer,
    AnswerFigures,
    ModelInfo,
    ModelRole,
    ModelState,
    ModelUsage,
)
from tests.assistant.making import collect, make_prompt, make_settings
from tests.ollama_server import Behaviour, OllamaServer, ServedModel

THINKER = ServedModel(
    "thinker:7b",
    family="qwen3",
    parameter_size="7.6B",
    size_bytes=4_700_000_000,
    context_length=32_768,
    capabilities=("completion", "tools", "thinking"),
)


@pytest.fixture
async def models(ollama_server: OllamaServer) -> AsyncIterator[Models]:
    ollama_server.store.add(THINKER)
    settings = make_settings(ollama_server.url, light_model="thinker:7b")
    provider = OllamaProvider(settings)
    yield Models(settings, provider)
    await provider.close()


@pytest.mark.parametrize("is_terse", [False, True])
async def test_all_that_is_told_of_a_model(
    models: Models, ollama_server: OllamaServer, is_terse: bool
) -> None:
    ollama_server.behaviour = Behaviour(is_terse=is_terse)
    for _ in range(2):
        told = {model.name: model for model in await models.all()}
    assert told.keys() == {"tiny:latest", "thinker:7b"}
    thinker = told["thinker:7b"]
    assert thinker.size_bytes == 4_700_000_000
    assert (thinker.family, thinker.parameters) == ("qwen3", "7.6B")
    assert thinker.quantization == "unknown"
    assert thinker.context_length == 32_768
    assert thinker.capabilities == ("completion", "tools", "thinking")
    assert not thinker.is_loaded
    # An old service describes each model once, not each time.
    assert len(ollama_server.asked("/api/show")) == (2 if is_terse else 0)


async def test_loading_and_unloading(models: Models) -> None:
    await models.load("tiny")
    tiny = next(one for one in await models.all() if one.name == "tiny:latest")
    assert tiny.is_loaded
    assert tiny.loaded_context_length == 4096
    assert tiny.expires_at is not None
    assert 500 < tiny.expires_at - time.time() <= 600
    status = await models.status()
    assert status.is_loaded
    assert status.expires_at == tiny.expires_at
    await models.unload("tiny")
    assert not any(model.is_loaded for model in await models.all())
    assert not (await models.status()).is_loaded


async def test_a_model_that_stays_for_ever(ollama_server: OllamaServer) -> None:
    settings = make_settings(ollama_server.url, keep_alive="-1")
    provider = OllamaProvider(settings)
    await Models(settings, provider).load("tiny")
    assert [model.expires_at for model in await provider.models()] == [math.inf]
    await provider.close()


async def test_each_role_has_its_model_and_a_choice_holds(models: Models) -> None:
    assert models.name(ModelRole.HEAVY) == "tiny"
    assert models.name(ModelRole.LIGHT) == "thinker:7b"
    models.choose(ModelRole.HEAVY, "thinker:7b")
    assert models.name(ModelRole.HEAVY) == "thinker:7b"
    assert (await models.status()).model == "thinker:7b"


async def test_the_heavy_model_does_the_work_of_a_light_one_that_is_missing(
    models: Models,
) -> None:
    models.choose(ModelRole.LIGHT, "not:there")
    await models.status()
    assert models.name(ModelRole.LIGHT) == "tiny"
    models.choose(ModelRole.LIGHT, "")
    assert models.name(ModelRole.LIGHT) == "tiny"


async def test_a_digest_is_known_while_the_service_is_away(
    models: Models, ollama_server: OllamaServer
) -> None:
    found = ollama_server.store.find("tiny")
    assert found is not None
    assert await models.digest("tiny") == found.digest
    assert await models.digest("missing") == ""
    ollama_server.stop()
    with pytest.raises(ProviderError):
        await models.all()
    assert await models.digest("tiny") == found.digest


async def test_without_digests_a_name_means_a_model_of_one_service_only() -> None:
    told = []
    for _ in range(2):
        with OllamaServer() as server:
            server.behaviour = Behaviour(not_offered=frozenset({"/api/tags"}))
            settings = make_settings(server.url)
            provider = OllamaProvider(settings)
            told.append(await Models(settings, provider).digest("tiny"))
            await provider.close()
    assert all(told)
    assert told[0] != told[1]


@pytest.mark.parametrize(
    ("trained", "configured", "window"),
    [(4096, 8192, 4096), (32_768, 8192, 8192), (4096, 2048, 2048)],
)
async def test_the_window_is_what_a_loaded_model_would_have(
    ollama_server: OllamaServer, trained: int, configured: int, window: int
) -> None:
    ollama_server.store.add(ServedModel("other", context_length=trained))
    settings = make_settings(ollama_server.url, context_tokens=configured)
    provider = OllamaProvider(settings)
    models = Models(settings, provider)
    assert await models.window("other") == window
    await models.load("other")
    assert await models.window("other") == window
    [loaded] = [model for model in await models.all() if model.is_loaded]
    assert loaded.loaded_context_length == window
    # As loaded, so it stays: no request loads it again.
    posted = len(ollama_server.asked("/api/chat"))
    await collect(provider.stream(make_prompt(model="other")))
    assert len(ollama_server.asked("/api/chat")) == posted + 1
    ollama_server.stop()
    await provider.close()


async def test_warming_up_loads_only_what_is_here_and_cold(
    models: Models, ollama_server: OllamaServer
) -> None:
    assert await models.warm_up("tiny")
    assert not await models.warm_up("tiny")
    assert len(ollama_server.asked("/api/chat")) == 1
    assert not ollama_server.chats
    for name in ("missing", "x:cloud"):
        assert not await models.warm_up(name)
    assert len(ollama_server.asked("/api/chat")) == 1
    assert not ollama_server.asked("/api/pull")


@pytest.mark.parametrize("allow_cloud", [False, True])
async def test_nothing_is_warmed_up_in_the_cloud(
    ollama_server: OllamaServer, allow_cloud: bool
) -> None:
    ollama_server.store.add(ServedModel("far", remote_host="https://ollama.com"))
    settings = make_settings(ollama_server.url, model="far", allow_cloud=allow_cloud)
    provider = OllamaProvider(settings)
    models = Models(settings, provider)
    assert not await models.warm_up("far")
    far = next(model for model in await models.all() if model.name == "far:latest")
    assert bool(models.refusal(far)) == (not allow_cloud)
    await provider.close()
    assert not ollama_server.asked("/api/chat")


async def test_off_is_off(ollama_server: OllamaServer) -> None:
    settings = make_settings(ollama_server.url, enabled=False)
    models = Models(settings, OllamaProvider(settings))
    assert (await models.status()).state is ModelState.DISABLED
    assert not await models.warm_up("tiny")
    for attempt in (models.all(), models.load("tiny"), models.unload("tiny")):
        with pytest.raises(ProviderError):
            await attempt
    assert ollama_server.requests == []


def test_what_answers_cost_is_counted_by_model(ollama_server: OllamaServer) -> None:
    settings = make_settings(ollama_server.url)
    models = Models(settings, OllamaProvider(settings))
    first = AnswerFigures(total_seconds=1.5, prompt_tokens=100, answer_tokens=20)
    newest = AnswerFigures(total_seconds=0.5, prompt_tokens=60)
    for figures in (first, newest):
        models.note_answer(Answer("x", None, "tiny", figures=figures))
    models.note_answer(Answer("x", None, "other"))
    assert models.usage == {
        "tiny": ModelUsage(2, 160, 20, 2.0, newest),
        "other": ModelUsage(1, 0, 0, 0.0),
    }


class CountedLooks(ScriptedProvider):
    """Counts what is asked of the service besides answers."""

    looks = 0

    async def model(self, name: str) -> ModelInfo | None:
        self.looks += 1
        return await super().model(name)

    async def window(self, name: str) -> int:
        self.looks += 1
        return await super().window(name)


async def test_a_service_that_is_away_is_looked_at_once_in_a_while() -> None:
    now = 100.0
    provider = CountedLooks(failure=ServiceUnavailableError("away"))
    models = Models(make_settings(""), provider, clock=lambda: now)
    for _ in range(3):
        assert await models.window("tiny") == make_settings("").context_tokens
        assert await models.digest("tiny") == ""
    assert provider.looks == 1
    now += LOOK_AGAIN_SECONDS
    await models.digest("tiny")
    assert provider.looks == 2
    # An answer proves that it is back.
    models.note_answer(Answer("", None, "tiny"))
    await models.digest("tiny")
    assert provider.looks == 3


async def test_a_service_that_is_left_alone_is_not_looked_at() -> None:
    is_left_alone = False
    provider = CountedLooks(installed=["tiny"])
    models = Models(make_settings(""), provider, is_left_alone=lambda: is_left_alone)
    window = await models.window("tiny")
    is_left_alone = True
    assert await models.window("tiny") == window, "it counts as it was"
    assert (await models.digest("tiny"), provider.looks) == ("", 1)


class SilentAfterwards(ScriptedProvider):
    """Takes each connection, and after the first look answers no more."""

    def __init__(self) -> None:
        super().__init__(installed=["tiny"])
        self.looks = 0

    async def model(self, name: str) -> ModelInfo | None:
        self.looks += 1
        if self.looks > 1:
            await asyncio.Event().wait()
        return ModelInfo(name, digest="first")


async def test_a_service_that_fell_silent_keeps_no_known_answer_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("terminal_ai.assistant.models.KNOWN_LOOK_SECONDS", 0.0)
    provider = SilentAfterwards()
    made = Models(make_settings("http://127.0.0.1:9"), provider)
    assert await made.digest("tiny") == "first"
    assert await made.digest("tiny") == "first"
    assert await made.digest("tiny") == "first"
    assert provider.looks == 2, "it is left alone for a while"
