"""Make a failure: a fresh directory and a fresh home, the setup, then the real shell.

Whoever is root steps down to an ordinary user first, so that a refusal is a refusal.
"""

import contextlib
import functools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from .scenario import Scenario

SETUP_SECONDS = 20
COMMAND_SECONDS = 10
OUTPUT_BYTES = 1_000_000

# Not the caller's PATH: a closest name must not depend on what else somebody has.
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SHELLS = {
    "bash": ("--norc", "--noprofile", "-c"),
    "zsh": ("-f", "-c"),
    "fish": ("--no-config", "-c"),
    "dash": ("-c",),
}
_GIT_CONFIG = """\
[user]
\tname = Ada
\temail = ada@example.org
[init]
\tdefaultBranch = main
"""


@dataclass(frozen=True)
class Failure:
    """What a scenario left behind, while its directory still stands."""

    scenario: Scenario
    exit_code: int
    output: bytes
    cwd: str
    home: str
    environment: dict[str, str]


class ScenarioError(AssertionError):
    """A scenario that does not do what it says."""


def missing(scenario: Scenario) -> str:
    """Return why the scenario cannot run on this machine, or nothing."""
    programs = (scenario.shell, *scenario.needs)
    absent = [name for name in programs if not _found(name)]
    if absent:
        return f"not installed: {', '.join(absent)}"
    present = [name for name in scenario.lacks if _found(name)]
    if present:
        return f"installed here: {', '.join(present)}"
    if scenario.language and _spelled(scenario.language) not in _locales():
        return f"no locale {scenario.language}"
    return ""


@contextlib.contextmanager
def failure(scenario: Scenario) -> Iterator[Failure]:
    """Make the scenario's failure in a directory that lives as long as the block."""
    with tempfile.TemporaryDirectory(prefix="live-", ignore_cleanup_errors=True) as top:
        cwd, home = Path(top, "work"), Path(top, "home")
        for directory in (cwd, home):
            directory.mkdir()
        (home / ".gitconfig").write_text(_GIT_CONFIG, "utf-8")
        here = _in_place(scenario, str(cwd), str(home))
        account = ordinary_account()
        if account is not None:
            for path in (Path(top), cwd, home, home / ".gitconfig"):
                os.chown(path, account.pw_uid, account.pw_gid)
        runner = _Runner(here, cwd, home, account)
        try:
            if here.setup:
                setup = ("bash", "--norc", "--noprofile", "-euc", here.setup)
                code, output = runner.run(setup, SETUP_SECONDS)
                if code:
                    raise ScenarioError(f"setup ends with {code}: {_shown(output)}")
            shell = (here.shell, *_SHELLS[here.shell], here.command)
            code, output = runner.run(shell, COMMAND_SECONDS)
            if code == 0:
                raise ScenarioError(f"{here.command!r} succeeds: {_shown(output)}")
            yield Failure(here, code, output, str(cwd), str(home), runner.environment)
        finally:
            runner.end()


class _Runner:
    """Runs programs for one scenario and ends all that they have left behind."""

    def __init__(
        self,
        scenario: Scenario,
        cwd: Path,
        home: Path,
        account: pwd.struct_passwd | None,
    ) -> None:
        user = account.pw_name if account else pwd.getpwuid(os.getuid()).pw_name
        self.environment = {
            "PATH": SEARCH_PATH,
            "HOME": str(home),
            "USER": user,
            "LOGNAME": user,
            "SHELL": f"/bin/{scenario.shell}",
            "TERM": "xterm-256color",
            "LC_ALL": scenario.language or "C.UTF-8",
            # A name that nobody can resolve must not cost five seconds.
            "RES_OPTIONS": "timeout:1 attempts:1",
            **scenario.environment,
        }
        self._cwd = cwd
        self._account = account
        self._groups: list[int] = []

    def run(self, argv: tuple[str, ...], seconds: float) -> tuple[int, bytes]:
        """Return the exit code and the merged output; too much or too long is wrong."""
        # A file, not a pipe: what a setup leaves running may hold it open.
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(
                argv,
                cwd=self._cwd,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=self._account.pw_uid if self._account else None,
                group=self._account.pw_gid if self._account else None,
                extra_groups=[] if self._account else None,
            )
            self._groups.append(process.pid)
            try:
                code = process.wait(seconds)
            except subprocess.TimeoutExpired:
                raise ScenarioError(f"{argv[-1]!r} takes over {seconds} s") from None
            if output.seek(0, os.SEEK_END) > OUTPUT_BYTES:
                raise ScenarioError(f"{argv[-1]!r} prints over {OUTPUT_BYTES} bytes")
            output.seek(0)
            # As a shell reports a signal.
            return (128 - code if code < 0 else code), output.read()

    def end(self) -> None:
        """End every process of this scenario."""
        for group in self._groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)


def _in_place(scenario: Scenario, cwd: str, home: str) -> Scenario:
    """Put the real directories where the scenario says ``{cwd}`` and ``{home}``."""

    def put(text: str) -> str:
        return text.replace("{cwd}", cwd).replace("{home}", home)

    return msgspec.structs.replace(
        scenario,
        command=put(scenario.command),
        setup=put(scenario.setup),
        accept=tuple(map(put, scenario.accept)),
        environment={name: put(value) for name, value in scenario.environment.items()},
    )


def ordinary_account() -> pwd.struct_passwd | None:
    """Return who to be instead of root; None for somebody who is not root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _found(program: str) -> str | None:
    return shutil.which(program, path=SEARCH_PATH)


@functools.cache
def _locales() -> frozenset[str]:
    run = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False)
    return frozenset(map(_spelled, run.stdout.split()))


def _spelled(locale: str) -> str:
    return locale.lower().replace("-", "")


def _shown(output: bytes) -> str:
    return output.decode("utf-8", "replace").strip()[-600:]
