"""``terminal-ai ask --jsonl``: many questions, answered in the order asked."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import IO

import click
import msgspec

from terminal_ai.assistant.assistant import Assistant
from terminal_ai.config import Settings
from terminal_ai.errors import TerminalAIError
from terminal_ai.export import json_line
from terminal_ai.headless.answers import (
    JsonObject,
    Tally,
    answer_json,
    error_json,
)
from terminal_ai.headless.asking import (
    EXIT_NOTHING,
    OpenAssistant,
    answer,
    closing,
    inquiry_of,
    say_where_questions_go,
)
from terminal_ai.headless.reading import READ_LIMIT_BYTES, bounded_lines, capture
from utils.async_optimizer import run_in_thread

QUESTION_FORM = 'one JSON object a line: {"question", "material", "command", "id"}'
AHEAD_FACTOR = 4
"""Questions taken in for each that is asked: one that takes long holds nobody up."""


class _Question(msgspec.Struct, frozen=True):
    """One line; keys we do not know are left alone, ``id`` comes back as it was."""

    question: str
    material: str = ""
    command: bool = False
    id: object = None


_QUESTIONS = msgspec.json.Decoder(_Question)


def ask_many(settings: Settings, open_assistant: OpenAssistant) -> int:
    """Answer the questions of stdin on stdout, and return the exit code."""
    started = time.monotonic()
    # Streams of our own: a thread that still waits in one of Python's would keep its
    # lock, and the process could not end.
    questions = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    descriptor = sys.stdout.fileno()

    def write(line: bytes) -> None:
        while line:
            line = line[os.write(descriptor, line) :]

    async def run() -> Tally:
        async with closing(assistant):
            return await answer_lines(
                assistant, questions, write, at_once=settings.ai.requests_at_once
            )

    say_where_questions_go(settings)
    with open_assistant(settings) as assistant:
        tally = asyncio.run(run())
    if sys.stderr.isatty():
        click.echo(tally.text(time.monotonic() - started), err=True)
    return EXIT_NOTHING if tally.failed else 0


async def answer_lines(
    assistant: Assistant,
    questions: IO[bytes],
    write: Callable[[bytes], object],
    *,
    at_once: int,
) -> Tally:
    """Answer each line with one line, and read no further than can be answered soon.

    A question that fails is answered by its error, and does not end the stream.
    ``write`` may block; it gets whole lines.
    """
    tally = Tally()
    slots = asyncio.Semaphore(at_once)
    answers: asyncio.Queue[asyncio.Task[JsonObject] | None] = asyncio.Queue(
        at_once * AHEAD_FACTOR
    )

    async def read() -> None:
        lines = bounded_lines(questions)
        while (line := await run_in_thread(_next, lines)) is not None:
            if line.strip():
                one = asyncio.create_task(_one(assistant, line, slots, tally))
                asked.add(one)
                await answers.put(one)
        await answers.put(None)

    async def write_in_order() -> None:
        while (one := await answers.get()) is not None:
            line = json_line(await one)
            asked.discard(one)
            await run_in_thread(write, f"{line}\n".encode())

    asked: set[asyncio.Task[JsonObject]] = set()
    both = [asyncio.create_task(read()), asyncio.create_task(write_in_order())]
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in (*both, *asked):
            task.cancel()
        ended = await asyncio.gather(*both, *asked, return_exceptions=True)
    for result in ended[: len(both)]:
        if isinstance(result, Exception):
            raise result
    return tally


async def _one(
    assistant: Assistant, line: bytes, slots: asyncio.Semaphore, tally: Tally
) -> JsonObject:
    try:
        asked = _read_question(line)
    except (ValueError, RecursionError) as error:
        tally.failed += 1
        return {"error": str(error), "hint": QUESTION_FORM}
    head: JsonObject = {} if asked.id is None else {"id": asked.id}
    material = await run_in_thread(_bounded, asked.material)
    inquiry = inquiry_of(asked.question, material, wants_command=asked.command)
    try:
        async with slots:
            given = await answer(assistant, inquiry)
    except TerminalAIError as error:
        tally.failed += 1
        return head | error_json(error)
    tally.add(given)
    return head | answer_json(given)


def _bounded(material: str) -> str:
    """Return what a reader would see of it, as of what is piped in."""
    return capture(material.encode("utf-8", "replace")).text


def _read_question(line: bytes) -> _Question:
    if len(line) > READ_LIMIT_BYTES:
        raise ValueError(f"longer than {READ_LIMIT_BYTES} bytes")
    asked = _QUESTIONS.decode(line)
    if not asked.question.strip():
        raise ValueError("the question is empty")
    return asked


def _next(lines: Iterator[bytes]) -> bytes | None:
    with contextlib.suppress(StopIteration):
        return next(lines)
    return None
