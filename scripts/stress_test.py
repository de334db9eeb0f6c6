"""Run many commands through real shells and the real Session; account for each.

The owner's mix: six commands of 10 to 100 ms, every fifth fails. Beside them one shell
floods its terminal, one user types and erases, two terminals are resized in storms, and
in the middle the model's service goes away and comes back. Both presets run after each
other, each in a process of its own. Exit code 1 if one record, advice or answer is lost
or wrong, or if a descriptor, a task or a process is left.
"""

import argparse
import asyncio
import math
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Started as a file, not as a module: the checkout is what is tested.
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from stress.report import Outcome, as_json, as_table, from_json  # noqa: E402
from stress.running import Options, SessionType, run_preset  # noqa: E402
from stress.work import STARTUP_FILES  # noqa: E402

from terminal_ai.session import Session  # noqa: E402

PRESETS = ("base", "optimized")
COMMANDS_LIMIT = 10_000
SHELLS_LIMIT = 100
FLOOD_LIMIT_MEGABYTES = 1_000.0
FLOOD_SHARE = 0.002
FLOOD_LEAST_MEGABYTES, FLOOD_MOST_MEGABYTES = 0.5, 20.0
COMMAND_SECONDS = 60.0
FLOOD_SECONDS_PER_MEGABYTE = 20.0
RUN_LEAST_SECONDS, RUN_SECONDS_PER_COMMAND = 300.0, 0.3
PROGRESS_STEPS = 200
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str], *, session_type: SessionType = Session) -> int:
    """Stress what is asked for, print a table or JSON, and return the exit code."""
    options = _parsed(arguments)
    for number in ENDING_SIGNALS:
        signal.signal(number, signal.default_int_handler)
    try:
        return _stressed(options, arguments, session_type)
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("stress_test.py: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED


def _stressed(
    options: argparse.Namespace, arguments: Sequence[str], session_type: SessionType
) -> int:
    presets = PRESETS if options.preset == "both" else (options.preset,)
    if len(presets) > 1:
        outcomes = [each for name in presets for each in _in_process(name, arguments)]
    else:
        outcomes = [_run(options, session_type)]
    print(as_json(outcomes) if options.json else as_table(outcomes))
    is_whole = len(outcomes) == len(presets)
    return int(not is_whole or any(each.has_failed for each in outcomes))


def _in_process(preset: str, arguments: Sequence[str]) -> list[Outcome]:
    """Run one preset apart: what the other has left in memory would count."""
    command = [sys.executable, __file__, *arguments, "--preset", preset, "--json"]
    with subprocess.Popen(
        [*command, "--tied"],
        # Nothing is written: its end tells the run of ours, a kill's too.
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            # Not ``communicate``, which ends its input at once.
            assert process.stdout is not None
            told = process.stdout.read()
        except BaseException:
            process.terminate()
            raise
    if process.returncode not in (0, 1) or not told:
        print(f"the run of {preset} ended with {process.returncode}", file=sys.stderr)
        return []
    return from_json(told)


def _run(options: argparse.Namespace, session_type: SessionType) -> Outcome:
    wanted = Options(
        commands=options.commands,
        shells=options.shells,
        shell=options.shell,
        flood_megabytes=options.flood,
        patience_seconds=options.patience,
        deadline_seconds=options.deadline,
    )
    with (
        tempfile.TemporaryDirectory(prefix="terminal-ai-stress-") as directory,
        _progress(options.preset, options.commands) as tell,
    ):
        work = run_preset(
            options.preset,
            wanted,
            Path(directory).resolve(),
            session_type=session_type,
            tell=tell,
        )
        return asyncio.run(_ended_once(work, is_tied=options.tied))


async def _ended_once(
    work: Coroutine[object, object, Outcome], *, is_tied: bool
) -> Outcome:
    """Await it; the first signal cancels it, and no later one what it then gives back.

    Who presses ^C at a terminal tells us and who started us, who tells us again. One
    who is tied is also ended by the end of its input: that of who started it.
    """
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    has_come: list[None] = []

    def end() -> None:
        if not has_come:
            has_come.append(None)
            task.cancel()

    for number in ENDING_SIGNALS:
        loop.add_signal_handler(number, end)
    if is_tied:

        def let_go() -> None:
            loop.remove_reader(sys.stdin)
            end()

        loop.add_reader(sys.stdin, let_go)
    return await task


@contextmanager
def _progress(preset: str, commands: int) -> Iterator[Callable[[int], object]]:
    """Show a bar on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import Progress

    step = max(1, commands // PROGRESS_STEPS)
    # Without its own thread: it would be one of those that are counted.
    with Progress(console=Console(stderr=True), auto_refresh=False) as progress:
        task = progress.add_task(preset, total=commands)

        def tell(done: int) -> None:
            if done % step == 0 or done == commands:
                progress.update(task, completed=done, refresh=True)

        yield tell


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--commands", type=int, default=100)
    parser.add_argument("--shells", type=int, default=10, help="shells at work at once")
    parser.add_argument("--shell", default="bash", help=", ".join(STARTUP_FILES))
    parser.add_argument("--preset", default="both", choices=("both", *PRESETS))
    parser.add_argument("--flood", type=float, metavar="MEGABYTES")
    parser.add_argument("--patience", type=float, metavar="SECONDS", help="a command")
    parser.add_argument("--deadline", type=float, metavar="SECONDS", help="a preset")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--tied", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if not 1 <= options.commands <= COMMANDS_LIMIT:
        parser.error(f"--commands takes 1 to {COMMANDS_LIMIT}")
    if not 1 <= options.shells <= SHELLS_LIMIT:
        parser.error(f"--shells takes 1 to {SHELLS_LIMIT}")
    if options.shell not in STARTUP_FILES:
        parser.error(f"--shell takes one of {', '.join(STARTUP_FILES)}")
    if shutil.which(options.shell) is None:
        others = ", ".join(filter(shutil.which, STARTUP_FILES)) or "none of them"
        parser.error(f"{options.shell} is not installed; installed: {others}")
    if options.flood is None:
        share = options.commands * FLOOD_SHARE
        options.flood = min(max(share, FLOOD_LEAST_MEGABYTES), FLOOD_MOST_MEGABYTES)
    if not 0 < options.flood <= FLOOD_LIMIT_MEGABYTES:
        parser.error(f"--flood takes up to {FLOOD_LIMIT_MEGABYTES:.0f} megabytes")
    if options.deadline is None:
        seconds = options.commands * RUN_SECONDS_PER_COMMAND
        options.deadline = RUN_LEAST_SECONDS + seconds
    if options.patience is None:
        flood_seconds = options.flood * FLOOD_SECONDS_PER_MEGABYTE
        options.patience = COMMAND_SECONDS + flood_seconds
    for name in ("patience", "deadline"):
        if not 0 < getattr(options, name) < math.inf:
            parser.error(f"--{name} takes a number of seconds above 0")
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
