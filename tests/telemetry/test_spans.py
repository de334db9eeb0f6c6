import asyncio
import contextvars
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.telemetry.spans import (
    BOUND_LIMIT,
    EVENTS_LIMIT,
    NO_SPAN,
    TAG_LIMIT_CHARACTERS,
    TAGS_LIMIT,
    Span,
    SpanStatus,
    Tracer,
)

from .hearing import Heard

TREES: st.SearchStrategy[list[object]] = st.recursive(
    st.just([]), lambda trees: st.lists(trees, max_size=4), max_leaves=12
)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@given(TREES)
def test_nested_blocks_are_a_tree_of_one_trace(tree: list[object]) -> None:
    heard = Heard()
    expected: dict[str, str | None] = {}

    def walk(children: list[object], name: str, parent: str | None) -> None:
        expected[name] = parent
        with heard.tracer.span(name):
            for number, child in enumerate(children):
                assert isinstance(child, list)
                walk(child, f"{name}.{number}", name)

    walk(tree, "root", None)
    assert heard.tracer.start("after").parent_id is None
    assert heard.parents() == expected
    assert len({span.trace_id for span in heard.spans}) == 1
    assert len({span.span_id for span in heard.spans}) == len(expected)
    # A part is told before the whole, and never longer.
    for span in heard.spans:
        whole = [each for each in heard.spans if each.span_id == span.parent_id]
        assert all((each.seconds or 0) >= (span.seconds or 0) for each in whole)


async def test_tasks_are_parts_of_what_started_them(heard: Heard) -> None:
    tracer = heard.tracer

    async def work(name: str) -> None:
        with tracer.span(name):
            await asyncio.sleep(0)
            with tracer.span(f"{name}.part"):
                await asyncio.sleep(0)

    with tracer.span("root"):
        tasks = [asyncio.create_task(work(f"task{number}")) for number in range(5)]
    # They run after the root has ended, each among the others.
    await asyncio.gather(*tasks)
    assert tracer.start("after").parent_id is None
    assert heard.parents() == {
        "root": None,
        **{f"task{number}": "root" for number in range(5)},
        **{f"task{number}.part": f"task{number}" for number in range(5)},
    }


async def test_a_thread_with_its_callers_context_continues_the_trace(
    heard: Heard,
) -> None:
    tracer = heard.tracer

    def work(name: str) -> None:
        with tracer.span(name):
            pass

    with tracer.span("root"):
        await asyncio.to_thread(work, "to_thread")
        context = contextvars.copy_context()
        with_context = threading.Thread(target=context.run, args=(work, "given"))
        without = threading.Thread(target=work, args=("alone",))
        for thread in (with_context, without):
            thread.start()
            thread.join()
    assert heard.parents() == {
        "root": None,
        "to_thread": "root",
        "given": "root",
        "alone": None,
    }
    assert heard["alone"].trace_id != heard["root"].trace_id


async def test_how_a_block_ends_is_its_status(heard: Heard) -> None:
    tracer = heard.tracer
    with pytest.raises(ValueError, match="no"), tracer.span("failed"):
        raise ValueError("no")

    async def wait() -> None:
        with tracer.span("cancelled"):
            await asyncio.sleep(3600)

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait((task,))
    with tracer.span("fine"):
        pass
    assert [(span.name, span.status) for span in heard.spans] == [
        ("failed", SpanStatus.ERROR),
        ("cancelled", SpanStatus.CANCELLED),
        ("fine", SpanStatus.OK),
    ]
    assert tracer.start("after").parent_id is None


