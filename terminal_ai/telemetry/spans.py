"""Spans: how long each operation took, and what it was a part of.

Ids are those of OpenTelemetry's trace API: 16 bytes for a trace, 8 for a span. The
current span travels in a context variable, so that it follows tasks and threads that
were started with their parent's context.
"""

import contextlib
import contextvars
import enum
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

EVENTS_LIMIT = 128
"""Events of one span; later ones are dropped, as OpenTelemetry's default does."""
TAGS_LIMIT = 32

TagValue = str | int | float | bool


class SpanStatus(enum.StrEnum):
    """How an operation ended; CANCELLED is neither good nor bad."""

    OK = "ok"
    ERROR = "error"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class SpanEvent:
    """Something that happened within a span, seconds after its start."""

    name: str
    after_seconds: float


@dataclass(slots=True)
class Span:
    """One operation. ``started_at`` is in seconds since the epoch.

    ``seconds`` is None until it has ended. Tags hold no text of the user's: names of
    ours and numbers only.
    """

    name: str
    trace_id: int
    span_id: int
    parent_id: int | None
    started_at: float
    tags: dict[str, TagValue] = field(default_factory=dict)
    events: list[SpanEvent] = field(default_factory=list)
    status: SpanStatus = SpanStatus.OK
    seconds: float | None = None
    _begun: float = 0.0

    def tag(self, name: str, value: TagValue) -> None:
        """Set a tag; beyond the bound it is dropped."""
        if name in self.tags or len(self.tags) < TAGS_LIMIT:
            self.tags[name] = value

    def event(self, name: str) -> None:
        """Note that something happened now; beyond the bound it is dropped."""
        if len(self.events) < EVENTS_LIMIT:
            self.events.append(SpanEvent(name, time.perf_counter() - self._begun))


Listener = Callable[[Span], object]

_current: contextvars.ContextVar[Span | None] = contextvars.ContextVar(
    "terminal_ai_span", default=None
)


class Tracer:
    """Starts and ends spans, and tells listeners each that has ended."""

    def __init__(self, *, is_enabled: bool = True) -> None:
        self.is_enabled = is_enabled
        self._listeners: list[Listener] = []

    def add_listener(self, listener: Listener) -> None:
        """Have each ended span told, in the thread that ended it."""
        self._listeners.append(listener)

    @property
    def current(self) -> Span | None:
        """The span that a new one would be a part of."""
        return _current.get()

    def start(
        self,
        name: str,
        tags: Mapping[str, TagValue] | None = None,
        *,
        parent: Span | None = None,
    ) -> Span:
        """Begin a span that ``end`` ends, maybe in another task; it is not current."""
        parent = parent or _current.get()
        return Span(
            name,
            parent.trace_id if parent else random.getrandbits(128),
            random.getrandbits(64),
            parent.span_id if parent else None,
            time.time(),
            dict(tags or {}),
            _begun=time.perf_counter(),
        )

    def end(self, span: Span, status: SpanStatus = SpanStatus.OK) -> None:
        """End a span and tell it; one that has ended stays as it is."""
        if span.seconds is not None:
            return
        span.seconds = time.perf_counter() - span._begun
        span.status = status
        if self.is_enabled:
            for listener in self._listeners:
                listener(span)

    @contextlib.contextmanager
    def span(self, name: str, **tags: TagValue) -> Iterator[Span]:
        """Run a block as a span, current within it; an exception marks it ERROR."""
        span = self.start(name, tags)
        token = _current.set(span)
        status = SpanStatus.OK
        try:
            yield span
        except Exception:
            status = SpanStatus.ERROR
            raise
        except BaseException:
            status = SpanStatus.CANCELLED
            raise
        finally:
            _current.reset(token)
            self.end(span, status)
