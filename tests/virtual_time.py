"""An event loop whose time passes only while everybody waits."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class _Selector(selectors.SelectSelector):
    """Moves the loop's clock on instead of waiting."""

    loop: "VirtualLoop"

    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everybody waits, and nothing will ever happen")
        self.loop.now += max(0.0, timeout)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """No thread can be waited for in it; what sleeps is woken at once, in order."""

    def __init__(self) -> None:
        self.now = 1_000.0
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now

    def left_behind(self) -> list[asyncio.Task[Any]]:
        """Return the tasks that still live when nobody should be at work."""
        self.run_until_complete(_settle())
        return [task for task in asyncio.all_tasks(self) if not task.done()]

    def end(self) -> None:
        """Stop whatever still runs, and close."""
        left = asyncio.all_tasks(self)
        for task in left:
            task.cancel()
        if left:
            self.run_until_complete(asyncio.wait(left))
        self.close()


async def _settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def run_virtually(
    main: Callable[[VirtualLoop], Coroutine[Any, Any, Result]],
) -> Result:
    """Run a coroutine to its end; fail if it leaves a task behind."""
    loop = VirtualLoop()
    try:
        result = loop.run_until_complete(main(loop))
        left = loop.left_behind()
        assert not left, f"left behind: {left}"
        return result
    finally:
        loop.end()
