"""Whatever breaks, at whatever stage: one clear error in bounded time, or an answer.

The whole assistant, the real client, real HTTP. Deadlines pass by turning the loops'
clocks.
"""

import asyncio
import contextlib
import resource
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest

from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.caching.answer_file import FileLimits
from terminal_ai.assistant.caching.answers import AnswerCache
from terminal_ai.assistant.caching.disk_tier import DiskTier
from terminal_ai.assistant.caching.memory_tier import MemoryTier
from terminal_ai.assistant.caching.redis_address import parse_redis_url
from terminal_ai.assistant.caching.redis_tier import RedisTier
from terminal_ai.assistant.caching.team_key import TeamKey
from terminal_ai.assistant.caching.tiers import Tier
from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.errors import (
    IncompleteAnswerError,
    ProviderError,
    ServiceUnavailableError,
)
from terminal_ai.records import AnswerOrigin, AnswerPhase, AnswerUpdate, ModelState
from tests.assistant.caching.making import Clock, NamedTier
from tests.assistant.making import collect, make_record, make_settings
from tests.assistant.test_assistant import final, make_assistant
from tests.ollama_server import Behaviour, Fault, OllamaServer, ServedModel
from tests.ollama_server.server import skip_time

SILENCE_SECONDS = 60.0
ABOUT = Inquiry.about(make_record())
THINKER = ServedModel("tiny", capabilities=("completion", "thinking"))
LIMITS = FileLimits(100, 1 << 20, 3_600.0)
AFTER_ALL = 10_000
"""Pieces: more than any answer has."""


@pytest.fixture
async def asked(ollama_server: OllamaServer) -> AsyncIterator["Asked"]:
    made = Asked(ollama_server)
    yield made
    await made.close()


class Asked:
    """An assistant, what it said last, and what it left behind."""

    def __init__(self, server: OllamaServer, tiers: Sequence[Tier] = ()) -> None:
        self.server = server
        self.before = asyncio.all_tasks()
        settings = make_settings(
            server.url, retries=0, first_token_timeout_seconds=SILENCE_SECONDS
        )
        memory = MemoryTier(100, 1 << 20, 3_600.0)
        self.assistant: Assistant = make_assistant(
            settings, cache=AnswerCache(tiers or [memory])
        )
        self.updates: list[AnswerUpdate] = []

    async def ask(self, inquiry: Inquiry = ABOUT) -> None:
        self.updates = []
        async with contextlib.aclosing(self.assistant.answer(inquiry)) as updates:
            async for update in updates:
                self.updates.append(update)

    async def fails(self) -> ProviderError:
        """Ask in vain; return the error, which must say what to do."""
        with pytest.raises(ProviderError) as caught:
            await self.ask()
        assert caught.value.message
        assert caught.value.hint
        assert all(update.answer is None for update in self.updates)
        return caught.value

    async def works(self) -> None:
        """Ask the same question: it is answered by the model, and whole."""
        self.server.behaviour = Behaviour()
        chats = len(self.server.chats)
        await self.ask()
        assert final(self.updates).suggestion is not None
        assert len(self.server.chats) == chats + 1

    async def close(self) -> None:
        await self.assistant.close()
        await self.leaves_nothing()

    async def leaves_nothing(self) -> None:
        """No request is worked on, no connection is open, no task lives."""
        await self.server.until(lambda: not self.server.working)
        await self.server.until(lambda: not self.server.connections)
        ours = {*self.before, asyncio.current_task()}
        await self.server.until(lambda: not asyncio.all_tasks() - ours)


async def skip_here_and_there(server: OllamaServer, seconds: float) -> None:
    """Turn the clocks of both ends, and let everybody notice."""
    skip_time(asyncio.get_running_loop(), seconds)
    server.skip(seconds)
    await asyncio.sleep(0.01)


# -- before the first byte --------------------------------------------------------

STAGES = ["/api/tags", "/api/ps", "load", "/api/chat"]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    "fault", [400, 403, 404, 500, 503, Fault.DROPPED, Fault.GARBAGE]
)
async def test_a_broken_stage_is_one_clear_error(
    asked: Asked, stage: str, fault: Fault | int
) -> None:
    asked.server.behaviour = Behaviour(broken_stage=stage, broken_by=fault)
    if fault == 404 and stage in ("/api/tags", "/api/ps"):
        # A compatible service has no such list.
        await asked.ask()
        assert final(asked.updates).suggestion is not None
        return
    error = await asked.fails()
    assert error.status_code == (fault if isinstance(fault, int) else None)
    await asked.works()


