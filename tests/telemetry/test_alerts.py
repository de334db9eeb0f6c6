import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.telemetry.alerts import (
    PAST_LIMIT,
    SUBJECTS_LIMIT,
    Alert,
    AlertRule,
    Alerts,
    Signal,
    rules,
)

RISING = AlertRule(Signal.CPU, raised_at=80.0, cleared_at=50.0, seconds=3.0)
CPU = (Signal.CPU, "")


class Watched:
    """Alerts, a clock that is moved on by hand, and what was told."""

    def __init__(self, *rules: AlertRule) -> None:
        self.now = 0.0
        self.told: list[Alert] = []
        self.alerts = Alerts(
            rules,
            tell=self.told.append,
            clock=lambda: self.now,
            now=lambda: 1e9 + self.now,
        )

    def see(self, value: float | None, key: tuple[Signal, str] = CPU) -> None:
        """Take a value, and let a second pass."""
        self.alerts.check({} if value is None else {key: value})
        self.now += 1

    def episodes(self) -> list[tuple[float, float | None]]:
        return [(alert.raised_at, alert.cleared_at) for alert in self.told]


def test_an_alert_is_raised_once_and_cleared_once() -> None:
    watched = Watched(RISING)
    for value in (90, 10, 90, 90, 90):
        watched.see(value)
    # Not long enough yet: three seconds have not passed since it became bad for good.
    assert not watched.told
    for value in (95, 90, 60, 79, 85, 40, 45):
        watched.see(value)
    assert len(watched.told) == 1
    (alert,) = watched.alerts.current
    assert (alert.raised_at, alert.worst) == (1e9 + 5, 95)
    for value in (60, 40, 40, 40, 40, 40):
        watched.see(value)
    assert not watched.alerts.current
    assert [alert.cleared_at for alert in watched.told] == [None, 1e9 + 16]
    assert watched.alerts.past == (watched.told[1],)
    assert watched.alerts.raised_count == 1


@given(st.lists(st.one_of(st.none(), st.floats(0, 100)), max_size=80))
def test_episodes_follow_from_the_values_alone(values: list[float | None]) -> None:
    """Against a plain rule: bad for four looks raises, well for four looks clears."""
    watched, looks = Watched(RISING), 4
    expected: list[str] = []
    is_raised, run = False, 0
    for value in values:
        watched.see(value)
        if is_raised:
            run = run + 1 if value is None or value <= 50 else 0
        else:
            run = run + 1 if value is not None and value >= 80 else 0
        if run == looks:
            is_raised, run = not is_raised, 0
            expected.append("raised" if is_raised else "cleared")
        assert bool(watched.alerts.current) is is_raised
    found = [
        "raised" if each.cleared_at is None else "cleared" for each in watched.told
    ]
    assert found == expected


@given(st.lists(st.floats(50.001, 100), min_size=1, max_size=50))
def test_between_the_levels_an_alert_neither_repeats_nor_ends(
    values: list[float],
) -> None:
    watched = Watched(RISING)
    for value in (90.0,) * 4 + tuple(values):
        watched.see(value)
    assert [alert.cleared_at for alert in watched.told] == [None]
    assert watched.alerts.current[0].worst == max(90.0, *values)


def test_what_is_no_number_or_has_no_rule_is_left_alone() -> None:
    watched = Watched(RISING)
    for _ in range(9):
        watched.see(math.nan)
        watched.see(1.0, (Signal.MEMORY, ""))
    assert not watched.told


def test_each_subject_has_its_own_episodes_and_their_number_is_bounded() -> None:
    rule = AlertRule(Signal.SLOW_OPERATION, 1.0, 0.5, seconds=0.0)
    watched = Watched(rule)
    names = [f"work{number:02}" for number in range(SUBJECTS_LIMIT + 9)]
    readings = {(Signal.SLOW_OPERATION, name): 2.0 for name in names}
    watched.alerts.check(readings)
    assert len(watched.alerts.current) == SUBJECTS_LIMIT
    watched.alerts.check({})
    assert not watched.alerts.current
    assert len(watched.alerts.past) == SUBJECTS_LIMIT


def test_the_past_is_bounded_and_the_newest_comes_first() -> None:
    watched = Watched(AlertRule(Signal.CPU, 80.0, 50.0, seconds=0.0))
    for _ in range(PAST_LIMIT + 5):
        watched.see(99)
        watched.see(0)
    past = watched.alerts.past
    assert len(past) == PAST_LIMIT
    assert [each.raised_at for each in past] == sorted(
        (each.raised_at for each in past), reverse=True
    )
    assert watched.alerts.raised_count == PAST_LIMIT + 5


@pytest.mark.parametrize("signal", Signal)
def test_each_signal_has_a_rule_and_a_text(signal: Signal) -> None:
    (rule,) = [rule for rule in rules(2.0) if rule.signal is signal]
    # Well and bad never hold at once, and there is room between the two.
    assert rule.is_bad(rule.raised_at)
    assert not rule.is_well(rule.raised_at)
    assert rule.is_well(rule.cleared_at)
    assert not rule.is_bad(rule.cleared_at)
    text = Alert(signal, "ui.paint", rule.raised_at, rule.raised_at, 0.0).text
    assert any(character.isdigit() for character in text)
    assert text.endswith(".")
    assert "{" not in text


def test_texts_say_how_bad_it_is() -> None:
    def text(signal: Signal, limit: float, worst: float) -> str:
        return Alert(signal, "history.write", limit, worst, 0.0).text

    assert text(Signal.LOOP_LAG, 0.1, 0.31) == (
        "The app reacts 310 ms late (limit 100 ms)."
    )
    assert text(Signal.ERROR_RATE, 0.2, 0.5) == (
        "50% of the operations fail (limit 20%)."
    )
    assert text(Signal.SLOW_OPERATION, 1.0, 2.5) == (
        "history.write takes 2.5 s (limit 1.0 s)."
    )


def test_the_levels_are_those_that_are_documented() -> None:
    levels = {
        rule.signal: (rule.raised_at, rule.cleared_at, rule.seconds)
        for rule in rules(slow_seconds=2.0)
    }
    assert levels == {
        Signal.LOOP_LAG: (0.1, 0.05, 5.0),
        Signal.MEMORY: (200e6, 180e6, 10.0),
        Signal.CPU: (80.0, 50.0, 30.0),
        Signal.ERROR_RATE: (0.2, 0.05, 10.0),
        Signal.SLOW_OPERATION: (2.0, 1.0, 5.0),
    }
