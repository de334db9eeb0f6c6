"""What the kernel has charged to a process and to the children it has waited for.

Linux adds the processor time and the storage traffic of a child to its parent's when
the parent waits for it (proc(5): cutime, cstime; ``io`` of the whole thread group). The
difference between two readings of a shell is therefore what its command has used, also
of one that ended before anybody could look at it.
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Account:
    """The sums of one process since it began; None where the kernel tells none."""

    cpu_user_seconds: float
    cpu_system_seconds: float
    read_bytes: int | None = None
    written_bytes: int | None = None

    @classmethod
    def of(cls, pid: int) -> Self | None:
        """Read two small files of /proc; None where there are none.

        The kernel answers from memory, in some 30 microseconds.
        """
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = stat_fields(pid)
            tick_seconds = 1 / os.sysconf("SC_CLK_TCK")
            user = (int(fields[11]) + int(fields[13])) * tick_seconds
            system = (int(fields[12]) + int(fields[14])) * tick_seconds
            return cls(user, system, *_storage(pid))
        return None


def stat_fields(pid: int) -> list[bytes]:
    """Return the fields of /proc/PID/stat from the state on; raises OSError.

    The program's name before them may hold spaces and brackets.
    """
    stat = Path(f"/proc/{pid}/stat").read_bytes()
    return stat[stat.rindex(b")") + 2 :].split()


def _storage(pid: int) -> tuple[int | None, int | None]:
    """Return the bytes read from and written to storage: not those from the cache."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        counters = dict(
            line.split(b": ", 1)
            for line in Path(f"/proc/{pid}/io").read_bytes().splitlines()
        )
        return int(counters[b"read_bytes"]), int(counters[b"write_bytes"])
    return None, None
