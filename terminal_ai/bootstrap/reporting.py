"""The report of this run: made of the figures, kept in a file, told at the end."""

import logging
import os
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Literal

from terminal_ai import __version__
from terminal_ai.errors import TerminalAIError
from terminal_ai.reports import (
    ROWS_LIMIT,
    RUNNING,
    HotLine,
    Lookups,
    Memory,
    Report,
    Timing,
    Upkeep,
    process_began,
    write,
)
from terminal_ai.telemetry.echo import NAME as KEY_ECHO
from terminal_ai.telemetry.loop_lag import LagFigures
from terminal_ai.telemetry.operations import OperationFigures
from terminal_ai.vitals import Vitals
from utils.async_optimizer import run_in_thread
from utils.memory_optimizer import MemoryManager, MemoryStats
from utils.profiler import FunctionTiming

TOP = 20
"""Functions in the full report that is printed at the end."""

_logger = logging.getLogger(__name__)


class Reporter:
    """Keeps the file of this run up to date.

    ``directory`` is the state directory; None where nothing can be written.
    """

    def __init__(
        self,
        read: Callable[[], Vitals],
        directory: Path | None,
        *,
        preset: str,
        memory: MemoryManager,
    ) -> None:
        self._read = read
        self._directory = directory
        self._preset = preset
        self._memory = memory
        self.upkeep = Upkeep()
        """What maintenance did so far; whoever does it tells."""
        self._hot_lines: tuple[HotLine, ...] = ()
        self._started_at = time.time()

    def take_profile(self, hot_lines: tuple[HotLine, ...]) -> None:
        """Keep the hottest lines of the newest profile."""
        self._hot_lines = hot_lines

    def report(self, ending: str = RUNNING) -> Report:
        """Return the figures of now."""
        return report_from(
            self._read(),
            started_at=self._started_at,
            preset=self._preset,
            ending=ending,
            upkeep=self.upkeep,
            memory=self._memory.get_stats(),
            hot_lines=self._hot_lines,
        )

    async def update(self) -> None:
        """Write the file, and the gist of it to the log, from a thread."""
        await run_in_thread(self._keep, self.report())

    def _keep(self, report: Report) -> None:
        from terminal_ai.headless import stats

        self.write(report)
        _logger.info("%s", stats.gist_of(report))

    def write(self, report: Report) -> None:
        """Write the file; what keeps it from being written is logged."""
        if self._directory is None:
            return
        try:
            write(report, self._directory)
        except (OSError, TerminalAIError) as error:
            _logger.warning("the report cannot be written: %s", error)


def report_from(
    vitals: Vitals,
    *,
    started_at: float,
    preset: str,
    ending: str,
    upkeep: Upkeep,
    memory: MemoryStats,
    hot_lines: tuple[HotLine, ...] = (),
) -> Report:
    """Return what is told of these figures."""
    process, usage = vitals.process, vitals.usage
    return Report(
        version=__version__,
        pid=os.getpid(),
        process_began=process_began(os.getpid()),
        started_at=started_at,
        written_at=time.time(),
        ending=ending,
        preset=preset,
        cpu_seconds=process.cpu_seconds,
        rss_bytes=process.rss_bytes,
        peak_rss_bytes=process.peak_rss_bytes,
        threads=process.threads,
        file_descriptors=process.file_descriptors,
        commands_ok=vitals.commands.ok,
        commands_failed=vitals.commands.failed,
        commands_unknown=vitals.commands.unknown,
        parsed_bytes=vitals.parsed_bytes,
        parsed_seconds=vitals.parsed_seconds,
        frames=vitals.frames,
        lag=_lag(vitals.lag) if vitals.lag.samples else None,
        echo=next(
            (_operation(each) for each in vitals.operations if each.name == KEY_ECHO),
            None,
        ),
        requests=vitals.requests_begun,
        caches=tuple(
            Lookups(
                name=tier.name,
                hits=tier.hits,
                misses=tier.misses,
                failures=tier.failures,
            )
            for tier in vitals.tiers
        ),
        model_answers=usage.answers,
        model_seconds=usage.seconds,
        first_token_seconds=usage.newest.first_token_seconds,
        tokens_per_second=usage.newest.tokens_per_second,
        memory=Memory(
            memory_mb=memory["memory_mb"],
            caches=memory["caches"],
            pools=memory["pools"],
            weak_refs=memory["weak_refs"],
            gc_stats=tuple(memory["gc_stats"]),
        ),
        maintenance=upkeep,
        functions=tuple(map(_timing, vitals.timings[:ROWS_LIMIT])),
        operations=tuple(map(_operation, _longest(vitals.operations))),
        hot_lines=hot_lines,
    )


def tell(report: Report, how: Literal["short", "full", "off"]) -> None:
    """Print it, on whatever is left of a terminal."""
    if how == "off":
        return
    from terminal_ai.headless import stats

    width = None
    with suppress(OSError):
        width = os.get_terminal_size(1).columns or None
    if how == "short":
        text = stats.short_of(report, width_cells=width)
    else:
        text = stats.report_of(report, stats.Form.TEXT, top=TOP, width_cells=width)
    # At a forced end sys.stdout is still what Textual has put in its place.
    stdout = sys.__stdout__
    data = text.encode(stdout.encoding if stdout else "utf-8", "replace")
    # A terminal that hung up takes nothing, and nobody misses it.
    with suppress(OSError):
        os.write(1, data)


def _lag(lag: LagFigures) -> Timing:
    return Timing(
        name="loop.lag",
        calls=lag.samples,
        total_seconds=lag.durations.total_seconds,
        mean_seconds=lag.durations.total_seconds / max(lag.samples, 1),
        p50_seconds=lag.p50_seconds,
        p95_seconds=lag.p95_seconds,
        p99_seconds=lag.p99_seconds,
        max_seconds=lag.max_seconds,
    )


def _longest(operations: Iterable[OperationFigures]) -> list[OperationFigures]:
    ordered = sorted(operations, key=lambda each: each.total_seconds, reverse=True)
    return ordered[:ROWS_LIMIT]


def _operation(figures: OperationFigures) -> Timing:
    return Timing(
        name=figures.name,
        calls=figures.count,
        total_seconds=figures.total_seconds,
        mean_seconds=figures.mean_seconds,
        p50_seconds=figures.overall.p50_seconds,
        p95_seconds=figures.overall.p95_seconds,
        p99_seconds=figures.overall.p99_seconds,
        max_seconds=figures.max_seconds,
    )


def _timing(timing: FunctionTiming) -> Timing:
    return Timing(
        name=timing.name,
        calls=timing.calls,
        total_seconds=timing.total_seconds,
        mean_seconds=timing.mean_seconds,
        p50_seconds=timing.p50_seconds,
        p95_seconds=timing.p95_seconds,
        p99_seconds=timing.p99_seconds,
        max_seconds=timing.max_seconds,
    )
