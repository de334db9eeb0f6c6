"""What a scrape finds, over real HTTP, and who gets no answer."""

import asyncio
import contextlib
import errno
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as parse_plain

from terminal_ai.assistant.caching.answers import TierFigures
from terminal_ai.assistant.scheduling.scheduler import SchedulerFigures
from terminal_ai.bootstrap import exposition, metric_labels, metrics
from terminal_ai.bootstrap.metrics import MetricsServer
from terminal_ai.errors import MetricsError
from terminal_ai.records import (
    AnswerFigures,
    AnswerOrigin,
    CommandCounts,
    ModelUsage,
)
from terminal_ai.telemetry.alerts import Alert, Signal
from terminal_ai.telemetry.loop_lag import LoopLagMonitor
from terminal_ai.telemetry.operations import Operations
from terminal_ai.telemetry.requests import BOUNDS_SECONDS, KINDS, RequestTimes
from terminal_ai.telemetry.spans import SpanStatus, Tracer
from terminal_ai.vitals import Vitals
from utils.profiler import FunctionTiming
from utils.resources import ResourceSample

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


def timing(name: str, calls: int = 2, seconds: float = 0.5) -> FunctionTiming:
    return FunctionTiming(
        name=name,
        calls=calls,
        total_seconds=seconds,
        mean_seconds=seconds / max(calls, 1),
        p50_seconds=0.1,
        p95_seconds=0.2,
        p99_seconds=0.3,
        max_seconds=0.4,
    )


def requests(*seconds: float, kind: str = "explain") -> RequestTimes:
    now = [0.0]
    times = RequestTimes(clock=lambda: now[0])
    for each in seconds:
        with times.timed(kind):
            now[0] += each
    return times


def vitals() -> Vitals:
    lag = LoopLagMonitor()
    for late in (0.0005, 0.003, 0.5, 2.0):
        lag.record(late)
    operations = Operations()
    tracer = Tracer()
    tracer.add_listener(operations.take)
    for status in SpanStatus:
        tracer.end(tracer.start("answer"), status)
    alert = Alert(Signal.LOOP_LAG, "", limit=0.1, worst=0.3, raised_at=1.0)
    times = requests(0.04, 0.98, 1.6, 200.0)
    return Vitals(
        process=ResourceSample(
            cpu_percent=1.0,
            rss_bytes=80_000_000,
            threads=5,
            file_descriptors=21,
            uptime_seconds=60.0,
            cpu_seconds=1.5,
            peak_rss_bytes=90_000_000,
        ),
        lag=lag.figures,
        operations=operations.figures(),
        slow_count=operations.slow_count,
        alerts=(alert,),
        alert_count=3,
        parsed_bytes=1_000_000,
        parsed_seconds=0.4,
        frames=77,
        commands=CommandCounts(ok=5, failed=2, unknown=1),
        requests_begun=times.begun + 1,
        requests=times.figures,
        tiers=(
            TierFigures(AnswerOrigin.MEMORY, hits=3, misses=1),
            TierFigures(AnswerOrigin.DISK, hits=0, misses=0, failures=2),
        ),
        queue=SchedulerFigures(waiting=2, running=1, started=9, breaker="open"),
        usage=ModelUsage(4, 1_000, 200, 8.0, AnswerFigures(0.6, 0.1, 2.0, 250, 50, 25)),
        timings=(timing("block.ui.paint", 77, 0.2), timing("block.terminal.feed")),
    )


@pytest.fixture
async def server() -> AsyncIterator[MetricsServer]:
    server = MetricsServer(vitals, 0)
    await server.start()
    yield server
    await server.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - what happens in the server
            await asyncio.sleep(0.001)


