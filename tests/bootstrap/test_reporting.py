"""The report is made of the figures, and its writing keeps nobody from leaving."""

import logging
import os
from dataclasses import replace
from pathlib import Path

import pytest

from terminal_ai.bootstrap.reporting import Reporter, report_from, tell
from terminal_ai.headless.stats import short_of
from terminal_ai.headless.table import cells
from terminal_ai.reports import RUNNING, Lookups, Upkeep, read_all
from terminal_ai.telemetry.buckets import BucketFigures
from terminal_ai.telemetry.echo import NAME as KEY_ECHO
from terminal_ai.telemetry.loop_lag import LagFigures
from terminal_ai.telemetry.operations import Operations
from terminal_ai.telemetry.spans import Tracer
from tests.bootstrap.test_metrics import vitals
from utils.memory_optimizer import MemoryManager


def make_reporter(directory: Path | None) -> Reporter:
    memory = MemoryManager()
    memory.get_cache("answers", 9).put("a", "b")
    return Reporter(vitals, directory, preset="optimized", memory=memory)


async def test_it_holds_the_figures_of_now(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reporter = make_reporter(tmp_path)
    reporter.upkeep = Upkeep(runs=2)
    with caplog.at_level(logging.INFO):
        await reporter.update()
    assert "8 commands (2 failed)" in caplog.text
    (report,) = read_all(tmp_path)
    assert (report.pid, report.ending, report.preset) == (
        os.getpid(), RUNNING, "optimized",
    )  # fmt: skip
    assert report.is_alive
    assert (report.cpu_seconds, report.peak_rss_bytes) == (1.5, 90_000_000)
    assert (report.threads, report.file_descriptors) == (5, 21)
    counts = (report.commands_ok, report.commands_failed, report.commands_unknown)
    assert counts == (5, 2, 1)
    assert report.caches[1] == Lookups(name="disk", failures=2)
    assert (report.requests, report.model_answers) == (5, 4)
    assert (report.first_token_seconds, report.tokens_per_second) == (0.6, 25)
    assert [row.name for row in report.functions] == [
        "block.ui.paint",
        "block.terminal.feed",
    ]
    assert report.lag is not None
    assert report.lag.max_seconds == 2.0
    assert report.memory.caches == {"answers": 1}
    assert report.memory.gc_stats
    assert report.maintenance.runs == 2


def test_lag_and_operations_are_told_the_longest_first() -> None:
    operations = Operations()
    tracer = Tracer()
    tracer.add_listener(operations.take)
    for name, seconds in ((KEY_ECHO, 0.25), ("long", 2.0)):
        span = tracer.start(name)
        span._begun -= seconds
        tracer.end(span)
    lag = LagFigures(
        p50_seconds=0.001,
        p99_seconds=0.02,
        max_seconds=0.5,
        samples=9,
        durations=BucketFigures((), (9,), total_seconds=0.9),
    )
    seen = replace(vitals(), operations=operations.figures(), lag=lag)
    report = report_from(
        seen,
        started_at=1.0,
        preset="base",
        ending="quit",
        upkeep=Upkeep(),
        memory=MemoryManager().get_stats(),
    )
    assert [row.name for row in report.operations] == ["long", KEY_ECHO]
    assert report.echo == report.operations[1]
    assert report.operations[0].total_seconds == pytest.approx(2.0, rel=0.1)
    assert report.operations[0].p50_seconds == pytest.approx(2.0, rel=0.1)
    assert report.lag is not None
    assert (report.lag.calls, report.lag.p99_seconds) == (9, 0.02)
    assert report.lag.total_seconds == 0.9
    assert report.lag.mean_seconds == pytest.approx(0.1)


def test_a_disk_that_takes_nothing_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "reports").write_text("in the way")
    reporter = make_reporter(tmp_path)
    with caplog.at_level(logging.WARNING):
        reporter.write(reporter.report("quit"))
    assert "the report cannot be written" in caplog.text
    nowhere = make_reporter(None)
    nowhere.write(nowhere.report("quit"))


def test_it_is_told_as_the_user_wants(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    report = make_reporter(tmp_path).report("quit")
    tell(report, "off")
    assert capfd.readouterr().out == ""
    tell(report, "short")
    assert capfd.readouterr().out == short_of(report, width_cells=None)
    tell(report, "full")
    assert "block.terminal.feed" in capfd.readouterr().out

    narrow = os.terminal_size((40, 24))
    monkeypatch.setattr(os, "get_terminal_size", lambda _descriptor: narrow)
    for how in ("short", "full"):
        tell(report, how)
        out = capfd.readouterr().out
        assert "block.ui.paint" in out
        assert max(map(cells, out.splitlines())) <= 40

    def hung_up(_descriptor: int, _data: bytes) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "write", hung_up)
    tell(report, "short")
