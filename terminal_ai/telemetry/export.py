"""Ended spans in a file of the user's own: one a line, or as OpenTelemetry has them.

Nothing here is sent anywhere. ``otlp`` is the format of OTLP's file exporter, which
collectors read: on each line a ``TracesData`` in protobuf's JSON mapping, with ids in
hexadecimal digits, and 64-bit numbers as texts.
https://opentelemetry.io/docs/specs/otel/protocol/file-exporter/
"""

import contextlib
import json
import logging
import math
import os
import stat
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from terminal_ai import __version__
from terminal_ai.telemetry.spans import Span, SpanStatus, TagValue

FILE_NAMES = {"jsonl": "spans.jsonl", "otlp": "spans.otlp.jsonl"}
FILE_MODE = 0o600
LIMIT_BYTES = 16_777_216
"""A file that has grown so large is put aside; the one before it is deleted."""
QUEUE_LIMIT = 4_096
"""Spans that wait for the disk; later ones are dropped and counted."""
BATCH_SPANS = 512
GATHER_SECONDS = 0.5
"""How long the thread lets spans gather before it writes them."""
CLOSE_SECONDS = 1.5
"""Leaving waits this long for the disk, no longer."""

_INTERNAL_KIND = 1
_STATUS_CODES = {SpanStatus.OK: 1, SpanStatus.ERROR: 2}
_NANOSECONDS = 1_000_000_000
_INT64 = range(-(1 << 63), 1 << 63)

_logger = logging.getLogger(__name__)

Json = dict[str, Any]


# -- one span a line -----------------------------------------------------------------


def json_lines(spans: Sequence[Span]) -> str:
    """Return each span as a line; figures that are no numbers are null."""
    return "".join(f"{_dumped(_plain(span))}\n" for span in spans)


def _plain(span: Span) -> Json:
    return {
        "name": span.name,
        "trace_id": f"{span.trace_id:032x}",
        "span_id": f"{span.span_id:016x}",
        "parent_id": None if span.parent_id is None else f"{span.parent_id:016x}",
        "started_at": span.started_at,
        "seconds": span.seconds,
        "waiting_seconds": span.waiting_seconds,
        "status": str(span.status),
        "tags": _numbers(span.tags),
        "events": [
            {
                "name": event.name,
                "after_seconds": event.after_seconds,
                "tags": _numbers(event.tags),
            }
            for event in span.events
        ],
    }


def _numbers(tags: Mapping[str, TagValue]) -> Json:
    return {name: _number(value) for name, value in tags.items()}


def _number(value: TagValue) -> TagValue | None:
    is_none = isinstance(value, float) and not math.isfinite(value)
    return None if is_none else value


# -- OTLP ----------------------------------------------------------------------------


def otlp_line(spans: Sequence[Span], resource: Mapping[str, TagValue]) -> str:
    """Return the spans as one line of OTLP's JSON; ``resource`` says whose."""
    scope = {"name": "terminal_ai", "version": str(resource.get("service.version", ""))}
    data = {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes(resource)},
                "scopeSpans": [{"scope": scope, "spans": list(map(_otlp, spans))}],
            }
        ]
    }
    return f"{_dumped(data)}\n"


def _otlp(span: Span) -> Json:
    started = int(span.started_at * _NANOSECONDS)
    tags: dict[str, TagValue] = dict(span.tags)
    if span.waiting_seconds:
        tags["waiting_seconds"] = span.waiting_seconds
    if span.status is SpanStatus.CANCELLED:
        tags["cancelled"] = True
    told: Json = {
        "traceId": f"{span.trace_id:032x}",
        "spanId": f"{span.span_id:016x}",
        "name": span.name,
        "kind": _INTERNAL_KIND,
        "startTimeUnixNano": str(started),
        "endTimeUnixNano": str(started + int((span.seconds or 0.0) * _NANOSECONDS)),
        "attributes": _attributes(tags),
        "events": [
            {
                "timeUnixNano": str(started + int(event.after_seconds * _NANOSECONDS)),
                "name": event.name,
                "attributes": _attributes(event.tags),
            }
            for event in span.events
        ],
        # 0, which is left out: neither good nor bad.
        "status": {"code": _STATUS_CODES[span.status]}
        if span.status in _STATUS_CODES
        else {},
    }
    if span.parent_id is not None:
        told["parentSpanId"] = f"{span.parent_id:016x}"
    return told