async def ask(port: int, request: bytes) -> tuple[bytes, bytes]:
    """Return head and body of an answer; both are empty if there was none."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(OSError):
        writer.write(request)
        await writer.drain()
    data = b""
    with contextlib.suppress(ConnectionError):
        data = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    head, _gap, body = data.partition(b"\r\n\r\n")
    return head, body


def get(
    port: int, *, path: str = "/metrics", host: str = "127.0.0.1", accept: str = ""
) -> bytes:
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}:{port}", f"Accept: {accept}"]
    return "\r\n".join((*lines, "", "")).encode()


async def samples(server: MetricsServer, accept: str = "") -> dict[str, float]:
    """Return every sample of one scrape, by name and labels."""
    head, body = await ask(server.port, get(server.port, accept=accept))
    assert head.startswith(b"HTTP/1.1 200 "), head
    parse = parse_openmetrics if accept else parse_plain
    families = parse(body.decode())
    return {
        " ".join(
            (sample.name, *(f"{k}={v}" for k, v in sorted(sample.labels.items())))
        ): (sample.value)
        for family in families
        for sample in family.samples
    }


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
async def test_a_scrape_tells_the_figures_by_their_agreed_names(
    server: MetricsServer, accept: str
) -> None:
    found = await samples(server, accept)
    expected = {
        "terminal_ai_process_cpu_seconds_total": 1.5,
        "terminal_ai_process_resident_memory_bytes": 80_000_000,
        "terminal_ai_process_peak_resident_memory_bytes": 90_000_000,
        "terminal_ai_process_threads": 5,
        "terminal_ai_process_open_fds": 21,
        "terminal_ai_event_loop_lag_seconds": 2.0,
        "terminal_ai_event_loop_late_seconds_bucket le=0.001": 1,
        "terminal_ai_event_loop_late_seconds_bucket le=0.005": 2,
        "terminal_ai_event_loop_late_seconds_bucket le=1.0": 3,
        "terminal_ai_event_loop_late_seconds_count": 4,
        "terminal_ai_event_loop_stalls_total": 2,
        "terminal_ai_operations_total operation=answer status=ok": 1,
        "terminal_ai_operations_total operation=answer status=cancelled": 1,
        "terminal_ai_slow_operations_total": 0,
        "terminal_ai_alert signal=loop_lag": 1,
        "terminal_ai_alert signal=memory": 0,
        "terminal_ai_alerts_raised_total": 3,
        "terminal_ai_parsed_bytes_total": 1_000_000,
        "terminal_ai_parse_seconds_total": 0.4,
        "terminal_ai_frames_total": 77,
        "terminal_ai_commands_total outcome=ok": 5,
        "terminal_ai_commands_total outcome=failed": 2,
        "terminal_ai_commands_total outcome=unknown": 1,
        "cache_hit_ratio cache_name=memory": 0.75,
        "cache_hit_ratio cache_name=disk": 0.0,
        "terminal_ai_cache_lookups_total cache_name=disk result=failure": 2,
        # One of them still runs.
        "terminal_ai_agent_creations_total": 5,
        "agno_agent_creations_total": 5,
        "terminal_ai_agent_run_duration_seconds_count": 4,
        "agno_agent_run_duration_seconds_count": 4,
        "terminal_ai_queue_depth": 2,
        "terminal_ai_requests_running": 1,
        "terminal_ai_generations_total event=started": 9,
        "terminal_ai_breaker_state state=open": 1,
        "terminal_ai_breaker_state state=closed": 0,
        "terminal_ai_model_answers_total": 4,
        "terminal_ai_model_tokens_total direction=read": 1_000,
        "terminal_ai_model_tokens_total direction=written": 200,
        "terminal_ai_model_seconds_total": 8.0,
        "terminal_ai_model_first_token_seconds": 0.6,
        "terminal_ai_model_tokens_per_second": 25,
        "terminal_ai_function_calls_total function=block.ui.paint": 77,
        "terminal_ai_function_seconds_total function=block.terminal.feed": 0.5,
    }
    assert {name: found.get(name) for name in expected} == expected


async def test_requests_are_counted_below_each_bound(server: MetricsServer) -> None:
    found = await samples(server)
    row = "agent_execution_seconds_bucket agent_name=explain"
    counts = {
        "0.05": 1, "1.0": 2, "1.5": 2, "2.0": 3, "5.0": 3, "10.0": 3, "30.0": 3,
        "60.0": 3, "120.0": 3, "+Inf": 4,
    }  # fmt: skip
    assert {le: found[f"{row} le={le} status=ok"] for le in counts} == counts
    assert found["agent_execution_seconds_count agent_name=explain status=ok"] == 4
    total = found["agent_execution_seconds_sum agent_name=explain status=ok"]
    assert total == pytest.approx(202.62)
    assert {0.05, 1.0, 5.0, 10.0, 30.0, 60.0, 120.0} <= set(BOUNDS_SECONDS)


def test_how_a_request_ends_is_its_status() -> None:
    times = RequestTimes()
    for error in (None, ValueError(), asyncio.CancelledError(), GeneratorExit()):
        with contextlib.suppress(BaseException), times.timed("ask"):
            if error is not None:
                raise error
    ended = {row.status: sum(row.durations.counts) for row in times.figures}
    assert ended == {SpanStatus.OK: 1, SpanStatus.ERROR: 1, SpanStatus.CANCELLED: 2}


names = st.text(max_size=200)


@given(
    kinds=st.lists(names, max_size=60),
    functions=st.lists(names, unique=True, max_size=200),
    tiers=st.lists(names, max_size=60),
    breaker=names,
)
@example(kinds=[], functions=[f"f{n}" for n in range(200)], tiers=[], breaker="")
def test_whatever_the_names_the_series_are_bounded(
    kinds: list[str], functions: list[str], tiers: list[str], breaker: str
) -> None:
    times = RequestTimes()
    for kind in kinds:
        with times.timed(kind):
            pass
    operations = Operations()
    tracer = Tracer()
    tracer.add_listener(operations.take)
    for name in functions:
        tracer.end(tracer.start(name))
    odd = replace(
        vitals(),
        operations=operations.figures(),
        requests=times.figures,
        timings=tuple(map(timing, functions)),
        tiers=tuple(TierFigures(name, 1, 1) for name in tiers),  # type: ignore[arg-type]
        queue=SchedulerFigures(breaker=breaker),
    )
    labels = metric_labels.Labels()
    for accept, parse in (("", parse_plain), (OPENMETRICS, parse_openmetrics)):
        text = exposition.expose(odd, labels, accept)[0].decode()
        found: dict[str, set[str]] = {}
        for family in parse(text):
            for sample in family.samples:
                for label, value in sample.labels.items():
                    found.setdefault(label, set()).add(value)
        assert found.get("agent_name", set()) <= {*KINDS, "other"}
        assert found.get("status", set()) <= set(SpanStatus)
        assert found.get("cache_name", set()) <= {*exposition.CACHES, "other"}
        assert len(found.get("function", ())) <= metric_labels.NAMES_LIMIT + 1
        assert len(found.get("operation", ())) <= metric_labels.NAMES_LIMIT + 1
        assert found["state"] == set(exposition.BREAKER_STATES)
    # What was called is counted, under whatever name.
    calls = sum(
        sample.value
        for family in parse_plain(text)
        for sample in family.samples
        if sample.name == "terminal_ai_function_calls_total"
    )
    assert calls == 2 * len(functions)


@pytest.mark.parametrize(
    ("request_line", "host", "status"),
    [
        ("GET /metrics HTTP/1.1", "127.0.0.1:{port}", 200),
        ("GET /metrics?x=1 HTTP/1.1", "LocalHost:{port}", 200),
        ("GET /metrics HTTP/1.1", "evil.example:{port}", 403),
        ("GET /metrics HTTP/1.1", "127.0.0.1.evil.example:{port}", 403),
        ("GET /metrics HTTP/1.1", "127.0.0.1:1", 403),
        ("GET /metrics HTTP/1.1", "127.0.0.1", 403),
        ("GET / HTTP/1.1", "127.0.0.1:{port}", 404),
        ("GET /metrics/../x HTTP/1.1", "127.0.0.1:{port}", 404),
        ("POST /metrics HTTP/1.1", "127.0.0.1:{port}", 405),
        ("", "127.0.0.1:{port}", 404),
    ],
)
async def test_only_this_machine_asks_for_metrics_and_nothing_else(
    server: MetricsServer, request_line: str, host: str, status: int
) -> None:
    host = host.format(port=server.port)
    head, body = await ask(
        server.port, f"{request_line}\r\nHost: {host}\r\n\r\n".encode()
    )
    assert head.split()[1] == str(status).encode()
    assert b"Connection: close" in head
    assert (b"terminal_ai_" in body) == (status == 200)


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 2 * metrics.REQUEST_LIMIT_BYTES,
        b"\x00\xff\r\n\r\n",
    ],
)
async def test_what_is_no_request_is_refused(
    server: MetricsServer, request_: bytes
) -> None:
    head, body = await ask(server.port, request_)
    assert not head or head.split()[1] in (b"400", b"403")
    assert b"terminal_ai_" not in body
    assert await samples(server)


async def test_it_listens_on_this_machine_alone(server: MetricsServer) -> None:
    assert server._server is not None
    assert {each.getsockname()[0] for each in server._server.sockets} == {"127.0.0.1"}


async def test_a_request_without_an_end_is_refused(server: MetricsServer) -> None:
    head = get(server.port).removesuffix(b"\r\n")
    longer = head + b"X: " + b"x" * metrics.REQUEST_LIMIT_BYTES + b"\r\n\r\n"
    told, _body = await ask(server.port, longer)
    # The connection may be gone before what nobody has read was sent.
    assert not told or told.startswith(b"HTTP/1.1 400 ")
    assert await samples(server)


async def test_who_says_nothing_holds_nobody_up(
    server: MetricsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = [
        await asyncio.open_connection("127.0.0.1", server.port)
        for _each in range(metrics.CONNECTIONS_LIMIT)
    ]
    await until(lambda: len(server._open) == metrics.CONNECTIONS_LIMIT)
    head, _body = await ask(server.port, get(server.port))
    assert head == b""
    for _reader, writer in silent:
        writer.close()
    await until(lambda: not server._open)
    assert await samples(server)
    monkeypatch.setattr(metrics, "REQUEST_SECONDS", 0.01)
    assert await ask(server.port, b"GET /metrics") == (b"", b"")


async def test_closing_ends_what_is_open() -> None:
    server = MetricsServer(vitals, 0)
    await server.start()
    port = server.port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await until(lambda: bool(server._open))
    await server.close()
    assert await reader.read() == b""
    writer.close()
    with pytest.raises(OSError, match="onnect"):
        await asyncio.open_connection("127.0.0.1", port)


async def test_who_was_let_in_while_it_closed_is_not_served() -> None:
    """The event loop hands over in its next turn what it has accepted in this one."""
    server = MetricsServer(vitals, 0)
    await server.start()
    port = server.port
    await server.close()
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours)
    server._accept(reader, writer)
    assert not server._open
    assert server.port == port
    theirs.close()
    await writer.wait_closed()


async def test_figures_that_cannot_be_read_cost_one_scrape() -> None:
    answers = iter((None, vitals()))

    def read() -> Vitals:
        found = next(answers)
        if found is None:
            raise ZeroDivisionError
        return found

    server = MetricsServer(read, 0)
    await server.start()
    head, body = await ask(server.port, get(server.port))
    assert head.startswith(b"HTTP/1.1 500 ")
    assert body == b"Internal Server Error\n"
    assert await samples(server)
    await server.close()


async def test_a_head_request_gets_no_body_and_others_learn_what_is_allowed(
    server: MetricsServer,
) -> None:
    asked = get(server.port)
    head, body = await ask(server.port, asked.replace(b"GET", b"HEAD", 1))
    assert (head.split()[1], body) == (b"200", b"")
    assert b"Content-Length: 0" not in head
    head, body = await ask(server.port, asked.replace(b"GET", b"PUT", 1))
    assert head.split()[1] == b"405"
    assert b"Allow: GET, HEAD" in head


def test_clients_leave_the_port_of_http_out() -> None:
    server = MetricsServer(vitals, 80)
    server._admit("GET /metrics HTTP/1.1", {"host": "127.0.0.1"})


async def test_who_reads_nothing_is_not_served_for_ever(
    server: MetricsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = b"#" * 64_000_000
    monkeypatch.setattr(exposition, "expose", lambda *_: (body, metrics.PLAIN))
    monkeypatch.setattr(metrics, "REQUEST_SECONDS", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(get(server.port))
    await until(lambda: bool(server._open))
    await until(lambda: not server._open)
    taken = b""
    with contextlib.suppress(ConnectionResetError):
        taken = await reader.read()
    assert len(taken) < len(body)
    writer.close()


async def test_a_port_that_is_taken_is_told_with_a_hint() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = MetricsServer(vitals, port)
        with pytest.raises(MetricsError, match=str(port)) as caught:
            await server.start()
        assert "--metrics-port" in caught.value.hint
        assert str(caught.value).endswith(f"{port}: {os.strerror(errno.EADDRINUSE)}")
        await server.close()


async def test_without_the_package_the_hint_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    monkeypatch.delitem(sys.modules, "terminal_ai.bootstrap.exposition")
    server = MetricsServer(vitals, 0)
    with pytest.raises(MetricsError, match="prometheus-client") as caught:
        await server.start()
    assert "pip install 'terminal-ai[metrics]'" in caught.value.hint
