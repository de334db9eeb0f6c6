"""Looks at something that has often ended before the first look."""

import asyncio
from collections.abc import Callable, Coroutine


class DelayedWork:
    """Begins work after a while, and cancels it; at most one at a time."""

    def __init__(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        self._work = work
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def is_going_on(self) -> bool:
        """True between ``start`` and ``stop``."""
        return self._timer is not None or self._task is not None

    def start(self, delay_seconds: float) -> None:
        """Begin after so long; again begins anew."""
        self.stop()
        # A timer costs less than a task.
        self._timer = asyncio.get_running_loop().call_later(delay_seconds, self._begin)

    def stop(self) -> None:
        """Cancel what has begun, or will."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._task:
            self._task.cancel()
            self._task = None

    def _begin(self) -> None:
        self._timer = None
        self._task = asyncio.create_task(self._work())
