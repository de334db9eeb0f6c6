"""A line of bars that starts at zero, so that a steady figure looks steady."""

from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"


def spark(values: Sequence[float], width: int, ceiling: float) -> str:
    """Return the newest ``width`` values as bars from 0 to ``ceiling`` or above."""
    shown = values[-width:] if width > 0 else ()
    top = max([ceiling, *shown])
    if top <= 0:
        top = 1.0
    steps = len(_BARS) - 1
    return "".join(_BARS[round(max(0.0, value) / top * steps)] for value in shown)
