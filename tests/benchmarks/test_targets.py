"""What the owner asked for, and how a figure is judged by it."""

import pytest
from benchmarks.targets import AGENT_STEPS, TARGETS, Target, Waits, judged, print_table


@pytest.mark.parametrize(
    ("measured", "state"), [(19.9, "PASS"), (20, "PASS"), (99, "WARN"), (101, "FAIL")]
)
def test_a_figure_that_should_be_low(measured: float, state: str) -> None:
    assert Target("x", 20, 100, "ms").judged(measured) == state


@pytest.mark.parametrize(
    ("measured", "state"), [(95, "PASS"), (100, "PASS"), (60, "WARN"), (59, "FAIL")]
)
def test_a_figure_that_should_be_high(measured: float, state: str) -> None:
    assert Target("x", 95, 60, "%", "higher").judged(measured) == state


def test_the_owners_figures_stand_in_the_table() -> None:
    goals = {(target.goal, target.allowed) for target in TARGETS.values()}
    wanted = {(10, 1), (1, 5), (1.6, 2), (24, 30), (80, 60), (2.4, 3), (410, 512)}
    assert wanted <= goals


def test_waits_become_the_figures_that_are_judged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    figures = Waits([0.1] * 19 + [1.1], served=19).figures
    assert figures["qps"] == pytest.approx(1 / 0.15)
    assert figures["hits"] == pytest.approx(95)
    assert figures["agent"] == pytest.approx(AGENT_STEPS * 0.15)
    app = dict.fromkeys(("echo", "request", "rss", "peak", "idle"), 1_000.0)
    rows = judged(figures, figures | app)
    states = {row["name"]: row["state"] for row in rows}
    assert states["answer p95"] == "PASS"
    assert states["asks answered a second"] == "WARN"
    assert states["key to echo p95"] == "FAIL"
    print_table(rows)
    assert "FAIL" in capsys.readouterr().out
