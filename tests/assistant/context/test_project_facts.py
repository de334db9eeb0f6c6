"""Facts are kept while they hold, and a file system that hangs keeps nobody waiting."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from terminal_ai.assistant.context.project_facts import (
    AGE_LIMIT_SECONDS,
    DIRECTORIES_LIMIT,
    THREADS_LIMIT,
    ProjectCollector,
)
from terminal_ai.project.facts import NO_FACTS
from terminal_ai.project.reading import Looking
from tests.project.making import commit, git, make_repository

PATIENT_SECONDS = 60.0


class Looks:
    """Counts how often somebody looks around anew."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> Looking:
        self.count += 1
        return Looking()


class HangingLooking(Looking):
    """Hangs as a dead network file system does, until it is freed."""

    free = threading.Event()
    waiting = threading.Semaphore(0)

    def text(self, path: str, limit_bytes: int = 0) -> str:
        self.waiting.release()
        self.free.wait(PATIENT_SECONDS)
        return super().text(path, limit_bytes)


@pytest.fixture
def hanging() -> Iterator[type[HangingLooking]]:
    class Hanging(HangingLooking):
        """This test's own: threads of an earlier one may still tell of themselves."""

        free = threading.Event()
        waiting = threading.Semaphore(0)

    yield Hanging
    Hanging.free.set()


async def test_facts_are_gathered_again_only_when_something_has_changed(
    tmp_path: Path,
) -> None:
    directory = make_repository(tmp_path / "p")
    looks = Looks()
    collector = ProjectCollector({}, look=looks, deadline_seconds=PATIENT_SECONDS)
    for _ in range(3):
        assert (await collector.facts_of(str(directory))).branch == "main"
    assert looks.count == 1
    git(directory, "checkout", "-q", "-b", "next")
    assert (await collector.facts_of(str(directory))).branch == "next"
    (directory / "package.json").write_text("{}")
    assert (await collector.facts_of(str(directory))).kinds == ("node",)
    (directory / "package.json").write_text('{"scripts": {"build": ""}}')
    assert "scripts build" in (await collector.facts_of(str(directory))).text
    git(directory, "checkout", "-q", "-b", "side")
    commit(directory, "a.txt", "side")
    git(directory, "checkout", "-q", "next")
    commit(directory, "a.txt", "next")
    git(directory, "merge", "side", check=False)
    assert "merge" in (await collector.facts_of(str(directory))).text
    collector.close()


async def test_old_facts_are_gathered_again_whatever_the_files_say(
    tmp_path: Path,
) -> None:
    now = 0.0
    looks = Looks()
    collector = ProjectCollector(
        {}, look=looks, clock=lambda: now, deadline_seconds=PATIENT_SECONDS
    )
    await collector.facts_of(str(tmp_path))
    now = AGE_LIMIT_SECONDS - 1
    await collector.facts_of(str(tmp_path))
    assert looks.count == 1
    now = AGE_LIMIT_SECONDS
    await collector.facts_of(str(tmp_path))
    assert looks.count == 2
    collector.close()


async def test_only_so_many_directories_are_remembered(tmp_path: Path) -> None:
    looks = Looks()
    collector = ProjectCollector({}, look=looks, deadline_seconds=PATIENT_SECONDS)
    directories = [tmp_path / str(number) for number in range(DIRECTORIES_LIMIT + 1)]
    for directory in directories:
        directory.mkdir()
        await collector.facts_of(str(directory))
    await collector.facts_of(str(directories[-1]))
    assert looks.count == DIRECTORIES_LIMIT + 1
    await collector.facts_of(str(directories[0]))
    assert looks.count == DIRECTORIES_LIMIT + 2
    collector.close()


async def test_a_dead_file_system_costs_a_deadline_and_no_more(
    tmp_path: Path, hanging: type[HangingLooking]
) -> None:
    directory = make_repository(tmp_path / "p")
    is_dead = False
    collector = ProjectCollector(
        {},
        look=lambda: hanging() if is_dead else Looking(),
        deadline_seconds=PATIENT_SECONDS,
    )
    known = await collector.facts_of(str(directory))
    assert known.branch == "main"
    git(directory, "checkout", "-q", "-b", "next")
    is_dead = True
    impatient = ProjectCollector({}, look=hanging, deadline_seconds=0.01)
    assert await impatient.facts_of(str(directory)) == NO_FACTS
    # Both threads hang: others are not waited for at all.
    assert await impatient.facts_of(str(tmp_path)) == NO_FACTS
    await asyncio.to_thread(hanging.waiting.acquire)
    patient = asyncio.create_task(impatient.facts_of("/"))
    assert await patient == NO_FACTS
    threads = [thread for thread in threading.enumerate() if "project" in thread.name]
    assert len(threads) <= 2 * THREADS_LIMIT + 1
    hanging.free.set()
    impatient.close()
    # The one that knew it from before sees what has changed.
    is_dead = False
    assert (await collector.facts_of(str(directory))).branch == "next"
    collector.close()


async def test_while_it_hangs_the_older_facts_are_told(
    tmp_path: Path, hanging: type[HangingLooking]
) -> None:
    directory = make_repository(tmp_path / "p")
    made: list[Looking] = [hanging(), Looking()]
    hanging.free.set()
    collector = ProjectCollector({}, look=made.pop, deadline_seconds=PATIENT_SECONDS)
    assert (await collector.facts_of(str(directory))).branch == "main"
    hanging.free.clear()
    git(directory, "checkout", "-q", "-b", "next")
    waiting = asyncio.create_task(collector.facts_of(str(directory)))
    await asyncio.to_thread(hanging.waiting.acquire)
    # One waits, cancelling it leaves nothing behind, another joins the same look.
    waiting.cancel()
    joined = asyncio.create_task(collector.facts_of(str(directory)))
    await asyncio.sleep(0)
    assert not made
    hanging.free.set()
    assert (await joined).branch == "next"
    with pytest.raises(asyncio.CancelledError):
        await waiting
    collector.close()


async def test_without_a_directory_nobody_looks() -> None:
    looks = Looks()
    collector = ProjectCollector({}, look=looks)
    assert await collector.facts_of("") == NO_FACTS
    assert looks.count == 0
    collector.close()
