"""Times, paths and sparks in few cells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.ui.panels.spark import spark
from terminal_ai.ui.texts import short_path, short_time


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0"), (1e-6, "1.0µs"), (287e-6, "287µs"), (0.0021, "2.1ms"), (0.9999, "1.0s")],
)
def test_times_are_short(seconds: float, text: str) -> None:
    assert short_time(seconds) == text


@given(
    st.lists(st.floats(0, 1e12), max_size=30), st.integers(-2, 20), st.floats(0, 1e9)
)
def test_a_sparkline_has_one_bar_a_value(
    values: list[float], width: int, ceiling: float
) -> None:
    bars = spark(values, width, ceiling)
    assert len(bars) == min(len(values), max(0, width))
    assert set(bars) <= set("▁▂▃▄▅▆▇█")


def test_a_steady_figure_is_a_steady_line() -> None:
    assert spark([5, 5, 5], 10, 10) == "▅▅▅"
    assert spark([0, 10], 10, 10) == "▁█"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/home/ada", "~"),
        ("/home/ada/x", "~/x"),
        ("/home/adam", "/home/adam"),
        ("/a/very/long/path/indeed", "…path/indeed"),
        ("/가나다라", "/가나다라"),
        ("/가나다라마바사", "…다라마바사"),
    ],
)
def test_paths_are_short(path: str, text: str) -> None:
    assert short_path(path, "/home/ada", 12) == text
