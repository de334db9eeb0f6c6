"""Which shell runs, how, and with which integration files."""

import contextlib
import enum
import logging
import os
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from terminal_ai.config import ShellSettings
from terminal_ai.errors import ShellError
from terminal_ai.messages import gettext as _
from terminal_ai.shell.marks import COMMAND_LIMIT_CHARACTERS

_logger = logging.getLogger(__name__)

FALLBACK_SHELL = "/bin/sh"
VERSION_TIMEOUT_SECONDS = 2.0
ENTRY_NUMBER_CHARACTERS = 16
"""bash lists a history entry's number and marks before its command."""
_BASH_WITH_PS0 = (4, 4)
_OWNER = re.compile(r"shell-([1-9][0-9]{0,8})-")
_BASH_VERSION = re.compile(r"version (\d+)\.(\d+)")

# Set by other terminals, or by us around us: programs must not take us for them, nor
# our scripts believe that they have run.
_FOREIGN_PREFIXES = (
    "VSCODE_", "TERM_PROGRAM", "KITTY_", "GHOSTTY_", "WEZTERM_", "ITERM_", "TMUX",
    "ALACRITTY_", "KONSOLE_", "LC_TERMINAL", "WT_", "ZELLIJ", "__terminal_ai_",
)  # fmt: skip
_FOREIGN_NAMES = frozenset(
    {
        "STY", "COLUMNS", "LINES", "TERMCAP", "VTE_VERSION", "WINDOWID",
        "INSIDE_EMACS", "TERMINAL_AI_USER_ENV", "TERMINAL_AI_USER_ZDOTDIR",
    }
)  # fmt: skip


class ShellKind(enum.StrEnum):
    """How a shell is integrated."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    OLD_BASH = "old bash"
    SH = "sh"
    OTHER = "other"

    @property
    def is_limited(self) -> bool:
        """True where the command line can only be read from the screen."""
        return self in (ShellKind.OLD_BASH, ShellKind.SH)


@dataclass(slots=True)
class Launch:
    """Everything needed to start one shell; owns its integration files."""

    argv: list[str]
    environ: dict[str, str]
    kind: ShellKind
    nonce: str = ""
    directory: Path | None = None
    notice: str = ""

    @property
    def shell_name(self) -> str:
        """The program's name as users say it."""
        return Path(self.argv[0]).name

    @property
    def is_integrated(self) -> bool:
        """True if prompt marks are to be expected."""
        return self.directory is not None

    def discard_files(self) -> None:
        """Remove the files that hold the nonce; again is harmless."""
        if self.directory is not None:
            shutil.rmtree(self.directory, ignore_errors=True)


def find_shell(settings: ShellSettings, environ: Mapping[str, str]) -> str:
    """Return the path of the shell to run.

    The setting must exist; a broken $SHELL falls back to /bin/sh.
    """
    search_path = environ.get("PATH", os.defpath)
    if settings.command:
        wanted = os.path.expanduser(settings.command)  # noqa: PTH111 - keeps "./sh"
        if found := shutil.which(wanted, path=search_path):
            return found
        if Path(wanted).exists():
            raise ShellError(
                _("{program} is not executable").format(program=wanted),
                hint=_("set shell.command to an installed shell, or use --shell"),
            )
        raise ShellError(
            _("{program} was not found").format(program=wanted),
            hint=_("set shell.command to an installed shell, or use --shell"),
        )
    return _users_shell(environ, search_path) or FALLBACK_SHELL


def _users_shell(environ: Mapping[str, str], search_path: str) -> str | None:
    return shutil.which(environ.get("SHELL", ""), path=search_path)


def _fallback_notice(settings: ShellSettings, environ: Mapping[str, str]) -> str:
    """Return what the user should know who asked for a shell and gets another."""
    wanted = environ.get("SHELL", "")
    search_path = environ.get("PATH", os.defpath)
    if settings.command or not wanted or _users_shell(environ, search_path):
        return ""
    return _(
        "$SHELL is {program}, which cannot be run: {fallback} runs instead"
    ).format(program=wanted, fallback=FALLBACK_SHELL)


def shell_kind(program: str) -> ShellKind:
    """Tell how to integrate a shell, by its name and where it matters its version."""
    match Path(program).name.removesuffix(".exe"):
        case "bash":
            return ShellKind.BASH if _has_ps0(program) else ShellKind.OLD_BASH
        case "zsh":
            return ShellKind.ZSH
        case "fish":
            return ShellKind.FISH
        case "sh" | "dash" | "ash":
            return ShellKind.SH
        case _:
            return ShellKind.OTHER


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without other terminals' traces and with ours."""
    cleaned = {
        name: value
        for name, value in environ.items()
        if name not in _FOREIGN_NAMES and not name.startswith(_FOREIGN_PREFIXES)
    }
    cleaned["TERM"] = "xterm-256color"
    cleaned["COLORTERM"] = "truecolor"
    cleaned["TERM_PROGRAM"] = "terminal_ai"
    return cleaned


