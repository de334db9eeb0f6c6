"""A run's report as people, programs and other documents read it."""

import enum
import json
import time
from collections.abc import Mapping, Sequence

import msgspec

from terminal_ai.headless.table import INDENT, cells, folded, folded_lines
from terminal_ai.messages import gettext as _
from terminal_ai.messages import ngettext
from terminal_ai.quantities import duration, elapsed, short_time, size
from terminal_ai.reports import RUNNING, Memory, Report, Timing
from terminal_ai.safety.sanitize import single_line

NAME_CHARACTERS = 100
_TIMES = ("total", "mean", "p50", "p95", "p99", "max")


class Form(enum.Enum):
    """How a report is written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


def short_of(report: Report, *, width_cells: int | None) -> str:
    """Return the few lines that are printed when the app has ended."""
    more = _("more: {command}").format(command="terminal-ai stats")
    told = f"terminal-ai: {gist_of(report)}\n{INDENT}{more}"
    lines = [part for line in told.splitlines() for part in folded(line, width_cells)]
    return "\n".join(lines) + "\n"


def gist_of(report: Report) -> str:
    """Return the figures that say most, on a line or two."""
    ran = _("{time}, {commands}, CPU {cpu}, at most {memory}").format(
        time=elapsed(report.seconds),
        commands=_commands(report),
        cpu=duration(report.cpu_seconds),
        memory=size(report.peak_rss_bytes),
    )
    parts = []
    if report.lag is not None:
        parts.append(_("loop lag p99 {time}").format(time=_p99(report.lag)))
    if report.echo is not None:
        echo = short_time(report.echo.p95_seconds)
        parts.append(_("key to screen p95 {time}").format(time=echo))
    if report.requests:
        parts.append(_answers(report))
    if report.functions:
        slowest = report.functions[0]
        parts.append(
            _("most time in {function}: {time}").format(
                function=_name(slowest.name), time=short_time(slowest.total_seconds)
            )
        )
    return f"{ran}\n  {', '.join(parts)}" if parts else ran


def report_of(report: Report, form: Form, *, top: int, width_cells: int | None) -> str:
    """Return all of it, with the ``top`` functions that took most time.

    Text, in this and the others, is folded to a width; None is a file or a pipe.
    """
    if form is Form.JSON:
        kept = msgspec.structs.replace(
            report,
            ending=_ending(report),
            functions=report.functions[:top],
            operations=report.operations[:top],
            hot_lines=report.hot_lines[:top],
        )
        return _as_json(kept)
    figures = _figures(report)
    tables = [
        (_("function"), report.functions[:top]),
        (_("operation"), report.operations[:top]),
    ]
    if form is Form.MARKDOWN:
        told = [f"# {_title(report)}", "", *_markdown(("", ""), figures)]
        for heading, timings in tables:
            if timings:
                rows = [(_code(name), *times) for name, *times in _rows(timings)]
                told += ["", *_markdown((heading, _("calls"), *_TIMES), rows)]
        if hot := _hot_rows(report, top):
            rows = [(*figures, _code(place)) for *figures, place in hot[1:]]
            told += ["", *_markdown(hot[0], rows)]
    else:
        told = [*_heading(report, width_cells), *folded_lines(figures, width_cells)]
        for heading, timings in tables:
            if timings:
                rows = _timing_rows(heading, timings)
                told += ["", *folded_lines(rows, width_cells)]
        if hot := _hot_rows(report, top):
            told += ["", *folded_lines(hot, width_cells)]
    return "\n".join(told) + "\n"


def memory_of(report: Report, form: Form, *, width_cells: int | None) -> str:
    """Return what is kept in memory, by the five names the figures have."""
    memory = report.memory
    if form is Form.JSON:
        return _as_json(memory)
    rows = _memory_rows(memory)
    if form is Form.MARKDOWN:
        told = [f"# {_title(report)}", "", *_markdown(("", ""), rows)]
    else:
        told = [*_heading(report, width_cells), *folded_lines(rows, width_cells)]
    return "\n".join(told) + "\n"


def list_of(reports: Sequence[Report], form: Form, *, width_cells: int | None) -> str:
    """Return the runs, a line each."""
    if form is Form.JSON:
        return _as_json(
            [
                {
                    "pid": each.pid,
                    "version": each.version,
                    "started_at": each.started_at,
                    "written_at": each.written_at,
                    "ending": _ending(each),
                    "peak_rss_bytes": each.peak_rss_bytes,
                    "cpu_seconds": each.cpu_seconds,
                }
                for each in reports
            ]
        )
    rows = [
        (
            time.strftime("%Y-%m-%d %H:%M", time.localtime(each.started_at)),
            str(each.pid),
            _ending(each),
            elapsed(each.seconds),
            duration(each.cpu_seconds),
            size(each.peak_rss_bytes),
        )
        for each in reports
    ]
    heading = (_("began"), _("process"), _("end"), _("time"), "CPU", _("memory"))
    if form is Form.MARKDOWN:
        return "\n".join(_markdown(heading, rows)) + "\n"
    return "\n".join(folded_lines([heading, *rows], width_cells)) + "\n"


def _figures(report: Report) -> list[tuple[str, str]]:
    """Return every figure with its name; what was never measured is left out."""
    share = report.cpu_seconds / report.seconds * 100 if report.seconds else 0.0
    speed = report.parsed_bytes / report.parsed_seconds if report.parsed_seconds else 0
    rows = [
        (_("commands"), _commands(report)),
        ("CPU", f"{duration(report.cpu_seconds)}, {share:.1f} %"),
        (
            _("memory"),
            _("{now} now, {peak} at most").format(
                now=size(report.rss_bytes), peak=size(report.peak_rss_bytes)
            ),
        ),
        (_("threads"), str(report.threads)),
        (_("open files"), str(report.file_descriptors)),
        (
            _("output read"),
            _("{size} at {speed}/s, {frames} frames").format(
                size=size(report.parsed_bytes), speed=size(speed), frames=report.frames
            ),
        ),
    ]
    for name, timing in (
        (_("event loop late"), report.lag),
        (_("key to screen"), report.echo),
    ):
        if timing is not None:
            rows.append((name, _spread(timing)))
    rows.append((_("requests"), _answers(report) if report.requests else "0"))
    rows += [
        (
            _("cache {name}").format(name=_name(tier.name)),
            _("{hits} of {lookups} found, {failures} failures").format(
                hits=tier.hits,
                lookups=tier.hits + tier.misses,
                failures=tier.failures,
            ),
        )
        for tier in report.caches
    ]
    if report.model_answers:
        rows.append((_("model"), _model(report)))
    upkeep = report.maintenance
    if upkeep.runs or upkeep.failures:
        told = _("{runs} runs, {failures} failed, {freed} freed").format(
            runs=upkeep.runs, failures=upkeep.failures, freed=size(upkeep.freed_bytes)
        )
        rows.append((_("maintenance"), told))
    return rows


def _memory_rows(memory: Memory) -> list[tuple[str, str]]:
    return [
        ("memory_mb", f"{memory.memory_mb:.1f}"),
        ("caches", _counts(memory.caches)),
        ("pools", _counts(memory.pools)),
        ("weak_refs", str(memory.weak_refs)),
        ("gc_stats", "; ".join(_counts(each) for each in memory.gc_stats) or "-"),
    ]


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{_name(name)} {count}" for name, count in counts.items()) or "-"


def _title(report: Report) -> str:
    title = _("terminal-ai {version}, process {pid}, {ending} after {time}")
    if _ending(report) == RUNNING:
        ago = elapsed(time.time() - report.written_at)
        title = _("terminal-ai {version}, process {pid}, runs for {time}") + _(
            " (figures of {ago} ago)"
        ).format(ago=ago)
    return title.format(
        version=_name(report.version),
        pid=report.pid,
        ending=_ending(report),
        time=elapsed(report.seconds),
    )


def _ending(report: Report) -> str:
    """Return how it ended; one that could not say it was killed."""
    if report.ending != RUNNING:
        return _name(report.ending)
    return RUNNING if report.is_alive else "killed"


def _commands(report: Report) -> str:
    count = report.commands_ok + report.commands_failed + report.commands_unknown
    told = ngettext("{count} command", "{count} commands", count).format(count=count)
    if report.commands_failed:
        failed = _("{count} failed").format(count=report.commands_failed)
        return f"{told} ({failed})"
    return told


def _answers(report: Report) -> str:
    hits = sum(tier.hits for tier in report.caches)
    return _("{hits} of {requests} answers from a cache").format(
        hits=min(hits, report.requests), requests=report.requests
    )


def _model(report: Report) -> str:
    told = [
        _("{answers} answers in {time}").format(
            answers=report.model_answers, time=duration(report.model_seconds)
        )
    ]
    if report.first_token_seconds is not None:
        first = short_time(report.first_token_seconds)
        told.append(_("first token {time}").format(time=first))
    if report.tokens_per_second is not None:
        told.append(_("{speed:.1f} tokens/s").format(speed=report.tokens_per_second))
    return ", ".join(told)


def _spread(timing: Timing) -> str:
    names = ("p50", "p95", "p99", "max")
    return ", ".join(
        f"{name} {short_time(getattr(timing, f'{name}_seconds'))}" for name in names
    )


def _p99(timing: Timing) -> str:
    return short_time(timing.p99_seconds)


def _rows(timings: Sequence[Timing]) -> list[tuple[str, ...]]:
    return [
        (
            _name(timing.name),
            str(timing.calls),
            *(short_time(getattr(timing, f"{name}_seconds")) for name in _TIMES),
        )
        for timing in timings
    ]


def _hot_rows(report: Report, top: int) -> list[tuple[str, ...]]:
    """Return the newest profile's lines below their heading, or nothing."""
    rows: list[tuple[str, ...]] = [
        (f"{each.share:.1%}", short_time(each.seconds), _name(each.place))
        for each in report.hot_lines[:top]
    ]
    heading = (_("busy"), _("time"), _("line in the newest profile"))
    return [heading, *rows] if rows else []


