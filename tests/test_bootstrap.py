"""What must hold on every way out: the host terminal, the log, the environment."""

import asyncio
import contextlib
import logging
import os
import pty
import re
import signal
import stat
import subprocess
import sys
import termios
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from terminal_ai import bootstrap
from terminal_ai.bootstrap import application
from terminal_ai.bootstrap.host_terminal import (
    RESTORE_SEQUENCES,
    EndingSignals,
    HostTerminal,
)
from terminal_ai.bootstrap.log_file import (
    FILE_NAME,
    LIMIT_BYTES,
    RECORD_LIMIT_CHARACTERS,
    close_log,
    open_log,
)
from terminal_ai.bootstrap.secret_environment import with_named_secrets
from terminal_ai.config import Resolved, load_settings, state_directory
from terminal_ai.reports import read_all
from terminal_ai.safety.redact import Redactor
from terminal_ai.ui.app import TerminalApp
from utils.memory_optimizer import CleanupReport

SECRET = "ghp_" + "a1B2" * 9


# --- the host terminal


@pytest.fixture
def host() -> Iterator[SimpleNamespace]:
    """A terminal of our own: ``outside`` is what the user would see."""
    outside, inside = pty.openpty()
    # Output as written, so that it can be compared.
    modes = termios.tcgetattr(inside)
    modes[1] &= ~termios.OPOST
    termios.tcsetattr(inside, termios.TCSANOW, modes)
    yield SimpleNamespace(outside=outside, inside=inside)
    os.close(outside)
    with contextlib.suppress(OSError):
        os.close(inside)


def make_raw(inside: int) -> None:
    modes = termios.tcgetattr(inside)
    modes[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(inside, termios.TCSANOW, modes)


def seen(outside: int) -> bytes:
    os.set_blocking(outside, False)
    with contextlib.suppress(BlockingIOError):
        return os.read(outside, 4096)
    return b""


def test_what_the_app_left_behind_is_put_back(host: SimpleNamespace) -> None:
    before = termios.tcgetattr(host.inside)
    terminal = HostTerminal(input_fd=host.inside, output_fd=host.inside)

    def fail() -> None:
        with terminal.kept():
            make_raw(host.inside)
            assert not terminal.is_restored
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert termios.tcgetattr(host.inside) == before
    assert seen(host.outside) == RESTORE_SEQUENCES


def test_a_terminal_in_order_is_left_alone(host: SimpleNamespace) -> None:
    with HostTerminal(input_fd=host.inside, output_fd=host.inside).kept():
        make_raw(host.inside)
        modes = termios.tcgetattr(host.inside)
        modes[3] |= termios.ECHO | termios.ICANON
        termios.tcsetattr(host.inside, termios.TCSANOW, modes)
    assert seen(host.outside) == b""


def test_a_terminal_that_is_gone_does_no_harm(host: SimpleNamespace) -> None:
    terminal = HostTerminal(input_fd=host.inside, output_fd=host.inside)
    os.close(host.inside)
    terminal.restore()
    assert not terminal.is_restored


def test_every_mode_is_reset() -> None:
    reset = {int(mode) for mode in re.findall(rb"\x1b\[\?(\d+)l", RESTORE_SEQUENCES)}
    assert reset >= {1000, 1002, 1003, 1004, 1006, 1015, 1016, 1049, 2004, 2026, 2048}
    assert b"\x1b[?25h" in RESTORE_SEQUENCES
    # Keyboard flags belong to a screen: pop them before leaving the alternate one.
    assert RESTORE_SEQUENCES.index(b"\x1b[<u") < RESTORE_SEQUENCES.index(b"\x1b[?1049l")


# --- signals


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
async def test_a_signal_ends_the_app_and_gives_its_exit_code(
    number: signal.Signals,
) -> None:
    ended = asyncio.Event()
    signals = EndingSignals(end=ended.set, force=lambda: None)
    assert signals.exit_code is None
    with signals.installed():
        os.kill(os.getpid(), number)
        await asyncio.wait_for(ended.wait(), 10)
    signals.settle()
    assert signals.exit_code == 128 + number


async def test_told_twice_it_ends_by_force(monkeypatch: pytest.MonkeyPatch) -> None:
    ended, forced = asyncio.Event(), asyncio.Event()
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    signals = EndingSignals(end=ended.set, force=forced.set)
    with signals.installed():
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(ended.wait(), 10)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(forced.wait(), 10)
    signals.settle()
    assert codes == [128 + signal.SIGTERM]


STUBBORN = """
import asyncio, os, signal, sys
from terminal_ai.bootstrap.host_terminal import EndingSignals
async def main():
    signals = EndingSignals(end=block, force=lambda: print("forced"), grace_seconds=0.2)
    with signals.installed():
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(60)
def block():
    import time
    time.sleep(60)
asyncio.run(main())
"""


def test_a_hanging_event_loop_is_left_by_force() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STUBBORN],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (done.returncode, done.stdout) == (128 + signal.SIGTERM, "forced\n")


