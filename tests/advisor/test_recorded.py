"""Failures recorded from today's tools: the rule that must speak and its first fix."""

import json
from pathlib import Path

import pytest

from terminal_ai.advisor import Advisor

from .conftest import make_record, make_surroundings

RECORDED = Path(__file__).with_name("recorded.jsonl")
CASES = [json.loads(line) for line in RECORDED.read_text("utf-8").splitlines()]
TREE = {
    ".": (
        *("Cargo.txt", "Makefile", "README.md", "a.c", "a.tar.xz", "a.zip", "app.py"),
        *("bad.py", "crlf.sh", "data.json", "docs/", "e.c", "esm.js", "full/"),
        *("index.js", "m.c", "my file.txt", "notes.txt", "package.json", "run.sh"),
        *("server.py", "src/"),
    ),
    "src": ("main.py", "utils/"),
    "src/utils": ("helper.py",),
}


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{c['shell']}:{c['command']}" for c in CASES]
)
def test_recorded(advisor: Advisor, case: dict[str, str]) -> None:
    record = make_record(
        case["command"], case["output"], int(case["exit_code"]), shell=case["shell"]
    )
    advice = advisor.diagnose(record, make_surroundings(TREE))
    first = advice.suggestions[0].command if advice and advice.suggestions else ""
    assert (advice.rule if advice else "", first) == (case["rule"], case["fix"])