def _attributes(tags: Mapping[str, TagValue]) -> list[Json]:
    return [{"key": name, "value": _any_value(value)} for name, value in tags.items()]


def _any_value(value: TagValue) -> Json:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int) and value in _INT64:
        return {"intValue": str(value)}
    if isinstance(value, float):
        if math.isnan(value):
            return {"doubleValue": "NaN"}
        if math.isinf(value):
            return {"doubleValue": "Infinity" if value > 0 else "-Infinity"}
        return {"doubleValue": value}
    return {"stringValue": str(value)}


def _dumped(value: Json) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


# -- the file ------------------------------------------------------------------------


class SpanFile:
    """Writes spans in a thread of its own; who ends a span never waits for the disk.

    ``form`` is "jsonl" or "otlp". A disk that takes nothing costs spans, which are
    counted as ``dropped``, and one line in the log.
    """

    def __init__(
        self,
        directory: Path,
        form: str,
        *,
        limit_bytes: int = LIMIT_BYTES,
        gather_seconds: float = GATHER_SECONDS,
    ) -> None:
        self.path = directory / FILE_NAMES[form]
        self.dropped = 0
        self._encode = json_lines if form == "jsonl" else _otlp_encoder()
        self._limit_bytes = limit_bytes
        self._gather_seconds = gather_seconds
        self._waiting: deque[Span] = deque()
        self._has_work = threading.Event()
        self._is_closing = threading.Event()
        self._is_failing = False
        self._thread = threading.Thread(
            target=self._run, name="span-writer", daemon=True
        )

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def take(self, span: Span) -> None:
        """Have an ended span written soon; any thread may call it."""
        if len(self._waiting) >= QUEUE_LIMIT or self._is_closing.is_set():
            self.dropped += 1
            return
        self._waiting.append(span)
        if not self._has_work.is_set():
            self._has_work.set()

    def close(self) -> None:
        """Write what waits, for a bounded time. Idempotent."""
        self._is_closing.set()
        self._has_work.set()
        if self._thread.is_alive():
            self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        while not self._is_closing.is_set():
            self._has_work.wait()
            self._is_closing.wait(self._gather_seconds)
            self._has_work.clear()
            self._write_waiting()
        self._write_waiting()

    def _write_waiting(self) -> None:
        while self._waiting:
            count = min(len(self._waiting), BATCH_SPANS)
            batch = [self._waiting.popleft() for _ in range(count)]
            try:
                self._write(self._encode(batch).encode("ascii"))
            except (OSError, TypeError, ValueError) as error:
                # The disk's fault, or that of a tag that is no number and no text.
                self.dropped += len(batch)
                if not self._is_failing:
                    reason = getattr(error, "strerror", None) or error
                    _logger.warning("no spans are written: %s", reason)
                self._is_failing = True
            else:
                self._is_failing = False

    def _write(self, data: bytes) -> None:
        with self._opened() as descriptor:
            size = os.fstat(descriptor).st_size
            if not size or size + len(data) <= self._limit_bytes:
                _append(descriptor, data)
                return
        self.path.replace(self.path.with_name(f"{self.path.name}.1"))
        with self._opened() as descriptor:
            _append(descriptor, data)

    @contextlib.contextmanager
    def _opened(self) -> Iterator[int]:
        # Not a link, and not a pipe that somebody has put there to hold us up.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        flags |= os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(self.path, flags, FILE_MODE)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
                raise PermissionError(1, "the file is not ours", str(self.path))
            os.fchmod(descriptor, FILE_MODE)
            yield descriptor
        finally:
            os.close(descriptor)


def _append(descriptor: int, data: bytes) -> None:
    """Write all of it, or nothing: half a line would be the end for its readers."""
    before, written = os.fstat(descriptor).st_size, 0
    try:
        while written < len(data):
            written += os.write(descriptor, data[written:])
    except OSError:
        # What another app has written meanwhile stays.
        if os.fstat(descriptor).st_size == before + written:
            os.ftruncate(descriptor, before)
        raise


def _otlp_encoder() -> Callable[[Sequence[Span]], str]:
    resource: dict[str, TagValue] = {
        "service.name": "terminal-ai",
        "service.version": __version__,
        "process.pid": os.getpid(),
    }
    return lambda spans: otlp_line(spans, resource)
