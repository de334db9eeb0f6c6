"""The fuzzer that runs for longer: it goes on, and makes failures small."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.fuzz import minimise
from tests.fuzz.choices import RandomChoices
from tests.fuzz.session import Step, steps

SCRIPT = Path(__file__).parents[2] / "scripts" / "fuzz.py"


def test_the_next_run_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    progress = tmp_path / "progress.json"
    for runs in (1, 2):
        run = subprocess.run(
            [
                *(sys.executable, str(SCRIPT), "--streams", str(runs * 2000)),
                *("--progress", str(progress)),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout + run.stderr
        done = json.loads(progress.read_text())
        assert done["next_seed"] == runs * 250
        assert done["streams"] == runs * 2000


def test_a_failing_session_is_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    def failure(session: Sequence[Step]) -> str:
        return "bad" if any(b"\x1b[3" in step.data for step in session) else ""

    monkeypatch.setattr(minimise, "failure", failure)
    session = next(
        found
        for seed in range(100)
        if failure(found := list(steps(RandomChoices(seed))))
    )
    (step,) = minimise.minimised(session)
    assert step.data == b"\x1b[3"
    assert step.size is None


def test_what_goes_wrong_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_session: object, _step: Step) -> None:
        raise IndexError("column 9\nof 8")

    assert minimise.failure([Step(b"x", ())]) == ""
    monkeypatch.setattr("tests.fuzz.session.Session.run", run)
    assert minimise.failure([Step(b"x", ())]) == "IndexError in run: column 9"