@pytest.mark.parametrize("stage", STAGES)
async def test_a_silent_stage_is_given_up_at_its_deadline(
    asked: Asked, stage: str
) -> None:
    asked.server.behaviour = Behaviour(broken_stage=stage, broken_by=Fault.SILENCE)
    asking = asyncio.create_task(asked.fails())
    await asked.server.until(
        lambda: any(
            not request.is_finished and _stage_of(request.path, request.fields) == stage
            for request in asked.server.requests
        )
    )
    is_quick = stage in ("/api/tags", "/api/ps")
    # What needs no model has its own, shorter deadline, here met twice: the digest
    # for the cache, and the question itself.
    for _ in range(2 if is_quick else 1):
        await skip_here_and_there(asked.server, 4.0 if is_quick else 59.0)
        assert not asking.done()
        await skip_here_and_there(asked.server, 2.0)
        await asyncio.sleep(0.05)
    error = await asking
    assert ("silent for 60" in error.message) == (not is_quick)
    await asked.works()


def _stage_of(path: str, fields: dict[str, object]) -> str:
    is_load = path == "/api/chat" and not fields.get("messages")
    return "load" if is_load else path


# -- while it streams -------------------------------------------------------------

STREAM_FAULTS = [
    Fault.ERROR_LINE,
    Fault.WITHOUT_DONE,
    Fault.DROPPED,
    Fault.GARBAGE,
    Fault.WRONG_SHAPE,
]
POINTS = {"reading": 0, "thinking": 2, "writing": 40, "done": AFTER_ALL}


@pytest.mark.parametrize("fault", STREAM_FAULTS)
@pytest.mark.parametrize("point", POINTS)
async def test_a_stream_that_breaks_is_no_answer_and_is_not_kept(
    asked: Asked, fault: Fault, point: str
) -> None:
    asked.server.behaviour = Behaviour(
        fault=fault,
        fault_after_pieces=POINTS[point],
        thinking="Is it git, or is it gti? " * 3,
        thinks_in_content=True,
    )
    await asked.fails()
    shown = asked.updates[-1]
    assert bool(shown.thinking) == (point != "reading")
    assert bool(shown.explanation) == (point in ("writing", "done"))
    await asked.works()


@pytest.mark.parametrize("point", POINTS)
async def test_a_stream_that_falls_silent_is_given_up_at_its_deadline(
    asked: Asked, point: str
) -> None:
    asked.server.behaviour = Behaviour(
        fault=Fault.SILENCE, fault_after_pieces=POINTS[point]
    )
    asking = asyncio.create_task(asked.fails())
    await asked.server.until(
        lambda: asked.server.chats and asked.server.chats[0].status
    )
    await asyncio.sleep(0.1)
    await skip_here_and_there(asked.server, SILENCE_SECONDS - 1)
    assert not asking.done()
    await skip_here_and_there(asked.server, 2.0)
    assert "silent" in (await asking).message
    await asked.works()


async def test_a_silent_prefill_of_a_minute_is_waited_for(
    ollama_server: OllamaServer,
) -> None:
    ollama_server.behaviour = Behaviour(first_token_seconds=60.0)
    made = make_assistant(make_settings(ollama_server.url))
    asking = asyncio.create_task(collect(made.answer(ABOUT)))
    await ollama_server.until(lambda: ollama_server.chats)
    for _ in range(3):
        await skip_here_and_there(ollama_server, 19.0)
        assert not asking.done()
    await skip_here_and_there(ollama_server, 4.0)
    updates = await asking
    assert final(updates).suggestion is not None
    assert AnswerPhase.READING in {update.phase for update in updates}
    await made.close()


async def test_a_server_that_is_down_at_the_start_may_come_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    server = OllamaServer(port=port)
    asked = Asked(server)
    assert (await asked.assistant.status()).state is ModelState.UNAVAILABLE
    assert isinstance(await asked.fails(), ServiceUnavailableError)
    with server:
        await asked.works()
        await asked.close()


async def test_a_server_that_dies_in_the_middle_may_come_back() -> None:
    with OllamaServer(behaviour=Behaviour(token_seconds=0.02)) as server:
        asked = Asked(server)
        asking = asyncio.create_task(asked.fails())
        await server.until(lambda: any(update.explanation for update in asked.updates))
        server.stop()
        assert isinstance(await asking, IncompleteAnswerError)
        # The port is known by now.
        server.start()
        await asked.works()
        await asked.close()


# -- cancelling -------------------------------------------------------------------

SLOW = {
    "/api/tags": Behaviour(broken_stage="/api/tags", broken_by=Fault.SILENCE),
    "/api/ps": Behaviour(broken_stage="/api/ps", broken_by=Fault.SILENCE),
    "load": Behaviour(load_seconds=60),
    "reading": Behaviour(first_token_seconds=60),
    "thinking": Behaviour(
        thinking="Hm. " * 50, thinks_in_content=True, token_seconds=0.02
    ),
    "writing": Behaviour(token_seconds=0.02),
    "done": Behaviour(fault=Fault.SILENCE, fault_after_pieces=AFTER_ALL),
}


