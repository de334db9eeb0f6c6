"""Functions and generators of both kinds, measured."""

import functools
from collections.abc import AsyncGenerator, Callable, Generator
from threading import get_ident
from typing import Any, ParamSpec, TypeVar

from utils.stopwatch import Run, Stopwatch
from utils.stretches import Step, awaited_in_stretches, in_stretches

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def measured_function(
    function: Callable[Parameters, Result], watch: Stopwatch
) -> Callable[Parameters, Result]:
    """Return a function that measures another one while it is switched on."""
    call: Callable[..., Result] = function
    clock = watch.clock
    times = watch.outermost

    @functools.wraps(function)
    def measured(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        # Without keywords, Python spares itself a dictionary.
        if watch.inside:
            if watch.is_on:
                return _crowded(call, args, kwargs, watch)
            return call(*args, **kwargs) if kwargs else call(*args)
        started = clock()
        if watch.call_started:
            return _crowded(call, args, kwargs, watch)
        # No thread and no interrupt comes between here and the try: nothing is called.
        watch.call_started = started
        try:
            return call(*args, **kwargs) if kwargs else call(*args)
        finally:
            watch.call_started = 0
            elapsed = clock() - started
            try:
                times[elapsed] += 1
            except KeyError:
                watch.take(elapsed, elapsed, 0)

    return measured


def _crowded(
    function: Callable[..., Result],
    args: tuple[object, ...],
    kwargs: dict[str, object],
    watch: Stopwatch,
) -> Result:
    """Call a function that this thread or another one is inside of already."""
    started = watch.clock()
    thread = get_ident()
    is_outermost = watch.enter(thread)
    try:
        return function(*args, **kwargs)
    finally:
        watch.leave(thread)
        elapsed = watch.clock() - started
        watch.take(elapsed, elapsed if is_outermost else 0, 0)


def measured_generator_function(
    function: Callable[Parameters, Generator[Any, Any, Any]],
    watch: Stopwatch,
) -> Callable[Parameters, Generator[Any, Any, Any]]:
    """Return a generator function that measures another one's running time."""

    @functools.wraps(function)
    def measured(
        *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Generator[Any, Any, Any]:
        generator = function(*args, **kwargs)
        if not watch.is_on:
            return (yield from generator)
        run = Run(watch)
        try:
            return (yield from in_stretches(generator, run.stretch))
        finally:
            run.end()

    return measured


def measured_async_generator_function(
    function: Callable[Parameters, AsyncGenerator[Any, Any]],
    watch: Stopwatch,
) -> Callable[Parameters, AsyncGenerator[Any, Any]]:
    """Return an async generator function that measures another one's running time."""

    @functools.wraps(function)
    async def measured(
        *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> AsyncGenerator[Any, Any]:
        generator = function(*args, **kwargs)
        run = Run(watch)
        stretch = run.stretch if watch.is_on else _unmeasured
        step = generator.asend(None)
        try:
            while True:
                try:
                    item = await awaited_in_stretches(step, stretch)
                except StopAsyncIteration:
                    return
                try:
                    step = generator.asend((yield item))
                except GeneratorExit:
                    await awaited_in_stretches(generator.aclose(), stretch)
                    raise
                except BaseException as error:  # noqa: BLE001 - the generator's to handle
                    step = generator.athrow(error)
        finally:
            if stretch is not _unmeasured:
                run.end()

    return measured


def _unmeasured(step: Step, argument: object) -> Any:
    return step(argument)
