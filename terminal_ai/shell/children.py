"""Which processes a process has started, as Linux lists them: thread by thread."""

import contextlib
from pathlib import Path

THREADS_LIMIT = 64
"""So many threads of one process are asked for their children, the oldest first."""


def are_listed() -> bool:
    """Tell whether the kernel lists the children of a process."""
    return Path("/proc/thread-self/children").exists()


def children_of(pid: int, *, threads: int) -> list[int]:
    """Return the children of a process with so many threads; none if it has ended."""
    asked = [pid] if threads == 1 else sorted(threads_of(pid))[:THREADS_LIMIT]
    return [child for thread in asked for child in children_of_thread(pid, thread)]


def threads_of(pid: int) -> list[int]:
    """Return the ids of a process's threads; none if it has ended."""
    with contextlib.suppress(OSError):
        return [int(task.name) for task in Path(f"/proc/{pid}/task").iterdir()]
    return []


def children_of_thread(pid: int, thread: int) -> list[int]:
    """Return the children that a thread has started; none if it has ended."""
    with contextlib.suppress(OSError, ValueError):
        listed = Path(f"/proc/{pid}/task/{thread}/children").read_bytes()
        return [int(child) for child in listed.split()]
    return []
