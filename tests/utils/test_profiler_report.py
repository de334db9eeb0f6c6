"""The three forms of the report, letter by letter, and one call under cProfile."""

import asyncio
import cProfile
import gc
import json
import subprocess
import sys
import warnings
from collections.abc import Mapping

import pytest

from utils.profiler import PerformanceProfiler

from .profiler_clock import FakeClock

USAGE: Mapping[str, float] = {
    "cpu_percent": 12.345,
    "memory_mb": 71.96,
    "threads": 5,
    "num_fds": 17,
    "uptime": 61.25,
}

TEXT = """\
=== Performance Report ===

Resource Usage:
  CPU: 12.3%
  Memory: 72.0 MB
  Threads: 5
  Open descriptors: 17
  Uptime: 61.2s

Function Metrics (sorted by total time):
  wait|`: calls=1, total=2.500s, avg=2.5s, min=2.5s, p50=2.5s, p95=2.5s, p99=2.5s, \
max=2.5s, suspended=40.000s, slow=1
  parse: calls=2, total=0.016s, avg=8ms, min=0ns, p50=0ns, p95=16ms, p99=16ms, \
max=16ms, suspended=0.000s, slow=0
"""

MARKDOWN = """\
# Performance Report

| resource | used |
|---|---:|
| CPU | 12.3% |
| Memory | 72.0 MB |
| Threads | 5 |
| Open descriptors | 17 |
| Uptime | 61.2s |

| function | calls | total | mean | min | p50 | p95 | p99 | max | suspended | slow |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
| `wait\\|'` | 1 | 2.5s | 2.5s | 2.5s | 2.5s | 2.5s | 2.5s | 2.5s | 40s | 1 |

And 1 more.
"""


@pytest.fixture
def measured(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> PerformanceProfiler:
    """A profiler with two functions, one of them suspended for a while."""
    profiler = PerformanceProfiler()
    monkeypatch.setattr(profiler, "get_resource_usage", lambda: USAGE)
    parse = profiler.measure("parse")(clock.advance)
    parse(0)
    parse(0.016)

    @profiler.measure("wait|`")
    async def wait() -> None:
        clock.advance(2.5)
        await asyncio.sleep(0)

    waiting = wait()
    waiting.send(None)
    clock.advance(40)
    with pytest.raises(StopIteration):
        waiting.send(None)
    return profiler


def test_the_report_as_text(measured: PerformanceProfiler) -> None:
    assert measured.get_report() == TEXT


def test_the_report_as_markdown_leaves_out_what_is_below_the_top(
    measured: PerformanceProfiler,
) -> None:
    assert measured.get_report("markdown", top=1) == MARKDOWN
    row = "| `parse` | 2 | 16ms | 8ms | 0ns | 0ns | 16ms | 16ms | 16ms | 0ns | 0 |"
    assert measured.get_report("markdown").endswith(f"{row}\n")


def test_the_report_as_json(measured: PerformanceProfiler) -> None:
    document = json.loads(measured.get_report("json", top=1))

    assert document["resources"] == USAGE
    (function,) = document["functions"]
    assert function["name"] == "wait|`"
    assert function["suspended_seconds"] == 40
    assert function["line"] > 0
    assert document["functions_left_out"] == 1
    (slow,) = document["slow_calls"]
    assert (slow["name"], slow["seconds"]) == ("wait|`", 2.5)


def test_nothing_measured_is_said_and_an_odd_format_refused(
    measured: PerformanceProfiler,
) -> None:
    measured.reset()

    assert measured.get_report().endswith("total time):\n  nothing measured\n")
    with pytest.raises(ValueError, match="give 'text', 'markdown' or 'json'"):
        measured.get_report("xml")  # type: ignore[arg-type]


def _called() -> None:
    return None


def _calling(times: int) -> None:
    for _ in range(times):
        _called()


async def _calling_later(times: int) -> None:
    await asyncio.sleep(0)
    _calling(times)


async def _failing_later() -> None:
    await asyncio.sleep(0)
    raise KeyError("later")


class TestOneCallUnderCProfile:
    """The twelfth mistake: it stayed installed, and never awaited what it was given."""

    def test_what_is_called_is_told_with_its_counts(self) -> None:
        text = PerformanceProfiler.profile_function(_calling, 7)

        assert "Ordered by: cumulative time" in text
        (row,) = [line for line in text.splitlines() if "(_called)" in line]
        assert row.split()[0] == "7"
        assert sys.getprofile() is None

    def test_only_the_top_is_told(self) -> None:
        text = PerformanceProfiler.profile_function(_calling, 7, top=1)

        assert "(_calling)" in text
        assert "(_called)" not in text

    def test_it_is_removed_when_the_function_fails(self) -> None:
        with pytest.raises(TypeError):
            PerformanceProfiler.profile_function(_calling, "many")
        assert sys.getprofile() is None

    def test_it_is_removed_when_a_coroutine_fails(self) -> None:
        with pytest.raises(KeyError):
            PerformanceProfiler.profile_function(_failing_later)
        assert sys.getprofile() is None

    def test_a_coroutine_function_is_run(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            text = PerformanceProfiler.profile_function(_calling_later, 7)

        (row,) = [line for line in text.splitlines() if "(_called)" in line]
        assert row.split()[0] == "7"

    async def test_in_a_running_loop_a_coroutine_is_awaited(self) -> None:
        others: list[object] = []

        async def other() -> None:
            others.append(sys.getprofile())

        task = asyncio.create_task(other())
        text = await PerformanceProfiler.profile_coroutine(_calling_later(7))

        await task
        assert others == [None], "another task was profiled"
        assert "(_called)" in text
        with pytest.raises(RuntimeError, match=r"await profile_coroutine"):
            PerformanceProfiler.profile_function(_calling_later, 7)
        assert sys.getprofile() is None

    def test_a_function_that_returns_a_coroutine_is_as_good(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            text = PerformanceProfiler.profile_function(lambda: _calling_later(7))
            gc.collect()

        assert "(_called)" in text

    def test_the_profiler_of_another_thread_is_left_alone(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Taken(cProfile.Profile):
            """As from Python 3.12 on, where one profiles all threads."""

            def enable(self, *_: object, **__: object) -> None:
                raise ValueError("Another profiling tool is already active")

        monkeypatch.setattr(cProfile, "Profile", Taken)
        with pytest.raises(RuntimeError, match="another profiler is active"):
            PerformanceProfiler.profile_function(_calling, 1)

    def test_another_profiler_is_left_alone(self) -> None:
        def other(*_: object) -> None:
            return None

        sys.setprofile(other)
        try:
            with pytest.raises(RuntimeError, match="another profiler is active"):
                PerformanceProfiler.profile_function(_calling, 1)
            kept = sys.getprofile()
        finally:
            sys.setprofile(None)
        assert kept is other


def test_to_measure_loads_neither_cprofile_nor_psutil() -> None:
    code = (
        "import sys, utils.profiler as p\n"
        "p.profiler.measure()(len)([])\n"
        "print(*{'cProfile', 'pstats', 'psutil', 'asyncio'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == []


def test_a_name_neither_ends_its_line_nor_moves_the_cursor() -> None:
    profiler = PerformanceProfiler()
    profiler.measure("odd\n\x1b[2J")(max)(1, 2)
    for told in (profiler.get_report(), profiler.get_report("markdown")):
        assert "odd??[2J" in told
        assert "\x1b" not in told
