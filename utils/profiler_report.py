"""The profiler's figures as a person, a document or a program reads them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from utils.profiler import FunctionTiming, SlowCall

_HEADS = (
    "function", "calls", "total", "mean", "min", "p50", "p95", "p99", "max",
    "suspended", "slow",
)  # fmt: skip


def report(
    format: str,
    *,
    usage: Mapping[str, float],
    timings: Sequence["FunctionTiming"],
    slow_calls: Sequence["SlowCall"],
    top: int,
) -> str:
    """Return a report of the first ``top`` functions; ValueError for an odd format."""
    shown = timings[: max(0, top)]
    left = len(timings) - len(shown)
    if format == "text":
        return _text(usage, shown, left)
    if format == "markdown":
        return _markdown(usage, shown, left)
    if format == "json":
        return _json(usage, shown, slow_calls, left)
    raise ValueError(f"format {format!r}: give 'text', 'markdown' or 'json'")


def _text(
    usage: Mapping[str, float], timings: Sequence["FunctionTiming"], left: int
) -> str:
    lines = [
        "=== Performance Report ===",
        "",
        "Resource Usage:",
        *(f"  {name}: {value}" for name, value in _resources(usage)),
        "",
        "Function Metrics (sorted by total time):",
        *(
            f"  {_printable(each.name)}: "
            f"calls={each.calls}, total={each.total_seconds:.3f}s, "
            f"avg={_short(each.mean_seconds)}, min={_short(each.min_seconds)}, "
            f"p50={_short(each.p50_seconds)}, p95={_short(each.p95_seconds)}, "
            f"p99={_short(each.p99_seconds)}, max={_short(each.max_seconds)}, "
            f"suspended={each.suspended_seconds:.3f}s, slow={each.slow_calls}"
            for each in timings
        ),
    ]
    if not timings and not left:
        lines.append("  nothing measured")
    if left:
        lines.append(f"  and {left} more")
    return "\n".join(lines) + "\n"


def _markdown(
    usage: Mapping[str, float], timings: Sequence["FunctionTiming"], left: int
) -> str:
    lines = [
        "# Performance Report",
        "",
        "| resource | used |",
        "|---|---:|",
        *(f"| {name} | {value} |" for name, value in _resources(usage)),
        "",
        f"| {' | '.join(_HEADS)} |",
        f"|---|{'---:|' * (len(_HEADS) - 1)}",
    ]
    for each in timings:
        cells = (
            _code(each.name),
            str(each.calls),
            _short(each.total_seconds),
            _short(each.mean_seconds),
            _short(each.min_seconds),
            _short(each.p50_seconds),
            _short(each.p95_seconds),
            _short(each.p99_seconds),
            _short(each.max_seconds),
            _short(each.suspended_seconds),
            str(each.slow_calls),
        )
        lines.append(f"| {' | '.join(cells)} |")
    if left:
        lines += ["", f"And {left} more."]
    return "\n".join(lines) + "\n"


def _json(
    usage: Mapping[str, float],
    timings: Sequence["FunctionTiming"],
    slow_calls: Sequence["SlowCall"],
    left: int,
) -> str:
    document = {
        "resources": dict(usage),
        "functions": [asdict(each) for each in timings],
        "functions_left_out": left,
        "slow_calls": [asdict(each) for each in slow_calls],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _resources(usage: Mapping[str, float]) -> list[tuple[str, str]]:
    return [
        ("CPU", f"{usage['cpu_percent']:.1f}%"),
        ("Memory", f"{usage['memory_mb']:.1f} MB"),
        ("Threads", f"{usage['threads']:.0f}"),
        ("Open descriptors", f"{usage['num_fds']:.0f}"),
        ("Uptime", f"{usage['uptime']:.1f}s"),
    ]


def _printable(name: str) -> str:
    """Return a name that neither ends its line nor moves a terminal's cursor."""
    return "".join(each if each.isprintable() else "?" for each in name)


def _code(name: str) -> str:
    """Return a name as code in a table's cell."""
    shown = _printable(name).replace("|", "\\|").replace("`", "'")
    return f"`{shown}`"


def _short(seconds: float) -> str:
    """Return a time with three digits in the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g}{unit}" if seconds < 1e3 else f"{seconds:.0f}s"
    return f"{seconds * 1e9:.0f}ns"
