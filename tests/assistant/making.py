"""Values that tests of the assistant need again and again."""

import contextlib
from collections.abc import AsyncGenerator, Coroutine
from typing import TypeVar

import msgspec

from terminal_ai.assistant.caching.answers import ANOTHER_ANSWER_SECONDS, AnswerCache
from terminal_ai.assistant.caching.memory_tier import MemoryTier
from terminal_ai.assistant.providers.base import Message, Prompt, Role
from terminal_ai.assistant.replies.reply import REPLY_SCHEMA
from terminal_ai.config import AiSettings
from terminal_ai.records import CapturedOutput, CommandRecord

Item = TypeVar("Item")


def make_settings(host: str, **changes: object) -> AiSettings:
    """Return settings for a test server, validated like a user's."""
    values: dict[str, object] = {"host": host, "model": "tiny", **changes}
    return msgspec.convert(values, AiSettings)


def make_prompt(question: str = "gti status", **changes: object) -> Prompt:
    """Return a small prompt that the server has a reply for."""
    values: dict[str, object] = {
        "model": "tiny",
        "messages": (Message(Role.SYSTEM, "Help."), Message(Role.USER, question)),
        "schema": REPLY_SCHEMA,
        "answer_tokens": 200,
        "temperature": 0.0,
        **changes,
    }
    return Prompt(**values)  # type: ignore[arg-type]


def make_record(
    command_line: str = "gti status",
    output: str = "bash: gti: command not found\n",
    **changes: object,
) -> CommandRecord:
    """Return a finished command that failed."""
    values: dict[str, object] = {
        "id": f"record {command_line}",
        "command_line": command_line,
        "cwd": "/home/ada/project",
        "exit_code": 127,
        "started_at": 1_700_000_000.0,
        "duration_seconds": 0.1,
        "output": CapturedOutput(output.encode()),
        **changes,
    }
    return CommandRecord(**values)  # type: ignore[arg-type]


def make_cache(another_seconds: float = ANOTHER_ANSWER_SECONDS) -> AnswerCache:
    """Return a cache that keeps answers in memory alone."""
    tiers = [MemoryTier(8, 1_000_000, 600.0)]
    return AnswerCache(tiers, another_seconds=another_seconds)


def run_now(call: Coroutine[object, None, Item]) -> Item:
    """Return what a coroutine returns that never waits."""
    try:
        call.send(None)
    except StopIteration as end:
        result: Item = end.value
        return result
    raise AssertionError("it waits")


async def collect(stream: AsyncGenerator[Item, None]) -> list[Item]:
    """Return everything a stream yields."""
    async with contextlib.aclosing(stream):
        return [item async for item in stream]
