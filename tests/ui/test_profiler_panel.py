import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from terminal_ai.assistant.caching.answers import TierFigures
from terminal_ai.assistant.scheduling.breaker import BreakerState
from terminal_ai.assistant.scheduling.prefetching import PrefetchFigures
from terminal_ai.assistant.scheduling.scheduler import SchedulerFigures
from terminal_ai.config.settings import ProfilerSettings, Settings
from terminal_ai.messages import LANGUAGES, use_language
from terminal_ai.records import AnswerFigures, AnswerOrigin, ModelUsage
from terminal_ai.ui.panels.pipeline_block import PipelineFigures, pipeline_block
from terminal_ai.ui.panels.profiler_panel import timing_table
from terminal_ai.ui.panels.spark import spark
from terminal_ai.ui.texts import short_path, short_time
from utils.profiler import FunctionTiming

from .fakes import MODEL, ScriptedAnswerer, make_app
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
    profiler = ProfilerSettings(interval_seconds=0.1)
    app = make_app(settings=Settings(profiler=profiler))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "CPU" in shown(app) and "2.5 %" in shown(app))
        assert "threads 4 · fds 21 · lag 0 · up 1:02" in shown(app)
        await until(pilot, lambda: app.sampler.samples > 2)
        await pilot.press("f3")
        await until(pilot, lambda: "2.5 %" not in shown(app))
        seen = app.sampler.samples
        await pilot.pause(0.3)
        assert app.sampler.samples == seen
        await pilot.press("f3")
        await until(pilot, lambda: app.sampler.samples > seen + 1)


COUNTS = st.integers(0, 9_999)
PIPELINES = st.builds(
    PipelineFigures,
    tiers=st.lists(
        st.builds(
            TierFigures,
            name=st.sampled_from(
                (AnswerOrigin.MEMORY, AnswerOrigin.DISK, AnswerOrigin.TEAM)
            ),
            hits=COUNTS,
            misses=COUNTS,
            failures=COUNTS,
        ),
        max_size=3,
    ).map(tuple),
    queue=st.builds(
        SchedulerFigures,
        waiting=COUNTS,
        running=COUNTS,
        joined=COUNTS,
        failed=COUNTS,
        breaker=st.sampled_from(BreakerState).map(str),
    ),
    prefetches=st.builds(
        PrefetchFigures, started=COUNTS, used=COUNTS, wasted=COUNTS, held_back=COUNTS
    ),
    usage=st.builds(
        ModelUsage,
        newest=st.builds(
            AnswerFigures,
            first_token_seconds=st.none() | SECONDS,
            tokens_per_second=st.none() | SECONDS,
        ),
    ),
    is_loaded=st.booleans(),
)
BUSY = PipelineFigures(
    tiers=(
        TierFigures(AnswerOrigin.MEMORY, 3, 2),
        TierFigures(AnswerOrigin.DISK, 1, 1),
    ),
    queue=SchedulerFigures(waiting=1, running=1, started=4),
    prefetches=PrefetchFigures(started=3, used=2, wasted=1),
    usage=ModelUsage(
        newest=AnswerFigures(first_token_seconds=1.2, tokens_per_second=19.4)
    ),
    is_loaded=True,
)


@given(PIPELINES, st.integers(40, 120), st.sampled_from(LANGUAGES))
def test_the_pipelines_figures_fit_and_none_is_cut(
    figures: PipelineFigures, width: int, language: str
) -> None:
    use_language(language)
    block = pipeline_block(figures, width).plain
    assert all(cell_len(row) <= width for row in block.splitlines())
    assert "…" not in block
    assert str(figures.prefetches.wasted) in block


def test_the_usual_figures_are_four_lines_at_forty_columns() -> None:
    assert pipeline_block(BUSY, 40).plain.splitlines() == [
        "cache  memory 3/5 · disk 1/2",
        "queue  1 running · 1 waiting",
        "ahead  3 asked · 2 used · 1 wasted",
        "model  loaded · first 1.2s · 19 tokens/s",
    ]


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (BreakerState.CLOSED, ""),
        (BreakerState.OPEN, "service left alone"),
        (BreakerState.HALF_OPEN, "service on trial"),
    ],
)
def test_a_service_that_is_left_alone_is_told(state: BreakerState, told: str) -> None:
    queue = SchedulerFigures(started=3, failed=3, breaker=state)
    block = pipeline_block(PipelineFigures(queue=queue), 60).plain
    assert "3 failed" in block
    assert ("service" in block) == bool(told)
    assert told in block


async def test_an_assistant_that_was_asked_nothing_takes_no_line() -> None:
    answerer = ScriptedAnswerer()
    app = make_app(answerer=answerer)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "threads 4" in shown(app))
        assert "cache " not in shown(app)
        answerer.cache_figures = BUSY.tiers
        answerer.figures = BUSY.queue
        answerer.prefetches = BUSY.prefetches
        answerer.models.usage[MODEL] = BUSY.usage
        await until(pilot, lambda: "memory 3/5 · disk 1/2" in shown(app))
        assert "3 asked · 2 used · 1 wasted" in shown(app)
        assert "loaded" in shown(app)
