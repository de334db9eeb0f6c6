"""Who goes next: one queue for everything that is asked of a model service."""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from terminal_ai.assistant.scheduling.priority import Priority
from terminal_ai.errors import QueueFullError
from terminal_ai.messages import gettext as _
from utils.async_optimizer import AsyncThrottler


@dataclass(eq=False, slots=True)
class Turn:
    """One request's place. ``give_way`` tells its owner to stop and to leave."""

    number: int
    priority: Priority
    give_way: Callable[[], None]
    granted: asyncio.Event = field(default_factory=asyncio.Event)
    is_leaving: bool = False


class TurnQueue:
    """Grants turns by priority, and inside one in the order they came.

    A user's request goes before all others, and together with up to ``at_once`` of its
    kind. What runs unasked runs alone; it is stopped for a user's request, which waits
    only until it has closed. A warm-up is not stopped: what it loads is wanted.
    """

    def __init__(
        self, *, at_once: int, waiting_limit: int, throttle: AsyncThrottler | None
    ) -> None:
        self._at_once = at_once
        self._waiting_limit = waiting_limit
        self._throttle = throttle
        self._numbers = itertools.count()
        self._waiting: list[Turn] = []
        self._running: list[Turn] = []
        self._timer: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """How many have their turn, those that are leaving among them."""
        return len(self._running)

    def join(self, priority: Priority, give_way: Callable[[], None]) -> Turn:
        """Take a place. A full queue drops its oldest prefetch, or refuses."""
        turn = Turn(next(self._numbers), priority, give_way)
        self._waiting.append(turn)
        self._grant()
        if len(self._waiting) > self._waiting_limit:
            unasked = min(
                (one for one in self._waiting if one.priority is not _USERS),
                key=lambda one: (-one.priority, one.number),
                default=turn,
            )
            self._waiting.remove(unasked)
            if unasked is turn:
                raise QueueFullError(
                    _("{count} requests to the model wait already").format(
                        count=self._waiting_limit
                    ),
                    hint=_("wait for one of them, or stop it with Esc"),
                )
            self._send_away(unasked)
        return turn

    def change(self, turn: Turn, priority: Priority) -> None:
        """Let a request count for more, or for less, from now on."""
        if turn.priority is not priority:
            turn.priority = priority
            self._grant()

    def leave(self, turn: Turn) -> None:
        """Give a place or a turn back; who is next gets it."""
        for turns in (self._waiting, self._running):
            if turn in turns:
                turns.remove(turn)
        self._grant()

    def close(self) -> None:
        """Grant nothing more."""
        self._at_once = 0
        self._stop_timer()

    def _grant(self) -> None:
        self._stop_timer()
        for turn in self._due():
            if self._throttle is not None:
                if (seconds := self._throttle.wait_seconds) > 0:
                    loop = asyncio.get_running_loop()
                    self._timer = loop.call_later(seconds, self._grant)
                    return
                self._throttle.take()
            self._waiting.remove(turn)
            self._running.append(turn)
            turn.granted.set()

    def _due(self) -> Iterator[Turn]:
        while self._waiting and self._at_once:
            best = min(self._waiting, key=lambda turn: (turn.priority, turn.number))
            if best.priority is _USERS:
                for turn in self._running:
                    if turn.priority is Priority.PREFETCH and not turn.is_leaving:
                        self._send_away(turn)
            users = [
                turn
                for turn in self._running
                if turn.priority is not Priority.WARM_UP or turn.is_leaving
            ]
            if any(turn.is_leaving for turn in users):
                return
            is_free = (
                len(users) < self._at_once
                if best.priority is _USERS
                else not self._running
            )
            if not is_free:
                return
            yield best

    def _send_away(self, turn: Turn) -> None:
        turn.is_leaving = True
        turn.give_way()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


_USERS = Priority.INTERACTIVE
