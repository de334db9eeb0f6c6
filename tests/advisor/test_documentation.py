"""What docs/advisor.md says of the rules is so."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_family_is_documented_with_no_more_rules_than_it_has() -> None:
    check = [sys.executable, str(ROOT / "scripts" / "advisor_figures.py"), "--check"]
    run = subprocess.run(check, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "")
