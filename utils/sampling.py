"""A profiler that looks at the stacks of running threads, many times a second.

It finds hot lines that nobody decorated, and costs under 2 % of one processor: the
pause after a look is never shorter than a hundred looks.

    profiler = SamplingProfiler()
    profile = await profiler.profile_for(10)     # the event loop goes on meanwhile
    profile.hot_lines(20)       # HotSpot: file, line, function, self and called seconds
    profile.tree()              # FlameNode: name, seconds, self_seconds, children
    profile.report()            # text, for a person
    profile.folded()            # for flamegraph.pl
    profile.speedscope("app")   # JSON for https://www.speedscope.app

or ``profiler.start()`` and, whenever it suits, ``profile = profiler.stop()``.

What a thread is at is told by its innermost call and by its processor's clock:

- *idle*: in the event loop's selector; or any thread but the first one looked at,
  while it uses no processor. Only summed.
- *waiting*: the first thread, elsewhere and using no processor: a sleep, a lock, a
  file. On the loop's thread that holds everybody up, so it is busy, and told apart.
- *running*: all else.

A sample weighs as much as the time since the one before. Code that keeps Python's lock
for long delays the sampler; what is then seen is where it let go, and has all of it.
While it samples, Python hands its lock over sooner (``SWITCH_SECONDS``): otherwise
short callbacks would be over, and the loop idle again, before the sampler's turn came.
"""

import asyncio
import inspect
import math
import os
import random
import sys
import threading
import time
from collections.abc import Mapping
from types import CodeType, FrameType

from utils.stack_profile import Frame, SampledStack, StackProfile

DEFAULT_INTERVAL_SECONDS = 0.010
LEAST_INTERVAL_SECONDS = 0.001
COST_SHARE = 0.01
"""Looking takes at most this part of one processor; the thread that is looked at, which
waits meanwhile, loses less than as much again."""
JITTER_SHARE = 0.25
"""Pauses vary by this part, lest they fall into step with the app's own timers."""
SWITCH_SECONDS = 0.0001
"""At Python's 5 ms, a loop busy for 2 ms of every 5 ms is never once seen at work."""
DEPTH_LIMIT = 128
"""Of a deeper stack, the innermost calls are kept."""
STACKS_LIMIT = 10_000
"""Samples of more different stacks are only counted."""
LOOKS_LIMIT = 3
"""So often a thread is looked at that goes on while its stack is followed."""
WAITING_SHARE = 0.01
"""A thread that used less than this part of the time since the last look waited."""
RUNNING_SHARE = 0.9
"""One that used more than this part did not wait, not even in the selector."""
THREAD_NAME = "sampling profiler"
OUTER_CALLS = Frame("(outer calls)", "", 0, 0)

_NANOSECONDS = 1e9
_SUSPENDABLE = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
_SELECTOR = ("selectors.py", "select")
_IDLE_PLACES = {
    _SELECTOR,
    ("threading.py", "wait"),
    ("threading.py", "_wait_for_tstate_lock"),
    ("queue.py", "get"),
    ("thread.py", "_worker"),
    ("unix_events.py", "_do_waitpid"),
}
"""Where the standard library's threads wait for work: file and function."""

_Stack = tuple[int, ...]
"""The identity of a code object and a line, in turn, innermost call first."""


class SamplingProfiler:
    """Samples the thread that starts it, or all threads; may be started again."""

    def __init__(
        self,
        *,
        interval_seconds: float = DEFAULT_INTERVAL_SECONDS,
        all_threads: bool = False,
    ) -> None:
        if not LEAST_INTERVAL_SECONDS <= interval_seconds < math.inf:
            raise ValueError(
                f"interval_seconds is {interval_seconds}; "
                f"the least is {LEAST_INTERVAL_SECONDS}"
            )
        self.interval_seconds = interval_seconds
        self.all_threads = all_threads
        self._lock = threading.Lock()
        self._run: _Run | None = None

    @property
    def is_running(self) -> bool:
        """True between ``start`` and ``stop``."""
        return self._run is not None

    def start(self, thread_id: int | None = None) -> None:
        """Begin to look at a thread, the calling one unless told another's ``ident``.

        Raises RuntimeError if it looks already.
        """
        watched = threading.get_ident() if thread_id is None else thread_id
        with self._lock:
            if self._run is not None:
                raise RuntimeError("already sampling: stop it first")
            samples = Samples(watched, all_threads=self.all_threads)
            run = _Run(samples, self.interval_seconds)
            run.start()
            self._run = run

    def stop(self) -> StackProfile:
        """End, and return what was seen; nothing is held from then on.

        Any thread may call it. Takes milliseconds; in an event loop, ``profile_for``
        leaves them to a thread. Raises RuntimeError if it was not started.
        """
        with self._lock:
            run, self._run = self._run, None
        if run is None:
            raise RuntimeError("not sampling: start it first")
        seconds = run.stop() / _NANOSECONDS
        return run.samples.profile(seconds, run.interval_seconds)

    async def profile_for(self, seconds: float) -> StackProfile:
        """Sample the loop's thread for so long; a cancelled call stops it as well."""
        self.start()
        try:
            await asyncio.sleep(seconds)
        except BaseException:
            self.stop()
            raise
        return await asyncio.to_thread(self.stop)


