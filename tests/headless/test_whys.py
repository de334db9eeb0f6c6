"""``terminal-ai history --why``."""

import json
from pathlib import Path

import pytest

from terminal_ai.records import CommandRecord
from tests.assistant.conftest import ollama_server
from tests.export.making import make_record
from tests.headless.conftest import Run, keep
from tests.ollama_server import OllamaServer

__all__ = ["ollama_server"]

OTHER = "The command ended with an error."


@pytest.fixture
def server(
    ollama_server: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> OllamaServer:
    monkeypatch.setenv("OLLAMA_HOST", ollama_server.url)
    monkeypatch.setenv("TERMINAL_AI_AI_MODEL", "tiny")
    monkeypatch.setenv("TERMINAL_AI_AI_RETRIES", "0")
    return ollama_server


@pytest.fixture
def failures(path: Path) -> list[CommandRecord]:
    """A command that worked, two that the advisor knows, two that it does not."""
    records = [
        make_record(1, "make all", b"built\r\n", exit_code=0),
        make_record(2, "gti status", b"bash: gti: command not found\n", exit_code=127),
        make_record(3, "tool one", b"tool: bolt 7 is loose\n", exit_code=3),
        make_record(4, "tool two", b"tool: nut 9 is gone\n", exit_code=3),
    ]
    keep(path, *records)
    return records


def test_the_advisor_first_and_one_request_for_the_rest(
    run: Run, server: OllamaServer, failures: list[CommandRecord]
) -> None:
    code, out, err = run("history", "--why")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert [line.strip() for line in lines if "↳" in line] == [
        f"↳ {OTHER}", f"↳ {OTHER}", "↳ gti was not found.",
    ]  # fmt: skip
    assert lines[0].endswith("tool two")
    assert "↳" in lines[1]
    assert lines[-1].endswith("make all")
    (chat,) = server.chats
    body = chat.body.decode()
    assert "bolt 7" in body
    assert "nut 9" in body
    assert "gti" not in body


@pytest.mark.parametrize("form", ["--json", "--jsonl"])
def test_json_says_who_says_it(
    run: Run, server: OllamaServer, failures: list[CommandRecord], form: str
) -> None:
    _, out, _ = run("history", form, "--why")
    found = (
        json.loads(out)
        if form == "--json"
        else [json.loads(line) for line in out.splitlines()]
    )
    assert [(one["why_source"], one["exit_code"]) for one in found] == [
        ("tiny", 3), ("tiny", 3), ("advisor", 127), (None, 0),
    ]  # fmt: skip
    assert found[-1]["why"] is None
    assert "why" not in json.loads(run("history", "--json")[1])[0]


def test_offline_says_so_and_still_lists(
    run: Run, server: OllamaServer, failures: list[CommandRecord]
) -> None:
    code, out, err = run("--offline", "history", "--why")
    assert code == 0
    assert out.count("↳") == 1
    assert "The model is off." in err
    assert "2 failures stay without a reason" in err
    assert server.requests == []


def test_a_service_that_is_down_costs_only_its_own_lines(
    run: Run, failures: list[CommandRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")
    monkeypatch.setenv("TERMINAL_AI_AI_RETRIES", "0")
    code, out, err = run("history", "--why")
    assert code == 0
    assert out.count("↳") == 1
    assert err.count("ollama serve") == 1


def test_where_all_worked_nobody_is_asked(
    run: Run, server: OllamaServer, path: Path
) -> None:
    keep(path, make_record(1, "ls", exit_code=0))
    assert run("history", "--why")[0] == 0
    assert server.requests == []
