"""What the measured parts themselves spend: time or memory, as a speedscope file.

Only this process is looked into. A kind that starts programs spends its time in them;
theirs is the profiler panel's key.
"""

import contextlib
import json
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Literal

from utils.sampling import SamplingProfiler

SCHEMA = "https://www.speedscope.app/file-format-schema.json"
FRAMES = 12
LEAST_BYTES = 4_096
"""What is less is not told: a profile of every small object is nothing to look at."""

What = Literal["cpu", "mem"]
Around = Callable[[str], AbstractContextManager[object]]


def profiled(what: What, directory: Path) -> Around:
    """Return what goes around a kind, and writes its profile when it ends."""
    take = _cpu if what == "cpu" else _memory

    @contextlib.contextmanager
    def around(kind: str) -> Iterator[None]:
        path = directory / f"bench-{kind.replace(':', '-')}-{what}.speedscope.json"
        with take(kind, path):
            yield

    return around


@contextlib.contextmanager
def _cpu(kind: str, path: Path) -> Iterator[None]:
    profiler = SamplingProfiler(all_threads=True)
    profiler.start(threading.get_ident())
    try:
        yield
    finally:
        path.write_text(profiler.stop().speedscope(kind))


@contextlib.contextmanager
def _memory(kind: str, path: Path) -> Iterator[None]:
    """Keep what is still held at the end, and where it was asked for."""
    tracemalloc.start(FRAMES)
    try:
        yield
    finally:
        # A kind that traces memory itself has stopped the tracing.
        if tracemalloc.is_tracing():
            snapshot = tracemalloc.take_snapshot()
            tracemalloc.stop()
            path.write_text(_speedscope(kind, snapshot))


def _speedscope(kind: str, snapshot: tracemalloc.Snapshot) -> str:
    found = [
        statistic
        for statistic in snapshot.statistics("traceback")
        if statistic.size >= LEAST_BYTES
    ]
    indices: dict[tuple[str, int], int] = {}
    samples = [
        [
            indices.setdefault((frame.filename, frame.lineno), len(indices))
            for frame in statistic.traceback
        ]
        for statistic in found
    ]
    frames = [
        {"name": f"{Path(file).name}:{line}", "file": file, "line": line}
        for file, line in indices
    ]
    held = {
        "type": "sampled",
        "name": "held at the end",
        "unit": "bytes",
        "startValue": 0,
        "endValue": sum(statistic.size for statistic in found),
        "samples": samples,
        "weights": [statistic.size for statistic in found],
    }
    document = {
        "$schema": SCHEMA,
        "name": kind,
        "exporter": "terminal-ai",
        "shared": {"frames": frames},
        "profiles": [held],
    }
    return json.dumps(document)
