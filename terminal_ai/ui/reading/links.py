"""Links in the rows of the emulator: OSC 8 links, and addresses written as text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len

from terminal_ai.terminal.grid.rows import Row
from terminal_ai.ui.reading.addresses import addresses_in
from terminal_ai.ui.reading.finding import Span, WrappedLine
from terminal_ai.ui.reading.lines import Lines, logical_line

LINKS_LIMIT = 200
WRAPPED_LIMIT_ROWS = 60
"""Rows of one wrapped line that are looked at, above a cell and below it."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link on the screen: where it leads, the text that carries it, its cells."""

    target: str
    label: str
    spans: tuple[Span, ...]

    def covers(self, row_id: int, column: int) -> bool:
        """Tell whether a cell belongs to the link."""
        return any(
            span.row_id == row_id and span.start <= column < span.end
            for span in self.spans
        )


def link_at(lines: Lines, line: int, column: int) -> Link | None:
    """Return the link under a cell."""
    row = lines.line(line)
    rows = _wrapped_rows(lines, line)
    return next((each for each in links_in(rows) if each.covers(row.id, column)), None)


def visible_links(lines: Lines, rows_up: int) -> list[Link]:
    """Return the links in view, the lowest first, each target once."""
    found: dict[str, Link] = {}
    top, line = -rows_up, lines.rows - 1 - rows_up
    while line >= top:
        rows = _wrapped_rows(lines, line)
        first = rows[0].id
        for link in reversed(links_in(rows)):
            found.setdefault(link.target, link)
        while line >= top and lines.line(line).id != first:
            line -= 1
        line -= 1
    return list(found.values())[:LINKS_LIMIT]


def links_in(rows: Sequence[Row]) -> list[Link]:
    """Return the links in the rows of one wrapped line, from left to right."""
    line = WrappedLine(tuple(row.id for row in rows), tuple(row.text for row in rows))
    links = list(_given_links(rows))
    taken = {span for link in links for span in link.spans}
    for begin, end in addresses_in(line.text):
        spans = line.match((begin, end)).spans
        if not any(_overlap(span, other) for span in spans for other in taken):
            target = line.text[begin:end]
            links.append(Link(target, target, spans))
    order = {row.id: at for at, row in enumerate(rows)}
    links.sort(key=lambda link: (order[link.spans[0].row_id], link.spans[0].start))
    return links


def _given_links(rows: Sequence[Row]) -> Iterator[Link]:
    """Yield the OSC 8 links; cells side by side with one target are one link."""
    held: Link | None = None
    for row in rows:
        column = 0
        for text, style in row.runs:
            end = column + cell_len(text)
            if held is not None and style.link != held.target:
                yield held
                held = None
            if style.link is not None:
                held = held or Link(style.link, "", ())
                span = Span(row.id, column, end)
                held = replace(held, label=held.label + text, spans=(*held.spans, span))
            column = end
    if held is not None:
        yield held


def _overlap(span: Span, other: Span) -> bool:
    return (
        span.row_id == other.row_id
        and span.start < other.end
        and other.start < span.end
    )


def _wrapped_rows(lines: Lines, line: int) -> list[Row]:
    """Return the rows of the wrapped line that a row belongs to, the top first."""
    first, last = logical_line(line, lines, limit_rows=WRAPPED_LIMIT_ROWS)
    return [lines.line(at) for at in range(first, last + 1)]
