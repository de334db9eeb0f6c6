"""What commands without a screen read, bounded whatever somebody pipes into them."""

from collections.abc import Iterator
from typing import IO

from terminal_ai.records import CapturedOutput

OUTPUT_LIMIT_BYTES = 1_048_576
# More than this is not worth reading only to throw its middle away.
READ_LIMIT_BYTES = 64 * OUTPUT_LIMIT_BYTES


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
