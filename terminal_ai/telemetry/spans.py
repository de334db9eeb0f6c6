"""Spans: how long each operation took, and what it was a part of.

Ids are those of OpenTelemetry's trace API: 16 bytes for a trace, 8 for a span. The
current span travels in a context variable, so that it follows tasks and threads that
were started with their parent's context.

Nothing in a span is the user's: names, tags and events are words of ours and numbers,
never a command line, a path or an answer.
"""

import contextvars
import enum
import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType, TracebackType
from typing import Final

EVENTS_LIMIT = 128
"""Events of one span; later ones are dropped, as OpenTelemetry's default does."""
TAGS_LIMIT = 32
TAG_LIMIT_CHARACTERS = 128
"""A tag's text is cut there."""

BOUND_LIMIT = 64
"""Spans that are found by a key, the newest."""

TagValue = str | int | float | bool

_logger = logging.getLogger(__name__)
_clock = time.perf_counter
_now = time.time
_random_bits = random.getrandbits


class SpanStatus(enum.StrEnum):
    """How an operation ended; CANCELLED is neither good nor bad."""

    OK = "ok"
    ERROR = "error"
    CANCELLED = "cancelled"


_NO_TAGS: Final[Mapping[str, TagValue]] = MappingProxyType({})
# Looking a member up in its enumeration costs as much as the rest of such a line.
_OK: Final = SpanStatus.OK


@dataclass(frozen=True, slots=True)
class SpanEvent:
    """Something that happened within a span, seconds after its start."""

    name: str
    after_seconds: float
    tags: Mapping[str, TagValue]


class Span:
    """One operation. ``started_at`` is in seconds since the epoch.

    ``seconds`` is None until it has ended; ``waiting_seconds`` of them it waited for
    somebody else: a model, the user.
    """

    __slots__ = (
        "_begun",
        "events",
        "name",
        "parent_id",
        "seconds",
        "span_id",
        "started_at",
        "status",
        "tags",
        "trace_id",
        "waiting_seconds",
    )

    def __init__(
        self,
        name: str,
        trace_id: int,
        span_id: int,
        parent_id: int | None,
        started_at: float,
        tags: dict[str, TagValue],
    ) -> None:
        self.name = name
        self.trace_id = trace_id
        self.span_id = span_id
        self.parent_id = parent_id
        self.started_at = started_at
        self.tags = tags
        self.events: list[SpanEvent] = []
        self.status = _OK
        self.seconds: float | None = None
        self.waiting_seconds = 0.0
        self._begun = _clock()

    def tag(self, name: str, value: TagValue) -> None:
        """Set a tag; beyond the bound it is dropped, and a long text is cut."""
        if self.seconds is None and (name in self.tags or len(self.tags) < TAGS_LIMIT):
            self.tags[name] = _bounded(value)

    def event(self, name: str, **tags: TagValue) -> None:
        """Note that something happened now; beyond the bound it is dropped."""
        if self.seconds is None and len(self.events) < EVENTS_LIMIT:
            kept = _bounded_tags(tags) if tags else _NO_TAGS
            self.events.append(SpanEvent(name, _clock() - self._begun, kept))

    def waited(self, seconds: float) -> None:
        """Count a time that somebody else took: it does not make the span slow."""
        self.waiting_seconds += max(0.0, seconds)

    @property
    def elapsed_seconds(self) -> float:
        """How long it took, or has taken so far."""
        return _clock() - self._begun if self.seconds is None else self.seconds


def _no_span() -> Span:
    span = Span("", 0, 0, None, 0.0, {})
    # One that has ended takes nothing any more.
    span.seconds = 0.0
    return span


NO_SPAN: Final = _no_span()
"""Stands for every span of a tracer that is switched off; it keeps nothing."""

Listener = Callable[[Span], object]

_current: contextvars.ContextVar[Span | None] = contextvars.ContextVar(
    "terminal_ai_span", default=None
)


