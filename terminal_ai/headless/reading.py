"""What commands without a screen read, bounded whatever somebody pipes into them."""

import contextlib
import os
import select
import stat
import sys
from collections.abc import Iterator
from typing import IO

import click

from terminal_ai.messages import gettext as _
from terminal_ai.records import CapturedOutput

OUTPUT_LIMIT_BYTES = 1_048_576
# More than this is not worth reading only to throw its middle away.
READ_LIMIT_BYTES = 64 * OUTPUT_LIMIT_BYTES

# Nobody prints this much to have it explained; a device could print for ever.
DRAIN_LIMIT_BYTES = 4_096 * OUTPUT_LIMIT_BYTES
CHUNK_BYTES = 65_536
WAITING_NOTICE_SECONDS = 2.0
"""When stdin brings nothing for this long, the user is told that we wait for it."""


def is_stdin_piped() -> bool:
    """Tell whether stdin is a pipe or a file: what somebody means us to read.

    Not so a socket: programs that start others leave theirs open and write nothing.
    """
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def tell_what_we_wait_for(stream: IO[bytes]) -> None:
    """Say on a terminal that stdin brings nothing, after a while of waiting."""
    if not sys.stderr.isatty():
        return
    with contextlib.suppress(OSError, ValueError):
        if not select.select([stream], (), (), WAITING_NOTICE_SECONDS)[0]:
            text = _("waiting for stdin to end; without it: < /dev/null")
            click.echo(text, err=True)


def capture_stream(stream: IO[bytes]) -> CapturedOutput:
    """Read to the end and keep both ends, in bounded memory.

    Reading on keeps the program that writes from dying of a closed pipe.
    """
    half = OUTPUT_LIMIT_BYTES // 2
    head = stream.read(half)
    tail = bytearray()
    size = len(head)
    while size < DRAIN_LIMIT_BYTES and (chunk := stream.read(CHUNK_BYTES)):
        size += len(chunk)
        tail += chunk
        if len(tail) > 2 * half:
            del tail[:-half]
    kept = bytes(tail[-half:])
    return CapturedOutput(head, kept, size - len(head) - len(kept))


def capture(data: bytes) -> CapturedOutput:
    """Bound an output as the shell does: half of the limit from each end."""
    if len(data) <= OUTPUT_LIMIT_BYTES:
        return CapturedOutput(head=data)
    half = OUTPUT_LIMIT_BYTES // 2
    return CapturedOutput(data[:half], data[-half:], len(data) - 2 * half)


def bounded_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield every line; of one beyond the limit no more than one byte too many."""
    while line := stream.readline(READ_LIMIT_BYTES + 1):
        yield line
        while len(line) > READ_LIMIT_BYTES and not line.endswith(b"\n"):
            line = stream.readline(READ_LIMIT_BYTES + 1)
