"""What the history can be asked for."""

import enum
from dataclasses import dataclass


class RecordOrder(enum.StrEnum):
    """Which records come first: the newest, or those with the largest figure.

    A record whose figure nobody could tell comes last; equals come newest first.
    """

    NEWEST = "newest"
    SLOWEST = "slowest"
    CPU = "cpu"
    MEMORY = "memory"
    READ = "read"
    WRITTEN = "written"


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """Which finished commands are wanted; what is left empty does not matter.

    ``text`` is words, each of which stands anywhere in the command line or the output,
    in any case. ``failed`` wants a known exit code other than 0, or with False any
    other. ``cwd`` is a directory and everything below it. ``program`` is the first
    program of the command line (what ``sudo``, ``env`` and ``X=y`` precede).
    ``first_id`` and ``last_id`` are the ends of a stretch of time, both included.
    ``output_limit_bytes`` reads only so much of each output from disk, and counts the
    rest as elided; ``History.record`` has it whole.
    """

    text: str = ""
    failed: bool | None = None
    cwd: str = ""
    shell: str = ""
    program: str = ""
    longer_than_seconds: float = 0.0
    session_id: str = ""
    first_id: str = ""
    last_id: str = ""
    order: RecordOrder = RecordOrder.NEWEST
    limit: int = 200
    output_limit_bytes: int | None = None
