"""Score thefuck on the live scenarios beside the advisor, by family.

    python -m venv /tmp/thefuck
    /tmp/thefuck/bin/pip install thefuck 'setuptools<81'   # Python 3.11 or older
    python scripts/peers/thefuck_live.py /tmp/thefuck/bin/python [PATH…]

thefuck is no dependency of ours. It gets the output that the scenario captured, in
the scenario's directory and environment, as the same user; used by hand it would run
the failed line a second time to read its output. Both are judged by the first
suggestion. Prints a Markdown table.
"""

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.advisor.live.asking import ask, first_suggestion  # noqa: E402
from tests.advisor.live.failing import (  # noqa: E402
    SEARCH_PATH,
    Failure,
    ScenarioError,
    failure,
    missing,
    ordinary_account,
)
from tests.advisor.live.scenario import SCENARIOS, read_scenarios  # noqa: E402

DRIVER = Path(__file__).with_name("thefuck_driver.py")
ASKED = ("advisor", "thefuck, default rules", "thefuck, all rules")


def main() -> None:
    """Ask all three about every scenario that can run here."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python", help="the Python of an environment with thefuck")
    parser.add_argument("paths", nargs="*", type=Path, default=[SCENARIOS])
    options = parser.parse_args()
    default = Peer(options.python, "default")
    every = Peer(options.python, "all")
    right: dict[str, list[list[bool]]] = defaultdict(list)
    silent_where_nothing: list[list[bool]] = []
    for scenario in read_scenarios(options.paths):
        if missing(scenario):
            continue
        try:
            with failure(scenario) as made:
                answers = (
                    first_suggestion(ask(made)),
                    default.first(made),
                    every.first(made),
                )
                judged = [made.scenario.accepts(answer) for answer in answers]
        except ScenarioError as error:
            print(f"{scenario.id}: {error}", file=sys.stderr)
            continue
        right[scenario.family].append(judged)
        if not scenario.accept:
            silent_where_nothing.append(judged)
    _print_table(right, silent_where_nothing)


class Peer:
    """thefuck, kept running; it is not root where the scenarios are not."""

    def __init__(self, python: str, rules: str) -> None:
        account = ordinary_account()
        self._process = subprocess.Popen(
            [python, "-c", DRIVER.read_text("utf-8"), "--rules", rules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd="/",
            env={"PATH": SEARCH_PATH, "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"},
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )

    def first(self, made: Failure) -> str:
        """Return the first correction, or nothing."""
        request = {
            "command": made.scenario.command,
            "output": made.output.decode("utf-8", "replace"),
            "cwd": made.cwd,
            "environment": made.environment,
        }
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps(request), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit("thefuck ended; is it installed in that environment?")
        answers = json.loads(answer)
        return answers[0] if answers else ""


def _print_table(
    right: dict[str, list[list[bool]]], silent_where_nothing: list[list[bool]]
) -> None:
    print(f"| family | scenarios | {' | '.join(ASKED)} |")
    print("|---|--:|--:|--:|--:|")
    for family, judged in sorted(right.items()):
        _print_row(family, judged)
    _print_row("**all**", [each for judged in right.values() for each in judged])
    _print_row("of these, nothing to suggest", silent_where_nothing)


def _print_row(name: str, judged: list[list[bool]]) -> None:
    if judged:
        shares = (
            100 * sum(column) / len(judged) for column in zip(*judged, strict=True)
        )
        cells = " | ".join(f"{share:.0f} %" for share in shares)
        print(f"| {name} | {len(judged)} | {cells} |")


if __name__ == "__main__":
    main()
