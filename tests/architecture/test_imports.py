"""Import contracts, and imports that must stay deferred in a fresh interpreter."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OPTIONAL_CLIENTS = {"prometheus_client", "redis", "mcp"}
MODEL_CLIENT = {"ollama", "httpx", "pydantic"}
SCREEN = {"textual", "rich.console", "rich.text"}
"""Of Rich the emulator has ``rich.cells``: the measure of what is painted."""


def loaded_after(statement: str) -> set[str]:
    """Return the modules that ``statement`` loads in a new interpreter."""
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return set(run.stdout.split())


def test_the_probe_sees_what_is_loaded() -> None:
    assert "textual" in loaded_after("import textual")


def test_contracts_hold() -> None:
    run = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache", "--no-logo"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_cli_is_light() -> None:
    heavy = SCREEN | MODEL_CLIENT | OPTIONAL_CLIENTS
    heavy |= {"asyncio", "msgspec", "yaml", "rapidfuzz", "psutil", "sqlite3", "pyte"}
    heavy |= {"rich"}
    assert not heavy & loaded_after("import terminal_ai.cli")


@pytest.mark.parametrize(
    "module",
    [
        "bootstrap", "bootstrap.assistance", "headless.explaining", "headless.listing",
        "headless.exporting",
        "export", "doctor", "session", "shell.launch", "advisor",
        "assistant.assistant", "assistant.providers.ollama", "history.history",
        "terminal.terminal", "telemetry.spans", "bootstrap.metrics", "vitals",
        "safety.redact", "config", "records",
    ],
)  # fmt: skip
def test_nothing_below_the_screen_loads_it(module: str) -> None:
    loaded = loaded_after(f"import terminal_ai.{module}")
    assert not (SCREEN | MODEL_CLIENT | OPTIONAL_CLIENTS) & loaded


def test_explaining_needs_neither_the_screen_nor_a_model() -> None:
    loaded = loaded_after(
        "from terminal_ai.cli import build_command\n"
        "build_command().main(['explain', '--command', 'gti status'],"
        " standalone_mode=False)"
    )
    assert "terminal_ai" in loaded
    assert not (SCREEN | MODEL_CLIENT | OPTIONAL_CLIENTS) & loaded


@pytest.mark.parametrize(
    "arguments",
    [
        ["rules", "list", "--family", "git"],
        ["rules", "check"],
        ["rules", "try", "--command", "gti status"],
    ],
)
def test_rules_need_neither_the_screen_nor_a_model(arguments: list[str]) -> None:
    loaded = loaded_after(
        "from terminal_ai.cli import build_command\n"
        "try:\n"
        f"    build_command().main({arguments}, standalone_mode=False)\n"
        "except SystemExit:\n"
        "    pass"
    )
    assert "terminal_ai.advisor.rulebook.book" in loaded
    # Few write rules of their own: who does not, need not load what bounds them.
    light = SCREEN | MODEL_CLIENT | OPTIONAL_CLIENTS | {"regex", "sqlite3", "asyncio"}
    assert not light & loaded


def test_a_report_is_read_by_few_modules() -> None:
    loaded = loaded_after(
        "from terminal_ai.cli import build_command\n"
        "try:\n"
        "    build_command().main(['stats'], standalone_mode=False)\n"
        "except SystemExit:\n"
        "    pass"
    )
    assert "terminal_ai.reports" in loaded
    light = SCREEN | MODEL_CLIENT | OPTIONAL_CLIENTS
    light |= {"asyncio", "sqlite3", "psutil", "terminal_ai.vitals", "cProfile"}
    assert not light & loaded


def test_the_whole_app_loads_no_client_before_it_is_needed() -> None:
    loaded = loaded_after("import terminal_ai.bootstrap.application")
    assert "textual" in loaded
    assert not (MODEL_CLIENT | OPTIONAL_CLIENTS) & loaded


def test_the_first_prompt_waits_for_nothing_that_it_does_not_need() -> None:
    loaded = loaded_after("import terminal_ai.bootstrap.application")
    later = {"markdown_it", "pyte", "rapidfuzz", "yaml"}
    later |= {"terminal_ai.advisor.examiner", "terminal_ai.headless.stats"}
    assert not later & loaded


def test_utils_is_ours_wherever_we_are_started(tmp_path: Path) -> None:
    trap = 'raise SystemExit("the utils of the working directory was imported")'
    for place in (tmp_path / "file", tmp_path / "package" / "utils"):
        place.mkdir(parents=True)
    (tmp_path / "file" / "utils.py").write_text(trap)
    for name in ("__init__", "profiler", "memory_optimizer"):
        (tmp_path / "package" / "utils" / f"{name}.py").write_text(trap)
    environ = {
        "PYTHONPATH": f".:{ROOT}",
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
    }
    starts = (
        ["-m", "terminal_ai", "--version"],
        ["-m", "terminal_ai", "--print-config"],
        ["-c", "import terminal_ai, utils.profiler"],
        ["-c", "import terminal_ai.cli, utils.memory_optimizer"],
    )
    for cwd in (tmp_path / "file", tmp_path / "package"):
        for start in starts:
            run = subprocess.run(
                [sys.executable, *start],
                cwd=cwd,
                env=environ,
                capture_output=True,
                text=True,
                check=False,
            )
            assert (run.returncode, run.stderr) == (0, ""), (cwd, start)


def test_utils_trap_works(tmp_path: Path) -> None:
    """Without the pin the trap above would have been sprung."""
    (tmp_path / "utils.py").write_text('raise SystemExit("trap")')
    run = subprocess.run(
        [sys.executable, "-c", "import utils"],
        cwd=tmp_path,
        env={"PYTHONPATH": f".:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stderr == "trap\n"


def test_user_modules_do_not_replace_ours(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text('raise SystemExit("the user\'s click ran")')
    run = subprocess.run(
        [sys.executable, "-m", "terminal_ai", "--version"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
