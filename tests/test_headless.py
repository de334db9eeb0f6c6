"""The advisor without a screen."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from terminal_ai.headless import explaining, reading
from terminal_ai.records import Advice, Risk, Suggestion


def explain(command: str, output: bytes, **options: object) -> str:
    return explaining.explain(
        command,
        exit_code=int(str(options.get("exit_code", 1))),
        output=io.BytesIO(output),
        cwd=str(options.get("cwd", "")) or None,
        as_json=bool(options.get("as_json")),
    )


def test_text_card(tmp_path: Path) -> None:
    (tmp_path / "README.md").touch()
    output = b"cat: READNE.md: No such file or directory"
    lines = explain("cat READNE.md", output, cwd=tmp_path).split("\n")
    assert lines[0] == "READNE.md does not exist."
    assert any(line.startswith("  > cat: READNE.md") for line in lines)
    assert "1. cat README.md  [safe]" in lines


def test_directories_are_told_from_files(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docz.txt").touch()
    output = b"bash: cd: docz: No such file or directory"
    answer = json.loads(explain("cd docz", output, cwd=tmp_path, as_json=True))
    assert answer["suggestions"][0]["command"] == "cd docs"


def test_json() -> None:
    output = b"mkdir: cannot create directory 'a/b': No such file or directory"
    answer = json.loads(explain("mkdir a/b", output, as_json=True))
    (suggestion,) = answer["suggestions"]
    assert suggestion["command"] == "mkdir -p a/b"
    assert suggestion["risk"] == "safe"
    assert suggestion["why"]
    assert 0 < suggestion["confidence"] <= 1
    assert answer["explanation"]


def test_success_says_so() -> None:
    assert "Nothing to explain" in explain("ls", b"", exit_code=0)


def test_risks_are_labelled() -> None:
    advice = Advice(
        "w",
        "y",
        (
            Suggestion("ls", Risk.SAFE, "y", 0.9),
            Suggestion("mv a b", Risk.CAUTION, "because", 0.8),
            Suggestion("rm -r a", Risk.DANGER, "y", 0.7),
        ),
    )
    lines = list(explaining.card(advice))
    assert "1. ls  [safe]" in lines
    assert "2. mv a b  [caution]" in lines
    assert "   because" in lines
    assert "3. rm -r a  [danger]" in lines


@pytest.mark.parametrize("risk", Risk)
def test_json_tells_the_risk(risk: Risk) -> None:
    advice = Advice("w", "y", (Suggestion("x", risk, "", 0.5),))
    assert f'"risk": "{risk.value}"' in json.dumps(explaining.to_json(advice))


def test_text_names_where_to_read_on() -> None:
    advice = Advice("w", "y", see=("man git-push", "npm install --help"))
    assert "Read on: man git-push · npm install --help" in explaining.card(advice)


def test_control_characters_never_reach_the_terminal() -> None:
    text = explain("cat x", b"cat: x\x1b[31m: No such file\x07\xff or directory")
    assert all(line.isprintable() for line in text.split("\n"))


def test_jsonl_answers_line_by_line_and_survives_bad_ones() -> None:
    class Flushed(io.BytesIO):
        flushes = 0

        def flush(self) -> None:
            self.flushes += 1

    good = {"command": "gti status", "exit_code": 127, "output": "", "cwd": "/"}
    lines = [
        json.dumps({**good, "output": "bash: gti: command not found"}).encode(),
        b"not json",
        b'{"command": 3}',
        b"[]",
        b"\xff\xfe",
        b"",
        json.dumps({"command": "true", "exit_code": 0}).encode(),
        json.dumps({"command": "x\ud800", "output": "\ud800"}).encode(),
        json.dumps({"command": "cat x", "cwd": "/a\0b"}).encode(),
        json.dumps({"command": "cat a\0/b"}).encode(),
        b'{"command": "x", "more": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ]
    stdout = Flushed()
    explaining.explain_jsonl(io.BytesIO(b"\n".join(lines)), stdout)
    answers = [json.loads(line) for line in stdout.getvalue().splitlines()]
    assert len(answers) == 10
    assert stdout.flushes == 10
    bad = [*answers[1:5], *answers[6:]]
    assert all("error" in answer and "hint" in answer for answer in bad)
    assert answers[0]["suggestions"]
    assert answers[5]["suggestions"] == []


def test_a_request_without_end_is_refused_and_skipped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(explaining, "READ_LIMIT_BYTES", 40)
    good = b'{"command": "true", "exit_code": 0}'
    lines = [b'{"command": "' + b"x" * 200, good, b"y" * 41, good + b"    ", b"z" * 99]
    stdout = io.BytesIO()
    explaining.explain_jsonl(io.BytesIO(b"\n".join(lines)), stdout)
    answers = [json.loads(line) for line in stdout.getvalue().splitlines()]
    assert ["error" in answer for answer in answers] == [True, False, True, False, True]


def test_long_output_is_bounded() -> None:
    captured = reading.capture(b"x" * (reading.OUTPUT_LIMIT_BYTES + 10))
    assert captured.elided_bytes == 10
    assert len(captured.head) + len(captured.tail) == reading.OUTPUT_LIMIT_BYTES


def test_it_is_light() -> None:
    code = (
        "import sys, terminal_ai.headless.explaining;"
        " print(*{'textual', 'ollama', 'rich', 'sqlite3'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == []
