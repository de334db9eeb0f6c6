"""What runs in the terminal now, asked of the kernel: for a thread.

Reading a process that hangs can hang as well; nothing here is called on the loop.
"""

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from terminal_ai.shell.children import children_of
from terminal_ai.shell.inside import SHELLS, WRAPPERS, taker_of_commands

# How far from the foreground program to the shell, and below a sudo to its shell.
CHAIN_LIMIT = 16
DESCENT_LIMIT = 4
ARGUMENTS_LIMIT_BYTES = 8_192
# Linux has all of it in files; elsewhere psutil asks.
_HAS_PROC = Path("/proc/self/auxv").exists()
# Where the kernel lets a reader of a terminal sleep.
_READS_TERMINAL = frozenset({"wait_woken", "n_tty_read", "tty_read"})
_TERMINALS = ("/dev/pts/", "/dev/tty", "/dev/console")


@dataclass(frozen=True, slots=True)
class Foreground:
    """One look at the shell and at what is in front of it.

    ``image`` identifies what the shell's process executes: another one after ``exec``;
    None if nobody may know. ``own`` names what takes commands in that process itself,
    ``inside`` in the programs before it. ``is_idle``: the shell is in front, and
    sleeps until the user types. ``is_visible``: what is in front may be asked.
    """

    image: str | None = None
    own: str = ""
    inside: str = ""
    is_idle: bool = False
    is_visible: bool = True
    cwd: str | None = None


@dataclass(frozen=True, slots=True)
class _Process:
    pid: int
    parent: int
    group: int
    state: str


Observer = Callable[[int, int | None], Foreground | None]


def observe(shell_pid: int, group: int | None) -> Foreground | None:
    """Look at a shell whose terminal is held by a process group; None if it is gone."""
    shell = _process(shell_pid)
    if shell is None:
        return None
    is_front = group in (None, shell_pid)
    return Foreground(
        image=image_of(shell_pid),
        own=_inside(shell_pid),
        inside="" if group is None or is_front else _outermost(shell_pid, group),
        is_idle=is_front and shell.state == "S" and _is_reading(shell_pid),
        is_visible=group is None or is_front or _is_visible(group),
        cwd=_cwd(shell_pid),
    )


def image_of(pid: int) -> str | None:
    """Return what changes when a process executes another program, or itself again."""
    if _HAS_PROC:
        with contextlib.suppress(OSError):
            # Addresses that the kernel draws anew at each exec, and at no fork.
            return Path(f"/proc/{pid}/auxv").read_bytes().hex()
        return None
    with contextlib.suppress(psutil.Error, OSError):
        return "\0".join((psutil.Process(pid).exe(), *psutil.Process(pid).cmdline()))
    return None


def _outermost(shell_pid: int, group: int) -> str:
    """Ask everybody from the shell's child to the program in front."""
    chain: list[int] = []
    pid = group
    while pid not in (shell_pid, 0, 1) and len(chain) < CHAIN_LIMIT:
        chain.append(pid)
        process = _process(pid)
        if process is None:
            break
        pid = process.parent
    for pid in reversed(chain):
        if inside := _inside(pid):
            return inside
    return ""


def _inside(pid: int) -> str:
    """Tell whether a process takes commands, or what it has wrapped does."""
    arguments = _arguments(pid)
    if not arguments or not _reads_terminal(pid):
        return ""
    if inside := taker_of_commands(arguments):
        return inside
    wrapper = os.path.basename(arguments[0])  # noqa: PTH119
    if wrapper not in WRAPPERS and wrapper != "script":
        return ""
    children = _children(pid)
    for _ in range(DESCENT_LIMIT):
        if not children:
            return ""
        if taker := taker_of_commands(_arguments(children[0])):
            return wrapper if taker in SHELLS else taker
        children = _children(children[0])
    return ""


def _is_visible(pid: int) -> bool:
    """Tell whether a process may be asked; one that has ended has nothing to hide."""
    process = _process(pid)
    return process is None or process.state == "Z" or bool(_arguments(pid))


def _is_reading(shell_pid: int) -> bool:
    """Tell whether a sleeping shell waits for the user, and not for a program."""
    channel = ""
    if _HAS_PROC:
        with contextlib.suppress(OSError):
            channel = Path(f"/proc/{shell_pid}/wchan").read_text(encoding="ascii")
    if channel in ("", "0"):
        # Nobody may know: then nothing may run in its group, as "$(…)" does.
        return not _has_group_child(shell_pid)
    return channel in _READS_TERMINAL


def _has_group_child(shell_pid: int) -> bool:
    """Tell whether something runs in the shell's own group."""
    for pid in _children(shell_pid):
        process = _process(pid)
        if process and process.group == shell_pid and process.state != "Z":
            return True
    return False


def _reads_terminal(pid: int) -> bool:
    """Tell a shell at its prompt from one that is fed a script; unknown is yes."""
    if not _HAS_PROC:
        return True
    try:
        return os.readlink(f"/proc/{pid}/fd/0").startswith(_TERMINALS)  # noqa: PTH115
    except OSError:
        return True


def _process(pid: int) -> _Process | None:
    if _HAS_PROC:
        with contextlib.suppress(OSError, ValueError, IndexError):
            stat = Path(f"/proc/{pid}/stat").read_bytes()
            # The name may hold anything: the fields follow the last bracket.
            told, parent, group = stat[stat.rindex(b")") + 2 :].split()[:3]
            return _Process(pid, int(parent), int(group), told.decode())
        return None
    with contextlib.suppress(psutil.Error, OSError):
        process = psutil.Process(pid)
        states = {psutil.STATUS_SLEEPING: "S", psutil.STATUS_ZOMBIE: "Z"}
        state = states.get(process.status(), "R")
        return _Process(pid, process.ppid(), os.getpgid(pid), state)
    return None


def _arguments(pid: int) -> tuple[str, ...]:
    if _HAS_PROC:
        with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123
            data = file.read(ARGUMENTS_LIMIT_BYTES)
            return tuple(map(os.fsdecode, data.removesuffix(b"\0").split(b"\0")))
        return ()
    with contextlib.suppress(psutil.Error, OSError):
        return tuple(psutil.Process(pid).cmdline())
    return ()


def _children(pid: int) -> list[int]:
    if _HAS_PROC:
        # Shells and what wraps them start programs in their first thread.
        return children_of(pid, threads=1)
    with contextlib.suppress(psutil.Error, OSError):
        return [child.pid for child in psutil.Process(pid).children()]
    return []


def _cwd(pid: int) -> str | None:
    try:
        if _HAS_PROC:
            return os.readlink(f"/proc/{pid}/cwd")  # noqa: PTH115
        return psutil.Process(pid).cwd()
    except (psutil.Error, OSError):
        return None
