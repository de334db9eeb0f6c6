import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.shell import stream as stream_module
from terminal_ai.shell.pty import PtyMaster
from terminal_ai.shell.stream import (
    BREATHS,
    FEED_LEAST_BYTES,
    UNPARSED_LIMIT_BYTES,
    IsOver,
    ParserSpeed,
    PtyStream,
)

SLICE_SECONDS = 0.004
CHUNK_BYTES = 65_536
KERNEL_READ_BYTES = 4_095
READ_SECONDS = 0.000_05
STEP_BYTES = 100
HANG_SECONDS = 30.0


@dataclass(eq=False)
class FakeHandle:
    """A call that is due in the next turn, unless it is taken back."""

    call: Callable[[], None]

    def cancel(self) -> None:
        self.call = lambda: None


class FakeLoop:
    """An event loop turned by hand."""

    def __init__(self) -> None:
        self.readers: dict[int, Callable[[], None]] = {}
        self.writers: dict[int, Callable[[], None]] = {}
        self.ready: list[FakeHandle] = []

    def add_reader(self, fd: int, call: Callable[[], None]) -> None:
        self.readers[fd] = call

    def remove_reader(self, fd: int) -> None:
        self.readers.pop(fd, None)

    def add_writer(self, fd: int, call: Callable[[], None]) -> None:
        self.writers[fd] = call

    def remove_writer(self, fd: int) -> None:
        self.writers.pop(fd, None)

    def call_soon(self, call: Callable[..., None], *arguments: object) -> FakeHandle:
        self.ready.append(FakeHandle(lambda: call(*arguments)))
        return self.ready[-1]

    def turn(self, *, is_readable: bool) -> None:
        """Run once what is due, the descriptor's watchers first."""
        calls = list(self.readers.values()) if is_readable else []
        calls += list(self.writers.values())
        due, self.ready = self.ready, []
        for call in calls:
            call()
        for handle in due:
            handle.call()


@dataclass
class FakeMaster:
    """A pty that holds what a program printed, and takes time to be read."""

    clock: "FakeClock"
    fd: int = 7
    waiting: bytearray = field(default_factory=bytearray)
    is_over: bool = False
    room: int = 0
    pending: bytearray = field(default_factory=bytearray)
    written: bytearray = field(default_factory=bytearray)
    flushes: int = 0

    @property
    def has_pending(self) -> bool:
        return bool(self.pending)

    def read(self, limit_bytes: int) -> bytes | None:
        assert limit_bytes > 0
        self.clock.now += READ_SECONDS
        if not self.waiting:
            return b"" if self.is_over else None
        size = min(limit_bytes, KERNEL_READ_BYTES, len(self.waiting))
        data = bytes(self.waiting[:size])
        del self.waiting[:size]
        return data

    def write(self, data: bytes) -> bool:
        self.pending += data
        self.flush()
        return True

    def flush(self) -> None:
        self.flushes += 1
        taken = min(self.room, len(self.pending))
        self.written += self.pending[:taken]
        del self.pending[:taken]
        self.room -= taken


@dataclass
class FakeClock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


class World:
    """A stream between a fake pty and a parser of a chosen speed."""

    def __init__(self, loop: FakeLoop, bytes_per_second: float) -> None:
        self.clock = FakeClock()
        self.master = FakeMaster(self.clock)
        self.loop = loop
        self.bytes_per_second = bytes_per_second
        self.fed: list[bytes] = []
        self.ends = 0
        self.most_unparsed = 0
        self.stream = PtyStream(
            self.master,
            chunk_bytes=CHUNK_BYTES,
            slice_seconds=SLICE_SECONDS,
            on_data=self._parse,
            on_slice_end=lambda: None,
            on_end=self._end,
            clock=self.clock,
        )

    def _parse(self, data: bytes, is_over: IsOver) -> bytes:
        held = len(data) + self.stream.unparsed_bytes
        self.most_unparsed = max(self.most_unparsed, held)
        taken = 0
        while taken < len(data) and not (taken and is_over()):
            step = min(STEP_BYTES, len(data) - taken)
            self.clock.now += step / self.bytes_per_second
            taken += step
        self.fed.append(data[:taken])
        return data[taken:]

    def _end(self) -> None:
        self.ends += 1

    @property
    def is_readable(self) -> bool:
        return bool(self.master.waiting) or self.master.is_over

    def turn(self) -> float:
        """Turn the loop once; return how long it was held."""
        begun = self.clock.now
        self.loop.turn(is_readable=self.is_readable)
        return self.clock.now - begun

    def settle(self) -> None:
        for _ in range(100_000):
            if not self.is_readable and not self.loop.ready:
                return
            self.turn()
        raise AssertionError("the stream never settles")


