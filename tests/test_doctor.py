"""The doctor: what stops a start is a fault, what only makes it poorer a note."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from wcwidth import wcswidth

from terminal_ai import doctor, messages
from terminal_ai.assistant.providers.scripted import ScriptedProvider
from terminal_ai.config import (
    Resolved,
    load_settings,
    runtime_directory,
    state_directory,
)
from terminal_ai.doctor import Finding, Verdict
from terminal_ai.errors import ConfigError, ServiceUnavailableError
from tests.redis_server import RedisServer
from tests.redis_server.fixtures import redis_server

__all__ = ["redis_server"]

ENVIRON = {"TERM": "xterm-256color", "PATH": "/usr/bin:/bin", "SHELL": "/bin/bash"}


class SilentProvider(ScriptedProvider):
    """A service that accepts and never says anything."""

    async def version(self) -> str:
        raise TimeoutError


def resolve(**flags: object) -> Resolved:
    dotted = {key.replace("__", "."): value for key, value in flags.items()}
    return load_settings(environ={}, flags=dotted)


def ready_service() -> ScriptedProvider:
    return ScriptedProvider(installed=["qwen2.5-coder:3b"])


def findings(
    settings: Resolved | ConfigError | None = None,
    environ: dict[str, str] | None = None,
    service: ScriptedProvider | None = None,
) -> dict[str, Finding]:
    report = doctor.examine(
        resolve() if settings is None else settings,
        ENVIRON if environ is None else environ,
        make_provider=lambda _: service or ready_service(),
    )
    return {each.name: each for each in report.findings}


def shell_that_says(tmp_path: Path, name: str, version: str) -> Resolved:
    program = tmp_path / name
    program.write_text(f"#!/bin/sh\necho '{version}'\n")
    program.chmod(0o755)
    return resolve(shell__command=str(program))


# --- model


def test_ready_model_is_fine() -> None:
    found = findings()
    assert found["ollama"].verdict is found["model"].verdict is Verdict.OK
    assert "0.0.0" in found["ollama"].detail


def test_missing_model_names_the_command_that_brings_it() -> None:
    found = findings(service=ScriptedProvider(installed=["other:latest"]))
    assert found["model"].verdict is Verdict.NOTE
    assert found["model"].remedy == "ollama pull qwen2.5-coder:3b"


@pytest.mark.parametrize(
    "service",
    [
        ScriptedProvider(failure=ServiceUnavailableError("nobody", hint="start it")),
        SilentProvider(),
    ],
)
def test_absent_service_is_a_note_and_the_connection_is_closed(
    service: ScriptedProvider,
) -> None:
    found = findings(service=service)
    assert found["ollama"].verdict is Verdict.NOTE
    assert found["ollama"].detail
    assert found["ollama"].remedy
    assert "model" not in found
    assert service.is_closed


def test_offline_asks_nobody() -> None:
    service = SilentProvider()
    found = findings(resolve(ai__enabled=False), service=service)
    assert found["ollama"].verdict is Verdict.NOTE
    assert not service.is_closed


def test_a_service_that_is_not_there_is_found_out_quickly_for_real() -> None:
    settings = resolve(ai__host="http://127.0.0.1:9")
    report = doctor.examine(settings, ENVIRON)
    found = {each.name: each for each in report.findings}
    assert found["ollama"].verdict is Verdict.NOTE


# --- what leaves this machine


def test_a_remote_host_is_told_with_how_it_is_reached() -> None:
    plain = resolve(ai__host="http://gpu.lan:11434", ai__allow_remote_host=True)
    found = findings(plain)["remote"]
    assert found.verdict is Verdict.NOTE
    assert "gpu.lan:11434" in found.detail
    assert "https" in found.remedy
    encrypted = resolve(ai__host="https://gpu.lan", ai__allow_remote_host=True)
    found = findings(encrypted)["remote"]
    assert "gpu.lan:443" in found.detail
    assert not found.remedy
    away = ScriptedProvider(failure=ServiceUnavailableError("nobody", hint="start it"))
    assert "remote" in findings(plain, service=away)


def test_a_cloud_model_is_told_whether_it_is_allowed_or_not() -> None:
    service = ScriptedProvider(installed=["x:cloud"])
    refused = findings(resolve(ai__model="x:cloud"), service=service)
    assert refused["model"].verdict is Verdict.NOTE
    assert "refused" in refused["model"].detail
    assert "remote" not in refused
    allowed = resolve(ai__model="x:cloud", ai__allow_cloud=True)
    found = findings(allowed, service=service)
    assert found["model"].verdict is Verdict.OK
    assert "ollama.com" in found["remote"].detail


def test_nothing_is_said_of_what_is_local_and_not_shared() -> None:
    assert not {"remote", "team"} & findings().keys()


def test_what_keeps_a_teams_answers_away_is_told_without_its_password() -> None:
    url = "redis://:hunter2hunter2@127.0.0.1:9"
    settings = resolve(team_cache__url=url)
    without = findings(settings)["team"]
    assert without.verdict is Verdict.NOTE
    assert "TERMINAL_AI_TEAM_KEY" in without.detail
    secret = {"TERMINAL_AI_TEAM_KEY": "a secret of the team"}
    away = findings(settings, {**ENVIRON, **secret})["team"]
    assert away.verdict is Verdict.NOTE
    wrong = findings(resolve(team_cache__url=f"{url}/x"))["team"]
    assert wrong.verdict is Verdict.NOTE
    for found in (without, away, wrong):
        assert "hunter2" not in f"{found}"
        assert found.remedy


def test_a_team_that_shares_is_told_where(redis_server: RedisServer) -> None:
    environ = {**ENVIRON, "TERMINAL_AI_TEAM_KEY": "a secret of the team"}
    found = findings(resolve(team_cache__url=redis_server.url), environ)["team"]
    assert found.verdict is Verdict.OK
    assert str(redis_server.port) in found.detail


# --- shell


@pytest.mark.parametrize(
    ("name", "version", "verdict"),
    [
        ("bash", "GNU bash, version 5.2.15(1)-release", Verdict.OK),
        ("bash", "GNU bash, version 3.2.57(1)-release", Verdict.NOTE),
        ("zsh", "zsh 5.9 (x86_64)", Verdict.OK),
        ("zsh", "zsh 5.0.8 (x86_64)", Verdict.NOTE),
        ("fish", "fish, version 3.1.2", Verdict.NOTE),
        ("fish", "fish, version 4.0.0", Verdict.OK),
        ("sh", "", Verdict.NOTE),
        ("nushell", "0.9", Verdict.NOTE),
    ],
)
def test_shells_and_their_ages(
    tmp_path: Path, name: str, version: str, verdict: Verdict
) -> None:
    shell = findings(shell_that_says(tmp_path, name, version))["shell"]
    assert shell.verdict is verdict
    assert bool(shell.remedy) == (verdict is not Verdict.OK)


def test_shell_that_does_not_exist_is_a_fault() -> None:
    shell = findings(resolve(shell__command="/absent/shell"))["shell"]
    assert shell.verdict is Verdict.FAULT
    assert shell.remedy


def test_integration_switched_off_is_noted() -> None:
    assert findings(resolve(shell__integration=False))["shell"].verdict is Verdict.NOTE


# --- terminal and locale


@pytest.mark.parametrize("term", ["", "dumb"])
def test_no_terminal_to_draw_on_is_a_fault(term: str) -> None:
    assert findings(environ={**ENVIRON, "TERM": term})["terminal"].verdict is (
        Verdict.FAULT
    )


@pytest.mark.parametrize(
    ("size", "colorterm", "terminal", "colours"),
    [
        ((120, 40), "truecolor", Verdict.OK, Verdict.OK),
        ((79, 24), "", Verdict.NOTE, Verdict.NOTE),
        ((80, 23), "24bit", Verdict.NOTE, Verdict.OK),
    ],
)
def test_size_and_colours(
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
    colorterm: str,
    terminal: Verdict,
    colours: Verdict,
) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda *_: os.terminal_size(size))
    for stream in ("stdin", "stdout"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True)
    found = findings(environ={**ENVIRON, "COLORTERM": colorterm})
    assert (found["terminal"].verdict, found["colours"].verdict) == (terminal, colours)


@pytest.mark.parametrize(
    ("encoding", "verdict"),
    [("UTF-8", Verdict.OK), ("utf8", Verdict.OK), ("ISO-8859-1", Verdict.NOTE),
     ("no-such", Verdict.NOTE)],
)  # fmt: skip
def test_locale(
    monkeypatch: pytest.MonkeyPatch, encoding: str, verdict: Verdict
) -> None:
    monkeypatch.setattr(doctor, "locale", SimpleNamespace(getencoding=lambda: encoding))
    assert findings()["locale"].verdict is verdict


@pytest.mark.parametrize(
    ("name", "verdict"), [("C", "note"), ("POSIX", "note"), ("C.UTF-8", "ok")]
)
def test_the_locale_is_the_one_the_shell_will_see(name: str, verdict: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "terminal_ai", "--offline", "doctor", "--json"],
        cwd=Path(__file__).parent.parent,
        env={**ENVIRON, "HOME": os.environ["HOME"], "LC_ALL": name},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    checks = {each["name"]: each for each in json.loads(done.stdout)["checks"]}
    assert checks["locale"]["verdict"] == verdict


# --- directories and config


@pytest.mark.parametrize("place", [state_directory, runtime_directory])
def test_files_others_may_read_are_a_fault(place: Callable[[], Path]) -> None:
    name = place.__name__.partition("_")[0]
    file = place() / "some"
    file.touch(mode=0o600)
    assert findings()[name].verdict is Verdict.OK
    file.chmod(0o640)
    found = findings()[name]
    assert found.verdict is Verdict.FAULT
    assert found.remedy == f"chmod go= {file}"


def test_planted_link_is_a_fault(tmp_path: Path) -> None:
    directory = state_directory()
    directory.rmdir()
    directory.symlink_to(tmp_path)
    assert findings()["state"].verdict is Verdict.FAULT


def test_config_others_may_change_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("ai: {}")
    file.chmod(0o600)
    assert (
        findings(load_settings(file=file, environ={}))["config"].verdict is Verdict.OK
    )
    file.chmod(0o666)
    found = findings(load_settings(file=file, environ={}))["config"]
    assert found.verdict is Verdict.FAULT
    assert found.remedy == f"chmod go-w {file}"


def test_broken_config_is_a_finding_among_others() -> None:
    found = findings(ConfigError("c.yaml:1: wrong", hint="mend it"))
    assert found["config"] == Finding(
        "config", Verdict.FAULT, "c.yaml:1: wrong", "mend it"
    )
    assert {"terminal", "state"} <= found.keys()


# --- report


def test_report_is_harmless_text_and_plain_json() -> None:
    report = doctor.Report(
        (
            Finding("a", Verdict.OK, "fine"),
            Finding("b", Verdict.FAULT, "bad \x1b[31m", "do this"),
        )
    )
    assert "\x1b" not in report.as_text()
    assert report.as_text().splitlines()[0].split() == ["ok", "a", "fine"]
    assert report.as_text().splitlines()[2].strip() == "→ do this"
    loaded = json.loads(report.as_json())
    assert loaded["usable"] is report.is_usable is False
    assert loaded["checks"][1]["verdict"] == "fault"
    assert doctor.Report(report.findings[:1]).is_usable


def test_report_lines_up_in_a_language_of_wide_letters() -> None:
    report = doctor.Report(
        (
            Finding("program", Verdict.OK, "fine"),
            Finding("shell", Verdict.NOTE, "fine"),
            Finding("ollama", Verdict.FAULT, "fine"),
        )
    )
    messages.use_language("ko")
    try:
        starts = [line.split("fine")[0] for line in report.as_text().splitlines()]
    finally:
        messages.use_language("en")
    assert {wcswidth(start) for start in starts} == {15}
    assert json.loads(report.as_json())["checks"][1]["name"] == "shell"
