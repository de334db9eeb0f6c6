"""What is taken for granted of a service's models, and for how long."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.assistant.providers.ollama import OllamaProvider
from terminal_ai.assistant.providers.ollama_client import OllamaConnection
from terminal_ai.assistant.providers.ollama_models import listed_models
from terminal_ai.assistant.providers.ollama_state import STATE_SECONDS, ServiceState
from terminal_ai.errors import ModelMissingError, ServiceUnavailableError
from terminal_ai.records import ModelInfo
from tests.assistant.making import collect, make_prompt, make_settings
from tests.ollama_server import Behaviour, OllamaServer, ServedModel


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def paths(server: OllamaServer) -> list[str]:
    return sorted(request.path for request in server.requests)


@contextlib.asynccontextmanager
async def state_of(server: OllamaServer, clock: Clock) -> AsyncIterator[ServiceState]:
    connection = OllamaConnection(make_settings(server.url))
    yield ServiceState(connection, presumed=("tiny",), window_tokens=4096, clock=clock)
    await connection.close()


async def test_an_answer_costs_one_round_trip(
    provider: OllamaProvider, ollama_server: OllamaServer
) -> None:
    await collect(provider.stream(make_prompt()))
    for _ in range(3):
        ollama_server.requests.clear()
        await collect(provider.stream(make_prompt()))
        assert paths(ollama_server) == ["/api/chat"]


async def test_what_was_said_long_ago_is_asked_again(
    ollama_server: OllamaServer,
) -> None:
    clock = Clock()
    async with state_of(ollama_server, clock) as state:
        assert await state.find("tiny") is not None
        clock.now += STATE_SECONDS
        assert await state.find("other") is None
        assert paths(ollama_server) == ["/api/ps", "/api/tags"]
        ollama_server.store.add(ServedModel("other"))
        clock.now += 0.1
        assert await state.find("other") is not None
        assert len(ollama_server.requests) == 4
        # Whoever wants to know what is true now asks always.
        clock.now += 0.1
        assert len(await state.models(age_seconds=0.0)) == 2
        assert len(ollama_server.requests) == 6


async def test_many_who_ask_at_once_ask_once(ollama_server: OllamaServer) -> None:
    async with state_of(ollama_server, Clock()) as state:
        await asyncio.gather(*(state.find("tiny") for _ in range(20)))
    assert len(ollama_server.requests) == 2


async def test_a_model_deleted_in_between_is_missed_clearly(
    provider: OllamaProvider, ollama_server: OllamaServer
) -> None:
    await collect(provider.stream(make_prompt()))
    found = ollama_server.store.find("tiny")
    assert found is not None
    del ollama_server.store.installed[found.name]
    ollama_server.store.unload(found)
    for _ in range(2):
        with pytest.raises(ModelMissingError, match="tiny") as caught:
            await collect(provider.stream(make_prompt()))
        assert "ollama pull" in caught.value.hint
    # The second time it was looked for, and not asked at all.
    assert len(ollama_server.chats) == 2
    ollama_server.store.add(found)
    # What is installed again is seen when the last look is old, or at the next status.
    await provider.models()
    await collect(provider.stream(make_prompt()))


async def test_a_model_unloaded_in_between_is_loaded_by_its_question(
    provider: OllamaProvider, ollama_server: OllamaServer
) -> None:
    await collect(provider.stream(make_prompt()))
    ollama_server.store.loaded.clear()
    await collect(provider.stream(make_prompt()))
    assert ollama_server.store.loaded


async def test_a_replaced_model_has_another_digest_at_the_next_look(
    provider: OllamaProvider, ollama_server: OllamaServer
) -> None:
    before = await provider.model("tiny")
    ollama_server.store.installed["tiny:latest"] = ServedModel(
        "tiny:latest", context_length=2048, revision=2
    )
    assert await provider.model("tiny") == before
    await provider.models()
    after = await provider.model("tiny")
    assert before is not None
    assert after is not None
    assert after.digest != before.digest
    assert after.context_length == 2048


ALL = frozenset({"/api/tags", "/api/ps", "/api/show"})


@pytest.mark.parametrize(
    "not_offered",
    [
        ALL,
        frozenset({"/api/ps"}),
        frozenset({"/api/tags"}),
        frozenset({"/api/show"}),
        frozenset({"/api/tags", "/api/show"}),
    ],
)
@pytest.mark.parametrize("is_terse", [False, True])
async def test_a_compatible_service_need_not_tell_of_its_models(
    provider: OllamaProvider,
    ollama_server: OllamaServer,
    not_offered: frozenset[str],
    is_terse: bool,
) -> None:
    ollama_server.behaviour = Behaviour(not_offered=not_offered, is_terse=is_terse)
    for _ in range(2):
        await collect(provider.stream(make_prompt()))
    assert len(ollama_server.chats) == 2
    assert await provider.window("tiny") == 4096
    assert [
        model.name.removesuffix(":latest") for model in await provider.models()
    ] == ["tiny"]


async def test_a_forwarding_model_is_known_by_its_description_alone(
    provider: OllamaProvider, ollama_server: OllamaServer
) -> None:
    ollama_server.behaviour = Behaviour(not_offered=frozenset({"/api/tags"}))
    ollama_server.store.add(ServedModel("far", remote_host="https://ollama.com"))
    model = await provider.model("far")
    assert model is not None
    assert model.remote_host == "https://ollama.com"


async def test_a_failed_look_leaves_nothing_behind(
    ollama_server: OllamaServer,
) -> None:
    async with state_of(ollama_server, Clock()) as state:
        ollama_server.stop()
        before = asyncio.all_tasks()
        with pytest.raises(ServiceUnavailableError):
            await state.find("tiny")
        assert asyncio.all_tasks() == before


class HalfBroken(OllamaConnection):
    """Fails at one path at once, and takes longer for the other."""

    async def get(self, path: str) -> Mapping[str, object]:
        if path == "/api/tags":
            raise ServiceUnavailableError("away")
        await asyncio.sleep(0.05)
        return {}


async def test_the_half_of_a_look_that_fails_waits_for_the_other() -> None:
    state = ServiceState(
        HalfBroken(make_settings("http://127.0.0.1:9")),
        presumed=(),
        window_tokens=4096,
    )
    before = asyncio.all_tasks()
    with pytest.raises(ServiceUnavailableError, match="away"):
        await state.find("tiny")
    assert asyncio.all_tasks() == before


async def test_a_cancelled_look_leaves_nothing_behind(
    ollama_server: OllamaServer,
) -> None:
    ollama_server.behaviour = Behaviour(quick_seconds=60)
    async with state_of(ollama_server, Clock()) as state:
        before = asyncio.all_tasks()
        look = asyncio.create_task(state.find("tiny"))
        await ollama_server.until(lambda: len(ollama_server.requests) == 2)
        look.cancel()
        with pytest.raises(asyncio.CancelledError):
            await look
        assert asyncio.all_tasks() == before
        await ollama_server.until(
            lambda: all(request.was_left for request in ollama_server.requests)
        )
        ollama_server.behaviour = Behaviour()
        assert await state.find("tiny") is not None


async def test_a_model_that_is_not_kept_is_not_loaded_twice(
    ollama_server: OllamaServer,
) -> None:
    for number, keep_alive in enumerate(("0", "0s", "0.0"), start=1):
        provider = OllamaProvider(
            make_settings(ollama_server.url, keep_alive=keep_alive)
        )
        await collect(provider.stream(make_prompt()))
        await provider.close()
        assert len(ollama_server.asked("/api/chat")) == number


def test_a_wall_clock_that_jumps_only_costs_a_load() -> None:
    clock = Clock()
    state = ServiceState(
        OllamaConnection(make_settings("http://127.0.0.1:9")),
        presumed=(),
        window_tokens=4096,
        wall_clock=clock,
    )
    model = ModelInfo(
        "tiny", is_loaded=True, loaded_context_length=4096, expires_at=1_300.0
    )
    for jump in (0.0, -1e9, 299.0):
        clock.now = 1_000.0 + jump
        assert state.is_loaded(model)
    clock.now = 1e12
    assert not state.is_loaded(model)
    assert state.is_loaded(replace(model, expires_at=math.inf))


@given(
    moment=st.datetimes(
        datetime(2020, 1, 1),
        datetime(2060, 1, 1),
        timezones=st.just(UTC),
    ),
    nanoseconds=st.integers(0, 999),
    hours=st.integers(-12, 12),
)
def test_a_time_is_read_however_go_writes_it(
    moment: datetime, nanoseconds: int, hours: int
) -> None:
    local = moment + timedelta(hours=hours)
    fraction = f".{local.microsecond:06d}{nanoseconds:03d}".rstrip("0").rstrip(".")
    zone = f"{'-' if hours < 0 else '+'}{abs(hours):02d}:00" if hours else "Z"
    written = f"{local:%Y-%m-%dT%H:%M:%S}{fraction}{zone}"
    entry = {"name": "tiny", "expires_at": written}
    [model] = listed_models([{"name": "tiny:latest"}], [entry])
    assert model.expires_at == pytest.approx(moment.timestamp(), abs=1e-5)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["name", "model", "details", "expires_at", "size", "capabilities"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    ).filter(lambda value: isinstance(value, dict))
)
def test_any_entry_is_read_without_an_error(entry: dict[str, object]) -> None:
    named = {"name": "tiny", **entry}
    for model in listed_models([entry, named], [named]):
        assert isinstance(model.name, str)
        assert model.size_bytes >= 0
