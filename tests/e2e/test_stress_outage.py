"""The stress test's outage ends, however the failures fall together."""

import asyncio
import importlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.errors import ProviderError
from terminal_ai.records import Answer, AnswerOrigin, CapturedOutput, CommandRecord
from tests.virtual_time import VirtualLoop, run_virtually

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
COMMANDS, SHELLS = 20, 3
REFUSALS_TO_OPEN = 3
BREAKER_SECONDS = 1.0
SERVICE_STARTS_SECONDS = 0.5
ENOUGH_SECONDS = 40.0
"""Less than what the outage waits for a question that never comes."""


@pytest.fixture(scope="module")
def stress() -> Any:
    sys.path.insert(0, str(SCRIPTS))
    try:
        names = ("running", "asking", "shells", "report", "work")
        yield SimpleNamespace(
            **{name: importlib.import_module(f"stress.{name}") for name in names}
        )
    finally:
        sys.path.remove(str(SCRIPTS))


class Service:
    """A model that is killed and started; keeps its answers, as the caches do."""

    def __init__(self, stress: Any, loop: VirtualLoop, answer_seconds: float) -> None:
        self._stress = stress
        self._loop = loop
        self._answer_seconds = answer_seconds
        self._is_there = True
        self._kept: set[str] = set()
        self._refused = 0
        self._tried_at = 0.0

    @property
    def figures(self) -> SimpleNamespace:
        is_open = self._refused >= REFUSALS_TO_OPEN
        return SimpleNamespace(breaker="open" if is_open else "closed")

    async def kill(self) -> None:
        self._is_there = False

    async def start(self) -> None:
        await asyncio.sleep(SERVICE_STARTS_SECONDS)
        self._is_there = True

    def asked_at(self, _mark: str, _since: float) -> None:
        return None

    async def answer(self, inquiry: Inquiry) -> AsyncIterator[SimpleNamespace]:
        record = inquiry.record
        assert record is not None
        if record.id not in self._kept:
            await asyncio.sleep(self._answer_seconds)
            now = self._loop.time()
            is_open = self.figures.breaker == "open"
            if is_open and now < self._tried_at + BREAKER_SECONDS:
                raise ProviderError("it is left alone")
            self._tried_at = now
            if not self._is_there:
                self._refused += 1
                raise ProviderError("no service")
            self._refused = 0
        self._kept.add(record.id)
        number = self._stress.work.number_in(record.command_line)
        explanation = self._stress.work.kind_of(number).answer
        answer = Answer(explanation, None, "m", origin=AnswerOrigin.MODEL)
        yield SimpleNamespace(answer=answer)


class User:
    """Somebody whose commands take as long as they are told to."""

    def __init__(self, stress: Any, seconds: list[float]) -> None:
        self.cwd = "/"
        self.ran: list[int] = []
        self.session = SimpleNamespace(resize=lambda *_: None, parsed=(0, 0.0))
        self._stress = stress
        self._seconds = seconds

    async def run(self, command: Any) -> Any:
        if command.number < COMMANDS:
            await asyncio.sleep(self._seconds[command.number])
            self.ran.append(command.number)
        if not command.has_failed:
            return None
        record = CommandRecord(
            id=f"s-{command.number}",
            command_line=command.line,
            cwd="/",
            exit_code=command.exit_code,
            started_at=0.0,
            duration_seconds=0.1,
            output=CapturedOutput(command.output.encode()),
        )
        return self._stress.shells.Failure(record, None, 0.0, 0.0)

    async def nothing(self, *_: object) -> None:
        """Type, or interrupt: nothing of this test's business."""

    press = abandon = interrupt = nothing


def run_commands(stress: Any, seconds: list[float], answer_seconds: float) -> Any:
    """Run all that is done at once; return what was asked and what was run."""
    running = stress.running

    async def main(loop: VirtualLoop) -> Any:
        service = Service(stress, loop, answer_seconds)
        asker = stress.asking.Asker(service, service)
        users = [User(stress, seconds) for _ in range(SHELLS + 2)]
        *workers, flooder, typist = users
        options = running.Options(COMMANDS, SHELLS, "bash", 0.1, 20.0, 45.0)
        outcome = stress.report.Outcome("base", "bash", SHELLS, COMMANDS)
        run = running._Run(
            "base", options, Path("/nowhere"), None, outcome, lambda _: None
        )
        run._settings = lambda _url: SimpleNamespace(
            history=SimpleNamespace(output_head_bytes=1_000, output_tail_bytes=1_000)
        )
        parts = running._Parts(
            service,
            service,
            workers,
            flooder,
            typist,
            SimpleNamespace(add_extra=lambda _command: None),
            asker,
            SimpleNamespace(note=lambda _done: None),
        )
        async with asyncio.timeout(ENOUGH_SECONDS):
            await run._work(parts)
        assert not outcome.troubles
        return asker.asked, sorted(number for user in users for number in user.ran)

    return run_virtually(main)


@settings(max_examples=30)
@given(
    seconds=st.lists(
        st.sampled_from((0.01, 0.05, 0.1, 1.0)), min_size=COMMANDS, max_size=COMMANDS
    ),
    answer_seconds=st.sampled_from((0.001, 0.1, 2.0)),
)
# The two that fail before the outage end at one moment: only one is asked about, and
# whoever could fail next waits for the outage's end.
@example(seconds=[0.1] * 4 + [0.3] + [0.1] * 15, answer_seconds=0.1)
def test_the_outage_ends_and_every_command_runs(
    stress: Any, seconds: list[float], answer_seconds: float
) -> None:
    asked, ran = run_commands(stress, seconds, answer_seconds)
    assert ran == list(range(COMMANDS))
    assert asked.has_breaker_opened
    assert asked.has_breaker_closed
    assert not asked.unanswered.count