@contextmanager
def world(bytes_per_second: float = 1e6) -> Iterator[World]:
    loop = FakeLoop()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream_module, "get_running_loop", lambda: loop)
        made = World(loop, bytes_per_second)
        made.stream.start()
        yield made


def test_an_echo_is_parsed_in_the_call_that_read_it() -> None:
    with world() as w:
        for letter in (b"a", b"b"):
            w.master.waiting += letter
            w.turn()
            assert w.fed.pop() == letter
            assert not w.stream.is_flooded


def test_what_arrived_in_pieces_is_parsed_together() -> None:
    with world(1e9) as w:
        for _ in range(20):
            w.master.waiting += b"x" * CHUNK_BYTES
            w.settle()
        w.fed.clear()
        w.master.waiting += b"y" * 3 * KERNEL_READ_BYTES
        w.turn()
        assert [len(data) for data in w.fed] == [3 * KERNEL_READ_BYTES]


@pytest.mark.parametrize("bytes_per_second", [3e5, 2e6, 5e7, 1e9])
def test_a_flood_holds_the_loop_for_a_slice_at_a_time(bytes_per_second: float) -> None:
    with world(bytes_per_second) as w:
        w.master.waiting += b"x" * 20_000_000
        held = [w.turn() for _ in range(40 * BREATHS)]
        assert w.stream.is_flooded
        least = FEED_LEAST_BYTES / bytes_per_second
        assert max(held) <= SLICE_SECONDS * 1.5 + least + READ_SECONDS


def test_a_flood_leaves_the_loop_to_others_between_two_slices() -> None:
    with world() as w:
        w.master.waiting += b"x" * 1_000_000
        worked = [w.turn() > 0 for _ in range(10 * (BREATHS + 1))]
        assert worked.count(True) == 10
        first = worked.index(True)
        assert worked[first + 1 : first + 1 + BREATHS] == [False] * BREATHS


def test_fast_text_that_turns_slow_is_met_with_small_feeds() -> None:
    with world(5e7) as w:
        w.master.waiting += b"x" * 9_000_000
        for _ in range(20 * BREATHS):
            w.turn()
        w.bytes_per_second = 1e6
        held = [w.turn() for _ in range(10 * BREATHS)]
        assert max(held) <= 2 * SLICE_SECONDS


def test_a_few_bytes_of_much_work_hold_the_loop_for_a_slice() -> None:
    with world(5e7) as w:
        w.master.waiting += b"x" * 9_000_000
        for _ in range(20 * BREATHS):
            w.turn()
        w.bytes_per_second = 5e3
        held = [w.turn() for _ in range(10 * BREATHS)]
        step = STEP_BYTES / w.bytes_per_second
        assert max(held) <= SLICE_SECONDS + step
        for _ in range(3000 * BREATHS):
            w.turn()
        assert w.stream.unparsed_bytes <= 2 * KERNEL_READ_BYTES, "^C waits for these"


def test_small_feeds_teach_nothing_about_the_speed() -> None:
    speed = ParserSpeed()
    before = speed.bytes_in(1.0)
    speed.learn(1, 0.01)
    assert speed.bytes_in(1.0) == before
    speed.learn(FEED_LEAST_BYTES, 0.01)
    assert speed.bytes_in(1.0) < before


arrivals = st.lists(
    st.one_of(
        st.tuples(st.just("print"), st.integers(1, 400_000)),
        st.tuples(st.just("type"), st.integers(1, 2_000)),
        st.tuples(st.just("room"), st.integers(1, 2_000)),
        st.tuples(st.just("speed"), st.sampled_from([100_000, 2_000_000, 90_000_000])),
        st.tuples(st.just("turn"), st.integers(1, 5)),
    ),
    max_size=25,
)


