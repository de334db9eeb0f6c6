"""``terminal-ai ask --jsonl``: order, failures, and a stream without an end."""

import asyncio
import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.assistant.inquiry import Inquiry, InquiryKind
from terminal_ai.errors import ProviderError
from terminal_ai.headless.asking_many import AHEAD_FACTOR, answer_lines
from terminal_ai.records import (
    Answer,
    AnswerFigures,
    AnswerOrigin,
    AnswerPhase,
    AnswerUpdate,
)
from tests.ollama_server import OllamaServer

ROOT = Path(__file__).resolve().parents[2]


class Answering:
    """An assistant whose answers take as many turns of the loop as asked."""

    def __init__(self) -> None:
        self.asked: list[Inquiry] = []
        self.open = 0
        self.most_open = 0
        self.gate: asyncio.Event | None = None

    async def answer(self, inquiry: Inquiry) -> AsyncGenerator[AnswerUpdate, None]:
        self.asked.append(inquiry)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            name, _, turns = inquiry.question.partition(" ")
            for _ in range(int(turns or 0)):
                await asyncio.sleep(0)
            if self.gate is not None:
                await self.gate.wait()
            if name == "fail":
                raise ProviderError("it broke", hint="mend it")
            answer = Answer(
                name,
                None,
                "tiny",
                figures=AnswerFigures(prompt_tokens=10, answer_tokens=5),
                age_seconds=3.0 if name == "old" else None,
                origin=AnswerOrigin.MEMORY if name == "old" else AnswerOrigin.MODEL,
            )
            yield AnswerUpdate(AnswerPhase.DONE, name, answer=answer)
        finally:
            self.open -= 1


def lines_of(*questions: object) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in questions)


async def answered(
    assistant: Answering, data: bytes, *, at_once: int = 2
) -> tuple[list[dict[str, Any]], Any]:
    out: list[bytes] = []
    tally = await answer_lines(
        assistant,  # type: ignore[arg-type]
        io.BytesIO(data),
        out.append,
        at_once=at_once,
    )
    return [json.loads(line) for line in out], tally


@given(
    st.lists(st.tuples(st.sampled_from(["good", "fail", "odd"]), st.integers(0, 9))),
    st.integers(1, 5),
)
def test_each_answer_stands_where_its_question_stood(
    asked: list[tuple[str, int]], at_once: int
) -> None:
    data = b"".join(
        b"[]\n\n"
        if kind == "odd"
        else lines_of({"question": f"{kind} {turns}", "id": number})
        for number, (kind, turns) in enumerate(asked)
    )
    assistant = Answering()
    answers, tally = asyncio.run(answered(assistant, data, at_once=at_once))
    assert len(answers) == len(asked)
    for number, ((kind, _), answer) in enumerate(zip(asked, answers, strict=True)):
        match kind:
            case "good":
                assert (answer["answer"], answer["id"]) == ("good", number)
            case "fail":
                assert answer == {"error": "it broke", "hint": "mend it", "id": number}
            case _:
                assert set(answer) == {"error", "hint"}
    assert tally.answered == sum(kind == "good" for kind, _ in asked)
    assert tally.failed == len(asked) - tally.answered
    assert assistant.most_open <= at_once
    assert assistant.open == 0


async def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.001)


async def turns(count: int = 200) -> None:
    """Let everything happen that can."""
    for _ in range(count):
        await asyncio.sleep(0.0002)


