"""The app's figures as Prometheus's metric families.

Imports ``prometheus_client``, which not everybody has: only who serves metrics loads
this module. Every label's values are known beforehand or bounded in number.
"""

from collections.abc import Iterable, Iterator, Sequence

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from terminal_ai import __version__
from terminal_ai.bootstrap.metric_labels import OTHER, Labels
from terminal_ai.records import AnswerOrigin
from terminal_ai.telemetry.alerts import Signal
from terminal_ai.telemetry.buckets import BucketFigures
from terminal_ai.telemetry.spans import SpanStatus
from terminal_ai.vitals import Vitals

CACHES = tuple(str(origin) for origin in AnswerOrigin if origin != AnswerOrigin.MODEL)
BREAKER_STATES = ("closed", "half_open", "open")
OPENMETRICS = "application/openmetrics-text"


class VitalsCollector(Collector):
    """Turns one value of the figures into metric families."""

    def __init__(self, vitals: Vitals, labels: Labels) -> None:
        self._vitals = vitals
        self._labels = labels

    def collect(self) -> Iterator[Metric]:
        """Yield every family, those without a sample yet among them."""
        yield _info("terminal_ai_build", "What runs.", {"version": __version__})
        yield from self._process()
        yield from self._terminal()
        yield from self._caches()
        yield from self._requests()
        yield from self._model()
        yield from self._measured()
        yield from self._operations()
        yield from self._alerts()

    def _process(self) -> Iterator[Metric]:
        process = self._vitals.process
        yield _counter(
            "terminal_ai_process_cpu_seconds",
            "User and system CPU time of the app itself.",
            process.cpu_seconds,
        )
        yield _gauge(
            "terminal_ai_process_resident_memory_bytes",
            "Memory of the app itself.",
            process.rss_bytes,
        )
        yield _gauge(
            "terminal_ai_process_peak_resident_memory_bytes",
            "The most memory the app has taken so far.",
            process.peak_rss_bytes,
        )
        yield _gauge("terminal_ai_process_threads", "Threads.", process.threads)
        yield _gauge(
            "terminal_ai_process_open_fds",
            "Open file descriptors.",
            process.file_descriptors,
        )
        yield _gauge(
            "terminal_ai_process_uptime_seconds",
            "Time since the app began.",
            process.uptime_seconds,
        )
        yield _gauge(
            "terminal_ai_event_loop_lag_seconds",
            "How late the event loop ran lately, at most.",
            self._vitals.lag_seconds,
        )
        lags = HistogramMetricFamily(
            "terminal_ai_event_loop_late_seconds",
            "How late each call came that is due ten times a second.",
        )
        lags.add_metric((), *_cumulative(self._vitals.lag.durations))
        yield lags
        yield _counter(
            "terminal_ai_event_loop_stalls",
            "Times the event loop stood still for long enough to be noticed.",
            self._vitals.lag.stall_count,
        )

    def _terminal(self) -> Iterator[Metric]:
        vitals = self._vitals
        yield _counter(
            "terminal_ai_parsed_bytes",
            "Output that the emulator has read.",
            vitals.parsed_bytes,
        )
        yield _counter(
            "terminal_ai_parse_seconds",
            "Time that reading this output took.",
            vitals.parsed_seconds,
        )
        yield _counter(
            "terminal_ai_frames", "Frames of the terminal painted.", vitals.frames
        )
        commands = CounterMetricFamily(
            "terminal_ai_commands",
            "Commands that ended, by how.",
            labels=("outcome",),
        )
        for outcome in ("ok", "failed", "unknown"):
            commands.add_metric((outcome,), getattr(vitals.commands, outcome))
        yield commands

    def _caches(self) -> Iterator[Metric]:
        ratio = GaugeMetricFamily(
            "cache_hit_ratio",
            "Share of look-ups that found an answer, since the app began.",
            labels=("cache_name",),
        )
        lookups = CounterMetricFamily(
            "terminal_ai_cache_lookups",
            "Look-ups in each tier of the answers' cache, by result.",
            labels=("cache_name", "result"),
        )
        totals: dict[str, list[int]] = {}
        for tier in self._vitals.tiers:
            total = totals.setdefault(_one_of(tier.name, CACHES), [0, 0, 0])
            for at, count in enumerate((tier.hits, tier.misses, tier.failures)):
                total[at] += count
        for name, (hits, misses, failures) in totals.items():
            asked = hits + misses
            ratio.add_metric((name,), hits / asked if asked else 0.0)
            lookups.add_metric((name, "hit"), hits)
            lookups.add_metric((name, "miss"), misses)
            lookups.add_metric((name, "failure"), failures)
        yield ratio
        yield lookups

    def _requests(self) -> Iterator[Metric]:
        vitals = self._vitals
        for prefix in ("terminal_ai", "agno"):
            yield _counter(
                f"{prefix}_agent_creations",
                "Requests to the assistant that began.",
                vitals.requests_begun,
            )
        by_kind = HistogramMetricFamily(
            "agent_execution_seconds",
            "Requests to the assistant that ended, by kind and end.",
            labels=("agent_name", "status"),
        )
        for row in vitals.requests:
            by_kind.add_metric((row.kind, str(row.status)), *_cumulative(row.durations))
        yield by_kind
        together = _together([row.durations for row in vitals.requests])
        for prefix in ("terminal_ai", "agno"):
            family = HistogramMetricFamily(
                f"{prefix}_agent_run_duration_seconds",
                "Requests to the assistant that ended.",
            )
            if together is not None:
                family.add_metric((), *_cumulative(together))
            yield family

    def _model(self) -> Iterator[Metric]:
        vitals = self._vitals
        queue, usage = vitals.queue, vitals.usage
        yield _gauge(
            "terminal_ai_queue_depth",
            "Requests that wait for the model.",
            queue.waiting,
        )
        yield _gauge(
            "terminal_ai_requests_running",
            "Requests the model works on now.",
            queue.running,
        )
        prefetches = CounterMetricFamily(
            "terminal_ai_generations",
            "Generations by what became of them.",
            labels=("event",),
        )
        for event in ("started", "joined", "cancelled", "failed"):
            prefetches.add_metric((event,), getattr(queue, event))
        yield prefetches
        breaker = GaugeMetricFamily(
            "terminal_ai_breaker_state",
            "1 for the state that the circuit breaker is in.",
            labels=("state",),
        )
        for state in BREAKER_STATES:
            breaker.add_metric((state,), float(queue.breaker == state))
        yield breaker
        yield _gauge(
            "terminal_ai_model_loaded",
            "1 while the model is known to be in memory.",
            float(vitals.is_model_loaded),
        )
        yield _counter(
            "terminal_ai_model_answers", "Answers of the model.", usage.answers
        )
        tokens = CounterMetricFamily(
            "terminal_ai_model_tokens",
            "Tokens, by whether the model read or wrote them.",
            labels=("direction",),
        )
        tokens.add_metric(("read",), usage.prompt_tokens)
        tokens.add_metric(("written",), usage.answer_tokens)
        yield tokens
        yield _counter(
            "terminal_ai_model_seconds", "Time the model worked.", usage.seconds
        )
        newest = usage.newest
        yield _gauge(
            "terminal_ai_model_first_token_seconds",
            "Time to the first token of the newest answer.",
            newest.first_token_seconds,
        )
        yield _gauge(
            "terminal_ai_model_load_seconds",
            "Time the newest answer waited for the model to load.",
            newest.load_seconds,
        )
        yield _gauge(
            "terminal_ai_model_tokens_per_second",
            "Speed of the newest answer.",
            newest.tokens_per_second,
        )

    def _measured(self) -> Iterator[Metric]:
        totals: dict[str, list[float]] = {}
        for timing in self._vitals.timings:
            total = totals.setdefault(
                self._labels.functions.label(timing.name), [0, 0.0, 0.0]
            )
            total[0] += timing.calls
            total[1] += timing.total_seconds
            total[2] = max(total[2], timing.p95_seconds)
        calls = CounterMetricFamily(
            "terminal_ai_function_calls",
            "Calls of a measured function.",
            labels=("function",),
        )
        seconds = CounterMetricFamily(
            "terminal_ai_function_seconds",
            "Time a measured function ran.",
            labels=("function",),
        )
        p95 = GaugeMetricFamily(
            "terminal_ai_function_p95_seconds",
            "95 of 100 calls took at most this long.",
            labels=("function",),
        )
        for label, (count, total_seconds, slow) in totals.items():
            calls.add_metric((label,), count)
            seconds.add_metric((label,), total_seconds)
            p95.add_metric((label,), slow)
        yield from (calls, seconds, p95)

    def _operations(self) -> Iterator[Metric]:
        ended: dict[tuple[str, str], int] = {}
        totals: dict[str, list[float]] = {}
        for each in self._vitals.operations:
            label = self._labels.operations.label(each.name)
            good = each.count - each.errors - each.cancelled
            for status, count in (
                (SpanStatus.OK, good),
                (SpanStatus.ERROR, each.errors),
                (SpanStatus.CANCELLED, each.cancelled),
            ):
                key = (label, str(status))
                ended[key] = ended.get(key, 0) + count
            total = totals.setdefault(label, [0.0, 0.0, 0.0])
            total[0] += each.total_seconds
            total[1] += each.waiting_seconds
            total[2] = max(total[2], each.recent.p95_seconds)
        counts = CounterMetricFamily(
            "terminal_ai_operations",
            "Operations that ended, by how.",
            labels=("operation", "status"),
        )
        for key, count in ended.items():
            counts.add_metric(key, count)
        seconds = CounterMetricFamily(
            "terminal_ai_operation_seconds",
            "Time that operations took, waiting included.",
            labels=("operation",),
        )
        waiting = CounterMetricFamily(
            "terminal_ai_operation_waiting_seconds",
            "Time that operations waited for somebody else.",
            labels=("operation",),
        )
        p95 = GaugeMetricFamily(
            "terminal_ai_operation_p95_seconds",
            "95 of the 100 newest took at most this long.",
            labels=("operation",),
        )
        for label, (took, waited, slow) in totals.items():
            seconds.add_metric((label,), took)
            waiting.add_metric((label,), waited)
            p95.add_metric((label,), slow)
        yield from (counts, seconds, waiting, p95)
        yield _counter(
            "terminal_ai_slow_operations",
            "Operations that held us up longer than they should.",
            self._vitals.slow_count,
        )

    def _alerts(self) -> Iterator[Metric]:
        raised = {alert.signal for alert in self._vitals.alerts}
        alerts = GaugeMetricFamily(
            "terminal_ai_alert",
            "1 while what is watched is wrong.",
            labels=("signal",),
        )
        for signal in Signal:
            alerts.add_metric((str(signal),), float(signal in raised))
        yield alerts
        yield _counter(
            "terminal_ai_alerts_raised",
            "Episodes in which something was wrong.",
            self._vitals.alert_count,
        )


