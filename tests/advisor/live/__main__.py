"""Score the advisor on live scenarios: ``python -m tests.advisor.live [PATH…]``."""

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path

from .asking import ask, first_suggestion
from .failing import ScenarioError, failure, missing
from .scenario import SCENARIOS, Scenario, read_scenarios, without_marks


def main() -> int:
    """Print the score by family, or with ``--show`` only the failures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, default=[SCENARIOS])
    parser.add_argument("-v", "--verbose", action="store_true", help="print misses")
    parser.add_argument("--show", action="store_true", help="only make the failures")
    parser.add_argument("--only", default="", help="a part of the ids to run")
    parser.add_argument(
        "--unmark", action="store_true", help="take `missed` from what is right"
    )
    parser.add_argument("--json", type=Path, help="write one line a scenario there")
    options = parser.parse_args()
    scores: dict[str, list[bool]] = defaultdict(list)
    lines: list[str] = []
    mended: set[str] = set()
    broken = 0
    for scenario in read_scenarios(options.paths):
        if options.only not in scenario.id:
            continue
        if why := missing(scenario):
            _say(f"skipped {scenario.id}: {why}")
            continue
        try:
            right, line = _one(scenario, show=options.show)
        except ScenarioError as error:
            _say(f"BROKEN {scenario.id}: {error}")
            broken += 1
            continue
        if options.show or (options.verbose and not right):
            _say(line["text"])
        if right and scenario.missed:
            mended.add(scenario.id)
        scores[scenario.family].append(right)
        lines.append(json.dumps(line["record"], ensure_ascii=False))
    if options.unmark:
        without_marks(options.paths, mended)
    if options.json:
        options.json.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    if not options.show:
        for family, results in sorted(scores.items()):
            _say(f"{family:12} {sum(results):4} of {len(results):4}")
        every = [right for results in scores.values() for right in results]
        _say(f"{'all':12} {sum(every):4} of {len(every):4}")
    return 1 if broken else 0


def _one(scenario: Scenario, *, show: bool) -> tuple[bool, dict[str, object]]:
    with failure(scenario) as made:
        output = made.output.decode("utf-8", "replace")
        text = (
            f"--- {scenario.id} [{made.exit_code}] $ {made.scenario.command}\n{output}"
        )
        accept = list(made.scenario.accept)
        if show:
            return True, {"text": f"{text}=> {accept}", "record": {}}
        advice = ask(made)
        suggestion = first_suggestion(advice)
        right = made.scenario.accepts(suggestion)
    rule = advice.rule if advice else ""
    return right, {
        "text": f"{text}=> {suggestion!r} by {rule}, not {accept}\n",
        "record": {
            "id": scenario.id,
            "family": scenario.family,
            "right": right,
            "suggestion": suggestion,
            "rule": rule,
        },
    }


def _say(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
