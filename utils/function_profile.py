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

    A coroutine function is run in an event loop of its own. RuntimeError if there is
    a loop already, or another profiler.
    """
    if inspect.iscoroutinefunction(function):
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(profile_coroutine(function(*args), top=top))
        raise RuntimeError("an event loop runs: await profile_coroutine(...) instead")
    profile = cProfile.Profile()
    _profiled(profile, function, *args)
    return _report(profile, top)


async def profile_coroutine(
    coroutine: Coroutine[Any, Any, object], *, top: int = 20
) -> str:
    """Await a coroutine under cProfile; return the ``top`` by cumulative time as text.

    It is removed while the coroutine waits, and so sees nothing of other tasks.
    """
    profile = cProfile.Profile()
    await awaited_in_stretches(coroutine, functools.partial(_profiled, profile))
    return _report(profile, top)


def _profiled(
    profile: cProfile.Profile, call: Callable[..., Result], *args: Any
) -> Result:
    """Call a function; whatever happens in it, nothing stays installed."""
    if sys.getprofile() is not None:
        raise RuntimeError("another profiler is active in this thread")
    profile.enable()
    try:
        return call(*args)
    finally:
        profile.disable()


def _report(profile: cProfile.Profile, top: int) -> str:
    text = io.StringIO()
    pstats.Stats(profile, stream=text).sort_stats("cumulative").print_stats(top)
    return text.getvalue()
