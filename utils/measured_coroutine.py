"""Coroutine functions, measured: running time without the time they are suspended.

Most calls of a coroutine function end without being suspended at all, and must not pay
for those that are. Two things make them cheap:

- To run a coroutine up to its first suspension, ``send`` is called, which raises
  StopIteration at the end: that costs more than all the rest. Here a generator that
  stays awaits one coroutine after the other (``_Lane``), and only one that is suspended
  is driven step by step from then on.
- A function that takes and passes on ``*args`` and ``**kwargs`` packs and unpacks them.
  Here it is written for the parameters of the function it measures.
"""

import functools
import inspect
import re
from collections.abc import Callable, Coroutine, Generator
from itertools import islice
from types import FunctionType, coroutine
from typing import Any, Final, ParamSpec, cast

from utils.stopwatch import Run, Stopwatch
from utils.stretches import Routine, awaited_further, awaited_in_stretches

Parameters = ParamSpec("Parameters")
Measured = Callable[Parameters, Coroutine[Any, Any, Any]]

_ENDED: Final = object()
"""Comes out of a relay when a coroutine has ended, and not a thing it waits for."""

_ANY_PARAMETERS: Final = "*args, **kwargs"

# Each name of an outer function costs every call a nanosecond or two: only the one that
# is used most is one. A Stopwatch looks for the names ``measured`` and ``started``.
_SOURCE = """
def measuring(watch):
    async def measured({parameters}):
        if watch.inside:
            if watch.is_on:
                return await crowded(function({arguments}), watch)
            return await function({arguments})
        coroutine = function({arguments})
        started = clock()
        if watch.call_started:
            return await crowded(coroutine, watch)
        # No thread and no interrupt comes between here and the try: nothing is called.
        watch.call_started = started
        try:
            came_out = lane.relay.send(coroutine)
        except BaseException:
            failed(watch, lane, started)
            raise
        if came_out is not ENDED:
            return await suspended(coroutine, watch, lane, started, came_out)
        result = lane.result
        lane.result = None
        watch.call_started = 0
        elapsed = clock() - started
        try:
            times[elapsed] += 1
        except KeyError:
            watch.take(elapsed, elapsed, 0)
        return result
    return measured
"""
_WORDS: Final = frozenset(re.findall(r"\w+", _SOURCE))


def measured_coroutine_function(
    function: Measured[Parameters], watch: Stopwatch
) -> Measured[Parameters]:
    """Return a coroutine function that measures another one's running time."""
    scope: dict[str, Any] = {
        "ENDED": _ENDED,
        "clock": watch.clock,
        "crowded": _crowded,
        "failed": _failed,
        "function": function,
        "lane": _Lane(),
        "suspended": _suspended,
        "times": watch.outermost,
    }
    parameters, arguments = _parameters_of(function)
    source = _SOURCE.format(parameters=parameters, arguments=arguments)
    # The text is ours, but for names that a compiler has accepted before.
    exec(compile(source, f"<measured {watch.name}>", "exec"), scope)  # noqa: S102
    measured: FunctionType = scope["measuring"](watch)
    if parameters != _ANY_PARAMETERS and isinstance(function, FunctionType):
        measured.__defaults__ = function.__defaults__
        measured.__kwdefaults__ = function.__kwdefaults__
    return functools.wraps(function)(cast("Measured[Parameters]", measured))


def _parameters_of(function: object) -> tuple[str, str]:
    """Return a function's parameters, without defaults, and how to pass them on.

    Of what is no plain function, or has a parameter that is called as something in the
    text it is written into, they are ``*args, **kwargs``.
    """
    if not isinstance(function, FunctionType):
        return _ANY_PARAMETERS, _ANY_PARAMETERS
    code = function.__code__
    names = iter(code.co_varnames)
    positional = list(islice(names, code.co_argcount))
    keywords = list(islice(names, code.co_kwonlyargcount))
    rest = [next(names)] if code.co_flags & inspect.CO_VARARGS else []
    more = [next(names)] if code.co_flags & inspect.CO_VARKEYWORDS else []
    if not _WORDS.isdisjoint((*positional, *keywords, *rest, *more)):
        return _ANY_PARAMETERS, _ANY_PARAMETERS
    star = [f"*{name}" for name in rest] or ["*"] * bool(keywords)
    stars = [f"**{name}" for name in more]
    parameters = [*positional, *star, *keywords, *stars]
    if code.co_posonlyargcount:
        parameters.insert(code.co_posonlyargcount, "/")
    named = [f"{name}={name}" for name in keywords]
    arguments = [*positional, *(f"*{name}" for name in rest), *named, *stars]
    return ", ".join(parameters), ", ".join(arguments)


class _Lane:
    """Runs one coroutine after the other up to where it ends or is first suspended.

    ``relay.send(coroutine)`` does, and returns ``_ENDED``: then ``result`` is what the
    coroutine returned, and who takes it puts None there. Or it returns what a coroutine
    that was suspended waits for. After that, and after an exception, the lane must be
    renewed.
    """

    __slots__ = ("relay", "result")

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Make it ready for another coroutine."""
        self.result: object = None
        self.relay = _relayed(self)
        next(self.relay)


@coroutine
def _relayed(lane: _Lane) -> Generator[Any, Coroutine[Any, Any, Any], None]:
    while True:
        lane.result = yield from (yield _ENDED)


async def _crowded(routine: Routine, watch: Stopwatch) -> object:
    """Await what this thread or another one is inside of already."""
    run = Run(watch)
    try:
        return await awaited_in_stretches(routine, run.stretch)
    finally:
        run.end()


async def _suspended(
    routine: Routine, watch: Stopwatch, lane: _Lane, started: int, came_out: object
) -> object:
    """Await the rest of what was suspended."""
    left = watch.clock()
    # Kept until the end: with its last reference a relay closes what it awaits.
    relay = lane.relay
    try:
        lane.renew()
    finally:
        watch.call_started = 0
    run = Run(watch, running=left - started, left=left)
    try:
        return await awaited_further(routine, run.stretch, came_out)
    finally:
        run.end()
        del relay


def _failed(watch: Stopwatch, lane: _Lane, started: int) -> None:
    """Count what ended with an exception."""
    elapsed = watch.clock() - started
    try:
        lane.renew()
    finally:
        watch.call_started = 0
    watch.take(elapsed, elapsed, 0)
