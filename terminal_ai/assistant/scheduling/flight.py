"""One generation, and everybody who follows it."""

import asyncio
import copy

from terminal_ai.assistant.scheduling.priority import Priority
from terminal_ai.assistant.scheduling.turns import Turn
from terminal_ai.records import AnswerUpdate


class Flight:
    """Tells its newest update to each follower at that follower's own pace.

    An update tells everything known so far, so there is nothing to queue: who comes
    late gets the newest at once, and who is slow holds nobody up.
    """

    task: asyncio.Task[None]
    turn: Turn

    def __init__(self, key: str) -> None:
        self.key = key
        self.latest: AnswerUpdate | None = None
        self.version = 0
        self.is_over = False
        self.is_probe = False
        """It finds out whether the service is back."""
        self._error: Exception | None = None
        self._wanted_by: list[Priority] = []
        self._changed = asyncio.Event()

    @property
    def priority(self) -> Priority | None:
        """The highest of those who want it; None when nobody does."""
        return min(self._wanted_by, default=None)

    @property
    def has_begun(self) -> bool:
        """True once a word of the answer, or of the thoughts before it, was told."""
        update = self.latest
        return update is not None and bool(
            update.explanation or update.thinking or update.answer
        )

    def join(self, priority: Priority) -> None:
        """Want it."""
        self._wanted_by.append(priority)

    def leave(self, priority: Priority) -> None:
        """Want it no more."""
        self._wanted_by.remove(priority)

    def publish(self, update: AnswerUpdate) -> None:
        """Tell all followers what is known now."""
        self.latest = update
        self.version += 1
        self._tell()

    def finish(self, error: Exception | None) -> None:
        """Let all followers come to an end, with the same failure if there is one."""
        self._error = error
        self.is_over = True
        self._tell()

    def raise_error(self) -> None:
        """Raise what it failed with, if it did."""
        if self._error is not None:
            # Each follower's own: a traceback grows where it is raised.
            raise copy.copy(self._error) from self._error

    async def change(self) -> None:
        """Wait until there is something new, or the end."""
        await self._changed.wait()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
