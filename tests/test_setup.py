"""``scripts/run`` on machines of every kind, with programs that only record."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOOLS = ("cat", "cksum", "dirname", "head", "mkdir", "rm", "sh")
GOOD_PYTHON = """#!/bin/sh
echo "$0 $*" >> "$CALLS"
case "$*" in
    "-m venv"*)
        for last in "$@"; do :; done
        mkdir -p "$last/bin"
        cat "$0" > "$last/bin/python"
        printf '#!/bin/sh\\necho "started $*"\\n' > "$last/bin/terminal-ai"
        chmod +x "$last/bin/python" "$last/bin/terminal-ai" ;;
esac
"""
OLD_PYTHON = (
    '#!/bin/sh\ncase "$1" in --version) echo "Python 3.9.2";; *) exit 1;; esac\n'
)
BARE_PYTHON = '#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; esac\n'
OFFLINE_PYTHON = GOOD_PYTHON + 'case "$*" in *"pip "*) exit 1;; esac\n'


class Machine:
    """A checkout in a directory with a blank in its name, and a PATH of our making."""

    def __init__(self, directory: Path) -> None:
        self.checkout = directory / "my checkout"
        self.programs = directory / "bin"
        self.programs.mkdir()
        self.checkout.mkdir()
        for name in ("scripts", "requirements"):
            shutil.copytree(ROOT / name, self.checkout / name)
        shutil.copy(ROOT / "pyproject.toml", self.checkout)
        for tool in (*TOOLS, "chmod"):
            found = shutil.which(tool)
            assert found
            (self.programs / tool).symlink_to(found)
        self._calls = directory / "calls"

    def install(self, python: str) -> None:
        path = self.programs / "python3"
        path.write_text(python)
        path.chmod(0o755)

    def start(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        self._calls.write_text("")
        return subprocess.run(
            [self.checkout / "scripts" / "run", *arguments],
            cwd="/",
            env={"PATH": str(self.programs), "CALLS": str(self._calls)},
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def installs(self) -> list[str]:
        calls = self._calls.read_text().splitlines()
        return [call.partition(" install ")[2] for call in calls if "pip " in call]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_first_start_installs_by_hash_beside_the_checkout(machine: Machine) -> None:
    machine.install(GOOD_PYTHON)
    done = machine.start("--model", "a b")
    assert (done.returncode, done.stdout) == (0, "started --model a b\n")
    lock, project = machine.installs
    assert "--require-hashes" in lock
    assert "requirements/runtime.lock" in lock
    assert f"--editable {machine.checkout}" in project
    assert "--no-deps" in lock
    assert "--no-deps" in project
    assert (machine.checkout / ".venv").is_dir()


def test_second_start_asks_pip_nothing(machine: Machine) -> None:
    machine.install(GOOD_PYTHON)
    machine.start()
    done = machine.start("x")
    assert (done.stdout, done.stderr) == ("started x\n", "")
    assert machine.installs == []


@pytest.mark.parametrize("name", ["requirements/runtime.lock", "pyproject.toml"])
def test_changed_requirements_are_installed(machine: Machine, name: str) -> None:
    machine.install(GOOD_PYTHON)
    machine.start()
    with (machine.checkout / name).open("a") as file:
        file.write("# changed\n")
    machine.start()
    assert len(machine.installs) == 2
    machine.start()
    assert machine.installs == []


def test_moved_checkout_is_set_up_again(machine: Machine) -> None:
    machine.install(GOOD_PYTHON)
    machine.start()
    machine.checkout = machine.checkout.rename(machine.checkout.with_name("moved"))
    assert machine.start("x").stdout == "started x\n"
    assert len(machine.installs) == 2


def test_failed_installation_is_told_and_tried_again(machine: Machine) -> None:
    machine.install(OFFLINE_PYTHON)
    done = machine.start()
    assert done.returncode == 2
    assert "could not be installed" in done.stderr
    assert "check the network" in done.stderr
    machine.start()
    assert len(machine.installs) == 1


@pytest.mark.parametrize(
    ("python", "message", "hint"),
    [
        (OLD_PYTHON, "needs Python 3.11 or newer; python3 here is: Python 3.9.2",
         "PYTHON=/path/to/python3"),
        (BARE_PYTHON, "lacks venv or ensurepip", "apt install python3-venv"),
        (None, "needs Python 3.11 or newer", "install a newer one"),
    ],
)  # fmt: skip
def test_unfit_python_is_refused_with_a_hint(
    machine: Machine, python: str | None, message: str, hint: str
) -> None:
    if python is not None:
        machine.install(python)
    done = machine.start()
    assert done.returncode == 2
    assert message in done.stderr
    assert hint in done.stderr
    assert not (machine.checkout / ".venv").exists()


def test_somebody_elses_environment_is_never_emptied(machine: Machine) -> None:
    machine.install(GOOD_PYTHON)
    own = machine.checkout / ".venv" / "mine"
    own.parent.mkdir()
    own.touch()
    assert machine.start().returncode == 0
    assert own.exists()


@pytest.mark.parametrize("script", ["scripts/run", "scripts/test", "scripts/setup.sh"])
def test_scripts_are_posix(script: str) -> None:
    shell = shutil.which("dash") or shutil.which("sh")
    assert shell
    subprocess.run([shell, "-n", ROOT / script], check=True)
    text = (ROOT / script).read_text()
    assert "[[" not in text
    assert "local " not in text


def test_scripts_can_be_started() -> None:
    for name in ("scripts/run", "scripts/test", ".ci/run"):
        assert os.access(ROOT / name, os.X_OK), name
