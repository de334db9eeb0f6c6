"""Many questions at a time: answered side by side, and gathered into few requests."""

import asyncio
import contextlib
import io
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec

from benchmarks.figures import Row, compared, held_to
from benchmarks.hosts import Bench
from benchmarks.running import Extent
from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.providers.ollama import OllamaProvider
from terminal_ai.config import AiSettings
from terminal_ai.headless.asking_many import answer_lines
from terminal_ai.records import CapturedOutput, CommandRecord
from terminal_ai.safety.redact import redact
from tests.ollama_server import OllamaServer
from tests.ollama_server.behaviour import Behaviour

QUESTIONS = 10
SLOTS = 5
LEAST_SPEED_UP = 3.0
FAILURES = 20
QUESTION = Behaviour(first_token_seconds=0.5, token_seconds=0.01)
REASON = Behaviour(first_token_seconds=0.1)

Samples = tuple[list[float], list[float]]


def measure(_bench: Bench, extent: Extent) -> list[Row]:
    """Ask each the one way and the other, against servers with the same delays."""
    return [*asyncio.run(_questions(extent.few)), *asyncio.run(_reasons(extent.few))]


async def _questions(rounds: int) -> list[Row]:
    lines = b"".join(
        json.dumps({"question": f"how do I use tool {number}?"}).encode() + b"\n"
        for number in range(QUESTIONS)
    )

    async def ask(assistant: Assistant, at_once: int) -> None:
        answers: list[bytes] = []
        tally = await answer_lines(
            assistant, io.BytesIO(lines), answers.append, at_once=at_once
        )
        if tally.answered != QUESTIONS:
            raise RuntimeError(f"{tally.failed} questions failed")

    async with (
        _assistant(SLOTS, QUESTION) as (many, _),
        _assistant(1, QUESTION) as (one, _),
    ):
        together, one_by_one = await _in_turn(
            lambda: ask(many, SLOTS), lambda: ask(one, 1), rounds
        )
    name = f"{QUESTIONS} questions, {SLOTS} slots"
    speed_ups = [one / many for one, many in zip(one_by_one, together, strict=True)]
    return [
        compared(name, together, one_by_one, "one by one", "s"),
        held_to(f"{name}: speed-up", speed_ups, LEAST_SPEED_UP, "x", "higher"),
    ]


async def _reasons(rounds: int) -> list[Row]:
    records = [_failure(number) for number in range(FAILURES)]
    async with (
        _assistant(1, REASON) as (many, many_server),
        _assistant(1, REASON) as (one, one_server),
    ):

        async def one_by_one() -> None:
            for record in records:
                await one.reasons([record])

        async def together() -> None:
            await many.reasons(records)

        seconds = await _in_turn(together, one_by_one, rounds)
        requests = len(many_server.chats) / rounds, len(one_server.chats) / rounds
    name = f"why {FAILURES} failed"
    return [
        Row(f"{name}, requests", *requests, "one by one", ""),
        compared(name, *seconds, "one by one", "s"),
    ]


async def _in_turn(
    ours: Callable[[], Awaitable[None]],
    base: Callable[[], Awaitable[None]],
    rounds: int,
) -> Samples:
    """Return the seconds of both, each second round backwards."""
    taken: Samples = ([], [])
    for number in range(rounds):
        for side in (0, 1) if number % 2 == 0 else (1, 0):
            begun = time.perf_counter()
            await (ours, base)[side]()
            taken[side].append(time.perf_counter() - begun)
    return taken


@contextlib.asynccontextmanager
async def _assistant(
    at_once: int, behaviour: Behaviour
) -> AsyncIterator[tuple[Assistant, OllamaServer]]:
    """Yield an assistant without a cache, and its server, the model loaded."""
    with OllamaServer(behaviour=behaviour, parallel=SLOTS) as server:
        values = {"host": server.url, "model": "tiny", "requests_at_once": at_once}
        settings = msgspec.convert(values, AiSettings)
        assistant = Assistant(
            settings, provider=OllamaProvider(settings), redact=redact, language="en"
        )
        try:
            await assistant.models.load("tiny")
            yield assistant, server
        finally:
            await assistant.close()


def _failure(number: int) -> CommandRecord:
    return CommandRecord(
        id=f"bench-{number}",
        command_line=f"tool --part {number}",
        cwd="/srv",
        exit_code=3,
        started_at=float(number),
        duration_seconds=0.1,
        output=CapturedOutput(f"tool: part {number} is broken\n".encode()),
    )
