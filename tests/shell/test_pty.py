import asyncio
import os
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from terminal_ai.errors import ShellError
from terminal_ai.shell import pty as pty_module
from terminal_ai.shell.pty import PENDING_LIMIT_BYTES, PtyMaster, ShellExit

DEADLINE_SECONDS = 10.0


@contextmanager
def running(*argv: str, **environ: str) -> Iterator[PtyMaster]:
    with PtyMaster.spawn(
        argv,
        environ={"PATH": os.defpath, **environ},
        cwd="/",
        columns=81,
        rows=25,
    ) as master:
        yield master


def read_until(master: PtyMaster, wanted: bytes | None) -> bytes:
    """Read until a text has arrived, or with None until the end."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    seen = b""
    while time.monotonic() < deadline:
        data = master.read(65_536)
        if data == b"":
            return seen
        seen += data or b""
        if wanted is not None and wanted in seen:
            return seen
        time.sleep(0.005)
    raise AssertionError(seen)


def test_a_program_finds_a_sane_terminal() -> None:
    with running("sh", "-c", "tty; stty size; stty -a; pwd; ps -o tpgid= -p $$") as m:
        text = read_until(m, None).decode()
        assert "not a tty" not in text
        assert "25 81" in text
        flags = {"icanon", "echo", "isig", "icrnl", "opost", "iexten"}
        assert flags <= set(text.split())
        assert "erase = ^?" in text
        assert f"\r\n{m.pid}" in text.replace(" ", "")
        if sys.platform == "linux":
            assert "iutf8" in text.split()


def test_signals_are_the_defaults() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    try:
        with running("sh", "-c", "grep -E 'Sig(Blk|Ign)' /proc/self/status") as master:
            text = read_until(master, None).decode()
    finally:
        signal.signal(signal.SIGHUP, before)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])
    assert text.count("0000000000000000") == 2


def test_resize_is_seen() -> None:
    with running("sh", "-c", "read x; stty size") as master:
        master.resize(40, 10)
        master.write(b"\n")
        read_until(master, b"10 40")


def test_exit_status() -> None:
    for script, expected in (
        ("exit 7", ShellExit(exit_code=7)),
        ("kill -9 $$", ShellExit(signal=9)),
    ):
        with running("sh", "-c", script) as master:
            assert asyncio.run(master.wait()) == expected
            assert master.poll() == expected


def test_exit_is_noticed_without_a_pidfd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pty_module, "_open_pidfd", lambda _: None)
    with running("sh", "-c", "sleep .1; exit 7") as master:
        assert asyncio.run(master.wait()) == ShellExit(exit_code=7)


def test_end_and_nothing_are_told_apart() -> None:
    with running("sh", "-c", "read x") as master:
        assert master.read(100) is None
        master.write(b"\n")
        read_until(master, None)
        assert master.read(100) == b""


def test_writes_keep_their_order_through_a_full_buffer() -> None:
    total = 300_000
    script = f"stty raw -echo; echo ready; sleep .2; head -c {total} | cksum"
    sent = bytes(97 + number % 26 for number in range(total))
    with running("sh", "-c", script) as master:
        read_until(master, b"ready")
        assert master.write(sent[:1000])
        assert master.write(sent[1000:])
        assert master.has_pending
        deadline = time.monotonic() + DEADLINE_SECONDS
        while master.has_pending and time.monotonic() < deadline:
            master.flush()
            time.sleep(0.001)
        crc = read_until(master, None).split()
    assert crc[-1] == str(total).encode()
    assert crc[-2] == _cksum(sent)


def _cksum(data: bytes) -> bytes:
    done = subprocess.run(["cksum"], input=data, capture_output=True, check=True)
    return done.stdout.split()[0]


def test_what_nobody_reads_is_refused_whole() -> None:
    with running("sh", "-c", "stty raw -echo; echo ready; sleep 30") as master:
        read_until(master, b"ready")
        chunk = b"x" * 100_000
        accepted = sum(len(chunk) for _ in range(40) if master.write(chunk))
        assert accepted <= PENDING_LIMIT_BYTES + 100_000
        assert not master.write(chunk)


def test_closing_is_final_and_repeatable() -> None:
    with running("sh", "-c", "sleep 30") as master:
        pid = master.pid
    assert not psutil.pid_exists(pid)
    assert master.fd == -1
    assert not master.write(b"x")
    assert master.read(10) == b""
    master.resize(10, 10)
    asyncio.run(master.close())


def test_closing_insists() -> None:
    script = "trap '' HUP TERM; echo deaf; while :; do sleep 1; done"
    with running("sh", "-c", script) as master:
        read_until(master, b"deaf")
    assert master.poll() == ShellExit(signal=9)


def test_closing_wakes_the_stopped() -> None:
    with running("sh", "-c", "echo on; kill -STOP $$; sleep 30") as master:
        read_until(master, b"on")
    assert master.poll() == ShellExit(signal=signal.SIGHUP)


def test_unstartable_programs_leave_nothing() -> None:
    descriptors = psutil.Process().num_fds()
    for argv in (["/nonexistent"], ["/etc/hostname"]):
        with pytest.raises(ShellError) as caught:
            PtyMaster.spawn(argv, environ={}, cwd=None, columns=80, rows=24)
        assert argv[0] in caught.value.message
        assert caught.value.hint
    assert psutil.Process().num_fds() == descriptors


def test_our_own_terminal_modes_are_untouched() -> None:
    master, slave = os.openpty()
    before = termios.tcgetattr(slave)
    with running("sh", "-c", "stty raw; exit 0") as m:
        read_until(m, None)
    assert termios.tcgetattr(slave) == before
    os.close(master)
    os.close(slave)
