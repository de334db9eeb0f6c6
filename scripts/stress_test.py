"""Run many commands through real shells and the real Session; account for each.

The owner's mix: six commands of up to 100 ms, every fifth fails. Each command prints
a token of its own, so that a lost, doubled or mixed-up record is seen. Both presets run
after each other; exit code 1 if one record is lost or wrong.
"""

import argparse
import asyncio
import dataclasses
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

from terminal_ai.advisor import Advisor
from terminal_ai.config import Settings, load_settings
from terminal_ai.history.history import History
from terminal_ai.records import Advice, CommandRecord, RunningCommand
from terminal_ai.session import IntegrationState, Session, ShellExit
from terminal_ai.terminal.events import Event

COLUMNS, ROWS = 120, 40
COMMANDS_LIMIT = 10_000
SHELLS_LIMIT = 16
COMMAND_DEADLINE_SECONDS = 60.0
LAG_INTERVAL_SECONDS = 0.01
MIX: tuple[tuple[str, int], ...] = (
    ("echo {token}", 0),
    ("sleep 0.01; echo {token}", 0),
    ("seq 1 50; echo {token}", 0),
    ("printf '%s\\n' {token}; sleep 0.1", 0),
    ("echo {token}; (exit 3)", 3),
)
FAILING_EVERY = 5


@dataclasses.dataclass(slots=True)
class Outcome:
    """What became of one preset's run."""

    preset: str
    commands: int
    lost: int = 0
    wrong: int = 0
    duration_seconds: float = 0.0
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    p99_ms: float = 0.0
    loop_lag_p99_ms: float = 0.0
    rss_start_bytes: int = 0
    rss_end_bytes: int = 0


class Told:
    """A listener that only remembers what the stress needs."""

    def __init__(self) -> None:
        self.records: asyncio.Queue[CommandRecord] = asyncio.Queue()
        self.prompt = asyncio.Event()

    def screen_changed(self) -> None:
        """Nothing is drawn here."""

    def prompt_ready(self, cwd: str) -> None:
        """The next command may be typed."""
        del cwd
        self.prompt.set()

    def command_started(self, command: RunningCommand) -> None:
        """The record will tell."""

    def command_finished(self, record: CommandRecord) -> None:
        """Keep the record for the one who waits for it."""
        self.records.put_nowait(record)

    def advice_ready(self, record: CommandRecord, advice: Advice | None) -> None:
        """Advice is made, as in the app, and not looked at."""

    def terminal_event(self, event: Event) -> None:
        """No titles, no bell."""

    def integration_changed(self, state: IntegrationState) -> None:
        """A shell without marks would show as lost records."""

    def shell_exited(self, status: ShellExit) -> None:
        """A dead shell would show as lost records."""


def command_of(number: int) -> tuple[str, str, int]:
    """Return the command line, the token it prints and its exit code."""
    token = f"token-{number}-{number * 7919 % 10_007}"
    *successes, failure = MIX
    is_failing = number % FAILING_EVERY == FAILING_EVERY - 1
    line, exit_code = failure if is_failing else successes[number % len(successes)]
    return line.format(token=token), token, exit_code


async def work(
    session: Session, told: Told, numbers: "asyncio.Queue[int]", outcome: Outcome
) -> list[float]:
    """Type commands into one shell until none is left; return their times in ms."""
    milliseconds: list[float] = []
    while not numbers.empty():
        line, token, exit_code = command_of(numbers.get_nowait())
        await told.prompt.wait()
        told.prompt.clear()
        begun = time.perf_counter()
        session.press(f"{line}\r".encode())
        try:
            async with asyncio.timeout(COMMAND_DEADLINE_SECONDS):
                record = await told.records.get()
        except TimeoutError:
            outcome.lost += 1
            return milliseconds
        milliseconds.append((time.perf_counter() - begun) * 1e3)
        printed = record.output.text.splitlines()
        is_right = (
            record.command_line == line
            and record.exit_code == exit_code
            and printed.count(token) == 1
        )
        outcome.wrong += not is_right
    return milliseconds


