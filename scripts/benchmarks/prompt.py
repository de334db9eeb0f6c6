"""What our integration adds to the shell's own CPU time, for each prompt."""

import contextlib
import functools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Row, compared, held_to, paired
from benchmarks.hosts import PROMPT, Bench, Hosted
from benchmarks.running import Extent
from terminal_ai.config import ShellSettings
from terminal_ai.shell.launch import prepare_launch

# What a prompt may cost more than in the bare shell, in milliseconds of CPU.
LIMITS_MILLISECONDS = {"bash": 3.0, "zsh": 1.0, "fish": 2.0}
PROMPTS_A_ROUND = 100
"""The system tells processor time in hundredths of a second."""
WARM_UP_PROMPTS = 5
SETTLE_SECONDS = 0.01
_STARTUP_FILES = {
    "zsh": (".zshrc", f"PS1='{PROMPT.decode()} '\nunsetopt zle_bracketed_paste\n"),
    "fish": (
        ".config/fish/config.fish",
        "set -g fish_greeting\n"
        f"function fish_prompt; echo -n '{PROMPT.decode()} '; end\n",
    ),
}


def overhead(bench: Bench, extent: Extent) -> list[Row]:
    """Run each shell bare and integrated, in turn, at the same command."""
    return [
        row
        for shell in LIMITS_MILLISECONDS
        if shutil.which(shell)
        for row in _compare(bench, shell, extent)
    ]


def _compare(bench: Bench, shell: str, extent: Extent) -> Iterator[Row]:
    if shell in _STARTUP_FILES:
        name, text = _STARTUP_FILES[shell]
        path = bench.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with (
        _started(bench, shell, is_integrated=False) as bare,
        _started(bench, shell, is_integrated=True) as integrated,
    ):
        for hosted in (bare, integrated):
            _prompts(hosted, WARM_UP_PROMPTS)
        count = min(PROMPTS_A_ROUND, 2 * extent.presses)
        ours, base = paired(
            functools.partial(_cost, integrated, count),
            functools.partial(_cost, bare, count),
            extent.few,
        )
    added = [one - other for one, other in zip(ours, base, strict=True)]
    yield compared(f"prompt, {shell}", ours, base, "bare", "ms")
    limit = LIMITS_MILLISECONDS[shell]
    yield held_to(f"added to a prompt, {shell}", added, limit, "ms")


@contextlib.contextmanager
def _started(bench: Bench, shell: str, *, is_integrated: bool) -> Iterator[Hosted]:
    """Start a shell as a session does, or bare, and wait for its prompt."""
    settings = ShellSettings(command=shell, integration=is_integrated)
    launch = prepare_launch(settings, bench.environ, bench.home)
    if not is_integrated:
        launch.argv.append("-i")
    hosted = Hosted(launch.argv, launch.environ)
    try:
        hosted.expect(PROMPT)
        yield hosted
    finally:
        launch.discard_files()
        hosted.close()


def _prompts(hosted: Hosted, count: int) -> None:
    for _ in range(count):
        # fish discards what is typed before it has asked for it.
        hosted.read_until(None, SETTLE_SECONDS)
        hosted.write(b"true\r")
        hosted.expect(PROMPT)


def _cost(hosted: Hosted, count: int) -> float:
    """Return the CPU time of one prompt and its command, in milliseconds."""
    before = _cpu_seconds(hosted.pid)
    _prompts(hosted, count)
    return (_cpu_seconds(hosted.pid) - before) * 1000 / count


def _cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process and of the children it has waited for."""
    text = Path(f"/proc/{pid}/stat").read_text()
    # The program's name, in parentheses, may hold blanks.
    fields = text.rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
