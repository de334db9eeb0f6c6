"""Which request goes first."""

import enum


class Priority(enum.IntEnum):
    """The lower goes first; a user who waits goes before everything else."""

    INTERACTIVE = 0
    PREFETCH = 1
    WARM_UP = 2