def expose(vitals: Vitals, labels: Labels, accept: str = "") -> tuple[bytes, str]:
    """Return the exposition and its content type, in the format that is accepted."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(VitalsCollector(vitals, labels))
    if OPENMETRICS in accept:
        text: bytes = openmetrics.generate_latest(registry)  # type: ignore[no-untyped-call]
        return text, openmetrics.CONTENT_TYPE_LATEST
    return generate_latest(registry), CONTENT_TYPE_PLAIN_0_0_4


def _counter(name: str, told: str, value: float) -> Metric:
    return CounterMetricFamily(name, told, value=value)


def _gauge(name: str, told: str, value: float | None) -> Metric:
    """Return a gauge; None has no sample, which is not the same as 0."""
    return GaugeMetricFamily(name, told, value=value)


def _info(name: str, told: str, value: dict[str, str]) -> Metric:
    return InfoMetricFamily(name, told, value=value)


def _one_of(name: str, known: Iterable[str]) -> str:
    return str(name) if name in known else OTHER


def _cumulative(figures: BucketFigures) -> tuple[list[tuple[str, float]], float]:
    """Return what Prometheus wants: counts up to each bound, and the sum."""
    buckets: list[tuple[str, float]] = []
    seen = 0
    for bound, count in zip(
        (*figures.bounds, float("inf")), figures.counts, strict=True
    ):
        seen += count
        buckets.append((_bound(bound), seen))
    return buckets, figures.total_seconds


def _bound(seconds: float) -> str:
    return "+Inf" if seconds == float("inf") else repr(float(seconds))


def _together(figures: Sequence[BucketFigures]) -> BucketFigures | None:
    if not figures:
        return None
    counts = tuple(map(sum, zip(*(each.counts for each in figures), strict=True)))
    return BucketFigures(
        figures[0].bounds, counts, sum(each.total_seconds for each in figures)
    )
