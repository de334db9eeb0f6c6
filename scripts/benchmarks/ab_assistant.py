"""The values of ``--optimized`` that the assistant has, each with all but it.

The assistant as the app builds it, on a machine that is never strained, against the
test server with known delays. What is measured is what the user waits for: from the
key that asks to the first text.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from benchmarks.figures import Row, compared
from benchmarks.hosts import Bench
from benchmarks.running import Extent
from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.assistant.providers.ollama import OllamaProvider
from terminal_ai.assistant.scheduling.machine import Machine
from terminal_ai.bootstrap.answer_cache import make_answer_cache
from terminal_ai.config.settings import Settings, build, presets
from terminal_ai.records import CapturedOutput, CommandRecord
from terminal_ai.safety.redact import redact
from tests.ollama_server import OllamaServer
from tests.ollama_server.behaviour import Behaviour

ANSWERING = Behaviour(first_token_seconds=0.4, token_seconds=0.01)
LOADING = Behaviour(load_seconds=0.8, first_token_seconds=0.2, token_seconds=0.01)
READING_SECONDS = 1.2
"""Between a failure and the key that asks about it; until then the card is read."""
REPEATS = 20
"""In each round the same is asked so often."""

Sample = Callable[[Settings, OllamaServer, int], Awaitable[float]]


def prefetch(bench: Bench, extent: Extent) -> list[Row]:
    """Ask about a failure after having read its card."""

    async def sample(settings: Settings, _: OllamaServer, number: int) -> float:
        async with assistant_in(settings, bench.home) as assistant:
            await assistant.models.load("tiny")
            record = _failure(f"gti {_word(number)} --status")
            assistant.failure_examined(record, None)
            await asyncio.sleep(READING_SECONDS)
            return await _first_text(assistant, record)

    key = "ai.prefetch"
    return [_compared(key, "asked after 1.2 s", sample, ANSWERING, extent.few)]


def warm_up(bench: Bench, extent: Extent) -> list[Row]:
    """Ask for the first time, some typing after the start."""

    async def sample(settings: Settings, server: OllamaServer, number: int) -> float:
        server.store.loaded.clear()
        async with assistant_in(settings, bench.home) as assistant:
            # The app does so when it finds the service.
            assistant.warm_up()
            await asyncio.sleep(READING_SECONDS)
            return await _first_text(assistant, _failure(f"gti {_word(number)} --log"))

    key = "ai.warm_up"
    return [_compared(key, "first answer", sample, LOADING, extent.few)]


def memory_cache(bench: Bench, extent: Extent) -> list[Row]:
    """Ask the same again in the same run; the disk knows the answer, too.

    Both are answered from a cache, in processor time: a busy machine does not count.
    """
    key = "performance.answer_cache_entries"
    milliseconds = asyncio.run(_repeats(key, bench.home, REPEATS * extent.rounds))
    base = str(presets()["base"][key])
    name = f"{key}: asked again, whole answer"
    return [compared(name, *milliseconds, base, "ms")]


async def _repeats(key: str, home: Path, times: int) -> tuple[list[float], list[float]]:
    taken: tuple[list[float], list[float]] = ([], [])
    record = _failure("gti again --all")
    with OllamaServer(behaviour=Behaviour(), parallel=2) as server:
        async with contextlib.AsyncExitStack() as stack:
            assistants = []
            for settings in _both(key, server):
                directory = home / str(settings.performance.answer_cache_entries)
                directory.mkdir()
                entered = assistant_in(settings, directory)
                assistant = await stack.enter_async_context(entered)
                await assistant.models.load("tiny")
                await _first_text(assistant, record)
                assistants.append(assistant)
            for number in range(times):
                for side in (0, 1) if number % 2 == 0 else (1, 0):
                    begun = time.process_time()
                    await _first_text(assistants[side], record)
                    taken[side].append((time.process_time() - begun) * 1e3)
    return taken


def disk_cache(bench: Bench, extent: Extent) -> list[Row]:
    """Ask the same again after a restart."""

    async def sample(settings: Settings, _: OllamaServer, number: int) -> float:
        record = _failure(f"gti {_word(number)} --show")
        # Each side has a disk of its own: what one has kept the other must not find.
        side = str(settings.performance.disk_cache_entries)
        directory = bench.home / side
        directory.mkdir(exist_ok=True)
        async with assistant_in(settings, directory) as assistant:
            await assistant.models.load("tiny")
            await _first_text(assistant, record)
        async with assistant_in(settings, directory) as assistant:
            await assistant.status()
            return await _first_text(assistant, record)

    key = "performance.disk_cache_entries"
    name = "asked again after a restart"
    return [_compared(key, name, sample, ANSWERING, extent.few)]


def _compared(
    key: str, name: str, sample: Sample, behaviour: Behaviour, rounds: int
) -> Row:
    ours, base = asyncio.run(_pairs(key, sample, behaviour, rounds))
    value = str(presets()["base"][key]).lower()
    return compared(f"{key}: {name}, first text", ours, base, value, "ms")


async def _pairs(
    key: str, sample: Sample, behaviour: Behaviour, rounds: int
) -> tuple[list[float], list[float]]:
    """Return milliseconds with the value and without it, taken in turn."""
    taken: tuple[list[float], list[float]] = ([], [])
    with OllamaServer(behaviour=behaviour, parallel=2) as server:
        both = _both(key, server)
        for number in range(rounds):
            for side in (0, 1) if number % 2 == 0 else (1, 0):
                # Another question each time: nothing was kept of it.
                asked = 2 * number + side
                taken[side].append(await sample(both[side], server, asked) * 1e3)
    return taken


def _both(key: str, server: OllamaServer) -> tuple[Settings, Settings]:
    """Return the settings with a value and without it."""
    optimized = {
        **presets()["optimized"],
        "ai.host": server.url,
        "ai.model": "tiny",
        "ai.throttle_requests": 1_000,
    }
    return build(optimized), build({**optimized, key: presets()["base"][key]})


@contextlib.asynccontextmanager
async def assistant_in(settings: Settings, directory: Path) -> AsyncIterator[Assistant]:
    """Yield the assistant of these settings, which may keep answers in a directory."""
    assistant = Assistant(
        settings.ai,
        provider=OllamaProvider(settings.ai),
        redact=redact,
        language="en",
        shell="bash",
        cache=make_answer_cache(
            settings.performance, directory, tell=print, another_seconds=0.0
        ),
        machine=Machine(
            load=lambda: (0.0, 0.0, 0.0),
            cpu_percent=lambda: 0.0,
            on_battery=lambda: False,
        ),
    )
    try:
        yield assistant
    finally:
        await assistant.close()


async def _first_text(assistant: Assistant, record: CommandRecord) -> float:
    """Return the seconds to the first text; the answer is read to its end."""
    begun, first = time.perf_counter(), 0.0
    updates = assistant.answer(Inquiry.about(record))
    async with contextlib.aclosing(updates):
        async for update in updates:
            if update.explanation and not first:
                first = time.perf_counter() - begun
    if not first:
        raise RuntimeError("the model gave no text")
    return first


def _word(number: int) -> str:
    """Return another word for each number: digits may be taken for noise."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:04d}")


def _failure(command_line: str) -> CommandRecord:
    return CommandRecord(
        id=command_line,
        command_line=command_line,
        cwd="/srv",
        exit_code=127,
        started_at=time.time(),
        duration_seconds=0.1,
        output=CapturedOutput(f"bash: {command_line}: not found\n".encode()),
    )
