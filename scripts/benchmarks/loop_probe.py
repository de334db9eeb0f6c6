"""Start the app as usual, and write down how late its event loop was.

The first argument is the file for ``[[time, lag], …]`` in seconds, the rest is the
app's own command line.
"""

import asyncio
import json
import sys
import time
from collections.abc import Coroutine
from pathlib import Path

from terminal_ai import cli
from terminal_ai.telemetry.loop_lag import LoopLagMonitor

INTERVAL_SECONDS = 0.005

_run = asyncio.run


class Recorder(LoopLagMonitor):
    """Keeps every lag with its time."""

    def __init__(self) -> None:
        super().__init__(interval_seconds=INTERVAL_SECONDS)
        self.lags: list[tuple[float, float]] = []

    def record(self, lag_seconds: float) -> None:
        """Keep one."""
        self.lags.append((time.time(), max(0.0, lag_seconds)))


async def _probed(work: Coroutine[None, None, int], recorder: Recorder) -> int:
    recorder.start()
    try:
        return await work
    finally:
        recorder.stop()


def main() -> None:
    """Run the app with a second look at its loop."""
    report = Path(sys.argv.pop(1))
    recorder = Recorder()
    asyncio.run = lambda work: _run(_probed(work, recorder))  # type: ignore[assignment]
    try:
        cli.main(sys.argv[1:])
    finally:
        report.write_text(json.dumps(recorder.lags))


if __name__ == "__main__":
    main()
