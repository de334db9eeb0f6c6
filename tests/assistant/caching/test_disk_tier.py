"""The tier on disk runs beside the loop, and says once what is wrong with its file."""

import asyncio
import sqlite3
import tempfile
import threading
from collections.abc import Awaitable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal_ai.assistant.caching.answer_file import FILE_NAME, AnswerFile, FileLimits
from terminal_ai.assistant.caching.answers import AnswerCache
from terminal_ai.assistant.caching.disk_tier import RETRY_SECONDS, DiskTier
from terminal_ai.errors import ForeignFileError
from terminal_ai.records import AnswerOrigin
from tests.assistant.caching.making import ANSWER, Clock, make_question
from tests.assistant.making import make_record
from utils.async_optimizer import run_in_thread
from utils.threads import THREAD_LIMIT

LIMITS = FileLimits(100, 1_000_000, 86_400.0)
KEY = make_question("key")


async def test_a_second_process_finds_the_answer(tmp_path: Path) -> None:
    clock = Clock()
    for is_first in (True, False):
        cache = AnswerCache(
            [DiskTier(tmp_path / "state" / FILE_NAME, LIMITS, clock=clock)], clock=clock
        )
        if is_first:
            await cache.put(KEY, ANSWER)
        else:
            clock.now += 40
            found = await cache.get(KEY)
            assert found is not None
            assert (found.age_seconds, found.origin) == (40, AnswerOrigin.DISK)
        await cache.close()


async def test_a_damaged_file_is_a_miss_and_one_notice(tmp_path: Path) -> None:
    told: list[str] = []
    path = tmp_path / FILE_NAME
    await run_in_thread(path.write_bytes, b"no database, but long enough" * 99)
    cache = AnswerCache([DiskTier(path, LIMITS, tell=told.append)])
    assert await cache.get(KEY) is None
    await cache.put(KEY, ANSWER)
    assert await cache.get(KEY) is not None
    assert len(told) == 1
    assert f"{path}.damaged-" in told[0]
    await cache.close()


async def test_a_link_is_told_once_and_left_alone_for_a_while(tmp_path: Path) -> None:
    told: list[str] = []
    clock = Clock()
    path = tmp_path / FILE_NAME
    path.symlink_to(tmp_path / "elsewhere")
    tier = DiskTier(path, LIMITS, tell=told.append, monotonic=clock)
    for _ in range(2):
        with pytest.raises(ForeignFileError):
            await tier.get("key")
        assert await tier.get("key") is None
        clock.now += RETRY_SECONDS
    assert len(told) == 1
    path.unlink()
    await tier.put("key", b"value", tags=())
    assert await tier.get("key") == b"value"
    await tier.drop(["none"])
    await tier.clear()
    assert await tier.get("key") is None
    await tier.close()


async def test_no_statement_runs_on_the_event_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []
    connect = sqlite3.connect

    def watched(*arguments: object, **options: object) -> sqlite3.Connection:
        threads.append(threading.current_thread())
        return connect(*arguments, **options)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(sqlite3, "connect", watched)
    tier = DiskTier(tmp_path / FILE_NAME, LIMITS)
    await tier.put("key", b"value", tags=())
    await tier.close()
    assert threads
    assert threading.main_thread() not in threads


async def test_a_directory_that_takes_nothing_is_only_a_miss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(13, "read-only file system")

    monkeypatch.setattr(AnswerFile, "put", refused)
    monkeypatch.setattr(AnswerFile, "get", refused)
    told: list[str] = []
    cache = AnswerCache([DiskTier(tmp_path / FILE_NAME, LIMITS, tell=told.append)])
    await cache.put(KEY, ANSWER)
    assert await cache.get(KEY) is None
    assert cache.figures[0].failures == 1
    assert told == ["Answers are not kept on the disk: read-only file system"]
    await cache.close()


async def test_others_who_fill_the_shared_threads_hold_up_no_answer(
    tmp_path: Path,
) -> None:
    go_on = threading.Event()
    others = [
        asyncio.create_task(run_in_thread(go_on.wait)) for _ in range(5 * THREAD_LIMIT)
    ]
    cache = AnswerCache([DiskTier(tmp_path / FILE_NAME, LIMITS)])
    try:
        await cache.put(KEY, ANSWER)
        assert await cache.get(KEY) is not None
        await cache.forget(make_record())
        await cache.close()
        assert cache.figures[0].failures == 0
        assert not any(other.done() for other in others)
    finally:
        go_on.set()
        await asyncio.gather(*others)


keys = st.sampled_from(("one", "two"))
calls = st.one_of(
    st.tuples(st.just("put"), keys, st.binary(max_size=3)),
    st.tuples(st.just("drop"), keys, st.none()),
    st.tuples(st.just("get"), keys, st.none()),
)


@settings(max_examples=25)
@given(given_calls=st.lists(calls, max_size=30))
def test_calls_made_at_once_have_their_effect_in_their_order(
    given_calls: list[tuple[str, str, bytes | None]],
) -> None:
    kept: dict[str, bytes] = {}
    expected: list[bytes | None] = []
    for name, key, value in given_calls:
        expected.append(kept.get(key) if name == "get" else None)
        if value is not None:
            kept[key] = value
        elif name == "drop":
            kept.pop(key, None)

    async def main(path: Path) -> list[bytes | None]:
        tier = DiskTier(path, LIMITS)

        def call(name: str, key: str, value: bytes | None) -> Awaitable[bytes | None]:
            if value is not None:
                return tier.put(key, value, tags=(f"tag of {key}",))
            return tier.drop((f"tag of {key}",)) if name == "drop" else tier.get(key)

        try:
            return await asyncio.gather(*(call(*each) for each in given_calls))
        finally:
            await tier.close()

    with tempfile.TemporaryDirectory() as directory:
        assert asyncio.run(main(Path(directory) / FILE_NAME)) == expected
