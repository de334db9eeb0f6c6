import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from terminal_ai.messages import LANGUAGES, use_language
from terminal_ai.ui.panels.profiler_panel import timing_table
from terminal_ai.ui.panels.spark import spark
from terminal_ai.ui.texts import short_path, short_time
from utils.profiler import FunctionTiming

from .fakes import FakeLag, make_app
from .shown import shown
from .waiting import until

SECONDS = st.floats(0, 1e5)
TIMINGS = st.lists(
    st.builds(
        FunctionTiming,
        name=st.text(max_size=40),
        calls=st.integers(0, 10**9),
        total_seconds=SECONDS,
        mean_seconds=SECONDS,
        p50_seconds=SECONDS,
        p95_seconds=SECONDS,
        p99_seconds=SECONDS,
        max_seconds=SECONDS,
    ),
    max_size=5,
).map(tuple)


@given(TIMINGS, st.integers(38, 120))
def test_the_table_fits_its_width_and_names_every_figure(
    timings: tuple[FunctionTiming, ...], width: int
) -> None:
    table = timing_table(timings, width).plain
    assert all(cell_len(line) <= width for line in table.splitlines())
    if timings:
        for head in ("calls", "total", "mean", "p50", "p95", "p99", "max"):
            assert head in table


@given(TIMINGS.filter(len), st.integers(38, 120), st.sampled_from(LANGUAGES))
def test_the_last_figures_stand_below_one_another(
    timings: tuple[FunctionTiming, ...], width: int, language: str
) -> None:
    use_language(language)
    rows = timing_table(timings, width).plain.splitlines()
    assert len({cell_len(row) for row in rows}) == 1


def test_the_most_expensive_function_stands_first() -> None:
    cheap = FunctionTiming("cheap", 9, 0.1, 0, 0, 0, 0, 0)
    dear = FunctionTiming("block.dear", 1, 2.0, 0, 0, 0, 0, 0)
    table = timing_table((cheap, dear), 80).plain
    assert table.index("dear") < table.index("cheap")
    assert "block." not in table


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


async def test_figures_are_live_and_cost_nothing_while_hidden() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "CPU" in shown(app) and "2.5 %" in shown(app))
        assert "threads 4 · fds 21 · lag 0 · up 1:02" in shown(app)
        lag = app.lag
        assert isinstance(lag, FakeLag)
        assert lag.is_running
        await pilot.press("f3")
        await until(pilot, lambda: not lag.is_running)
        await pilot.press("f3")
        await until(pilot, lambda: lag.is_running)