# --- the log


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    yield open_log(
        tmp_path, level="info", redact=lambda text: text.replace(SECRET, "*")
    )
    close_log()


def test_log_is_private_whatever_the_umask(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        path = open_log(tmp_path, level="info", redact=str)
        logging.getLogger("terminal_ai").info("x")
    finally:
        close_log()
        os.umask(previous)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_log_holds_no_secret_not_even_in_a_traceback(log: Path) -> None:
    logger = logging.getLogger("terminal_ai.part")
    try:
        int(f"token {SECRET}")
    except ValueError:
        logger.exception("with %s", SECRET)
    text = log.read_text()
    assert "ValueError: invalid literal for int() with base 10: 'token *'" in text
    assert SECRET not in text


def test_levels(log: Path) -> None:
    logging.getLogger("terminal_ai").debug("too small")
    logging.getLogger("terminal_ai").info("ours")
    logging.getLogger("asyncio").info("theirs, small")
    logging.getLogger("asyncio").warning("theirs")
    lines = log.read_text().splitlines()
    assert [line.rpartition(": ")[2] for line in lines] == ["ours", "theirs"]


def test_log_is_bounded(log: Path) -> None:
    logger = logging.getLogger("terminal_ai")
    for _ in range(2 * LIMIT_BYTES // RECORD_LIMIT_CHARACTERS + 10):
        logger.info("x" * 2 * RECORD_LIMIT_CHARACTERS)
    files = list(log.parent.iterdir())
    assert len(files) == 2
    assert all(path.stat().st_size <= LIMIT_BYTES for path in files)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_log_is_never_a_link(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.touch()
    (tmp_path / FILE_NAME).symlink_to(target)
    with pytest.raises(OSError, match="symbolic"):
        open_log(tmp_path, level="info", redact=str)
    assert target.read_text() == ""


def test_what_nobody_caught_goes_to_the_log_not_to_the_screen(
    log: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    class Unhappy:
        def __del__(self) -> None:
            raise ValueError("in __del__")

    def fail() -> None:
        raise ValueError("in a thread")

    Unhappy()
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    warnings.showwarning("a warning", UserWarning, "file.py", 1)
    text = log.read_text()
    assert "in __del__" in text
    assert "in a thread" in text
    assert "a warning" in text
    assert capfd.readouterr().err == ""


def test_closing_gives_the_hooks_back(log: Path) -> None:
    assert log.exists()
    assert sys.unraisablehook is not sys.__unraisablehook__
    close_log()
    assert sys.unraisablehook is sys.__unraisablehook__
    assert threading.excepthook is threading.__excepthook__


def test_crash_is_logged_without_secrets() -> None:
    path = bootstrap.log_crash(ValueError(f"key {SECRET}"))
    assert path == state_directory() / FILE_NAME
    text = path.read_text()
    assert "ValueError" in text
    assert SECRET not in text


def test_crash_without_a_place_to_log_is_survived(tmp_path: Path) -> None:
    directory = state_directory()
    directory.rmdir()
    directory.symlink_to(tmp_path)
    assert bootstrap.log_crash(ValueError("x")) is None


def test_an_unusable_state_directory_is_told_and_does_not_prevent_a_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = state_directory()
    directory.rmdir()
    directory.symlink_to(tmp_path)
    built: list[tuple[object, list[str]]] = []

    class Recorder:
        signals = SimpleNamespace(settle=lambda: None)

        def __init__(self, _s: object, _e: object, place: object, *rest: Any) -> None:
            built.append((place, rest[1]))

        async def run(self) -> int:
            return 3

        def tell_end(self) -> None:
            """There is nothing to tell."""

    monkeypatch.setattr(application, "Application", Recorder)
    assert application.run(load_settings(environ={}), {}) == 3
    ((place, notices),) = built
    assert place is None
    assert [str(directory) in notice for notice in notices] == [True]
    assert not list(tmp_path.iterdir())


# --- threads


async def test_threads_give_way_as_soon_as_the_settings_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    intervals: list[float] = []

    async def run_async(_app: TerminalApp) -> None:
        intervals.append(sys.getswitchinterval())

    monkeypatch.setattr(TerminalApp, "run_async", run_async)
    flags: dict[str, object] = {"performance.thread_switch_milliseconds": 2.5}
    settings = load_settings(environ={}, flags=flags).settings
    environ = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    before = sys.getswitchinterval()
    app = application.Application(settings, environ, None, HostTerminal(), [])
    assert await app.run() == 0
    assert intervals == [pytest.approx(0.0025)]
    assert sys.getswitchinterval() == pytest.approx(before)


# --- beside the app


async def test_watch_and_upkeep_run_beside_the_app_and_its_spans_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flags: dict[str, object] = {"telemetry.traces": "jsonl"}
    settings = load_settings(environ={}, flags=flags).settings
    environ = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    beside: set[str] = set()

    async def run_async(_app: TerminalApp) -> None:
        with app._telemetry.tracer.span("work"):
            await asyncio.sleep(0)
        coroutines = [task.get_coro() for task in asyncio.all_tasks()]
        beside.update(getattr(each, "__qualname__", "") for each in coroutines)

    monkeypatch.setattr(TerminalApp, "run_async", run_async)
    app = application.Application(settings, environ, tmp_path, HostTerminal(), [])
    assert await app.run() == 0
    assert beside >= {"Watchman.watch", "Maintenance.run"}
    assert '"name":"work"' in (tmp_path / "spans.jsonl").read_text()


async def test_upkeep_and_report_are_as_the_settings_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flags: dict[str, object] = {
        "telemetry.maintenance_seconds": 7.0,
        "telemetry.slow_seconds": 0.5,
        "profiler.exit_report": "off",
    }
    settings = load_settings(environ={}, flags=flags).settings
    environ = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    told: list[str] = []
    cleaned = CleanupReport(1, 10, 100, 90, False, None)

    async def run_async(_app: TerminalApp) -> None:
        await app._tidy()
        await app._tidy()

    monkeypatch.setattr(TerminalApp, "run_async", run_async)
    monkeypatch.setattr(application, "tell", lambda _report, how: told.append(how))
    app = application.Application(settings, environ, tmp_path, HostTerminal(), [])
    monkeypatch.setattr(app._memory, "cleanup", lambda: cleaned)
    assert await app.run() == 0
    app.tell_end()
    assert told == ["off"]
    (report,) = read_all(tmp_path)
    assert report.maintenance.freed_bytes == 20
    assert app._maintenance._interval_seconds == 7.0
    assert app._profiler._slow_seconds == 0.5


# --- the environment


@pytest.mark.parametrize(("color", "expected"), [(True, None), (False, "1")])
def test_textual_gets_its_environment_and_the_shell_the_users(
    monkeypatch: pytest.MonkeyPatch, color: bool, expected: str | None
) -> None:
    calls: list[tuple[dict[str, str], str | None, str | None]] = []

    def run(_: Resolved, environ: dict[str, str]) -> int:
        calls.append((environ, os.environ.get("ESCDELAY"), os.environ.get("NO_COLOR")))
        return 5

    fake = ModuleType("application")
    fake.run = run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "terminal_ai.bootstrap.application", fake)
    monkeypatch.setenv("NO_COLOR", "")
    monkeypatch.setenv("ESCDELAY", "700")
    flags = {"interface.color": color, "terminal.escape_delay_milliseconds": 30}
    assert bootstrap.run_app(load_settings(environ={}, flags=flags)) == 5
    environ, escape_delay, no_color = calls[0]
    assert (environ["ESCDELAY"], environ["NO_COLOR"]) == ("700", "")
    assert (escape_delay, no_color) == ("30", expected)


def test_secrets_that_settings_name_are_redacted_whatever_they_are_called() -> None:
    flags: dict[str, object] = {
        "ai.token_variable": "GPU",
        "team_cache.key_variable": "OURS",
        "team_cache.url": "rediss://:hunter2hunter2@cache.example.com",
    }
    settings = load_settings(environ={}, flags=flags).settings
    environ = {"GPU": "t-0123456789", "OURS": "a secret of the team", "LANG": "C.UTF-8"}
    redactor = Redactor(with_named_secrets(settings, environ))
    told = "GPU is t-0123456789, a secret of the team, hunter2hunter2, C.UTF-8"
    shown = redactor.redact(told).text
    for secret in ("t-0123456789", "a secret of", "hunter2"):
        assert secret not in shown
    assert "C.UTF-8" in shown


def test_what_the_app_keeps_in_memory_is_cleaned_up_with_all_else(
    tmp_path: Path,
) -> None:
    resolved = load_settings(environ={})
    built = application.Application(resolved.settings, {}, tmp_path, HostTerminal(), [])
    caches = built._memory.get_stats()["caches"]
    assert set(caches) == {"answers"}
    asyncio.run(built._close())
