"""What is run: the owner's mix of six commands, which behave the same anywhere.

Stand-ins on the PATH of the run's own home play them: each sleeps 10 to 100 ms and
prints what the real program would, with a mark that no other command has.
"""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FAILING_EVERY = 5
NAP_LEAST_MILLISECONDS = 10
NAP_SPREAD_MILLISECONDS = 91
_NAP_STEP = 37
FLOOD_LINE = "the quick brown fox jumps over the lazy dog, again and again: 0123456"
MEGABYTE = 1_000_000
_FLOOD = (
    "printf '%s begins\\n' \"$2\"\n"
    f'yes {shlex.quote(FLOOD_LINE)} | head -n "$1"\n'
    "printf '%s ends\\n' \"$2\"\n"
)
_HOLD = "printf '%s holds\\n' \"$1\"\nexec sleep 600\n"
_MARK = re.compile(r"\bc(\d+)$")


@dataclass(frozen=True, slots=True)
class Kind:
    """One program's command as it succeeds and as it fails; ``{mark}`` is replaced."""

    good: str
    good_output: str
    bad: str
    bad_output: str
    exit_code: int
    answer: str
    """What the model says about the failure."""


MIX: tuple[Kind, ...] = (
    Kind(
        "ls -la",
        "total 8\ndrwxr-xr-x 2 me me 4096 Jan  1 00:00 .\n"
        "-rw-r--r-- 1 me me   17 Jan  1 00:00 {mark}",
        "ls missing",
        "ls: cannot access 'missing': No such file or directory\n{mark}",
        2,
        "There is no file called missing.",
    ),
    Kind(
        "git status",
        "On branch {mark}\nnothing to commit, working tree clean",
        "git psuh",
        "git: 'psuh' is not a git command. See 'git --help'.\n\n"
        "The most similar command is\n\tpush\n{mark}",
        1,
        "There is no command psuh in git: push was meant.",
    ),
    Kind(
        "npm install",
        "added 1 package, and audited {mark} in 1s\n\nfound 0 vulnerabilities",
        "npm run biuld",
        'npm error Missing script: "biuld"\nnpm error\n'
        "npm error To see a list of scripts, run:\nnpm error   npm run\n{mark}",
        1,
        "The package has no script called biuld.",
    ),
    Kind(
        "python work.py",
        "result: {mark}",
        "python wrok.py",
        "python: can't open file 'wrok.py': [Errno 2] No such file or directory\n"
        "{mark}",
        2,
        "Python found no file called wrok.py.",
    ),
    Kind(
        "docker ps",
        "CONTAINER ID   IMAGE     COMMAND\n{mark}   alpine    sleep",
        "docker rnu",
        "docker: unknown command: docker rnu\n\nRun 'docker --help' for more\n{mark}",
        1,
        "Docker has no command rnu: run was meant.",
    ),
    Kind(
        "kubectl get pods",
        "NAME   READY   STATUS\n{mark}   1/1     Running",
        "kubectl get pdos",
        'error: the server doesn\'t have a resource type "pdos"\n{mark}',
        1,
        "The cluster knows no resource pdos: pods was meant.",
    ),
)

STARTUP_FILES: Mapping[str, tuple[str, str]] = {
    "bash": (".bashrc", "PS1='$ '\n"),
    "zsh": (".zshrc", "PS1='%% '\n"),
    # fish has an ls of its own, with options of its own.
    "fish": (
        ".config/fish/config.fish",
        "set -g fish_greeting\nfunction ls; command ls $argv; end\n",
    ),
}


@dataclass(frozen=True, slots=True)
class Command:
    """A command to run and what must be captured of it.

    ``nap_seconds`` is how long it sleeps; ``parts`` are the output's first and last
    bytes and how many there are in all, for one whose output is kept in part.
    ``directory`` is where it runs if that is not its shell's own.
    """

    number: int
    line: str
    exit_code: int
    output: str | None
    nap_seconds: float = 0.0
    parts: tuple[bytes, bytes, int] | None = None
    directory: str = ""

    @property
    def has_failed(self) -> bool:
        """True for an exit code that wants advice."""
        return self.exit_code not in (0, 130)