def _is_at(stage: str, asked: Asked) -> bool:
    server = asked.server
    match stage:
        case "thinking":
            return any(update.thinking for update in asked.updates)
        case "writing" | "done":
            return any(update.explanation for update in asked.updates)
        case "reading":
            return bool(server.chats)
        case "load":
            return bool(server.asked("/api/chat"))
        case _:
            return bool(server.asked(stage))


@pytest.mark.parametrize("stage", SLOW)
async def test_cancelling_at_any_stage_leaves_nothing_behind(
    asked: Asked, stage: str
) -> None:
    asked.server.behaviour = SLOW[stage]
    asking = asyncio.create_task(asked.ask())
    await asked.server.until(lambda: _is_at(stage, asked))
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await asked.server.until(lambda: not asked.server.working)
    assert any(request.was_left for request in asked.server.requests)
    await asked.works()


async def test_cancelling_before_anything_is_sent_sends_nothing(asked: Asked) -> None:
    asking = asyncio.create_task(asked.ask())
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not asked.server.chats
    await asked.works()


class SlowTier(NamedTier):
    """A medium that takes its time, once."""

    def __init__(self) -> None:
        super().__init__(AnswerOrigin.MEMORY)
        self.is_reached = asyncio.Event()
        self.is_slow = True

    async def put(self, key: str, value: bytes, *, tags: Sequence[str]) -> None:
        self.is_reached.set()
        if self.is_slow:
            await asyncio.Event().wait()
        await super().put(key, value, tags=tags)


async def test_cancelling_while_the_answer_is_stored(
    ollama_server: OllamaServer,
) -> None:
    tier = SlowTier()
    asked = Asked(ollama_server, [tier])
    asking = asyncio.create_task(asked.ask())
    await tier.is_reached.wait()
    asking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asking
    tier.is_slow = False
    await asked.works()
    await asked.close()


# -- what keeps answers -----------------------------------------------------------


async def _answers_twice(asked: Asked) -> None:
    """Two questions, of which the second may or may not be known."""
    for number in range(2):
        await asked.ask(Inquiry.about(make_record(id=f"r{number}")))
        assert final(asked.updates).suggestion is not None


@pytest.fixture
def cache_path(tmp_path: Path) -> Path:
    directory = tmp_path / "private"
    directory.mkdir(mode=0o700)
    return directory / "answers.db"


def _damage(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\x00" + b"garbage" * 4_000)
    path.chmod(0o600)


@pytest.mark.parametrize("when", ["before", "between"])
async def test_a_corrupt_file_costs_its_answers_and_nothing_else(
    ollama_server: OllamaServer, cache_path: Path, when: str
) -> None:
    if when == "before":
        _damage(cache_path)
    told: list[str] = []
    asked = Asked(ollama_server, [DiskTier(cache_path, LIMITS, tell=told.append)])
    await _answers_twice(asked)
    if when == "between":
        for path in cache_path.parent.iterdir():
            _damage(path)
        await _answers_twice(asked)
    await asked.close()
    assert told


@contextlib.contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may grow."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


async def test_a_full_disk_costs_nothing_but_the_keeping(
    ollama_server: OllamaServer, cache_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []
    asked = Asked(ollama_server, [DiskTier(cache_path, LIMITS, tell=told.append)])
    with full_disk():
        await _answers_twice(asked)
    assert "disk" in caplog.text, "nothing was to be written"
    assert len(told) == 1, "what lasts is told once"
    assert "not kept on the disk" in told[0]
    await asked.works()
    await asked.close()


async def test_a_redis_that_is_gone_costs_nothing(
    ollama_server: OllamaServer,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    tier = RedisTier(
        parse_redis_url(f"redis://127.0.0.1:{port}"),
        TeamKey("a team's secret that is long enough"),
        seconds=60.0,
        timeout_seconds=0.25,
    )
    asked = Asked(ollama_server, [MemoryTier(10, 1 << 20, 60.0), tier])
    await _answers_twice(asked)
    await asked.close()


@pytest.mark.parametrize("jump", [-1e9, -3_600.0, 3_600.0, 1e9])
async def test_a_clock_that_jumps_makes_no_age_that_cannot_be(
    ollama_server: OllamaServer, cache_path: Path, jump: float
) -> None:
    clock = Clock()
    tiers: list[Tier] = [
        MemoryTier(10, 1 << 20, 60.0),
        DiskTier(cache_path, LIMITS, clock=clock),
    ]
    asked = Asked(ollama_server, tiers)
    asked.assistant = make_assistant(
        make_settings(ollama_server.url),
        # Asked at once again, it is to come from what was kept.
        cache=AnswerCache(tiers, clock=clock, another_seconds=0.0),
    )
    await _answers_twice(asked)
    clock.now += jump
    await asked.ask()
    answer = final(asked.updates)
    assert answer.suggestion is not None
    assert answer.age_seconds == (jump if jump == 3_600.0 else None)
    await asked.close()
