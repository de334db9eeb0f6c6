"""What ``--optimized`` sets for threads: the echo of keys while the advisor works."""

import asyncio
import contextlib
import itertools
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from typing import cast

from benchmarks.figures import Row, compared, percentile
from benchmarks.hosts import Bench
from benchmarks.running import Extent
from terminal_ai.advisor import Advisor
from terminal_ai.config import Settings, ShellSettings
from terminal_ai.config.settings import presets
from terminal_ai.records import CapturedOutput, CommandRecord, Surroundings
from terminal_ai.session import Session, SessionListener

KEY = "performance.thread_switch_milliseconds"
ECHO_SECONDS = 20.0
PAUSE_SECONDS = 0.004
LINE_KEYS = 40
"""Then the line is erased, so that it never wraps."""
KILL_LINE = b"\x15"
FAILURE = CommandRecord(
    id="bench-1",
    command_line="git psuh",
    cwd="/",
    exit_code=1,
    started_at=0.0,
    duration_seconds=0.1,
    output=CapturedOutput(
        b"git: 'psuh' is not a git command. See 'git --help'.\r\n\r\n"
        b"The most similar command is\r\n\tpush\r\n"
    ),
    shell="bash",
)


def thread_switch(bench: Bench, extent: Extent) -> list[Row]:
    """Type into a real bash while a thread diagnoses one failure after the other.

    From the key to the parsed echo: the loop writes, polls and reads on the way, and
    after each of them has to get Python's lock back from the thread.
    """
    before = sys.getswitchinterval()
    try:
        samples = asyncio.run(_echoes(bench, extent))
    finally:
        sys.setswitchinterval(before)
    return [
        compared(
            f"{KEY}: key echo beside the advisor, {name}",
            *([of(each) for each in rounds] for rounds in samples),
            str(presets()["base"][KEY]),
            "ms",
            of=statistics.median,
        )
        for name, of in (
            ("p50", lambda values: percentile(values, 50)),
            ("p95", lambda values: percentile(values, 95)),
        )
    ]


async def _echoes(
    bench: Bench, extent: Extent
) -> tuple[list[list[float]], list[list[float]]]:
    """Return the milliseconds of each round with our interval, and with the base's."""
    ears = _Ears()
    session = Session(
        Settings(shell=ShellSettings(command="bash")),
        columns=100,
        rows=30,
        listener=cast("SessionListener", ears),
        history=None,
        advisor=None,
        environ=bench.environ,
        files_directory=bench.home,
    )
    advisor = Advisor()
    advisor.prepare()
    sides: tuple[list[list[float]], list[list[float]]] = ([], [])
    async with session:
        async with asyncio.timeout(ECHO_SECONDS):
            await ears.prompt.wait()
        with _diagnosing(advisor):
            for number in range(extent.rounds):
                for side in (0, 1) if number % 2 == 0 else (1, 0):
                    preset = ("optimized", "base")[side]
                    milliseconds = float(str(presets()[preset][KEY]))
                    sys.setswitchinterval(milliseconds / 1000)
                    sides[side].append(await _type(session, ears, extent.presses))
    return sides


async def _type(session: Session, ears: "_Ears", presses: int) -> list[float]:
    milliseconds = []
    for number in range(presses):
        if number % LINE_KEYS == 0:
            session.press(KILL_LINE)
            await asyncio.sleep(10 * PAUSE_SECONDS)
        ears.echo.clear()
        begun = time.perf_counter()
        session.press(b"x")
        async with asyncio.timeout(ECHO_SECONDS):
            await ears.echo.wait()
        milliseconds.append((time.perf_counter() - begun) * 1e3)
        await asyncio.sleep(PAUSE_SECONDS)
    return milliseconds


@contextlib.contextmanager
def _diagnosing(advisor: Advisor) -> Iterator[None]:
    """Keep a thread busy with the advisor's work."""
    is_over = threading.Event()
    surroundings = Surroundings(programs=frozenset({"git"}))

    def work() -> None:
        for _ in itertools.takewhile(lambda _: not is_over.is_set(), itertools.count()):
            advisor.diagnose(FAILURE, surroundings)

    thread = threading.Thread(target=work, name="diagnosing")
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


class _Ears:
    """Hears of the prompt and of what is parsed; the rest is nothing to it."""

    def __init__(self) -> None:
        self.prompt = asyncio.Event()
        self.echo = asyncio.Event()

    def screen_changed(self) -> None:
        """Something was parsed."""
        self.echo.set()

    def prompt_ready(self, _cwd: str) -> None:
        """Keys are read now."""
        self.prompt.set()

    def __getattr__(self, _name: str) -> object:
        """Take whatever else is told."""
        return lambda *_told: None
