"""The command line as users meet it: one line for what is wrong, never a traceback."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from terminal_ai import __version__, bootstrap, cli, messages
from terminal_ai.config import Resolved, Settings
from terminal_ai.config.settings import leaf_types
from terminal_ai.errors import ShellError

ROOT = Path(__file__).parent.parent


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[object, str, str]:
    """Return exit code, stdout and stderr of the command line run in this process."""
    with pytest.raises(SystemExit) as caught:
        cli.main(list(arguments))
    out, err = capsys.readouterr()
    return caught.value.code, out, err


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Resolved]:
    """There is a terminal; the app that would start in it is only recorded."""
    runs: list[Resolved] = []

    def run_app(resolved: Resolved) -> int:
        runs.append(resolved)
        return 7

    monkeypatch.setattr(cli, "has_terminal", lambda: True)
    monkeypatch.setattr(bootstrap, "run_app", run_app)
    return runs


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version", capsys=capsys) == (0, f"terminal-ai {__version__}\n", "")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_help_shows_every_command(
    language: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", f"{language}_XX.UTF-8")
    for arguments in (["--help"], ["explain", "-h"], ["doctor", "-h"]):
        code, out, err = run(*arguments, capsys=capsys)
        assert (code, err) == (0, "")
        assert "--help" in out
    assert {"explain", "doctor"} <= cli.build_command().commands.keys()


def test_flags_become_settings_and_the_apps_exit_code_ours(
    started: list[Resolved], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("ai: {model: from-file, keep_alive: 1h}")
    code, *_ = run(
        "--config", str(file), "--model", "m", "--host", "h:1", "--offline", "--shell",
        "zsh", "--log-level", "debug", "--optimized", capsys=capsys,
    )  # fmt: skip
    assert code == 7
    (resolved,) = started
    settings = resolved.settings
    assert (settings.ai.model, settings.ai.host) == ("m", "h:1")
    assert (settings.ai.enabled, settings.ai.keep_alive) == (False, "1h")
    assert (settings.shell.command, settings.logging.level) == ("zsh", "debug")
    assert settings.performance.gc_freeze
    assert resolved.file == file


def test_without_flags_nothing_is_overridden(
    started: list[Resolved], capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys=capsys)
    assert started[0].settings == Settings()
    assert set(started[0].origins.values()) == {"default"}


def test_no_optimized_undoes_the_environment(
    started: list[Resolved],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TERMINAL_AI_PERFORMANCE_PRESET", "optimized")
    run(capsys=capsys)
    run("--no-optimized", capsys=capsys)
    first, second = (each.settings.performance.gc_freeze for each in started)
    assert (first, second) == (True, False)


def test_the_files_language_holds_from_then_on(
    started: list[Resolved],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    used: list[str] = []
    monkeypatch.setattr(messages, "use_language", used.append)
    monkeypatch.setenv("TERMINAL_AI_INTERFACE_LANGUAGE", "ko")
    run(capsys=capsys)
    assert started
    assert used == ["auto", "ko"]


def test_print_config_is_yaml_with_an_origin_each(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, err = run("--print-config", "--model", "m", capsys=capsys)
    assert (code, err) == (0, "")
    assert yaml.safe_load(out)["ai"]["model"] == "m"
    assert len([line for line in out.splitlines() if " # " in line]) == len(
        leaf_types()
    )
    assert [line for line in out.splitlines() if line.endswith("# flag")]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--config", "/absent.yaml"],
        ["--log-level", "loud"],
        ["--optimised"],
        ["explane"],
        ["explain"],
        ["explain", "--command", "x", "--output", "/absent"],
        ["explain", "--command", "x", "--exit-code", "many"],
    ],
)
def test_what_is_wrong_is_told_on_stderr_with_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(*arguments, capsys=capsys)
    assert (code, out) == (2, "")
    assert err
    assert "Traceback" not in err


def test_error_and_hint_are_one_line_each_and_harmless(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a\x1b]0;evil\x07.yaml"
    file.write_text("ai: {modle: x}")
    code, _, err = run("--config", str(file), "--print-config", capsys=capsys)
    assert code == 2
    first, second = err.splitlines()
    assert first.startswith("terminal-ai: ")
    assert "ai.modle: unknown setting" in first
    assert second == "  did you mean ai.model?"
    assert not {"\x1b", "\x07"} & set(err)


def test_a_pipe_is_refused_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys=capsys)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "needs a terminal" in err


def test_windows_is_pointed_to_wsl(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "is_windows", lambda: True)
    code, _, err = run("--version", capsys=capsys)
    assert code == 2
    assert "WSL" in err
    assert err.count("\n") == 1


def test_expected_errors_of_the_app_are_sentences(
    started: list[Resolved],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def run_app(_: Resolved) -> int:
        raise ShellError("no shell", hint="install one")

    monkeypatch.setattr(bootstrap, "run_app", run_app)
    code, _, err = run(capsys=capsys)
    assert not started
    assert (code, err) == (2, "terminal-ai: no shell\n  install one\n")


@pytest.mark.usefixtures("started")
def test_an_unexpected_error_goes_to_the_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run_app(_: Resolved) -> int:
        raise ZeroDivisionError("secret=ghp_" + "a" * 36)

    monkeypatch.setattr(bootstrap, "run_app", run_app)
    logged: list[BaseException] = []

    def log_crash(error: BaseException) -> Path:
        logged.append(error)
        return Path("/log")

    monkeypatch.setattr(bootstrap, "log_crash", log_crash)
    code, _, err = run(capsys=capsys)
    assert code == 2
    assert err.splitlines()[1] == "  details: /log"
    assert "Traceback" not in err
    assert len(logged) == 1


# --- real processes


def start(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "terminal_ai", *arguments],
        cwd=ROOT,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
def test_an_answer_that_cannot_be_written_is_no_crash() -> None:
    with Path("/dev/full").open("wb") as full:
        done = start("--print-config", stdout=full)
    assert done.returncode == 2
    assert done.stderr == (
        "terminal-ai: the answer cannot be written: No space left on device\n"
    )


def test_explain_from_flags_and_stdin() -> None:
    done = start(
        "explain", "--command", "gti status", "--exit-code", "127", "--output", "-",
        input="bash: gti: command not found\n",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "git status" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("", 2),
        ("--version", 0),
        ("doctor", 0),
        ("explain --jsonl", 0),
        ("explain --command 'gti status' --exit-code 127 --output -", 0),
    ],
)
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_an_empty_one(
    arguments: str, code: int, closed: str
) -> None:
    options = "--offline" if arguments == "doctor" else ""
    script = f'exec "$0" -m terminal_ai {options} {arguments} {closed} </dev/null'
    if "<&-" in closed:
        script = script.removesuffix(" </dev/null")
    done = subprocess.run(
        ["sh", "-c", script, sys.executable],
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == code
    assert "rror" not in done.stderr


def test_explaining_follows_the_settings_too(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    arguments = ["--config", str(file), "explain", "--command", "gti status"]
    file.write_text("ai: {modle: x}")
    done = start(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "ai.modle" in done.stderr
    file.write_text("interface: {language: ko}")
    done = start(*arguments, env={**os.environ, "LC_ALL": "C"})
    assert done.returncode == 0
    assert re.search("[가-힣]", done.stdout)


def test_explain_as_json() -> None:
    done = start("explain", "--command", "gti status", "--exit-code", "127", "--json")
    answer = json.loads(done.stdout)
    assert answer["suggestions"][0]["command"] == "git status"


def test_json_lines_are_answered_one_by_one_in_any_locale() -> None:
    environ = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0"}
    with subprocess.Popen(
        [sys.executable, "-m", "terminal_ai", "explain", "--jsonl"],
        cwd=ROOT,
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin
        assert process.stdout
        for line in (
            b'{"command": "gti status", "exit_code": 127, "output": "\xed\x95\x9c"}\n',
            b"not json \xff\n",
            b'{"command": "true", "exit_code": 0}\n',
        ):
            process.stdin.write(line)
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            assert "suggestions" in answer or "error" in answer
        process.stdin.close()
        assert process.wait(30) == 0


def test_reader_that_leaves_gets_no_traceback() -> None:
    pipeline = f"{sys.executable} -m terminal_ai --print-config | head -n 1"
    done = subprocess.run(
        ["sh", "-c", pipeline],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("shell:\n", "")


def test_started_from_a_deleted_directory(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f'cd "{gone}" && rmdir "{gone}" && exec "$0" -m terminal_ai "$@"'
    for arguments in (["--version"], ["explain", "--command", "gti status"]):
        done = subprocess.run(
            ["sh", "-c", script, sys.executable, *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        gone.mkdir(exist_ok=True)
        assert (done.returncode, done.stderr) == (0, "")


def test_stdout_alone_as_terminal_is_not_enough() -> None:
    master, slave = pty.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "terminal_ai"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=slave,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(master)
        os.close(slave)
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr


OURS = ("README.md", "CONTRIBUTING.md", *(
    f"docs/{name}.md" for name in ("assistant", "export", "metrics", "performance")
))  # fmt: skip
"""The others show options of other programs as well."""


@pytest.mark.parametrize("document", OURS)
def test_the_options_that_a_document_names_are_there(document: str) -> None:
    code = "\n".join(
        path.read_text()
        for folder in ("terminal_ai", "scripts")
        for path in sorted((ROOT / folder).rglob("*.py"))
    )
    declared = set(re.findall(r'["/](--[a-z][a-z-]+)(?=["/])', code))
    text = (ROOT / document).read_text()
    assert set(re.findall(r"`(--[a-z][a-z-]+)", text)) <= declared
