import itertools

from hypothesis import example, given
from hypothesis import strategies as st

from terminal_ai.records import CapturedOutput
from terminal_ai.shell.capture import (
    TIMELINE_LIMIT,
    TIMELINE_RESOLUTION_SECONDS,
    BoundedCapture,
)

SECRET = b"0123456789abcdef0123456789abcdef"


@given(
    pieces=st.lists(st.binary(max_size=40), max_size=30),
    head_bytes=st.integers(0, 50),
    tail_bytes=st.integers(0, 50),
)
def test_head_and_tail_of_any_stream(
    pieces: list[bytes], head_bytes: int, tail_bytes: int
) -> None:
    capture = BoundedCapture(head_bytes, tail_bytes)
    for piece in pieces:
        capture.append(piece, 0.0)
    whole = b"".join(pieces)
    frozen = capture.freeze()
    rest = whole[head_bytes:]
    assert frozen.head == whole[:head_bytes]
    assert frozen.tail == (rest[-tail_bytes:] if tail_bytes else b"")
    assert frozen.elided_bytes == len(whole) - len(frozen.head) - len(frozen.tail)


@given(
    before=st.binary(max_size=60),
    after=st.binary(max_size=60),
    cut=st.integers(0, 150),
    head_bytes=st.integers(0, 80),
    tail_bytes=st.integers(0, 80),
)
def test_no_piece_of_a_secret_stays(
    before: bytes, after: bytes, cut: int, head_bytes: int, tail_bytes: int
) -> None:
    whole = before + SECRET + after
    capture = BoundedCapture(head_bytes, tail_bytes)
    capture.append(whole[:cut], 0.0)
    capture.append(whole[cut:], 0.0)
    frozen = capture.freeze(secret=SECRET)
    assert len(frozen.head) + len(frozen.tail) + frozen.elided_bytes == len(whole)
    # The strategies cannot draw a piece this long by chance.
    for start in range(0, len(SECRET) - 9, 8):
        for kept in (frozen.head, frozen.tail):
            assert SECRET[start : start + 10] not in kept


GAPS = st.one_of(
    st.sampled_from([0.0, 0.001, TIMELINE_RESOLUTION_SECONDS, 1.0, 3600.0]),
    st.floats(0, 5),
)


@given(
    appends=st.lists(st.tuples(GAPS, st.integers(0, 5)), max_size=60),
    repeats=st.integers(1, 40),
    started_at=st.sampled_from([0.0, 1_700_000_000.0]),
)
@example(appends=[(1.0, 1)] * 60, repeats=40, started_at=0.0)
@example(appends=[(0.02, 1)] * 59 + [(3600.0, 1)], repeats=40, started_at=0.0)
def test_the_timeline_is_bounded_and_off_by_one_step_at_most(
    appends: list[tuple[float, int]], repeats: int, started_at: float
) -> None:
    capture = BoundedCapture(10, 10, started_at=started_at)
    now, total_bytes = started_at, 0
    came: list[tuple[float, int]] = []
    for gap, size in appends * repeats:
        now += gap
        capture.append(b"x" * size, now)
        total_bytes += size
        if size:
            came.append((now - started_at, total_bytes))
    timeline = capture.freeze().timeline
    assert len(timeline) <= TIMELINE_LIMIT
    assert bool(timeline) == bool(came)
    if not came:
        return
    assert timeline[-1][1] == total_bytes
    assert set(timeline) <= {(seconds, n) for seconds, _ in came for _, n in came}
    assert all(
        early[0] < late[0] and early[1] < late[1]
        for early, late in itertools.pairwise(timeline)
    )
    widest = max(TIMELINE_RESOLUTION_SECONDS, 2 * came[-1][0] / TIMELINE_LIMIT)
    steps = iter(timeline)
    shown_at, shown = next(steps)
    for seconds, printed in came:
        while shown < printed:
            shown_at, shown = next(steps)
        assert shown_at <= seconds < shown_at + widest + 1e-6


@given(times=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_a_clock_that_is_set_back_loses_no_bytes(times: list[float]) -> None:
    capture = BoundedCapture(100, 100, started_at=0.0)
    for now in times:
        capture.append(b"x", now)
    timeline = capture.freeze().timeline
    assert timeline[-1][1] == len(times)
    assert [seconds for seconds, _ in timeline] == sorted(
        {seconds for seconds, _ in timeline}
    )
    assert timeline[0][0] >= 0


def test_the_timeline_is_no_part_of_what_an_output_is() -> None:
    assert CapturedOutput(b"x", timeline=((1.0, 1),)) == CapturedOutput(b"x")
