"""Objects that are used again instead of being made anew."""

import contextlib
import logging
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from utils.trimming import Freed

Pooled = TypeVar("Pooled")

IDLE_LIMIT = 50

_log = logging.getLogger(__name__)


def reset_by_method(pooled: object) -> None:
    """Call the object's own ``reset``, if it has one."""
    reset = getattr(pooled, "reset", None)
    if callable(reset):
        reset()


class ObjectPool(Generic[Pooled]):
    """Keeps up to ``max_size`` objects that nobody uses, each reset before it is lent.

    An object has one owner: giving it back twice, or giving back what was not lent, is
    an error. One that cannot be reset is dropped. Whoever keeps an object for good
    should say so with ``forget``: what is lent is known by the pool until then. Not
    thread-safe.

    It pays for objects that are dear to make. A small one is made faster than lent.
    """

    def __init__(
        self,
        factory: Callable[[], Pooled],
        max_size: int = IDLE_LIMIT,
        *,
        reset: Callable[[Pooled], object] = reset_by_method,
    ) -> None:
        if max_size < 0:
            raise ValueError("max_size must not be negative; 0 keeps nothing")
        self._factory = factory
        self.max_size = max_size
        self._reset = reset
        self._idle: list[Pooled] = []
        self._lent: dict[int, Pooled] = {}
        self.made = 0
        self.dropped = 0

    @property
    def lent(self) -> int:
        """How many are in use."""
        return len(self._lent)

    def size(self) -> int:
        """Return how many wait to be used again."""
        return len(self._idle)

    def acquire(self) -> Pooled:
        """Lend an object, the one used last if there is one."""
        if self._idle:
            pooled = self._idle.pop()
        else:
            pooled = self._factory()
            if id(pooled) in self._lent:
                raise RuntimeError(
                    f"the factory returned a {type(pooled).__name__} that is lent "
                    "already: it must make a new one each time"
                )
            self.made += 1
        self._lent[id(pooled)] = pooled
        return pooled

    def release(self, pooled: Pooled) -> None:
        """Take an object back, as good as new; raise ValueError if it is not lent."""
        self.forget(pooled)
        if len(self._idle) >= self.max_size:
            self.dropped += 1
            return
        try:
            self._reset(pooled)
        except Exception:  # noqa: BLE001 - it is the object's own
            # Whoever gives it back is done with it: the next one gets another.
            _log.warning("an object could not be reset: dropped", exc_info=True)
            self.dropped += 1
        else:
            self._idle.append(pooled)

    def forget(self, pooled: Pooled) -> None:
        """Let the borrower keep an object for good; ValueError if it is not lent."""
        if self._lent.pop(id(pooled), None) is None:
            raise ValueError(
                f"this {type(pooled).__name__} is not lent by the pool: it was given "
                "back already, or came from elsewhere"
            )

    @contextlib.contextmanager
    def lend(self) -> Iterator[Pooled]:
        """Lend an object for a block."""
        pooled = self.acquire()
        try:
            yield pooled
        finally:
            self.release(pooled)

    def trim(self, share: float) -> Freed:
        """Drop idle objects beyond a share of the bound; their bytes are not known."""
        kept = int(self.max_size * share)
        dropped = max(0, len(self._idle) - kept)
        del self._idle[kept:]
        self.dropped += dropped
        return Freed(dropped, 0)

    def clear(self) -> None:
        """Drop every idle object."""
        self.trim(0.0)
