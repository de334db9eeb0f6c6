"""Sums that must agree in every form a profile is told in."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.stack_profile import Frame, SampledStack, StackProfile, short_file

FRAMES = st.builds(
    Frame,
    function=st.sampled_from(["run", "Parser.feed", "f;g", "<lambda>"]),
    file=st.sampled_from(["/a/one.py", "/b/one.py"]),
    line=st.integers(10, 13),
    first_line=st.just(10),
)
STACKS = st.builds(
    SampledStack,
    thread=st.sampled_from(["main", "worker"]),
    frames=st.lists(FRAMES, min_size=1, max_size=6).map(tuple),
    is_waiting=st.booleans(),
    samples=st.integers(1, 50),
    # Binary fractions: their sums are exact in any order.
    seconds=st.integers(1, 1000).map(lambda count: count / 1024),
)
PROFILES = st.lists(STACKS, max_size=12).map(
    lambda stacks: StackProfile(1.0, 0.01, tuple(stacks))
)


@given(PROFILES)
def test_self_times_add_up_to_all_and_called_times_hold_them(
    profile: StackProfile,
) -> None:
    for spots in (profile.hot_lines(1000), profile.hot_functions(1000)):
        assert sum(spot.self_seconds for spot in spots) == profile.busy_seconds
        assert sum(spot.self_samples for spot in spots) == profile.samples
        for spot in spots:
            assert spot.waiting_seconds <= spot.self_seconds <= spot.seconds
            assert spot.seconds <= profile.busy_seconds
        seconds = [spot.self_seconds for spot in spots]
        assert seconds == sorted(seconds, reverse=True)


@given(PROFILES)
def test_a_node_is_as_wide_as_itself_and_its_children(profile: StackProfile) -> None:
    root = profile.tree()

    assert (root.seconds, root.samples) == (profile.busy_seconds, profile.samples)
    for _depth, node in root.walk():
        widths = [child.seconds for child in node.children]
        assert node.seconds == node.self_seconds + sum(widths)
        assert widths == sorted(widths, reverse=True)
        keys = [(child.name, child.file, child.line) for child in node.children]
        assert len(keys) == len(set(keys))


@given(PROFILES)
def test_folded_lines_hold_every_sample_and_nothing_else_to_split_at(
    profile: StackProfile,
) -> None:
    lines = profile.folded().splitlines()

    assert sum(int(line.rpartition(" ")[2]) for line in lines) == profile.samples
    depths = {1 + len(stack.frames) for stack in profile.stacks}
    assert {line.count(";") + 1 for line in lines} == depths


@given(PROFILES)
def test_speedscope_can_read_it(profile: StackProfile) -> None:
    document = json.loads(profile.speedscope("app"))

    assert document["$schema"] == "https://www.speedscope.app/file-format-schema.json"
    frames = document["shared"]["frames"]
    assert all({"name", "file", "line"} == set(frame) for frame in frames)
    assert len({tuple(frame.values()) for frame in frames}) == len(frames)
    weights = 0.0
    for each in document["profiles"]:
        assert (each["type"], each["unit"]) == ("sampled", "seconds")
        assert len(each["samples"]) == len(each["weights"])
        assert each["endValue"] == sum(each["weights"])
        assert all(0 <= index < len(frames) for one in each["samples"] for index in one)
        weights += each["endValue"]
        outermost_first = [
            [frame.function for frame in stack.frames]
            for stack in profile.stacks
            if stack.thread == each["name"]
        ]
        named = [[frames[index]["name"] for index in one] for one in each["samples"]]
        assert named == outermost_first
    assert weights == profile.busy_seconds


def _profile(*stacks: tuple[str, ...]) -> StackProfile:
    return StackProfile(
        seconds=4.0,
        interval_seconds=0.01,
        stacks=tuple(
            SampledStack(
                "main",
                tuple(Frame(name, f"/x/{name}.py", 7, 1) for name in names),
                is_waiting=False,
                samples=100,
                seconds=1.0,
            )
            for names in stacks
        ),
        idle_seconds=2.0,
    )


def test_folded_and_the_report_are_as_documented() -> None:
    profile = _profile(("run", "parse"), ("run",))

    assert profile.folded() == (
        "main;run (/x/run.py) 100\nmain;run (/x/run.py);parse (/x/parse.py) 100\n"
    )
    assert profile.report() == (
        "200 samples in 4.0 s, busy 2.00 s, idle 2.00 s\n"
        "   self   self+called  line\n"
        "  50.0 %   100.0 %       /x/run.py:7 run\n"
        "  50.0 %    50.0 %       /x/parse.py:7 parse\n"
    )


def test_nothing_sampled_is_told_as_nothing() -> None:
    profile = _profile()

    assert profile.hot_lines() == ()
    assert profile.tree().children == []
    assert profile.folded() == ""
    assert json.loads(profile.speedscope("x"))["profiles"] == []
    assert profile.report().startswith("0 samples")


def test_threads_stand_apart_in_the_tree_when_there_are_several() -> None:
    one = _profile(("run",)).stacks[0]
    other = SampledStack("worker", one.frames, False, 1, 1.0)

    tree = StackProfile(1.0, 0.01, (one, other)).tree()

    assert {child.name for child in tree.children} == {"main", "worker"}
    assert [child.name for child in _profile(("run",)).tree().children] == ["run"]


def test_a_file_is_told_from_where_python_imports_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.syspath_prepend(tmp_path / "lib")
    short_file.cache_clear()

    assert short_file(str(tmp_path / "lib" / "pack" / "one.py")) == "pack/one.py"
    assert short_file(f"{tmp_path}lib.py") == f"{tmp_path}lib.py"