def _timing_rows(heading: str, timings: Sequence[Timing]) -> list[tuple[str, ...]]:
    """Return numbers that stand under each other's ends, and the names after them."""
    rows = [(heading, _("calls"), *_TIMES), *_rows(timings)]
    turned = [(*numbers, name) for name, *numbers in rows]
    columns = list(zip(*turned, strict=True))
    widths = [max(map(cells, column)) for column in columns[:-1]]
    return [
        (
            *(
                " " * (width - cells(text)) + text
                for text, width in zip(row, widths, strict=False)
            ),
            row[-1],
        )
        for row in turned
    ]


def _heading(report: Report, width_cells: int | None) -> list[str]:
    return [*folded(_title(report), width_cells), ""]


def _markdown(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [
        _markdown_row(heading),
        _markdown_row(["---"] * len(heading)),
        *map(_markdown_row, rows),
    ]


def _markdown_row(texts: Sequence[str]) -> str:
    return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |"


def _code(name: str) -> str:
    """Return a name whose ``__init__`` is not bold and whose ``<locals>`` no tag."""
    return f"`{name.replace('`', chr(39))}`"


def _name(name: str) -> str:
    return single_line(name, NAME_CHARACTERS)


def _as_json(value: object) -> str:
    # In ASCII: nothing that a terminal would obey gets through.
    return json.dumps(msgspec.to_builtins(value), indent=2) + "\n"
