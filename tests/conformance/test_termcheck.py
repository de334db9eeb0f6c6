"""The external conformance suites, each with the floor that was reached."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SHARED

ROOT = Path(__file__).parents[2]
TOOL = SHARED / "tools" / "termcheck.py"
RECORDINGS = SHARED / "data" / "alacritty-ref"
CORES = {
    "fast": "tests.conformance.adapter:make_core",
    "pyte": "tests.conformance.adapter:make_pyte_core",
}

GAPS_FLOOR = 208
ALACRITTY_FLOOR = 26
"""Of 27: ``selective_erasure`` was recorded without DECSED, which xterm obeys."""

CHUNKS_FLOOR = 28

pytestmark = [
    pytest.mark.skipif(
        not TOOL.exists(), reason="the conformance suites are not beside this checkout"
    ),
    pytest.mark.parametrize("parser", CORES),
]


def last_line(parser: str, *arguments: str) -> str:
    run = subprocess.run(
        [sys.executable, str(TOOL), *arguments, "--core", CORES[parser]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout.strip().splitlines()[-1]


def number(pattern: str, line: str) -> int:
    match = re.search(pattern, line)
    assert match, line
    return int(match[1])


def test_feature_probes(parser: str) -> None:
    assert number(r"total (\d+)/", last_line(parser, "gaps")) >= GAPS_FLOOR


def test_recorded_sessions_end_in_the_recorded_grid(parser: str) -> None:
    line = last_line(parser, "alacritty", str(RECORDINGS))
    assert number(r"all (\d+)", line) >= ALACRITTY_FLOOR


def test_recorded_sessions_do_not_depend_on_chunks(parser: str) -> None:
    line = last_line(parser, "chunks", str(RECORDINGS), "--limit", "4000")
    assert number(r"chunks: (\d+) of", line) >= CHUNKS_FLOOR
