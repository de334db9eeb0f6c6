"""The workload of the benchmark, as it is measured."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_repeats_hit_and_look_alikes_do_not() -> None:
    run = subprocess.run(
        [sys.executable, "scripts/bench.py", "--only", "replay", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    rows = json.loads(run.stdout)
    found = {row["name"]: row for row in rows}
    assert found["replay: asks"]["ours"] >= 300
    assert found["replay: hits"]["ratio"] >= 0.95
    assert found["replay: wrong hits"]["ours"] == 0
    others = {row["base_name"]: row["base"] for row in rows if "wrong" in row["name"]}
    assert others["last command"] > 0
    assert others["exact failure"] > 0