def prepare_launch(
    settings: ShellSettings, environ: Mapping[str, str], runtime_directory: Path | None
) -> Launch:
    """Decide on the shell and write its integration files. Blocks: for a thread.

    Without a place for the files the shell starts all the same, unwatched.
    """
    notice = _fallback_notice(settings, environ)
    program = find_shell(settings, environ)
    kind = shell_kind(program)
    cleaned = clean_environment(environ)
    argv = [program, "-l"] if settings.login else [program]
    plain = Launch(argv, cleaned, kind, notice=notice)
    if not settings.integration or kind is ShellKind.OTHER or not runtime_directory:
        return plain
    launch = Launch(
        [program], {**cleaned}, kind, nonce=secrets.token_hex(16), notice=notice
    )
    sweep_stale_files(runtime_directory)
    try:
        # mkdtemp makes the directory with mode 0700.
        directory = Path(
            tempfile.mkdtemp(prefix=_files_prefix(), dir=runtime_directory)
        )
        launch.directory = directory
        _integrate(launch, directory, is_login=settings.login)
    except OSError as error:
        _logger.warning("the shell integration cannot be written: %s", error)
        launch.discard_files()
        return plain
    return launch


def _files_prefix() -> str:
    """Return how the directories of this process begin: with whom they belong to."""
    return f"shell-{os.getpid()}-"


def sweep_stale_files(runtime_directory: Path) -> None:
    """Remove the integration files of processes that were killed before they could."""
    with contextlib.suppress(OSError):
        for directory in runtime_directory.glob("shell-*-*"):
            if (match := _OWNER.match(directory.name)) and not _is_alive(int(match[1])):
                # It follows no link, and removes none.
                shutil.rmtree(directory, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        # Someone else's, or no number of a process: not ours to judge.
        return True
    return True


def _integrate(launch: Launch, directory: Path, *, is_login: bool) -> None:
    environ = launch.environ
    login = ["-l"] if is_login else []
    match launch.kind:
        case ShellKind.ZSH:
            _install(launch, "zsh/.zshenv", directory / ".zshenv")
            name = "terminal_ai_integration"
            _install(launch, f"zsh/{name}", directory / name)
            if (user := environ.get("ZDOTDIR")) is not None:
                environ["TERMINAL_AI_USER_ZDOTDIR"] = user
            environ["ZDOTDIR"] = str(directory)
            launch.argv += [*login, "-i"]
        case ShellKind.FISH:
            script = directory / "terminal_ai.fish"
            _install(launch, "terminal_ai.fish", script)
            launch.argv += [*login, "-i", "-C", f"source {_fish_quote(str(script))}"]
        case ShellKind.BASH if is_login:
            script = directory / "terminal_ai.bash"
            unexport = "" if "HISTFILE" in environ else "1"
            # In posix mode bash would choose another file, before we can object.
            home = environ.get("HOME", "")
            environ.setdefault("HISTFILE", str(Path(home, ".bash_history")))
            _install(
                launch,
                "terminal_ai.bash",
                script,
                LOGIN="1",
                UNEXPORT_HISTFILE=unexport,
            )
            _point_env_at(script, environ)
            launch.argv += ["--posix", "-l", "-i"]
        case ShellKind.BASH:
            script = directory / "terminal_ai.bash"
            _install(launch, "terminal_ai.bash", script)
            launch.argv += ["--rcfile", str(script), "-i"]
        case ShellKind.OLD_BASH:
            script = directory / "terminal_ai.sh"
            _install(launch, "terminal_ai.sh", script, READS_BASHRC="1")
            launch.argv += ["--rcfile", str(script), "-i"]
        case _:
            script = directory / "terminal_ai.sh"
            _install(launch, "terminal_ai.sh", script)
            _point_env_at(script, environ)
            launch.argv += [*login, "-i"]


def _point_env_at(script: Path, environ: dict[str, str]) -> None:
    if user := environ.get("ENV"):
        environ["TERMINAL_AI_USER_ENV"] = user
    environ["ENV"] = str(script)


def _install(launch: Launch, source: str, target: Path, **values: str) -> None:
    """Write one packaged script with its placeholders filled, for our eyes only."""
    text = (
        resources.files("terminal_ai.shell")
        .joinpath("integration", *source.split("/"))
        .read_text(encoding="utf-8")
    )
    values = {
        "LOGIN": "",
        "UNEXPORT_HISTFILE": "",
        "READS_BASHRC": "",
        "NONCE": launch.nonce,
        "COMMAND_LIMIT": str(COMMAND_LIMIT_CHARACTERS),
        "ENTRY_LIMIT": str(COMMAND_LIMIT_CHARACTERS + ENTRY_NUMBER_CHARACTERS),
        **values,
    }
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(text)


def _has_ps0(program: str) -> bool:
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        told = subprocess.run(
            [program, "--version"],
            capture_output=True,
            timeout=VERSION_TIMEOUT_SECONDS,
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
        ).stdout
        if match := _BASH_VERSION.search(told):
            return (int(match[1]), int(match[2])) >= _BASH_WITH_PS0
    return False


def _fish_quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
