"""One call under cProfile: every function it calls, with counts; twice as slow or more.

For what runs all the time, ``utils.sampling`` costs next to nothing.
"""

import asyncio
import cProfile
import functools
import inspect
import io
import pstats
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from utils.stretches import awaited_in_stretches

Result = TypeVar("Result")


def profile_function(
    function: Callable[..., object], *args: object, top: int = 20
) -> str:
    """Call a function under cProfile; return the ``top`` by cumulative time as text.

    A coroutine that it returns is run in an event loop of its own. RuntimeError if
    there is a loop already, or another profiler.
    """
    profile = cProfile.Profile()
    result = _profiled(profile, function, *args)
    if inspect.iscoroutine(result):
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            asyncio.run(_awaited(profile, result))
        else:
            result.close()
            raise RuntimeError(
                "an event loop runs: await profile_coroutine(...) instead"
            )
    return _report(profile, top)


async def profile_coroutine(
    coroutine: Coroutine[Any, Any, object], *, top: int = 20
) -> str:
    """Await a coroutine under cProfile; return the ``top`` by cumulative time as text.

    It is removed while the coroutine waits, and so sees nothing of other tasks.
    """
    profile = cProfile.Profile()
    await _awaited(profile, coroutine)
    return _report(profile, top)


async def _awaited(
    profile: cProfile.Profile, coroutine: Coroutine[Any, Any, object]
) -> None:
    await awaited_in_stretches(coroutine, functools.partial(_profiled, profile))


def _profiled(
    profile: cProfile.Profile, call: Callable[..., Result], *args: Any
) -> Result:
    """Call a function; whatever happens in it, nothing stays installed."""
    if sys.getprofile() is not None:
        raise RuntimeError("another profiler is active in this thread")
    try:
        profile.enable()
    except ValueError as error:
        # Since Python 3.12 there is one for all threads.
        raise RuntimeError("another profiler is active") from error
    try:
        return call(*args)
    finally:
        profile.disable()


def _report(profile: cProfile.Profile, top: int) -> str:
    text = io.StringIO()
    pstats.Stats(profile, stream=text).sort_stats("cumulative").print_stats(top)
    return text.getvalue()
