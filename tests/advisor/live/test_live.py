"""Each scenario: make the failure, ask the advisor, compare its first suggestion."""

from collections import Counter

import pytest

from .asking import ask, first_suggestion
from .failing import failure, missing
from .scenario import Scenario, read_scenarios

AT_LEAST = 150
ANSWERED_SHARE = 0.85

SCENARIOS_OF_ALL = tuple(read_scenarios())


@pytest.mark.parametrize("scenario", SCENARIOS_OF_ALL, ids=lambda each: each.id)
def test_live(scenario: Scenario) -> None:
    if why := missing(scenario):
        pytest.skip(why)
    with failure(scenario) as made:
        advice = ask(made)
        suggestion = first_suggestion(advice)
        right = made.scenario.accepts(suggestion)
    context = (
        f"$ {made.scenario.command}\n{made.output.decode('utf-8', 'replace')}\n"
        f"[exit {made.exit_code}, rule {advice.rule if advice else None}]\n"
        f"suggests {suggestion!r}, right is one of {list(made.scenario.accept)}"
    )
    if scenario.missed:
        assert not right, f"no longer missed, remove the mark\n{context}"
    else:
        assert right, context


def test_no_two_scenarios_share_a_name() -> None:
    counts = Counter(scenario.id for scenario in SCENARIOS_OF_ALL)
    assert [name for name, count in counts.items() if count > 1] == []


def test_enough_failures_are_answered() -> None:
    runnable = [each for each in SCENARIOS_OF_ALL if not missing(each)]
    answered = [each for each in runnable if not each.missed]
    assert len(SCENARIOS_OF_ALL) >= AT_LEAST
    assert len(answered) >= ANSWERED_SHARE * len(runnable)
