"""The profiler's figures in lines: they fit, none is cut, and they tell the truth."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.assistant.caching.answers import TierFigures
from terminal_ai.assistant.scheduling.breaker import BreakerState
from terminal_ai.assistant.scheduling.prefetching import PrefetchFigures
from terminal_ai.assistant.scheduling.scheduler import SchedulerFigures
from terminal_ai.messages import LANGUAGES, use_language
from terminal_ai.records import (
    AnswerFigures,
    AnswerOrigin,
    ModelState,
    ModelStatus,
    ModelUsage,
)
from terminal_ai.shell.process_tree import TreeSample
from terminal_ai.telemetry.alerts import Alert, Signal
from terminal_ai.telemetry.loop_lag import LagFigures
from terminal_ai.ui.panels.pipeline_block import pipeline_lines
from terminal_ai.ui.panels.vital_lines import ALERTS_SHOWN, Trend, vital_lines
from terminal_ai.vitals import Vitals
from utils.resources import ResourceSample

from .fakes import MODEL

COUNTS = st.integers(0, 9_999)
SECONDS = st.floats(0, 1e5)
MAYBE_SECONDS = st.none() | SECONDS
WIDTHS = st.integers(40, 120)
SAMPLES = st.builds(
    ResourceSample,
    cpu_percent=st.floats(0, 6_400),
    rss_bytes=st.integers(0, 1 << 42),
    threads=COUNTS,
    file_descriptors=st.integers(0, 99_999),
    uptime_seconds=st.floats(0, 1e7),
)
VITALS = st.builds(
    Vitals,
    process=SAMPLES,
    shell=st.none()
    | st.builds(
        TreeSample,
        cpu_percent=st.floats(0, 6_400),
        rss_bytes=st.integers(0, 1 << 42),
        processes=st.integers(1, 512),
        is_cut=st.booleans(),
    ),
    lag=st.builds(LagFigures, newest_seconds=SECONDS, recent_p99_seconds=SECONDS),
    parsed_bytes=st.integers(0, 1 << 40),
    parsed_seconds=SECONDS,
    frames=st.integers(0, 1_000),
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
        started=COUNTS,
        breaker=st.sampled_from(BreakerState).map(str),
    ),
    prefetches=st.builds(
        PrefetchFigures, started=COUNTS, used=COUNTS, wasted=COUNTS, held_back=COUNTS
    ),
    usage=st.builds(
        ModelUsage,
        newest=st.builds(
            AnswerFigures,
            first_token_seconds=MAYBE_SECONDS,
            tokens_per_second=MAYBE_SECONDS,
            load_seconds=MAYBE_SECONDS,
            prompt_seconds=MAYBE_SECONDS,
            prompt_tokens=st.none() | COUNTS,
            answer_seconds=MAYBE_SECONDS,
            model_seconds=MAYBE_SECONDS,
            wall_seconds=MAYBE_SECONDS,
        ),
    ),
    model=st.none()
    | st.builds(
        ModelStatus,
        state=st.sampled_from(ModelState),
        model=st.just(MODEL),
        is_loaded=st.booleans(),
    ),
    timings=st.just(()),
)
QUIET = Vitals(
    process=ResourceSample(2.5, 50 << 20, 12, 31, 62.0),
    shell=TreeSample(100.0, 5 << 20, 3),
    lag=LagFigures(newest_seconds=0.0002, recent_p99_seconds=0.012),
)
BUSY = replace(
    QUIET,
    tiers=(
        TierFigures(AnswerOrigin.MEMORY, 3, 2),
        TierFigures(AnswerOrigin.DISK, 1, 1),
    ),
    queue=SchedulerFigures(waiting=1, running=1, started=4),
    prefetches=PrefetchFigures(started=3, used=2, wasted=1),
    usage=ModelUsage(
        newest=AnswerFigures(
            first_token_seconds=1.2,
            tokens_per_second=19.4,
            load_seconds=0.0,
            prompt_seconds=0.2,
            prompt_tokens=412,
            answer_seconds=1.1,
            model_seconds=1.358,
            wall_seconds=1.4,
        )
    ),
    model=ModelStatus(ModelState.READY, MODEL, is_loaded=True),
)


def plain(vitals: Vitals, width: int, *earlier: Vitals) -> list[str]:
    trend = Trend()
    for each in (*earlier, vitals):
        trend.take(each)
    return [line.plain for line in vital_lines(vitals, trend, width)]


@given(st.lists(VITALS, min_size=1, max_size=3), WIDTHS, st.sampled_from(LANGUAGES))
def test_the_pipelines_figures_fit_and_none_is_cut(
    readings: list[Vitals], width: int, language: str
) -> None:
    use_language(language)
    trend = Trend()
    for vitals in readings:
        trend.take(vitals)
        lines = [
            *vital_lines(vitals, trend, width),
            *pipeline_lines(vitals, width),
        ]
        assert all(line.cell_length <= width for line in lines)
        assert not any("…" in line.plain for line in lines)


def test_the_figures_at_forty_columns() -> None:
    earlier = replace(
        QUIET, process=replace(QUIET.process, uptime_seconds=60.0), frames=0
    )
    now = replace(QUIET, frames=24, parsed_bytes=7_000_000, parsed_seconds=0.5)
    assert plain(now, 40, earlier) == [
        "app   CPU    2.5 %  ▁▁",
        "      RSS   50 MiB  ▆▆",
        "shell CPU  100.0 %  ██",
        "      RSS  5.0 MiB  ▆▆",
        "lag    200µs  p99     12ms  up      1:02",
        "frames  12/s  parse  14M/s  procs      3",
        "threads   12  fds       31",
    ]


@given(WIDTHS, st.lists(VITALS, min_size=2, max_size=2), st.sampled_from(LANGUAGES))
def test_no_figure_moves_when_another_grows(
    width: int, readings: list[Vitals], language: str
) -> None:
    """Labels stand where they stood; values end where they ended."""
    use_language(language)
    usual = [
        replace(
            vitals,
            process=replace(
                vitals.process,
                uptime_seconds=vitals.process.uptime_seconds % 3e5,
                threads=vitals.process.threads % 999,
            ),
            alerts=(),
        )
        for vitals in readings
    ]
    one, other = (
        [len(row.rstrip()) for row in plain(vitals, width)[4:]] for vitals in usual
    )
    assert one == other


def test_the_usual_figures_are_four_lines_at_forty_columns() -> None:
    newest = AnswerFigures(first_token_seconds=1.2, tokens_per_second=19.4)
    vitals = replace(BUSY, usage=ModelUsage(newest=newest))
    assert [line.plain for line in pipeline_lines(vitals, 40)] == [
        "model  loaded · first 1.2s · 19 tokens/s",
        "cache  memory 3/5 · disk 1/2",
        "queue  1 running · 1 waiting",
        "ahead  3 asked · 2 used · 1 wasted",
    ]


def test_what_runs_is_told_apart_from_what_waits() -> None:
    queue = SchedulerFigures(running=2, waiting=7, started=9, joined=1)
    (row,) = pipeline_lines(replace(QUIET, queue=queue), 60)
    assert row.plain == "queue  2 running · 7 waiting · 1 joined"


def test_what_was_waited_for_is_told_at_forty_columns() -> None:
    assert [line.plain for line in pipeline_lines(BUSY, 40)][1:4] == [
        "wait   model 97 % 1.4s · app 3 % 42ms",
        "       load 0 · prompt 412 tokens 200ms",
        "       writing 1.1s",
    ]


@given(SECONDS.filter(bool), SECONDS)
def test_the_shares_of_the_model_and_the_app_are_the_whole(
    model_seconds: float, app_seconds: float
) -> None:
    figures = AnswerFigures(
        model_seconds=model_seconds, wall_seconds=model_seconds + app_seconds
    )
    vitals = replace(QUIET, usage=ModelUsage(newest=figures))
    (row,) = (line.plain for line in pipeline_lines(vitals, 120))
    words = row.split()
    model, app = (
        int(words[words.index("model") + 1]),
        int(words[words.index("app") + 1]),
    )
    assert model + app == 100
    assert app == pytest.approx(
        100 * app_seconds / (model_seconds + app_seconds), abs=1
    )


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
    lines = pipeline_lines(replace(QUIET, queue=queue), 60)
    block = "\n".join(line.plain for line in lines)
    assert "3 failed" in block
    assert ("service" in block) == bool(told)
    assert told in block


@pytest.mark.parametrize(
    ("state", "is_loaded", "told"),
    [
        (ModelState.DISABLED, False, "offline mode"),
        (ModelState.UNAVAILABLE, False, "no Ollama"),
        (ModelState.MODEL_MISSING, False, "not installed"),
        (ModelState.READY, False, "cold"),
        (ModelState.READY, True, "loaded"),
    ],
)
def test_an_assistant_that_was_asked_nothing_takes_no_line(
    state: ModelState, is_loaded: bool, told: str
) -> None:
    model = ModelStatus(state, MODEL, is_loaded=is_loaded)
    (row,) = pipeline_lines(replace(QUIET, model=model), 40)
    assert row.plain == f"model  {told}"
    assert pipeline_lines(QUIET, 40) == []


def test_alerts_stand_above_all_else_and_are_bounded() -> None:
    alert = Alert(Signal.LOOP_LAG, "", 0.1, 0.2, 1_700_000_000.0)
    lines = plain(replace(QUIET, alerts=(alert,) * 9), 60)
    assert lines[:ALERTS_SHOWN] == [f"▲ {alert.text}"] * ALERTS_SHOWN
    assert lines[ALERTS_SHOWN].startswith("app")
    narrow = plain(replace(QUIET, alerts=(alert,)), 40)
    assert " ".join(row.strip() for row in narrow[:2]) == f"▲ {alert.text}"


def test_a_shell_that_is_not_there_has_no_figures() -> None:
    lines = plain(replace(QUIET, shell=None), 40)
    assert lines[2].split() == ["shell", "CPU", "–"]
    assert lines[3].split() == ["RSS", "–"]
    assert "procs      –" in lines[5]


def test_more_processes_than_are_looked_at_are_told_as_more() -> None:
    many = replace(QUIET, shell=TreeSample(1.0, 1 << 30, 512, is_cut=True))
    assert "procs   512+" in plain(many, 40)[5]


def test_the_speed_of_the_newest_output_stays() -> None:
    trend = Trend()
    for parsed in ((5_000_000, 9.0), (7_000_000, 10.0), (7_000_000, 10.0)):
        trend.take(replace(QUIET, parsed_bytes=parsed[0], parsed_seconds=parsed[1]))
    assert trend.parsed_per_second == 2_000_000