class _Run:
    """The thread that looks, from one start to its stop."""

    def __init__(self, samples: "Samples", interval_seconds: float) -> None:
        self.samples = samples
        self.interval_seconds = interval_seconds
        self._started = time.perf_counter_ns()
        self._stopping = threading.Event()
        self._thread = threading.Thread(
            target=self._look_on, name=THREAD_NAME, daemon=True
        )

    def start(self) -> None:
        """Begin; a system that gives no thread leaves all as it was."""
        self._thread.start()
        _switching.begin()

    def stop(self) -> int:
        """End, and return the nanoseconds that it took part in."""
        self._stopping.set()
        self._thread.join()
        _switching.end()
        return time.perf_counter_ns() - self._started

    def _look_on(self) -> None:
        samples = self.samples
        interval = round(self.interval_seconds * _NANOSECONDS)
        looked_at, used = self._started, time.thread_time_ns()
        pause = 0
        while not self._stopping.wait(pause / _NANOSECONDS):
            now = time.perf_counter_ns()
            samples.look(sys._current_frames(), now - looked_at)
            looked_at = now
            cost = time.thread_time_ns() - used
            used += cost
            samples.cost_nanoseconds += cost
            jitter = 1 + JITTER_SHARE * (2 * random.random() - 1)  # noqa: S311 - a pause
            pause = max(round(interval * jitter), round(cost / COST_SHARE))


