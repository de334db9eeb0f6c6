import errno
import json
import logging
import math
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.telemetry.export import (
    QUEUE_LIMIT,
    SpanFile,
    json_lines,
    otlp_line,
)
from terminal_ai.telemetry.spans import Span, SpanStatus, TagValue, Tracer
from terminal_ai.telemetry.telemetry import Telemetry

TAGS = st.dictionaries(
    st.text(max_size=8),
    st.one_of(st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    max_size=5,
)

# The JSON names of opentelemetry-proto v1 (trace.proto, common.proto, resource.proto).
MESSAGES: dict[str, dict[str, Any]] = {
    "TracesData": {"resourceSpans": ["ResourceSpans"]},
    "ResourceSpans": {
        "resource": "Resource",
        "scopeSpans": ["ScopeSpans"],
        "schemaUrl": str,
    },
    "Resource": {"attributes": ["KeyValue"], "droppedAttributesCount": int},
    "ScopeSpans": {"scope": "Scope", "spans": ["Span"], "schemaUrl": str},
    "Scope": {"name": str, "version": str, "attributes": ["KeyValue"]},
    "Span": {
        "traceId": "hex32",
        "spanId": "hex16",
        "parentSpanId": "hex16",
        "traceState": str,
        "flags": int,
        "name": str,
        "kind": int,
        "startTimeUnixNano": "uint64",
        "endTimeUnixNano": "uint64",
        "attributes": ["KeyValue"],
        "events": ["Event"],
        "status": "Status",
        "droppedEventsCount": int,
    },
    "Event": {"timeUnixNano": "uint64", "name": str, "attributes": ["KeyValue"]},
    "Status": {"code": int, "message": str},
    "KeyValue": {"key": str, "value": "AnyValue"},
    "AnyValue": {
        "stringValue": str,
        "boolValue": bool,
        "intValue": "int64",
        "doubleValue": "double",
    },
}


SPAN_KIND_INTERNAL = 1


def check(value: Any, kind: Any) -> None:
    """Check a value against the names and the JSON mapping of the protocol."""
    if isinstance(kind, list):
        assert isinstance(value, list)
        for item in value:
            check(item, kind[0])
    elif isinstance(kind, type):
        assert type(value) is kind
    elif kind in MESSAGES:
        fields = MESSAGES[kind]
        for name, inner in value.items():
            assert name in fields, (kind, name)
            check(inner, fields[name])
        assert kind != "AnyValue" or len(value) == 1
    elif kind.startswith("hex"):
        assert len(value) == int(kind[3:])
        assert set(value) <= set("0123456789abcdef")
        assert int(value, 16) > 0
    elif kind == "double":
        assert type(value) is float or value in {"NaN", "Infinity", "-Infinity"}
    else:
        assert isinstance(value, str)
        low = 0 if kind == "uint64" else -(1 << 63)
        assert low <= int(value) < low + (1 << 64)


def ended(
    name: str = "work",
    tags: dict[str, TagValue] | None = None,
    status: SpanStatus = SpanStatus.OK,
) -> Span:
    tracer = Tracer()
    parent = tracer.start("parent")
    span = tracer.start(name, tags, parent=parent, ago_seconds=0.5)
    span.event("begun", files=123)
    span.waited(0.25)
    tracer.end(span, status)
    return span


@given(st.lists(st.tuples(st.text(max_size=9), TAGS, st.sampled_from(SpanStatus))))
def test_otlp_has_the_names_and_the_mapping_of_the_protocol(
    told: list[tuple[str, dict[str, TagValue], SpanStatus]],
) -> None:
    spans = [ended(*each) for each in told]
    line = otlp_line(spans, {"service.name": "terminal-ai", "process.pid": 7})
    assert line.endswith("\n")
    assert line.count("\n") == 1
    data = json.loads(line)
    check(data, "TracesData")
    (resource,) = data["resourceSpans"]
    assert resource["resource"]["attributes"][1]["value"] == {"intValue": "7"}
    (scope,) = resource["scopeSpans"]
    for span, written in zip(spans, scope["spans"], strict=True):
        assert int(written["traceId"], 16) == span.trace_id
        assert int(written["spanId"], 16) == span.span_id
        assert int(written["parentSpanId"], 16) == span.parent_id
        assert (written["name"], written["kind"]) == (span.name, SPAN_KIND_INTERNAL)
        started = int(written["startTimeUnixNano"])
        assert started == int(span.started_at * 1e9)
        took = int(written["endTimeUnixNano"]) - started
        assert took == int((span.seconds or 0) * 1e9)
        codes = {SpanStatus.OK: {"code": 1}, SpanStatus.ERROR: {"code": 2}}
        assert written["status"] == codes.get(span.status, {})
        (event,) = written["events"]
        after = int(event["timeUnixNano"]) - started
        assert after == int(span.events[0].after_seconds * 1e9)
        assert event["attributes"] == [{"key": "files", "value": {"intValue": "123"}}]
        names = [each["key"] for each in written["attributes"]]
        assert names[: len(span.tags)] == list(span.tags)
        assert ("cancelled" in names) >= (span.status is SpanStatus.CANCELLED)
        waited = {"key": "waiting_seconds", "value": {"doubleValue": 0.25}}
        assert waited in written["attributes"]


@given(st.text(max_size=9), TAGS, st.sampled_from(SpanStatus))
def test_a_json_line_holds_the_whole_span(
    name: str, tags: dict[str, TagValue], status: SpanStatus
) -> None:
    span = ended(name, tags, status)
    line = json_lines([span])
    assert line.count("\n") == 1
    read = json.loads(line)
    assert (read["name"], read["status"]) == (name, status)
    assert int(read["trace_id"], 16) == span.trace_id
    assert int(read["span_id"], 16) == span.span_id
    assert int(read["parent_id"], 16) == span.parent_id
    assert read["waiting_seconds"] == 0.25
    assert (read["started_at"], read["seconds"]) == (span.started_at, span.seconds)
    (event,) = read["events"]
    assert (event["name"], event["tags"]) == ("begun", {"files": 123})
    assert event["after_seconds"] == span.events[0].after_seconds
    for key, value in tags.items():
        is_number = not isinstance(value, float) or math.isfinite(value)
        assert read["tags"][key] == (value if is_number else None)


@pytest.mark.parametrize("form", ["jsonl", "otlp"])
def test_spans_are_in_a_private_file_when_it_is_closed(
    tmp_path: Path, form: str
) -> None:
    file = SpanFile(tmp_path, form)
    telemetry = Telemetry(file=file)
    for number in range(5):
        with telemetry.tracer.span(f"work{number}"):
            pass
    telemetry.close()
    telemetry.close()
    text = file.path.read_text()
    assert [text.count(f'"work{number}"') for number in range(5)] == [1] * 5
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert file.dropped == 0
    with telemetry.tracer.span("late"):
        pass
    assert file.dropped == 1


def test_a_file_is_put_aside_before_it_grows_too_large(tmp_path: Path) -> None:
    limit = 2_000
    names = []
    for number in range(40):
        # A thread of its own each: so each is one write.
        file = SpanFile(tmp_path, "jsonl", limit_bytes=limit, gather_seconds=0)
        file.take(ended(f"work{number}"))
        file.start()
        file.close()
        assert file.path.stat().st_size <= limit
        names.append(f"work{number}")
    aside = tmp_path / "spans.jsonl.1"
    assert aside.stat().st_size <= limit
    assert {path.name for path in tmp_path.iterdir()} == {file.path.name, aside.name}
    lines = (aside.read_text() + file.path.read_text()).splitlines()
    kept = [json.loads(line)["name"] for line in lines]
    assert kept == names[-len(kept) :]
    assert len(kept) > 5


def test_a_disk_that_does_not_answer_costs_spans_and_no_time(tmp_path: Path) -> None:
    release = threading.Event()

    class Hanging(SpanFile):
        def _write(self, data: bytes) -> None:
            release.wait(30)

    file = Hanging(tmp_path, "jsonl", gather_seconds=0)
    span = ended()
    file.start()
    for _ in range(2 * QUEUE_LIMIT):
        file.take(span)
    # What the thread holds in its hands is at most one batch.
    assert QUEUE_LIMIT - 512 <= file.dropped <= QUEUE_LIMIT
    release.set()
    file.close()


def _link(path: Path) -> None:
    path.symlink_to(path.parent / "elsewhere")


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _directory(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("put", [_link, _pipe, _directory])
def test_nothing_is_written_to_what_is_no_file_of_ours(
    tmp_path: Path, put: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    file = SpanFile(tmp_path, "jsonl", gather_seconds=0)
    put(file.path)
    with caplog.at_level(logging.WARNING):
        file.take(ended())
        file.start()
        file.close()
    assert file.dropped == 1
    assert not (tmp_path / "elsewhere").exists()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert caplog.records[0].getMessage().startswith("no spans are written: ")


def test_a_disk_that_is_full_leaves_no_half_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_write = os.write
    room = [40]

    def write(descriptor: int, data: bytes) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = really_write(descriptor, data[: room[0]])
        room[0] -= written
        return written

    file = SpanFile(tmp_path, "jsonl")
    file._write(b"whole\n")
    monkeypatch.setattr(os, "write", write)
    with pytest.raises(OSError, match="No space left"):
        file._write(b"x" * 100)
    room[0] = 1_000
    file._write(b"again\n")
    assert file.path.read_bytes() == b"whole\nagain\n"


def test_each_descriptor_is_closed_once_whatever_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One closed twice may be another thread's by then."""
    file = SpanFile(tmp_path, "jsonl", limit_bytes=10)
    file._write(b"whole\n")
    opened: list[int] = []
    closed: list[int] = []
    really_open, really_close = os.open, os.close

    def open_once(path: Path, flags: int, mode: int) -> int:
        if opened:
            raise OSError(errno.ENOSPC, "No space left on device")
        opened.append(really_open(path, flags, mode))
        return opened[0]

    def close(descriptor: int) -> None:
        closed.append(descriptor)
        really_close(descriptor)

    monkeypatch.setattr(os, "open", open_once)
    monkeypatch.setattr(os, "close", close)
    with pytest.raises(OSError, match="No space left"):
        file._write(b"too long\n")
    assert closed == opened


def test_what_cannot_be_encoded_costs_its_batch_alone(tmp_path: Path) -> None:
    file = SpanFile(tmp_path, "jsonl", gather_seconds=0)
    odd = ended("odd")
    odd.tags["odd"] = object()  # type: ignore[assignment]
    file.take(odd)
    file._write_waiting()
    file.take(ended("good"))
    file.start()
    file.close()
    assert file.dropped == 1
    assert json.loads(file.path.read_text())["name"] == "good"
