"""Asking ahead: at once, one at a time, and not for its own sake."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.assistant.scheduling.machine import Machine
from terminal_ai.assistant.scheduling.prefetching import (
    Prefetcher,
    PrefetchFigures,
    WarmUp,
)
from terminal_ai.assistant.scheduling.scheduler import Scheduler
from terminal_ai.errors import RequestDroppedError, ServiceUnavailableError
from terminal_ai.records import PrefetchState
from tests.assistant.making import make_record, make_settings

ASKING, READY, GIVEN_UP = PrefetchState


def rested(*, is_strained: bool = False) -> Machine:
    return Machine(
        load=lambda: (0.0, 0.0, 0.0),
        cpu_percent=lambda: 0.0,
        on_battery=lambda: is_strained,
    )


def about(command_line: str, *, is_private: bool = False) -> Inquiry:
    record = make_record(command_line, id=command_line, is_private=is_private)
    return Inquiry.about(record)


class Scene:
    """A prefetcher; answers come when the test lets them."""

    def __init__(self, *, is_strained: bool = False, **settings: Any) -> None:
        self.now = 100.0
        self.asked: list[str] = []
        self.stopped: list[str] = []
        self.told: list[tuple[str, PrefetchState]] = []
        self.slept: list[float] = []
        self.gate = asyncio.Event()
        self.error: Exception | None = None
        self.is_kept = True
        self.prefetcher = Prefetcher(
            make_settings("http://127.0.0.1:9", **settings),
            self._ask,
            machine=rested(is_strained=is_strained),
            clock=lambda: self.now,
            sleep=self._sleep,
        )
        self.prefetcher.tell = lambda record_id, state: self.told.append(
            (record_id, state)
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))

    async def _ask(self, inquiry: Inquiry) -> bool:
        assert inquiry.record is not None
        name = inquiry.record.command_line
        self.asked.append(name)
        self.prefetcher.note_request(name)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.stopped.append(name)
            raise
        if self.error is not None:
            raise self.error
        return self.is_kept

    async def until_asked(self, count: int) -> None:
        await until(lambda: len(self.asked) >= count)

    async def until_told(self, count: int) -> None:
        await until(lambda: len(self.told) >= count)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - a fake has no event for each step
            await asyncio.sleep(0.001)


async def test_the_first_failure_is_asked_about_at_once() -> None:
    scene = Scene()
    scene.prefetcher.begin(about("gti"))
    assert scene.told == [("gti", ASKING)], "shown before anything else happens"
    await scene.until_asked(1)
    scene.gate.set()
    await scene.until_told(2)
    assert scene.told[-1] == ("gti", READY)
    assert scene.slept == []


async def test_of_failures_that_follow_each_other_only_the_last_is_asked_about() -> (
    None
):
    scene = Scene(prefetch_pause_milliseconds=500)
    for name, later in (("a", 0.0), ("b", 0.1), ("c", 0.2)):
        scene.now += later
        scene.prefetcher.begin(about(name))
    await scene.until_asked(1)
    assert scene.asked == ["c"]
    assert scene.slept == [0.3]
    assert dict(scene.told) == {"a": GIVEN_UP, "b": GIVEN_UP, "c": ASKING}
    scene.now += 1
    scene.prefetcher.begin(about("d"))
    await scene.until_asked(2)
    assert scene.slept == [0.3], "after a pause it is a first one again"
    assert scene.stopped == ["c"], "one at a time"
    await scene.prefetcher.close()


async def test_the_next_command_stops_it() -> None:
    scene = Scene()
    scene.prefetcher.begin(about("gti"))
    await scene.until_asked(1)
    scene.prefetcher.stop()
    await scene.until_told(2)
    assert scene.stopped == ["gti"]
    assert scene.told[-1] == ("gti", GIVEN_UP)


async def test_a_stop_before_the_first_step_is_told_too() -> None:
    scene = Scene()
    scene.prefetcher.begin(about("gti"))
    scene.prefetcher.stop()
    await scene.prefetcher.close()
    assert scene.asked == []
    assert scene.told == [("gti", ASKING), ("gti", GIVEN_UP)]


@pytest.mark.parametrize("settings", [{"prefetch": "off"}, {"enabled": False}])
async def test_off_is_off(settings: dict[str, Any]) -> None:
    scene = Scene(**settings)
    scene.prefetcher.begin(about("gti"))
    await scene.prefetcher.close()
    assert (scene.asked, scene.told) == ([], [])


async def test_a_private_command_is_not_thought_about() -> None:
    scene = Scene(prefetch="on")
    scene.prefetcher.begin(about("gti", is_private=True))
    await scene.prefetcher.close()
    assert (scene.asked, scene.told) == ([], [])


@pytest.mark.parametrize(("mode", "asked"), [("auto", []), ("on", ["gti"])])
async def test_a_strained_machine_is_left_alone_unless_told_otherwise(
    mode: str, asked: list[str]
) -> None:
    scene = Scene(is_strained=True, prefetch=mode)
    scene.gate.set()
    scene.prefetcher.begin(about("gti"))
    await scene.until_told(2)
    assert scene.asked == asked
    assert scene.prefetcher.figures.held_back == 1 - len(asked)


@pytest.mark.parametrize(
    "error", [ServiceUnavailableError("away"), RequestDroppedError("dropped")]
)
async def test_its_failures_are_nobodys_business(error: Exception) -> None:
    scene = Scene()
    scene.error = error
    scene.gate.set()
    scene.prefetcher.begin(about("gti"))
    await scene.until_told(2)
    assert scene.told[-1] == ("gti", GIVEN_UP)


async def test_a_bug_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene()
    scene.error = ZeroDivisionError()
    scene.gate.set()
    with caplog.at_level(logging.ERROR):
        scene.prefetcher.begin(about("gti"))
        await scene.until_told(2)
    assert "prefetching failed" in caplog.text


async def test_an_answer_that_was_not_kept_is_not_ready() -> None:
    scene = Scene()
    scene.is_kept = False
    scene.gate.set()
    scene.prefetcher.begin(about("gti"))
    await scene.until_told(2)
    assert scene.told[-1] == ("gti", GIVEN_UP)


async def test_what_it_was_good_for_is_counted() -> None:
    scene = Scene(prefetch_pause_milliseconds=0)
    scene.gate.set()
    for count, name in enumerate(("a", "b", "c"), start=1):
        scene.prefetcher.begin(about(name))
        await scene.until_told(2 * count)
        if name == "b":
            scene.prefetcher.note_question("b")
            scene.prefetcher.note_question("b")
        scene.prefetcher.note_question("unknown")
    assert scene.prefetcher.figures == PrefetchFigures(started=3, used=1, wasted=1)
    scene.prefetcher.stop()
    assert scene.prefetcher.figures.wasted == 2
    scene.prefetcher.note_question("a")
    assert scene.prefetcher.figures == PrefetchFigures(started=3, used=2, wasted=1)


@pytest.mark.parametrize("warm_up", [True, False])
@pytest.mark.parametrize("is_strained", [True, False])
async def test_the_model_is_loaded_when_nothing_speaks_against_it(
    warm_up: bool, is_strained: bool
) -> None:
    loaded: list[str] = []

    async def load(name: str) -> None:
        loaded.append(name)

    scheduler = Scheduler()
    warming = WarmUp(
        make_settings("http://127.0.0.1:9", warm_up=warm_up),
        load,
        scheduler,
        machine=rested(is_strained=is_strained),
    )
    warming.begin("tiny")
    if warming._task is not None:
        await warming._task
    await warming.close()
    await scheduler.close()
    assert loaded == (["tiny"] if warm_up and not is_strained else [])


async def test_a_model_that_cannot_be_loaded_is_no_news() -> None:
    async def load(name: str) -> None:
        raise ServiceUnavailableError("away")

    warming = WarmUp(
        make_settings("http://127.0.0.1:9"), load, Scheduler(), machine=rested()
    )
    warming.begin("tiny")
    assert warming._task is not None
    await warming._task
