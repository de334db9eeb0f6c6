"""Every call of a decorated function is a span, whatever its kind."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from terminal_ai.telemetry.spans import SpanStatus
from terminal_ai.telemetry.traced import trace

from .hearing import Heard


@pytest.fixture
def heard() -> Heard:
    return Heard()


async def test_every_call_of_a_decorated_function_is_a_span(heard: Heard) -> None:
    tracer = heard.tracer

    @trace(tracer, operation="fetch_user", tags={"service": "user-api"})
    async def fetch(number: int) -> int:
        await asyncio.sleep(0)
        return add(number)

    @trace(tracer)
    def add(number: int) -> int:
        """Add one."""
        return number + 1

    assert await fetch(1) == 2
    assert await fetch(2) == 3
    assert add.__doc__ == "Add one."
    first, fetched, *_others = heard.spans
    assert first.name.endswith("add")
    assert first.parent_id == fetched.span_id
    assert (fetched.name, fetched.tags) == ("fetch_user", {"service": "user-api"})
    assert len({span.trace_id for span in heard.spans}) == 2
    tags = fetched.tags
    tags["changed"] = 1
    await fetch(3)
    assert "changed" not in heard.spans[-1].tags


async def test_a_generators_span_is_current_only_while_it_runs(heard: Heard) -> None:
    tracer = heard.tracer

    def note(name: str) -> None:
        with tracer.span(name):
            pass

    @trace(tracer, operation="sync")
    def numbers() -> Iterator[int]:
        note("sync.inside")
        yield 1
        yield 2

    @trace(tracer, operation="async")
    async def letters() -> AsyncIterator[str]:
        note("async.inside")
        yield "a"
        await asyncio.sleep(0)
        yield "b"

    with tracer.span("root"):
        for number in numbers():
            note(f"consumer{number}")
        async for letter in letters():
            note(f"consumer{letter}")
    assert heard.parents() == {
        "root": None,
        "sync": "root",
        "sync.inside": "sync",
        "consumer1": "root",
        "consumer2": "root",
        "async": "root",
        "async.inside": "async",
        "consumera": "root",
        "consumerb": "root",
    }


async def test_what_is_sent_and_thrown_reaches_a_decorated_generator(
    heard: Heard,
) -> None:
    tracer = heard.tracer

    @trace(tracer, operation="echo")
    async def echo():  # type: ignore[no-untyped-def]
        got = None
        while True:
            try:
                got = yield got
            except KeyError:
                got = "caught"

    steps = echo()
    assert await anext(steps) is None
    assert await steps.asend("x") == "x"
    assert await steps.athrow(KeyError("k")) == "caught"
    await steps.aclose()
    assert heard["echo"].status is SpanStatus.CANCELLED

    @trace(tracer, operation="plain")
    def plain():  # type: ignore[no-untyped-def]
        try:
            got = yield 1
        except KeyError:
            got = "caught"
        yield got
        return 3

    one = plain()
    assert (next(one), one.throw(KeyError("k"))) == (1, "caught")
    with pytest.raises(StopIteration) as stop:
        next(one)
    assert stop.value.value == 3
    assert heard["plain"].status is SpanStatus.OK
