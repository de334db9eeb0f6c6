"""Many questions at a time: answered side by side, and gathered into few requests."""

import asyncio
import contextlib
import io
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec

from benchmarks.figures import Row
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
FAILURES = 20
BEHAVIOUR = Behaviour(first_token_seconds=0.5, token_seconds=0.01)


def measure() -> list[Row]:
    """Ask each the one way and the other, against servers with the same delays."""
    return [*asyncio.run(_questions()), *asyncio.run(_reasons())]


async def _questions() -> list[Row]:
    lines = b"".join(
        json.dumps({"question": f"how do I use tool {number}?"}).encode() + b"\n"
        for number in range(QUESTIONS)
    )

    async def ask(at_once: int) -> float:
        async with _assistant(at_once) as (assistant, _server):

            async def run() -> None:
                answers: list[bytes] = []
                tally = await answer_lines(
                    assistant, io.BytesIO(lines), answers.append, at_once=at_once
                )
                if tally.answered != QUESTIONS:
                    raise RuntimeError(f"{tally.failed} questions failed")

            return await _seconds(run)

    one_by_one = await ask(1)
    together = await ask(SLOTS)
    name = f"{QUESTIONS} questions, {SLOTS} slots"
    return [
        Row(name, together, one_by_one, "one by one", "s"),
        Row(
            f"{name}: speed-up", one_by_one / together, 3.0, "least", "x",
            better="higher",
        ),
    ]  # fmt: skip


async def _reasons() -> list[Row]:
    records = [_failure(number) for number in range(FAILURES)]
    async with _assistant(1) as (assistant, server):

        async def one_by_one() -> None:
            for record in records:
                await assistant.reasons([record])

        single = await _seconds(one_by_one)
        requests = len(server.chats)
    async with _assistant(1) as (assistant, server):

        async def together() -> None:
            await assistant.reasons(records)

        batched = await _seconds(together)
        batches = len(server.chats)
    name = f"why {FAILURES} failed"
    return [
        Row(f"{name}, requests", batches, requests, "one by one", ""),
        Row(name, batched, single, "one by one", "s"),
    ]


async def _seconds(work: Callable[[], Awaitable[None]]) -> float:
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


@contextlib.asynccontextmanager
async def _assistant(
    at_once: int,
) -> AsyncIterator[tuple[Assistant, OllamaServer]]:
    """Yield an assistant without a cache, and its server, the model loaded."""
    with OllamaServer(behaviour=BEHAVIOUR, parallel=SLOTS) as server:
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
