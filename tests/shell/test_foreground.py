"""Real processes on a real terminal, seen through the kernel's files and by psutil."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from terminal_ai.shell import foreground
from terminal_ai.shell.foreground import Foreground, image_of, observe
from terminal_ai.shell.pty import PtyMaster

pytestmark = pytest.mark.shells

DEADLINE_SECONDS = 20.0


@pytest.fixture(params=[True, False], ids=["files", "psutil"])
def has_files(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    if request.param and not Path("/proc/self/auxv").exists():
        pytest.skip("this system has no such files")
    monkeypatch.setattr(foreground, "_HAS_PROC", request.param)
    return bool(request.param)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[PtyMaster]:
    environ = {"PATH": os.defpath, "HOME": str(tmp_path), "PS1": "$ "}
    with PtyMaster.spawn(
        ["/bin/bash", "--norc", "-i"],
        environ=environ,
        cwd=str(tmp_path),
        columns=80,
        rows=24,
    ) as master:
        until(master, lambda seen: master.is_raw)
        yield master


def until(master: PtyMaster, holds: Callable[[Foreground], bool]) -> Foreground:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        master.read(65_536)
        seen = observe(master.pid, master.foreground_group)
        if seen and holds(seen):
            return seen
        time.sleep(0.01)
    pytest.fail(f"never seen: {seen}")


def test_a_shell_at_its_prompt(
    has_files: bool, shell: PtyMaster, tmp_path: Path
) -> None:
    seen = until(shell, lambda _: shell.is_raw)
    assert seen.own == "bash"
    assert seen.inside == ""
    assert seen.cwd == str(tmp_path)
    assert seen.image == image_of(shell.pid)


def test_a_program_in_front(has_files: bool, shell: PtyMaster) -> None:
    before = image_of(shell.pid)
    shell.write(b"sleep 30\r")
    until(shell, lambda seen: shell.foreground_group != shell.pid)
    # Until it executes its program, the child is one more bash.
    seen = until(shell, lambda seen: not (seen.is_idle or seen.inside))
    assert seen.image == before
    assert not shell.is_raw
    shell.write(b"\x03read x\r")
    until(shell, lambda seen: seen.is_idle)


def test_shells_in_the_shell(has_files: bool, shell: PtyMaster) -> None:
    shell.write(b"sh\r")
    until(shell, lambda seen: seen.inside == "sh")
    # The outermost is what our shell has started; what runs in it changes nothing.
    shell.write(b"bash --norc\rsleep 30\r")
    until(shell, lambda _: shell.foreground_group not in (None, shell.pid))
    until(shell, lambda seen: seen.inside == "sh")


@pytest.mark.parametrize("line", ["sleep 30 | sh", "bash -c 'sleep 30; :'"])
def test_scripts_take_no_commands(has_files: bool, shell: PtyMaster, line: str) -> None:
    shell.write(f"{line}\r".encode())
    until(shell, lambda _: shell.foreground_group not in (None, shell.pid))
    # Elsewhere nobody can tell where a shell reads from.
    if has_files or "|" not in line:
        until(shell, lambda seen: not seen.inside)


def test_exec_changes_the_image(has_files: bool, shell: PtyMaster) -> None:
    before = image_of(shell.pid)
    assert before == image_of(shell.pid)
    # The same program again where addresses tell; elsewhere its arguments must differ.
    again = b"exec /bin/bash --norc -i\r" if has_files else b"exec bash --norc\r"
    shell.write(again)
    seen = until(shell, lambda seen: seen.image != before and shell.is_raw)
    assert seen.own == "bash"
    shell.write(b"exec sh\r")
    until(shell, lambda seen: seen.own == "sh")


def test_no_shell_any_more(has_files: bool, shell: PtyMaster) -> None:
    os.kill(shell.pid, signal.SIGKILL)
    deadline = time.monotonic() + DEADLINE_SECONDS
    while shell.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert observe(shell.pid, None) is None
    assert image_of(shell.pid) is None
