"""The app's desk looks at the user's rules where it diagnoses: in a thread."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from terminal_ai import user_rules
from terminal_ai.advising import AdviceDesk
from terminal_ai.advisor import Advisor
from terminal_ai.records import Advice
from terminal_ai.shell.surroundings import SurroundingsCollector
from tests.advisor.conftest import make_record
from tests.user_rules.conftest import Directory, rule


@pytest.fixture
def desk(directory: Directory) -> AdviceDesk:
    collector = SurroundingsCollector(shell="bash", home="/home/bob")
    return AdviceDesk(
        Advisor(), collector, None, lambda name: nullcontext(name), directory.rules
    )


async def advise(desk: AdviceDesk) -> str:
    advice: Advice | None = await desk.advise(
        make_record("deploy", "cannot deploy"), "/nowhere"
    )
    return advice.rule if advice else ""


async def test_rules_are_used_as_soon_as_they_are_saved(
    desk: AdviceDesk, directory: Directory
) -> None:
    assert await advise(desk) != "mine"
    directory.write("a.toml", rule(), is_fresh=True)
    assert await advise(desk) == "mine"
    directory.write("a.toml", "off = []", is_fresh=True)
    assert await advise(desk) != "mine"
    assert directory.told == []


async def test_the_first_failure_waits_for_the_rules_to_load(
    desk: AdviceDesk, directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only looking around has a deadline: loading is ours and comes to an end."""
    loaded = threading.Event()
    deadlines: list[bool] = []

    @contextlib.asynccontextmanager
    async def deadline(seconds: float) -> AsyncIterator[None]:
        deadlines.append(loaded.is_set())
        yield

    monkeypatch.setattr(Advisor, "prepare", lambda _advisor, **_breathe: loaded.set())
    monkeypatch.setattr(asyncio, "timeout", deadline)
    directory.write("a.toml", rule())
    assert await advise(desk) == "mine"
    assert deadlines == [True]


async def test_a_mistake_is_told_and_the_last_good_version_stays(
    desk: AdviceDesk, directory: Directory
) -> None:
    directory.write("a.toml", rule())
    await advise(desk)
    directory.write("a.toml", rule() + "prior = 9")
    assert await advise(desk) == "mine"
    assert await advise(desk) == "mine"
    (told,) = directory.told
    assert "a.toml:9: mine" in told


async def test_a_mistake_is_told_before_the_first_failure(
    desk: AdviceDesk, directory: Directory
) -> None:
    directory.write("a.toml", "[[rule")
    await desk.prepare("/nowhere", "/")
    assert len(directory.told) == 1


async def test_the_event_loop_never_looks(
    desk: AdviceDesk, directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []
    real: Callable[[Path], object] = user_rules.rule_files

    def look(path: Path) -> object:
        threads.append(threading.current_thread())
        return real(path)

    monkeypatch.setattr(user_rules, "rule_files", look)
    await desk.prepare("/nowhere", "/")
    await advise(desk)
    assert len(threads) == 2
    assert threading.main_thread() not in threads
