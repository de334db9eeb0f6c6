"""Times and sizes as people read them, in every part of the program the same."""

_SECONDS_A_MINUTE, _SECONDS_AN_HOUR = 60, 3600


def duration(seconds: float) -> str:
    """Return a duration in at most eight characters, unless it took days."""
    # Bounds by what is shown: never "1000 ms" or "60.0 s".
    if seconds < 0.9995:
        return f"{max(0.0, seconds) * 1000:.0f} ms"
    if seconds < _SECONDS_A_MINUTE - 0.05:
        return f"{seconds:.1f} s"
    return elapsed(seconds + 0.5)


def elapsed(seconds: float) -> str:
    """Return a time that still runs, in whole seconds."""
    whole = max(0, int(seconds))
    if whole < _SECONDS_A_MINUTE:
        return f"{whole} s"
    if whole < _SECONDS_AN_HOUR:
        return f"{whole // 60}:{whole % 60:02d}"
    return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"


def short_time(seconds: float) -> str:
    """Return a measured time in at most six characters."""
    if not seconds:
        return "0"
    for factor, unit in ((1e6, "µs"), (1e3, "ms")):
        value = seconds * factor
        if value < 999.5:
            return f"{value:.{0 if value >= 10 else 1}f}{unit}"
    if seconds < 9_999.5:
        return f"{seconds:.{1 if seconds < 100 else 0}f}s"
    return f"{seconds / _SECONDS_AN_HOUR:.0f}h"


def size(count_bytes: float) -> str:
    """Return a number of bytes in binary units, of three digits or so."""
    value = max(0.0, float(count_bytes))
    if value < 999.5:
        return f"{value:.0f} B"
    for unit in ("KiB", "MiB", "GiB"):
        value /= 1024
        if value < 999.5:
            return f"{value:.{1 if value < 9.95 else 0}f} {unit}"
    return f"{min(value / 1024, 9_999):.1f} TiB"
