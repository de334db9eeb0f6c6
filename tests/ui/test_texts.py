"""Figures of the interface: short, rounded as shown, and never a row of digits."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.records import CommandRecord, ResourceUsage
from terminal_ai.ui.texts import clock, date_and_time, duration, figures, prose, size

UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-1.0, "0 ms"),
        (0.0, "0 ms"),
        (0.0124, "12 ms"),
        (0.9996, "1.0 s"),
        (59.94, "59.9 s"),
        (59.97, "1:00"),
        (61.4, "1:01"),
        (3599.6, "1:00:00"),
        (7322.0, "2:02:02"),
    ],
)
def test_a_duration_is_rounded_to_what_is_shown(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


@given(st.floats(0, 86_400 * 3))
def test_a_duration_stays_short(seconds: float) -> None:
    assert len(duration(seconds)) <= len("72:00:00")
    assert not re.search(r"\d{4}", duration(seconds))


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (45 << 20, "45 MiB"),
        (1023 << 20, "1.0 GiB"),
        (3 << 40, "3.0 TiB"),
    ],
)
def test_a_size_has_a_binary_unit(count: int, expected: str) -> None:
    assert size(count) == expected


@given(st.integers(0, 1 << 50))
def test_a_size_is_near_what_it_says_and_short(count: int) -> None:
    value, unit = size(count).split()
    assert len(size(count)) <= 10
    assert float(value) * UNITS[unit] == pytest.approx(count, rel=0.06)


def test_figures_tell_what_is_known_and_nothing_else() -> None:
    record = CommandRecord("s-1", "make", "/", 0, 0.0, 12.34)
    assert figures(record) == "12.3 s"
    used = ResourceUsage(8.0, 1.5, 45 << 20, 0, 0)
    measured = CommandRecord("s-1", "make", "/", 0, 0.0, 12.34, resources=used)
    assert figures(measured) == "12.3 s · CPU 9.5 s · 45 MiB"


def test_processor_time_that_the_kernel_cannot_resolve_is_not_told() -> None:
    used = ResourceUsage(0.01, 0.0, None, 0, 0)
    short = CommandRecord("s-1", "ls", "/", 0, 0.0, 0.003, resources=used)
    assert figures(short) == "3 ms"
    idle = CommandRecord("s-1", "sleep 1", "/", 0, 0.0, 1.0, resources=used)
    assert figures(idle) == "1.0 s · CPU 10 ms"
    reaped = CommandRecord(
        "s-1", "wait", "/", 0, 0.0, 0.003, resources=ResourceUsage(2.0, 0.0)
    )
    assert figures(reaped) == "3 ms · CPU 2.0 s"


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (-30.0, "now"),
        (59.0, "now"),
        (61.0, "1m"),
        (3 * 3600.0, "3h"),
        (6.5 * 86_400, "6d"),
        (40 * 86_400.0, "10-05"),
        (400 * 86_400.0, "2022-10"),
        (-86_400.0, "11-15"),
    ],
)
def test_a_time_is_told_by_its_age_and_then_by_its_date(
    ago: float, expected: str
) -> None:
    now = 1_700_000_000.0
    assert clock(now - ago, now) == expected


@pytest.mark.parametrize("at", [1e300, float("inf"), float("nan"), -1e300])
def test_a_time_that_no_calendar_has_is_unknown(at: float) -> None:
    assert clock(at, 1_700_000_000.0) == "?"
    assert date_and_time(at) == "?"


@pytest.mark.parametrize(
    ("text", "shown", "marked"),
    [
        ("`npm run` lists the scripts.", "npm run lists the scripts.", ["npm run"]),
        ("Names need `std::` or ``a``.", "Names need std:: or a.", ["std::", "a"]),
        ("lists **changed** files", "lists changed files", ["changed"]),
        ("`ls`는 목록을 보여 줍니다.", "ls는 목록을 보여 줍니다.", ["ls"]),
        ("one ` alone, ls **/*.py **, 2**3**4", None, []),
        ("__init__.py and *.txt *.md [b]x[/b]", None, []),
        ("", None, []),
    ],
)
def test_a_sentence_shows_its_marked_words_and_not_the_signs(
    text: str, shown: str | None, marked: list[str]
) -> None:
    content = prose(text)
    assert content.plain == (text if shown is None else shown)
    bold = [content.plain[span.start : span.end] for span in content.spans]
    assert bold == marked


@given(st.text(alphabet="`*ab \n\x1b_", max_size=40))
def test_of_a_sentence_only_signs_are_lost(text: str) -> None:
    kept = "".join(sign for sign in prose(text).plain if sign not in "`*")
    assert kept == text.replace("\x1b", "␛").replace("`", "").replace("*", "")
    assert "\n" not in prose(text, limit=20).plain