@given(arrivals)
def test_nothing_is_lost_or_reordered_and_no_bound_is_passed(
    script: list[tuple[str, int]],
) -> None:
    printed, typed = bytearray(), bytearray()
    with world() as w:
        for what, number in script:
            match what:
                case "print":
                    data = bytes((len(printed) + at) % 251 for at in range(number))
                    printed += data
                    w.master.waiting += data
                case "type":
                    keys = bytes((len(typed) + at) % 241 for at in range(number))
                    typed += keys
                    flushed = w.master.flushes
                    w.stream.write(keys)
                    assert w.master.flushes > flushed, "keys go out at once"
                case "room":
                    w.master.room += number
                case "speed":
                    w.bytes_per_second = number
                case _:
                    for _ in range(number):
                        w.turn()
                    assert not (w.master.room and w.master.has_pending)
        w.settle()
        w.master.room = len(typed)
        w.turn()
        assert b"".join(w.fed) == printed
        assert w.master.written == typed
        assert w.most_unparsed <= UNPARSED_LIMIT_BYTES
        assert max(map(len, w.fed), default=0) <= CHUNK_BYTES


def test_above_the_bound_nothing_is_read() -> None:
    with world(1e12) as w:
        for _ in range(30):
            w.master.waiting += b"x" * CHUNK_BYTES
            w.settle()
        w.bytes_per_second = 1_000
        w.master.waiting += b"x" * 10 * UNPARSED_LIMIT_BYTES
        for _ in range(5 * BREATHS):
            w.turn()
        read = 10 * UNPARSED_LIMIT_BYTES - len(w.master.waiting)
        assert read <= UNPARSED_LIMIT_BYTES + 5 * CHUNK_BYTES
        assert w.most_unparsed <= UNPARSED_LIMIT_BYTES


def test_the_end_is_told_once_after_everything_was_parsed() -> None:
    with world() as w:
        w.master.waiting += b"x" * 100_000
        w.master.is_over = True
        while w.ends == 0:
            w.turn()
        assert sum(map(len, w.fed)) == 100_000
        assert w.loop.readers == {}
        assert w.loop.ready == []


def test_draining_takes_what_an_ended_shell_left() -> None:
    with world() as w:
        w.master.waiting += b"x" * 50_000
        w.stream.drain()
        assert sum(map(len, w.fed)) == 50_000
        w.stream.stop()
        w.master.waiting += b"y"
        w.stream.drain()
        assert sum(map(len, w.fed)) == 50_000


def test_a_listener_may_stop_the_stream_in_the_middle() -> None:
    with world() as w:
        w.master.waiting += b"x" * 500_000
        w.turn()
        assert w.loop.ready
        w.stream.stop()
        fed = len(w.fed)
        w.turn()
        assert len(w.fed) == fed
        assert w.stream.unparsed_bytes == 0


async def test_ctrl_c_ends_a_flood_and_what_follows_is_shown() -> None:
    shell = shutil.which("sh")
    assert shell is not None
    seen = bytearray()
    flooded, over = asyncio.Event(), asyncio.Event()

    def take(data: bytes, _is_over: IsOver) -> bytes:
        del seen[:-4096]
        seen.extend(data)
        if b"y\r\ny\r\n" in seen:
            flooded.set()
        if b"still here" in seen:
            over.set()
        return b""

    script = "trap 'echo still here; read x' INT; yes"
    with PtyMaster.spawn(
        [shell, "-c", script],
        environ={"PATH": "/usr/bin:/bin"},
        cwd="/",
        columns=80,
        rows=24,
    ) as master:
        stream = PtyStream(
            master,
            chunk_bytes=CHUNK_BYTES,
            slice_seconds=SLICE_SECONDS,
            on_data=take,
            on_slice_end=lambda: None,
            on_end=lambda: None,
        )
        stream.start()
        try:
            async with asyncio.timeout(HANG_SECONDS):
                await flooded.wait()
                stream.write(b"\x03")
                await over.wait()
        finally:
            stream.stop()
        assert master.poll() is None, "the shell outlives its flood"
