import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.strip import Strip

from terminal_ai.ui.view.frames import (
    BACKLOG_LIMIT_WRITES,
    FLOOD_FRAME_SECONDS,
    FRAME_SECONDS,
    HOLD_LIMIT_SECONDS,
    Frames,
    row_regions,
)

from .fakes import AppUnderTest, make_app
from .shown import shown
from .waiting import until

WIDE = (120, 40)
LEAST_SECONDS = 1e-9


@dataclass(eq=False)
class FakeTimer:
    due: float
    call: Callable[[], None]
    is_cancelled: bool = False

    def cancel(self) -> None:
        self.is_cancelled = True


@dataclass
class Screen:
    """Frames over a clock set by hand; ``state`` counts the changes."""

    now: float = 50.0
    state: int = 0
    is_held: bool = False
    backlog: int = 0
    timers: list[FakeTimer] = field(default_factory=list)
    painted: list[tuple[float, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.frames = Frames(
            self._paint,
            clock=lambda: self.now,
            schedule=self._schedule,
            backlog=lambda: self.backlog,
        )

    def _paint(self) -> None:
        assert self.backlog <= BACKLOG_LIMIT_WRITES
        self.painted.append((self.now, self.state))

    def _schedule(self, seconds: float, call: Callable[[], None]) -> FakeTimer:
        assert seconds >= 0
        self.timers.append(FakeTimer(self.now + seconds, call))
        return self.timers[-1]

    @property
    def waiting(self) -> list[FakeTimer]:
        return [timer for timer in self.timers if not timer.is_cancelled]

    def change(self, *, is_flooded: bool = False, waits_a_turn: bool = False) -> None:
        self.state += 1
        self.frames.changed(
            is_held=self.is_held, is_flooded=is_flooded, waits_a_turn=waits_a_turn
        )
        assert len(self.waiting) <= 1

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        for timer in sorted(self.waiting, key=lambda timer: timer.due):
            if timer.due <= end:
                self.now = max(self.now, timer.due)
                timer.is_cancelled = True
                timer.call()
        self.now = end


steps = st.lists(
    st.one_of(
        st.tuples(st.just("change"), st.booleans()),
        st.tuples(st.just("behind"), st.booleans()),
        st.tuples(st.just("hold"), st.booleans()),
        st.tuples(st.just("backlog"), st.integers(0, 2 * BACKLOG_LIMIT_WRITES)),
        st.tuples(
            st.just("wait"), st.sampled_from([0.001, 0.004, 0.016, 0.02, 0.06, 0.2])
        ),
    ),
    max_size=60,
)


@given(steps)
def test_no_three_paints_share_a_frame_and_the_last_state_is_painted(
    script: list[tuple[str, float]],
) -> None:
    screen = Screen()
    for what, value in script:
        match what:
            case "change":
                screen.change(is_flooded=bool(value))
            case "behind":
                painted = len(screen.painted)
                screen.change(is_flooded=bool(value), waits_a_turn=True)
                assert len(screen.painted) == painted
            case "hold":
                screen.is_held = bool(value)
                screen.change()
            case "backlog":
                screen.backlog = int(value)
            case _:
                screen.wait(value)
    screen.backlog = 0
    screen.wait(HOLD_LIMIT_SECONDS + FRAME_SECONDS)
    times = [time for time, _ in screen.painted]
    for first, last in itertools.combinations(range(len(times)), 2):
        # Of those that came together after a rest, one was before its time.
        took = times[last] - times[first]
        assert took >= (last - first - 1) * FRAME_SECONDS - LEAST_SECONDS
    if screen.state:
        assert screen.painted[-1][1] == screen.state
    assert screen.waiting == []


def test_a_slow_host_gets_the_newest_state_when_it_has_taken_the_rest() -> None:
    screen = Screen()
    screen.change()
    screen.backlog = BACKLOG_LIMIT_WRITES + 1
    for _ in range(100):
        screen.wait(0.01)
        screen.change(is_flooded=True)
    assert len(screen.painted) == 1
    screen.backlog = BACKLOG_LIMIT_WRITES
    screen.wait(2 * FRAME_SECONDS)
    assert [state for _, state in screen.painted] == [1, screen.state]


def test_a_second_has_sixty_frames_at_most_and_a_flood_twenty() -> None:
    for is_flooded, frames in ((False, 60), (True, 20)):
        screen = Screen()
        for _ in range(1000):
            screen.change(is_flooded=is_flooded)
            screen.wait(0.001)
        assert frames - 10 <= len(screen.painted) <= frames + 2


def test_what_an_echo_brings_is_painted_without_waiting_for_the_next_frame() -> None:
    screen = Screen()
    for _ in range(3):
        screen.change()
        screen.wait(0.001)
    assert [state for _, state in screen.painted] == [1, 2]
    screen.wait(FRAME_SECONDS)
    assert [state for _, state in screen.painted] == [1, 2, 3]


def test_held_output_waits_no_longer_than_promised() -> None:
    screen = Screen(is_held=True)
    begun = screen.now
    for _ in range(1000):
        screen.change()
        screen.wait(0.001)
    times = [begun, *(at for at, _ in screen.painted)]
    gaps = [late - early for early, late in itertools.pairwise(times)]
    assert gaps
    assert max(gaps) <= 0.1511
    assert min(gaps) >= 0.1489


def test_a_lone_change_is_painted_at_once() -> None:
    screen = Screen()
    for _ in range(3):
        screen.change()
        assert screen.painted[-1] == (screen.now, screen.state)
        screen.wait(1.0)
    assert len(screen.painted) == 3, "and nothing is painted where nothing changed"


def test_what_waits_a_turn_is_painted_in_the_next_one() -> None:
    screen = Screen()
    screen.change(waits_a_turn=True)
    assert screen.painted == []
    screen.wait(0.0)
    assert screen.painted == [(screen.now, 1)]
    screen.wait(1.0)
    screen.change(waits_a_turn=True)
    screen.change()
    assert screen.painted[-1] == (screen.now, 3)
    screen.wait(1.0)
    assert len(screen.painted) == 2


def test_a_flood_is_painted_less_often_and_its_end_soon() -> None:
    screen = Screen()
    screen.change(is_flooded=True)
    while screen.now < 51.0:
        screen.wait(0.004)
        screen.change(is_flooded=True)
    assert len(screen.painted) <= 1 / FLOOD_FRAME_SECONDS + 1
    screen.wait(FRAME_SECONDS)
    screen.change()
    screen.wait(FRAME_SECONDS)
    assert screen.painted[-1][1] == screen.state


def test_held_output_is_not_painted_until_it_is_complete() -> None:
    screen = Screen()
    screen.change()
    screen.is_held = True
    screen.change()
    screen.wait(HOLD_LIMIT_SECONDS / 2)
    assert screen.painted[-1][1] == 1
    screen.is_held = False
    screen.change()
    assert screen.painted[-1][1] == 3


def test_output_that_is_held_for_ever_is_painted_at_the_limit() -> None:
    screen = Screen(is_held=True)
    begun = screen.now
    for _ in range(100):
        screen.change()
        screen.wait(0.01)
    times = [time - begun for time, _ in screen.painted]
    assert times[0] == pytest.approx(HOLD_LIMIT_SECONDS)
    assert len(times) == pytest.approx(1.0 / HOLD_LIMIT_SECONDS, abs=1)


def test_stopping_forgets_what_was_due() -> None:
    screen = Screen()
    screen.change()
    screen.change()
    screen.frames.stop()
    assert screen.waiting == []


@given(st.frozensets(st.integers(0, 50)))
def test_regions_cover_exactly_the_rows(rows: frozenset[int]) -> None:
    regions = row_regions(rows, 80)
    covered = [y for region in regions for y in region.line_range]
    assert covered == sorted(rows)
    assert all(a.bottom < b.y for a, b in itertools.pairwise(regions))


def painted_rows(app: AppUnderTest) -> list[int]:
    """Return a list that grows with each row that is painted from now on."""
    painted: list[int] = []
    render_line = app.view.render_line

    def recorded(y: int) -> Strip:
        painted.append(y)
        return render_line(y)

    app.view.render_line = recorded  # type: ignore[method-assign]
    return painted


async def test_output_that_changes_nothing_paints_nothing() -> None:
    app = make_app(greeting=b"one\r\ntwo")
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "two" in shown(app))
        await pilot.pause(2 * FRAME_SECONDS)
        painted = painted_rows(app)
        app.fake.output(b"\x1b[m\x1b[38;5;4m\x1b[0m")
        await pilot.pause(2 * FRAME_SECONDS)
        assert painted == []
        app.fake.output(b"!")
        await until(pilot, lambda: painted)
        assert set(painted) == {1}


async def test_a_view_that_is_scrolled_back_is_not_painted_for_what_it_hides() -> None:
    app = make_app(greeting=b"".join(b"line %d\r\n" % number for number in range(200)))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("shift+pageup", "shift+pageup")
        app.fake.output(b"below\r\n")
        await pilot.pause(3 * FRAME_SECONDS)
        painted = painted_rows(app)
        app.fake.output(b"more below\r\n")
        await pilot.pause(3 * FRAME_SECONDS)
        assert painted == []
