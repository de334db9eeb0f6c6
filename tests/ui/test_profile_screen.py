"""The next seconds of the app: counted down, drawn as a flame, and kept in a file."""

import asyncio
import itertools
import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import Input

from terminal_ai.config.settings import ProfilerSettings, Settings
from terminal_ai.errors import ExportError
from terminal_ai.messages import LANGUAGES, use_language
from terminal_ai.ui.desks.profile_desk import ProfileDesk
from terminal_ai.ui.panels.flame import FlameView, boxes
from terminal_ai.ui.reading.profiles import (
    TOP,
    HotLine,
    ProfileForm,
    as_markdown,
    as_text,
    taken,
    write_profile,
)
from terminal_ai.ui.screens.profile import ProfileScreen, hot_rows
from utils.stack_profile import Frame, SampledStack, StackProfile
from utils.stopwatch import FunctionTiming

from .fakes import AppUnderTest, make_app
from .shown import shown
from .waiting import until

LEADER = "ctrl+backslash"
HOME = "/home/ada"


def frame(name: str, file: str = "terminal_ai/x.py") -> Frame:
    first_line = sum(name.encode())
    return Frame(name, file, first_line + 3, first_line)


def stack(seconds: float, *names: str) -> SampledStack:
    frames = tuple(frame(name) for name in names)
    return SampledStack("MainThread", frames, False, round(seconds * 100), seconds)


PROFILE = StackProfile(
    10.0,
    0.01,
    (
        stack(3.0, "run", "paint", "strips"),
        stack(1.0, "run", "paint"),
        stack(4.0, "run", "parse"),
        stack(0.001, "run", "tiny"),
    ),
)
TAKEN = taken(PROFILE, (), "")
STACKS = st.lists(
    st.builds(
        stack,
        st.floats(0.001, 9),
        st.sampled_from("abc"),
        st.sampled_from("abc"),
        st.sampled_from("abc"),
    ),
    min_size=1,
    max_size=12,
)


@given(STACKS, st.integers(1, 120))
def test_a_call_stands_below_its_caller_and_beside_no_other(
    stacks: list[SampledStack], width: int
) -> None:
    rows = boxes(StackProfile(1.0, 0.01, tuple(stacks)).tree(), width)
    assert (rows[0][0].start, rows[0][0].end) == (0, width)
    for row in rows:
        for box in row:
            assert box.start < box.end
            if box.parent is not None:
                assert box.parent.start <= box.start
                assert box.end <= box.parent.end
                assert box.node in box.parent.node.children
        for one, next_one in itertools.pairwise(row):
            assert one.end <= next_one.start


@given(STACKS, st.integers(20, 120))
def test_a_box_is_as_wide_as_its_time(stacks: list[SampledStack], width: int) -> None:
    tree = StackProfile(1.0, 0.01, tuple(stacks)).tree()
    for row in boxes(tree, width):
        for box in row:
            wide = box.node.seconds / tree.seconds * width
            # Its own rounding, and that of those left of it, one for each depth.
            assert abs((box.end - box.start) - wide) <= 1 + 2 * box.depth


def test_nothing_busy_is_no_flame() -> None:
    assert boxes(StackProfile(1.0, 0.01, ()).tree(), 40) == []


@given(st.integers(30, 120), st.sampled_from(LANGUAGES))
def test_hot_lines_fit(width: int, language: str) -> None:
    use_language(language)
    rows = hot_rows(TAKEN.hottest, width)
    assert all(row.cell_length <= width for row in rows)
    # Lines that only called others are not among them.
    assert len(rows) == 5


@pytest.mark.parametrize("width", [36, 58, 76])
def test_a_hot_line_tells_its_file_and_number_however_deep_it_lies(width: int) -> None:
    deep = HotLine(
        place="terminal_ai/terminal/parsing/fast_parser.py:1210",
        function="FastParser._read",
        score=32.0,
        self_percent=32.4,
        seconds=0.6,
        longest_seconds=0.0,
    )
    _head, row = hot_rows([deep], width)
    assert "parser.py:1210" in row.plain
    assert (deep.function in row.plain) is (width == 76)


def test_what_was_measured_is_scored_beside_what_was_sampled() -> None:
    long = FunctionTiming("serve", 1, 99.0, 99.0, 99.0, 99.0, 99.0, 99.0)
    first = taken(PROFILE, (long,), "").hottest[0]
    assert (first.function, first.longest_seconds) == ("serve", 99.0)
    assert 50 < first.score <= 100


