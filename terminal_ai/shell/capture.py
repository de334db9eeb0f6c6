"""A bounded copy of a stream: its head, its tail, and when how much of it came."""

import dataclasses

from terminal_ai.plaintext import plain_text
from terminal_ai.records import CapturedOutput

# A secret cut by the elision is blotted out too, unless so little of it is left
# that ordinary text would be hit.
SECRET_PIECE_BYTES = 8
TIMELINE_LIMIT = 512
"""Steps kept of how an output grew."""
TIMELINE_RESOLUTION_SECONDS = 1 / 60
"""Steps closer than a frame are one; a full timeline makes its steps wider."""


class BoundedCapture:
    """Keeps the first and the last bytes of what it is given, and counts the rest."""

    def __init__(
        self, head_bytes: int, tail_bytes: int, *, started_at: float = 0.0
    ) -> None:
        self._head_limit = head_bytes
        self._tail_limit = tail_bytes
        self._head = bytearray()
        self._tail = bytearray()
        self._total_bytes = 0
        self._timeline = _Timeline(started_at)

    def append(self, data: bytes | bytearray, now: float) -> None:
        """Add bytes at the end, at a time by the clock of ``started_at``."""
        if not data:
            return
        self._total_bytes += len(data)
        self._timeline.note(now, self._total_bytes)
        room = self._head_limit - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
            if not data:
                return
        if len(data) >= self._tail_limit:
            self._tail[:] = data[len(data) - self._tail_limit :]
            return
        self._tail += data
        # Cutting only at twice the limit moves each byte once, not at every append.
        if len(self._tail) > 2 * self._tail_limit:
            del self._tail[: len(self._tail) - self._tail_limit]

    def freeze(self, *, secret: bytes = b"") -> CapturedOutput:
        """Return the captured bytes, with every trace of ``secret`` blotted out."""
        tail = bytes(self._tail[max(0, len(self._tail) - self._tail_limit) :])
        head = bytes(self._head)
        elided_bytes = self._total_bytes - len(head) - len(tail)
        timeline = self._timeline.freeze()
        if not secret:
            return CapturedOutput(head, tail, elided_bytes, timeline)
        blot = b"*" * len(secret)
        if not elided_bytes:
            whole = (head + tail).replace(secret, blot)
            head, tail = whole[: len(head)], whole[len(head) :]
            return CapturedOutput(head, tail, 0, timeline)
        head = _blot_cut_end(head.replace(secret, blot), secret)
        tail = _blot_cut_start(tail.replace(secret, blot), secret)
        return CapturedOutput(head, tail, elided_bytes, timeline)


class _Timeline:
    """When how many bytes had come: few steps, evenly far apart, whatever lasts."""

    def __init__(self, started_at: float) -> None:
        self._started_at = started_at
        self._steps: list[tuple[float, int]] = []
        self._resolution_seconds = TIMELINE_RESOLUTION_SECONDS

    def note(self, now: float, total_bytes: int) -> None:
        """Add a step, or what came so soon after the last one to that one."""
        seconds = now - self._started_at
        if not self._steps:
            self._steps.append((max(0.0, seconds), total_bytes))
            return
        last_seconds = self._steps[-1][0]
        # Clocks are set back, too: then everything belongs to the last step.
        if seconds < last_seconds + self._resolution_seconds:
            self._steps[-1] = (last_seconds, total_bytes)
            return
        self._steps.append((seconds, total_bytes))
        if len(self._steps) > TIMELINE_LIMIT:
            self._thin()

    def freeze(self) -> tuple[tuple[float, int], ...]:
        """Return the steps so far."""
        return tuple(self._steps)

    def _thin(self) -> None:
        """Join steps so that at most half of them are left; this is rarely needed."""
        steps = self._steps
        self._resolution_seconds = 2 * (steps[-1][0] - steps[0][0]) / TIMELINE_LIMIT
        kept = [steps[0]]
        for seconds, total_bytes in steps[1:]:
            last_seconds = kept[-1][0]
            if seconds < last_seconds + self._resolution_seconds:
                kept[-1] = (last_seconds, total_bytes)
            else:
                kept.append((seconds, total_bytes))
        self._steps = kept


def without_prompt(output: CapturedOutput, prompt: str) -> CapturedOutput:
    """Take the last line away if it is nothing but the prompt that followed."""
    kept = output.tail or output.head
    end = kept.rfind(b"\n") + 1
    if not prompt.strip() or plain_text(kept[end:]) != prompt.rstrip():
        return output
    if output.tail:
        return dataclasses.replace(output, tail=kept[:end])
    return dataclasses.replace(output, head=kept[:end])


def _blot_cut_end(data: bytes, secret: bytes) -> bytes:
    for length in range(len(secret) - 1, SECRET_PIECE_BYTES - 1, -1):
        if data.endswith(secret[:length]):
            return data[:-length] + b"*" * length
    return data


def _blot_cut_start(data: bytes, secret: bytes) -> bytes:
    for length in range(len(secret) - 1, SECRET_PIECE_BYTES - 1, -1):
        if data.startswith(secret[-length:]):
            return b"*" * length + data[length:]
    return data
