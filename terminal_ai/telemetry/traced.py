"""Functions of which every call is a span."""

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping
from typing import Any, ParamSpec, TypeVar, cast

from terminal_ai.telemetry.spans import Span, TagValue, Tracer
from utils.stretches import Step, awaited_in_stretches, in_stretches

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def trace(
    tracer: Tracer,
    operation: str | None = None,
    tags: Mapping[str, TagValue] | None = None,
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Return a decorator: every call of the function is a span.

    It takes functions, coroutine functions and generators of both kinds; a generator's
    span lasts from its first step to its end. Without a name the function's module and
    qualified name are used.
    """

    def decorate(
        function: Callable[Parameters, Result],
    ) -> Callable[Parameters, Result]:
        name = operation or f"{function.__module__}.{function.__qualname__}"
        wrap: Callable[..., Any] = _traced_function
        if inspect.iscoroutinefunction(function):
            wrap = _traced_coroutine_function
        elif inspect.isasyncgenfunction(function):
            wrap = _traced_async_generator_function
        elif inspect.isgeneratorfunction(function):
            wrap = _traced_generator_function
        traced = wrap(tracer, function, name, dict(tags or {}))
        return cast("Callable[Parameters, Result]", traced)

    return decorate


def _traced_function(
    tracer: Tracer,
    function: Callable[Parameters, Result],
    name: str,
    tags: dict[str, TagValue],
) -> Callable[Parameters, Result]:
    @functools.wraps(function)
    def traced(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        with tracer.span(name, tags):
            return function(*args, **kwargs)

    return traced


def _traced_coroutine_function(
    tracer: Tracer,
    function: Callable[Parameters, Coroutine[Any, Any, Result]],
    name: str,
    tags: dict[str, TagValue],
) -> Callable[Parameters, Coroutine[Any, Any, Result]]:
    @functools.wraps(function)
    async def traced(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        with tracer.span(name, tags):
            return await function(*args, **kwargs)

    return traced


def _traced_generator_function(
    tracer: Tracer,
    function: Callable[Parameters, Generator[Any, Any, Any]],
    name: str,
    tags: dict[str, TagValue],
) -> Callable[Parameters, Generator[Any, Any, Any]]:
    @functools.wraps(function)
    def traced(
        *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Generator[Any, Any, Any]:
        with tracer.span(name, tags, is_current=False) as span:
            steps = function(*args, **kwargs)
            return (yield from in_stretches(steps, _Within(tracer, span)))

    return traced


def _traced_async_generator_function(
    tracer: Tracer,
    function: Callable[Parameters, AsyncGenerator[Any, Any]],
    name: str,
    tags: dict[str, TagValue],
) -> Callable[Parameters, AsyncGenerator[Any, Any]]:
    @functools.wraps(function)
    async def traced(
        *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> AsyncGenerator[Any, Any]:
        with tracer.span(name, tags, is_current=False) as span:
            within = _Within(tracer, span)
            steps = function(*args, **kwargs)
            step = steps.asend(None)
            while True:
                try:
                    item = await awaited_in_stretches(step, within)
                except StopAsyncIteration:
                    return
                try:
                    step = steps.asend((yield item))
                except GeneratorExit:
                    await awaited_in_stretches(steps.aclose(), within)
                    raise
                except BaseException as error:  # noqa: BLE001 - the function's own
                    step = steps.athrow(error)

    return traced


class _Within:
    """Runs each stretch of a generator with its span as the current one."""

    __slots__ = ("_span", "_tracer")

    def __init__(self, tracer: Tracer, span: Span) -> None:
        self._tracer = tracer
        self._span = span

    def __call__(self, step: Step, argument: object) -> Any:
        with self._tracer.within(self._span):
            return step(argument)