def command_of(number: int) -> Command:
    """Return one command of the mix; every fifth fails."""
    kind, mark = kind_of(number), f"c{number}"
    is_bad = number % FAILING_EVERY == FAILING_EVERY - 1
    words = kind.bad if is_bad else kind.good
    output = kind.bad_output if is_bad else kind.good_output
    milliseconds = NAP_LEAST_MILLISECONDS + number * _NAP_STEP % NAP_SPREAD_MILLISECONDS
    return Command(
        number,
        f"{words} {mark}",
        kind.exit_code if is_bad else 0,
        # As the terminal shows it: a tab goes to the next eighth column.
        output.format(mark=mark).expandtabs(),
        milliseconds / 1000,
    )


def kind_of(number: int) -> Kind:
    """Return which of the six it is."""
    return MIX[number % len(MIX)]


def failures_among(commands: int) -> int:
    """Return how many of so many commands fail."""
    return commands // FAILING_EVERY


def number_in(line: str) -> int | None:
    """Return the number of the command whose mark ends a line; None without one."""
    found = _MARK.search(line)
    return int(found.group(1)) if found else None


def flood_of(
    number: int, megabytes: float, *, head_bytes: int, tail_bytes: int
) -> Command:
    """Return a command that prints so much, of which both ends are kept."""
    line = f"{FLOOD_LINE}\r\n".encode()
    lines = max(1, int(megabytes * MEGABYTE) // len(line))
    ends = f"c{number} begins\r\n".encode(), f"c{number} ends\r\n".encode()
    size = len(line) * lines + sum(map(len, ends))
    if size <= head_bytes + tail_bytes:
        # All of it is kept.
        whole = (ends[0] + line * lines + ends[1]).decode()
        text = whole.replace("\r\n", "\n").rstrip("\n")
        return Command(number, f"flood {lines} c{number}", 0, text)
    head = (ends[0] + line * (head_bytes // len(line) + 1))[:head_bytes]
    tail = (line * (tail_bytes // len(line) + 1) + ends[1])[-tail_bytes:]
    parts = head, tail, size
    return Command(number, f"flood {lines} c{number}", 0, None, parts=parts)


def going_to(number: int, directory: str, *, from_directory: str) -> Command:
    """Return a command that changes the shell's directory."""
    line = f"cd {directory}; : c{number}"
    return Command(number, line, 0, "", directory=from_directory)


def held(number: int) -> Command:
    """Return a command that runs until ^C ends it."""
    return Command(number, f"hold c{number}", 130, f"c{number} holds\n^C")


def prepare_home(home: Path, shell: str, directories: int) -> None:
    """Put the shell's start-up file, the stand-ins and the directories there."""
    name, text = STARTUP_FILES[shell]
    startup = home / name
    startup.parent.mkdir(parents=True, exist_ok=True)
    startup.write_text(text)
    programs = home / "bin"
    programs.mkdir()
    stand_in = programs / "stand-in"
    stand_in.write_text(_stand_in())
    stand_in.chmod(0o755)
    for kind in MIX:
        (programs / kind.good.split()[0]).symlink_to(stand_in.name)
    for program, text in (("flood", _FLOOD), ("hold", _HOLD)):
        script = programs / program
        script.write_text(f"#!/bin/sh\n{text}")
        script.chmod(0o755)
    for number in range(directories):
        (home / f"shell-{number}").mkdir()


def _stand_in() -> str:
    """Return a script that plays all six programs, told apart by its name."""
    cases = [
        _case(words, output, code)
        for kind in MIX
        for words, output, code in (
            (kind.good, kind.good_output, 0),
            (kind.bad, kind.bad_output, kind.exit_code),
        )
    ]
    return "\n".join(
        (
            "#!/bin/sh",
            "for mark; do :; done",
            'line="${0##*/} $*"',
            f"nap=$(({NAP_LEAST_MILLISECONDS} + ${{mark#c}} * {_NAP_STEP}"
            f" % {NAP_SPREAD_MILLISECONDS}))",
            "case $nap in ??) nap=0$nap ;; esac",
            'sleep "0.$nap"',
            'case ${line% "$mark"} in',
            *cases,
            "esac",
            'echo "no stand-in for $line" >&2',
            "exit 99",
            "",
        )
    )


def _case(words: str, output: str, exit_code: int) -> str:
    text = shlex.quote(output).replace("{mark}", "'\"$mark\"'")
    return f"{shlex.quote(words)}) printf '%s\\n' {text}; exit {exit_code} ;;"
