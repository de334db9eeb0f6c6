"""The stress script accounts for every record, and says so."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.e2e, pytest.mark.shells]


def run_stress(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "scripts" / "stress_test.py", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        timeout=110,
    )


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_no_record_is_lost_or_wrong_under_either_preset() -> None:
    done = run_stress("--commands", "30", "--shells", "3", "--json")
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(done.stdout)
    assert [each["preset"] for each in outcomes] == ["base", "optimized"]
    for each in outcomes:
        assert (each["commands"], each["lost"], each["wrong"]) == (30, 0, 0)
        assert 0 < each["p50_ms"] <= each["p95_ms"] <= each["p99_ms"]


@pytest.mark.parametrize("argument", ["0", "10001"])
def test_a_count_without_sense_is_refused(argument: str) -> None:
    done = run_stress("--commands", argument)
    assert done.returncode == 2
    assert "1 to 10000" in done.stderr