async def test_a_span_may_end_in_another_task_and_only_once(heard: Heard) -> None:
    tracer = heard.tracer
    with tracer.span("root"):
        span = tracer.start("open", {"queue": 3})
        assert tracer.start("other").parent_id != span.span_id

    async def finish() -> None:
        with tracer.within(span), tracer.span("part"):
            pass
        tracer.end(span, SpanStatus.CANCELLED)
        tracer.end(span, SpanStatus.ERROR)

    await asyncio.create_task(finish())
    assert heard.parents() == {"root": None, "open": "root", "part": "open"}
    assert heard["open"].status is SpanStatus.CANCELLED
    assert heard["open"].tags == {"queue": 3}


def test_a_block_that_yields_is_never_current(heard: Heard) -> None:
    tracer = heard.tracer

    def stream() -> Iterator[int]:
        with tracer.span("stream", is_current=False) as span:
            yield 1
            with tracer.span("part", parent=span):
                pass
            yield 2

    with tracer.span("root"):
        for number in stream():
            with tracer.span(f"consumer{number}"):
                pass
    assert heard.parents() == {
        "root": None,
        "stream": "root",
        "part": "stream",
        "consumer1": "root",
        "consumer2": "root",
    }


def test_a_block_that_ends_in_another_context_harms_nobody(heard: Heard) -> None:
    block = heard.tracer.span("moved")
    contextvars.copy_context().run(block.__enter__)
    with heard.tracer.span("here") as here:
        block.__exit__(None, None, None)
        assert heard.tracer.start("part").parent_id == here.span_id
    assert [span.name for span in heard.spans] == ["moved", "here"]


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.one_of(st.integers(), st.booleans(), st.text(max_size=300)),
        max_size=3 * TAGS_LIMIT,
    )
)
def test_tags_and_events_are_bounded(tags: dict[str, str | int | bool]) -> None:
    tracer = Tracer()
    for span in (tracer.start("given", tags), tracer.start("tagged")):
        for name, value in tags.items():
            span.tag(name, value)
        for _ in range(EVENTS_LIMIT + 10):
            span.event("again", number=1)
        assert len(span.tags) == min(len(tags), TAGS_LIMIT)
        assert len(span.events) == EVENTS_LIMIT
        assert all(event.tags == {"number": 1} for event in span.events)
        after = [event.after_seconds for event in span.events]
        assert after == sorted(after)
        for name, kept in span.tags.items():
            full = tags[name]
            assert kept == (
                full[:TAG_LIMIT_CHARACTERS] if isinstance(full, str) else full
            )
        tracer.end(span)
        span.tag("late", 1)
        span.event("late")
        assert "late" not in {*span.tags, *(event.name for event in span.events)}


def test_a_listener_that_fails_is_told_no_more(heard: Heard) -> None:
    calls = []

    def fails(span: Span) -> None:
        calls.append(span.name)
        raise ZeroDivisionError

    tracer = Tracer()
    tracer.add_listener(fails)
    tracer.add_listener(heard.spans.append)
    for name in ("one", "two"):
        with tracer.span(name):
            pass
    assert calls == ["one"]
    assert [span.name for span in heard.spans] == ["one", "two"]


def test_a_tracer_that_is_off_keeps_and_tells_nothing(heard: Heard) -> None:
    tracer = heard.tracer
    tracer.is_enabled = False
    with tracer.span("block", {"a": 1}) as span:
        span.tag("secret", "x")
        span.event("seen")
        assert Tracer().start("other").parent_id is None
    started = tracer.start("started", {"a": 1}, parent=span)
    tracer.end(started, SpanStatus.ERROR)
    assert started is span is NO_SPAN
    assert (NO_SPAN.tags, NO_SPAN.events, heard.spans) == ({}, [], [])


def test_the_newest_spans_are_found_by_their_keys() -> None:
    tracer = Tracer()
    for number in range(BOUND_LIMIT + 1):
        tracer.bind(f"record {number}", tracer.start(f"span {number}"))
    assert tracer.bound("record 0") is None
    found = [tracer.bound(f"record {number}") for number in (1, BOUND_LIMIT)]
    assert [span and span.name for span in found] == ["span 1", f"span {BOUND_LIMIT}"]
