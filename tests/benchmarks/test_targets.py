"""What the owner asked for, and how a figure is judged by it."""

import json
from pathlib import Path

import pytest
from benchmarks import targets
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


@pytest.mark.parametrize(
    ("echo", "state", "code"), [(24.0, "PASS", 0), (49.0, "WARN", 0), (51.0, "FAIL", 1)]
)
def test_only_what_is_not_even_allowed_fails(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    echo: float,
    state: str,
    code: int,
) -> None:
    async def fast(_preset: str, _home: Path, _kinds: int) -> Waits:
        return Waits([0.01] * 10, served=10)

    app = {"echo": echo, "request": 1.0, "rss": 80.0, "peak": 80.0, "idle": 1.0}
    monkeypatch.setattr(targets, "replayed", fast)
    monkeypatch.setattr(targets, "_app", lambda _bench, _extent: app)
    assert targets.main(["--json", "--quick"]) == code
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["key to echo p95"]["state"] == state
    assert {row["state"] for row in rows.values()} <= {"PASS", state}
