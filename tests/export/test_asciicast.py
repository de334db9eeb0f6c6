"""A recording is readable, timed as it was, and replays to the same screen."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from terminal_ai.export import asciicast
from terminal_ai.records import CapturedOutput, CommandRecord
from terminal_ai.terminal.terminal import Terminal
from tests.export.casts import Cast, read_cast
from tests.export.making import STARTED_AT, make_record, records
from tests.export.test_playable import UNPLAYED, cells
from tests.terminal.streams import byte_streams


def replayed(cast: Cast, columns: int = 80, rows: int = 24) -> Terminal:
    terminal = Terminal(columns, rows)
    for _, code, data in cast.events:
        if code == "o":
            terminal.feed(data.encode())
        elif code == "r":
            width, height = data.split("x")
            terminal.resize(int(width), int(height))
    return terminal


@given(kept=st.lists(records, max_size=4), remark=st.text(max_size=30))
def test_any_records_make_a_recording_that_can_be_read(
    kept: list[CommandRecord], remark: str
) -> None:
    cast = read_cast(asciicast(kept, remark=remark))
    assert cast.codes().count("m") == len(kept)
    assert len(cast.comments) == bool(remark)
    if kept:
        last = max(enumerate(kept), key=lambda pair: (pair[1].started_at, pair[0]))[1]
        code = last.exit_code
        told = [data for _, kind, data in cast.events if kind == "x"]
        assert told == ([] if code is None else [str(code)])


@given(data=byte_streams, cuts=st.lists(st.integers(0, 200), max_size=5))
def test_it_replays_to_the_screen_of_the_original(data: bytes, cuts: list[int]) -> None:
    assume(not UNPLAYED.search(data))
    steps = tuple((0.1 * number, cut) for number, cut in enumerate(sorted(cuts), 1))
    record = make_record(output=CapturedOutput(data[:9], data[9:], timeline=steps))
    original = Terminal(80, 24)
    original.feed(b"$ make all\r\n" + data)
    assume(not original.is_alternate)
    cast = read_cast(asciicast([record]))
    assert cells(replayed(cast)) == cells(original)


def test_what_one_command_leaves_behind_does_not_reach_the_next_prompt() -> None:
    leavings = b"\x1b[31;1m\x1b[?25l\x1b(0\x1b[4hqq\x1b[?1049h"
    cast = read_cast(
        asciicast([make_record(1, "ls", leavings), make_record(2, "ls q", b"x")])
    )
    terminal = replayed(cast)
    lines = terminal.text().split("\n")
    assert [line.rstrip() for line in lines[:4]] == ["$ ls", "──", "$ ls q", "x"]
    assert not terminal.is_alternate
    styles = [terminal.line(at).runs[0][1] for at in (0, 1, 2, 3)]
    assert styles[0] == styles[2] == styles[3] != styles[1]
    assert terminal.cursor.is_visible


def test_times_are_the_real_ones() -> None:
    output = CapturedOutput(b"one\r\ntwo\r\n", timeline=((0.25, 5), (1.5, 10)))
    first = make_record(output=output, started_at=STARTED_AT, duration_seconds=2.0)
    second = make_record(2, "ls", b"x\r\n", started_at=STARTED_AT + 3600.125)
    cast = read_cast(asciicast([second, first]))
    assert cast.header["timestamp"] == int(STARTED_AT)
    assert cast.header["idle_time_limit"] == 2.0
    times = [(round(at, 6), code) for at, code, _ in cast.events]
    assert times == [
        (0, "m"), (0, "o"), (0.25, "o"), (1.5, "o"),
        (3600.125, "m"), (3600.125, "o"), (3601.125, "o"), (3601.125, "x"),
    ]  # fmt: skip
    assert [data for _, _, data in cast.events[2:4]] == ["one\r\n", "two\r\n"]


def test_rounding_never_adds_up() -> None:
    steps = tuple((number / 3, number) for number in range(1, 400))
    output = CapturedOutput(b"x" * 399, timeline=steps)
    record = make_record(output=output, duration_seconds=200.0)
    cast = read_cast(asciicast([record]))
    assert cast.events[-2][0] == pytest.approx(133.0, abs=1e-5)


def test_a_clock_set_back_never_makes_time_run_back() -> None:
    early = make_record(1, duration_seconds=100.0)
    late = make_record(2, started_at=early.started_at + 1)
    cast = read_cast(asciicast([late, early]))
    assert all(a[0] <= b[0] for a, b in itertools.pairwise(cast.events))


def test_an_output_without_timing_comes_when_the_command_ended() -> None:
    text = CapturedOutput("één\ntwo".encode(), is_text=True)
    cast = read_cast(asciicast([make_record(output=text, duration_seconds=7.5)]))
    assert cast.events[2] == (7.5, "o", "één\r\ntwo\r\n")
    raw = CapturedOutput(b"a\r\nb\r\n")
    cast = read_cast(asciicast([make_record(output=raw, duration_seconds=7.5)]))
    assert cast.events[2] == (7.5, "o", "a\r\nb\r\n")


def test_characters_that_came_in_two_reads_stay_whole() -> None:
    data = "世界\r\n".encode()
    for cut in range(len(data) + 1):
        output = CapturedOutput(data, timeline=((0.1, cut), (0.2, len(data))))
        cast = read_cast(asciicast([make_record(output=output)]))
        assert cast.output() == "$ make all\r\n世界\r\n"


def test_the_gap_is_said_and_the_tail_begins_with_a_whole_line() -> None:
    output = CapturedOutput(
        b"head\r\nhal", b"31mf a line\r\nwhole\r\n", 100, timeline=((0.5, 200),)
    )
    cast = read_cast(asciicast([make_record(output=output)]))
    shown = replayed(cast).text().split("\n")
    assert [line.rstrip() for line in shown[:6]] == [
        "$ make all", "head", "hal", "[… 113 bytes elided …]", "whole", "",
    ]  # fmt: skip
    unbroken = replace(output, tail=b"never ends")
    text = replayed(read_cast(asciicast([make_record(output=unbroken)]))).text()
    assert "[… 100 bytes elided …]\nnever ends" in text


def test_sizes_change_between_commands() -> None:
    sizes: Sequence[tuple[int, int]] = [(80, 24), (80, 24), (100, 30), (0, 99_999)]
    made = [
        make_record(number, columns=columns, rows=rows)
        for number, (columns, rows) in enumerate(sizes)
    ]
    cast = read_cast(asciicast(made))
    term = cast.header["term"]
    assert term == {"cols": 80, "rows": 24, "type": "xterm-256color"}
    assert [data for _, code, data in cast.events if code == "r"] == [
        "100x30", "1x65535",
    ]  # fmt: skip


def test_a_command_line_is_played_as_text() -> None:
    hostile = "echo \x1b]52;c;aGk=\x07\x1b[2J\x9b3J"
    cast = read_cast(asciicast([make_record(command_line=hostile)]))
    assert not re.search("\x1b][0-9]|\x1b\\[2J|\x9b|\x07", cast.output())
    assert "52;c;aGk=" in cast.output()


def test_commands_of_several_lines_and_full_screens() -> None:
    record = make_record(
        1, "for x in a; do\n  vi $x\ndone", b"no end", used_alternate_screen=True
    )
    lines = replayed(read_cast(asciicast([record]))).text().split("\n")
    assert [line.rstrip() for line in lines[:5]] == [
        "$ for x in a; do", ">   vi $x", "> done", "no end",
        "[what it showed on the full screen was not recorded]",
    ]  # fmt: skip
    assert cast_title([record]) == "for x in a; do⏎  vi $x⏎done"
    assert cast_title([record, make_record(2), make_record(3)]).endswith(" and 2 more")


def cast_title(kept: list[CommandRecord]) -> str:
    return str(read_cast(asciicast(kept)).header["title"])