async def measure_lag(lags: list[float]) -> None:
    """Note how late the event loop runs, until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LAG_INTERVAL_SECONDS
        await asyncio.sleep(LAG_INTERVAL_SECONDS)
        lags.append((loop.time() - due) * 1e3)


async def stress(
    preset: str, settings: Settings, commands: int, shells: int, home: Path
) -> Outcome:
    """Run all commands of one preset and count what came back."""
    outcome = Outcome(preset, commands)
    process = psutil.Process()
    history = History(settings.history, home / f"{preset}.sqlite3", redact=str)
    numbers: asyncio.Queue[int] = asyncio.Queue()
    for number in range(commands):
        numbers.put_nowait(number)
    advisor = Advisor()
    listeners = [Told() for _ in range(shells)]
    sessions = [
        Session(
            settings,
            columns=COLUMNS,
            rows=ROWS,
            listener=told,
            history=history,
            advisor=advisor,
            environ=_environ(home),
            files_directory=home,
        )
        for told in listeners
    ]
    lags: list[float] = []
    watcher = asyncio.create_task(measure_lag(lags))
    try:
        for session in sessions:
            await session.start()
        outcome.rss_start_bytes = process.memory_info().rss
        begun = time.perf_counter()
        timed = await asyncio.gather(
            *(
                work(session, told, numbers, outcome)
                for session, told in zip(sessions, listeners, strict=True)
            )
        )
        outcome.duration_seconds = time.perf_counter() - begun
        outcome.rss_end_bytes = process.memory_info().rss
    finally:
        watcher.cancel()
        for session in sessions:
            await session.close()
    await asyncio.to_thread(history.flush)
    stored = await asyncio.to_thread(history.records, commands + shells)
    outcome.lost += commands - len(stored)
    history.close()
    milliseconds = [each for times in timed for each in times]
    outcome.p50_ms, outcome.p95_ms, outcome.p99_ms = _percentiles(milliseconds)
    outcome.loop_lag_p99_ms = _percentiles(lags)[2]
    return outcome


def main() -> None:
    """Stress both presets and print one line or one JSON object each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commands", type=int, default=100)
    parser.add_argument("--shells", type=int, default=4)
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    if not 1 <= options.commands <= COMMANDS_LIMIT:
        parser.error(f"--commands takes 1 to {COMMANDS_LIMIT}")
    if not 1 <= options.shells <= SHELLS_LIMIT:
        parser.error(f"--shells takes 1 to {SHELLS_LIMIT}")
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="terminal-ai-stress-") as directory:
        home = Path(directory)
        (home / ".bashrc").write_text("PS1='$ '\n")
        for preset in ("base", "optimized"):
            settings = load_settings(
                file=None,
                environ={},
                preset=preset,
                flags={
                    "shell.command": "bash",
                    "history.memory_records": COMMANDS_LIMIT,
                },
            ).settings
            outcomes.append(
                asyncio.run(
                    stress(preset, settings, options.commands, options.shells, home)
                )
            )
    if options.json:
        print(json.dumps([dataclasses.asdict(each) for each in outcomes], indent=2))
    else:
        for each in outcomes:
            print(
                f"{each.preset:<10}{each.commands} commands, {each.lost} lost, "
                f"{each.wrong} wrong, {each.duration_seconds:.1f} s; "
                f"p50 {each.p50_ms:.1f} p95 {each.p95_ms:.1f} p99 {each.p99_ms:.1f} ms;"
                f" loop lag p99 {each.loop_lag_p99_ms:.1f} ms"
            )
    sys.exit(any(each.lost or each.wrong for each in outcomes))


def _percentiles(values: list[float]) -> tuple[float, float, float]:
    if len(values) < 2:
        only = values[0] if values else 0.0
        return only, only, only
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return cuts[49], cuts[94], cuts[98]


def _environ(home: Path) -> Mapping[str, str]:
    kept = ("PATH", "USER", "LOGNAME")
    environ = {name: os.environ[name] for name in kept if name in os.environ}
    return environ | {"HOME": str(home), "PWD": str(home), "LC_ALL": "C.UTF-8"}


if __name__ == "__main__":
    main()
