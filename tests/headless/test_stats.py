"""``terminal-ai stats`` as people, programs and documents read it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal_ai.config import state_directory
from terminal_ai.headless import stats
from terminal_ai.headless.stats import Form
from terminal_ai.headless.table import cells, folded
from terminal_ai.messages import use_language
from terminal_ai.reports import HotLine, Lookups, Memory, Report, Timing, Upkeep, write
from tests.headless.conftest import Run

NOBODY = 2**22 + 1
REPORT = Report(
    version="0.1.0",
    pid=NOBODY,
    started_at=1_700_000_000.0,
    written_at=1_700_000_724.0,
    ending="quit",
    cpu_seconds=14.2,
    rss_bytes=80 << 20,
    peak_rss_bytes=81 << 20,
    threads=5,
    file_descriptors=21,
    commands_ok=75,
    commands_failed=9,
    commands_unknown=1,
    parsed_bytes=12 << 20,
    parsed_seconds=0.5,
    frames=4_204,
    lag=Timing(name="lag", p50_seconds=0.0001, p95_seconds=0.001, p99_seconds=0.003),
    echo=Timing(name="echo", p50_seconds=0.002, p95_seconds=0.0057),
    requests=6,
    caches=(
        Lookups(name="memory", hits=3, misses=3),
        Lookups(name="disk", hits=1, misses=2, failures=1),
    ),
    model_answers=2,
    model_seconds=8.0,
    first_token_seconds=0.6,
    tokens_per_second=25.0,
    memory=Memory(
        memory_mb=80.0,
        caches={"answers": 4},
        weak_refs=1,
        gc_stats=({"collections": 9, "collected": 100, "uncollectable": 0},),
    ),
    maintenance=Upkeep(runs=2, failures=1, freed_bytes=2_048),
    functions=(
        Timing(
            name="block.terminal.feed",
            calls=9_301,
            total_seconds=0.812,
            mean_seconds=0.0000873,
            p50_seconds=0.00005,
            p95_seconds=0.0002,
            p99_seconds=0.004,
            max_seconds=0.0041,
        ),
        Timing(name="block.ui.paint", calls=77, total_seconds=0.5),
    ),
)


@pytest.fixture
def left() -> Path:
    return write(REPORT, state_directory())


def test_the_report_in_words(run: Run, left: Path) -> None:
    code, out, err = run("stats", "--top", "1")
    assert (code, err) == (0, "")
    assert out == (
        "terminal-ai 0.1.0, process 4194305, quit after 12:04\n"
        "\n"
        "commands         85 commands (9 failed)\n"
        "CPU              14.2 s, 2.0 %\n"
        "memory           80 MiB now, 81 MiB at most\n"
        "threads          5\n"
        "open files       21\n"
        "output read      12 MiB at 24 MiB/s, 4204 frames\n"
        "event loop late  p50 100µs, p95 1.0ms, p99 3.0ms, max 0\n"
        "key to screen    p50 2.0ms, p95 5.7ms, p99 0, max 0\n"
        "requests         4 of 6 answers from a cache\n"
        "cache memory     3 of 6 found, 0 failures\n"
        "cache disk       1 of 3 found, 1 failures\n"
        "model            2 answers in 8.0 s, first token 600ms, 25.0 tokens/s\n"
        "maintenance      2 runs, 1 failed, 2.0 KiB freed\n"
        "\n"
        "calls  total  mean   p50    p95    p99    max  function\n"
        " 9301  812ms  87µs  50µs  200µs  4.0ms  4.1ms  block.terminal.feed\n"
    )


@pytest.mark.parametrize("form", Form)
def test_the_hottest_lines_are_told(form: Form) -> None:
    hot = tuple(
        HotLine(place=f"ui/app.py:{line} draw", seconds=0.5, share=0.25)
        for line in (11, 22)
    )
    told = stats.report_of(
        replace(REPORT, hot_lines=hot), form, top=1, width_cells=None
    )
    assert ("25.0%" in told) == (form is not Form.JSON)
    assert "ui/app.py:11 draw" in told
    assert "ui/app.py:22 draw" not in told


def test_the_three_lines_at_the_end() -> None:
    assert stats.short_of(REPORT, width_cells=None) == (
        "terminal-ai: 12:04, 85 commands (9 failed), CPU 14.2 s, at most 81 MiB\n"
        "  loop lag p99 3.0ms, key to screen p95 5.7ms, 4 of 6 answers from a cache,"
        " most time in block.terminal.feed: 812ms\n"
        "  more: terminal-ai stats\n"
    )
    idle = Report(version="1", pid=1, started_at=1.0, written_at=1.5)
    assert stats.short_of(idle, width_cells=None).splitlines() == [
        "terminal-ai: 0 s, 0 commands, CPU 0 ms, at most 0 B",
        "  more: terminal-ai stats",
    ]


@pytest.mark.parametrize("top", [0, 1, 20])
def test_json_holds_every_figure(run: Run, left: Path, top: int) -> None:
    code, out, _ = run("stats", "--json", "--top", str(top))
    told = json.loads(out)
    assert code == 0
    assert told["commands_failed"] == 9
    assert told["caches"][1] == {
        "name": "disk", "hits": 1, "misses": 2, "failures": 1,
    }  # fmt: skip
    names = [row["name"] for row in told["functions"]]
    assert names == ["block.terminal.feed", "block.ui.paint"][:top]


def test_markdown_is_a_table_for_figures_and_one_for_functions(
    run: Run, left: Path
) -> None:
    _, out, _ = run("stats", "--markdown")
    lines = out.splitlines()
    assert lines[0].startswith("# terminal-ai 0.1.0")
    assert "| commands | 85 commands (9 failed) |" in lines
    header = "| function | calls | total | mean | p50 | p95 | p99 | max |"
    assert lines[lines.index(header) + 1] == "|" + " --- |" * 8
    assert lines[-1].startswith("| `block.ui.paint` | 77 | 500ms |")


def test_markdown_shows_names_as_they_are(run: Run) -> None:
    names = "terminal_ai.x.Y.__init__", "main.<locals>.work"
    report = replace(
        REPORT,
        functions=tuple(Timing(name=name, calls=1) for name in names),
        hot_lines=(HotLine(place="x.py:7 main.<locals>.work", share=1.0),),
    )
    write(report, state_directory())
    _, out, _ = run("stats", "--markdown")
    for shown in (*names, "x.py:7 main.<locals>.work"):
        assert f"| `{shown}` |" in out


FIVE = ["memory_mb", "caches", "pools", "weak_refs", "gc_stats"]


def test_memory_has_the_five_figures(run: Run, left: Path) -> None:
    _, out, _ = run("stats", "memory")
    rows = dict(line.split(maxsplit=1) for line in out.splitlines()[2:])
    assert list(rows) == FIVE
    assert rows["caches"] == "answers 4"
    assert rows["gc_stats"] == "collections 9, collected 100, uncollectable 0"
    _, out, _ = run("stats", "memory", "--json")
    assert list(json.loads(out)) == FIVE
    _, out, _ = run("stats", "memory", "--markdown")
    assert "| weak_refs | 1 |" in out


def test_runs_are_listed_with_how_they_ended(run: Run, left: Path) -> None:
    killed = Report(
        version="1", pid=NOBODY, started_at=1_700_009_000.0, written_at=1_700_009_001.0
    )
    write(killed, state_directory())
    _, out, _ = run("stats", "--all")
    assert [line.split()[3] for line in out.splitlines()[1:]] == ["killed", "quit"]
    _, out, _ = run("stats", "--all", "--json")
    assert [row["ending"] for row in json.loads(out)] == ["killed", "quit"]
    _, out, _ = run("stats")
    assert "killed after 1 s" in out
    _, out, _ = run("stats", "--json")
    assert json.loads(out)["ending"] == "killed"


def test_without_a_run_it_says_so(run: Run) -> None:
    code, out, err = run("stats")
    assert (code, out) == (1, "")
    assert "no run has left a report yet" in err


@pytest.mark.parametrize(
    "arguments",
    [["--json", "--markdown"], ["memory", "--all"], ["disk"], ["--top", "-1"]],
)
def test_what_goes_not_together_is_refused(run: Run, arguments: list[str]) -> None:
    code, out, err = run("stats", *arguments)
    assert (code, out) == (2, "")
    assert err
    assert "''" not in err


def test_a_changed_file_puts_nothing_on_the_screen() -> None:
    evil = Report(
        version="\x1b[2J\x9b2J\u202e",
        pid=1,
        started_at=1.0,
        written_at=2.0,
        ending="\x1b]0;x\x07",
        functions=(Timing(name="a\x1b[31m|\nb", calls=1),),
        caches=(Lookups(name="\x07"),),
        memory=Memory(caches={"\x1b": 1}),
    )
    told = [
        stats.short_of(evil, width_cells=None),
        stats.list_of((evil,), Form.TEXT, width_cells=None),
        *(stats.report_of(evil, form, top=9, width_cells=None) for form in Form),
        *(stats.memory_of(evil, form, width_cells=None) for form in Form),
    ]
    assert not any(set("\x1b\x07\x9b\u202e") & set(text) for text in told)


@pytest.fixture(params=["en", "ko"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    used = use_language(request.param)
    yield used
    use_language("en")


NAMES = st.text(st.sampled_from("ab.한글_/ "), min_size=1, max_size=90)
TIMINGS = st.lists(
    st.builds(
        Timing, name=NAMES, calls=st.integers(0, 10**9), total_seconds=st.floats(0, 1e6)
    ),
    max_size=3,
).map(tuple)
REPORTS = st.builds(
    lambda functions, tiers, hot: replace(
        REPORT, functions=functions, caches=tiers, hot_lines=hot
    ),
    TIMINGS,
    st.lists(st.builds(Lookups, name=NAMES), max_size=2).map(tuple),
    st.lists(st.builds(HotLine, place=NAMES), max_size=2).map(tuple),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(report=REPORTS, width=st.integers(10, 200))
def test_every_line_fits_the_terminal_and_nothing_is_lost(
    language: str, report: Report, width: int
) -> None:
    def told(width_cells: int | None) -> list[str]:
        return [
            stats.short_of(report, width_cells=width_cells),
            stats.report_of(report, Form.TEXT, top=9, width_cells=width_cells),
            stats.memory_of(report, Form.TEXT, width_cells=width_cells),
            stats.list_of((report,), Form.TEXT, width_cells=width_cells),
        ]

    for fitting, whole in zip(told(width), told(None), strict=True):
        assert all(cells(line) <= width for line in fitting.splitlines())
        assert "".join(fitting.split()) == "".join(whole.split())


@given(
    words=st.lists(st.text(st.sampled_from("ab한"), min_size=1, max_size=9)),
    width=st.integers(20, 60),
)
def test_no_word_is_broken_that_fits_a_line(words: list[str], width: int) -> None:
    lines = folded(" ".join(words), width)

    assert " ".join(lines).split() == words
    assert all(cells(line) <= width for line in lines)
    assert all(line.startswith("  ") for line in lines[1:])


def test_the_end_in_eighty_columns() -> None:
    assert stats.short_of(REPORT, width_cells=80) == (
        "terminal-ai: 12:04, 85 commands (9 failed), CPU 14.2 s, at most 81 MiB\n"
        "  loop lag p99 3.0ms, key to screen p95 5.7ms, 4 of 6 answers from a cache,"
        " most\n"
        "  time in block.terminal.feed: 812ms\n"
        "  more: terminal-ai stats\n"
    )
