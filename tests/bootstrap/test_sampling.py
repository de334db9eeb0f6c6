"""The app is looked at from time to time, whatever the last look did."""

import asyncio
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from terminal_ai.bootstrap import sampling
from terminal_ai.bootstrap.sampling import HOT_LINES, PeriodicSampling, hot_lines_of
from terminal_ai.reports import HotLine
from tests.virtual_time import VirtualLoop
from utils.stack_profile import Frame, SampledStack, StackProfile

WORK = Frame("draw", "one.py", 12, 10)


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    loop = VirtualLoop()
    yield loop
    loop.close()


def profile_of(*frames: Frame) -> StackProfile:
    stacks = tuple(
        SampledStack(
            thread="main", frames=(frame,), is_waiting=False, samples=1, seconds=0.01
        )
        for frame in frames
    )
    return StackProfile(1.0, 0.01, stacks)


def test_it_is_sampled_again_and_again_although_some_fail(
    loop: VirtualLoop,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    begun: list[float] = []
    told: list[tuple[HotLine, ...]] = []

    class Sampler:
        async def profile_for(self, seconds: float) -> StackProfile:
            begun.append(loop.time())
            if len(begun) == 2:
                raise OSError("no thread is left")
            await asyncio.sleep(seconds)
            return profile_of(WORK) if len(begun) == 3 else profile_of()

    async def at_once(function: object, *arguments: object) -> object:
        assert function is hot_lines_of
        return hot_lines_of(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(sampling, "run_in_thread", at_once)
    periodic = PeriodicSampling(
        every_seconds=300, seconds=10, tell=told.append, make_sampler=Sampler
    )

    async def main() -> None:
        task = asyncio.ensure_future(periodic.run())
        await asyncio.sleep(1_000)
        task.cancel()
        await asyncio.wait((task,))

    start = loop.time()
    with caplog.at_level(logging.ERROR):
        loop.run_until_complete(main())
    assert [time - start for time in begun] == [290, 590, 890]
    # Nothing to do is no news.
    assert told == [hot_lines_of(profile_of(WORK))]
    assert "no thread is left" in caplog.text


def test_the_hottest_lines_come_first_and_no_directory_of_the_user() -> None:
    library = f"{next(path for path in sys.path if Path(path).is_dir())}/lib/one.py"
    hot = Frame("draw", library, 12, 10)
    own = Frame("secret", "/home/somebody/project/two.py", 3, 1)
    lines = hot_lines_of(profile_of(hot, own, hot))
    assert [line.place for line in lines] == ["lib/one.py:12 draw", "two.py:3 secret"]
    assert lines[0].seconds == pytest.approx(0.02)
    assert lines[0].share == pytest.approx(2 / 3)


def test_no_more_lines_than_are_read() -> None:
    frames = [Frame("f", "one.py", line, 1) for line in range(1, 3 * HOT_LINES)]
    assert len(hot_lines_of(profile_of(*frames))) == HOT_LINES
    assert hot_lines_of(profile_of()) == ()