class Tracer:
    """Starts and ends spans, and tells listeners each that has ended.

    It may be used by any thread. A listener that raises is told no more.
    """

    def __init__(self, *, is_enabled: bool = True) -> None:
        self.is_enabled = is_enabled
        # Replaced and never changed: another thread may go through it meanwhile.
        self._listeners: tuple[Listener, ...] = ()
        self._bound: dict[str, Span] = {}

    def add_listener(self, listener: Listener) -> None:
        """Have each ended span told, in the thread that ended it."""
        self._listeners += (listener,)

    def remove_listener(self, listener: Listener) -> None:
        """Tell a listener no more."""
        self._listeners = tuple(each for each in self._listeners if each != listener)

    def start(
        self,
        name: str,
        tags: Mapping[str, TagValue] | None = None,
        *,
        parent: Span | None = None,
        ago_seconds: float = 0.0,
    ) -> Span:
        """Begin a span that ``end`` ends, maybe in another task; it is not current.

        It may have begun some time ago.
        """
        if not self.is_enabled:
            return NO_SPAN
        span = _begun(name, _bounded_tags(tags) if tags else {}, parent)
        if ago_seconds > 0:
            span.started_at -= ago_seconds
            span._begun -= ago_seconds
        return span

    def end(self, span: Span, status: SpanStatus = SpanStatus.OK) -> None:
        """End a span and tell it; one that has ended stays as it is."""
        if span.seconds is not None:
            return
        span.seconds = _clock() - span._begun
        span.status = status
        for listener in self._listeners:
            try:
                listener(span)
            except Exception:  # what listens must not break what is listened to
                self.remove_listener(listener)
                _logger.exception("a listener to spans failed, and hears no more")

    def span(
        self,
        name: str,
        tags: Mapping[str, TagValue] | None = None,
        *,
        parent: Span | None = None,
        is_current: bool = True,
    ) -> "_Block":
        """Return a context manager that runs its block as a span.

        It is a part of the current span if no other is given. An exception marks it
        ERROR, a cancellation CANCELLED. Within the block it is the current one, unless
        told otherwise: a block that yields must, since who iterates would find it.
        """
        if not self.is_enabled:
            return _NO_BLOCK
        kind = _Block if is_current else _AsideBlock
        return kind(self, name, _bounded_tags(tags) if tags else {}, parent)

    def bind(self, key: str, span: Span) -> None:
        """Have a span found by a key of ours that travels where no context does.

        The newest ``BOUND_LIMIT`` are found; call it from one thread.
        """
        if span is NO_SPAN:
            return
        self._bound.pop(key, None)
        self._bound[key] = span
        if len(self._bound) > BOUND_LIMIT:
            del self._bound[next(iter(self._bound))]

    def bound(self, key: str) -> Span | None:
        """Return the span that was bound to a key."""
        return self._bound.get(key)

    def within(self, span: Span) -> "_Within":
        """Return a context manager in which a span is current that ends elsewhere."""
        return _Within(None if span is NO_SPAN else span)


class _Block:
    """One ``with`` body that is a span; use each object once."""

    __slots__ = ("_name", "_parent", "_span", "_tags", "_token", "_tracer")

    def __init__(
        self,
        tracer: Tracer,
        name: str,
        tags: dict[str, TagValue],
        parent: Span | None,
    ) -> None:
        self._tracer = tracer
        self._name = name
        self._tags = tags
        self._parent = parent

    def __enter__(self) -> Span:
        span = self._span = _begun(self._name, self._tags, self._parent)
        self._token = _current.set(span)
        return span

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _leave(self._token)
        self._tracer.end(self._span, status_of(error))


class _AsideBlock(_Block):
    """A block whose span is not current, for it may run in many contexts."""

    __slots__ = ()

    def __enter__(self) -> Span:
        span = self._span = _begun(self._name, self._tags, self._parent)
        return span

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._tracer.end(self._span, status_of(error))


class _NoBlock(_Block):
    """A block that is no span, since the tracer is switched off."""

    __slots__ = ()

    def __init__(self) -> None:
        pass

    def __enter__(self) -> Span:
        return NO_SPAN

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass


_NO_BLOCK: Final = _NoBlock()


class _Within:
    """A ``with`` body in which a span is current; it does not end there."""

    __slots__ = ("_span", "_token")

    def __init__(self, span: Span | None) -> None:
        self._span = span

    def __enter__(self) -> None:
        self._token = _current.set(self._span)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _leave(self._token)


def status_of(error: BaseException | None) -> SpanStatus:
    """Return how an operation ended that ended with this exception, or without."""
    if error is None:
        return _OK
    if isinstance(error, Exception):
        return SpanStatus.ERROR
    # asyncio's cancellation, the end of a generator nobody reads on, an exit.
    return SpanStatus.CANCELLED


def _begun(name: str, tags: dict[str, TagValue], parent: Span | None) -> Span:
    if parent is None or parent is NO_SPAN:
        parent = _current.get()
    if parent is None:
        return Span(name, _random_bits(128), _random_bits(64), None, _now(), tags)
    trace_id, parent_id = parent.trace_id, parent.span_id
    return Span(name, trace_id, _random_bits(64), parent_id, _now(), tags)


def _leave(token: contextvars.Token[Span | None]) -> None:
    try:  # noqa: SIM105 - suppress() would cost as much as half of the span
        _current.reset(token)
    except ValueError:
        # Ended in another context, by a task that finalises somebody's generator:
        # the one it began in has gone with its task.
        pass


def _bounded(value: TagValue) -> TagValue:
    return value[:TAG_LIMIT_CHARACTERS] if isinstance(value, str) else value


def _bounded_tags(tags: Mapping[str, TagValue]) -> dict[str, TagValue]:
    names = list(tags)[:TAGS_LIMIT]
    return {name: _bounded(tags[name]) for name in names}
