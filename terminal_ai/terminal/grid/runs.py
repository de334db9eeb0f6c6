"""Runs of equal style: where each begins, and which style it has."""

from bisect import bisect_left, bisect_right

from terminal_ai.terminal.style import Style


def set_style(
    starts: list[int],
    styles: list[Style],
    start: int,
    stop: int,
    style: Style,
    length: int,
) -> None:
    """Give the cells up to ``stop`` a style, joining runs that become equal."""
    first = bisect_right(starts, start) - 1
    beyond = bisect_left(starts, stop, first)
    if beyond == first + 1 and styles[first] is style:
        return
    last = styles[beyond - 1]
    new_starts, new_styles = [], []
    if starts[first] < start:
        new_starts.append(starts[first])
        new_styles.append(styles[first])
    elif first:
        first -= 1
        new_starts.append(starts[first])
        new_styles.append(styles[first])
    if not new_styles or new_styles[-1] is not style:
        new_starts.append(start)
        new_styles.append(style)
    if beyond < len(starts) and starts[beyond] == stop:
        if styles[beyond] is style:
            beyond += 1
    elif stop < length and last is not style:
        new_starts.append(stop)
        new_styles.append(last)
    starts[first:beyond] = new_starts
    styles[first:beyond] = new_styles
