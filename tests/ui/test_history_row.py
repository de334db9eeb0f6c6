"""Rows of the history: exactly as wide as the list, whatever the record holds."""

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.history.query import RecordOrder
from terminal_ai.records import ResourceUsage
from terminal_ai.ui.screens.history.row import RecordRow, RowContext

from .fakes import record

RECORD = dataclasses.replace(
    record("git push origin main"), duration_seconds=75.0, exit_code=128
)


def context(
    order: RecordOrder = RecordOrder.NEWEST, *, match: str = "", ago: float = 61.0
) -> RowContext:
    pattern = re.compile(match) if match else None
    return RowContext("/home/ada", RECORD.started_at + ago, order, pattern)


@given(
    command_line=st.text(),
    cwd=st.text(),
    exit_code=st.one_of(st.none(), st.integers(0, 255)),
    started_at=st.floats(allow_nan=True, allow_infinity=True),
    duration_seconds=st.floats(0, 1e7),
    is_private=st.booleans(),
    order=st.sampled_from(RecordOrder),
    width=st.integers(1, 200),
    amount=st.one_of(st.none(), st.integers(0, 1 << 60)),
)
def test_a_row_fills_its_width_exactly_on_one_line(
    command_line: str,
    cwd: str,
    exit_code: int | None,
    started_at: float,
    duration_seconds: float,
    is_private: bool,
    order: RecordOrder,
    width: int,
    amount: int | None,
) -> None:
    hostile = dataclasses.replace(
        RECORD,
        command_line=command_line,
        cwd=cwd,
        exit_code=exit_code,
        started_at=started_at,
        duration_seconds=duration_seconds,
        is_private=is_private,
        resources=ResourceUsage(amount, amount, amount, amount, amount),
    )
    content = RecordRow(hostile, context(order, match="a")).content(width)
    assert content.cell_length == width
    assert "\n" not in content.plain


def test_a_wide_row_has_every_column() -> None:
    plain = RecordRow(RECORD, context()).content(80).plain
    assert re.fullmatch(r"✗ 128 +1m +1:15 git push origin main +~/project", plain)


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (48, "✗ 128      1m     1:15 git push origin main     "),
        (38, "✗ 128      1m git push origin main    "),
        (16, "✗ 128 git push …"),
    ],
)
def test_a_narrow_row_keeps_the_command(width: int, expected: str) -> None:
    assert RecordRow(RECORD, context()).content(width).plain == expected


def test_the_sorted_figure_stays_longest() -> None:
    used = dataclasses.replace(RECORD, resources=ResourceUsage(2.0, 1.0, 45 << 20))
    row = RecordRow(used, context(RecordOrder.MEMORY))
    assert row.content(40).plain.startswith("✗ 128   45 MiB git push")
    row = RecordRow(used, context(RecordOrder.SLOWEST))
    assert row.content(40).plain.startswith("✗ 128     1:15 git push")


def test_matches_are_marked_in_the_command_only() -> None:
    content = RecordRow(RECORD, context(match="p")).content(80)
    marked = [content.plain[span.start : span.end] for span in content.spans]
    assert marked.count("p") == 1
