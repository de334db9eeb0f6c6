"""What the garbage collector takes: of the start, and in the middle of work.

With ``performance.gc_freeze`` it does not look while modules are loaded, what the start
has made is out of its sight, and long passes wait for quiet moments; without it Python
begins one whenever enough objects have been made. Work is the real app without a host
terminal and a bash of its own: commands that print, and some that fail, with quiet
moments in between.
"""

import asyncio
import contextlib
import functools
import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.figures import Row, compared, paired
from benchmarks.hosts import OURS, Bench
from benchmarks.interactive import first_prompt
from benchmarks.running import Extent
from benchmarks.visible import opened_app
from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.providers.scripted import ScriptedProvider
from terminal_ai.bootstrap.maintenance import QuietCollector
from terminal_ai.config import AiSettings
from terminal_ai.safety.redact import redact
from utils.memory_optimizer import MemoryManager

SCRIPTS = Path(__file__).resolve().parents[1]
ROUNDS = 2
"""Of work and rest; with ``--quick`` only one."""
COMMANDS_A_FAILURE = 3
FAILURES_A_ROUND = 10
WAIT_SECONDS = 60.0
SETTLE_SECONDS = 1.0
FINISH_SECONDS = 0.05
WAYS = ("quiet", "usual")


KEY = "performance.gc_freeze"


def collecting(bench: Bench, extent: Extent) -> list[Row]:
    """Start with the value and without it, and work with it and without it."""
    seconds = paired(
        functools.partial(first_prompt, bench, OURS),
        functools.partial(first_prompt, bench, OURS, without=KEY),
        extent.rounds,
    )
    start = compared(f"{KEY}: first prompt", *seconds, "false", "s")
    return [start, *_pauses(extent)]


def _pauses(extent: Extent) -> list[Row]:
    """Measure processor time: what a busy machine adds is no pause of ours."""
    longest: tuple[list[float], list[float]] = ([], [])
    together: tuple[list[float], list[float]] = ([], [])
    for number in range(extent.few):
        for side in (0, 1) if number % 2 == 0 else (1, 0):
            found = _in_a_process(WAYS[side], min(ROUNDS, extent.few))
            longest[side].append(max(found, default=0.0))
            together[side].append(sum(found))
    return [
        compared(f"{KEY}: {name}", *samples, "false", "ms")
        for name, samples in (
            ("longest pause in work", longest),
            ("all pauses in work", together),
        )
    ]


def _in_a_process(way: str, rounds: int) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.collecting", way, str(rounds)],
        cwd=SCRIPTS,
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[float] = json.loads(done.stdout.splitlines()[-1])
    return found


class _Pauses:
    """The collector's pauses while somebody works, in milliseconds."""

    def __init__(self) -> None:
        self.milliseconds: list[float] = []
        self.is_working = True
        self._begun = 0.0

    def note(self, phase: str, _info: dict[str, int]) -> None:
        if phase == "start":
            self._begun = time.process_time()
        elif self.is_working:
            self.milliseconds.append((time.process_time() - self._begun) * 1e3)


async def _work(way: str, rounds: int) -> list[float]:
    assistant = Assistant(
        AiSettings(enabled=False),
        provider=ScriptedProvider(),
        redact=redact,
        language="en",
    )
    seen, collector = _Pauses(), QuietCollector(MemoryManager())
    async with opened_app(assistant) as (_app, session, ears):
        await asyncio.wait_for(ears.prompt.wait(), WAIT_SECONDS)
        await asyncio.sleep(SETTLE_SECONDS)
        if way == "quiet":
            collector.start()
            await collector.collect()
        with _noted(seen.note):
            for number in range(rounds * FAILURES_A_ROUND * COMMANDS_A_FAILURE):
                is_failure = number % COMMANDS_A_FAILURE == 0
                line = f"gti{number} x" if is_failure else "ls -la /usr/bin | head -200"
                ears.prompt.clear()
                session.press(f"{line}\r".encode())
                await asyncio.wait_for(ears.prompt.wait(), WAIT_SECONDS)
                await asyncio.sleep(FINISH_SECONDS)
                if (number + 1) % (FAILURES_A_ROUND * COMMANDS_A_FAILURE) == 0:
                    seen.is_working = False
                    await asyncio.sleep(SETTLE_SECONDS)
                    if way == "quiet":
                        await collector.collect()
                    seen.is_working = True
        if way == "quiet":
            collector.stop()
    return seen.milliseconds


@contextlib.contextmanager
def _noted(note: Callable[[str, dict[str, int]], None]) -> Iterator[None]:
    gc.callbacks.append(note)
    try:
        yield
    finally:
        gc.callbacks.remove(note)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_work(sys.argv[1], int(sys.argv[2])))))