class Questions(io.BytesIO):
    """So many lines; ``taken`` counts those that were read."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.left = count
        self.taken = 0

    def readline(self, size: int | None = -1) -> bytes:
        del size
        self.taken += 1
        self.left -= 1
        return lines_of({"question": "one"}) if self.left >= 0 else b""


async def test_no_more_is_read_than_can_be_answered_soon() -> None:
    questions = Questions(1_000)
    assistant = Answering()
    assistant.gate = asyncio.Event()
    out: list[bytes] = []
    running = asyncio.create_task(
        answer_lines(
            assistant,  # type: ignore[arg-type]
            questions,
            out.append,
            at_once=3,
        )
    )
    await until(lambda: assistant.open == 3)
    await turns()
    # The oldest is waited for, and one more stands at the door.
    assert questions.taken <= 3 * AHEAD_FACTOR + 2
    assert assistant.open == 3
    assistant.gate.set()
    tally = await running
    assert tally.answered == len(out) == 1_000


async def test_no_more_is_read_while_nobody_takes_the_answers() -> None:
    questions = Questions(100)
    may_write = threading.Event()

    running = asyncio.create_task(
        answer_lines(
            Answering(),  # type: ignore[arg-type]
            questions,
            lambda _line: may_write.wait(30),
            at_once=2,
        )
    )
    await until(lambda: questions.taken)
    await turns()
    assert questions.taken <= 2 * AHEAD_FACTOR + 2
    may_write.set()
    await running


async def test_a_cancelled_stream_leaves_nothing_running() -> None:
    assistant = Answering()
    assistant.gate = asyncio.Event()
    running = asyncio.create_task(
        answered(assistant, lines_of(*[{"question": "one"}] * 20), at_once=4)
    )
    await until(lambda: assistant.open == 4)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert assistant.open == 0
    assert len(asyncio.all_tasks()) == 1


async def test_a_reader_that_left_ends_the_stream() -> None:
    assistant = Answering()

    def write(_line: bytes) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        await answer_lines(
            assistant,  # type: ignore[arg-type]
            Questions(100_000),
            write,
            at_once=2,
        )
    assert assistant.open == 0


def test_material_commands_and_figures() -> None:
    assistant = Answering()
    data = lines_of(
        {"question": "good", "material": "a log", "unknown": 1},
        {"question": "old", "command": True},
    )
    answers, tally = asyncio.run(answered(assistant, data))
    assert [one["age_seconds"] for one in answers] == [None, 3.0]
    assert assistant.asked[0].material == "a log"
    assert [one.kind for one in assistant.asked] == [
        InquiryKind.ASK,
        InquiryKind.COMMAND,
    ]
    assert tally.text(1.5) == (
        "2 answers · 0 failed · 1 from the cache · 15 tokens · 1.5 s"
    )


@pytest.mark.parametrize(
    "line",
    [b"{", b"[1]", b'{"question": 3}', b'{"question": " "}', b"\xff", b"{}"],
)
def test_a_line_that_is_no_question_says_so(line: bytes) -> None:
    data = line + b"\n" + lines_of({"question": "good"})
    (refused, good), _ = asyncio.run(answered(Answering(), data))
    assert refused["error"]
    assert '"question"' in refused["hint"]
    assert good["answer"] == "good"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OllamaServer]:
    with OllamaServer() as made:
        monkeypatch.setenv("OLLAMA_HOST", made.url)
        monkeypatch.setenv("TERMINAL_AI_AI_MODEL", "tiny")
        yield made


def test_answers_are_flushed_one_by_one(server: OllamaServer) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "terminal_ai", "ask", "--jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=dict(os.environ),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(2):
            process.stdin.write(lines_of({"question": "gti status", "id": number}))
            process.stdin.flush()
            # It comes while stdin is still open.
            answer = json.loads(process.stdout.readline())
            assert (answer["id"], answer["command"]) == (number, "git status")
        process.stdin.write(b"?\n")
        process.stdin.close()
        assert "error" in json.loads(process.stdout.readline())
        assert process.wait(30) == 1


def test_the_same_question_again_is_answered_from_the_cache(
    server: OllamaServer,
) -> None:
    asked = lines_of(*[{"question": "gti status"}] * 5)
    ran = subprocess.run(
        [sys.executable, "-m", "terminal_ai", "ask", "--jsonl"],
        input=asked,
        capture_output=True,
        check=True,
        cwd=ROOT,
        timeout=60,
    )
    assert len(ran.stdout.splitlines()) == 5
    assert len(server.chats) == 1