class Samples:
    """What was seen so far: counts of stacks, as numbers until somebody asks."""

    def __init__(self, thread_id: int, *, all_threads: bool = False) -> None:
        self.cost_nanoseconds = 0
        self._first = thread_id
        self._all_threads = all_threads
        self._threads: dict[int, _Thread] = {}
        self._stacks: dict[tuple[str, bool, _Stack], list[int]] = {}
        self._codes: dict[int, CodeType] = {}
        self._idle = [0, 0]
        self._lost = 0
        self._cpu_nanoseconds: int | None = 0

    @property
    def count(self) -> int:
        """How many samples of a busy thread there are."""
        return sum(samples for samples, _spent in tuple(self._stacks.values()))

    def look(self, frames: dict[int, FrameType], nanoseconds: int) -> None:
        """Take one sample of each thread, that long after the one before.

        ``frames`` is emptied: a frame that is kept keeps all its variables.
        """
        try:
            frames.pop(threading.get_ident(), None)
            self._forget_ended(frames)
            wanted = frames if self._all_threads else (self._first,)
            for thread_id in wanted:
                if (frame := frames.get(thread_id)) is not None:
                    self._take(thread_id, frame, nanoseconds)
        finally:
            frames.clear()

    def profile(self, seconds: float, interval_seconds: float) -> StackProfile:
        """Return all that was seen, with names and lines."""
        frames: dict[tuple[int, int], Frame] = {(0, 0): OUTER_CALLS}
        stacks = []
        for (thread, is_waiting, key), (samples, spent) in self._stacks.items():
            calls = zip(key[::2], key[1::2], strict=True)
            stack = [frames.get(call) or self._frame(call, frames) for call in calls]
            stacks.append(
                SampledStack(
                    thread=thread,
                    frames=tuple(reversed(stack)),
                    is_waiting=is_waiting,
                    samples=samples,
                    seconds=spent / _NANOSECONDS,
                )
            )
        cpu = self._cpu_nanoseconds
        return StackProfile(
            seconds=seconds,
            interval_seconds=interval_seconds,
            stacks=tuple(stacks),
            idle_samples=self._idle[0],
            idle_seconds=self._idle[1] / _NANOSECONDS,
            lost_samples=self._lost,
            cpu_seconds=None if cpu is None else cpu / _NANOSECONDS,
            cost_seconds=self.cost_nanoseconds / _NANOSECONDS,
        )

    def _frame(
        self, call: tuple[int, int], frames: dict[tuple[int, int], Frame]
    ) -> Frame:
        code = self._codes[call[0]]
        frame = frames[call] = Frame(
            code.co_qualname, code.co_filename, call[1], code.co_firstlineno
        )
        return frame

    def _forget_ended(self, frames: Mapping[int, FrameType]) -> None:
        """A thread that begins later may have the number of one that has ended."""
        for thread_id in self._threads.keys() - frames.keys():
            del self._threads[thread_id]

    def _take(self, thread_id: int, frame: FrameType, nanoseconds: int) -> None:
        thread = self._threads.get(thread_id)
        if thread is None:
            # From now on it is known how long it does what.
            self._threads[thread_id] = _Thread(thread_id)
            return
        cpu = thread.cpu_since()
        if cpu is None:
            self._cpu_nanoseconds = None
            share = None
        else:
            if self._cpu_nanoseconds is not None:
                self._cpu_nanoseconds += cpu
            share = cpu / nanoseconds if nanoseconds > 0 else None
        is_first = thread_id == self._first
        has_used_none = share is not None and share < WAITING_SHARE
        has_nothing_to_do = has_used_none and not is_first
        if has_nothing_to_do or (
            # A loop that never waits is in its selector as well, again and again.
            (share is None or share < RUNNING_SHARE)
            and _is_idle_place(frame.f_code, is_first=is_first)
        ):
            self._idle[0] += 1
            self._idle[1] += nanoseconds
        elif (stack := self._whole_stack(thread_id, frame)) is not None:
            self._count((thread.name, has_used_none, stack), nanoseconds)
        else:
            self._lost += 1

    def _count(self, key: tuple[str, bool, _Stack], nanoseconds: int) -> None:
        sums = self._stacks.get(key)
        if sums is None:
            if len(self._stacks) >= STACKS_LIMIT:
                self._lost += 1
                return
            sums = self._stacks[key] = [0, 0]
        sums[0] += 1
        sums[1] += nanoseconds

    def _whole_stack(self, thread_id: int, innermost: FrameType) -> _Stack | None:
        """Return the stack; None if the thread goes on whenever it is followed."""
        frame: FrameType | None = innermost
        for _look in range(LOOKS_LIMIT):
            if frame is None:
                return None
            if (stack := self._stack(frame)) is not None:
                return stack
            frame = sys._current_frames().get(thread_id)
        return None

    def _stack(self, innermost: FrameType) -> _Stack | None:
        """Follow a stack; None if its callers were gone before they were reached.

        Python may hand its lock over meanwhile. What is suspended then has no caller
        any more, and what runs has always one that cannot be suspended.
        """
        codes = self._codes
        stack: list[int] = []
        frame: FrameType | None = innermost
        code = innermost.f_code
        for _call in range(DEPTH_LIMIT):
            if frame is None:
                if code.co_flags & _SUSPENDABLE:
                    return None
                break
            code = frame.f_code
            # Code objects are compared by content, slowly; kept, they have a number.
            identity = id(code)
            codes.setdefault(identity, code)
            stack += (identity, frame.f_lineno or code.co_firstlineno)
            frame = frame.f_back
        else:
            if frame is not None:
                stack += (0, 0)
        return tuple(stack)


class _Thread:
    """A thread's name and its processor's clock."""

    def __init__(self, thread_id: int) -> None:
        self.name = f"thread {thread_id}"
        self._clock: int | None = None
        for thread in threading.enumerate():
            if thread.ident == thread_id:
                self.name = thread.name
                self._clock = cpu_clock(thread.native_id)
        self._before = self._now()

    def cpu_since(self) -> int | None:
        """Return the processor time used since the last call, if it can be told."""
        before, self._before = self._before, self._now()
        if before is None or self._before is None:
            return None
        return self._before - before

    def _now(self) -> int | None:
        if self._clock is None:
            return None
        try:
            return time.clock_gettime_ns(self._clock)
        except OSError:
            # The thread has ended.
            return None


def _is_idle_place(code: CodeType, *, is_first: bool) -> bool:
    place = code.co_filename.rpartition(os.sep)[2], code.co_name
    return place == _SELECTOR if is_first else place in _IDLE_PLACES


def cpu_clock(native_id: int | None) -> int | None:
    """Return the number of a thread's processor clock, None where there is none.

    Linux computes it from the thread's number, as its C library does. Asking that
    library (``pthread_getcpuclockid``) is not safe once the thread has ended.
    """
    if native_id is None or sys.platform != "linux":
        return None
    per_thread_scheduled = 6
    return ~native_id << 3 | per_thread_scheduled


class _Switching:
    """How soon Python hands its lock over: sooner while anybody samples."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._samplers = 0
        self._usual = 0.0

    def begin(self) -> None:
        with self._lock:
            self._samplers += 1
            if self._samplers == 1:
                self._usual = sys.getswitchinterval()
                sys.setswitchinterval(min(self._usual, SWITCH_SECONDS))

    def end(self) -> None:
        with self._lock:
            self._samplers -= 1
            if not self._samplers:
                sys.setswitchinterval(self._usual)


_switching = _Switching()