def test_the_hottest_line_is_the_first_and_there_are_ten() -> None:
    assert [each.function for each in TAKEN.hottest][:3] == [
        "parse",
        "strips",
        "paint",
    ]
    assert TAKEN.hottest[0].self_percent == pytest.approx(50, abs=0.1)
    many = StackProfile(
        1.0, 0.01, tuple(stack(1.0, "run", f"f{number}") for number in range(30))
    )
    assert len(taken(many, (), "").hottest) == TOP


def test_paths_tell_neither_the_home_nor_where_python_keeps_its_packages() -> None:
    import textual

    files = (f"{HOME}/src/tool.py", str(Path(textual.__file__)), __file__)
    stacks = tuple(
        SampledStack("MainThread", (frame("f", file),), False, 1, 0.1) for file in files
    )
    profile = taken(StackProfile(1.0, 0.01, stacks), (), HOME)
    told = [each.frames[0].file for each in profile.stacks.stacks]
    assert told[0] == "~/src/tool.py"
    assert told[1] == "textual/__init__.py"
    assert not told[2].startswith("/")
    for form in ProfileForm:
        assert HOME not in as_text(profile, form)


def test_the_report_is_a_table_that_names_cannot_break() -> None:
    odd = SampledStack("MainThread", (frame("a|b`c\nd"),), False, 1, 1.0)
    report = as_markdown(taken(StackProfile(1.0, 0.01, (odd, *PROFILE.stacks)), (), ""))
    rows = [line for line in report.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 5
    assert len({line.replace("\\|", "").count("|") for line in rows}) == 1


@pytest.mark.parametrize("form", list(ProfileForm))
def test_a_file_is_new_and_its_users_alone(form: ProfileForm, tmp_path: Path) -> None:
    path = tmp_path / "new" / f"profile{form.suffix}"
    write_profile(TAKEN, form, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text()
    if form is ProfileForm.SPEEDSCOPE:
        assert sum(json.loads(text)["profiles"][0]["weights"]) == pytest.approx(8.001)
    else:
        assert "parse" in text
    with pytest.raises(ExportError, match="exists") as refused:
        write_profile(TAKEN, form, path)
    assert path.read_text() == text
    assert refused.value.hint == "name another file"
    with pytest.raises(ExportError, match="directory"):
        write_profile(TAKEN, form, tmp_path)
    with pytest.raises(ExportError):
        write_profile(TAKEN, form, path / "below a file")


class GatedSampler:
    """Gives its profile when the test opens the gate."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.asked_seconds: list[float] = []
        self.is_cancelled = False

    async def profile_for(self, seconds: float) -> StackProfile:
        self.asked_seconds.append(seconds)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.is_cancelled = True
            raise
        return PROFILE


def make(seconds: float = 7.0) -> tuple[AppUnderTest, GatedSampler]:
    app = make_app(Settings(profiler=ProfilerSettings(sampling_seconds=seconds)))
    sampler = GatedSampler()
    desk = app._profiles
    assert isinstance(desk, ProfileDesk)
    desk._make_sampler = lambda: sampler
    return app, sampler


async def test_a_key_profiles_counts_down_and_shows_the_flame() -> None:
    app, sampler = make()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(LEADER, "t")
        await until(pilot, lambda: "profiling 7 s" in shown(app))
        assert sampler.asked_seconds == [7.0]
        await pilot.press("l", "s")
        assert app.fake.sent == b"ls"
        sampler.gate.set()
        await until(pilot, lambda: isinstance(app.screen, ProfileScreen))
        await until(pilot, lambda: "▏paint" in shown(app))
        assert "10.0 s · busy 80 %" in shown(app)
        parse = frame("parse")
        assert f"terminal_ai/x.py:{parse.line}" in shown(app)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, ProfileScreen))
        assert "profiling" not in shown(app)


async def test_the_key_again_stops_and_shows_nothing() -> None:
    app, sampler = make()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(LEADER, "t")
        await until(pilot, lambda: "profiling 7 s" in shown(app))
        await pilot.press(LEADER, "t")
        await until(pilot, lambda: sampler.is_cancelled)
        await until(pilot, lambda: "The profile was stopped." in shown(app))
        assert "profiling 7 s" not in shown(app)
        assert not isinstance(app.screen, ProfileScreen)
        await pilot.press(LEADER, "t")
        await until(pilot, lambda: len(sampler.asked_seconds) == 2)


async def test_a_profile_that_cannot_be_taken_is_told() -> None:
    app, sampler = make()

    async def refuse(seconds: float) -> StackProfile:
        raise RuntimeError(f"no thread for {seconds} s")

    sampler.profile_for = refuse  # type: ignore[method-assign]
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(LEADER, "t")
        await until(pilot, lambda: "The profile was stopped." in shown(app))
        assert not isinstance(app.screen, ProfileScreen)


async def test_zero_seconds_profile_nothing() -> None:
    app, sampler = make(0.0)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(LEADER, "t")
        await until(pilot, lambda: "sampling_seconds is 0" in shown(app))
        assert not sampler.asked_seconds


async def test_the_keys_go_through_the_calls_and_look_closer() -> None:
    app, _sampler = make()
    async with app.run_test(size=(120, 40)) as pilot:
        app.push_screen(ProfileScreen(TAKEN))
        await until(pilot, lambda: "▏paint" in shown(app))
        flame = app.screen.query_one(FlameView)
        assert flame.chosen.name == "run"
        await pilot.press("down")
        assert flame.chosen.name == "paint"
        await pilot.press("right")
        assert flame.chosen.name == "parse"
        await until(pilot, lambda: "50.0 % with its calls" in shown(app))
        await pilot.press("left", "enter")
        await until(pilot, lambda: "▏parse" not in shown(app))
        assert "all › run" in shown(app)
        assert flame.chosen.name == "paint"
        await pilot.press("backspace")
        await until(pilot, lambda: "▏parse" in shown(app))
        assert flame.chosen.name == "paint"
        await pilot.press("up")
        assert flame.chosen.name == "run"


async def test_what_is_chosen_is_told_whole_at_forty_columns() -> None:
    app, _sampler = make()
    async with app.run_test(size=(40, 24)) as pilot:
        app.push_screen(ProfileScreen(TAKEN))
        await until(pilot, lambda: "100.0 % with its calls" in shown(app))
        await until(pilot, lambda: "itself" in shown(app))


async def test_a_click_chooses_a_call_and_another_looks_closer() -> None:
    app, _sampler = make()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(ProfileScreen(TAKEN))
        await until(pilot, lambda: "▏parse" in shown(app))
        flame = app.screen.query_one(FlameView)
        rows = shown(app).splitlines()
        y = next(number for number, row in enumerate(rows) if "▏parse" in row)
        x = rows[y].index("parse")
        await pilot.click(offset=(x, y))
        assert flame.chosen.name == "parse"
        await pilot.click(offset=(x, y))
        await until(pilot, lambda: "▏paint" not in shown(app))


async def test_the_profile_is_written_where_the_user_says(tmp_path: Path) -> None:
    app, _sampler = make()
    async with app.run_test(size=(120, 40)) as pilot:
        app.push_screen(ProfileScreen(TAKEN))
        await until(pilot, lambda: "▏parse" in shown(app))
        await pilot.press("e")
        await until(pilot, lambda: "Export the profile" in shown(app))
        path = app.screen.query_one(Input)
        assert path.value.endswith(".speedscope.json")
        path.value = str(tmp_path / "mine.speedscope.json")
        await pilot.press("down", "down")
        await until(pilot, lambda: path.value == str(tmp_path / "mine.md"))
        (tmp_path / "mine.md").write_text("kept")
        await pilot.press("enter")
        await until(pilot, lambda: "exists" in shown(app))
        assert (tmp_path / "mine.md").read_text() == "kept"
        path.value = str(tmp_path / "other.md")
        await pilot.press("enter")
        await until(pilot, lambda: (tmp_path / "other.md").exists())
        assert "# Profile of terminal-ai" in (tmp_path / "other.md").read_text()
        await until(pilot, lambda: isinstance(app.screen, ProfileScreen))


async def test_a_time_without_work_says_so() -> None:
    app, _sampler = make()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(ProfileScreen(taken(StackProfile(1.0, 0.01, ()), (), "")))
        await until(pilot, lambda: "Nothing was busy" in shown(app))
        await pilot.press("e", "escape")
        await until(pilot, lambda: not isinstance(app.screen, ProfileScreen))
